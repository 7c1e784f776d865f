"""Theory stands beside a simulation only where it speaks of the same floor."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from crm_core.kernel.ids import QueueKey
from routing.simulation.bounds import bounds
from routing.simulation.run import run
from routing.simulation.scenario import Line, Scenario, Spread
from tests.unit.routing.simulation.floors import SERVICE, calls, fixed, scenario, team

OTHER = QueueKey("other")
VARIED = Spread(mean_s=60)


@pytest.mark.parametrize("per_hour", [5e-324, 1e-318, 1e-9])
def test_who_never_calls_counts_as_nobody(per_hour: float) -> None:
    found = bounds(scenario(calls(), calls("never", per_hour=per_hour)))
    assert list(found["separate"]) == ["calls"]
    assert bounds(scenario(calls(per_hour=per_hour))) == {"applies": False, "why": "no call comes"}


def test_a_very_quiet_floor_has_its_bounds() -> None:
    found = bounds(scenario(calls(), agents=(team(count=200),)))
    assert found["pooled"]["erlang_c"]["p99_wait_s"] == 0.0


@pytest.mark.parametrize(
    ("floor", "why"),
    [
        (scenario(agents=(team("a"), team("b", ring_s=5))), "phones ring before they are answered"),
        (
            scenario(calls(after_call=Spread(mean_s=60)), line=Line(key=SERVICE, wrap_up_limit_s=30)),
            "paperwork is cut short at a limit",
        ),
    ],
)
def test_what_the_formulas_do_not_know_has_none(floor: Scenario, why: str) -> None:
    assert bounds(floor) == {"applies": False, "why": why}


def test_a_limit_where_there_is_no_paperwork_changes_nothing() -> None:
    assert bounds(scenario(line=Line(key=SERVICE, wrap_up_limit_s=30)))["applies"]


def two(line: Line | None = None, **second: int) -> Scenario:
    both = calls("a", service=VARIED), calls("b", service=VARIED, **second)
    return scenario(*both, line=line, agents=(team(count=9),))


def test_only_where_nobody_goes_before_others_the_formulas_are_exact() -> None:
    assert bounds(two())["exact"]
    assert bounds(two(priority=0, line=Line(key=SERVICE, priority=3)))["exact"]
    assert not bounds(two(priority=1))["exact"]


@pytest.mark.parametrize("other", [{"within_s": 60.0}, {"crowd_s": 30.0}, {"priority": 1}])
def test_nor_are_they_where_two_queues_are_not_alike(other: dict[str, Any]) -> None:
    of_two = replace(two(), queues=(Line(key=SERVICE), Line(key=OTHER, **other)))
    first, second = of_two.call_types
    assert bounds(of_two)["exact"]
    assert not bounds(replace(of_two, call_types=(first, replace(second, queue=OTHER))))["exact"]


def test_who_can_do_everything_writes_no_longer_than_the_limit_either() -> None:
    """One agent who can do everything is the floor itself."""
    line = Line(key=SERVICE, wrap_up_limit_s=10)
    found = run(scenario(calls(per_hour=20, after_call=fixed(300)), line=line), 1)
    assert found.pooled["mean_wait_s"] == pytest.approx(found.total["mean_wait_s"])
