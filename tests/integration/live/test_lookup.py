"""Whom the screens say a caller is, when looks at the database overtake each other."""

from __future__ import annotations

import asyncio
from datetime import datetime

import pytest

from agent_console.live.jobs import Jobs
from agent_console.live.lookup import Lookup
from agent_console.live.screen_pop import Chosen
from crm_core.domain.customers import Match
from crm_core.kernel.clock import SystemClock
from crm_core.kernel.ids import CallId
from crm_core.persistence.database import Database
from crm_core.services.bundle import make_services

CALL = CallId("a-1-1")


async def test_a_slow_first_look_does_not_undo_what_the_agent_said_meanwhile(
    sqlite_database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    services, jobs, told = make_services(sqlite_database, SystemClock()), Jobs(), list[CallId]()
    chosen = await services.customers.create(name="Wei Zhang")
    lookup = Lookup(services, SystemClock(), jobs, told.append)
    begun, go_on, who_is = asyncio.Event(), asyncio.Event(), services.customers.who_is

    async def slow_at_first(number: str, at: datetime | None = None) -> Match:
        found = await who_is(number, at)
        if not begun.is_set():
            begun.set()
            await go_on.wait()
        return found

    monkeypatch.setattr(services.customers, "who_is", slow_at_first)
    lookup.begin(CALL, "13812340000")
    await begun.wait()
    await lookup.choose(CALL, Chosen(customer=chosen.id))
    assert lookup.caller_names(CALL)
    go_on.set()
    await jobs.finish()
    assert lookup.caller_names(CALL)
    assert told == [CALL]
