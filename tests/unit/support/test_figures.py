"""The bench's arithmetic: which percentiles are of a round, and which of all rounds together."""

from __future__ import annotations

import pytest

from tests.bench.figures import Row, compared

HUNDRED = [[number / 1000 for number in range(1, 101)], [number / 500 for number in range(1, 101)]]


def test_what_a_round_has_enough_calls_for_is_of_each_round() -> None:
    found = compared(HUNDRED, HUNDRED, 0.95)
    assert (found.label, found.ours, found.peers) == ("p95", [95.0, 190.0], [95.0, 190.0])


def test_the_highest_percentiles_are_of_all_rounds_and_say_of_how_many_calls() -> None:
    found = compared(HUNDRED, [one[:50] for one in HUNDRED], 0.99)
    assert found.label == "p99 of all rounds, n = 200 and 100"
    assert (found.ours, found.peers) == ([196.0], [98.0])


def test_a_high_percentile_of_few_calls_is_no_more_than_the_largest_of_a_round() -> None:
    found = compared([[0.001] * 11 + [0.9]] * 5, [], 0.95)
    assert (found.label, found.ours, found.peers) == ("p95 of all rounds, n = 60", [pytest.approx(900.0)], [])


def test_a_row_tells_the_range_of_its_rounds_and_no_verdict_without_a_goal() -> None:
    assert Row("x", [2.0, 3.0, 4.0], [2.0, 2.0, 2.0], "≤ 2 ×", True).cells() == (
        "| x | 3.0 | 2.0 | 1.50 × (1.00–2.00) | ≤ 2 × | met |"
    )
    assert Row("x", [2.0], [1.0], "", False).cells() == "| x | 2.0 | 1.0 | 2.00 × |  |  |"
    assert Row("x", [2.0], [], "≤ 1 ms", False).cells() == "| x | 2.0 | – |  | ≤ 1 ms | **missed** |"
