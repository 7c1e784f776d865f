"""The same day under two sets of rules, side by side; and which of the differences are more than luck."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from statistics import fmean

from crm_core.kernel.ids import AgentId, QueueKey
from routing.simulation.confidence import estimate
from routing.simulation.day import Day
from routing.simulation.measures import Figures
from routing.simulation.replay import Played, Rules, Unknown, replay

MOST_RUNS = 8
"""Of each: what is unknown of the day is drawn anew each time."""
_NO_LESS = {"_s": 0.5, "_share": 0.005, "service_level": 0.005}
_NO_LESS_OF_A_COUNT = 0.5


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """One measure: the mean over the runs of each."""

    now: float
    draft: float
    differs: bool
    """By more than luck would, and by something that counts."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    runs: int
    total: Mapping[str, Pair]
    queues: Mapping[QueueKey, Mapping[str, Pair]]
    occupancy: Mapping[str, Pair]
    agents: Mapping[AgentId, Pair]


def compare(day: Day, now: Rules, draft: Rules, *, enough: Callable[[], bool] = lambda: False) -> Comparison:
    """As many runs as there is time for; one at least. The runs of both are pairs: the same luck under each."""
    unknown = Unknown(day)
    pairs: list[tuple[Played, Played]] = []
    for number in range(1, MOST_RUNS + 1):
        pairs.append((replay(day, now, unknown, number), replay(day, draft, unknown, number)))
        if enough():
            break
    queues = dict.fromkeys(key for one in pairs for side in one for key in side.queues)
    return Comparison(
        runs=len(pairs),
        total=_measures([(one.total, other.total) for one, other in pairs]),
        queues={
            key: _measures([(one.queues.get(key, {}), other.queues.get(key, {})) for one, other in pairs])
            for key in queues
        },
        occupancy=_measures([(_shares(one.occupancy), _shares(other.occupancy)) for one, other in pairs]),
        agents=_of_agents([(one.agents, other.agents) for one, other in pairs]),
    )


def _shares(occupancy: Figures) -> Figures:
    return {f"{name}_share": value for name, value in occupancy.items()}


def _measures(pairs: Sequence[tuple[Figures, Figures]]) -> dict[str, Pair]:
    """Of the runs that have something to say about each under both."""
    found: dict[str, Pair] = {}
    for name in dict.fromkeys(name for one in pairs for side in one for name in side):
        both = [(one[name], other[name]) for one, other in pairs if name in one and name in other]
        if both:
            found[name] = _pair(both, no_less=_no_less(name))
    return found


def _of_agents(pairs: Sequence[tuple[Mapping[AgentId, float], Mapping[AgentId, float]]]) -> dict[AgentId, Pair]:
    found: dict[AgentId, Pair] = {}
    for agent in dict.fromkeys(agent for one in pairs for side in one for agent in side):
        both = [(one[agent], other[agent]) for one, other in pairs if agent in one and agent in other]
        if both:
            found[agent] = _pair(both, no_less=_NO_LESS["_share"])
    return found


def _pair(both: Sequence[tuple[float, float]], *, no_less: float) -> Pair:
    off = estimate([after - before for before, after in both])
    sure = off.low is None or off.high is None or off.low > 0 or off.high < 0
    return Pair(
        now=fmean(before for before, _ in both),
        draft=fmean(after for _, after in both),
        differs=sure and abs(off.mean) >= no_less,
    )


def _no_less(name: str) -> float:
    return next((least for end, least in _NO_LESS.items() if name.endswith(end)), _NO_LESS_OF_A_COUNT)
