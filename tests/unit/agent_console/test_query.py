"""The days of a list's filters: a day of the house, from its first moment to the first of the next."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from aiohttp.test_utils import make_mocked_request

from agent_console.query import day_end, day_start
from agent_console.words import load_words
from crm_core.kernel.language import Language


def utc(year: int, month: int, day: int, hour: int) -> datetime:
    return datetime(year, month, day, hour, tzinfo=UTC)


@pytest.mark.parametrize(
    ("zone", "day", "start", "end"),
    [
        ("Asia/Shanghai", "2026-01-05", utc(2026, 1, 4, 16), utc(2026, 1, 5, 16)),
        ("Europe/London", "2026-03-29", utc(2026, 3, 29, 0), utc(2026, 3, 29, 23)),  # an hour is left out
        ("Europe/London", "2026-10-25", utc(2026, 10, 24, 23), utc(2026, 10, 26, 0)),  # one comes twice
    ],
)
def test_a_day_is_as_long_as_it_is(zone: str, day: str, start: datetime, end: datetime) -> None:
    words = load_words(timezone=zone, home_region="CN")[Language.EN]
    request = make_mocked_request("GET", f"/calls?day={day}")
    assert day_start(request, "day", words) == start
    assert day_end(request, "day", words) == end


@pytest.mark.parametrize("day", ["", "soon", "2026-02-30", "9999-12-31"])
def test_what_is_no_day_or_has_no_end_filters_nothing(day: str) -> None:
    words = load_words(timezone="America/New_York", home_region="CN")[Language.EN]
    assert day_end(make_mocked_request("GET", f"/calls?day={day}"), "day", words) is None


def test_a_day_that_the_calendar_begins_with_filters_nothing() -> None:
    words = load_words(timezone="Asia/Shanghai", home_region="CN")[Language.EN]
    assert day_start(make_mocked_request("GET", "/calls?day=0001-01-01"), "day", words) is None
