"""How sure a mean is."""

import pytest

from routing.simulation.confidence import estimate, ratio, student_t


@pytest.mark.parametrize(("degrees", "times"), [(1, 12.706), (4, 2.776), (30, 2.042), (40, 2.021), (120, 1.980)])
def test_student_is_as_in_the_tables(degrees: int, times: float) -> None:
    assert student_t(degrees) == pytest.approx(times, abs=6e-4)


def test_one_run_says_nothing_of_how_sure_it_is() -> None:
    only = estimate([3.0])
    assert (only.mean, only.low, only.high) == (3.0, None, None)


def test_the_interval_stands_around_the_mean() -> None:
    found = estimate([1.0, 2.0, 3.0])
    assert (found.low, found.mean, found.high) == pytest.approx((2 - 2.4841, 2, 2 + 2.4841), abs=1e-3)


def test_what_rises_together_has_a_sure_ratio() -> None:
    found = ratio([2.0, 4.0, 60.0], [1.0, 2.0, 30.0])
    assert (found.low, found.mean, found.high) == pytest.approx((2, 2, 2))
