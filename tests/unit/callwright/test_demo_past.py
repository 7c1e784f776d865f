"""The invented past happens at hours at which people work."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from callwright.demo.world_past import at_work

SHANGHAI = ZoneInfo("Asia/Shanghai")


@pytest.mark.parametrize(
    ("moment", "later", "earlier"),
    [("05 10:30", "05 10:30", "05 10:30"), ("05 22:15", "06 09:15", "05 17:15"), ("05 03:40", "05 09:40", "04 17:40")],
)
def test_a_moment_at_night_moves_into_working_hours(moment: str, later: str, earlier: str) -> None:
    at = datetime.strptime(f"2026-01-{moment}", "%Y-%m-%d %H:%M").replace(tzinfo=SHANGHAI).astimezone(UTC)
    assert f"{at_work(at, SHANGHAI, later=True).astimezone(SHANGHAI):%d %H:%M}" == later
    assert f"{at_work(at, SHANGHAI, later=False).astimezone(SHANGHAI):%d %H:%M}" == earlier
