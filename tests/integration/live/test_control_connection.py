"""Call control over the live connection: every wish becomes its command, and what is under way is told to the desks."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import pytest

from agent_console.phones import PhoneAnswered, PhoneAsked, PhoneOrder
from crm_core.kernel.ids import AgentId, CallId
from cti import commands as c
from tests.integration.live.test_desk_connection import talking
from tests.support.live_screens import Message, Screen, Somebody
from tests.support.live_stage import LiveStage


async def _control(desk: Screen, call: str, wanted: Callable[[Message], object]) -> Message:
    """What the desk is told of this call, once it is so."""

    def of_call(said: Message) -> Message | None:
        found = said["control"]["calls"] if said["t"] == "control" else []
        return next((one for one in found if one["call"] == call and wanted(one)), None)

    told = of_call(await desk.until(of_call))
    assert told is not None
    return told


async def test_a_consultation_is_told_and_survives_a_reload(stage: LiveStage, person: Somebody) -> None:
    alice = await person("alice")
    bob = stage.people["bob"].id
    async with alice.screen() as desk:
        await desk.hello()
        call = await talking(stage, desk)
        await desk.send(do="consult", call=call, to={"kind": "agent", "value": bob})
        await _control(desk, call, lambda one: one["consult"] and one["consult"]["value"] == bob)
    async with alice.screen() as again:
        hello = await again.hello()
        assert hello["control"]["calls"][0]["consult"]["value"] == bob
        await again.send(do="cancel_transfer", call=call)
        await _control(again, call, lambda one: one["consult"] is None)


async def test_a_conference_is_told(stage: LiveStage, person: Somebody) -> None:
    async with (await person("alice")).screen() as desk:
        await desk.hello()
        call = await talking(stage, desk)
        await desk.send(do="consult", call=call, to={"kind": "number", "value": "02164881234"})
        told = await _control(desk, call, lambda one: one["consult"] and one["consult"]["value"])
        assert told["consult"]["shown"]["zh"] == "021 6488 1234"
        await desk.send(do="conference", call=call)
        await _control(desk, call, lambda one: one["conference"] and one["consult"] is None)


async def test_a_paused_recording_says_until_when(stage: LiveStage, person: Somebody) -> None:
    async with (await person("alice")).screen() as desk:
        await desk.hello()
        call = await talking(stage, desk)
        await desk.send(do="pause_recording", call=call)
        await _control(desk, call, lambda one: one["recording_paused_until"])
        await desk.send(do="resume_recording", call=call)
        await _control(desk, call, lambda one: one["recording_paused_until"] is None)


async def test_who_is_parked_is_told_to_every_desk(stage: LiveStage, person: Somebody) -> None:
    async with (await person("alice")).screen() as desk, (await person("bob")).screen() as other:
        await other.hello()
        await desk.hello()
        call = await talking(stage, desk)
        await desk.send(do="park", call=call)
        said = await other.until(
            lambda one: one["t"] == "control" and any(p["customer"] for p in one["control"]["parked"])
        )
        (parked,) = said["control"]["parked"]
        assert (parked["lot"], parked["by"]) == ("701", stage.people["alice"].id)
        assert parked["shown"]["zh"] == "138 0013 8000"
        assert parked["customer"]["en"] == "Zhang Wei"
        await other.send(do="retrieve", call=call)
        await other.until(lambda one: one["t"] == "control" and not one["control"]["parked"])


async def test_a_refusal_is_a_sentence(stage: LiveStage, person: Somebody) -> None:
    stage.telephony.control.refuse = {c.Transfer: "target.busy", c.PlaceCall: "command.timed_out"}
    async with (await person("alice")).screen() as desk:
        await desk.hello()
        call = await talking(stage, desk)
        refused = await desk.ask(do="transfer", call=call, to={"kind": "queue", "value": "vip"})
        assert (refused["code"], refused["sentence"]) == ("target.busy", "Nobody there is free at the moment.")
        late = await desk.ask(do="place_call", number="13800138000")
        assert late["code"] == "command.timed_out"
        assert late["sentence"].startswith("The telephone system did not say in time")


async def test_a_wish_is_carried_out_once(stage: LiveStage, person: Somebody) -> None:
    async with (await person("alice")).screen() as desk:
        for _ in range(2):
            placed = await desk.ask(id="one-click", do="place_call", number="138 0013 8000", customer="cus_1")
            assert placed["ok"]
            assert placed["value"]["call"]
    alice = AgentId(stage.people["alice"].id)
    assert stage.telephony.control.asked == [c.PlaceCall(agent=alice, number="138 0013 8000", customer="cus_1")]


@pytest.mark.parametrize(
    ("typed", "number"),
    [("138 0013 8000", ("138 0013 8000", True)), ("13", None), ("bob", None), ("021648812", ("021648812", False))],
)
async def test_who_could_take_a_call(
    stage: LiveStage, person: Somebody, typed: str, number: tuple[str, bool] | None
) -> None:
    async with (await person("alice")).screen() as desk:
        await desk.hello()
        stage.telephony.arrive("13777770000", queue="repair")
        found = (await desk.ask(do="list_targets", typed=typed))["value"]
    assert {one["extension"] for one in found["agents"]} == {"1001", "1002", "1003"}
    assert {one["queue"]: one["waiting"] for one in found["queues"]} == {"service": 0, "repair": 1, "vip": 0}
    told = found["number"]
    assert (told and (told["shown"]["zh"], told["valid"])) == number


async def test_only_supervisors_listen(stage: LiveStage, person: Somebody) -> None:
    bob = stage.people["bob"]
    async with (await person("alice")).screen() as desk:
        await desk.hello()
        refused = await desk.ask(do="monitor", of=bob.id, mode="listen")
    assert refused["code"] == "auth.forbidden"
    async with (await person("sam")).screen("board") as board:
        call = stage.telephony.arrive("13800138000")
        stage.telephony.offer(call, bob)
        stage.telephony.connect(call)
        assert (await board.ask(do="monitor", of=bob.id, mode="whisper"))["ok"]
        told = await board.until(lambda one: one["t"] == "floor" and any(row["monitored"] for row in one["calls"]))
        (row,) = [row for row in told["calls"] if row["call"] == call]
        (monitored,) = row["monitored"]
        assert (monitored["by"], monitored["of"]) == (stage.people["sam"].id, bob.id)
        assert monitored["mode"] == "whisper"
        assert (await board.ask(do="stop_monitoring"))["ok"]


async def test_the_browser_that_is_the_phone_is_asked_and_answers(stage: LiveStage, person: Somebody) -> None:
    alice = await person("alice")
    agent, call = AgentId(stage.people["alice"].id), CallId("call-7")
    async with alice.screen() as phone, alice.screen() as other, stage.bus.subscribe(PhoneAnswered) as answers:
        await other.hello()
        assert (await phone.ask(do="claim_phone", holder="this browser"))["ok"]
        stage.bus.publish(PhoneAsked(at=stage.clock.now(), order="o1", agent=agent, call=call, do=PhoneOrder.HOLD))
        asked = await phone.until(lambda one: one["t"] == "phone_do")
        assert (asked["order"], asked["call"], asked["what"]) == ("o1", call, "hold")
        await phone.ask(do="phone_obeyed", order="o1", code="call.not_talking")
        async with asyncio.timeout(20):
            answer = await anext(aiter(answers))
        assert isinstance(answer, PhoneAnswered)
        assert (answer.order, answer.code) == ("o1", "call.not_talking")
    assert not [one for one in other.heard if one["t"] == "phone_do"]


async def test_without_telephony_the_search_for_a_target_says_so(stage: LiveStage, person: Somebody) -> None:
    async with (await person("alice")).screen() as desk, stage.telephony.away():
        answer = await desk.ask(do="list_targets", typed="10")
    assert (answer["ok"], answer["code"]) == (False, "bus.nobody_serves")
    assert "does not answer right now" in answer["sentence"]
