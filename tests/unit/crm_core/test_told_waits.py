"""What callers are told of their wait, and how true it was."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from crm_core.domain.service_level import Left
from crm_core.domain.told_waits import ToldWait, WaitAccuracy, accuracy, minutes_told

AT = datetime(2026, 1, 5, 9, tzinfo=UTC)


def told(told_s: float, waited_s: float, left: Left = Left.ANSWERED, minute: int = 0) -> ToldWait:
    at = AT + timedelta(minutes=minute)
    return ToldWait(told_at=at, told_wait_s=told_s, left_at=at + timedelta(seconds=waited_s), left=left)


@pytest.mark.parametrize(
    ("wait_s", "minutes"), [(0, 1), (60, 1), (61, 2), (600, 10), (601, 15), (900, 15), (901, 20), (3601, 65)]
)
def test_minutes_are_never_fewer_than_were_meant(wait_s: float, minutes: int) -> None:
    assert minutes_told(wait_s) == minutes


def test_the_typical_error_and_which_way_they_lean() -> None:
    last = told(180, 160, minute=5)
    found = accuracy([told(60, 90), last, told(60, 360)])
    assert found == WaitAccuracy(answered=3, typical_error_s=30.0, bias_s=round((-30 + 20 - 300) / 3, 1), last=last)


def test_whoever_was_not_answered_has_no_true_wait() -> None:
    found = accuracy([told(60, 5, Left.ABANDONED), told(60, 80), told(60, 300, Left.WENT_ON)])
    assert (found.answered, found.not_answered, found.typical_error_s, found.bias_s) == (1, 2, 20.0, -20.0)


def test_of_nobody_nothing_is_said() -> None:
    assert accuracy([]) == WaitAccuracy()
    assert accuracy([told(60, 5, Left.ABANDONED)]) == WaitAccuracy(not_answered=1)
