"""Whoever writes a ticket, telephony learns of it; and of all there are when it begins."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from callwright.ticket_watch import TicketWatch
from crm_core.domain.floor import Queue
from crm_core.domain.tickets import TicketStatus
from crm_core.kernel.clock import SystemClock
from crm_core.kernel.ids import QueueKey
from crm_core.kernel.messages import Command, CommandResult
from crm_core.persistence.database import Database
from crm_core.runtime.in_process_bus import InProcessBus
from crm_core.services.bundle import Services, make_services
from cti.commands import PutTickets

SERVICE = QueueKey("service")


@pytest.fixture
async def services(sqlite_database: Database) -> Services:
    made = make_services(sqlite_database, SystemClock())
    await made.floor_plans.put_queue(Queue(key=SERVICE, names={"en": "Service"}))
    return made


@pytest.fixture
async def bus() -> AsyncIterator[InProcessBus]:
    bus = InProcessBus()
    yield bus
    await bus.close()


@asynccontextmanager
async def telephony(bus: InProcessBus) -> AsyncIterator[list[PutTickets]]:
    told: list[PutTickets] = []

    async def obey(command: Command) -> CommandResult:
        assert isinstance(command, PutTickets)
        told.append(command)
        return CommandResult(ok=True)

    async with bus.serve(obey, PutTickets):
        yield told


async def test_first_all_then_what_changes(services: Services, bus: InProcessBus) -> None:
    old = await services.tickets.create(subject="old", queue=SERVICE)
    await services.tickets.create(subject="in no line")
    watch = TicketWatch(services.tickets, services.event_log, bus)
    async with telephony(bus) as told:
        await watch.look()
        await watch.look()
        assert [(one.whole, [work.subject for work in one.tickets]) for one in told] == [(True, ["old"])]
        new = await services.tickets.create(subject="new", queue=SERVICE)
        await services.tickets.update(old.id, status=TicketStatus.SOLVED)
        await watch.look()
    standing = {work.ticket: work.in_line for work in told[-1].tickets}
    assert (told[-1].whole, standing) == (False, {new.id: True, old.id: False})


async def test_what_a_console_says_late_is_not_believed_for_long(services: Services, bus: InProcessBus) -> None:
    ticket = await services.tickets.create(subject="new", queue=SERVICE)
    watch = TicketWatch(services.tickets, services.event_log, bus)
    async with telephony(bus) as told:
        await watch.look()
        stale = PutTickets(tickets=await services.tickets.work_of([ticket.id]))
        await services.tickets.update(ticket.id, status=TicketStatus.SOLVED)
        await watch.look()
        await bus.request(stale)
        await watch.look()
        assert [work.in_line for work in told[-1].tickets] == [False]
        count = len(told)
        await watch.look()
        assert len(told) == count, "and then there is nothing to tell"


async def test_while_telephony_is_away_nothing_is_lost(services: Services, bus: InProcessBus) -> None:
    watch = TicketWatch(services.tickets, services.event_log, bus)
    async with telephony(bus):
        await watch.look()
    await services.tickets.create(subject="meanwhile", queue=SERVICE)
    await watch.look()
    async with telephony(bus) as told:
        await watch.look()
    assert [(one.whole, [work.subject for work in one.tickets]) for one in told] == [(True, ["meanwhile"])]
