"""Days taken into a calendar: what changes by it, and its hours afterwards. All else there stays as it is. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise
from typing import TypeVar

from crm_core.domain.day_files import Says
from crm_core.domain.opening import OpeningHours, days_of

T = TypeVar("T")
_MOST_IN_ONE = 60
"""Days of one entry of a calendar."""
MOST_ENTRIES = 400
"""Of a calendar afterwards: who calls waits while they are looked through, and a person must be able to read them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DayChange:
    """Days in a row of which the same was said, and the same will be."""

    first: date
    last: date
    before: Says | None
    """None: it was like any such day of the week."""
    after: Says

    @property
    def days(self) -> tuple[date, ...]:
        return tuple(self.first + timedelta(days=number) for number in range((self.last - self.first).days + 1))


@dataclass(frozen=True, slots=True, kw_only=True)
class DayChanges:
    hours: OpeningHours
    """Afterwards."""
    changes: tuple[DayChange, ...]
    same: int
    """Days of which the calendar says so already."""
    past: int
    """Days that are over, and are not taken."""
    entries_before: int

    @property
    def entries(self) -> int:
        return _entries(self.hours)

    @property
    def too_many(self) -> bool:
        """A calendar that had more already may be changed as long as it does not grow."""
        return self.entries > max(MOST_ENTRIES, self.entries_before)


def with_days(hours: OpeningHours, days: Mapping[date, Says], today: date) -> DayChanges:
    """Each day that is not over goes before what stands there for it."""
    coming = {day: says for day, says in days.items() if day >= today}
    before = _said(hours)
    new = {day: says for day, says in coming.items() if before.get(day) != says}
    changes = tuple(
        DayChange(first=first, last=last, before=before.get(first), after=new[first])
        for first, last in _rows({day: (before.get(day), says) for day, says in new.items()})
    )
    holidays = dict(_without(hours.holidays, new))
    working_days = dict(_without(hours.working_days, new))
    for first, last in _rows(new):
        for written in _written(first, last):
            if new[first].hours:
                working_days[written] = new[first].hours
            else:
                holidays[written] = new[first].name
    return DayChanges(
        hours=OpeningHours(week=hours.week, holidays=_tidy(holidays), working_days=_tidy(working_days)),
        changes=changes,
        same=len(coming) - len(new),
        past=len(days) - len(coming),
        entries_before=_entries(hours),
    )


def _entries(hours: OpeningHours) -> int:
    return len(hours.holidays) + len(hours.working_days)


def _said(hours: OpeningHours) -> dict[date, Says]:
    """As the calendar is read: hours go before a holiday, and what stands below before what stands above."""
    said = {day: Says(name=name) for written, name in hours.holidays.items() for day in days_of(written)}
    said |= {day: Says(hours=spans) for written, spans in hours.working_days.items() for day in days_of(written)}
    return said


def _without(entries: Mapping[str, T], days: Collection[date]) -> Iterator[tuple[str, T]]:
    """An entry that holds none of these days stays as it is written."""
    for written, value in entries.items():
        all_of_it = list(days_of(written))
        left = [day for day in all_of_it if day not in days]
        if len(left) == len(all_of_it):
            yield written, value
        else:
            for first, last in _rows(dict.fromkeys(left)):
                yield from ((one, value) for one in _written(first, last))


def _rows(days: Mapping[date, object]) -> Iterator[tuple[date, date]]:
    """The first and the last of each row of days with the same value."""
    ordered = sorted(days)
    breaks = [0]
    for number, (one, following) in enumerate(pairwise(ordered), start=1):
        if following - one != timedelta(days=1) or days[one] != days[following]:
            breaks.append(number)
    for begin, end in pairwise([*breaks, len(ordered)]):
        if begin < end:
            yield ordered[begin], ordered[end - 1]


def _written(first: date, last: date) -> Iterator[str]:
    while first <= last:
        to = min(last, first + timedelta(days=_MOST_IN_ONE - 1))
        yield first.isoformat() if first == to else f"{first}/{to}"
        first = to + timedelta(days=1)


def _tidy(entries: Mapping[str, T]) -> dict[str, T]:
    """By day; but of entries that share a day the last one holds, and stays the last."""
    days = [day for written in entries for day in days_of(written)]
    return dict(sorted(entries.items())) if len(days) == len(set(days)) else dict(entries)
