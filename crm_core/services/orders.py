"""Orders and repairs: taken, moved along their paths, and found by number; every step kept with who and when."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import RowMapping, Select, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from crm_core.domain import checks
from crm_core.domain.orders import (
    HOUSE_CURRENCY,
    LETTERS,
    OPEN,
    OVER,
    Order,
    OrderEntry,
    OrderEntryKind,
    OrderFilter,
    OrderKind,
    OrderState,
    order_number,
    steps,
)
from crm_core.domain.paging import KEEP, Keep, Page
from crm_core.errors import OrderCannotMove, OrderChangedMeanwhile, OrderNotFound, TicketOfAnother
from crm_core.kernel.clock import Clock
from crm_core.kernel.ids import CustomerId, OrderId, TicketId, UserId, new_id
from crm_core.persistence import tables as t
from crm_core.persistence.database import Database
from crm_core.persistence.log import audit
from crm_core.persistence.queries import changed, contains, folded, from_row, must_exist, page_of
from crm_core.services.customer_search import customers_named
from crm_core.services.references import check_references

_SHOWN = tuple(column for column in t.customer_order.c if column is not t.customer_order.c.search_text)
_COLUMNS = {"ticket": "ticket_id"}


def drawn() -> str:
    """Ten digits by lot, none of them a leading zero that is lost when it is written down."""
    return str(secrets.choice(range(10**9, 10**10)))


class Orders:
    def __init__(self, database: Database, clock: Clock, draw: Callable[[], str] = drawn) -> None:
        self._db, self._clock, self._draw = database, clock, draw

    async def create(
        self,
        *,
        kind: OrderKind,
        customer: CustomerId,
        summary: str,
        ticket: TicketId | None = None,
        expected_on: date | None = None,
        carrier: str = "",
        tracking: str = "",
        amount: Decimal | None = None,
        currency: str = "",
        by: UserId | None = None,
    ) -> Order:
        order, now = OrderId(new_id("ord")), self._clock.now()
        row: dict[str, Any] = {
            "id": order,
            "kind": kind,
            "customer_id": customer,
            "ticket_id": ticket,
            "summary": checks.line("summary", summary, required=True),
            "state": OrderState.RECEIVED,
            "state_at": now,
            "expected_on": expected_on,
            "carrier": checks.line("carrier", carrier),
            "tracking": checks.line("tracking", tracking),
            "amount": amount,
            "currency": _currency_of(amount, currency),
            "created_by": by,
            "created_at": now,
            "updated_at": now,
            "version": 1,
        }
        async with self._db.session() as connection:
            await _check(connection, customer, ticket)
            row["number"] = await self._free_number(connection, kind)
            await connection.execute(t.customer_order.insert(), row | {"search_text": _searched_by(row)})
            await _note(connection, order, OrderEntryKind.CREATED, OrderState.RECEIVED, at=now, by=by)
            await audit(connection, "order.created", order, at=now, by=by, number=row["number"], kind=kind)
            return await _order(connection, t.customer_order.c.id == order, order)

    async def update(
        self,
        order: OrderId,
        *,
        summary: str | Keep = KEEP,
        ticket: TicketId | Keep | None = KEEP,
        expected_on: date | Keep | None = KEEP,
        carrier: str | Keep = KEEP,
        tracking: str | Keep = KEEP,
        amount: Decimal | Keep | None = KEEP,
        currency: str | Keep = KEEP,
        version: int | None = None,
        by: UserId | None = None,
    ) -> Order:
        """With `version`: refused with OrderChangedMeanwhile when the order has moved on since."""
        wanted = changed(
            summary=checks.line("summary", summary, required=True),
            ticket=ticket,
            expected_on=expected_on,
            carrier=checks.line("carrier", carrier),
            tracking=checks.line("tracking", tracking),
            amount=amount,
            currency=currency,
        )
        async with self._db.session() as connection:
            before, now = await _locked(connection, order, version), self._clock.now()
            owed, written = wanted.get("amount", before.amount), wanted.get("currency", before.currency)
            wanted["currency"] = _currency_of(owed, written)
            news = {name: value for name, value in wanted.items() if getattr(before, name) != value}
            if not news:
                return before
            await _check(connection, before.customer, news.get("ticket"))
            await _touch(connection, before, {_COLUMNS.get(name, name): value for name, value in news.items()}, now)
            told = {name: [_plain(getattr(before, name)), _plain(value)] for name, value in news.items()}
            await _note(connection, order, OrderEntryKind.CHANGED, before.state, at=now, by=by, changes=told)
            after = {name: pair[1] for name, pair in told.items()}
            await audit(connection, "order.updated", order, at=now, by=by, number=before.number, news=after)
            return await _order(connection, t.customer_order.c.id == order, order)

    async def move(
        self, order: OrderId, state: OrderState, *, note: str = "", version: int | None = None, by: UserId | None = None
    ) -> Order:
        """One step along its path. Raises OrderCannotMove where no step leads there."""
        words = checks.paragraph("note", note)
        async with self._db.session() as connection:
            before, now = await _locked(connection, order, version), self._clock.now()
            if state not in steps(before.kind, before.state):
                raise OrderCannotMove(number=before.number, state=state)
            await _touch(connection, before, {"state": state, "state_at": now}, now)
            await _note(connection, order, OrderEntryKind.MOVED, state, at=now, by=by, text=words)
            was = before.state
            await audit(connection, "order.moved", order, at=now, by=by, number=before.number, before=was, after=state)
            return await _order(connection, t.customer_order.c.id == order, order)

    async def note(self, order: OrderId, text: str, *, by: UserId | None = None) -> OrderEntry:
        words, now = checks.paragraph("text", text, required=True), self._clock.now()
        async with self._db.session() as connection:
            before = await _locked(connection, order, None)
            await _touch(connection, before, {}, now)
            entry = await _note(connection, order, OrderEntryKind.NOTE, before.state, at=now, by=by, text=words)
            await audit(connection, "order.noted", order, at=now, by=by, number=before.number)
            return entry

    async def get(self, order: OrderId | str) -> Order:
        """By id, by number, or by the digits of the number alone, as they are typed on a phone."""
        async with self._db.reading() as connection:
            return await _order(connection, _named(order), order)

    async def search(
        self, filters: OrderFilter | None = None, *, cursor: str | None = None, limit: int = 50
    ) -> Page[Order]:
        """Newest first."""
        async with self._db.reading() as connection:
            return await page_of(
                connection, _wanted(filters or OrderFilter()), _order_of, order=t.customer_order.c.created_at,
                tie=t.customer_order.c.id, cursor=cursor, limit=limit,
            )  # fmt: skip

    async def history(self, order: OrderId) -> tuple[OrderEntry, ...]:
        """Oldest first."""
        entry = t.order_event
        query = select(entry).where(entry.c.order_id == order).order_by(entry.c.position)
        async with self._db.reading() as connection:
            await must_exist(connection, t.customer_order.c.id, order, OrderNotFound)
            return tuple(_entry(row) for row in (await connection.execute(query)).mappings())

    async def _free_number(self, connection: AsyncConnection, kind: OrderKind) -> str:
        """The digits alone name one order, whatever its kind; two who draw the same at once: one is refused."""
        while True:
            digits = self._draw()
            if await connection.scalar(select(t.customer_order.c.id).where(_named(digits))) is None:
                return order_number(kind, digits)


def _named(name: str) -> Any:
    order = t.customer_order.c
    if name.isascii() and name.isdecimal():
        return order.number.in_([order_number(kind, name) for kind in OrderKind])
    if name[:2].upper() in {f"{letter}-" for letter in LETTERS.values()}:
        return order.number == name.upper()
    return order.id == name


async def _check(connection: AsyncConnection, customer: CustomerId, ticket: TicketId | None) -> None:
    await check_references(connection, {"customer_id": customer, "ticket_id": ticket})
    if ticket is not None:
        owner = await connection.scalar(select(t.ticket.c.customer_id).where(t.ticket.c.id == ticket))
        if owner is not None and owner != customer:
            raise TicketOfAnother


def _searched_by(row: Mapping[str, Any]) -> str:
    return folded(row["number"], row["summary"], row["tracking"])


def _currency_of(amount: Decimal | None, written: str) -> str:
    """An amount has one, and where there is none it says nothing."""
    return (written or HOUSE_CURRENCY) if amount is not None else ""


def _plain(value: Any) -> Any:
    """As JSON can keep it."""
    return str(value) if isinstance(value, date | Decimal) else value


async def _locked(connection: AsyncConnection, order: OrderId, version: int | None) -> Order:
    """Nobody else changes it until this transaction is over."""
    mine = select(*_SHOWN).where(t.customer_order.c.id == order).with_for_update()
    row = (await connection.execute(mine)).mappings().first()
    if row is None:
        raise OrderNotFound(id=order)
    found = _order_of(row)
    if version is not None and version != found.version:
        raise OrderChangedMeanwhile(number=found.number)
    return found


async def _touch(connection: AsyncConnection, before: Order, values: Mapping[str, Any], now: datetime) -> None:
    words = {name: values.get(name, getattr(before, name)) for name in ("number", "summary", "tracking")}
    news = {**values, "updated_at": now, "version": before.version + 1, "search_text": _searched_by(words)}
    await connection.execute(update(t.customer_order).where(t.customer_order.c.id == before.id).values(**news))


async def _note(
    connection: AsyncConnection,
    order: OrderId,
    kind: OrderEntryKind,
    state: OrderState,
    *,
    at: datetime,
    by: UserId | None,
    text: str = "",
    changes: dict[str, Any] | None = None,
) -> OrderEntry:
    entry = OrderEntry(id=new_id("ent"), order=order, at=at, kind=kind, state=state, by=by, text=text, changes=changes)
    row = {"id": entry.id, "order_id": order, "at": at, "kind": kind, "state": state, "by": by}
    await connection.execute(t.order_event.insert(), row | {"text": text, "changes": changes})
    return entry


async def _order(connection: AsyncConnection, condition: Any, name: str) -> Order:
    row = (await connection.execute(select(*_SHOWN).where(condition))).mappings().first()
    if row is None:
        raise OrderNotFound(id=name)
    return _order_of(row)


def _order_of(row: RowMapping) -> Order:
    return from_row(Order, row)


def _entry(row: RowMapping) -> OrderEntry:
    changes = {name: (pair[0], pair[1]) for name, pair in row["changes"].items()} if row["changes"] else None
    return from_row(OrderEntry, row, changes=changes)


def _wanted(filters: OrderFilter) -> Select[Any]:
    order, query = t.customer_order.c, select(*_SHOWN)
    exact = {order.kind: filters.kind, order.customer_id: filters.customer, order.ticket_id: filters.ticket}
    query = query.where(*(column == value for column, value in exact.items() if value is not None))
    if filters.states:
        query = query.where(order.state.in_(filters.states))
    if filters.open is not None:
        query = query.where(order.state.in_(OPEN if filters.open else OVER))
    if filters.expected_before is not None:
        query = query.where(order.expected_on < filters.expected_before)
    if filters.text:
        named = order.customer_id.in_(customers_named(filters.text))
        query = query.where(or_(contains(order.search_text, filters.text), named))
    return query
