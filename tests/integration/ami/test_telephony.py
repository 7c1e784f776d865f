"""All of `cti` in front of an Asterisk that misbehaves: what is done, told and refused."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Sequence
from contextlib import AbstractAsyncContextManager
from datetime import UTC, datetime
from pathlib import Path

import pytest

from crm_core.kernel.bus import NobodyServes
from crm_core.kernel.ids import CallId, ServerId
from crm_core.kernel.messages import Event
from cti import commands as c
from cti import events as e
from cti.telephony import AmiEndpoint
from routing.states import AgentState
from tests.integration.ami.floor import ALICE
from tests.integration.ami.line import IMPATIENT
from tests.integration.ami.stage import Stage, known, stage
from tests.support.fake_asterisk import SECRET, USER, FakeAsterisk
from tests.support.waiting import eventually

CALL = CallId("fake-17-0")
TRUNK = "PJSIP/trunk-00000001"


@pytest.fixture
async def asterisk() -> AsyncIterator[FakeAsterisk]:
    async with FakeAsterisk() as running:
        running.device("PJSIP/1001", "NOT_INUSE")
        yield running


def endpoint(asterisk: FakeAsterisk, secret: str = SECRET) -> AmiEndpoint:
    return AmiEndpoint(host="127.0.0.1", port=asterisk.port, user=USER, secret=secret)


def in_front_of(
    *asterisks: FakeAsterisk, recordings: Path, told: Sequence[Event] = ()
) -> AbstractAsyncContextManager[Stage]:
    places = (endpoint(asterisk) for asterisk in asterisks)
    return stage(*places, recordings=recordings, patience=IMPATIENT, recall=known(told), trusted=False)


@pytest.fixture
async def ours(asterisk: FakeAsterisk, tmp_path: Path) -> AsyncIterator[Stage]:
    async with in_front_of(asterisk, recordings=tmp_path) as running:
        yield running


# --- offers


async def test_an_offer_is_a_redirect_and_its_failure_is_one_more_thing_heard(
    asterisk: FakeAsterisk, ours: Stage
) -> None:
    await ours.ready(ALICE)
    asterisk.refusals["Redirect"] = f"Channel does not exist: {TRUNK}"
    asterisk.caller_waits(TRUNK, CALL)
    failed = await ours.hears(e.OfferFailed)
    offered = ours.all(e.CallOffered)[0]
    assert (failed.call, failed.agent, failed.offer) == (CALL, ALICE, offered.offer)
    [redirect] = asterisk.sent("Redirect")
    assert (redirect["Channel"], redirect["Context"]) == (TRUNK, "cw-offer")
    assert redirect["Exten"] == f"1001-{offered.offer}"
    [anomaly] = [event for event in ours.all(e.Anomaly) if event.what == "effect_failed"]
    assert "no_channel" in anomaly.raw


async def test_a_rejected_offer_sends_the_caller_back_into_the_hold_loop(asterisk: FakeAsterisk, ours: Stage) -> None:
    await ours.ready(ALICE)
    caller = asterisk.caller_waits(TRUNK, CALL)
    await eventually("the offer", lambda: caller.context == "cw-offer")
    asterisk.dial(caller, "PJSIP/1001-00000002")
    await ours.hears(e.CallRinging)
    assert (await ours.order(c.RejectOffer(agent=ALICE, call=CALL))).ok
    await eventually("the caller back in his place", lambda: caller.context == "cw-hold")


async def test_a_call_in_hand_can_be_hung_up(asterisk: FakeAsterisk, ours: Stage) -> None:
    await _talking(asterisk, ours)
    assert (await ours.order(c.HangUp(agent=ALICE, call=CALL))).ok
    await eventually("the hang-up", lambda: asterisk.sent("Hangup"))
    assert asterisk.sent("Hangup")[0]["Channel"] == "PJSIP/1001-00000002"


async def _talking(asterisk: FakeAsterisk, ours: Stage) -> None:
    await ours.ready(ALICE)
    caller = asterisk.caller_waits(TRUNK, CALL)
    await eventually("the offer", lambda: caller.context == "cw-offer")
    agent = asterisk.dial(caller, "PJSIP/1001-00000002")
    asterisk.answer(caller, agent)
    await ours.hears(e.CallConnected)


# --- recordings


async def test_a_conversation_is_recorded_into_a_file_of_its_call(
    asterisk: FakeAsterisk, ours: Stage, tmp_path: Path
) -> None:
    await _talking(asterisk, ours)
    started = await ours.hears(e.RecordingStarted)
    [action] = asterisk.sent("MixMonitor")
    assert (action["Channel"], action["File"]) == (TRUNK, str(tmp_path / started.file))
    assert started.file == f"{CALL}.wav"
    assert started.mix_id.startswith("0x")


# --- the heart


async def test_the_heart_beats_as_soon_as_the_line_is_up_in_the_time_of_that_machine(tmp_path: Path) -> None:
    async with FakeAsterisk() as asterisk:
        asterisk.clock_ahead_s = 3600.0
        async with in_front_of(asterisk, recordings=tmp_path):
            beat = await eventually("a beat", lambda: asterisk.globals.get("CW_HEARTBEAT"))
    assert abs(int(beat) - (time.time() + 3600)) < 5


async def test_the_heart_goes_on_beating(asterisk: FakeAsterisk, ours: Stage) -> None:
    await eventually("three beats", lambda: len(asterisk.sent("Setvar")) >= 3)


async def test_before_asterisk_has_felt_our_heart_we_are_not_ready(asterisk: FakeAsterisk, tmp_path: Path) -> None:
    """A caller who came to wait now would fall to Asterisk's own queue."""
    asterisk.unanswered.add("Setvar")
    async with in_front_of(asterisk, recordings=tmp_path) as ours:
        await ours.hears(e.LinkUp)
        assert "has not felt our heartbeat yet" in (ours.telephony.ready() or "")
        asterisk.unanswered.clear()
        await eventually("a beat to be felt", lambda: ours.telephony.ready() is None)


async def test_a_heartbeat_that_is_not_taken_is_a_reason_not_to_be_ready(asterisk: FakeAsterisk, ours: Stage) -> None:
    asterisk.refusals["Setvar"] = "Permission denied"
    await eventually("the reason", lambda: "Permission denied" in (ours.telephony.ready() or ""))
    del asterisk.refusals["Setvar"]
    await eventually("nothing to say", lambda: ours.telephony.ready() is None)


# --- lines


async def test_a_lost_line_is_told_and_a_waiting_caller_keeps_his_place(asterisk: FakeAsterisk, ours: Stage) -> None:
    asterisk.caller_waits(TRUNK, CALL)
    before = await eventually("the caller", lambda: _waiting(ours))
    asterisk.cut()
    await ours.hears(e.LinkLost)
    await ours.hears(e.LinkUp, count=2)
    after = await eventually("the caller again", lambda: _waiting(ours))
    assert [(waiting.call, waiting.since) for waiting in after] == [(CALL, before[0].since)]


async def _waiting(ours: Stage) -> tuple[e.WaitingCall, ...]:
    return (await ours.floor()).waiting


async def test_without_a_line_an_agent_is_let_go_of_and_what_cannot_be_done_is_refused(
    asterisk: FakeAsterisk, ours: Stage
) -> None:
    await _talking(asterisk, ours)
    await asterisk.stop()
    await ours.hears(e.LinkLost)
    assert (await ours.order(c.HangUp(agent=ALICE, call=CALL))).ok
    assert ours.all(e.AgentStateChanged)[-1].state is AgentState.WRAP_UP
    again = await ours.order(c.HangUp(agent=ALICE, call=CALL))
    assert (again.ok, again.code) == (False, "link.down")
    assert (await ours.floor()).links == {"fake": False}
    assert ours.telephony.ready() is not None


async def test_a_caller_who_came_while_we_were_away_is_found_by_what_his_channel_knows(
    asterisk: FakeAsterisk, tmp_path: Path
) -> None:
    asterisk.caller_waits(TRUNK, CALL)
    async with in_front_of(asterisk, recordings=tmp_path) as ours:
        queued = await ours.hears(e.CallQueued)
        assert queued.call == CALL
        assert asterisk.sent("Getvar")[0]["Variable"] == "CW_WAIT"
        await ours.ready(ALICE)
        await ours.hears(e.CallOffered)


async def test_who_fell_to_asterisks_own_queue_is_fetched_once_our_heart_is_felt_there(
    asterisk: FakeAsterisk, tmp_path: Path
) -> None:
    """Not before: he would fall again at once. Nor while a phone rings for him."""
    waiting, ringing = asterisk.caller_waits(TRUNK, CALL), asterisk.caller_waits("PJSIP/trunk-00000002", "fake-17-1")
    waiting.context = ringing.context = "cw-safety"
    asterisk.dial(ringing, "PJSIP/1002-00000003")
    async with in_front_of(asterisk, recordings=tmp_path) as ours:
        await ours.hears(e.CallFellToSafety, count=2)
        [redirect] = await eventually("him to be fetched", lambda: asterisk.sent("Redirect"))
        assert (redirect["Channel"], redirect["Context"], redirect["Exten"]) == (TRUNK, "cw-queue", "s")
        actions = [action["Action"] for action in asterisk.actions]
        assert actions[: actions.index("Redirect")].count("Setvar") >= 2


async def test_a_conversation_goes_on_over_our_restart(asterisk: FakeAsterisk, tmp_path: Path) -> None:
    async with in_front_of(asterisk, recordings=tmp_path) as before:
        await _talking(asterisk, before)
    async with in_front_of(asterisk, recordings=tmp_path, told=before.told) as ours:
        await ours.hears(e.LinkUp)
        [alice, *_] = (await ours.floor()).agents
        assert (alice.state, alice.call) == (AgentState.TALKING, CALL)
        asterisk.hang_up(asterisk.channels[TRUNK])
        ended = await ours.hears(e.CallEnded)
        assert ended.agents == (ALICE,)


async def test_two_asterisks_are_served_side_by_side(tmp_path: Path) -> None:
    async with (
        FakeAsterisk(name="north") as north,
        FakeAsterisk(name="south") as south,
        in_front_of(north, south, recordings=tmp_path) as ours,
    ):
        await ours.hears(e.LinkUp, count=2)
        assert (await ours.floor()).links == {"north": True, "south": True}
        await eventually("both to feel our heart", lambda: ours.telephony.ready() is None)
        south.device("PJSIP/1001", "NOT_INUSE")
        await ours.ready(ALICE)
        caller = south.caller_waits(TRUNK, "south-17-0")
        await eventually("the offer in the south", lambda: caller.context == "cw-offer")
        assert not north.sent("Redirect")


async def test_two_asterisks_with_one_name_are_told_apart_by_nobody_so_the_second_is_refused(tmp_path: Path) -> None:
    async with (
        FakeAsterisk(name="same") as one,
        FakeAsterisk(name="same") as other,
        in_front_of(one, other, recordings=tmp_path) as ours,
    ):
        await eventually("the reason", lambda: "calls itself same" in (ours.telephony.ready() or ""))
        await ours.hears(e.LinkUp)
        assert len(ours.all(e.LinkUp)) == 1


async def test_an_asterisk_that_was_never_reached_is_shown_by_its_address(
    asterisk: FakeAsterisk, tmp_path: Path
) -> None:
    await asterisk.stop()
    async with in_front_of(asterisk, recordings=tmp_path) as ours:
        assert (await ours.floor()).links == {f"127.0.0.1:{asterisk.port}": False}
        await eventually("the reason", lambda: "No Asterisk answers" in (ours.telephony.ready() or ""))


async def test_a_wrong_secret_is_the_reason_we_are_not_ready(asterisk: FakeAsterisk, tmp_path: Path) -> None:
    async with stage(endpoint(asterisk, "wrong"), recordings=tmp_path, patience=IMPATIENT, trusted=False) as ours:
        await eventually("the reason", lambda: "does not let cti in" in (ours.telephony.ready() or ""))
        assert await ours.telephony.healthy() == ours.telephony.ready()


# --- the house


async def test_the_floor_is_read_again_on_command(asterisk: FakeAsterisk, ours: Stage) -> None:
    assert (await ours.order(c.ReloadFloor())).ok
    assert len((await ours.floor()).agents) == 3


async def test_afterwards_nobody_serves_and_nobody_calls(asterisk: FakeAsterisk, tmp_path: Path) -> None:
    async with in_front_of(asterisk, recordings=tmp_path) as ours:
        await ours.hears(e.LinkUp)
    with pytest.raises(NobodyServes):
        await ours.order(c.GetFloor())
    connections = asterisk.connections
    asterisk.cut()
    assert asterisk.connections == connections


# --- what lives there, for who completes the log


async def test_who_lives_there_is_known_only_over_a_line_that_is_up(asterisk: FakeAsterisk, ours: Stage) -> None:
    telephony, server = ours.telephony, ServerId(asterisk.name)
    await ours.hears(e.LinkUp)
    assert (telephony.servers(), telephony.site(ServerId("stranger"))) == (frozenset({server}), None)
    caller = asterisk.caller_waits(TRUNK, CALL)
    await ours.hears(e.CallQueued)
    site = telephony.site(server)
    assert site is not None
    assert site.alive == {CALL}
    await eventually("the line to be heard again", lambda: (now := telephony.site(server)) and now.now > site.now)
    await asterisk.stop()
    await ours.hears(e.LinkLost)
    assert telephony.site(server) is None
    del asterisk.channels[caller.name]
    await asterisk.start()
    await ours.hears(e.LinkUp, count=2)
    ended = await ours.hears(e.CallEnded)
    again = telephony.site(server)
    assert again is not None
    assert (again.alive, ended.closed_by) == (frozenset(), e.ClosedBy.RECONCILIATION)


# --- steps in menus of the same process


STEP = e.CallStepped(
    at=datetime(2026, 1, 5, 4, 0, tzinfo=UTC), call=CALL, flow="main", node="menu", entered="2", label="repair"
)


async def test_a_step_of_a_call_that_is_known_is_told_and_seen_live(asterisk: FakeAsterisk, ours: Stage) -> None:
    assert not ours.telephony.hear_step(STEP)
    asterisk.caller_waits(TRUNK, CALL)
    await ours.hears(e.CallQueued)
    assert ours.telephony.hear_step(STEP)
    assert await ours.hears(e.CallStepped) == STEP
    [call] = (await ours.floor()).calls
    assert call.path == ("repair",)


async def test_nobody_hears_of_steps_before_and_behind_telephony(asterisk: FakeAsterisk, tmp_path: Path) -> None:
    async with in_front_of(asterisk, recordings=tmp_path) as ours:
        asterisk.caller_waits(TRUNK, CALL)
        await ours.hears(e.CallQueued)
    assert not ours.telephony.hear_step(STEP)
    assert ours.all(e.CallStepped) == []
