"""Callers who cannot wait in their queue on a real Asterisk: into another, to a number outside, or told why."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
import pytest_asyncio

from callwright.asterisk.plan import Did
from callwright.asterisk.plan import Queue as AsteriskQueue
from callwright.demo.phones import Answer, PhoneProcess, PhoneState, Reject, SipPhone, WhenCalled
from crm_core.domain.floor import FloorPlan, Queue
from crm_core.domain.overflow import Overflow, OverflowKind, OverflowWhy
from crm_core.kernel.ids import QueueKey
from cti import commands as c
from cti import events as e
from cti.telephony import AmiEndpoint
from tests.integration.ami.floor import ALICE, EXTENSIONS, small_floor
from tests.integration.ami.stage import Stage, stage
from tests.support.asterisk import SECRET, PrivateAsterisk, private_asterisk
from tests.support.phones import wait_until_heard
from tests.support.ports import free_udp_port
from tests.support.tones import make_tone
from tests.support.waiting import eventually

pytestmark = [pytest.mark.asyncio(loop_scope="module"), pytest.mark.story]

HOTLINE, OUTSIDE = "4008001", "13900139000"
BUSY, GOODBYE, OUTSIDES = 700, 950, 1200
"""Tones: of the prompts, and of who is called outside."""
TO_BACKUP = Overflow(kind=OverflowKind.QUEUE, to="backup")
TO_OUTSIDE = Overflow(kind=OverflowKind.NUMBER, to=OUTSIDE)
TO_MESSAGE = Overflow(kind=OverflowKind.MESSAGE, to="all_busy")
NOBODY = (OverflowWhy.NOBODY,)


@dataclass(slots=True, kw_only=True)
class World:
    asterisk: PrivateAsterisk
    phones: PhoneProcess
    far: PhoneProcess
    ours: Stage
    voice: Path

    async def caller(self) -> SipPhone:
        caller = await self.far.add("customer", server=self.asterisk.sip)
        await caller.dial(HOTLINE, number="13800138000")
        return caller

    async def outside(self, reaction: WhenCalled) -> SipPhone:
        phone = await self.far.add("outside", server=self.asterisk.sip, number=OUTSIDE, when_called=reaction)
        await phone.play(self.voice)
        return phone

    async def alice(self) -> SipPhone:
        extension = EXTENSIONS[ALICE]
        phone = await self.phones.add(
            extension, server=self.asterisk.sip, number=extension, secret=SECRET, when_called=Answer()
        )
        await phone.wait_registered()
        return phone

    def went_on(self) -> list[tuple[str, str, str]]:
        return [(one.why.value, one.kind.value, one.to) for one in self.ours.all(e.CallOverflowed)]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def asterisk(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[tuple[PrivateAsterisk, int]]:
    port = free_udp_port()
    async with private_asterisk(
        tmp_path_factory.mktemp("pbx"),
        queues=(AsteriskQueue(key="service"), AsteriskQueue(key="backup")),
        dids=(Did(number=HOTLINE, queue="service", language="en"),),
        outside=f"127.0.0.1:{port}",
        outside_ring_s=20,
    ) as running:
        prompts = running.plan.directories.sounds / "en"
        make_tone(prompts / "all_busy.wav", BUSY, seconds=2)
        make_tone(prompts / "goodbye.wav", GOODBYE, seconds=2)
        yield running, port


def floor(*chain: Overflow, max_wait_s: int = 0, when: tuple[OverflowWhy, ...] = ()) -> FloorPlan:
    """Alice serves the backup alone."""
    plan = small_floor()
    backup = QueueKey("backup")
    service = replace(plan.queues[0], overflow=chain, max_wait_s=max_wait_s, overflow_when=when)
    agents = tuple(replace(agent, queues=(backup,) if agent.id == ALICE else agent.queues) for agent in plan.agents)
    queues = (service, Queue(key=backup, names={"en": "Backup"}, wrap_up_s=0))
    return replace(plan, agents=agents, queues=queues)


@asynccontextmanager
async def a_world(asterisk: tuple[PrivateAsterisk, int], drawn: FloorPlan, folder: Path) -> AsyncIterator[World]:
    running, outside = asterisk
    plan = running.plan
    endpoint = AmiEndpoint(host="127.0.0.1", port=plan.ports.ami, user=plan.ami_user, secret=plan.secrets.ami)
    voice = make_tone(folder / "outside.wav", OUTSIDES, seconds=2)
    async with AsyncExitStack() as calls:
        phones = await calls.enter_async_context(PhoneProcess(life_s=120))
        far = await calls.enter_async_context(PhoneProcess(life_s=120, port=outside))
        ours = await calls.enter_async_context(stage(endpoint, recordings=plan.directories.recordings, floor=drawn))
        await eventually("the switchboard to be there", lambda: _is_up(ours))
        try:
            yield World(asterisk=running, phones=phones, far=far, ours=ours, voice=voice)
        finally:
            await running.cli("channel request hangup all")
            await eventually("no calls", running.is_idle)


async def _is_up(ours: Stage) -> bool:
    return ours.telephony.ready() is None


async def test_into_another_queue_with_his_waiting_time(asterisk: tuple[PrivateAsterisk, int], tmp_path: Path) -> None:
    async with a_world(asterisk, floor(TO_BACKUP, max_wait_s=1), tmp_path) as world:
        caller = await world.caller()
        first = await world.ours.hears(e.CallQueued)
        again = await world.ours.hears(e.CallQueued, count=2)
        assert (first.queue, again.queue, again.since) == ("service", "backup", first.since)
        assert world.went_on() == [("too_long", "queue", "backup")]
        await world.alice()
        await world.ours.ready(ALICE)
        connected = await world.ours.hears(e.CallConnected)
        assert (connected.call, connected.agent) == (first.call, ALICE)
        await caller.hang_up()
        ended = await world.ours.hears(e.CallEnded)
        assert ended.outcome is e.Outcome.ANSWERED


async def test_to_a_number_outside(asterisk: tuple[PrivateAsterisk, int], tmp_path: Path) -> None:
    async with a_world(asterisk, floor(TO_OUTSIDE, when=NOBODY), tmp_path) as world:
        outside = await world.outside(Answer())
        caller = await world.caller()
        await wait_until_heard(caller, OUTSIDES)
        assert HOTLINE in outside.caller
        assert world.went_on() == [("nobody", "number", OUTSIDE)]
        connected = await world.ours.hears(e.CallConnected)
        assert connected.agent is None
        await outside.hang_up()
        await caller.wait_for(PhoneState.ENDED)
        assert (await world.ours.hears(e.CallEnded)).outcome is e.Outcome.ANSWERED


async def test_told_why_after_a_number_that_did_not_take_him(
    asterisk: tuple[PrivateAsterisk, int], tmp_path: Path
) -> None:
    async with a_world(asterisk, floor(TO_OUTSIDE, TO_MESSAGE, when=NOBODY), tmp_path) as world:
        await world.outside(Reject())
        caller = await world.caller()
        await wait_until_heard(caller, BUSY)
        await wait_until_heard(caller, GOODBYE)
        await caller.wait_for(PhoneState.ENDED)
        assert world.went_on() == [("nobody", "number", OUTSIDE), ("nobody", "message", "all_busy")]
        assert (await world.ours.hears(e.CallEnded)).outcome is e.Outcome.ABANDONED


async def test_back_in_his_line_when_no_step_is_left(asterisk: tuple[PrivateAsterisk, int], tmp_path: Path) -> None:
    async with a_world(asterisk, floor(TO_OUTSIDE, when=NOBODY), tmp_path) as world:
        await world.outside(Reject())
        await world.caller()
        first = await world.ours.hears(e.CallQueued)
        again = await world.ours.hears(e.CallQueued, count=2)
        assert (again.queue, again.since) == (first.queue, first.since)

        async def waits() -> bool:
            answer = await world.ours.order(c.GetFloor())
            assert isinstance(answer, c.Floor)
            return [row.call for row in answer.waiting] == [first.call]

        await eventually("him to wait again", waits)
