"""Colleagues and numbers outside are consulted, on a real Asterisk: taken back, completed, left alone, all at once."""

from __future__ import annotations

from contextlib import AsyncExitStack
from dataclasses import replace

import pytest

from callwright.demo.phones import Answer, PhoneState, Reject, Ring, SipPhone, WhenCalled
from crm_core.domain.floor import FloorPlan, Queue
from crm_core.kernel.ids import CallId, QueueKey, SkillKey
from cti import commands as c
from cti import events as e
from routing.states import AgentState
from tests.integration.ami.control.world import (
    HOTLINE,
    OUTSIDE,
    TONES,
    Voices,
    World,
    a_world,
    endpoint_of,
    recordings_of,
    talked_in,
    to_agent,
    transfers,
)
from tests.integration.ami.floor import ALICE, BOB, CAROL, small_floor
from tests.integration.ami.stage import known, stage
from tests.support.asterisk import PrivateAsterisk
from tests.support.phones import wait_until_heard, wait_until_not_heard
from tests.support.recorded import recorded_on
from tests.support.waiting import eventually

pytestmark = [pytest.mark.asyncio(loop_scope="module"), pytest.mark.story]


async def consults(world: World, reaction: WhenCalled | None = None) -> tuple[SipPhone, SipPhone, SipPhone, CallId]:
    """The customer hears music while alice talks with bob."""
    customer, alice, call = await world.talks()
    await recorded_on(world.recording(call))
    bob = await world.phone(BOB, reaction or Answer())
    await world.is_done(c.Consult(agent=ALICE, call=call, to=to_agent(BOB)))
    if reaction is None:
        await wait_until_heard(bob, TONES["1001"])
        await wait_until_heard(alice, TONES["1002"])
        await wait_until_not_heard(customer, TONES["1001"])
        assert bob.headers == {"X-CW-Call": call}
    return customer, alice, bob, call


async def test_a_consultation_is_completed(world: World) -> None:
    customer, alice, bob, call = await consults(world)
    assert (await world.ours.order(c.Consult(agent=ALICE, call=call, to=to_agent(CAROL)))).code == "consult.running"
    await world.is_done(c.CompleteTransfer(agent=ALICE, call=call))
    await alice.wait_for(PhoneState.ENDED)
    await wait_until_heard(customer, TONES["1002"])
    await wait_until_heard(bob, TONES["customer"])
    await recorded_on(world.recording(call))
    await bob.hang_up()
    ended = await world.ours.hears(e.CallEnded)
    assert ended.agents == (ALICE, BOB)
    assert ended.consult_s > 0
    assert transfers(world) == [("attended", "1001", "1002", "completed")]
    await talked_in(world, call, TONES["1001"], TONES["1002"])


async def test_a_consultation_is_taken_back_and_another_one_begun(world: World) -> None:
    customer, alice, bob, call = await consults(world)
    await world.is_done(c.CancelTransfer(agent=ALICE, call=call))
    await bob.wait_for(PhoneState.ENDED)
    await wait_until_heard(customer, TONES["1001"])
    await world.becomes(BOB, AgentState.PAUSED)
    assert transfers(world) == [("attended", "1001", "1002", "cancelled")]

    async def takes_part_again() -> bool:
        return [row.phase for row in (await world.ours.floor()).calls] == ["talking"]

    await eventually("alice to be with the customer alone", takes_part_again)
    assert (await world.ours.order(c.CancelTransfer(agent=ALICE, call=call))).code == "consult.none"
    await world.is_done(c.Consult(agent=ALICE, call=call, to=to_agent(BOB)))
    await wait_until_heard(bob, TONES["1001"])
    await alice.hang_up()  # completes it as well
    await wait_until_heard(customer, TONES["1002"])


async def test_a_colleague_who_does_not_answer_is_not_waited_for(world: World) -> None:
    customer, _, bob, call = await consults(world, Ring())
    await bob.wait_for(PhoneState.RINGING)
    assert (await world.ours.order(c.CompleteTransfer(agent=ALICE, call=call))).code == "consult.not_answered"
    await bob.reject()
    await wait_until_heard(customer, TONES["1001"])
    await world.becomes(BOB, AgentState.PAUSED)
    assert transfers(world) == [("attended", "1001", "1002", "busy")]


async def test_who_is_left_alone_in_a_consultation_is_in_his_line(world: World) -> None:
    """alice hangs up while bob's phone rings, bob says no, and alice is not to be had either."""
    customer, alice, bob, call = await consults(world, Ring())
    await bob.wait_for(PhoneState.RINGING)
    await alice.when_called(Reject())
    await alice.hang_up()
    await world.becomes(ALICE, AgentState.WRAP_UP)
    await bob.reject()
    back = await world.ours.hears(e.CallQueued, count=2)
    assert (back.call, back.since) == (call, world.ours.all(e.CallQueued)[0].since)
    assert transfers(world) == [("blond", "1001", "1002", "busy")]
    await world.becomes(BOB, AgentState.PAUSED)
    await bob.when_called(Answer())
    assert (await world.ours.order(c.SetReady(agent=BOB))).ok
    await wait_until_heard(customer, TONES["1002"])
    await bob.hang_up()
    await customer.wait_for(PhoneState.ENDED)
    assert (await world.ours.hears(e.CallEnded)).hung_up_by is e.HungUpBy.AGENT


async def test_who_leaves_while_the_colleague_rings_has_handed_the_customer_on(world: World) -> None:
    customer, alice, bob, call = await consults(world, Ring())
    await bob.wait_for(PhoneState.RINGING)
    await alice.hang_up()
    await world.becomes(ALICE, AgentState.WRAP_UP)
    assert bob.state is PhoneState.RINGING
    assert bob.headers == {"X-CW-Call": call}
    await bob.answer()
    await wait_until_heard(customer, TONES["1002"])
    await wait_until_heard(bob, TONES["customer"])
    connected = await world.ours.hears(e.CallConnected, count=2)
    assert (connected.call, connected.agent) == (call, BOB)
    await recorded_on(world.recording(call))
    await bob.hang_up()
    ended = await world.ours.hears(e.CallEnded)
    assert (ended.call, ended.agents, ended.outcome) == (call, (ALICE, BOB), e.Outcome.ANSWERED)
    assert transfers(world) == [("blond", "1001", "1002", "completed")]
    assert len(world.ours.all(e.CallArrived)) == 1
    await world.becomes(BOB, AgentState.WRAP_UP)
    await talked_in(world, call, TONES["1001"], TONES["1002"], TONES["customer"])


async def test_three_talk_and_two_go_on(world: World) -> None:
    customer, alice, bob, call = await consults(world)
    await world.is_done(c.Conference(agent=ALICE, call=call))
    await alice.play(None)
    await wait_until_heard(bob, TONES["customer"])
    refused = await world.ours.order(c.Transfer(agent=ALICE, call=call, to=to_agent(CAROL)))
    assert refused.code == "call.in_conference"
    await wait_until_heard(customer, TONES["1002"])
    await world.is_done(c.HangUp(agent=ALICE, call=call))
    await alice.wait_for(PhoneState.ENDED)
    await wait_until_heard(customer, TONES["1002"])
    await world.becomes(ALICE, AgentState.WRAP_UP)
    await world.becomes(BOB, AgentState.TALKING)
    await bob.hang_up()
    assert (await world.ours.hears(e.CallEnded)).agents == (ALICE, BOB)
    assert transfers(world) == [("attended", "1001", "1002", "completed")]


async def test_a_number_outside_is_consulted(world: World) -> None:
    customer, alice, call = await world.talks()
    outside = await world.outside(Answer(), tone="1003")
    to = c.Target(kind=c.TargetKind.NUMBER, value=OUTSIDE)
    await world.is_done(c.Consult(agent=ALICE, call=call, to=to))
    await wait_until_heard(alice, TONES["1003"])
    assert HOTLINE in outside.caller
    await world.is_done(c.CompleteTransfer(agent=ALICE, call=call))
    await wait_until_heard(customer, TONES["1003"])
    told = await world.ours.hears(e.CallTransferred)
    assert (told.to, told.outcome) == (OUTSIDE, e.TransferOutcome.COMPLETED)


def floor_with_repairs() -> FloorPlan:
    """All three serve the repairs as well; what they ask for bob can, and carol cannot."""
    floor, repair = small_floor(), SkillKey("repair")
    agents = tuple(
        replace(
            one, queues=(*one.queues, QueueKey("repair")), skills={**one.skills, repair: 1 if one.id == CAROL else 4}
        )
        for one in floor.agents
    )
    repairs = Queue(key=QueueKey("repair"), names={"zh": "维修", "en": "Repairs"}, skills={repair: 3})
    return replace(floor, agents=agents, queues=(*floor.queues, repairs))


async def test_of_a_queue_is_asked_who_can_help_and_has_been_idle_longest(
    asterisk: tuple[PrivateAsterisk, int], voices: Voices
) -> None:
    async with (
        AsyncExitStack() as calls,
        a_world(asterisk, voices, calls, floor=floor_with_repairs()) as world,
    ):
        customer, alice, call = await world.talks()
        service, repair = (c.Target(kind=c.TargetKind.QUEUE, value=queue) for queue in ("service", "repair"))
        assert (await world.ours.order(c.Consult(agent=ALICE, call=call, to=service))).code == "target.busy"
        await world.phone(CAROL, Answer(), ready=True)
        assert (await world.ours.order(c.Consult(agent=ALICE, call=call, to=repair))).code == "target.busy"
        bob = await world.phone(BOB, Answer(), ready=True)
        await world.is_done(c.Consult(agent=ALICE, call=call, to=service))
        await wait_until_heard(alice, TONES["1003"])
        assert await world.state(BOB) is AgentState.READY
        await world.is_done(c.CancelTransfer(agent=ALICE, call=call))
        await wait_until_heard(customer, TONES["1001"])
        await world.becomes(CAROL, AgentState.READY)
        await world.is_done(c.Consult(agent=ALICE, call=call, to=repair))
        await wait_until_heard(alice, TONES["1002"])
        await world.is_done(c.CompleteTransfer(agent=ALICE, call=call))
        await wait_until_heard(customer, TONES["1002"])
        await bob.hang_up()
        assert (await world.ours.hears(e.CallEnded)).agents == (ALICE, BOB)
        assert transfers(world)[-1] == ("attended", "1001", "1002", "completed")


async def test_a_consultation_outlives_us(asterisk: tuple[PrivateAsterisk, int], voices: Voices) -> None:
    """Our process dies in the middle of it; who comes after us understands it, and the agent completes it."""
    async with AsyncExitStack() as calls:
        async with a_world(asterisk, voices, calls) as world:
            customer, alice, bob, call = await consults(world)
            told = list(world.ours.told)
        async with stage(endpoint_of(asterisk), recordings=recordings_of(asterisk), recall=known(told)) as again:
            await again.hears(e.LinkUp)
            [row] = (await again.floor()).calls
            assert (row.call, row.phase, row.agent) == (call, "held", ALICE)
            assert (await again.order(c.CompleteTransfer(agent=ALICE, call=call))).ok
            await alice.wait_for(PhoneState.ENDED)
            await wait_until_heard(customer, TONES["1002"])
            assert (await again.hears(e.CallConnected)).agent == BOB
            await bob.hang_up()
            ended = await again.hears(e.CallEnded)
            assert ended.agents == (ALICE, BOB)
            assert not again.all(e.OfferFailed)
