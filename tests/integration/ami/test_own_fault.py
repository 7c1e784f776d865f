"""A fault of ours over a snapshot: the line is begun anew until one is understood, and no heart beats meanwhile."""

from __future__ import annotations

import asyncio
from datetime import datetime
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from crm_core.domain.floor import FloorPlan
from crm_core.kernel.clock import SystemClock
from crm_core.runtime.in_process_bus import InProcessBus
from cti import effects as fx
from cti.ami.connection import AmiLink
from cti.ami.vocabulary import Snapshot
from cti.events import LinkLost
from cti.recorder import Recorder
from cti.runner import Runner
from cti.switchboard import Heard, Switchboard
from tests.integration.ami.floor import small_floor
from tests.integration.ami.line import link_to
from tests.support.fake_asterisk import FakeAsterisk
from tests.support.waiting import eventually


class Stumbling(Switchboard):
    """Chokes on its first two snapshots."""

    def __init__(self, plan: FloorPlan, now: datetime) -> None:
        super().__init__(plan, now)
        self.heard: list[Heard] = []

    def handle(self, heard: Heard, now: datetime) -> list[fx.Effect]:
        self.heard.append(heard)
        if len(self.snapshots) in (1, 2) and isinstance(heard, Snapshot):
            raise ZeroDivisionError
        return super().handle(heard, now)

    @property
    def snapshots(self) -> list[Snapshot]:
        return [heard for heard in self.heard if isinstance(heard, Snapshot)]


async def _load() -> FloorPlan:
    return small_floor()


async def test_a_snapshot_we_stumbled_over_is_asked_for_again() -> None:
    clock, bus = SystemClock(), InProcessBus()
    switchboard = Stumbling(small_floor(), clock.now())
    runner = Runner(switchboard, bus=bus, clock=clock, recorder=Recorder(Path("/rec")), load_floor=_load)
    with capture_logs():
        async with FakeAsterisk() as asterisk, link_to(asterisk, runner.post) as link:
            runner.attach([link])
            await eventually("a third snapshot", lambda: len(switchboard.snapshots) == 3)
            await eventually("a heartbeat", lambda: asterisk.sent("Setvar"))
            assert [type(heard) for heard in switchboard.heard] == [Snapshot, LinkLost, Snapshot, LinkLost, Snapshot]
            assert len(asterisk.sent("Setvar")) == 1
    await runner.close()
    await bus.close()


async def test_who_is_cancelled_while_closing_a_line_stays_cancelled() -> None:
    async with FakeAsterisk() as asterisk:
        link: AmiLink = await link_to(asterisk, lambda _: None).__aenter__()
        await link.wait_up()
        closing = asyncio.create_task(link.close())
        await asyncio.sleep(0)
        closing.cancel()
        with pytest.raises(asyncio.CancelledError):
            await closing
