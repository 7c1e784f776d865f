"""The numbers that callers dial, and where each leads: into a voice menu, by its hours, or straight into a queue.

A number holds from the next call on. Which numbers there are stands in Asterisk's files as well, so that a change is a
change of the plan, by which whoever looks after Asterisk renders them anew.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncConnection

from crm_core.domain import checks
from crm_core.domain.dids import seal
from crm_core.domain.floor import Did, DidTarget
from crm_core.domain.opening import OpeningHours
from crm_core.errors import (
    DidChangedMeanwhile,
    DidHasNoHours,
    DidNotFound,
    DidTaken,
    DidUnusable,
    FlowNotFound,
    FlowNotPublished,
    HoursIncomplete,
    QueueNotFound,
)
from crm_core.kernel.clock import Clock
from crm_core.kernel.ids import UserId
from crm_core.persistence import tables as t
from crm_core.persistence.database import Database
from crm_core.persistence.log import audit
from crm_core.persistence.queries import from_row, in_line, must_exist, upsert
from crm_core.services.calendars import LINE as CALENDARS
from crm_core.services.calendars import check_hours
from crm_core.services.plan_revision import plan_changed

_NUMBER = re.compile(r"\+?[0-9]{2,15}")


class Numbers:
    def __init__(self, database: Database, clock: Clock) -> None:
        self._db, self._clock = database, clock

    async def all(self) -> tuple[Did, ...]:
        async with self._db.reading() as connection:
            rows = (await connection.execute(select(t.did).order_by(t.did.c.number))).mappings().all()
        return tuple(did_of(row) for row in rows)

    async def get(self, number: str) -> Did:
        """Raises DidNotFound."""
        async with self._db.reading() as connection:
            found = await _found(connection, number)
        if found is None:
            raise DidNotFound(id=number)
        return found

    async def put(self, did: Did, *, seen: str, by: UserId | None = None) -> None:
        """`seen`: the seal of the one that was looked at, empty for one there shall not be yet. Raises DidUnusable,
        DidTaken, DidChangedMeanwhile, DidHasNoHours, HoursIncomplete, QueueNotFound, FlowNotFound and FlowNotPublished,
        and what is wrong with its hours."""
        row = row_of(did)
        async with self._db.session() as connection:
            await in_line(connection, _line(did.number), "queues", CALENDARS)
            await _unless_changed(connection, did.number, seen)
            await check_hours(connection, did.open_hours, did.calendar)
            await check_ways(connection, did)
            await upsert(connection, t.did, [row], ["number"])
            now = self._clock.now()
            await plan_changed(connection, at=now, by=by)
            await audit(connection, "did.put", did.number, at=now, by=by, **row)

    async def delete(self, number: str, *, seen: str, by: UserId | None = None) -> None:
        """Its callers are told by the line that there is no such number. What calls came in by it stays in the log."""
        async with self._db.session() as connection:
            await in_line(connection, _line(number))
            if (found := await _found(connection, number)) is None:
                raise DidNotFound(id=number)
            await _unless_changed(connection, number, seen)
            await connection.execute(delete(t.did).where(t.did.c.number == number))
            now = self._clock.now()
            await plan_changed(connection, at=now, by=by)
            await audit(connection, "did.deleted", number, at=now, by=by, **row_of(found))


def did_of(row: Mapping[Any, Any]) -> Did:
    return from_row(Did, row, open_hours=OpeningHours.kept(row["open_hours"]))


def row_of(did: Did) -> dict[str, Any]:
    """As it is kept. Raises DidUnusable."""
    if not _NUMBER.fullmatch(did.number):
        raise DidUnusable(field="number")
    return {
        "number": did.number,
        "target": did.target,
        "names": {language: checks.line("names", name) for language, name in did.names.items()},
        "answer": did.answer,
        **ways_of(did),
    }


def ways_of(did: Did) -> dict[str, Any]:
    """Of its row: where it leads, and when."""
    return {
        "to": did.to,
        "open_hours": asdict(did.open_hours) if did.open_hours is not None else None,
        "calendar": did.calendar,
        "closed_to": did.closed_to,
    }


async def check_ways(connection: AsyncConnection, did: Did) -> None:
    """Wherever it leads is there, and callers hear what is published only. Hours are a menu's: a queue has its own."""
    limited = did.open_hours is not None or did.calendar is not None
    if did.target is DidTarget.QUEUE:
        await must_exist(connection, t.queue.c.key, did.to, QueueNotFound, hold=True)
        if limited or did.closed_to is not None:
            raise DidHasNoHours(field="open_hours")
        return
    for menu in filter(None, (did.to, did.closed_to)):
        await must_exist(connection, t.flow.c.name, menu, FlowNotFound)
        if await connection.scalar(select(t.flow.c.published).where(t.flow.c.name == menu)) == 0:
            raise FlowNotPublished(id=menu)
    if limited is not (did.closed_to is not None):
        raise HoursIncomplete(field="closed_to")


async def _found(connection: AsyncConnection, number: str) -> Did | None:
    row = (await connection.execute(select(t.did).where(t.did.c.number == number))).mappings().one_or_none()
    return did_of(row) if row else None


async def _unless_changed(connection: AsyncConnection, number: str, seen: str) -> None:
    found = await _found(connection, number)
    if found is not None and not seen:
        raise DidTaken(field="number", number=number)
    if (seal(found) if found else "") != seen:
        raise DidChangedMeanwhile(number=number)


def _line(number: str) -> str:
    return f"did:{number}"
