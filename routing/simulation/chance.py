"""Chance that can be had again: every call type has its own stream of numbers in each run, so the same seed brings the
same callers with the same wishes and patience to every floor they are tried on.
"""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Callable, Iterator
from random import Random

from routing.simulation.scenario import DAY_S, HOUR_S, CallType, Pace, Scenario, Spread, SpreadKind, time_of_day

Draw = Callable[[], float]


def stream(scenario: Scenario, run: int, name: str) -> Random:
    return Random(f"{scenario.seed}/{run}/{name}")  # noqa: S311 - repeatable on purpose


def draw(spread: Spread | None, chance: Random, otherwise: float) -> Draw:
    """One length of time after the other."""
    if spread is None:
        return lambda: otherwise
    mean, sd = spread.mean_s, spread.sd_s or 0.0
    match spread.kind:
        case SpreadKind.DETERMINISTIC:
            return lambda: mean
        case SpreadKind.EXPONENTIAL:
            rate = 1 / mean
            return lambda: chance.expovariate(rate)
        case SpreadKind.LOGNORMAL:
            variance = math.log1p((sd / mean) ** 2)
            mu, sigma = math.log(mean) - variance / 2, math.sqrt(variance)
            return lambda: chance.lognormvariate(mu, sigma)


def arrivals(call_type: CallType, scenario: Scenario, chance: Random) -> Iterator[float]:
    """When each caller comes, in seconds since the beginning."""
    if call_type.arrivals:
        return iter(sorted(call_type.arrivals))
    if call_type.per_hour is not None:
        return _poisson(call_type.per_hour, scenario.length_s, chance)
    return _by_the_day(call_type.profile, scenario, chance)


def _poisson(per_hour: float, length_s: float, chance: Random) -> Iterator[float]:
    at, rate = 0.0, per_hour / HOUR_S
    if rate <= 0:
        return
    while (at := at + chance.expovariate(rate)) < length_s:
        yield at


def _by_the_day(profile: tuple[Pace, ...], scenario: Scenario, chance: Random) -> Iterator[float]:
    """By thinning: as if the busiest pace held all day, and of those who come too many stay away."""
    most = max(pace.per_hour for pace in profile)
    starts = [time_of_day(pace.since) or 0.0 for pace in profile]
    begin = time_of_day(scenario.starts) or 0.0
    for at in _poisson(most, scenario.length_s, chance):
        pace = profile[bisect_right(starts, (begin + at) % DAY_S) - 1]
        if chance.random() * most < pace.per_hour:
            yield at
