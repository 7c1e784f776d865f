"""Calendars of the house: each change is a version of its own, and none goes that somebody opens by.

Whoever comes to open by a calendar stands in line with whoever deletes one, and the database holds the two together.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import asdict
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from sqlalchemy import delete, insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from crm_core.domain import checks
from crm_core.domain.calendars import Calendars as ByKey
from crm_core.domain.calendars import CalendarUse, CalendarVersion, SharedCalendar, UsedBy
from crm_core.domain.opening import HoursUnreadable, OpeningHours
from crm_core.errors import (
    CalendarChangedMeanwhile,
    CalendarGone,
    CalendarKeyUnusable,
    CalendarNotFound,
    CalendarTaken,
    CalendarUsed,
    CalendarVersionNotFound,
    FieldEmpty,
    HoursTwice,
    OpeningUnreadable,
    TimeZoneUnknown,
)
from crm_core.kernel.clock import Clock
from crm_core.kernel.ids import UserId
from crm_core.persistence import tables as t
from crm_core.persistence.database import Database
from crm_core.persistence.log import audit
from crm_core.persistence.queries import from_row, in_line, upsert
from crm_core.persistence.types import keepable_json
from crm_core.services.plan_revision import plan_changed

LINE = "calendars"
"""Who names a calendar, or deletes one, stands in line for this."""
_KEY = re.compile(r"[a-z][a-z0-9_]{0,31}")


class Calendars:
    def __init__(self, database: Database, clock: Clock) -> None:
        self._db, self._clock = database, clock

    async def all(self) -> ByKey:
        async with self._db.reading() as connection:
            return await all_calendars(connection)

    async def get(self, key: str) -> CalendarVersion:
        """As it holds now."""
        return (await self.versions(key))[0]

    async def versions(self, key: str) -> tuple[CalendarVersion, ...]:
        """The newest first."""
        then = t.calendar_version
        query = select(then).where(then.c.calendar == key).order_by(then.c.version.desc())
        async with self._db.reading() as connection:
            rows = (await connection.execute(query)).mappings().all()
        if not rows:
            raise CalendarNotFound(id=key)
        return tuple(
            from_row(CalendarVersion, row, calendar=_calendar({"key": key, **row["content"]}), by=row["by_id"])
            for row in rows
        )

    async def version(self, key: str, number: int) -> CalendarVersion:
        found = next((one for one in await self.versions(key) if one.version == number), None)
        if found is None:
            raise CalendarVersionNotFound(id=number)
        return found

    async def put(self, calendar: SharedCalendar, *, version: int | None = None, by: UserId | None = None) -> int:
        """Its version afterwards, which holds at once for everybody who opens by it. `version`: the one that was looked
        at, 0 for a calendar there shall not be yet; without it, it is made or changed whatever it was."""
        content, now = _content(calendar), self._clock.now()
        async with self._db.session() as connection:
            await in_line(connection, LINE)
            row = await _row(connection, calendar.key)
            _unless_changed(calendar.key, row, version)
            if row is not None and _kept(row) == keepable_json(content):
                return int(row["version"])
            number = row["version"] + 1 if row is not None else 1
            await upsert(connection, t.calendar, [{"key": calendar.key, **content, "version": number}], ["key"])
            then = {"calendar": calendar.key, "version": number, "at": now, "by_id": by, "content": content}
            await connection.execute(insert(t.calendar_version).values(**then))
            await plan_changed(connection, at=now, by=by)
            await audit(connection, "calendar.put", calendar.key, at=now, by=by, version=number, **content)
        return number

    async def delete(self, key: str, *, version: int, by: UserId | None = None) -> None:
        """For good, with its versions. `version`: the one that was looked at. Raises CalendarUsed."""
        now = self._clock.now()
        async with self._db.session() as connection:
            await in_line(connection, LINE)
            row = await _row(connection, key)
            if row is None:
                raise CalendarNotFound(id=key)
            _unless_changed(key, row, version)
            if uses := await _uses(connection, key):
                raise CalendarUsed(key=key, why=", ".join(f"{one.by} {one.name}" for one in uses))
            await connection.execute(delete(t.calendar_version).where(t.calendar_version.c.calendar == key))
            await connection.execute(delete(t.calendar).where(t.calendar.c.key == key))
            await plan_changed(connection, at=now, by=by)
            await audit(connection, "calendar.deleted", key, at=now, by=by, **_kept(row))


# ---- for those who open by them


async def all_calendars(connection: AsyncConnection) -> ByKey:
    rows = (await connection.execute(select(t.calendar).order_by(t.calendar.c.key))).mappings()
    return {row["key"]: _calendar(row) for row in rows}


async def check_hours(connection: AsyncConnection, own: OpeningHours | None, calendar: str | None) -> None:
    """Raises HoursTwice where both are said, CalendarGone, and OpeningUnreadable. The caller stands in line."""
    readable(own)
    if own is not None and calendar is not None:
        raise HoursTwice(field="calendar")
    await must_be_there(connection, () if calendar is None else (calendar,))


async def must_be_there(connection: AsyncConnection, calendars: Iterable[str]) -> None:
    for key in calendars:
        if await _row(connection, key) is None:
            raise CalendarGone(key=key)


def readable(hours: OpeningHours | None) -> None:
    """Raises OpeningUnreadable."""
    try:
        if hours is not None:
            hours.calendar()
    except HoursUnreadable as error:
        raise OpeningUnreadable(field="open_hours", why=str(error)) from None


# ---- rows


async def _row(connection: AsyncConnection, key: str) -> Mapping[Any, Any] | None:
    return (await connection.execute(select(t.calendar).where(t.calendar.c.key == key))).mappings().first()


async def _uses(connection: AsyncConnection, key: str) -> list[CalendarUse]:
    places = {
        UsedBy.NUMBER: (t.did.c.number, t.did.c.calendar),
        UsedBy.QUEUE: (t.queue.c.key, t.queue.c.calendar),
        UsedBy.MENU: (t.flow_calendar.c.flow, t.flow_calendar.c.calendar),
    }
    return [
        CalendarUse(by=by, name=name)
        for by, (names, calendar) in places.items()
        for name in await connection.scalars(select(names).where(calendar == key).order_by(names))
    ]


def _unless_changed(key: str, row: Mapping[Any, Any] | None, seen: int | None) -> None:
    if seen == 0 and row is not None:
        raise CalendarTaken(key=key)
    if seen and (row is None or row["version"] != seen):
        raise CalendarChangedMeanwhile(key=key, version=row["version"] if row is not None else 0)


def _content(calendar: SharedCalendar) -> dict[str, Any]:
    if not _KEY.fullmatch(calendar.key):
        raise CalendarKeyUnusable(field="key")
    names = {language: checks.line("names", name, required=True) for language, name in calendar.names.items()}
    if not names:
        raise FieldEmpty(field="names")
    readable(calendar.hours)
    return {"names": names, "timezone": _zone(calendar.timezone.strip()), "hours": asdict(calendar.hours)}


def _zone(written: str) -> str:
    try:
        return ZoneInfo(written).key if written else ""
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise TimeZoneUnknown(field="timezone", written=written) from None


def _kept(row: Mapping[Any, Any]) -> dict[str, Any]:
    return {name: row[name] for name in ("names", "timezone", "hours")}


def _calendar(row: Mapping[Any, Any]) -> SharedCalendar:
    hours = OpeningHours.kept(row["hours"])
    assert hours is not None  # noqa: S101 - a calendar has them
    return SharedCalendar(key=row["key"], names=dict(row["names"]), timezone=row["timezone"], hours=hours)
