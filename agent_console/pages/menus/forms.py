"""Opening hours as they are written into a field, a day a line. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from agent_console.errors import Invalid
from agent_console.faults import Fault
from agent_console.words import Sentence, say
from crm_core.domain.hours import WEEKDAYS
from crm_core.domain.opening import HoursUnreadable, OpeningHours
from crm_core.kernel.language import Language

_CHINESE: Final = ("周一", "周二", "周三", "周四", "周五", "周六", "周日")
_WEEKDAY: Final = {**dict(zip(WEEKDAYS, WEEKDAYS, strict=True)), **dict(zip(_CHINESE, WEEKDAYS, strict=True))}
_LIKE_HOURS: Final = re.compile(r"[0-9:.]*[0-9:]|[0-9:.]+[-–~][0-9:.]*")
"""What is meant as hours, well written or not; “1er mai” and “2. Weihnachtstag” are names."""
_BREAKS: Final = re.compile(r"[,，;；、]")


def read_hours(text: str) -> OpeningHours | None:
    """One day a line: `mon 09:00-12:00 13:00-18:00`; `2026-10-01` alone is a holiday, with hours a working day. A day
    on two lines is open at both."""
    hours = OpeningHours(week={})
    for line in filter(str.strip, text.splitlines()):
        _add(hours, line)
        _add(alone := OpeningHours(week={}), line)
        try:
            alone.calendar()  # each line for itself, as there may be hundreds
        except HoursUnreadable:
            raise _wrong("open_hours", _unreadable(line)) from None
    return hours if hours.week or hours.holidays or hours.working_days else None


def _add(hours: OpeningHours, line: str) -> None:
    day, *spans = _BREAKS.sub(" ", line).replace("：", ":").split() or [""]
    if weekday := _WEEKDAY.get(day.lower()):
        hours.week[weekday] = (*hours.week.get(weekday, ()), *spans)
    elif spans and _LIKE_HOURS.fullmatch(spans[0]):
        hours.working_days[day] = (*hours.working_days.get(day, ()), *spans)
    else:
        hours.holidays[day] = " ".join(spans)


def _unreadable(line: str) -> Sentence:
    return say(
        "“%(line)s” cannot be read. It begins with a day, mon to sun or such as 2026-10-01; hours must be such as"
        " 09:00-18:00, and a night is two days, until 24:00 and from 00:00.",
        line=line.strip(),
    )


def _wrong(field: str, sentence: Sentence) -> Invalid:
    return Invalid((Fault(field=field, code="field.invalid", sentence=sentence),))


def hours_text(hours: OpeningHours | None, language: Language) -> str:
    return "\n".join(_lines(hours, language)) if hours else ""


def _lines(hours: OpeningHours, language: Language) -> Iterator[str]:
    for day, chinese in zip(WEEKDAYS, _CHINESE, strict=True):
        if (spans := hours.week.get(day)) is not None:
            yield f"{chinese if language is Language.ZH else day} {' '.join(spans)}".rstrip()
    yield from (f"{day} {name}".rstrip() for day, name in hours.holidays.items())
    yield from (f"{day} {' '.join(spans)}" for day, spans in hours.working_days.items())
