"""What is changed by another process is noticed by the one that serves callers."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from agent_console.pages.admin.commands import TellAsterisk
from callwright.floor_watch import FloorWatch
from crm_core.domain.floor import Queue
from crm_core.kernel.clock import SystemClock
from crm_core.kernel.ids import QueueKey
from crm_core.kernel.messages import Command, CommandResult
from crm_core.persistence.database import Database
from crm_core.runtime.in_process_bus import InProcessBus
from crm_core.services.bundle import Services, make_services
from cti.commands import ReloadFloor


@pytest.fixture
def services(sqlite_database: Database) -> Services:
    return make_services(sqlite_database, SystemClock())


@pytest.fixture
async def bus() -> AsyncIterator[InProcessBus]:
    bus = InProcessBus()
    yield bus
    await bus.close()


@asynccontextmanager
async def telephony(bus: InProcessBus, watch: FloorWatch, *serves: type[Command]) -> AsyncIterator[list[str]]:
    """Reads the floor when it is told to, as the real one does; and what it was told."""
    told: list[str] = []

    async def obey(command: Command) -> CommandResult:
        told.append(command.topic)
        if isinstance(command, ReloadFloor):
            await watch.load()
        return CommandResult(ok=True)

    async with bus.serve(obey, *(serves or (ReloadFloor, TellAsterisk))):
        yield told


async def test_a_changed_floor_is_read_once_and_asterisk_told(services: Services, bus: InProcessBus) -> None:
    watch = FloorWatch(services.floor_plans, bus)
    async with telephony(bus, watch) as told:
        await watch.load()
        await watch.look()
        assert told == []
        await services.floor_plans.put_queue(Queue(key=QueueKey("new"), names={"en": "New"}))
        await watch.look()
        await watch.look()
        assert told == ["cti.reload_floor", "asterisk.tell"]


async def test_what_telephony_has_read_already_is_no_news(services: Services, bus: InProcessBus) -> None:
    watch = FloorWatch(services.floor_plans, bus)
    async with telephony(bus, watch) as told:
        await services.floor_plans.put_queue(Queue(key=QueueKey("new"), names={"en": "New"}))
        await bus.request(ReloadFloor())  # as a console does after it has saved
        await watch.look()
        assert told == ["cti.reload_floor"]


async def test_while_nobody_can_be_told_it_goes_on_looking(services: Services, bus: InProcessBus) -> None:
    watch = FloorWatch(services.floor_plans, bus)
    await services.floor_plans.put_queue(Queue(key=QueueKey("new"), names={"en": "New"}))
    await watch.look()
    async with telephony(bus, watch) as told:
        await watch.look()
        assert told == ["cti.reload_floor", "asterisk.tell"]


async def test_asterisk_is_told_later_when_it_could_not_be_at_once(services: Services, bus: InProcessBus) -> None:
    watch = FloorWatch(services.floor_plans, bus)
    await services.floor_plans.put_queue(Queue(key=QueueKey("new"), names={"en": "New"}))
    async with telephony(bus, watch, ReloadFloor) as told:
        await watch.look()
        assert told == ["cti.reload_floor"]
    async with telephony(bus, watch) as told:
        await watch.look()
        await watch.look()
        assert told == ["asterisk.tell"]
