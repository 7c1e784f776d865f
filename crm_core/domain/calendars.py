"""Calendars of the house: hours with a name, shared by voice menus, numbers and queues. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from zoneinfo import ZoneInfo

from crm_core.domain.hours import WEEKDAYS, Calendar, Standing, standing
from crm_core.domain.opening import OpeningHours, days_of
from crm_core.kernel.ids import UserId


@dataclass(frozen=True, slots=True, kw_only=True)
class SharedCalendar:
    key: str
    """A word as menus write it: small letters, digits and _."""
    names: dict[str, str]
    """Language -> words."""
    hours: OpeningHours
    timezone: str = ""
    """By whose clocks it opens and closes; empty: the house's."""

    def calendar(self) -> Calendar:
        """Raises HoursUnreadable."""
        zone = ZoneInfo(self.timezone) if self.timezone else None
        return replace(self.hours.calendar(), zone=zone)


@dataclass(frozen=True, slots=True, kw_only=True)
class CalendarVersion:
    """A calendar as it was agreed once."""

    version: int
    calendar: SharedCalendar
    at: datetime
    by: UserId | None = None
    """None: from the command line, or by the house itself."""


Calendars = Mapping[str, SharedCalendar]
"""Those there are, by their keys."""


def hours_by(own: OpeningHours | None, calendar: str | None, calendars: Calendars) -> Calendar | None:
    """The hours of somebody who has `own`, or names a calendar; None: he is always open. (The database lets no calendar
    go that is named.)"""
    if calendar is not None:
        return calendars[calendar].calendar()
    return own.calendar() if own is not None else None


def by_key(calendars: Calendars) -> dict[str, Calendar]:
    """As menus look at them."""
    return {key: one.calendar() for key, one in calendars.items()}


# ---- what holds on a day


class Because(StrEnum):
    WEEKDAY = "weekday"
    """It is such a day of the week."""
    HOLIDAY = "holiday"
    WORKING_DAY = "working_day"
    """It has hours of its own."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """What a calendar says of a moment."""

    standing: Standing
    because: Because
    hours: tuple[str, ...]
    """Of that day, as they are written; none: closed all day."""
    name: str = ""
    """Of a holiday."""
    weekday: str = "mon"


def held(calendar: SharedCalendar, at: datetime) -> Held:
    """`at`: in the zone of the house, which holds where the calendar has none of its own."""
    there = calendar.calendar()
    day = (at.astimezone(there.zone) if there.zone else at).date()
    now, weekday, hours = standing(there, at), WEEKDAYS[day.weekday()], calendar.hours
    for written, spans in hours.working_days.items():
        if day in days_of(written):
            return Held(standing=now, because=Because.WORKING_DAY, hours=spans, weekday=weekday)
    for written, name in hours.holidays.items():
        if day in days_of(written):
            return Held(standing=now, because=Because.HOLIDAY, hours=(), name=name, weekday=weekday)
    return Held(standing=now, because=Because.WEEKDAY, hours=hours.week.get(weekday, ()), weekday=weekday)


# ---- who opens and closes by a calendar


class UsedBy(StrEnum):
    NUMBER = "number"
    QUEUE = "queue"
    MENU = "menu"
    """Callers hear it …"""
    DRAFT = "draft"
    """… or will, as somebody is writing."""


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class CalendarUse:
    by: UsedBy
    name: str
    """Of the number, queue or menu."""
    node: str = ""
    """Of a menu."""
