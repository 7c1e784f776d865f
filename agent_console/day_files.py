"""Days from a file for a calendar, in the reader's words: what is wrong with the file, and what would change."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from datetime import datetime
from typing import Final

from agent_console.errors import Invalid
from agent_console.faults import Fault
from agent_console.words import N_, Sentence, say
from crm_core.domain.calendars import SharedCalendar
from crm_core.domain.day_changes import MOST_ENTRIES, DayChanges, with_days
from crm_core.domain.day_files import LONGEST, LONGEST_NAME, MOST_DAYS, ReadDays, Says, Trouble, Wrong, read_days

MOST_FILE: Final = 500_000
"""Bytes: the holidays of a whole continent for some years."""
_MOST_TOLD: Final = 20
_WRONG: Final[Mapping[Trouble, str]] = {
    Trouble.NOT_TEXT: N_("This is no text: choose a table (CSV) or an iCalendar file (.ics)."),
    Trouble.NO_HEADER: N_("Line %(line)s: the first line must name the columns: date, until, name, hours."),
    Trouble.NO_DAY: N_("Line %(line)s: “%(written)s” is no day. Write it like 2026-10-01."),
    Trouble.BACKWARDS: N_("Line %(line)s: %(written)s ends before it begins."),
    Trouble.TOO_LONG: N_("Line %(line)s: %(written)s is longer than %(most)s days."),
    Trouble.NO_HOURS: N_(
        "Line %(line)s: “%(written)s” is no hours. Write them like 09:00-12:00 13:00-18:00; a night is two days."
    ),
    Trouble.TWICE: N_("Line %(line)s: another line says something else of %(written)s."),
    Trouble.REPEATS: N_(
        "Line %(line)s: “%(written)s” repeats itself. Only single events can be taken: write each day."
    ),
    Trouble.TIMED: N_("Line %(line)s: %(written)s is a time of day. Only events of whole days can be taken."),
    Trouble.CUT_OFF: N_("Line %(line)s: the file ends in the middle of an event. Fetch it once more."),
    Trouble.TOO_MANY: N_("Line %(line)s: up to here the file names more than %(most)s days. Take a part of it."),
    Trouble.NOTHING: N_("There is no day in the file."),
}


async def changes_by(calendar: SharedCalendar, text: str | None, now: datetime) -> DayChanges:
    """What the file would change. `now`: by the clocks of the house. Raises Invalid, for the field `file`."""
    return await asyncio.to_thread(_changes_by, calendar, text, now)  # of a large one it takes a while


def _changes_by(calendar: SharedCalendar, text: str | None, now: datetime) -> DayChanges:
    usual = next((spans for spans in calendar.hours.week.values() if spans), ())
    return _changes_of(calendar, read_days(text, usual=usual), now)


def _changes_of(calendar: SharedCalendar, read: ReadDays, now: datetime) -> DayChanges:
    if read.wrong:
        raise Invalid(tuple(_fault(_sentence(one)) for one in read.wrong[:_MOST_TOLD]))
    there = calendar.calendar().zone
    changes = with_days(calendar.hours, read.days, (now.astimezone(there) if there else now).date())
    if changes.too_many:
        grown = say(
            "The calendar would have %(count)s holidays and days of its own, and may have %(most)s. Take away those "
            "that are over, or take a part of the file.",
            count=changes.entries,
            most=MOST_ENTRIES,
        )
        raise Invalid((_fault(grown),))
    return changes


def days_said(says: Says | None) -> Sentence:
    """What holds on such a day."""
    if says is None:
        return say("as on any such day of the week")
    if says.hours:
        return say("open %(hours)s", hours=", ".join(says.hours))
    return say("closed: %(name)s", name=says.name) if says.name else say("closed")


def _sentence(wrong: Wrong) -> Sentence:
    most = MOST_DAYS if wrong.trouble is Trouble.TOO_MANY else LONGEST
    params = {"line": wrong.line, "written": wrong.text[:LONGEST_NAME], "most": most}
    return Sentence(text=_WRONG[wrong.trouble], params=params)


def _fault(sentence: Sentence) -> Fault:
    return Fault(field="file", code="field.invalid", sentence=sentence)
