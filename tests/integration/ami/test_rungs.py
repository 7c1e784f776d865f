"""The ladder of an offer on a real Asterisk, and what a caller hears meanwhile: who does not answer, who is told."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, replace

import pytest
import pytest_asyncio

from callwright.asterisk.plan import Did
from callwright.asterisk.plan import Queue as AsteriskQueue
from callwright.demo.phones import PhoneProcess, PhoneState, Ring, SipPhone
from crm_core.domain.floor import FloorPlan
from crm_core.kernel.ids import AgentId
from cti import events as e
from cti.telephony import AmiEndpoint
from routing.states import AgentState
from tests.integration.ami.floor import ALICE, EXTENSIONS, small_floor
from tests.integration.ami.stage import Stage, stage
from tests.support.asterisk import SECRET, PrivateAsterisk, private_asterisk
from tests.support.phones import wait_until_heard
from tests.support.tones import make_tone
from tests.support.waiting import eventually

pytestmark = [pytest.mark.asyncio(loop_scope="module"), pytest.mark.story]

HOTLINE, COMFORT = "4008001", 1200


@dataclass(slots=True, kw_only=True)
class World:
    asterisk: PrivateAsterisk
    phones: PhoneProcess
    ours: Stage

    async def caller(self) -> SipPhone:
        caller = await self.phones.add("customer", server=self.asterisk.sip)
        await caller.dial(HOTLINE, number="13800138000")
        return caller

    async def phone_of(self, agent: AgentId) -> SipPhone:
        """It rings, and nobody is there."""
        extension = EXTENSIONS[agent]
        phone = await self.phones.add(
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
    async with private_asterisk(
        tmp_path_factory.mktemp("pbx"),
        queues=(AsteriskQueue(key="service", ring_s=2),),
        dids=(Did(number=HOTLINE, queue="service", language="en"),),
    ) as running:
        make_tone(running.plan.directories.sounds / "en" / "comfort.wav", COMFORT, seconds=30)
        yield running


def floor(**terms: object) -> FloorPlan:
    plan = small_floor(ring_s=2)
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
    async with a_world(asterisk, floor(misses_to_pause=2)) as world:
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
