"""Any day at the call centre: whatever callers, agents, phones and lines do, and even if half of it is not heard, or
everything late. Two Asterisks do what the switchboard wants in their own time, so whatever can cross does.
"""

from __future__ import annotations

from hypothesis import settings

from tests.unit.cti.switchboard.day_of_advice import DayOfAdvice
from tests.unit.cti.switchboard.day_of_truth import DayOfTruth


class AnyDay(DayOfAdvice, DayOfTruth):
    """All of it together."""


AnyDay.TestCase.settings = settings(max_examples=150, stateful_step_count=40, deadline=None)
TestAnyDay = AnyDay.TestCase
