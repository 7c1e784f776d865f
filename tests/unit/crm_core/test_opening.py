"""Opening hours as written: what they mean, and what is said about those that cannot be read."""

from __future__ import annotations

from datetime import date, time

import pytest

from crm_core.domain.hours import END_OF_DAY, Calendar, Span
from crm_core.domain.opening import HoursUnreadable, OpeningHours

DAY = Span(begins=time(9), ends=time(18))


def test_a_week_holidays_and_the_days_that_make_up_for_them() -> None:
    written = OpeningHours(
        week={"mon": ("09:00-18:00",), "sun": ("20:00-24:00",)},
        holidays={"2026-10-01/2026-10-03": "国庆节", "2026-10-05": "…"},
        working_days={"2026-10-03": ("09:00-18:00",)},
    )
    assert written.calendar() == Calendar(
        week={"mon": (DAY,), "sun": (Span(begins=time(20), ends=END_OF_DAY),)},
        days={
            date(2026, 10, 1): (),
            date(2026, 10, 2): (),
            date(2026, 10, 3): (DAY,),
            date(2026, 10, 5): (),
        },
    )


def test_what_was_kept_is_what_was_written() -> None:
    row = {"week": {"mon": ["09:00-18:00"]}, "holidays": {"2026-10-01": "x"}, "working_days": {}}
    kept = OpeningHours.kept(row)
    assert kept == OpeningHours(week={"mon": ("09:00-18:00",)}, holidays={"2026-10-01": "x"})
    assert OpeningHours.kept(None) is None


@pytest.mark.parametrize(
    ("written", "says"),
    [
        (OpeningHours(week={"monday": ()}), "monday: must be one of mon"),
        (OpeningHours(week={"mon": ("9-18",)}), "mon: 9-18 must be such as 09:00-18:00"),
        (OpeningHours(week={"mon": ("20:00-06:00",)}), "mon: 20:00-06:00 ends before it begins"),
        (OpeningHours(week={}, holidays={"1.10.": "x"}), "1.10.: must be a day"),
        (OpeningHours(week={}, holidays={"2026-02-30": "x"}), "2026-02-30: there is no such day"),
        (OpeningHours(week={}, holidays={"2026-10-07/2026-10-01": "x"}), "the first one first"),
    ],
)
def test_what_cannot_be_read_is_told_with_its_place(written: OpeningHours, says: str) -> None:
    with pytest.raises(HoursUnreadable, match=says):
        written.calendar()
