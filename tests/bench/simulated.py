"""Wallace and Whitt's call centre in simulated time: the engine's choice beside what theory says, exactly."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from callwright.commands.simulate import outcomes
from routing.simulation.examples import TYPES, wallace_whitt
from routing.simulation.report import report
from routing.simulation.scenario import Scenario
from routing.strategies import StrategyName

HEAD = "| what | simulated, 95 % sure | theory | times theory, 95 % sure | goal | |\n|---|---:|---:|---|---|---|"
PLACES, PATIENCE_S = 30, 180.0
GOALS = {2: 1.2, 3: 1.05}
"""Skills -> mean wait, times that of 90 agents who can do everything."""
P95_GOAL_S = 232.0
GAP_GOAL = 0.03

Report = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Size:
    runs: int
    hours: float
    """Of a run; 504 calls each."""


def rows(rounds: int, *, quick: bool) -> list[str]:
    size = Size(runs=rounds, hours=20.0 if quick else 220.0)
    told: list[str] = []
    for row in _rows(size):
        print(row, file=sys.stderr)
        told.append(row)
    return told


def _rows(size: Size) -> Iterator[str]:
    for skills in range(1, TYPES + 1):
        yield from _everybody_waits(skills, size)
        yield from _few_places(skills, size)
        yield from _impatient(skills, size)
    for skills in GOALS:
        scenario = wallace_whitt(
            skills, strategy=StrategyName.LONGEST_IDLE, crowd_s=0, hours=size.hours, runs=2 * size.runs
        )
        yield from _waits(f"k = {skills}, the longest idle takes who waits longest", _found(scenario))


def _found(scenario: Scenario) -> Report:
    print(f"{scenario.name}, {scenario.queues[0].strategy}", file=sys.stderr)
    return report(scenario, outcomes(scenario, None, lambda text: print(f"  {text}", file=sys.stderr)))


def _everybody_waits(skills: int, size: Size) -> Iterator[str]:
    """Twice the runs where there is a goal: it is near."""
    runs = size.runs * (2 if skills in GOALS else 1)
    found = _found(wallace_whitt(skills, hours=size.hours, runs=runs))
    what = f"k = {skills}"
    yield from _waits(what, found, skills=skills)
    c = found["bounds"]["pooled"]["erlang_c"]
    yield _row(f"{what}: answered within 20 s, %", found["total"]["service_level"], c["service_level"], times=100)
    gap = found["fairness"]["mean_wait_s"]
    verdict = "met" if gap <= GAP_GOAL else "**missed**"
    judged = f"≤ {GAP_GOAL:.0%} | {verdict}" if skills > 1 else "| "
    yield f"| {what}: widest gap of a type from the mean wait, % | {gap * 100:.1f} | 0 | | {judged} |"


def _waits(what: str, found: Report, *, skills: int = 0) -> Iterator[str]:
    total, beside, bounds = found["total"], found["beside_pooled"], found["bounds"]
    c = bounds["pooled"]["erlang_c"]
    goal = GOALS.get(skills)
    mean, p95 = beside["mean_wait_s"], beside["p95_wait_s"]
    met = None if goal is None else mean["mean"] <= goal
    said = f"≤ {goal} ×" if goal else ""
    yield _row(f"{what}: mean wait, s", total["mean_wait_s"], c["mean_wait_s"], mean, goal=said, met=met)
    p95_goal = P95_GOAL_S if skills == 2 else None
    met = None if p95_goal is None else p95["mean"] * c["p95_wait_s"] <= p95_goal
    said = f"≤ {p95_goal:g} s ({P95_GOAL_S / c['p95_wait_s']:.3f} ×)" if p95_goal else ""
    yield _row(f"{what}: p95 of the wait, s", total["p95_wait_s"], c["p95_wait_s"], p95, goal=said, met=met)
    if skills == 1:
        alone = next(iter(bounds["separate"].values()))["erlang_c"]
        yield _row(f"{what}: mean wait, s, beside six lines of 15 agents", total["mean_wait_s"], alone["mean_wait_s"])


def _few_places(skills: int, size: Size) -> Iterator[str]:
    found = _found(wallace_whitt(skills, places=PLACES, hours=size.hours / 2, runs=size.runs))
    theory, what = found["bounds"]["pooled"]["with_places"], f"k = {skills}, {PLACES} places to wait"
    yield _row(f"{what}: mean wait, s", found["total"]["mean_wait_s"], theory["mean_wait_s"])
    yield _row(f"{what}: turned away, %", found["total"]["blocked_share"], theory["blocked"], times=100)


def _impatient(skills: int, size: Size) -> Iterator[str]:
    found = _found(wallace_whitt(skills, patience_s=PATIENCE_S, hours=size.hours / 2, runs=size.runs))
    theory, what = found["bounds"]["pooled"]["erlang_a"], f"k = {skills}, patience 3 min"
    yield _row(f"{what}: gave up, %", found["total"]["abandoned_share"], theory["abandoned"], times=100)
    yield _row(f"{what}: mean time in the line, s", found["total"]["mean_time_in_line_s"], theory["mean_wait_s"])


def _row(
    what: str,
    found: Report,
    theory: float,
    ratio: Report | None = None,
    *,
    goal: str = "",
    met: bool | None = None,
    times: int = 1,
) -> str:
    half = f" ± {(found['high'] - found['mean']) * times:.1f}" if found["high"] is not None else ""
    cell = ""
    if ratio is not None:
        sure = f" ({ratio['low']:.3f}–{ratio['high']:.3f})" if ratio["high"] is not None else ""
        cell = f"{ratio['mean']:.3f} ×{sure}"
    verdict = {None: "", True: "met", False: "**missed**"}[met]
    return f"| {what} | {found['mean'] * times:.1f}{half} | {theory * times:.1f} | {cell} | {goal} | {verdict} |"
