"""The ladder of an offer on a real Asterisk, and what a caller hears meanwhile: who does not answer, who is told."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, replace

import pytest
import pytest_asyncio

from callwright.asterisk.plan import Did
from callwright.asterisk.plan import Queue as AsteriskQueue
from callwright.demo.phones import PhoneProcess, PhoneState, Reject, Ring, SipPhone
from crm_core.domain.floor import FloorPlan
from crm_core.kernel.ids import AgentId
from cti import events as e
from cti.telephony import AmiEndpoint
from routing.states import AgentState
from tests.integration.ami.floor import ALICE, EXTENSIONS, small_floor
from tests.integration.ami.stage import Stage, stage
from tests.support.asterisk import SECRET, PrivateAsterisk, private_asterisk
from tests.support.phones import wait_until_heard
from tests.support.ports import free_udp_port
from tests.support.tones import make_tone
from tests.support.waiting import eventually

pytestmark = [pytest.mark.asyncio(loop_scope="module"), pytest.mark.story]

HOTLINE, COMFORT, MELODY = "4008001", 1200, 700


@dataclass(slots=True, kw_only=True)
class World:
    asterisk: PrivateAsterisk
    phones: PhoneProcess
    ours: Stage

    async def caller(self, name: str = "customer") -> SipPhone:
        caller = await self.phones.add(name, server=self.asterisk.sip)
        await caller.dial(HOTLINE, number="13800138000")
        return caller

    async def phone_of(self, agent: AgentId, process: PhoneProcess | None = None) -> SipPhone:
        """It rings, and nobody is there."""
        extension = EXTENSIONS[agent]
        phone = await (process or self.phones).add(
            extension, server=self.asterisk.sip, number=extension, secret=SECRET, when_called=Ring()
        )
        await phone.wait_registered()
        await self.ours.ready(agent)
        return phone

    async def agent(self, agent: AgentId) -> e.AgentOnFloor:
        floor = await self.ours.floor()
        return next(one for one in floor.agents if one.agent == agent)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def asterisk(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[PrivateAsterisk]:
    home = tmp_path_factory.mktemp("pbx")
    sounds = home / "sounds" / "zh"
    sounds.mkdir(parents=True)
    make_tone(sounds / "melody.wav", MELODY, seconds=7)  # for who speaks English as well
    async with private_asterisk(
        home,
        queues=(AsteriskQueue(key="service", ring_s=2, music=("melody", "nowhere")),),
        dids=(Did(number=HOTLINE, queue="service", language="en"),),
    ) as running:
        make_tone(running.plan.directories.sounds / "en" / "comfort.wav", COMFORT, seconds=30)
        yield running


def floor(**terms: object) -> FloorPlan:
    plan = small_floor(ring_s=60)
    return replace(plan, queues=(replace(plan.queues[0], **terms),))  # type: ignore[arg-type]


@asynccontextmanager
async def a_world(running: PrivateAsterisk, drawn: FloorPlan) -> AsyncIterator[World]:
    plan = running.plan
    endpoint = AmiEndpoint(host="127.0.0.1", port=plan.ports.ami, user=plan.ami_user, secret=plan.secrets.ami)
    async with AsyncExitStack() as calls:
        phones = await calls.enter_async_context(PhoneProcess(life_s=120))
        ours = await calls.enter_async_context(stage(endpoint, recordings=plan.directories.recordings, floor=drawn))
        try:
            yield World(asterisk=running, phones=phones, ours=ours)
        finally:
            await running.cli("channel request hangup all")
            await eventually("no calls", running.is_idle)


async def test_the_second_call_missed_in_a_row_is_a_pause(asterisk: PrivateAsterisk) -> None:
    async with a_world(asterisk, floor(misses_to_pause=2, ring_s=2)) as world:
        await world.phone_of(ALICE)
        await world.caller()
        queued = await world.ours.hears(e.CallQueued)
        failures = [await world.ours.hears(e.OfferFailed, count=number) for number in (1, 2)]
        assert [(one.agent, one.why) for one in failures] == [(ALICE, e.OfferFailure.NO_ANSWER)] * 2
        alice = await world.agent(ALICE)
        assert (alice.state, alice.reason, alice.missed) == (AgentState.PAUSED, "missed_call", 2)
        [waiting] = (await world.ours.floor()).waiting
        assert (waiting.call, waiting.since, waiting.position) == (queued.call, queued.since, 1)
        assert [(one.agent, one.why) for one in waiting.tried] == [(ALICE, e.OfferFailure.NO_ANSWER)] * 2


async def test_a_phone_that_cannot_be_called_is_no_fault_of_its_agent(asterisk: PrivateAsterisk) -> None:
    async with a_world(asterisk, floor()) as world:
        alice = await world.phone_of(ALICE)
        await alice.when_called(Reject(code=420))
        await world.caller()
        failed = await world.ours.hears(e.OfferFailed)
        assert (failed.agent, failed.why) == (ALICE, e.OfferFailure.UNREACHABLE)
        assert (await world.agent(ALICE)).state is AgentState.READY
        [waiting] = (await world.ours.floor()).waiting
        assert [(one.agent, one.why) for one in waiting.tried] == [(ALICE, e.OfferFailure.UNREACHABLE)]


async def test_a_phone_that_is_busy_of_itself_is_asked_again(asterisk: PrivateAsterisk) -> None:
    """A call was called off, and his phone has something else to do before the next one: no word of his."""
    port = free_udp_port()
    async with a_world(asterisk, floor()) as world, PhoneProcess(life_s=120, port=port) as hers:
        alice = await world.phone_of(ALICE, hers)
        friend = await world.phones.add("friend", server=f"127.0.0.1:{port}")
        first = await world.caller()
        await alice.wait_for(PhoneState.RINGING)
        await first.hang_up()
        await world.ours.hears(e.CallEnded)
        await alice.wait_for(PhoneState.ENDED)
        await friend.dial("1001", number="13900139000")
        await alice.wait_for(PhoneState.RINGING)
        await world.caller("another")
        failed = await world.ours.hears(e.OfferFailed, count=2)
        assert (failed.agent, failed.why) == (ALICE, e.OfferFailure.BUSY)
        assert (await world.agent(ALICE)).state is AgentState.READY
        await friend.hang_up()
        await world.ours.hears(e.CallRinging, count=2)


async def test_a_phone_that_goes_while_it_rings_costs_nobody_his_place(asterisk: PrivateAsterisk) -> None:
    """Its agent has another phone by now, and this one is nobody's any more."""
    async with a_world(asterisk, floor()) as world, PhoneProcess(life_s=120) as elsewhere:
        alice = await world.phone_of(ALICE)
        await world.caller()
        queued = await world.ours.hears(e.CallQueued)
        await alice.wait_for(PhoneState.RINGING)
        await world.phone_of(ALICE, elsewhere)
        failed = await world.ours.hears(e.OfferFailed)
        assert (failed.call, failed.agent, failed.why) == (queued.call, ALICE, e.OfferFailure.PHONE_GONE)
        await alice.wait_for(PhoneState.ENDED)
        [waiting] = (await world.ours.floor()).waiting
        assert (waiting.call, waiting.since) == (queued.call, queued.since)


async def test_the_queues_own_music_goes_on_while_a_phone_rings_and_on_hold(asterisk: PrivateAsterisk) -> None:
    async with a_world(asterisk, floor()) as world:
        caller = await world.caller()
        await wait_until_heard(caller, MELODY)
        alice = await world.phone_of(ALICE)
        await alice.wait_for(PhoneState.RINGING)
        await wait_until_heard(caller, MELODY)
        await alice.answer()
        await world.ours.hears(e.CallConnected)
        await alice.hold()
        await wait_until_heard(caller, MELODY)
        await caller.hang_up()
        assert (await world.ours.hears(e.CallEnded)).outcome is e.Outcome.ANSWERED


async def test_who_is_told_something_while_he_waits_is_offered_all_the_same(asterisk: PrivateAsterisk) -> None:
    async with a_world(asterisk, floor(comfort="comfort", announce_first_s=1, announce_every_s=45)) as world:
        caller = await world.caller()
        await wait_until_heard(caller, COMFORT)
        alice = await world.phone_of(ALICE)
        await alice.wait_for(PhoneState.RINGING)
        await alice.answer()
        connected = await world.ours.hears(e.CallConnected)
        assert connected.agent == ALICE
        await caller.hang_up()
        assert (await world.ours.hears(e.CallEnded)).outcome is e.Outcome.ANSWERED
        assert not world.ours.all(e.Anomaly)
