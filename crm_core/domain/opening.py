"""Opening hours as an administrator writes them, the same way as in a voice menu's flow: read into a calendar. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, time, timedelta

from crm_core.domain.hours import END_OF_DAY, WEEKDAYS, Calendar, Span

_SPAN = re.compile(r"([01][0-9]|2[0-3]):[0-5][0-9]-(([01][0-9]|2[0-3]):[0-5][0-9]|24:00)")
_DAYS = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}(/[0-9]{4}-[0-9]{2}-[0-9]{2})?")
_LONGEST = 60
"""Days of one entry."""


class HoursUnreadable(ValueError):
    """What is wrong, beginning with the place."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OpeningHours:
    week: dict[str, tuple[str, ...]]
    """`mon` to `sun` -> `09:00-12:00`, …; a day that is not there is closed."""
    holidays: dict[str, str] = field(default_factory=dict)
    """`2026-10-01` or `2026-10-01/2026-10-07` -> what it is."""
    working_days: dict[str, tuple[str, ...]] = field(default_factory=dict)
    """Days with hours of their own, which go before all else."""

    def calendar(self) -> Calendar:
        """Raises HoursUnreadable."""
        if strange := sorted(set(self.week) - set(WEEKDAYS)):
            raise HoursUnreadable(f"{strange[0]}: must be one of {', '.join(WEEKDAYS)}")
        days: dict[date, tuple[Span, ...]] = {}
        for written, spans in (*((one, ()) for one in self.holidays), *self.working_days.items()):
            days |= dict.fromkeys(days_of(written), _spans(written, spans))
        return Calendar(week={day: _spans(day, spans) for day, spans in self.week.items()}, days=days)

    @staticmethod
    def kept(row: Mapping[str, Mapping[str, object]] | None) -> OpeningHours | None:
        """As it was written into the database."""
        if row is None:
            return None
        return OpeningHours(
            week={day: _texts(spans) for day, spans in row["week"].items()},
            holidays={day: str(name) for day, name in row["holidays"].items()},
            working_days={day: _texts(spans) for day, spans in row["working_days"].items()},
        )


def _texts(spans: object) -> tuple[str, ...]:
    return tuple(str(span) for span in spans) if isinstance(spans, list | tuple) else ()


def _spans(where: str, written: tuple[str, ...]) -> tuple[Span, ...]:
    return tuple(_span(where, one) for one in written)


def _span(where: str, text: str) -> Span:
    if not _SPAN.fullmatch(text):
        raise HoursUnreadable(f"{where}: {text} must be such as 09:00-18:00")
    begins, _, ends = text.partition("-")
    span = Span(begins=time.fromisoformat(begins), ends=END_OF_DAY if ends == "24:00" else time.fromisoformat(ends))
    if span.begins >= span.ends:
        raise HoursUnreadable(f"{where}: {text} ends before it begins; a night is two days, until 24:00 and from 00:00")
    return span


def days_of(written: str) -> Iterator[date]:
    """Raises HoursUnreadable."""
    if not _DAYS.fullmatch(written):
        raise HoursUnreadable(f"{written}: must be a day, 2026-10-01, or the first and the last, 2026-10-01/2026-10-07")
    first, _, last = written.partition("/")
    try:
        begins, ends = date.fromisoformat(first), date.fromisoformat(last or first)
    except ValueError:
        raise HoursUnreadable(f"{written}: there is no such day") from None
    if not 0 <= (ends - begins).days < _LONGEST:
        raise HoursUnreadable(f"{written}: must be 1 to {_LONGEST} days, the first one first")
    return (begins + timedelta(days=number) for number in range((ends - begins).days + 1))
