"""How long callers would have waited: what is known, and what must be guessed from those who were there for longer."""

from __future__ import annotations

from math import inf, log
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from routing.simulation.patience import Patience


def test_where_nobody_gave_up_nobody_ever_will() -> None:
    assert Patience([(10, False), (20, False)]).beyond(0, 0.5) == inf
    assert Patience([]).beyond(0, 0.5) == inf


def test_by_hand_as_kaplan_and_meier_have_it() -> None:
    """Of four one is answered at 5, and gives up: one of three at 10, one of two at 20; the last waits for 30."""
    known = Patience([(5, False), (10, True), (20, True), (30, False)])
    assert known.beyond(0, 0.9) == 10, "a third of those who are there at 10 give up then"
    assert known.beyond(0, 0.67) == 10
    assert known.beyond(0, 0.5) == 20
    assert known.beyond(0, 0.34) == 20
    assert known.beyond(12, 0.51) == 20, "of two who are there after 12 seconds one is gone by then"


def test_behind_the_longest_patience_that_was_seen_callers_give_up_as_on_the_whole_of_the_day() -> None:
    known = Patience([(10, True), (30, False)])
    per_s = 1 / 40
    assert known.beyond(0, 0.2) == pytest.approx(10 - log(0.2 / 0.5) / per_s)
    assert known.beyond(35, 0.5) == pytest.approx(35 - log(0.5) / per_s)


def test_where_everybody_gave_up_the_next_one_will_too() -> None:
    known = Patience([(10, True), (20, True)])
    assert known.beyond(0, 0.01) == 20
    assert 25 < known.beyond(25, 0.5) < inf


@given(
    st.lists(st.tuples(st.floats(0, 600), st.booleans()), max_size=30),
    st.floats(0, 700),
    st.floats(0, 1, exclude_min=True, exclude_max=True),
)
def test_nobody_is_less_patient_than_he_was(waits: list[tuple[float, bool]], waited: float, chance: float) -> None:
    assert Patience(waits).beyond(waited, chance) >= waited


def test_censored_callers_are_not_taken_for_impatient_ones() -> None:
    """Patience of a hundred seconds, seen on a day that answers half of the callers before they lose it."""
    dice = Random(7)
    seen = [(min(true, answered), true < answered) for true, answered in _callers(dice, 4000)]
    known = Patience(seen)
    found = [known.beyond(0, dice.random()) for _ in range(2000)]
    naive = sum(waited for waited, gave_up in seen if gave_up) / sum(gave_up for _, gave_up in seen)
    assert sum(found) / len(found) == pytest.approx(100, rel=0.1)
    assert naive < 60, "those who gave up were the impatient ones"


def _callers(dice: Random, count: int) -> list[tuple[float, float]]:
    return [(dice.expovariate(1 / 100), dice.expovariate(1 / 100)) for _ in range(count)]
