"""Opening hours: given a moment of the house's time, whether a calendar says open, and until when. Pure.

A day named for itself (a holiday, or a day off that is worked to make up for one) goes before its weekday.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta, tzinfo

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
END_OF_DAY = time.max
"""Stands for 24:00."""
_LOOK_AHEAD = 400
"""Days searched for the next change: a calendar that stays the same for a year stays so."""


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Span:
    begins: time
    ends: time


@dataclass(frozen=True, slots=True, kw_only=True)
class Calendar:
    week: Mapping[str, tuple[Span, ...]]
    """By `mon` to `sun`; a day that is not there is closed."""
    days: Mapping[date, tuple[Span, ...]] = field(default_factory=dict)
    """Days with hours of their own; none: closed."""
    zone: tzinfo | None = None
    """By whose clocks it opens and closes; None: by those of whoever asks."""

    def of(self, day: date) -> tuple[Span, ...]:
        return self.days[day] if day in self.days else self.week.get(WEEKDAYS[day.weekday()], ())


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    open: bool
    until: datetime | None
    """When it changes; None when it never does."""


def standing(calendar: Calendar, at: datetime) -> Standing:
    """`at` must be in the zone of the house, and so is what is answered."""
    if calendar.zone is None:
        return _standing(calendar, at)
    there = _standing(calendar, at.astimezone(calendar.zone))
    return replace(there, until=there.until.astimezone(at.tzinfo) if there.until else None)


def _standing(calendar: Calendar, at: datetime) -> Standing:
    now_open, until = False, None
    for begins, ends in _open_times(calendar, at):
        if _utc(ends) <= _utc(at):
            continue
        if not now_open and _utc(begins) > _utc(at):
            return Standing(open=False, until=begins)
        if now_open and until is not None and _utc(begins) > _utc(until):
            break
        now_open, until = True, ends if until is None or _utc(ends) > _utc(until) else until
    if until is not None and (until.date() - at.date()).days > _LOOK_AHEAD:
        until = None
    return Standing(open=now_open, until=until)


def in_hours(calendar: Calendar, at: datetime, within: timedelta) -> datetime | None:
    """So long after `at`; where it is closed now or will be then, so long after the opening that follows. None: it is
    never open."""
    begins = _opening(calendar, at)
    if begins is None or standing(calendar, begins + within).open:
        return begins and begins + within
    following = _opening(calendar, begins + within)
    return following and following + within


def _opening(calendar: Calendar, after: datetime) -> datetime | None:
    """When it opens next; at once where it is open."""
    now = standing(calendar, after)
    return after if now.open else now.until


def _open_times(calendar: Calendar, at: datetime) -> Iterator[tuple[datetime, datetime]]:
    for ahead in range(min(_LOOK_AHEAD + 1, (date.max - at.date()).days)):  # the last day has no 24:00
        day = at.date() + timedelta(days=ahead)
        for span in sorted(calendar.of(day)):
            yield _moment(day, span.begins, at), _moment(day, span.ends, at)


def _moment(day: date, when: time, like: datetime) -> datetime:
    if when == END_OF_DAY:
        day, when = day + timedelta(days=1), time()
    return datetime.combine(day, when, like.tzinfo)


def _utc(when: datetime) -> datetime:
    """Two times of one zone compare by their clock faces; on the night the clocks change that is wrong."""
    return when.astimezone(UTC)
