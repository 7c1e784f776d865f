"""`callwright simulate FILE`: the routing engine on a scenario, in simulated time; a report as JSON, or as a table."""

from __future__ import annotations

import json
import os
import signal
import sys
from argparse import Namespace
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import replace
from multiprocessing import get_context
from pathlib import Path

from callwright.scenario_file import checked, read_scenario, written
from callwright.simulated_table import table
from routing.simulation.examples import wallace_whitt, working_day
from routing.simulation.measures import Outcome
from routing.simulation.report import report
from routing.simulation.run import run
from routing.simulation.scenario import Scenario
from routing.strategies import StrategyName


def simulate_command(wanted: Namespace, say: Callable[[str], None]) -> int:
    signal.signal(signal.SIGINT, signal.default_int_handler)  # asyncio would wait for us to await something
    scenario = _example(wanted) if wanted.example else _read(wanted.file)
    changed = {name: getattr(wanted, name) for name in ("runs", "seed") if getattr(wanted, name) is not None}
    scenario = checked(replace(scenario, **changed), file=wanted.example or _named(wanted.file))
    if wanted.example:
        print(written(scenario))
        return 0
    found = report(scenario, outcomes(scenario, wanted.jobs, say))
    print(table(found) if wanted.table else json.dumps(found, ensure_ascii=False, indent=2))
    return 0


def _example(wanted: Namespace) -> Scenario:
    if wanted.example == "working-day":
        return working_day()
    strategy = StrategyName(wanted.strategy)
    return wallace_whitt(wanted.skills, places=wanted.places, patience_s=wanted.patience, strategy=strategy)


def _read(file: str) -> Scenario:
    data = sys.stdin.buffer.read() if file == "-" else Path(file).read_bytes()
    return read_scenario(data.decode("utf-8-sig", "replace"), file=_named(file))


def _named(file: str) -> str:
    return "stdin" if file == "-" else file


def outcomes(scenario: Scenario, jobs: int | None, say: Callable[[str], None]) -> list[Outcome]:
    """All runs, in order of their numbers; several at once where there are processors."""
    numbers = range(1, scenario.runs + 1)
    workers = min(jobs or len(os.sched_getaffinity(0)), scenario.runs)
    done: dict[int, Outcome] = {}
    for number, outcome in _one_by_one(scenario, numbers) if workers == 1 else _at_once(scenario, numbers, workers):
        done[number] = outcome
        say(f"Run {len(done)} of {scenario.runs}: {outcome.total['offered']:.0f} calls.")
    return [done[number] for number in numbers]


def _one_by_one(scenario: Scenario, numbers: range) -> Iterator[tuple[int, Outcome]]:
    return ((number, run(scenario, number)) for number in numbers)


def _at_once(scenario: Scenario, numbers: range, workers: int) -> Iterator[tuple[int, Outcome]]:
    die = (signal.SIGINT, signal.SIG_DFL)
    pool = ProcessPoolExecutor(workers, get_context("spawn"), initializer=signal.signal, initargs=die)
    try:
        waiting = {pool.submit(run, scenario, number): number for number in numbers}
        for done in as_completed(waiting):
            yield waiting[done], done.result()
    finally:
        pool.shutdown(wait=False, cancel_futures=True)
