"""From the outcomes of all runs to the report: each measure with its confidence, and theory beside it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from routing.simulation.bounds import bounds
from routing.simulation.confidence import LEVEL, Estimate, estimate, ratio
from routing.simulation.measures import Figures, Outcome
from routing.simulation.scenario import Scenario


def report(scenario: Scenario, outcomes: Sequence[Outcome]) -> dict[str, Any]:
    types = {key: over_runs([one.types[key] for one in outcomes]) for key in outcomes[0].types}
    return {
        "name": scenario.name,
        "runs": len(outcomes),
        "seed": scenario.seed,
        "confidence": LEVEL,
        "agents": scenario.headcount,
        "total": _told(over_runs([one.total for one in outcomes])),
        "types": {key: _told(figures) for key, figures in types.items()},
        "occupancy": _told(over_runs([one.occupancy for one in outcomes])),
        "fairness": fairness(types),
        "beside_pooled": _told(beside_pooled(outcomes)),
        "bounds": bounds(scenario),
    }


def over_runs(runs: Sequence[Figures]) -> dict[str, Estimate]:
    """A measure that a run had nothing to say about is estimated from the others."""
    names = dict.fromkeys(name for one in runs for name in one)
    return {name: estimate([one[name] for one in runs if name in one]) for name in names}


def beside_pooled(outcomes: Sequence[Outcome]) -> dict[str, Estimate]:
    """How many times as long the same callers wait as if every agent could do everything; empty where none of them
    would wait, or it has no simple answer.
    """
    found: dict[str, Estimate] = {}
    for name in ("mean_wait_s", "p95_wait_s"):
        theirs = [one.pooled.get(name, 0.0) for one in outcomes]
        if all(theirs) and all(name in one.total for one in outcomes):
            found[name] = ratio([one.total[name] for one in outcomes], theirs)
    return found


def _told(figures: dict[str, Estimate]) -> dict[str, Any]:
    return {name: asdict(one) for name, one in figures.items()}


def fairness(types: dict[str, dict[str, Estimate]]) -> dict[str, float | None]:
    """How far apart the types are, over all runs: the widest gap from their mean, as a share of it (0: all alike)."""
    return {name: _widest(name, types) for name in ("mean_wait_s", "abandoned_share", "service_level")}


def _widest(name: str, types: dict[str, dict[str, Estimate]]) -> float | None:
    means = [figures[name].mean for figures in types.values() if name in figures]
    middle = sum(means) / len(means) if means else 0.0
    return max(abs(one - middle) for one in means) / middle if middle > 0 else None
