"""What a calendar of the house says of a moment."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from crm_core.domain.calendars import Because, SharedCalendar, by_key, held, hours_by
from crm_core.domain.hours import Standing, standing
from crm_core.domain.opening import OpeningHours

SHANGHAI = ZoneInfo("Asia/Shanghai")
OFFICE = SharedCalendar(
    key="office",
    names={"en": "Office"},
    hours=OpeningHours(
        week=dict.fromkeys(("mon", "tue", "wed", "thu", "fri"), ("09:00-12:00", "13:00-18:00")),
        holidays={"2026-10-01/2026-10-07": "National Day"},
        working_days={"2026-10-10": ("09:00-18:00",), "2026-12-31": ("09:00-12:00",)},
    ),
)


def at(day: str, hour: str, zone: ZoneInfo = SHANGHAI) -> datetime:
    return datetime.fromisoformat(f"{day}T{hour}").replace(tzinfo=zone)


@pytest.mark.parametrize(
    ("day", "hour", "open_", "until", "because", "hours", "name"),
    [
        ("2026-09-30", "12:30", False, ("2026-09-30", "13:00"), Because.WEEKDAY, ("09:00-12:00", "13:00-18:00"), ""),
        ("2026-09-30", "13:00", True, ("2026-09-30", "18:00"), Because.WEEKDAY, ("09:00-12:00", "13:00-18:00"), ""),
        ("2026-10-01", "10:00", False, ("2026-10-08", "09:00"), Because.HOLIDAY, (), "National Day"),
        ("2026-10-10", "12:30", True, ("2026-10-10", "18:00"), Because.WORKING_DAY, ("09:00-18:00",), ""),
        ("2026-10-11", "12:30", False, ("2026-10-12", "09:00"), Because.WEEKDAY, (), ""),
        ("2026-12-31", "14:00", False, ("2027-01-01", "09:00"), Because.WORKING_DAY, ("09:00-12:00",), ""),
    ],
)
def test_what_holds(  # noqa: PLR0917 - a table
    day: str,
    hour: str,
    open_: bool,
    until: tuple[str, str],
    because: Because,
    hours: tuple[str, ...],
    name: str,
) -> None:
    found = held(OFFICE, at(day, hour))
    assert found.standing == Standing(open=open_, until=at(*until))
    assert (found.because, found.hours, found.name) == (because, hours, name)


def test_one_with_a_zone_of_its_own_opens_by_its_clocks_and_answers_by_ours() -> None:
    london = SharedCalendar(key="london", names={}, hours=OFFICE.hours, timezone="Europe/London")
    found = standing(london.calendar(), at("2026-11-30", "18:00"))  # ten in the morning there
    assert found == Standing(open=True, until=at("2026-11-30", "20:00"))
    assert found.until is not None
    assert found.until.tzinfo is SHANGHAI
    assert held(london, at("2026-10-12", "02:00")).weekday == "sun"
    assert held(london, at("2026-10-08", "05:00")).because is Because.HOLIDAY  # it is still the seventh there


def test_whose_hours_hold() -> None:
    calendars, own = {"office": OFFICE}, OpeningHours(week={"sun": ("00:00-24:00",)})
    assert hours_by(None, None, calendars) is None
    assert hours_by(own, None, calendars) == own.calendar()
    assert hours_by(None, "office", calendars) == by_key(calendars)["office"]
