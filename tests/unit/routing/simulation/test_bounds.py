"""Theory stands beside a simulation only where it speaks of the same floor."""

from __future__ import annotations

import pytest

from routing.simulation.bounds import bounds
from tests.unit.routing.simulation.floors import calls, scenario, team


@pytest.mark.parametrize("per_hour", [5e-324, 1e-318, 1e-9])
def test_who_never_calls_counts_as_nobody(per_hour: float) -> None:
    found = bounds(scenario(calls(), calls("never", per_hour=per_hour)))
    assert list(found["separate"]) == ["calls"]
    assert bounds(scenario(calls(per_hour=per_hour))) == {"applies": False, "why": "no call comes"}


def test_a_very_quiet_floor_has_its_bounds() -> None:
    found = bounds(scenario(calls(), agents=(team(count=200),)))
    assert found["pooled"]["erlang_c"]["p99_wait_s"] == 0.0
