"""The form of a number that leads into a voice menu: the menu, and the hours outside of which it is another. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from agent_console.errors import Invalid
from agent_console.faults import Fault
from agent_console.words import Sentence, say
from crm_core.domain.hours import WEEKDAYS
from crm_core.domain.opening import HoursUnreadable, OpeningHours


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    to: str
    open_hours: OpeningHours | None
    closed_to: str | None


def read_line(form: Mapping[str, str]) -> Line:
    """Raises Invalid."""
    hours, closed_to = _hours(form.get("open_hours", "")), form.get("closed_to") or None
    if hours is not None and closed_to is None:
        raise _wrong("closed_to", say("Where do callers go outside of the hours?"))
    if hours is None and closed_to is not None:
        raise _wrong("open_hours", say("When is it open?"))
    return Line(to=form.get("to", ""), open_hours=hours, closed_to=closed_to)


def _hours(text: str) -> OpeningHours | None:
    """One day a line: `mon 09:00-12:00 13:00-18:00`; `2026-10-01` alone is a holiday, with hours a working day."""
    week: dict[str, tuple[str, ...]] = {}
    holidays: dict[str, str] = {}
    working: dict[str, tuple[str, ...]] = {}
    for line in text.splitlines():
        day, *spans = line.replace(",", " ").split() or [""]
        if day.lower() in WEEKDAYS:
            week[day.lower()] = tuple(spans)
        elif day and spans and spans[0][:1].isdigit():
            working[day] = tuple(spans)
        elif day:
            holidays[day] = " ".join(spans)
    if not week and not holidays and not working:
        return None
    hours = OpeningHours(week=week, holidays=holidays, working_days=working)
    try:
        hours.calendar()
    except HoursUnreadable as error:
        raise _wrong("open_hours", say("These hours cannot be read: %(why)s", why=str(error))) from None
    return hours


def _wrong(field: str, sentence: Sentence) -> Invalid:
    return Invalid((Fault(field=field, code="field.invalid", sentence=sentence),))


def hours_text(hours: OpeningHours | None) -> str:
    return "\n".join(_lines(hours)) if hours else ""


def _lines(hours: OpeningHours) -> Iterator[str]:
    for day in WEEKDAYS:
        if spans := hours.week.get(day):
            yield f"{day} {' '.join(spans)}"
    yield from (f"{day} {name}".rstrip() for day, name in hours.holidays.items())
    yield from (f"{day} {' '.join(spans)}" for day, spans in hours.working_days.items())
