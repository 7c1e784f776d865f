"""Customers put aside at a real Asterisk: fetched by command or by number, or back by themselves."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack

import pytest
import pytest_asyncio

from callwright.demo.phones import Answer, PhoneState, Ring
from crm_core.kernel.ids import CallId
from cti import commands as c
from cti import events as e
from routing.states import AgentState
from tests.integration.ami.conversation import Office, asks_and_hands_on, hears_only, office, talks
from tests.integration.ami.floor import ALICE, BOB
from tests.integration.ami.stage import Stage, known, stage
from tests.support.waiting import eventually

pytestmark = [pytest.mark.asyncio(loop_scope="module"), pytest.mark.story]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def pbx(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Office]:
    async with office(tmp_path_factory.mktemp("pbx")) as running:
        yield running


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def hasty(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Office]:
    """Nobody is parked there for long; but for longer than we take to end."""
    async with office(tmp_path_factory.mktemp("hasty"), parking_s=6) as running:
        yield running


async def _parks(ours: Stage, call: CallId) -> None:
    assert (await ours.order(c.Park(agent=ALICE, call=call))).ok
    assert (await ours.hears(e.CallParked)).call == call


async def _unparked(ours: Stage) -> list[tuple[e.UnparkedBy, str | None]]:
    await ours.hears(e.CallUnparked)
    return [(told.by, told.agent) for told in ours.all(e.CallUnparked)]


@pytest.mark.parametrize("how", ["by command", "by number"])
async def test_a_colleague_fetches_him(pbx: Office, how: str) -> None:
    async with (
        stage(pbx.endpoint, recordings=pbx.recordings) as ours,
        pbx.phones("1001", "1002") as (alice, bob),
        pbx.customer() as customer,
    ):
        call = await talks(ours, alice, customer)
        assert (await ours.order(c.Retrieve(agent=BOB, call=call))).code == "call.not_parked"
        assert (await ours.order(c.Park(agent=BOB, call=call))).code == "call.not_yours"
        await _parks(ours, call)
        await alice.wait_for(PhoneState.ENDED)
        [parked] = (await ours.floor()).parked
        assert (parked.call, parked.by, parked.extension) == (call, ALICE, "1001")
        assert customer.state is PhoneState.TALKING

        if how == "by command":
            assert (await ours.order(c.Retrieve(agent=BOB, call=call))).ok
            await bob.wait_for(PhoneState.RINGING)
            assert bob.headers["X-CW-Call"] == call
            await bob.answer()
        else:
            await bob.dial(parked.lot, number="1002")
        await bob.wait_for(PhoneState.TALKING)
        await hears_only(customer, "1002")
        await hears_only(bob, "customer")
        await ours.hears(e.CallUnparked)
        floor = await ours.floor()
        assert floor.parked == ()
        assert {row.agent: row.state for row in floor.agents}[ALICE] is AgentState.WRAP_UP
        await customer.hang_up()
        ended = await ours.hears(e.CallEnded)
    assert await _unparked(ours) == [(e.UnparkedBy.AGENT, BOB)]
    assert (ended.agents, ended.outcome) == ((ALICE, BOB), e.Outcome.ANSWERED)
    assert len(ours.all(e.CallArrived)) == 1


async def test_who_fetched_him_may_ask_and_hand_on(pbx: Office) -> None:
    async with (
        stage(pbx.endpoint, recordings=pbx.recordings) as ours,
        pbx.phones("1001", "1002", "1003") as (alice, bob, carol),
        pbx.customer() as customer,
    ):
        call = await talks(ours, alice, customer)
        await _parks(ours, call)
        await bob.when_called(Answer())
        assert (await ours.order(c.Retrieve(agent=BOB, call=call))).ok
        await hears_only(customer, "1002")
        await asks_and_hands_on(ours, bob, customer, BOB, carol)


async def test_who_gives_up_while_he_is_parked_was_answered_all_the_same(pbx: Office) -> None:
    async with (
        stage(pbx.endpoint, recordings=pbx.recordings) as ours,
        pbx.phones("1001") as (alice,),
        pbx.customer() as customer,
    ):
        call = await talks(ours, alice, customer)
        await _parks(ours, call)
        await customer.hang_up()
        ended = await ours.hears(e.CallEnded)
        assert (await ours.floor()).parked == ()
    assert (ended.outcome, ended.hung_up_by) == (e.Outcome.ANSWERED, e.HungUpBy.CALLER)


async def test_fetched_by_nobody_he_goes_back_to_who_parked_him(hasty: Office) -> None:
    async with (
        stage(hasty.endpoint, recordings=hasty.recordings) as ours,
        hasty.phones("1001") as (alice,),
        hasty.customer() as customer,
    ):
        call = await talks(ours, alice, customer)
        await _parks(ours, call)
        await alice.wait_for(PhoneState.ENDED)
        await alice.wait_for(PhoneState.RINGING)
        assert alice.headers["X-CW-Call"] == call
        await alice.answer()
        await hears_only(customer, "1001")
        assert await _unparked(ours) == [(e.UnparkedBy.TIME, None)]
    assert [told.agent for told in ours.all(e.CallConnected)] == [ALICE, ALICE]


async def test_and_when_she_does_not_take_him_into_his_line_at_his_old_place(hasty: Office) -> None:
    async with (
        stage(hasty.endpoint, recordings=hasty.recordings) as ours,
        hasty.phones("1001", "1002") as (alice, bob),
        hasty.customer() as customer,
    ):
        call = await talks(ours, alice, customer)
        await _parks(ours, call)
        await alice.wait_for(PhoneState.ENDED)
        await alice.wait_for(PhoneState.RINGING)
        await alice.reject()
        queued = await ours.hears(e.CallQueued, count=2)
        assert queued.since == (await ours.hears(e.CallQueued)).since
        await bob.when_called(Answer())
        await ours.ready(BOB)
        await hears_only(customer, "1002")


async def test_we_die_while_he_is_parked_and_he_comes_back_without_us(hasty: Office) -> None:
    async with hasty.phones("1001") as (alice,), AsyncExitStack() as later:
        async with stage(hasty.endpoint, recordings=hasty.recordings) as ours:
            customer = await later.enter_async_context(hasty.customer())
            call = await talks(ours, alice, customer)
            await _parks(ours, call)
        await alice.wait_for(PhoneState.ENDED)
        await alice.wait_for(PhoneState.RINGING)
        await alice.answer()
        await hears_only(customer, "1001")
        async with stage(hasty.endpoint, recordings=hasty.recordings, recall=known(ours.told)) as again:
            assert await _unparked(again) == [(e.UnparkedBy.AGENT, ALICE)]
            [live] = (await again.floor()).calls
            assert (live.phase, live.agent) == ("talking", ALICE)


async def test_we_die_while_he_is_parked_and_a_colleague_fetches_him_afterwards(pbx: Office) -> None:
    async with pbx.phones("1001", "1002") as (alice, bob), AsyncExitStack() as later:
        async with stage(pbx.endpoint, recordings=pbx.recordings) as ours:
            customer = await later.enter_async_context(pbx.customer())
            call = await talks(ours, alice, customer)
            await _parks(ours, call)
        await bob.when_called(Ring())
        async with stage(pbx.endpoint, recordings=pbx.recordings, recall=known(ours.told)) as again:
            await again.hears(e.LinkUp)
            [parked] = (await again.floor()).parked
            assert parked.call == call

            async def called() -> bool:
                return (await again.order(c.Retrieve(agent=BOB, call=call))).ok

            await eventually("bob to be called", called)
            await bob.wait_for(PhoneState.RINGING)
            await bob.answer()
            await hears_only(customer, "1002")
            assert await _unparked(again) == [(e.UnparkedBy.AGENT, BOB)]
