"""Promises to call back: made, moved, kept."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, RowMapping, Select, func, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from crm_core.domain import checks
from crm_core.domain.callbacks import Callback, CallbackFilter, CallbackState
from crm_core.domain.paging import Page
from crm_core.domain.tickets import EntryKind
from crm_core.errors import CallbackNotFound, CallbackOver, NumberUnusable
from crm_core.kernel.clock import Clock
from crm_core.kernel.ids import CallbackId, CallId, ContactId, CustomerId, TicketId, UserId, new_id
from crm_core.kernel.phone import PhoneNumber, from_key, normalise, spellings
from crm_core.persistence import tables as t
from crm_core.persistence.database import Database
from crm_core.persistence.log import audit
from crm_core.persistence.queries import contains, from_row, page_of
from crm_core.services.customer_search import customers_named
from crm_core.services.options import CoreOptions
from crm_core.services.references import check_references
from crm_core.services.tickets import note_on_ticket

_OPEN = (CallbackState.SCHEDULED, CallbackState.MISSED)


class Callbacks:
    def __init__(self, database: Database, clock: Clock, options: CoreOptions) -> None:
        self._db, self._clock, self._options = database, clock, options

    async def schedule(
        self,
        *,
        due_at: datetime,
        why: str,
        number: str = "",
        customer: CustomerId | None = None,
        contact: ContactId | None = None,
        ticket: TicketId | None = None,
        call: CallId | None = None,
        assignee: UserId | None = None,
        by: UserId | None = None,
    ) -> Callback:
        """Without `number` the customer's most likely one is taken; without either it is refused."""
        callback, now = CallbackId(new_id("cbk")), self._clock.now()
        row = {
            "id": callback,
            "due_at": checks.aware("due_at", due_at),
            "why": checks.paragraph("why", why, longest=1000),
            "state": CallbackState.SCHEDULED,
            "customer_id": customer,
            "contact_id": contact,
            "ticket_id": ticket,
            "call_id": call,
            "assignee": assignee,
            "created_by": by,
            "created_at": now,
            "note": "",
        }
        async with self._db.session() as connection:
            await check_references(connection, row)
            dial = self._number(number) if number else await _likely_number(connection, customer, contact)
            row |= {"number_key": dial.key, "extension": dial.extension}
            await connection.execute(t.callback.insert(), row)
            made = await _one(connection, callback)
            told = {"due_at": due_at.isoformat(), "assignee": assignee}
            await self._tell(connection, made, "callback.scheduled", by, **told)
            return made

    async def reschedule(
        self,
        callback: CallbackId,
        due_at: datetime,
        *,
        why: str | None = None,
        number: str | None = None,
        by: UserId | None = None,
    ) -> Callback:
        """Moves a scheduled or missed callback."""
        values: dict[str, Any] = {"due_at": checks.aware("due_at", due_at), "state": CallbackState.SCHEDULED}
        if why is not None:
            values["why"] = checks.paragraph("why", why, longest=1000)
        if number is not None:
            dial = self._number(number)
            values |= {"number_key": dial.key, "extension": dial.extension}
        return await self._change(callback, values, "callback.rescheduled", by, due_at=due_at.isoformat())

    async def assign(self, callback: CallbackId, assignee: UserId | None, *, by: UserId | None = None) -> Callback:
        return await self._change(callback, {"assignee": assignee}, "callback.assigned", by)

    async def complete(
        self, callback: CallbackId, *, note: str = "", call: CallId | None = None, by: UserId | None = None
    ) -> Callback:
        values = self._over(CallbackState.DONE, note, by) | {"done_call": call}
        return await self._change(callback, values, "callback.done", by)

    async def cancel(self, callback: CallbackId, *, note: str = "", by: UserId | None = None) -> Callback:
        return await self._change(callback, self._over(CallbackState.CANCELLED, note, by), "callback.cancelled", by)

    async def get(self, callback: CallbackId) -> Callback:
        async with self._db.reading() as connection:
            return await _one(connection, callback)

    async def mark_missed(self, before: datetime) -> tuple[Callback, ...]:
        """Scheduled before this and still not made: they are missed now. For the worker."""
        late = (t.callback.c.state == CallbackState.SCHEDULED, t.callback.c.due_at < before)
        missed = update(t.callback).where(*late).values(state=CallbackState.MISSED).returning(*t.callback.c)
        async with self._db.session() as connection:
            found = [_callback(row) for row in (await connection.execute(missed)).mappings()]
            for callback in found:
                await self._tell_ticket(connection, callback, None)
            for callback in found:  # the log last, as everywhere: its writers stand in line
                await audit(connection, "callback.missed", callback.id, at=self._clock.now())
        return tuple(sorted(found, key=lambda callback: (callback.due_at, callback.id)))

    async def search(
        self, filters: CallbackFilter | None = None, *, cursor: str | None = None, limit: int = 50
    ) -> Page[Callback]:
        """Earliest due first."""
        async with self._db.reading() as connection:
            return await page_of(
                connection, self._wanted(filters or CallbackFilter()), _callback, order=t.callback.c.due_at,
                tie=t.callback.c.id, descending=False, cursor=cursor, limit=limit,
            )  # fmt: skip

    async def of_customer(
        self, customer: CustomerId, *, scheduled_only: bool = False, cursor: str | None = None, limit: int = 20
    ) -> Page[Callback]:
        states = (CallbackState.SCHEDULED,) if scheduled_only else ()
        return await self.search(CallbackFilter(customer=customer, states=states), cursor=cursor, limit=limit)

    # ---- within

    def _number(self, raw: str) -> PhoneNumber:
        number = normalise(raw, self._options.region, area_code=self._options.area_code)
        if not number.linkable:
            raise NumberUnusable(number=raw[:64], field="number")
        return number

    def _over(self, state: CallbackState, note: str, by: UserId | None) -> dict[str, Any]:
        words = checks.paragraph("note", note)
        return {"state": state, "note": words, "done_by": by, "done_at": self._clock.now()}

    async def _change(
        self, callback: CallbackId, values: Mapping[str, Any], action: str, by: UserId | None, **details: Any
    ) -> Callback:
        """What changes nothing is told to nobody."""
        async with self._db.session() as connection:
            before = await _one(connection, callback, locked=True)
            if before.state not in _OPEN:
                raise CallbackOver(state=before.state)
            await check_references(connection, values)
            await connection.execute(update(t.callback).where(t.callback.c.id == callback).values(**values))
            now_it_is = await _one(connection, callback)
            if now_it_is != before:
                await self._tell(connection, now_it_is, action, by, **(details | _news(before, now_it_is)))
            return now_it_is

    async def _tell(
        self, connection: AsyncConnection, callback: Callback, action: str, by: UserId | None, **details: Any
    ) -> None:
        """In its ticket's history and in the log."""
        await self._tell_ticket(connection, callback, by)
        await audit(connection, action, callback.id, at=self._clock.now(), by=by, **details)

    async def _tell_ticket(self, connection: AsyncConnection, callback: Callback, by: UserId | None) -> None:
        if callback.ticket is None:
            return
        changes = {
            "callback": (None, callback.id),
            "state": (None, callback.state),
            "due_at": (None, callback.due_at.isoformat()),
        }
        words, now = callback.note or callback.why, self._clock.now()
        await note_on_ticket(
            connection, callback.ticket, EntryKind.CALLBACK, at=now, by=by, text=words, changes=changes
        )

    def _wanted(self, filters: CallbackFilter) -> Select[Any]:
        callback, query = t.callback.c, select(t.callback)
        if filters.states:
            query = query.where(callback.state.in_(filters.states))
        if filters.assignee is not None:
            his = callback.assignee == filters.assignee
            query = query.where(_his_or_nobodys(filters.assignee) if filters.or_unassigned else his)
        if filters.unassigned:
            query = query.where(callback.assignee.is_(None))
        if filters.customer is not None:
            query = query.where(callback.customer_id == filters.customer)
        if filters.ticket is not None:
            query = query.where(callback.ticket_id == filters.ticket)
        if filters.call is not None:
            query = query.where(or_(callback.call_id == filters.call, callback.done_call == filters.call))
        if filters.since is not None:
            query = query.where(callback.due_at >= filters.since)
        if filters.until is not None:
            query = query.where(callback.due_at < filters.until)
        return query.where(self._says(filters.text)) if filters.text else query

    def _says(self, words: str) -> ColumnElement[bool]:
        spelt = spellings(words, normalise(words, self._options.region, area_code=self._options.area_code))
        return or_(
            *(t.callback.c.number_key.contains(one, autoescape=True) for one in spelt),
            contains(func.lower(t.callback.c.why), words),
            contains(func.lower(t.callback.c.note), words),
            t.callback.c.customer_id.in_(customers_named(*spelt)),
        )


def _his_or_nobodys(assignee: UserId) -> ColumnElement[bool]:
    return or_(t.callback.c.assignee == assignee, t.callback.c.assignee.is_(None))


async def _likely_number(
    connection: AsyncConnection, customer: CustomerId | None, contact: ContactId | None
) -> PhoneNumber:
    """The contact's own first, then confirmed ones, then the one used last."""
    link = t.phone_link.c
    mine = select(link.number_key, link.extension).where(link.customer_id == customer)
    by_likelihood = mine.order_by(
        link.contact_id.is_not_distinct_from(contact).desc(), link.confirmed.desc(), link.last_used.desc().nulls_last()
    )
    row = (await connection.execute(by_likelihood.limit(1))).first() if customer is not None else None
    if row is None:
        raise NumberUnusable(number="")
    return from_key(row[0], extension=row[1])


async def _one(connection: AsyncConnection, callback: CallbackId, *, locked: bool = False) -> Callback:
    """`locked`: nobody else changes it until this transaction is over."""
    query = select(t.callback).where(t.callback.c.id == callback)
    row = (await connection.execute(query.with_for_update() if locked else query)).mappings().first()
    if row is None:
        raise CallbackNotFound(id=callback)
    return _callback(row)


_LOGGED = ("due_at", "why", "assignee", "note", "done_call")
"""What of a callback may change and is told in the log; who and when every line of the log says anyway."""


def _news(before: Callback, after: Callback) -> dict[str, Any]:
    """For the log: each field that is another now, and what it was."""
    fields = [name for name in _LOGGED if getattr(before, name) != getattr(after, name)]
    return {name: _plain(getattr(after, name)) for name in fields} | {
        "before": {name: _plain(getattr(before, name)) for name in fields}
    }


def _plain(value: object) -> object:
    return value.isoformat() if isinstance(value, datetime) else value


def _callback(row: RowMapping) -> Callback:
    return from_row(Callback, row, number=from_key(row["number_key"], extension=row["extension"]))
