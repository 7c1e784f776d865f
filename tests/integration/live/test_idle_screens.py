"""A screen that is only left open is logged out like any other; one that somebody works at is not."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from agent_console.auth.leaving import look_again
from crm_core.kernel.clock import ManualClock
from crm_core.persistence.database import Database
from crm_core.runtime.in_process_bus import InProcessBus
from crm_core.services.bundle import make_services
from crm_core.services.options import CoreOptions
from tests.support.live_screens import Screen, Somebody
from tests.support.live_stage import LiveStage, live_stage

LOGGED_OUT = 1008
HOUR = 3600.0
IDLE_H = int(CoreOptions().session_idle.total_seconds() / HOUR)


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture
async def stage(sqlite_database: Database, clock: ManualClock, tmp_path: Path) -> AsyncIterator[LiveStage]:
    """A house whose time passes when the test says so."""
    services, bus = make_services(sqlite_database, clock, options=CoreOptions(argon2_memory_kib=256)), InProcessBus()
    async with live_stage(services, bus, clock, tmp_path) as house:
        yield house
    await bus.close()


async def hours_pass(stage: LiveStage, clock: ManualClock, desk: Screen, hours: float) -> None:
    """They do, and the log-in behind the screen is looked at; what it asks by itself is answered after that."""
    clock.advance(hours * HOUR)
    look_again(stage.bus, clock, stage.people["alice"].id)
    assert (await desk.ask(do="claim_phone", holder="desk"))["ok"]


async def test_a_screen_nobody_touches_is_logged_out(stage: LiveStage, clock: ManualClock, person: Somebody) -> None:
    alice = await person("alice")
    async with alice.screen() as desk:
        await desk.hello()
        await hours_pass(stage, clock, desk, IDLE_H - 1)
        async with alice.screen() as reconnected:
            await reconnected.hello()
        clock.advance(2 * HOUR)
        look_again(stage.bus, clock, stage.people["alice"].id)
        assert await desk.closed() == LOGGED_OUT


async def test_what_is_done_at_the_desk_keeps_one_in(stage: LiveStage, clock: ManualClock, person: Somebody) -> None:
    async with (await person("alice")).screen() as desk:
        await desk.hello()
        await hours_pass(stage, clock, desk, IDLE_H - 1)
        await desk.ask(do="set_paused", reason="lunch")
        await hours_pass(stage, clock, desk, 0)
        await hours_pass(stage, clock, desk, IDLE_H - 1)
        call = stage.telephony.arrive("13800138000")
        stage.telephony.offer(call, stage.people["alice"])
        stage.telephony.connect(call)
        await desk.case("talking")
        await hours_pass(stage, clock, desk, 0)
        await hours_pass(stage, clock, desk, IDLE_H - 1)
        clock.advance(2 * HOUR)
        look_again(stage.bus, clock, stage.people["alice"].id)
        assert await desk.closed() == LOGGED_OUT
