"""Tickets: made, worked on, solved; with a number people can say on the phone and a full history."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import RowMapping, Select, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from crm_core.domain import checks
from crm_core.domain.paging import KEEP, Keep, Page
from crm_core.domain.tickets import (
    IN_LINE,
    OPEN_STATUSES,
    EntryKind,
    Ticket,
    TicketEntry,
    TicketFilter,
    TicketPriority,
    TicketStatus,
    TicketType,
    TicketWork,
    as_work,
    status_after_assignment,
    ticket_number,
    times_of,
)
from crm_core.errors import (
    CallNotFound,
    TicketChangedMeanwhile,
    TicketClosed,
    TicketNotFound,
    TicketNotInLine,
    TicketOver,
    TicketTaken,
)
from crm_core.kernel.clock import Clock
from crm_core.kernel.ids import CallId, ContactId, CustomerId, QueueKey, TicketId, UserId, new_id
from crm_core.persistence import tables as t
from crm_core.persistence.database import Database
from crm_core.persistence.log import audit
from crm_core.persistence.queries import changed, contains, folded, from_row, insert_into, must_exist, page_of
from crm_core.services.customer_search import customers_named
from crm_core.services.options import CoreOptions
from crm_core.services.references import check_references

_COLUMNS = {"customer": "customer_id", "contact": "contact_id", "call": "call_id"}
_DONE = tuple(status for status in TicketStatus if status not in OPEN_STATUSES)
_SHOWN = tuple(column for column in t.ticket.c if column is not t.ticket.c.search_text)


class Tickets:
    def __init__(self, database: Database, clock: Clock, options: CoreOptions) -> None:
        self._db, self._clock, self._zone = database, clock, ZoneInfo(options.timezone)

    async def create(
        self,
        *,
        subject: str,
        description: str = "",
        type: TicketType = TicketType.OTHER,
        priority: TicketPriority = TicketPriority.NORMAL,
        topic: str = "",
        customer: CustomerId | None = None,
        contact: ContactId | None = None,
        call: CallId | None = None,
        assignee: UserId | None = None,
        department: str | None = None,
        queue: QueueKey | None = None,
        by: UserId | None = None,
    ) -> Ticket:
        """With a `queue` and nobody to have it, it waits in that queue's line."""
        ticket, now = TicketId(new_id("tkt")), self._clock.now()
        row = {
            "id": ticket,
            "subject": checks.line("subject", subject, required=True),
            "description": checks.paragraph("description", description),
            "type": type,
            "status": status_after_assignment(TicketStatus.NEW, assignee),
            "priority": priority,
            "topic": checks.line("topic", topic),
            "customer_id": customer,
            "contact_id": contact,
            "call_id": call,
            "assignee": assignee,
            "department": department,
            "queue": queue,
            "queued_at": now if queue is not None else None,
            "created_by": by,
            "created_at": now,
            "updated_at": now,
            "version": 1,
        }
        async with self._db.session() as connection:
            await check_references(connection, row)
            number = await _next_number(connection, now.astimezone(self._zone).date())
            words = searched_by(row | {"number": number})
            await connection.execute(t.ticket.insert(), row | {"number": number, "search_text": words})
            await note_on_ticket(connection, ticket, EntryKind.CREATED, at=now, by=by, call=call)
            await audit(connection, "ticket.created", ticket, at=now, by=by, number=number)
            return await _ticket(connection, t.ticket.c.id == ticket, ticket)

    async def update(
        self,
        ticket: TicketId,
        *,
        subject: str | Keep = KEEP,
        description: str | Keep = KEEP,
        type: TicketType | Keep = KEEP,
        status: TicketStatus | Keep = KEEP,
        priority: TicketPriority | Keep = KEEP,
        topic: str | Keep = KEEP,
        customer: CustomerId | Keep | None = KEEP,
        contact: ContactId | Keep | None = KEEP,
        assignee: UserId | Keep | None = KEEP,
        department: str | Keep | None = KEEP,
        queue: QueueKey | Keep | None = KEEP,
        version: int | None = None,
        by: UserId | None = None,
    ) -> Ticket:
        """With `version`: refused with TicketChangedMeanwhile when the ticket has moved on since."""
        wanted = changed(
            subject=checks.line("subject", subject, required=True),
            description=checks.paragraph("description", description),
            type=type,
            status=status,
            priority=priority,
            topic=checks.line("topic", topic),
            customer=customer,
            contact=contact,
            assignee=assignee,
            department=department,
            queue=queue,
        )
        async with self._db.session() as connection:
            before = await _locked(connection, ticket)
            if version is not None and version != before.version:
                raise TicketChangedMeanwhile(number=before.number)
            news = _news(before, wanted)
            if not news:
                return before
            if before.status is TicketStatus.CLOSED and news.get("status") is None:
                raise TicketClosed(number=before.number)
            return await self._write(connection, before, news, by)

    # ---- in the line of a queue

    async def take(self, ticket: TicketId, *, by: UserId) -> Ticket:
        """It is his from now on, if nobody was quicker. Raises TicketTaken."""
        async with self._db.session() as connection:
            before = await _locked(connection, ticket)
            if before.assignee == by:
                return before
            if before.assignee is not None:
                raise TicketTaken(number=before.number)
            if before.status not in OPEN_STATUSES:
                raise TicketOver(number=before.number)
            return await self._write(connection, before, {"assignee": by}, by)

    async def hand_back(self, ticket: TicketId, reason: str, *, by: UserId) -> Ticket:
        """Somebody else shall have it: it goes (or stays) where it stood in its line, and he is not asked again."""
        words = checks.paragraph("reason", reason, required=True)
        async with self._db.session() as connection:
            before = await _locked(connection, ticket)
            if before.queue is None or before.status not in IN_LINE:
                raise TicketNotInLine(number=before.number)
            if before.assignee not in (None, by):
                raise TicketTaken(number=before.number)
            return await self._back(connection, before, {"assignee": None}, words, by)

    async def to_line(self, ticket: TicketId, queue: QueueKey, *, reason: str = "", by: UserId | None = None) -> Ticket:
        """Nobody has it from now on, and whoever is free gets it. Who had it himself is not asked."""
        words = checks.paragraph("reason", reason)
        async with self._db.session() as connection:
            before = await _locked(connection, ticket)
            if before.status is TicketStatus.CLOSED:
                raise TicketClosed(number=before.number)
            wanted: dict[str, Any] = {"queue": queue, "assignee": None}
            if before.status not in IN_LINE:
                wanted["status"] = TicketStatus.OPEN
            if by is not None and before.assignee == by:
                return await self._back(connection, before, wanted, words, by)
            news = _news(before, wanted)
            return await self._write(connection, before, news, by) if news else before

    async def _back(
        self, connection: AsyncConnection, before: Ticket, wanted: Mapping[str, Any], words: str, by: UserId
    ) -> Ticket:
        news = _news(before, wanted)
        after = await self._write(connection, before, news, by) if news else before
        now = self._clock.now()  # not before it came into that line, or he would be asked again
        await note_on_ticket(connection, before.id, EntryKind.HANDED_BACK, at=now, by=by, text=words)
        await audit(connection, "ticket.handed_back", before.id, at=now, by=by, number=before.number, reason=words)
        return after

    async def in_line(self) -> tuple[TicketWork, ...]:
        """All the work there is in the lines of the queues, waiting or on somebody's desk."""
        return await self._work(t.ticket.c.queue.is_not(None) & t.ticket.c.status.in_(IN_LINE))

    async def work_of(self, tickets: Collection[TicketId]) -> tuple[TicketWork, ...]:
        """What these are to the lines by now."""
        return await self._work(t.ticket.c.id.in_(tickets)) if tickets else ()

    async def _work(self, which: Any) -> tuple[TicketWork, ...]:
        entry, ticket = t.ticket_event.c, t.ticket.c
        back = select(entry.ticket_id, entry.by).join(t.ticket, ticket.id == entry.ticket_id)
        back = back.where(which, entry.kind == EntryKind.HANDED_BACK, entry.at >= ticket.queued_at)
        async with self._db.reading() as connection:
            rows = (await connection.execute(select(*_SHOWN).where(which).order_by(ticket.queued_at))).mappings().all()
            without: defaultdict[TicketId, set[UserId]] = defaultdict(set)
            for row in (await connection.execute(back)).mappings():
                without[row["ticket_id"]].add(row["by"])
        found = [_ticket_of(row) for row in rows]
        return tuple(as_work(one, tuple(sorted(without[one.id]))) for one in found)

    async def comment(
        self, ticket: TicketId, text: str, *, call: CallId | None = None, by: UserId | None = None
    ) -> TicketEntry:
        words, now = checks.paragraph("text", text, required=True), self._clock.now()
        async with self._db.session() as connection:
            before = await _locked(connection, ticket)
            if before.status is TicketStatus.CLOSED:
                raise TicketClosed(number=before.number)
            await must_exist(connection, t.call.c.id, call, CallNotFound)
            await _touch(connection, before, {}, now)
            entry = await note_on_ticket(connection, ticket, EntryKind.COMMENT, at=now, by=by, text=words, call=call)
            await audit(connection, "ticket.commented", ticket, at=now, by=by, number=before.number)
            return entry

    async def get(self, ticket: TicketId | str) -> Ticket:
        """By id or by number."""
        column = t.ticket.c.number if ticket.upper().startswith("T-") else t.ticket.c.id
        async with self._db.reading() as connection:
            return await _ticket(connection, column == (ticket if column is t.ticket.c.id else ticket.upper()), ticket)

    async def search(
        self, filters: TicketFilter | None = None, *, cursor: str | None = None, limit: int = 50
    ) -> Page[Ticket]:
        """Newest first."""
        async with self._db.reading() as connection:
            return await page_of(
                connection, _wanted(filters or TicketFilter()), _ticket_of, order=t.ticket.c.created_at,
                tie=t.ticket.c.id, cursor=cursor, limit=limit,
            )  # fmt: skip

    async def history(self, ticket: TicketId) -> tuple[TicketEntry, ...]:
        """Oldest first."""
        query = select(t.ticket_event).where(t.ticket_event.c.ticket_id == ticket).order_by(t.ticket_event.c.position)
        async with self._db.reading() as connection:
            await must_exist(connection, t.ticket.c.id, ticket, TicketNotFound)
            return tuple(_entry(row) for row in (await connection.execute(query)).mappings())

    async def of_customer(
        self, customer: CustomerId, *, open_only: bool = False, cursor: str | None = None, limit: int = 20
    ) -> Page[Ticket]:
        statuses = OPEN_STATUSES if open_only else ()
        return await self.search(TicketFilter(customer=customer, statuses=statuses), cursor=cursor, limit=limit)

    async def of_call(self, call: CallId) -> tuple[Ticket, ...]:
        """Born in this call or linked to it; newest first."""
        query = select(*_SHOWN).where(t.ticket.c.id.in_(_about_call(call))).order_by(t.ticket.c.created_at.desc())
        async with self._db.reading() as connection:
            return tuple(_ticket_of(row) for row in (await connection.execute(query)).mappings())

    async def _write(
        self, connection: AsyncConnection, before: Ticket, news: Mapping[str, Any], by: UserId | None
    ) -> Ticket:
        now, news = self._clock.now(), _with_consequences(before, news)
        values = {_COLUMNS.get(name, name): value for name, value in news.items()}
        if "status" in news:
            values |= times_of(news["status"], before, now)
        if "queue" in news:
            values["queued_at"] = now if news["queue"] is not None else None
        await check_references(connection, {"customer_id": before.customer} | values)
        await _touch(connection, before, values, now)
        changes = {name: (getattr(before, name), value) for name, value in news.items()}
        await note_on_ticket(connection, before.id, EntryKind.CHANGED, at=now, by=by, changes=changes)
        await audit(connection, "ticket.updated", before.id, at=now, by=by, number=before.number, **news)
        return await _ticket(connection, t.ticket.c.id == before.id, before.id)


def _news(before: Ticket, wanted: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in wanted.items() if getattr(before, name) != value}


def _with_consequences(before: Ticket, news: Mapping[str, Any]) -> dict[str, Any]:
    """Getting a new ticket opens it; another customer does not have the old one's contact."""
    follow: dict[str, Any] = {}
    if "assignee" in news:
        follow["status"] = status_after_assignment(before.status, news["assignee"])
    if "customer" in news:
        follow["contact"] = None
    return _news(before, follow | dict(news))


def searched_by(row: Mapping[str, Any]) -> str:
    """The line a ticket is searched in."""
    return folded(row["number"], row["subject"], row["topic"], row["description"])


async def _next_number(connection: AsyncConnection, day: date) -> str:
    """Counts within the day; two who ask at once get two numbers, as the row is locked until they are done."""
    counter = insert_into(connection, t.ticket_counter).values(day=day.isoformat(), last=1)
    counted = counter.on_conflict_do_update(index_elements=["day"], set_={"last": t.ticket_counter.c.last + 1})
    last = await connection.scalar(counted.returning(t.ticket_counter.c.last))
    return ticket_number(day, last or 1)


async def _locked(connection: AsyncConnection, ticket: TicketId) -> Ticket:
    """Nobody else changes it until this transaction is over."""
    mine = select(*_SHOWN).where(t.ticket.c.id == ticket).with_for_update()
    row = (await connection.execute(mine)).mappings().first()
    if row is None:
        raise TicketNotFound(id=ticket)
    return _ticket_of(row)


async def _touch(connection: AsyncConnection, before: Ticket, values: Mapping[str, Any], now: datetime) -> None:
    words = {name: values.get(name, getattr(before, name)) for name in ("number", "subject", "topic", "description")}
    news = {**values, "updated_at": now, "version": before.version + 1, "search_text": searched_by(words)}
    await connection.execute(update(t.ticket).where(t.ticket.c.id == before.id).values(**news))


async def note_on_ticket(
    connection: AsyncConnection,
    ticket: TicketId,
    kind: EntryKind,
    *,
    at: datetime,
    by: UserId | None,
    text: str = "",
    changes: Mapping[str, tuple[Any, Any]] | None = None,
    call: CallId | None = None,
) -> TicketEntry:
    """A line of the ticket's history, within the caller's transaction (callbacks write here too)."""
    entry_id, told = new_id("ent"), dict(changes) if changes else None
    entry = TicketEntry(id=entry_id, ticket=ticket, at=at, kind=kind, by=by, text=text, changes=told, call=call)
    plain = {name: list(pair) for name, pair in changes.items()} if changes else None
    row = {"id": entry.id, "ticket_id": ticket, "at": at, "kind": kind, "by": by, "text": text}
    await connection.execute(t.ticket_event.insert(), row | {"changes": plain, "call_id": call})
    return entry


async def _ticket(connection: AsyncConnection, condition: Any, name: str) -> Ticket:
    row = (await connection.execute(select(*_SHOWN).where(condition))).mappings().first()
    if row is None:
        raise TicketNotFound(id=name)
    return _ticket_of(row)


def _ticket_of(row: RowMapping) -> Ticket:
    return from_row(Ticket, row)


def _entry(row: RowMapping) -> TicketEntry:
    changes = {name: (pair[0], pair[1]) for name, pair in row["changes"].items()} if row["changes"] else None
    return from_row(TicketEntry, row, changes=changes)


def _about_call(call: CallId) -> Select[Any]:
    return select(t.ticket_event.c.ticket_id).where(t.ticket_event.c.call_id == call)


def _wanted(filters: TicketFilter) -> Select[Any]:
    ticket, query = t.ticket.c, select(*_SHOWN)
    exact = {
        ticket.assignee: filters.assignee,
        ticket.department: filters.department,
        ticket.queue: filters.queue,
        ticket.customer_id: filters.customer,
        ticket.created_by: filters.created_by,
    }
    several = {ticket.status: filters.statuses, ticket.type: filters.types, ticket.priority: filters.priorities}
    query = query.where(*(column == value for column, value in exact.items() if value is not None))
    query = query.where(*(column.in_(values) for column, values in several.items() if values))
    if filters.unassigned:
        query = query.where(ticket.assignee.is_(None))
    if filters.call is not None:
        query = query.where(ticket.id.in_(_about_call(filters.call)))
    if filters.open is not None:
        query = query.where(ticket.status.in_(OPEN_STATUSES) if filters.open else ticket.status.in_(_DONE))
    if filters.text:
        named = ticket.customer_id.in_(customers_named(filters.text))
        query = query.where(or_(contains(ticket.search_text, filters.text), named))
    if filters.since is not None:
        query = query.where(ticket.created_at >= filters.since)
    if filters.until is not None:
        query = query.where(ticket.created_at < filters.until)
    return query
