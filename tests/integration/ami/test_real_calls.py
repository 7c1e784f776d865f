"""Whole calls through the real dialplan of a real Asterisk, with our switchboard deciding."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

import pytest
import pytest_asyncio

from callwright.asterisk.plan import Did
from callwright.demo.phones import Answer, PhoneProcess, PhoneState, Reject, SipPhone, WhenCalled
from crm_core.kernel.ids import AgentId
from cti import commands as c
from cti import events as e
from cti.telephony import AmiEndpoint
from routing.states import AgentState
from tests.integration.ami.floor import ALICE, BOB
from tests.integration.ami.stage import Stage, known, stage
from tests.support.asterisk import SECRET, PrivateAsterisk, private_asterisk
from tests.support.cuttable import CuttableLine
from tests.support.recorded import recorded_on
from tests.support.waiting import eventually

pytestmark = [pytest.mark.asyncio(loop_scope="module"), pytest.mark.story]
QUEUE = "4008001"


@dataclass(frozen=True, slots=True, kw_only=True)
class World:
    asterisk: PrivateAsterisk
    phones: PhoneProcess
    recordings: Path

    @property
    def endpoint(self) -> AmiEndpoint:
        plan = self.asterisk.plan
        return AmiEndpoint(host="127.0.0.1", port=plan.ports.ami, user=plan.ami_user, secret=plan.secrets.ami)

    @asynccontextmanager
    async def phone_of(self, extension: str, reaction: WhenCalled | None = None) -> AsyncIterator[SipPhone]:
        phone = await self.phones.add(
            extension, server=self.asterisk.sip, number=extension, secret=SECRET, when_called=reaction
        )
        await phone.wait_registered()
        try:
            yield phone
        finally:
            await phone.remove()
            await eventually("the phone to be signed off", partial(self._is_signed_off, extension))

    async def _is_signed_off(self, extension: str) -> bool:
        return f"{extension}/sip:" not in await self.asterisk.cli("pjsip show contacts")

    @asynccontextmanager
    async def caller(self, number: str = "13800138000") -> AsyncIterator[SipPhone]:
        """Somebody who has dialled the queue; at the end he hangs up."""
        phone = await self.phones.add(f"caller {number}", server=self.asterisk.sip)
        await phone.dial(QUEUE, number=number)
        try:
            yield phone
        finally:
            await phone.remove()


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def world(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[World]:
    home = tmp_path_factory.mktemp("pbx")
    recordings = home / "recordings"
    recordings.mkdir(mode=0o777)
    recordings.chmod(0o777)
    async with private_asterisk(home, dids=(Did(number=QUEUE, queue="service"),)) as asterisk, PhoneProcess() as phones:
        yield World(asterisk=asterisk, phones=phones, recordings=recordings)


@pytest_asyncio.fixture(autouse=True, loop_scope="module")
async def hung_up(world: World) -> AsyncIterator[None]:
    """What is left of a call would be heard by the next test too."""
    yield
    await eventually("no calls", world.asterisk.is_idle)


async def test_a_call_from_the_trunk_to_the_end(world: World) -> None:
    async with stage(world.endpoint, recordings=world.recordings) as ours, world.phone_of("1001") as alice:
        await ours.ready(ALICE)
        async with world.caller() as caller:
            await alice.wait_for(PhoneState.RINGING)
            offered = await ours.hears(e.CallOffered)
            assert alice.headers["X-CW-Call"] == offered.call
            await alice.answer()
            assert (await ours.hears(e.CallConnected)).agent == ALICE
            recording = await ours.hears(e.RecordingStarted)
            await recorded_on(world.recordings / recording.file)
            await caller.hang_up()
            ended = await ours.hears(e.CallEnded)
        assert (ended.outcome, ended.hung_up_by, ended.agents) == (e.Outcome.ANSWERED, e.HungUpBy.CALLER, (ALICE,))
        assert recording.mix_id
        assert await _state(ours, ALICE) is AgentState.WRAP_UP
        assert (await ours.order(c.FinishWrapUp(agent=ALICE, call=ended.call))).ok


async def test_a_caller_who_waits_is_offered_the_moment_somebody_is_ready(world: World) -> None:
    async with stage(world.endpoint, recordings=world.recordings) as ours, world.phone_of("1001") as alice:
        async with world.caller():
            await ours.hears(e.CallQueued)
            await ours.ready(ALICE)
            await alice.wait_for(PhoneState.RINGING)
            assert (await ours.hears(e.CallOffered)).agent == ALICE
        assert (await ours.hears(e.CallEnded)).outcome is e.Outcome.ABANDONED
        await alice.wait_for(PhoneState.ENDED)


async def test_a_refused_call_goes_to_the_next(world: World) -> None:
    async with (
        stage(world.endpoint, recordings=world.recordings) as ours,
        world.phone_of("1001", Reject()) as alice,
        world.phone_of("1002") as bob,
    ):
        await ours.ready(ALICE)
        async with world.caller():
            failed = await ours.hears(e.OfferFailed)
            assert (failed.agent, failed.why) == (ALICE, e.OfferFailure.REJECTED)
            await ours.ready(BOB)
            await bob.wait_for(PhoneState.RINGING)
            await bob.answer()
            assert (await ours.hears(e.CallConnected)).agent == BOB
        await alice.wait_for(PhoneState.ENDED)
        assert (await ours.hears(e.CallEnded)).agents == (BOB,)


async def test_an_agent_hangs_up_by_command(world: World) -> None:
    async with (
        stage(world.endpoint, recordings=world.recordings) as ours,
        world.phone_of("1001", Answer()),
        world.caller() as caller,
    ):
        await ours.ready(ALICE)
        connected = await ours.hears(e.CallConnected)
        assert (await ours.order(c.HangUp(agent=ALICE, call=connected.call))).ok
        await caller.wait_for(PhoneState.ENDED)
        ended = await ours.hears(e.CallEnded)
        assert ended.outcome is e.Outcome.ANSWERED


async def test_with_us_dead_a_waiting_caller_reaches_a_phone_by_asterisks_own_queue(world: World) -> None:
    async with AsyncExitStack() as calls:
        alice = await calls.enter_async_context(world.phone_of("1001"))
        async with stage(world.endpoint, recordings=world.recordings) as ours:
            caller = await calls.enter_async_context(world.caller())
            await ours.hears(e.CallQueued)
        await alice.wait_for(PhoneState.RINGING, limit_s=30)
        await alice.answer()
        await caller.wait_for(PhoneState.TALKING)
        async with stage(world.endpoint, recordings=world.recordings, recall=known(ours.told)) as again:
            connected = await again.hears(e.CallConnected)
            assert (connected.agent, connected.by_safety_queue) == (ALICE, True)
            await caller.hang_up()
            ended = await again.hears(e.CallEnded)
            assert (ended.outcome, ended.agents) == (e.Outcome.ANSWERED, (ALICE,))


async def test_a_conversation_outlives_us_and_is_taken_up_again(world: World) -> None:
    async with world.phone_of("1001", Answer()) as alice, world.caller() as caller:
        async with stage(world.endpoint, recordings=world.recordings) as ours:
            await ours.ready(ALICE)
            await ours.hears(e.RecordingStarted)
            await caller.wait_for(PhoneState.TALKING)
        assert (alice.state, caller.state) == (PhoneState.TALKING, PhoneState.TALKING)
        async with stage(world.endpoint, recordings=world.recordings, recall=known(ours.told)) as again:
            await again.hears(e.LinkUp)
            assert await _state(again, ALICE) is AgentState.TALKING
            await caller.hang_up()
            ended = await again.hears(e.CallEnded)
            assert (ended.outcome, ended.agents) == (e.Outcome.ANSWERED, (ALICE,))
            assert not again.all(e.CallConnected)
            assert await _state(again, ALICE) is AgentState.WRAP_UP


async def test_the_line_is_cut_while_a_phone_rings(world: World) -> None:
    async with (
        CuttableLine(world.endpoint.port) as line,
        stage(replace(world.endpoint, port=line.port), recordings=world.recordings) as ours,
        world.phone_of("1001") as alice,
        world.caller() as caller,
    ):
        await ours.ready(ALICE)
        await alice.wait_for(PhoneState.RINGING)
        await line.cut()
        await ours.hears(e.LinkLost)
        await alice.answer()
        await caller.wait_for(PhoneState.TALKING)
        await line.mend()
        assert (await ours.hears(e.CallConnected)).agent == ALICE
        await caller.hang_up()
        ended = await ours.hears(e.CallEnded)
        assert (ended.outcome, ended.agents) == (e.Outcome.ANSWERED, (ALICE,))


async def test_a_line_that_swallows_everything_is_given_up_and_taken_up_again(world: World) -> None:
    async with (
        CuttableLine(world.endpoint.port) as line,
        stage(replace(world.endpoint, port=line.port), recordings=world.recordings) as ours,
        world.caller(),
    ):
        await ours.hears(e.CallQueued)
        line.stall()
        # So that Asterisk's own queue does not take him before the line is back: here he is to be found as he was left.
        await world.asterisk.cli(f"dialplan set global CW_HEARTBEAT {int(time.time()) + 60}")
        assert "nothing was heard" in (await ours.hears(e.LinkLost)).why
        await line.mend()
        await ours.hears(e.LinkUp, count=2)
        assert not ours.all(e.CallEnded)
    assert len(ours.all(e.CallQueued)) == 1


async def test_what_was_decided_on_a_line_gone_silent_tears_nobody_out_of_a_conversation(world: World) -> None:
    """Meanwhile Asterisk's own queue has connected him."""
    async with AsyncExitStack() as calls:
        line = await calls.enter_async_context(CuttableLine(world.endpoint.port))
        ours = await calls.enter_async_context(
            stage(replace(world.endpoint, port=line.port), recordings=world.recordings)
        )
        alice = await calls.enter_async_context(world.phone_of("1001", Answer()))
        await ours.hears(e.AgentStateChanged)
        caller = await calls.enter_async_context(world.caller())
        call = (await ours.hears(e.CallQueued)).call
        line.stall()
        assert (await ours.order(c.SetReady(agent=ALICE))).ok
        assert (await ours.hears(e.CallOffered)).call == call
        await ours.hears(e.LinkLost)
        await alice.wait_for(PhoneState.TALKING, limit_s=30)
        await caller.wait_for(PhoneState.TALKING)
        await line.mend()
        connected = await ours.hears(e.CallConnected)
        assert (connected.call, connected.agent, connected.by_safety_queue) == (call, ALICE, True)
        assert (alice.state, caller.state) == (PhoneState.TALKING, PhoneState.TALKING)
        await caller.hang_up()
        ended = await ours.hears(e.CallEnded)
        assert (ended.outcome, ended.hung_up_by, ended.agents) == (e.Outcome.ANSWERED, e.HungUpBy.CALLER, (ALICE,))


async def _state(ours: Stage, agent: AgentId) -> AgentState:
    return next(row.state for row in (await ours.floor()).agents if row.agent == agent)
