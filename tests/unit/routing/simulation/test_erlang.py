"""The formulas, against what has been published."""

import math

import pytest

from routing.simulation.erlang import erlang_b, erlang_c, mean_wait_c, shares, steady, wait_quantile_c, within_c


@pytest.mark.parametrize(
    ("load", "agents", "share"), [(5, 10, 0.01838), (10, 10, 0.21458), (20, 30, 0.00846), (12.03, 20, 0.01)]
)
def test_erlang_b_is_as_in_the_tables(load: float, agents: int, share: float) -> None:
    assert erlang_b(load, agents) == pytest.approx(share, abs=1e-4)


def test_wallace_and_whitt_pooled_and_split() -> None:
    assert mean_wait_c(84, 90, 600) == pytest.approx(41.2, abs=0.05)
    assert mean_wait_c(14, 15, 600) == pytest.approx(433.4, abs=0.05)


def test_garnett_mandelbaum_and_reiman_with_and_without_patience() -> None:
    """Their table: 50 agents, 48 calls a minute of one minute each, patience two minutes."""
    patient, impatient = mean_wait_c(48, 50, 60), steady(48, 50, 60, patience_s=120)
    assert impatient is not None
    assert patient == pytest.approx(20.8, abs=0.05)
    assert wait_quantile_c(48, 50, 60, 0.9) == pytest.approx(58.1, abs=0.05)
    assert impatient.abandoned == pytest.approx(0.031, abs=5e-4)
    assert impatient.mean_wait_s == pytest.approx(3.7, abs=0.05)
    assert impatient.occupancy == pytest.approx(0.93, abs=5e-3)


def test_all_are_one_chain() -> None:
    """No place is Erlang B, endless places and patience are Erlang C."""
    lost, waiting = steady(20, 24, 60, places=0), steady(20, 24, 60)
    assert lost is not None
    assert waiting is not None
    assert lost.blocked == pytest.approx(erlang_b(20, 24))
    assert waiting.waits == pytest.approx(erlang_c(20, 24))
    assert waiting.mean_wait_s == pytest.approx(mean_wait_c(20, 24, 60))
    assert waiting.occupancy == pytest.approx(20 / 24)


def test_places_and_patience_together_turn_away_and_lose() -> None:
    both = steady(100, 90, 600, patience_s=180, places=30)
    assert both is not None
    assert both.blocked > 0
    assert both.abandoned > 0
    assert both.occupancy <= 1


def test_more_load_than_agents_has_no_end_without_patience_or_limit() -> None:
    assert steady(10, 10, 60) is None
    assert mean_wait_c(10, 10, 60) == wait_quantile_c(10, 10, 60, 0.95) == math.inf
    assert (erlang_c(11, 10), within_c(11, 10, 60, 20)) == (1.0, 0.0)
    assert steady(11, 10, 60, patience_s=60) is not None
    assert steady(0, 10, 60, patience_s=60) is None


def test_a_very_large_floor_overflows_nothing() -> None:
    large = steady(10, 5_000, 60, patience_s=60)
    assert large is not None
    assert large.abandoned == 0


def test_a_floor_run_over_is_figured_out_as_well() -> None:
    """The states of such a line differ by more than a number can hold."""
    patient, narrow = steady(200, 10, 60, patience_s=3600), steady(200, 10, 60, places=5_000)
    assert patient is not None
    assert narrow is not None
    assert (patient.abandoned, narrow.blocked) == pytest.approx((0.95, 0.95))
    assert steady(200, 10, 60, patience_s=1e7) is None


def test_the_quantile_is_where_the_share_is_reached() -> None:
    assert within_c(84, 90, 600, wait_quantile_c(84, 90, 600, 0.95)) == pytest.approx(0.95)
    assert wait_quantile_c(10, 20, 60, 0.5) == 0


def test_where_hardly_anybody_waits_no_quantile_does() -> None:
    """The share of those who wait is too small for a number."""
    assert erlang_c(1, 200) == wait_quantile_c(1, 200, 60, 0.99) == 0.0


def test_agents_are_shared_by_load_and_none_is_lost() -> None:
    assert shares([14] * 6, 90) == [15] * 6
    assert shares([3, 2, 2], 10) == [4, 3, 3]
    assert shares([0, 0], 10) == [0, 0]
