"""REST: calendars of the house, by which voice menus, numbers and queues open and close. A change holds at once."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from agent_console.api.models import Answer, OpeningHours
from agent_console.api.operations import Ask, Operations, Query
from agent_console.auth.permissions import May
from agent_console.calendars import house_time, put, remove, used
from agent_console.day_files import MOST_FILE, changes_by
from agent_console.inputs import Input, Line, Moment, SomeNames, whole
from crm_core.domain.calendars import Because, CalendarUse, CalendarVersion, SharedCalendar, UsedBy, held
from crm_core.domain.opening import OpeningHours as Hours
from crm_core.errors import CalendarChangedMeanwhile

api = Operations("Floor")
Version = Annotated[int, Field(ge=0, le=2**31 - 1), BeforeValidator(whole)]


_MOST_DAYS = 1000
"""Who calls waits while they are looked through."""
_Spans = Annotated[list[str], Field(max_length=24)]


class CalendarHours(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    week: dict[str, _Spans] = Field(description="`mon` to `sun` -> `09:00-12:00`, …; what is not there is closed.")
    holidays: dict[str, Line] = Field(
        default={}, max_length=_MOST_DAYS, description="`2026-10-01` or `2026-10-01/2026-10-07` -> its name."
    )
    working_days: dict[str, _Spans] = Field(
        default={},
        max_length=_MOST_DAYS,
        description="Make-up working days and days with special hours, which go before all else.",
    )


class CalendarInput(Input):
    version: Version = Field(
        description="The one you know, 0 for a new calendar; the change is refused when it has moved on since."
    )
    names: SomeNames
    timezone: Line = Field(default="", description="Such as `Asia/Shanghai`; empty: the house's.")
    hours: CalendarHours


class DaysInput(Input):
    version: Annotated[int, Field(ge=1, le=2**31 - 1), BeforeValidator(whole)] = Field(description="The one you know.")
    file: Annotated[str, Field(min_length=1, max_length=MOST_FILE)] = Field(
        description="A table (CSV) whose first line names its columns: `date` (`2026-10-01`), and, where they are "
        "needed, `until` (the last day), `name`, `hours` (`09:00-12:00 13:00-18:00`: the day is worked; without them "
        "it is a holiday). Or an iCalendar file (RFC 5545) with events of whole days, none of which repeats itself."
    )
    preview: bool = Field(default=False, description="Only tell what would change.")


class DeletionQuery(Query):
    version: Annotated[int, Field(ge=1, le=2**31 - 1)] = Field(description="The one you know.")


class MomentQuery(Query):
    at: Moment | None = Field(default=None, description="With its zone; without it: now.")


class Used(Answer):
    by: UsedBy
    name: str
    node: str = Field(description="Of a menu.")


class CalendarThen(Answer):
    key: str
    version: int
    names: dict[str, str]
    timezone: str
    hours: OpeningHours
    at: datetime
    by: str | None


class CalendarNow(CalendarThen):
    used: list[Used] = Field(description="Who opens by it; as long as somebody does it is not deleted.")


class CalendarList(Answer):
    items: list[CalendarNow]


class CalendarHistory(Answer):
    items: list[CalendarThen]


class DaySays(Answer):
    name: str = Field(description="Of a holiday.")
    hours: list[str] = Field(description="None: closed all day.")


class DaysChange(Answer):
    first: date
    last: date
    before: DaySays | None = Field(description="null: as on any such day of the week.")
    after: DaySays


class CalendarDays(Answer):
    version: int = Field(description="Of the calendar afterwards.")
    changes: list[DaysChange] = Field(description="What changed by the file, or would.")
    same: int = Field(description="Days that the calendar knew already.")
    past: int = Field(description="Days that are over, and were left out.")


class CalendarHolds(Answer):
    open: bool
    until: datetime | None = Field(description="null: it never changes.")
    because: Because
    hours: list[str] = Field(description="Of that day; none: closed all day.")
    holiday: str = Field(description="Its name.")


@api.add("GET", "/calendars", "The calendars of the house", answers=CalendarList, may=May.SHAPE_FLOOR)
async def list_calendars(ask: Ask) -> CalendarList:
    keys, uses = await ask.services.calendars.all(), await used(ask.request)
    return CalendarList(items=[_now(await ask.services.calendars.get(key), uses.get(key, ())) for key in keys])


@api.add("GET", "/calendars/{calendar}", "One of them", answers=CalendarNow, may=May.SHAPE_FLOOR)
async def get_calendar(ask: Ask) -> CalendarNow:
    return await _found(ask)


@api.add(
    "GET",
    "/calendars/{calendar}/versions",
    "As it was agreed before, the newest first",
    answers=CalendarHistory,
    may=May.SHAPE_FLOOR,
)
async def list_calendar_versions(ask: Ask) -> CalendarHistory:
    found = await ask.services.calendars.versions(ask.path["calendar"])
    return CalendarHistory(items=[CalendarThen(**_fields(one)) for one in found])


@api.add(
    "GET",
    "/calendars/{calendar}/holds",
    "What it says of a moment",
    answers=CalendarHolds,
    query=MomentQuery,
    may=May.SHAPE_FLOOR,
)
async def get_calendar_at(ask: Ask, query: MomentQuery) -> CalendarHolds:
    now = await ask.services.calendars.get(ask.path["calendar"])
    found = held(now.calendar, house_time(ask.request, query.at))
    return CalendarHolds(
        open=found.standing.open,
        until=found.standing.until,
        because=found.because,
        hours=list(found.hours),
        holiday=found.name,
    )


@api.add(
    "PUT",
    "/calendars/{calendar}",
    "Agree on something else, at once",
    answers=CalendarNow,
    body=CalendarInput,
    may=May.SHAPE_FLOOR,
)
async def put_calendar(ask: Ask, body: CalendarInput) -> CalendarNow:
    hours = Hours(
        week=_spans(body.hours.week), holidays=body.hours.holidays, working_days=_spans(body.hours.working_days)
    )
    wanted = SharedCalendar(key=ask.path["calendar"], names=dict(body.names), timezone=body.timezone, hours=hours)
    await put(ask.request, wanted, body.version)
    return await _found(ask)


@api.add(
    "POST",
    "/calendars/{calendar}/days",
    "Take days from a file",
    answers=CalendarDays,
    body=DaysInput,
    may=May.SHAPE_FLOOR,
)
async def take_calendar_days(ask: Ask, body: DaysInput) -> CalendarDays:
    """A day of the file goes before what stands in the calendar for it; all else stays as it is. When anything in the
    file cannot be read nothing is taken, and 422 tells the lines."""
    now = await ask.services.calendars.get(ask.path["calendar"])
    if now.version != body.version:
        raise CalendarChangedMeanwhile(key=now.calendar.key, version=now.version)
    found, version = await changes_by(now.calendar, body.file, house_time(ask.request)), now.version
    if not body.preview:
        version = await put(ask.request, replace(now.calendar, hours=found.hours), body.version)
    changes = [DaysChange.model_validate(one) for one in found.changes]
    return CalendarDays(version=version, changes=changes, same=found.same, past=found.past)


@api.add(
    "DELETE",
    "/calendars/{calendar}",
    "Delete one that nobody opens by",
    status=204,
    query=DeletionQuery,
    may=May.SHAPE_FLOOR,
    refusals=(409,),
)
async def delete_calendar(ask: Ask, query: DeletionQuery) -> None:
    await remove(ask.request, ask.path["calendar"], query.version)


async def _found(ask: Ask) -> CalendarNow:
    key = ask.path["calendar"]
    return _now(await ask.services.calendars.get(key), (await used(ask.request)).get(key, ()))


def _now(one: CalendarVersion, uses: tuple[CalendarUse, ...]) -> CalendarNow:
    return CalendarNow(**_fields(one), used=[Used(by=use.by, name=use.name, node=use.node) for use in uses])


def _fields(one: CalendarVersion) -> dict[str, Any]:
    calendar = one.calendar
    hours = OpeningHours.model_validate(calendar.hours)
    named = {"key": calendar.key, "names": calendar.names, "timezone": calendar.timezone, "hours": hours}
    return {**named, "version": one.version, "at": one.at, "by": one.by}


def _spans(days: dict[str, list[str]]) -> dict[str, tuple[str, ...]]:
    return {day: tuple(spans) for day, spans in days.items()}
