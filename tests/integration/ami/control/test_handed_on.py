"""Customers handed on without a word, on a real Asterisk."""

from __future__ import annotations

import pytest

from callwright.demo.phones import Answer, PhoneState, Reject, Ring, WhenCalled
from cti import commands as c
from cti import events as e
from routing.states import AgentState
from tests.integration.ami.control.world import HOTLINE, OUTSIDE, TONES, World, talked_in, to_agent, transfers
from tests.integration.ami.floor import ALICE, BOB
from tests.support.phones import wait_until_heard
from tests.support.recorded import recorded_on

pytestmark = [pytest.mark.asyncio(loop_scope="module"), pytest.mark.story]


async def test_a_customer_is_handed_to_a_colleague_with_his_recording(world: World) -> None:
    customer, alice, call = await world.talks()
    await recorded_on(world.recording(call))
    bob = await world.phone(BOB)
    await world.is_done(c.Transfer(agent=ALICE, call=call, to=to_agent(BOB)))
    assert await world.state(BOB) is AgentState.TALKING
    await bob.wait_for(PhoneState.RINGING)
    assert bob.headers == {"X-CW-Call": call}
    await alice.wait_for(PhoneState.ENDED)
    await bob.answer()
    await wait_until_heard(customer, TONES["1002"])
    await wait_until_heard(bob, TONES["customer"])
    assert (await world.ours.hears(e.CallConnected, count=2)).agent == BOB
    await recorded_on(world.recording(call))
    await customer.hang_up()
    ended = await world.ours.hears(e.CallEnded)
    assert (ended.call, ended.agents, ended.outcome) == (call, (ALICE, BOB), e.Outcome.ANSWERED)
    assert transfers(world) == [("blind", "1001", "1002", "completed")]
    await world.becomes(BOB, AgentState.WRAP_UP)
    await talked_in(world, call, TONES["1001"], TONES["1002"], TONES["customer"])


@pytest.mark.parametrize("reaction", [Ring(), Reject()])
async def test_who_is_not_taken_is_back_with_the_agent_who_handed_him_on(world: World, reaction: WhenCalled) -> None:
    customer, _, call = await world.talks()
    await world.phone(BOB, reaction)
    await world.is_done(c.Transfer(agent=ALICE, call=call, to=to_agent(BOB)))
    again = await world.ours.hears(e.CallConnected, count=2)
    assert (again.call, again.agent) == (call, ALICE)
    await wait_until_heard(customer, TONES["1001"])
    outcome = "no_answer" if isinstance(reaction, Ring) else "busy"
    assert transfers(world) == [("blind", "1001", "1002", outcome)]
    await world.becomes(BOB, AgentState.PAUSED)
    await world.becomes(ALICE, AgentState.TALKING)


async def test_whom_nobody_takes_is_in_his_line_at_his_old_place(world: World) -> None:
    customer, alice, call = await world.talks()
    await world.phone(BOB, Reject())
    await alice.when_called(Reject())
    await world.is_done(c.Transfer(agent=ALICE, call=call, to=to_agent(BOB)))
    back = await world.ours.hears(e.CallQueued, count=2)
    first = world.ours.all(e.CallQueued)[0]
    assert (back.call, back.queue, back.since) == (call, first.queue, first.since)
    await alice.when_called(Answer())
    await world.is_done(c.FinishWrapUp(agent=ALICE, call=call))
    await wait_until_heard(customer, TONES["1001"])


async def test_a_customer_sent_to_a_queue_is_offered_to_its_next_agent(world: World) -> None:
    customer, _, call = await world.talks()
    await world.phone(BOB, Answer(), ready=True)
    to = c.Target(kind=c.TargetKind.QUEUE, value="service")
    await world.is_done(c.Transfer(agent=ALICE, call=call, to=to))
    queued = await world.ours.hears(e.CallQueued, count=2)
    assert (queued.call, queued.queue) == (call, "service")
    assert queued.since is not None
    assert queued.since > (world.ours.all(e.CallQueued)[0].since or queued.since)
    await wait_until_heard(customer, TONES["1002"])
    assert (await world.ours.hears(e.CallConnected, count=2)).agent == BOB


async def test_a_customer_is_handed_to_a_number_outside_which_sees_the_number_of_the_house(world: World) -> None:
    customer, alice, call = await world.talks()
    outside = await world.outside(Answer(), tone="1003")
    to = c.Target(kind=c.TargetKind.NUMBER, value="139 0013 9000")
    await world.is_done(c.Transfer(agent=ALICE, call=call, to=to))
    await wait_until_heard(customer, TONES["1003"])
    await alice.wait_for(PhoneState.ENDED)
    assert HOTLINE in outside.caller
    told = await world.ours.hears(e.CallTransferred)
    assert (told.to, told.outcome) == (OUTSIDE, e.TransferOutcome.COMPLETED)
    await outside.hang_up()
    assert (await world.ours.hears(e.CallEnded)).call == call


async def test_a_customer_who_hangs_up_while_he_is_handed_on_leaves_nobody_busy(world: World) -> None:
    customer, _, call = await world.talks()
    bob = await world.phone(BOB)
    await world.is_done(c.Transfer(agent=ALICE, call=call, to=to_agent(BOB)))
    await bob.wait_for(PhoneState.RINGING)
    await customer.hang_up()
    await bob.wait_for(PhoneState.ENDED)
    await world.ours.hears(e.CallEnded)
    await world.becomes(BOB, AgentState.PAUSED)
    assert transfers(world) == [("blind", "1001", "1002", "cancelled")]
