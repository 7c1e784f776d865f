"""What was agreed for a queue before: each change is kept beside it, and nobody overwrites one he has not seen."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from pydantic import TypeAdapter
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from crm_core.domain.floor import Announced, Paperwork, Queue, QueueVersion, Relaxation, RelaxationKind
from crm_core.domain.opening import OpeningHours
from crm_core.errors import QueueChangedMeanwhile, QueueNotFound, QueueTaken
from crm_core.kernel.ids import QueueKey, UserId
from crm_core.persistence import tables as t
from crm_core.persistence.queries import from_row
from crm_core.persistence.types import keepable_json
from crm_core.services.overflows import chain_of, reasons

Row = Mapping[Any, Any]
_QUEUES = TypeAdapter(Queue)
_BESIDE = ("key", "version")
"""Columns of a queue that are no part of what was agreed."""


def queue_of(row: Row) -> Queue:
    steps = tuple(Relaxation(**{**step, "kind": RelaxationKind(step["kind"])}) for step in row["relaxing"])
    ways = {"overflow_when": reasons(row["overflow_when"]), "overflow": chain_of(row)}
    hours, order = OpeningHours.kept(row["open_hours"]), tuple(row["ring_order"])
    told = tuple(Announced(one) for one in row["announce"])
    return from_row(
        Queue,
        row,
        relaxing=steps,
        ring_order=order,
        open_hours=hours,
        announce=told,
        music=tuple(row["music"]),
        **ways,
    )


async def kept(connection: AsyncConnection, key: QueueKey) -> Row:
    """The queue's row. Raises QueueNotFound."""
    if (row := await _row(connection, key)) is None:
        raise QueueNotFound(id=key)
    return row


def version_now(row: Row) -> QueueVersion:
    return QueueVersion(version=row["version"], queue=queue_of(row))


async def versions(connection: AsyncConnection, now: Row) -> tuple[QueueVersion, ...]:
    """The newest first; of a queue that has not changed since changes are kept, the present one."""
    query = select(t.queue_version).where(t.queue_version.c.queue == now["key"])
    rows = (await connection.execute(query.order_by(t.queue_version.c.version.desc()))).mappings().all()
    found = tuple(
        QueueVersion(version=row["version"], at=row["at"], by=row["by"], queue=_queue_then(now["key"], row["content"]))
        for row in rows
    )
    return found or (version_now(now),)


async def unless_changed(connection: AsyncConnection, key: QueueKey, seen: int | None) -> Row | None:
    """The row that is about to be changed, or None when the queue is new. Raises when it is not the one that was
    looked at."""
    row = await _row(connection, key)
    if seen == 0 and row is not None:
        raise QueueTaken(key=key)
    if seen and (row is None or row["version"] != seen):
        raise QueueChangedMeanwhile(key=key, version=row["version"] if row is not None else 0)
    return row


async def keep_version(
    connection: AsyncConnection, before: Row | None, row: Row, *, at: datetime, by: UserId | None
) -> int:
    """The number under which `row` is kept; the old one when nothing is different. To be called before the queue is
    written, and the queue has to be there by the end of the transaction."""
    content = _content(row)
    if before is None:
        await connection.execute(t.queue.insert(), {**row, "version": 1})
        await _note(connection, row["key"], 1, content=content, at=at, by=by)
        return 1
    known = select(t.queue_version.c.version).where(t.queue_version.c.queue == before["key"])
    number = int(before["version"])
    if await connection.scalar(known.where(t.queue_version.c.version == number)) is None:
        await _note(connection, before["key"], number, content=_content(before))
    if _content(before) == content:
        return number
    await _note(connection, before["key"], number + 1, content=content, at=at, by=by)
    return number + 1


async def _row(connection: AsyncConnection, key: QueueKey) -> Row | None:
    found = await connection.execute(select(t.queue).where(t.queue.c.key == key))
    return found.mappings().first()


async def _note(connection: AsyncConnection, key: str, version: int, **content: Any) -> None:
    await connection.execute(t.queue_version.insert(), {"queue": key, "version": version, **content})


def _content(row: Row) -> dict[str, Any]:
    """As the database gives it back."""
    content: dict[str, Any] = keepable_json({name: value for name, value in row.items() if name not in _BESIDE})
    return content


def _queue_then(key: QueueKey, content: Row) -> Queue:
    """What was not thought of then is as usual; before paperwork could be optional, it had to be done."""
    had_to = {"wrap_up": Paperwork.MANDATORY} if content.get("wrap_up_s") else {}
    return _QUEUES.validate_python({**had_to, **content, "key": key})
