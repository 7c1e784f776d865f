"""Supervisors in agents' conversations, at a real Asterisk with phones that hear each other by tones."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack

import pytest
import pytest_asyncio

from callwright.demo.phones import Answer, PhoneState
from cti import commands as c
from cti import events as e
from routing.states import AgentState
from tests.integration.ami.conversation import (
    CAROLS,
    Office,
    asks_and_hands_on,
    hears_only,
    office,
    seconds_heard,
    talks,
)
from tests.integration.ami.floor import ALICE, BOB, CAROL
from tests.integration.ami.stage import Stage, known, stage
from tests.support.waiting import eventually

pytestmark = [pytest.mark.asyncio(loop_scope="module"), pytest.mark.story]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def pbx(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Office]:
    async with office(tmp_path_factory.mktemp("pbx")) as running:
        yield running


async def _state(ours: Stage, agent: object) -> AgentState:
    return next(row.state for row in (await ours.floor()).agents if row.agent == agent)


def _listenings(ours: Stage) -> list[tuple[str, bool]]:
    return [(told.mode.value, told.until is None) for told in ours.all(e.CallMonitored)]


async def test_she_listens_whispers_and_barges_in_and_each_is_heard_by_whom_it_is_for(pbx: Office) -> None:
    async with (
        stage(pbx.endpoint, recordings=pbx.recordings) as ours,
        pbx.phones("1001", "1003") as (alice, carol),
        pbx.customer() as customer,
    ):
        call = await talks(ours, alice, customer)
        await carol.when_called(Answer())
        assert (await ours.order(c.Monitor(agent=CAROL, of=ALICE))).ok
        await carol.wait_for(PhoneState.TALKING)
        assert carol.headers["X-CW-Monitor"] == "listen"
        await hears_only(carol, "customer", "1001")
        await hears_only(alice, "customer")
        await hears_only(customer, "1001")

        assert (await ours.order(c.Monitor(agent=CAROL, of=ALICE, mode=e.MonitorMode.WHISPER))).ok
        await hears_only(alice, "customer", "1003")
        await hears_only(customer, "1001")

        assert (await ours.order(c.Monitor(agent=CAROL, of=ALICE, mode=e.MonitorMode.BARGE))).ok
        await hears_only(customer, "1001", "1003")
        await hears_only(alice, "customer", "1003")
        await hears_only(carol, "customer", "1001")

        assert (await ours.order(c.Monitor(agent=CAROL, of=ALICE))).ok
        await hears_only(customer, "1001")
        await hears_only(carol, "customer", "1001")
        [live] = (await ours.floor()).calls
        assert [(one.by, one.of, one.mode) for one in live.monitored] == [(CAROL, ALICE, e.MonitorMode.LISTEN)]
        assert (await ours.order(c.StopMonitoring(agent=CAROL))).ok
        await carol.wait_for(PhoneState.ENDED)
        await ours.hears(e.CallMonitored, count=8)
        assert (await ours.order(c.StopMonitoring(agent=CAROL))).code == "monitor.none"
        await customer.hang_up()
        ended = await ours.hears(e.CallEnded)
    assert (ended.call, ended.agents) == (call, (ALICE,))
    await eventually("the call in Asterisk's own account", pbx.accounted)
    assert pbx.accounted() == {call}
    assert len(ours.all(e.CallArrived)) == 1
    assert _listenings(ours) == [
        ("listen", True), ("listen", False), ("whisper", True), ("whisper", False), ("barge", True), ("barge", False),
        ("listen", True), ("listen", False),
    ]  # fmt: skip
    sound = await pbx.recorded(call)
    barged = [told for told in ours.all(e.CallMonitored) if told.mode is e.MonitorMode.BARGE and told.until]
    lasted = (barged[0].at - barged[0].since).total_seconds()
    assert seconds_heard(sound, CAROLS) == pytest.approx(lasted, abs=1.0)


async def test_it_ends_with_the_conversation_and_she_gets_no_call_meanwhile(pbx: Office) -> None:
    async with (
        stage(pbx.endpoint, recordings=pbx.recordings) as ours,
        pbx.phones("1001", "1003") as (alice, carol),
        pbx.customer() as customer,
    ):
        await talks(ours, alice, customer)
        await ours.ready(CAROL)
        await carol.when_called(Answer())
        assert (await ours.order(c.Monitor(agent=CAROL, of=ALICE, mode=e.MonitorMode.BARGE))).ok
        await ours.hears(e.CallMonitored)
        assert await _state(ours, CAROL) is AgentState.TALKING
        assert (await ours.order(c.Monitor(agent=BOB, of=ALICE))).code == "phone.unreachable"
        assert (await ours.order(c.Monitor(agent=CAROL, of=CAROL))).code == "target.self"
        assert (await ours.order(c.Monitor(agent=CAROL, of=BOB))).code == "call.not_talking"
        await hears_only(customer, "1001", "1003")
        await customer.hang_up()
        for phone in (alice, carol):
            await phone.wait_for(PhoneState.ENDED)
        await ours.hears(e.CallEnded)

        async def carol_is_free() -> bool:
            return await _state(ours, CAROL) is AgentState.READY

        await eventually("carol to be free again", carol_is_free)
        assert await _state(ours, ALICE) is AgentState.WRAP_UP
    assert _listenings(ours) == [("barge", True), ("barge", False)]


async def test_who_does_not_answer_listens_to_nobody(pbx: Office) -> None:
    async with (
        stage(pbx.endpoint, recordings=pbx.recordings) as ours,
        pbx.phones("1001", "1003") as (alice, carol),
        pbx.customer() as customer,
    ):
        await talks(ours, alice, customer)
        for command in (c.Monitor(agent=CAROL, of=ALICE), c.TakeOver(agent=CAROL, of=ALICE)):
            assert (await ours.order(command)).ok
            await carol.wait_for(PhoneState.RINGING)
            await carol.reject()
            await carol.wait_for(PhoneState.ENDED)
            await hears_only(customer, "1001")
            await hears_only(alice, "customer")
    assert ours.all(e.CallMonitored) == []
    assert ours.all(e.CallTakenOver) == []
    assert len(ours.all(e.CallConnected)) == 1


@pytest.mark.parametrize("listening", [True, False])
async def test_she_takes_the_customer_over_and_the_agent_is_let_go(pbx: Office, listening: bool) -> None:
    async with (
        stage(pbx.endpoint, recordings=pbx.recordings) as ours,
        pbx.phones("1001", "1003") as (alice, carol),
        pbx.customer() as customer,
    ):
        call = await talks(ours, alice, customer)
        await carol.when_called(Answer())
        if listening:
            assert (await ours.order(c.Monitor(agent=CAROL, of=ALICE))).ok
            await ours.hears(e.CallMonitored)
            await hears_only(carol, "customer", "1001")
        assert (await ours.order(c.TakeOver(agent=CAROL, of=ALICE))).ok
        await alice.wait_for(PhoneState.ENDED)
        await hears_only(customer, "1003")
        await hears_only(carol, "customer")
        assert await _state(ours, ALICE) is AgentState.WRAP_UP
        taken = await ours.hears(e.CallTakenOver)
        assert (taken.call, taken.by, taken.of) == (call, CAROL, ALICE)
        await pbx.is_recorded(call)
        await carol.hang_up()
        await customer.wait_for(PhoneState.ENDED)
        ended = await ours.hears(e.CallEnded)
    assert (ended.agents, ended.hung_up_by) == ((ALICE, CAROL), e.HungUpBy.AGENT)
    assert len(ours.all(e.CallArrived)) == 1
    assert seconds_heard(await pbx.recorded(call), CAROLS) > 0.5
    assert _listenings(ours) == ([("listen", True), ("listen", False)] if listening else [])


async def test_who_took_over_may_ask_and_hand_on_as_an_agent_may(pbx: Office) -> None:
    async with (
        stage(pbx.endpoint, recordings=pbx.recordings) as ours,
        pbx.phones("1001", "1002", "1003") as (alice, bob, carol),
        pbx.customer() as customer,
    ):
        await talks(ours, alice, customer)
        await bob.when_called(Answer())
        assert (await ours.order(c.TakeOver(agent=BOB, of=ALICE))).ok
        await alice.wait_for(PhoneState.ENDED)
        await hears_only(customer, "1002")
        await asks_and_hands_on(ours, bob, customer, BOB, carol)


async def test_we_die_while_she_listens_and_find_her_listening(pbx: Office) -> None:
    async with pbx.phones("1001", "1003") as (alice, carol), AsyncExitStack() as later:
        async with stage(pbx.endpoint, recordings=pbx.recordings) as ours:
            customer = await later.enter_async_context(pbx.customer())
            call = await talks(ours, alice, customer)
            await carol.when_called(Answer())
            assert (await ours.order(c.Monitor(agent=CAROL, of=ALICE))).ok
            await ours.hears(e.CallMonitored)
        await hears_only(carol, "customer", "1001")
        async with stage(pbx.endpoint, recordings=pbx.recordings, recall=known(ours.told)) as again:
            await again.hears(e.LinkUp)
            assert (await again.order(c.Monitor(agent=CAROL, of=ALICE, mode=e.MonitorMode.WHISPER))).ok
            await hears_only(alice, "customer", "1003")
            await customer.hang_up()
            await carol.wait_for(PhoneState.ENDED)
            assert (await again.hears(e.CallEnded)).call == call
            await again.hears(e.CallMonitored, count=3)
    assert _listenings(again) == [("listen", False), ("whisper", True), ("whisper", False)]


async def test_it_ended_while_we_were_dead_and_is_told_as_ended(pbx: Office) -> None:
    async with pbx.phones("1001", "1003") as (alice, carol), AsyncExitStack() as later:
        async with stage(pbx.endpoint, recordings=pbx.recordings) as ours:
            customer = await later.enter_async_context(pbx.customer())
            await talks(ours, alice, customer)
            await carol.when_called(Answer())
            assert (await ours.order(c.Monitor(agent=CAROL, of=ALICE))).ok
            await ours.hears(e.CallMonitored)
        await carol.hang_up()
        async with stage(pbx.endpoint, recordings=pbx.recordings, recall=known(ours.told)) as again:
            await again.hears(e.CallMonitored)
            assert (await again.order(c.StopMonitoring(agent=CAROL))).code == "monitor.none"
    assert _listenings(again) == [("listen", False)]
