"""Numbers outside are called for agents and by them, on a real Asterisk."""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack

import pytest

from callwright.demo.phones import Answer, PhoneState, Reject, Ring, WhenCalled
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
    talked_in,
    to_agent,
    transfers,
)
from tests.integration.ami.floor import ALICE, BOB
from tests.support.asterisk import PrivateAsterisk
from tests.support.cuttable import CuttableLine
from tests.support.phones import wait_until_heard
from tests.support.recorded import recorded_on

pytestmark = [pytest.mark.asyncio(loop_scope="module"), pytest.mark.story]


async def test_a_number_is_called_for_an_agent(world: World) -> None:
    alice = await world.phone(ALICE, Answer(), ready=True)
    outside = await world.outside(Answer())
    placed = await world.ours.order(c.PlaceCall(agent=ALICE, number="139 0013 9000"))
    assert isinstance(placed, c.CallPlaced), placed
    assert (await world.ours.order(c.PlaceCall(agent=ALICE, number=OUTSIDE))).code == "agent.has_call"
    await wait_until_heard(alice, TONES[OUTSIDE])
    await wait_until_heard(outside, TONES["1001"])
    assert alice.headers == {"X-CW-Call": placed.call, "X-CW-Click": OUTSIDE}
    assert HOTLINE in outside.caller
    assert placed.call is not None
    await world.ours.hears(e.RecordingStarted)
    await recorded_on(world.recording(placed.call))
    await outside.hang_up()
    ended = await world.ours.hears(e.CallEnded)
    arrived = await world.ours.hears(e.CallArrived)
    assert (arrived.direction, arrived.ani, arrived.dnis) == (e.Direction.OUTBOUND, "1001", OUTSIDE)
    assert (ended.call, ended.outcome, ended.agents) == (placed.call, e.Outcome.ANSWERED, (ALICE,))
    await world.becomes(ALICE, AgentState.WRAP_UP)
    await talked_in(world, ended.call, TONES["1001"], TONES[OUTSIDE])


@pytest.mark.parametrize(
    ("reaction", "outcome"),
    [
        (Reject(code=486), e.Outcome.BUSY),
        (Reject(code=603), e.Outcome.REJECTED),
        (Reject(code=404), e.Outcome.FAILED),
        (Ring(), e.Outcome.NO_ANSWER),
    ],
)
async def test_a_number_that_is_not_answered_says_so_in_the_log(
    world: World, reaction: WhenCalled, outcome: e.Outcome
) -> None:
    alice = await world.phone(ALICE, Answer(), ready=True)
    await world.outside(reaction)
    assert (await world.ours.order(c.PlaceCall(agent=ALICE, number=OUTSIDE))).ok
    ended = await world.ours.hears(e.CallEnded)
    assert (ended.outcome, ended.agents) == (outcome, ())
    assert {missed.party for missed in world.ours.all(e.CallMissed)} == {OUTSIDE}, "whom we called, by his number"
    await alice.wait_for(PhoneState.ENDED)
    await world.becomes(ALICE, AgentState.READY)


async def test_an_agent_who_does_not_pick_up_calls_nobody(world: World) -> None:
    alice = await world.phone(ALICE, Ring(), ready=True)
    outside = await world.outside(Ring())
    assert (await world.ours.order(c.PlaceCall(agent=ALICE, number=OUTSIDE))).ok
    await alice.wait_for(PhoneState.RINGING)
    await alice.reject()
    assert (await world.ours.hears(e.CallEnded)).outcome is e.Outcome.CANCELLED
    assert outside.state is PhoneState.IDLE
    await world.becomes(ALICE, AgentState.READY)


async def test_a_called_customer_is_handed_on(world: World) -> None:
    await world.phone(ALICE, Answer(), ready=True)
    bob = await world.phone(BOB, Answer())
    outside = await world.outside(Answer())
    placed = await world.ours.order(c.PlaceCall(agent=ALICE, number=OUTSIDE))
    assert isinstance(placed, c.CallPlaced)
    assert placed.call is not None
    await world.ours.hears(e.CallConnected)
    await world.is_done(c.Consult(agent=ALICE, call=placed.call, to=to_agent(BOB)))
    await wait_until_heard(bob, TONES["1001"])
    await world.is_done(c.CompleteTransfer(agent=ALICE, call=placed.call))
    await wait_until_heard(outside, TONES["1002"])
    await bob.when_called(Reject())
    await world.is_done(c.Transfer(agent=BOB, call=placed.call, to=c.Target(kind=c.TargetKind.QUEUE, value="service")))
    assert (await world.ours.hears(e.CallQueued)).call == placed.call
    await outside.hang_up()
    ended = await world.ours.hears(e.CallEnded)
    assert (ended.call, ended.agents) == (placed.call, (ALICE, BOB))


async def test_a_called_customer_left_alone_in_a_consultation_is_in_the_line(world: World) -> None:
    """alice hangs up while bob's phone rings, bob says no, and alice is not to be had either."""
    alice = await world.phone(ALICE, Answer(), ready=True)
    bob = await world.phone(BOB, Ring())
    outside = await world.outside(Answer())
    placed = await world.ours.order(c.PlaceCall(agent=ALICE, number=OUTSIDE))
    assert isinstance(placed, c.CallPlaced)
    assert placed.call is not None
    await world.ours.hears(e.CallConnected)
    await world.is_done(c.Consult(agent=ALICE, call=placed.call, to=to_agent(BOB)))
    await bob.wait_for(PhoneState.RINGING)
    await alice.when_called(Reject())
    await alice.hang_up()
    await world.becomes(ALICE, AgentState.WRAP_UP)
    await bob.reject()
    assert (await world.ours.hears(e.CallQueued)).call == placed.call
    assert transfers(world) == [("blond", "1001", "1002", "busy")]
    await bob.when_called(Answer())
    await world.becomes(BOB, AgentState.PAUSED)
    assert (await world.ours.order(c.SetReady(agent=BOB))).ok
    await wait_until_heard(outside, TONES["1002"])
    await bob.hang_up()
    await outside.wait_for(PhoneState.ENDED)
    ended = await world.ours.hears(e.CallEnded)
    assert (ended.call, ended.agents, ended.hung_up_by) == (placed.call, (ALICE, BOB), e.HungUpBy.AGENT)


async def test_a_called_customer_whom_his_agent_leaves_is_gone(world: World) -> None:
    alice = await world.phone(ALICE, Answer(), ready=True)
    outside = await world.outside(Answer())
    assert (await world.ours.order(c.PlaceCall(agent=ALICE, number=OUTSIDE))).ok
    await world.ours.hears(e.CallConnected)
    await alice.hang_up()
    await outside.wait_for(PhoneState.ENDED)
    ended = await world.ours.hears(e.CallEnded)
    assert (ended.outcome, ended.hung_up_by, ended.cause) == (e.Outcome.ANSWERED, e.HungUpBy.AGENT, 16)
    assert not world.ours.all(e.CallQueued)


async def test_a_desk_phone_dials_outside_by_itself(world: World) -> None:
    alice = await world.phone(ALICE, ready=True)
    outside = await world.outside(Answer())
    await alice.dial(OUTSIDE, number="1001")
    await wait_until_heard(outside, TONES["1001"])
    assert HOTLINE in outside.caller
    arrived = await world.ours.hears(e.CallArrived)
    assert (arrived.direction, arrived.ani, arrived.dnis) == (e.Direction.OUTBOUND, "1001", OUTSIDE)
    await alice.hang_up()
    assert (await world.ours.hears(e.CallEnded)).outcome is e.Outcome.ANSWERED


async def test_what_is_forbidden_is_not_dialled(world: World) -> None:
    alice = await world.phone(ALICE, ready=True)
    await alice.dial("16812345678", number="1001")
    await alice.wait_for(PhoneState.ENDED)
    ended = await world.ours.hears(e.CallEnded)
    assert (ended.outcome, ended.agents) == (e.Outcome.CANCELLED, ())


async def test_over_a_line_that_breaks_a_call_is_placed_once_or_not_at_all(
    asterisk: tuple[PrivateAsterisk, int], voices: Voices
) -> None:
    async with (
        CuttableLine(endpoint_of(asterisk).port) as line,
        AsyncExitStack() as calls,
        a_world(asterisk, voices, calls, port=line.port) as world,
    ):
        alice = await world.phone(ALICE, Ring(), ready=True)
        await world.outside(Answer())
        placing = asyncio.create_task(world.ours.order(c.PlaceCall(agent=ALICE, number=OUTSIDE)))
        await alice.wait_for(PhoneState.RINGING)
        await line.cut()
        await world.ours.hears(e.LinkLost)
        await placing  # heard of in time or not
        await line.mend()
        await world.ours.hears(e.LinkUp, count=2)
        await alice.answer()
        connected = await world.ours.hears(e.CallConnected)
        assert connected.agent == ALICE
        [arrived] = world.ours.all(e.CallArrived)
        assert (arrived.call, arrived.direction) == (connected.call, e.Direction.OUTBOUND)
        await alice.hang_up()
        assert (await world.ours.hears(e.CallEnded)).call == connected.call
