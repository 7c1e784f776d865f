"""Days from files: tables, iCalendar, what is wrong with them, and what becomes of a calendar by them."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm_core.domain.day_changes import MOST_ENTRIES, DayChange, with_days
from crm_core.domain.day_files import MOST_DAYS, Says, Trouble, Wrong, read_days, table_of, text_of
from crm_core.domain.opening import OpeningHours, days_of

TODAY = date(2026, 9, 1)
NATIONAL = Says(name="National Day")
TABLE = """date,until,name,hours
2026-10-01,2026-10-07,National Day,

2026-10-10,,,"09:00-12:00, 13:00-18:00"
"""


def ics(*events: str) -> str:
    return "\r\n".join(("BEGIN:VCALENDAR", "VERSION:2.0", *events, "END:VCALENDAR", ""))


def event(*lines: str) -> str:
    return "\r\n".join(("BEGIN:VEVENT", *lines, "END:VEVENT"))


def wrong(text: str | None) -> list[tuple[int, Trouble, str]]:
    return [(one.line, one.trouble, one.text) for one in read_days(text).wrong]


def test_a_table_of_holidays_and_working_days() -> None:
    found = read_days(TABLE)
    week = {date(2026, 10, day): NATIONAL for day in range(1, 8)}
    assert found.days == week | {date(2026, 10, 10): Says(hours=("09:00-12:00", "13:00-18:00"))}
    assert found.wrong == ()


@pytest.mark.parametrize("mark", [";", "\t"])
def test_as_spreadsheets_write_it(mark: str) -> None:
    """Columns in any order, other marks and days, Chinese headers, a Chinese encoding."""
    rows = (("名称", "日期", "截止"), ("国庆节", "2026/10/1", "2026/10/2"))
    data = "\r\n".join(mark.join(row) for row in rows).encode("gb18030")
    assert list(read_days(text_of(data)).days) == [date(2026, 10, 1), date(2026, 10, 2)]
    assert read_days(text_of(data)).days[date(2026, 10, 1)].name == "国庆节"
    assert read_days(text_of(b"\xef\xbb\xbfdate\n2026-10-01\n")).days == {date(2026, 10, 1): Says()}


@pytest.mark.parametrize("told", ["sep=;", '"sep=;"', "SEP=;", "sep=;;;"])
def test_what_a_spreadsheet_is_told_of_the_columns_is_obeyed(told: str) -> None:
    found = read_days(f"\ufeff{told}\r\ndate;name\r\n2026-10-01;Day, national, the\r\n")
    assert found.days == {date(2026, 10, 1): Says(name="Day, national, the")}
    assert read_days("sep=\t\ndate\tname\n2026-10-01\tOne\n").days == {date(2026, 10, 1): Says(name="One")}
    assert wrong(f"{told}\ndate;name\nsoon;x\n") == [(3, Trouble.NO_DAY, "soon")]
    assert wrong(told) == [(0, Trouble.NOTHING, "")]


def test_all_that_is_wrong_is_told_with_its_line() -> None:
    text = (
        'date,until,name,hours\nsoon,,,\n2026-02-30,,,\n2026-10-07,2026-10-01,,\n2026-01-01,2030-01-01,,\n"2026-10-10"'
        ',,"two\nlines",nine\n2026-10-01,,,\n2026-10-01,,,09:00-18:00\n'
    )
    assert wrong(text) == [
        (2, Trouble.NO_DAY, "soon"),
        (3, Trouble.NO_DAY, "2026-02-30"),
        (4, Trouble.BACKWARDS, "2026-10-07/2026-10-01"),
        (5, Trouble.TOO_LONG, "2026-01-01/2030-01-01"),
        (6, Trouble.NO_HOURS, "nine"),
        (9, Trouble.TWICE, "2026-10-01"),
    ]
    assert wrong("day;what\n2026-10-01;x") == [(1, Trouble.NO_HEADER, "day;what")]
    assert wrong("") == wrong("date\n") == [(0, Trouble.NOTHING, "")]
    assert wrong("date\n\0") == wrong("date,name\n2026-10-01,\ud800\n") == [(0, Trouble.NOT_TEXT, "")]
    assert wrong(text_of(b"\x89PNG\0\0")) == [(0, Trouble.NOT_TEXT, "")]


def test_events_of_whole_days_end_the_day_before_their_end() -> None:
    text = ics(
        "BEGIN:VTIMEZONE",
        "BEGIN:STANDARD",
        "DTSTART:19700101T000000",
        "RRULE:FREQ=YEARLY",
        "END:STANDARD",
        "END:VTIMEZONE",
        event("DTSTART;VALUE=DATE:20261001", "DTEND;VALUE=DATE:20261008", "SUMMARY;LANGUAGE=en:National", "  Day"),
        event('DTSTART;X="a:b";VALUE=DATE:20261225', "SUMMARY:Christmas\\, at\\nhome", "BEGIN:VALARM", "DURATION:PT5M",
              "END:VALARM"),
        event("DTSTART:20270101", "DURATION:P2D", "SUMMARY:New Year"),
        event("DTSTART;VALUE=DATE:20270301", "STATUS:CANCELLED", "SUMMARY:No day"),
        event("dtstart;value=date:20261010", "X-APPLE-SPECIAL-DAY:ALTERNATE-WORKDAY", "SUMMARY:国庆节（班）"),
    )  # fmt: skip
    found = read_days(text, usual=("09:00-18:00",))
    assert found.wrong == ()
    assert found.days == {
        **{date(2026, 10, day): NATIONAL for day in range(1, 8)},
        date(2026, 10, 10): Says(hours=("09:00-18:00",)),
        date(2026, 12, 25): Says(name="Christmas, at home"),
        date(2027, 1, 1): Says(name="New Year"),
        date(2027, 1, 2): Says(name="New Year"),
    }


def test_from_midnight_to_midnight_is_whole_days() -> None:
    """As calendars write them that know no days, by the clocks there."""
    text = ics(
        event("DTSTART;TZID=Asia/Shanghai:20261001T000000", "DTEND;TZID=Asia/Shanghai:20261008T000000",
              "SUMMARY:National Day"),
        event("DTSTART:20261225T000000", "DTEND:20261225T235900", "SUMMARY:Christmas"),
        event("DTSTART:20261226T000000", "DTEND:20261227T235959", "SUMMARY:After it"),
        event("DTSTART:20270101T000000", "DURATION:P1D", "SUMMARY:New Year"),
    )  # fmt: skip
    found = read_days(text)
    assert found.wrong == ()
    assert found.days == {
        **{date(2026, 10, day): NATIONAL for day in range(1, 8)},
        date(2026, 12, 25): Says(name="Christmas"),
        **{date(2026, 12, day): Says(name="After it") for day in (26, 27)},
        date(2027, 1, 1): Says(name="New Year"),
    }


@pytest.mark.parametrize(
    ("lines", "line", "written"),
    [
        (("DTSTART:20261001T000000",), 4, "20261001T000000"),
        (("DTSTART:20261001T000000", "DTEND:20261001T000000"), 5, "20261001T000000"),
        (("DTSTART:20261001T000000", "DTEND:20261001T120000"), 5, "20261001T120000"),
        (("DTSTART:20261001T000000Z", "DTEND:20261002T000000Z"), 4, "20261001T000000Z"),
        (("DTSTART:20261001T000000", "DURATION:PT1H"), 5, "PT1H"),
    ],
)
def test_midnight_alone_makes_no_day(lines: tuple[str, ...], line: int, written: str) -> None:
    """An event without an end that begins at a time of day lasts no time; and UTC's midnight is not the house's."""
    assert wrong(ics(event(*lines))) == [(line, Trouble.TIMED, written)]


def test_events_that_are_no_days_are_told_with_their_line() -> None:
    text = ics(
        event("SUMMARY:Christmas", "DTSTART;VALUE=DATE:20261225", "RRULE:FREQ=YEARLY"),
        event("DTSTART;TZID=Asia/Shanghai:20261001T090000", "SUMMARY:A meeting"),
        event("DTSTART;VALUE=DATE:20261001", "DTEND;VALUE=DATE:20260901"),
        event("SUMMARY:Nothing"),
        event("DTSTART;VALUE=DATE:20261301"),
    )
    assert wrong(text) == [
        (6, Trouble.REPEATS, "Christmas"),
        (9, Trouble.TIMED, "20261001T090000"),
        (13, Trouble.BACKWARDS, "2026-10-01/2026-09-01"),
        (18, Trouble.NO_DAY, "Nothing"),
        (20, Trouble.NO_DAY, "20261301"),
    ]
    assert wrong(ics(event("DTSTART:20261001"))[:60]) == [(4, Trouble.CUT_OFF, "")]


def test_lines_may_end_by_cr_alone_and_days_be_written_in_chinese() -> None:
    """As old spreadsheets, and those that write what they show, keep a table."""
    found = read_days("日期,截止,名称\r2026年10月1日,2026年10月2日,国庆节\r2026年10月8日,,补休\r")
    assert found.wrong == ()
    assert [(day.day, says.name) for day, says in found.days.items()] == [(1, "国庆节"), (2, "国庆节"), (8, "补休")]
    assert wrong("date\r2026-10-01\rsoon\r") == [(3, Trouble.NO_DAY, "soon")]
    assert wrong("date\n2026年10月\n") == [(2, Trouble.NO_DAY, "2026年10月")]


def test_nobody_reads_through_a_file_that_names_half_of_all_days() -> None:
    """One line names a year, and the lines that say the same count as well: calls are served beside it."""
    year = "2026-01-01,2026-12-31\n"
    many = MOST_DAYS // 365
    assert not wrong("date,until\n" + year * many)
    assert wrong("date,until\n" + year * 10_000) == [(many + 2, Trouble.TOO_MANY, "")]
    calendar = ics(*(event("DTSTART:20260101", "DURATION:P365D") for _ in range(many + 1)))
    assert [trouble for _, trouble, _ in wrong(calendar)] == [Trouble.TOO_MANY]


def test_the_wrong_file_is_not_read_to_its_end() -> None:
    assert len(wrong("date\n" + "x\n" * 10_000)) == 100
    assert len(wrong(ics(*(event("SUMMARY:x") for _ in range(10_000))))) == 100


def test_two_holidays_on_a_day_are_one() -> None:
    text = ics(event("DTSTART:20261001", "SUMMARY:First"), event("DTSTART:20261001", "SUMMARY:Second"))
    assert read_days(text).days == {date(2026, 10, 1): Says(name="First")}


def test_a_file_changes_its_days_and_nothing_else() -> None:
    hours = OpeningHours(
        week={"mon": ("09:00-18:00",)},
        holidays={"2026-09-25/2026-09-27": "Mid-Autumn", "2026-10-01/2026-10-03": "National Day"},
        working_days={"2026-10-07": ("10:00-12:00",), "2026-10-10": ("09:00-18:00",)},
    )
    past = {date(2026, 5, 1): Says(name="Labour Day")}
    found = with_days(hours, {date(2026, 9, 26): Says(name="Moon"), **read_days(TABLE).days, **past}, TODAY)
    assert found.hours == OpeningHours(
        week=hours.week,
        holidays={
            "2026-09-25": "Mid-Autumn",
            "2026-09-26": "Moon",
            "2026-09-27": "Mid-Autumn",
            "2026-10-01/2026-10-03": "National Day",
            "2026-10-04/2026-10-07": "National Day",
        },
        working_days={"2026-10-10": ("09:00-12:00", "13:00-18:00")},
    )
    moon, ten = date(2026, 9, 26), ("10:00-12:00",)
    assert found.changes == (
        DayChange(first=moon, last=moon, before=Says(name="Mid-Autumn"), after=Says(name="Moon")),
        DayChange(first=date(2026, 10, 4), last=date(2026, 10, 6), before=None, after=NATIONAL),
        DayChange(first=date(2026, 10, 7), last=date(2026, 10, 7), before=Says(hours=ten), after=NATIONAL),
        DayChange(
            first=date(2026, 10, 10),
            last=date(2026, 10, 10),
            before=Says(hours=("09:00-18:00",)),
            after=Says(hours=("09:00-12:00", "13:00-18:00")),
        ),
    )  # fmt: skip
    assert (found.same, found.past) == (3, 1)


def test_a_file_taken_twice_changes_nothing_the_second_time() -> None:
    hours = OpeningHours(week={})
    once = with_days(hours, read_days(TABLE).days, TODAY)
    again = with_days(once.hours, read_days(TABLE).days, TODAY)
    assert (again.changes, again.hours, again.same) == ((), once.hours, 8)


def test_a_calendar_with_too_many_entries_may_be_changed_and_does_not_grow() -> None:
    apart = [TODAY + timedelta(days=2 * number) for number in range(MOST_ENTRIES + 3)]
    full = OpeningHours(week={}, holidays={day.isoformat(): "A" for day in apart[: MOST_ENTRIES + 2]})
    changed = with_days(full, {apart[0]: Says(name="B")}, TODAY)
    assert (changed.too_many, changed.entries, changed.entries_before) == (False, MOST_ENTRIES + 2, MOST_ENTRIES + 2)
    grown = with_days(full, {apart[-1]: Says(name="A")}, TODAY)
    assert (grown.too_many, grown.entries) == (True, MOST_ENTRIES + 3)
    first = with_days(OpeningHours(week={}), dict.fromkeys(apart[:MOST_ENTRIES], Says(name="A")), TODAY)
    assert (first.too_many, first.entries) == (False, MOST_ENTRIES)


_SAYS = st.builds(Says, name=st.sampled_from(("", "A", "1er, mai")), hours=st.just(())) | st.just(
    Says(hours=("09:00-18:00",))
)
_DAYS = st.dictionaries(st.integers(0, 150).map(lambda ahead: TODAY + timedelta(days=ahead)), _SAYS, max_size=150)


@given(_DAYS, _DAYS)
def test_afterwards_each_day_says_what_was_said_of_it_last(first: dict[date, Says], second: dict[date, Says]) -> None:
    """And what is written can be read: by the calendar, and as a table."""
    hours = with_days(with_days(OpeningHours(week={}), first, TODAY).hours, second, TODAY).hours
    said = {day: Says(name=name) for written, name in hours.holidays.items() for day in days_of(written)}
    said |= {day: Says(hours=spans) for written, spans in hours.working_days.items() for day in days_of(written)}
    assert said == {**first, **second}
    assert set(hours.calendar().days) == set(said)
    if said:
        assert read_days(table_of(said)).days == said


@given(st.text(alphabet=st.characters(codec="utf-8"), max_size=300), st.booleans())
def test_whatever_is_in_a_file_is_read_or_told(text: str, calendar: bool) -> None:
    found = read_days(f"BEGIN:VCALENDAR\nBEGIN:VEVENT\n{text}" if calendar else f"date,{text}")
    assert found.days or found.wrong
    assert all(isinstance(one, Wrong) for one in found.wrong)
