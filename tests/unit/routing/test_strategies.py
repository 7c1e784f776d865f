"""Ways of choosing between able agents: every name has one, and each orders as it says."""

from datetime import timedelta

from routing.strategies import STRATEGIES, StrategyName
from tests.unit.routing.floors import START

LATER = START + timedelta(minutes=1)


def test_every_name_has_a_strategy() -> None:
    assert set(STRATEGIES) == set(StrategyName)


def test_best_skill_goes_by_mastery_and_then_by_idle_time() -> None:
    strategy = STRATEGIES[StrategyName.BEST_SKILL]
    best, longest, last = strategy.rank(5, LATER), strategy.rank(3, START), strategy.rank(3, LATER)
    assert sorted([last, longest, best]) == [best, longest, last]
    assert strategy.rule(best, longest) == "best_skill"
    assert strategy.rule(longest, last) == "longest_idle"


def test_longest_idle_does_not_look_at_mastery() -> None:
    strategy = STRATEGIES[StrategyName.LONGEST_IDLE]
    assert strategy.rank(1, START) < strategy.rank(5, LATER)


def test_only_the_least_needed_looks_around() -> None:
    assert [name for name, one in STRATEGIES.items() if one.looks_around] == [StrategyName.LEAST_NEEDED]
