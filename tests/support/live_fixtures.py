"""Fixtures for whoever plays on the stage: `stage`, a fresh house with its console; `person`, somebody logged in.

`fresh_stage` is for fixtures of other event loops.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import aiohttp
import pytest

from crm_core.kernel.clock import SystemClock
from crm_core.persistence.database import Database
from crm_core.runtime.in_process_bus import InProcessBus
from crm_core.services.bundle import make_services
from crm_core.services.options import CoreOptions
from tests.support.live_screens import Person, Somebody
from tests.support.live_stage import LiveStage, live_stage


@asynccontextmanager
async def fresh_stage(database: Database, folder: Path) -> AsyncIterator[LiveStage]:
    clock = SystemClock()
    services = make_services(database, clock, options=CoreOptions(argon2_memory_kib=256))
    bus = InProcessBus()
    async with live_stage(services, bus, clock, folder) as stage:
        yield stage
    await bus.close()


@pytest.fixture
async def stage(sqlite_database: Database, tmp_path: Path) -> AsyncIterator[LiveStage]:
    async with fresh_stage(sqlite_database, tmp_path) as stage:
        yield stage


@pytest.fixture
async def person(stage: LiveStage) -> AsyncIterator[Somebody]:
    """`await person("alice")`: alice, logged in."""
    sessions: list[aiohttp.ClientSession] = []

    async def make(login: str) -> Person:
        jar = aiohttp.CookieJar(unsafe=True)
        sessions.append(aiohttp.ClientSession(stage.url, cookie_jar=jar, headers={"Accept-Language": "en"}))
        somebody = Person(sessions[-1])
        await somebody.log_in(login)
        return somebody

    yield make
    for session in sessions:
        await session.close()
