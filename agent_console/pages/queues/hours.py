"""Opening hours as they are typed: a line for each day of the week, lists for the days that are others. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

from agent_console.errors import Invalid
from agent_console.faults import Fault
from agent_console.words import Sentence, say
from crm_core.domain.hours import WEEKDAYS
from crm_core.domain.opening import HoursUnreadable, OpeningHours

_BREAKS: Final = re.compile(r"[,，;；、\s]+")
FIELDS: Final = (*(f"hours-{day}" for day in WEEKDAYS), "holidays", "working_days")
_HOURS: Final = say("Write the hours like 09:00-12:00, 13:00-18:00. A night is two days, until 24:00 and from 00:00.")
_HOLIDAYS: Final = say(
    "“%(line)s” cannot be read. On each line a day like 2026-10-01, or the first and the last like"
    " 2026-10-01/2026-10-07, and its name behind it."
)
_WORKING_DAYS: Final = say("“%(line)s” cannot be read. On each line a day like 2026-10-10 and its hours 09:00-18:00.")


def hours_values(hours: OpeningHours | None) -> dict[str, str]:
    if hours is None:
        return {}
    return {
        **{f"hours-{day}": ", ".join(spans) for day, spans in hours.week.items()},
        "holidays": "\n".join(f"{days} {name}".strip() for days, name in sorted(hours.holidays.items())),
        "working_days": "\n".join(f"{days} {', '.join(spans)}" for days, spans in sorted(hours.working_days.items())),
    }


def hours_of(form: Mapping[str, str]) -> OpeningHours | None:
    """None when nothing is written: always open. Raises Invalid with everything that is wrong."""
    faults: list[Fault] = []
    week = {day: _spans(form.get(f"hours-{day}", "")) for day in WEEKDAYS}
    week = {day: spans for day, spans in week.items() if spans}
    for day, spans in week.items():
        if not _readable(OpeningHours(week={day: spans})):
            faults.append(_fault(f"hours-{day}", _HOURS))
    holidays: dict[str, str] = {}
    for line in _lines(form, "holidays"):
        days, _, name = line.partition(" ")
        holidays[days] = name.strip()
        if not _readable(OpeningHours(week={}, holidays={days: ""})):
            faults.append(_fault("holidays", Sentence(text=_HOLIDAYS.text, params={"line": line})))
    others: dict[str, tuple[str, ...]] = {}
    for line in _lines(form, "working_days"):
        days, _, written = line.partition(" ")
        others[days] = _spans(written)
        if not others[days] or not _readable(OpeningHours(week={}, working_days={days: others[days]})):
            faults.append(_fault("working_days", Sentence(text=_WORKING_DAYS.text, params={"line": line})))
    if faults:
        raise Invalid(tuple(faults))
    return OpeningHours(week=week, holidays=holidays, working_days=others) if week or holidays or others else None


def _lines(form: Mapping[str, str], field: str) -> list[str]:
    return [" ".join(line.split()) for line in form.get(field, "").splitlines() if line.strip()]


def _spans(written: str) -> tuple[str, ...]:
    """As somebody types them on a Chinese keyboard, too."""
    plain = written.replace("：", ":").replace("–", "-").replace("－", "-")
    return tuple(one for one in _BREAKS.split(re.sub(r"\s*-\s*", "-", plain)) if one)


def _readable(hours: OpeningHours) -> bool:
    try:
        hours.calendar()
    except HoursUnreadable:
        return False
    return True


def _fault(field: str, sentence: Sentence) -> Fault:
    return Fault(field=field, code="queue.opening_unreadable", sentence=sentence)
