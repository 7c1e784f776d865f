"""Days of a calendar from a file: public holidays and the working days that make up for them. Pure.

A table (CSV) has a header that names `date`, and, where they are wanted, `until` (the last day), `name` and `hours`
(`09:00-12:00 13:00-18:00`; without them it is a holiday). A first line `sep=;`, by which a spreadsheet is told what
stands between the columns, is obeyed. Of an iCalendar file (RFC 5545) each event that lasts whole days is taken, also
one that says so from midnight to midnight by the clocks there; what repeats itself, or begins at a time of day, is
refused. All that is wrong is told, with its line.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from enum import StrEnum
from types import MappingProxyType
from typing import Any, Final

from crm_core.domain.opening import HoursUnreadable, OpeningHours

LONGEST: Final = 400
"""Days of one entry: what is longer is a slip."""
LONGEST_NAME: Final = 60
MOST_DAYS: Final = 10_000
"""Of all entries together, also of those that say the same of a day: nobody could look through more, and calls are
served beside whoever reads it."""
_MOST_WRONG: Final = 100
"""What is wrong in so many places is the wrong file: nobody reads on."""
_COLUMNS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "date": ("date", "from", "日期", "开始日期"),
        "until": ("until", "to", "截止", "结束日期"),
        "name": ("name", "名称", "节日"),
        "hours": ("hours", "时间", "营业时间"),
    }
)
_DAY: Final = re.compile(r"([0-9]{4})([-/.])([0-9]{1,2})\2([0-9]{1,2})|([0-9]{4})([0-9]{2})([0-9]{2})")
_SEPARATOR: Final = re.compile(r'"?sep=([,;\t|])"?[,;]*', re.IGNORECASE)
_CHINESE: Final = re.compile(r"([0-9]{4})年([0-9]{1,2})月([0-9]{1,2})日")
_YEARS: Final = range(1900, 2200)
_LASTS: Final = re.compile(r"P([0-9]{1,4})([DW])")
_FROM_MIDNIGHT: Final = re.compile(r"([0-9]{8})T000000")
"""By the clocks there: UTC's midnight is another time of day nearly everywhere."""
_TO_MIDNIGHT: Final = re.compile(r"([0-9]{8})T2359[0-9]{2}")
_ESCAPED: Final = re.compile(r"\\([\\;,nN])")
_MAKES_UP: Final = "ALTERNATE-WORKDAY"
"""By which calendars of Chinese holidays tell the days that are worked."""


class Trouble(StrEnum):
    NOT_TEXT = "not_text"
    NO_HEADER = "no_header"
    NO_DAY = "no_day"
    """`text` is no day."""
    BACKWARDS = "backwards"
    """It ends before it begins."""
    TOO_LONG = "too_long"
    NO_HOURS = "no_hours"
    """`text` is no hours."""
    TWICE = "twice"
    """A day that is closed in one line and open in another, or open at other hours."""
    REPEATS = "repeats"
    """The event `text` repeats itself."""
    TIMED = "timed"
    """It begins or ends at a time of day."""
    CUT_OFF = "cut_off"
    """The file ends in the middle of an event."""
    TOO_MANY = "too_many"
    """More than MOST_DAYS up to here."""
    NOTHING = "nothing"


@dataclass(frozen=True, slots=True, kw_only=True)
class Wrong:
    line: int
    """The first is 1; 0: the whole file."""
    trouble: Trouble
    text: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Says:
    """What holds on a day that is named for itself."""

    name: str = ""
    hours: tuple[str, ...] = ()
    """None: it is closed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadDays:
    days: Mapping[date, Says]
    wrong: tuple[Wrong, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class _Entry:
    line: int
    first: date
    last: date
    says: Says


def text_of(data: bytes) -> str | None:
    """UTF-8, or what a Chinese spreadsheet writes; None: it is no text."""
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        return None if "\0" in text else text
    return None


def read_days(text: str | None, *, usual: tuple[str, ...] = ()) -> ReadDays:
    """`usual`: the hours of working days of which the file names none."""
    if text is None or not _is_text(text):
        return ReadDays(days={}, wrong=(Wrong(line=0, trouble=Trouble.NOT_TEXT),))
    text = text.removeprefix("\ufeff")
    calendar = text.lstrip(" \r\n").upper().startswith("BEGIN:VCALENDAR")
    wrong: list[Wrong] = []
    days: dict[date, Says] = {}
    left = MOST_DAYS
    for entry in _events(text, usual, wrong) if calendar else _rows(text, wrong):
        left -= (entry.last - entry.first).days + 1
        if left < 0:
            wrong.append(Wrong(line=entry.line, trouble=Trouble.TOO_MANY))
            break
        _note(days, entry, wrong)
    if not days and not wrong:
        wrong.append(Wrong(line=0, trouble=Trouble.NOTHING))
    return ReadDays(days=dict(sorted(days.items())), wrong=tuple(sorted(wrong, key=lambda one: one.line)))


def _is_text(text: str) -> bool:
    """No database keeps the rest: a NUL, or half a character, which JSON can write."""
    return "\0" not in text and text.encode("utf-8", "replace").decode() == text


def _note(days: dict[date, Says], entry: _Entry, wrong: list[Wrong]) -> None:
    """Of two holidays on one day the first gives its name."""
    for number in range((entry.last - entry.first).days + 1):
        day = entry.first + timedelta(days=number)
        if days.setdefault(day, entry.says).hours != entry.says.hours:
            wrong.append(Wrong(line=entry.line, trouble=Trouble.TWICE, text=day.isoformat()))
            return


def table_of(days: Mapping[date, Says]) -> str:
    """As `read_days` reads it."""
    written = io.StringIO()
    rows = csv.writer(written)
    rows.writerow(("date", "name", "hours"))
    rows.writerows((day.isoformat(), says.name, " ".join(says.hours)) for day, says in days.items())
    return written.getvalue()


# ---- a table


def _rows(text: str, wrong: list[Wrong]) -> Iterator[_Entry]:
    first = next((line for line in text.splitlines() if line.strip()), "")
    told = _SEPARATOR.fullmatch(first.strip(" "))
    mark = told[1] if told else max(",;\t", key=first.count)
    rows = csv.reader(io.StringIO(text, newline=None), delimiter=mark)  # some spreadsheets end lines by CR alone
    columns: dict[str, int] | None = None
    ended = 0
    for row in _readable(rows, wrong):
        if len(wrong) >= _MOST_WRONG:
            return
        line, ended = ended + 1, rows.line_num
        if not any(cell.strip() for cell in row):
            continue
        if told:
            told = None
            continue
        if columns is None:
            columns = _columns(row)
            if "date" not in columns:
                wrong.append(Wrong(line=line, trouble=Trouble.NO_HEADER, text=first.strip()[:LONGEST_NAME]))
                return
        elif entry := _row(row, columns, line, wrong):
            yield entry


def _readable(rows: Any, wrong: list[Wrong]) -> Iterator[list[str]]:
    try:
        yield from rows
    except csv.Error:  # a cell as long as a book
        wrong.append(Wrong(line=rows.line_num, trouble=Trouble.NOT_TEXT))


def _columns(header: list[str]) -> dict[str, int]:
    named = [cell.strip().lower() for cell in header]
    return {
        column: named.index(found)
        for column, names in _COLUMNS.items()
        if (found := next((one for one in names if one in named), None)) is not None
    }


def _row(row: list[str], columns: Mapping[str, int], line: int, wrong: list[Wrong]) -> _Entry | None:
    cells = {column: row[at].strip() if at < len(row) else "" for column, at in columns.items()}
    hours = tuple(re.sub(r"[,，;；、]", " ", cells.get("hours", "")).replace("：", ":").split())
    first, last = _day(cells["date"]), _day(cells.get("until") or cells["date"])
    if first is None or last is None:
        written = cells["date"] if first is None else cells["until"]
        wrong.append(Wrong(line=line, trouble=Trouble.NO_DAY, text=written))
        return None
    try:
        OpeningHours(week={"mon": hours}).calendar()
    except HoursUnreadable:
        wrong.append(Wrong(line=line, trouble=Trouble.NO_HOURS, text=cells["hours"]))
        return None
    return _entry(line, first, last, Says(name=_name(cells.get("name", "")) if not hours else "", hours=hours), wrong)


# ---- iCalendar


@dataclass(frozen=True, slots=True, kw_only=True)
class _Property:
    line: int
    name: str
    value: str


def _events(text: str, usual: tuple[str, ...], wrong: list[Wrong]) -> Iterator[_Entry]:
    inside: list[str] = []
    event: dict[str, _Property] = {}
    line = 0
    for one in _properties(text):
        if len(wrong) >= _MOST_WRONG:
            return
        line = one.line
        if one.name == "BEGIN":
            inside.append(one.value.upper())
            event = {} if inside == ["VCALENDAR", "VEVENT"] else event
        elif one.name == "END":
            if inside == ["VCALENDAR", "VEVENT"] and (entry := _event(event, usual, one.line, wrong)):
                yield entry
            del inside[-1:]
        elif inside == ["VCALENDAR", "VEVENT"]:  # not what stands in an alarm of it
            event.setdefault(one.name, one)
    if inside:
        wrong.append(Wrong(line=line, trouble=Trouble.CUT_OFF))


def _properties(text: str) -> Iterator[_Property]:
    """Lines that were folded are one again; a value may hold a colon in a quoted parameter."""
    unfolded: list[tuple[int, list[str]]] = []
    for number, raw in enumerate(re.split(r"\r\n|\n|\r", text.lstrip("\ufeff")), start=1):
        if raw[:1] in (" ", "\t") and unfolded:
            unfolded[-1][1].append(raw[1:])
        elif raw.strip():
            unfolded.append((number, [raw]))
    for number, whole in ((number, "".join(parts)) for number, parts in unfolded):
        if found := re.fullmatch(r'([A-Za-z0-9-]+)((?:;(?:"[^"]*"|[^":])*)?):(.*)', whole, re.DOTALL):
            yield _Property(line=number, name=found[1].upper(), value=found[3].strip())


def _event(event: Mapping[str, _Property], usual: tuple[str, ...], end: int, wrong: list[Wrong]) -> _Entry | None:
    said = {name: one.value for name, one in event.items()}
    name = _name(_ESCAPED.sub(lambda found: " " if found[1] in "nN" else found[1], said.get("SUMMARY", "")))
    begins = event.get("DTSTART")
    if said.get("STATUS", "").upper() == "CANCELLED":
        return None
    for repeats in ("RRULE", "RDATE"):
        if repeats in event:
            wrong.append(Wrong(line=event[repeats].line, trouble=Trouble.REPEATS, text=name))
            return None
    if begins is None:
        wrong.append(Wrong(line=end, trouble=Trouble.NO_DAY, text=name))
        return None
    first, last = _first(begins, wrong), None
    if first is not None:
        last = _last(first, event, wrong)
    if first is None or last is None:
        return None
    worked = said.get("X-APPLE-SPECIAL-DAY", "").upper() == _MAKES_UP
    return _entry(begins.line, first, last, Says(hours=usual) if worked and usual else Says(name=name), wrong)


def _last(first: date, event: Mapping[str, _Property], wrong: list[Wrong]) -> date | None:
    """DTEND is the day after it. Without one it is a single day, or, from midnight, no time at all."""
    timed = _FROM_MIDNIGHT.fullmatch(event["DTSTART"].value) is not None
    if (ends := event.get("DTEND")) is not None:
        after = _after(ends, wrong)
        if timed and after == first:
            wrong.append(Wrong(line=ends.line, trouble=Trouble.TIMED, text=ends.value))
            return None
        return None if after is None else max(after - timedelta(days=1), first) if after >= first else after
    if (lasts := event.get("DURATION")) is not None:
        found = _LASTS.fullmatch(lasts.value.upper())
        if found is None:
            wrong.append(Wrong(line=lasts.line, trouble=Trouble.TIMED, text=lasts.value))
            return None
        days = int(found[1]) * (7 if found[2] == "W" else 1)
        return first + timedelta(days=min(max(days, 1), LONGEST + 1) - 1)
    if timed:
        wrong.append(Wrong(line=event["DTSTART"].line, trouble=Trouble.TIMED, text=event["DTSTART"].value))
        return None
    return first


def _first(begins: _Property, wrong: list[Wrong]) -> date | None:
    midnight = _FROM_MIDNIGHT.fullmatch(begins.value)
    return _date_value(replace(begins, value=midnight[1]) if midnight else begins, wrong)


def _after(ends: _Property, wrong: list[Wrong]) -> date | None:
    """Some write the last minute of a day, or its last second, for its end."""
    if minute := _TO_MIDNIGHT.fullmatch(ends.value):
        last = _date_value(replace(ends, value=minute[1]), wrong)
        return None if last is None else last + timedelta(days=1)
    return _first(ends, wrong)


def _date_value(one: _Property, wrong: list[Wrong]) -> date | None:
    if re.fullmatch(r"[0-9]{8}T[0-9]{6}Z?", one.value):
        wrong.append(Wrong(line=one.line, trouble=Trouble.TIMED, text=one.value))
        return None
    if (day := _day(one.value)) is None:
        wrong.append(Wrong(line=one.line, trouble=Trouble.NO_DAY, text=one.value))
    return day


# ---- both


def _entry(line: int, first: date, last: date, says: Says, wrong: list[Wrong]) -> _Entry | None:
    if last < first or (last - first).days >= LONGEST:
        trouble = Trouble.BACKWARDS if last < first else Trouble.TOO_LONG
        wrong.append(Wrong(line=line, trouble=trouble, text=f"{first}/{last}"))
        return None
    return _Entry(line=line, first=first, last=last, says=says)


def _day(written: str) -> date | None:
    found = _DAY.fullmatch(_CHINESE.sub(r"\1-\2-\3", written.strip()))
    if found is None:
        return None
    year, month, day = (found[1], found[3], found[4]) if found[1] else (found[5], found[6], found[7])
    try:
        return date(int(year), int(month), int(day)) if int(year) in _YEARS else None
    except ValueError:
        return None


def _name(written: str) -> str:
    return " ".join(written.split())[:LONGEST_NAME]
