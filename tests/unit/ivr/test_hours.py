"""Opening hours against a clock that is walked through minute by minute."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm_core.domain.hours import END_OF_DAY, WEEKDAYS, Calendar, Span, Standing, standing
from ivr.furniture import our_calendars
from ivr.service import our_documents
from ivr.used import calendars_of

SHANGHAI = ZoneInfo("Asia/Shanghai")
BERLIN = ZoneInfo("Europe/Berlin")
DAY = (Span(begins=time(9), ends=time(18)),)
HOUSE = Calendar(
    week=dict.fromkeys(WEEKDAYS[:5], DAY),
    days={**{date(2026, 10, day): () for day in range(1, 8)}, date(2026, 10, 10): DAY},
)


def at(text: str, zone: ZoneInfo = SHANGHAI) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=zone)


@pytest.mark.parametrize(
    ("now", "is_open", "until"),
    [
        ("2026-11-27T08:59", False, "2026-11-27T09:00"),
        ("2026-11-27T09:00", True, "2026-11-27T18:00"),
        ("2026-11-27T18:00", False, "2026-11-30T09:00"),
        ("2026-09-30T20:00", False, "2026-10-08T09:00"),  # the holiday
        ("2026-10-10T10:00", True, "2026-10-10T18:00"),  # the Saturday that makes up for it
        ("2026-10-09T18:30", False, "2026-10-10T09:00"),
    ],
)
def test_week_holidays_and_days_that_make_up_for_them(now: str, is_open: bool, until: str) -> None:
    assert standing(HOUSE, at(now)) == Standing(open=is_open, until=at(until))


def test_a_break_at_noon() -> None:
    spans = (Span(begins=time(13), ends=time(18)), Span(begins=time(9), ends=time(12)))
    house = Calendar(week=dict.fromkeys(WEEKDAYS, spans))
    assert standing(house, at("2026-11-27T10:00")).until == at("2026-11-27T12:00")
    assert standing(house, at("2026-11-27T12:30")) == Standing(open=False, until=at("2026-11-27T13:00"))


def test_always_and_never() -> None:
    always = Calendar(week=dict.fromkeys(WEEKDAYS, (Span(begins=time(), ends=END_OF_DAY),)))
    assert standing(always, at("2026-11-27T10:00")) == Standing(open=True, until=None)
    assert standing(Calendar(week={}), at("2026-11-27T10:00")) == Standing(open=False, until=None)


def test_a_night_goes_through_midnight() -> None:
    night = {"fri": (Span(begins=time(22), ends=END_OF_DAY),), "sat": (Span(begins=time(), ends=time(6)),)}
    assert standing(Calendar(week=night), at("2026-11-27T23:00")).until == at("2026-11-28T06:00")


def test_an_hour_that_comes_twice() -> None:
    house = Calendar(week=dict.fromkeys(WEEKDAYS, (Span(begins=time(1), ends=time(4)),)))
    second = at("2026-10-25T02:30", BERLIN).replace(fold=1)
    assert standing(house, second) == Standing(open=True, until=at("2026-10-25T04:00", BERLIN))


spans = st.lists(st.tuples(st.integers(0, 23), st.integers(1, 24)).filter(lambda pair: pair[0] < pair[1]), max_size=3)


def _span(begins: int, ends: int) -> Span:
    return Span(begins=time(begins), ends=END_OF_DAY if ends == 24 else time(ends))


@given(
    week=st.dictionaries(st.sampled_from(WEEKDAYS), spans),
    days=st.dictionaries(st.dates(date(2026, 3, 25), date(2026, 4, 5)), spans),
    hour=st.integers(0, 24 * 12),
    zone=st.sampled_from([SHANGHAI, BERLIN]),
)
def test_it_stays_so_until_then_and_changes_then(
    week: dict[str, list[tuple[int, int]]], days: dict[date, list[tuple[int, int]]], hour: int, zone: ZoneInfo
) -> None:
    def made(pairs: list[tuple[int, int]]) -> tuple[Span, ...]:
        return tuple(_span(*pair) for pair in pairs)

    calendar = Calendar(
        week={day: made(pairs) for day, pairs in week.items()}, days={day: made(pairs) for day, pairs in days.items()}
    )
    now = (datetime(2026, 3, 25, tzinfo=UTC) + timedelta(hours=hour, minutes=17)).astimezone(zone)
    found = standing(calendar, now)
    assert found.open is _open_by_the_face(calendar, now)
    last = found.until or now + timedelta(days=10)
    for step in range(0, int((last - now) / timedelta(minutes=30)) if last - now < timedelta(days=15) else 0):
        moment = (now.astimezone(UTC) + timedelta(minutes=30 * step)).astimezone(zone)
        if moment.astimezone(UTC) >= last.astimezone(UTC):
            break
        assert _open_by_the_face(calendar, moment) is found.open
    if found.until is not None:
        assert _open_by_the_face(calendar, found.until) is not found.open


def _open_by_the_face(calendar: Calendar, moment: datetime) -> bool:
    face = moment.time()
    return any(
        span.begins <= face and (face < span.ends or span.ends == END_OF_DAY) for span in calendar.of(moment.date())
    )


def test_the_menu_that_is_delivered_knows_the_new_year() -> None:
    (key,) = calendars_of(our_documents()["main"])
    hotline = our_calendars()[key]
    assert standing(hotline, at("2027-01-01T10:00")) == Standing(open=False, until=at("2027-01-04T09:00"))
    saturday = "2026-02-14T10:00"
    assert standing(hotline, at(saturday)).open, "to make up for the Spring Festival's week"
