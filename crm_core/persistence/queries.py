"""What every service needs of SQL: rows as values, pages by cursor, safe searching, writing "unless it is there"."""

from __future__ import annotations

import base64
import binascii
import dataclasses
import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any, TypeVar, cast

from sqlalchemy import Column, ColumnElement, RowMapping, Select, Table, and_, func, select, text, tuple_
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection

from crm_core.domain.paging import KEEP, Page
from crm_core.errors import CursorInvalid, NotFound
from crm_core.persistence.types import UtcTime

T = TypeVar("T")

LARGEST_PAGE = 200
COUNTED_UP_TO = 10_000

Insert = postgresql.Insert | sqlite.Insert


# ---- rows


@lru_cache(maxsize=256)
def _columns(kind: Any, keys: tuple[str, ...]) -> tuple[tuple[str, str], ...]:
    """Field -> column, for the columns that are fields; a reference `customer` is kept in the column `customer_id`."""
    fields = {field.name for field in dataclasses.fields(kind)}
    pairs = ((key if key in fields else key.removesuffix("_id"), key) for key in keys)
    return tuple((field, key) for field, key in pairs if field in fields)


def from_row(kind: type[T], row: Mapping[Any, Any], **given: Any) -> T:
    """A frozen value from the columns named like its fields; what is `given` wins."""
    found = {field: row[column] for field, column in _columns(cast(Any, kind), tuple(row.keys()))}
    return kind(**(found | given))


def changed(**fields: Any) -> dict[str, Any]:
    """The fields of an update that were given."""
    return {name: value for name, value in fields.items() if value is not KEEP}


# ---- writing


def insert_into(connection: AsyncConnection, table: Table) -> Any:
    """An INSERT that can say ON CONFLICT; both databases spell it alike."""
    return _insert(connection.dialect.name, table)


def _insert(dialect: str, table: Table) -> Any:
    return postgresql.insert(table) if dialect == "postgresql" else sqlite.insert(table)


@lru_cache(maxsize=64)
def _upsert(dialect: str, table: Table, columns: tuple[str, ...], keys: tuple[str, ...]) -> Any:
    """Kept, as SQLAlchemy builds a whole copy of the table for every `excluded`."""
    statement = _insert(dialect, table)
    kept = {name: statement.excluded[name] for name in columns if name not in keys}
    return statement.on_conflict_do_update(index_elements=keys, set_=kept)


async def upsert(
    connection: AsyncConnection, table: Table, rows: Sequence[Mapping[str, Any]], key: Iterable[str]
) -> None:
    """Makes the rows, or changes those that are there in just the columns given. Always in the order of their keys."""
    if not rows:
        return
    keys = tuple(key)
    statement = _upsert(connection.dialect.name, table, tuple(rows[0]), keys)
    in_order = sorted((dict(row) for row in rows), key=lambda row: [row[name] for name in keys])
    await connection.execute(statement, in_order)


async def in_line(connection: AsyncConnection, *what: str) -> None:
    """Of several transactions that name the same thing one goes on after the other. To be called before anything is
    written, and in one order, so that nobody waits for somebody who waits for him. (SQLite has one writer anyway.)"""
    if connection.dialect.name == "postgresql":
        for name in sorted(what):
            await connection.execute(text("SELECT pg_advisory_xact_lock(hashtextextended(:name, 43))"), {"name": name})


async def must_exist(
    connection: AsyncConnection,
    column: Column[Any],
    value: str | None,
    missing: type[NotFound],
    *,
    hold: bool = False,
) -> None:
    """Raises `missing` for a reference that leads nowhere; None leads nowhere on purpose. To `hold` it: it stays until
    this transaction is over, and who takes it away just now is waited for. To be called before the log is written, for
    which whoever takes it away waits."""
    there = select(column).where(column == value)
    if hold:
        there = there.with_for_update(read=True, key_share=True)  # as a foreign key would, a moment later
    if value is not None and await connection.scalar(there) is None:
        raise missing(id=value)


async def hold_to_delete(connection: AsyncConnection, column: Column[Any], value: str) -> None:
    """Whoever holds this row is waited for, and nobody new comes to hold it."""
    await connection.execute(select(column).where(column == value).with_for_update())


# ---- searching


def folded(*texts: str | None) -> str:
    """One line of text to search in, or to search for: upper and lower case alike, single blanks."""
    return " ".join(" ".join(text for text in texts if text).casefold().split())


def contains(column: ColumnElement[str], words: str) -> ColumnElement[bool]:
    """Every word of `words` occurs somewhere in the (folded) column. % and _ are just characters."""
    return and_(*(column.contains(word, autoescape=True) for word in folded(words).split()))


# ---- pages


async def page_of(
    connection: AsyncConnection,
    query: Select[Any],
    make: Callable[[RowMapping], T],
    *,
    order: Column[Any],
    tie: Column[Any],
    descending: bool = True,
    cursor: str | None = None,
    limit: int = 50,
) -> Page[T]:
    """The rows after `cursor`. Rows that come or go meanwhile never make another row appear twice or vanish."""
    size = max(1, min(limit, LARGEST_PAGE))
    total = None if cursor else await _count(connection, query)
    if cursor:
        here, after = tuple_(order, tie), _open_cursor(cursor, order)
        query = query.where(here < after if descending else here > after)
    ordered = query.order_by(order.desc() if descending else order, tie.desc() if descending else tie)
    rows = (await connection.execute(ordered.limit(size + 1))).mappings().all()
    more = len(rows) > size
    return Page(
        items=tuple(make(row) for row in rows[:size]),
        next_cursor=_cursor(rows[size - 1], order, tie) if more else None,
        total=total,
    )


async def _count(connection: AsyncConnection, query: Select[Any]) -> int | None:
    some = query.with_only_columns(1, maintain_column_froms=True).order_by(None).limit(COUNTED_UP_TO + 1).subquery()
    found = await connection.scalar(select(func.count()).select_from(some)) or 0
    return found if found <= COUNTED_UP_TO else None


def _cursor(row: RowMapping, order: Column[Any], tie: Column[Any]) -> str:
    value = row[order.name]
    place = [value.isoformat() if isinstance(value, datetime) else value, row[tie.name]]
    return base64.urlsafe_b64encode(json.dumps(place).encode()).decode().rstrip("=")


def _open_cursor(cursor: str, order: Column[Any]) -> tuple[Any, str]:
    try:
        place = json.loads(base64.urlsafe_b64decode(cursor.encode() + b"=" * (-len(cursor) % 4)))
        value, tie = place
        if not isinstance(value, str) or not isinstance(tie, str):
            raise CursorInvalid
        if isinstance(order.type, UtcTime):
            moment = datetime.fromisoformat(value)
            if moment.tzinfo is None:
                raise CursorInvalid
            return moment.astimezone(UTC), tie
    except (ValueError, TypeError, OverflowError, binascii.Error, RecursionError):
        raise CursorInvalid from None
    return value, tie
