"""How long the routing engine thinks about one event on a large floor, beside an engine that looks at everybody.

Everything is switched on: wishes of several ways, preferences, three steps of relaxation, the reason kept, the index
kept up. Nobody is free: whoever hangs up gets the next caller, and another comes for him. `Tick`s are told when the
engine asked for them. A floor ten times as large shows that the work does not grow with it.
"""

from __future__ import annotations

import gc
import random
import subprocess
import sys
import time
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from callwright.product import settle
from crm_core.kernel.ids import AgentId, CallId, QueueKey, SkillKey
from crm_core.kernel.requirements import Requirements
from crm_core.kernel.requirements_text import read
from routing import messages as m
from routing.agents import Agent
from routing.engine import Engine
from routing.floor import Floor
from routing.lines import Caller
from routing.queues import Queue, WrapUp, WrapUpKind
from routing.reasons import StepKind
from routing.relaxing import Step
from routing.skills import missing
from tests.bench.figures import Row, median_ratio, percentile
from tests.bench.stream import resident_mb

SKILLS = [SkillKey(f"skill{number}") for number in range(50)]
QUEUES = [QueueKey(f"queue{number}") for number in range(10)]
DEPARTMENTS = ("service", "sales", "repair", "orders")
USUAL, LARGE = (1_000, 5_000), (10_000, 50_000)
"""Agents and callers who wait."""
MOST_US, LEAST_FASTER, MOST_MB = 50.0, 30.0, 300
SELDOM = 20
"""So seldom the peer chooses: his scan pushes everything of ours out of the processor's cache."""
APART = timedelta(milliseconds=40)
"""Between two agents who hang up."""
_START = datetime(2026, 1, 5, 9, 0, tzinfo=UTC)
_NO_PAPERWORK = WrapUp(kind=WrapUpKind.NONE)


@dataclass(slots=True)
class Times:
    """Microseconds."""

    events: list[float] = field(default_factory=list)
    """Of each event …"""
    freed: list[float] = field(default_factory=list)
    """… and of those by which an agent got the next caller."""
    naive: list[float] = field(default_factory=list)
    """The same choice by looking at everybody who waits; nothing but the choice."""


class Shift:
    """A floor where everybody talks and the lines are long."""

    def __init__(self, agents: int, callers: int, seed: int) -> None:
        self.dice = random.Random(seed)
        self.now = _START
        self.engine = Engine(self._floor(agents), self.now)
        self.talking: deque[tuple[AgentId, CallId]] = deque()
        self.wakes: list[datetime] = []
        self._came = 0
        for agent in list(self.engine.agents):
            call = self._new()
            self.tell(m.Reachable(agent=agent), m.Ready(agent=agent))
            self.tell(m.CallTaken(agent=agent, call=call, queue=QUEUES[0]))
            self.talking.append((agent, call))
        settle()  # as the product does when it has been started: the callers come afterwards
        for _ in range(callers):
            self.now += timedelta(seconds=200 / callers)
            self._ticks()
            self.tell(self._arrival())

    def _floor(self, agents: int) -> Floor:
        dice = self.dice
        staff = [
            Agent(
                id=AgentId(f"agent{number}"),
                skills={skill: dice.randint(1, 5) for skill in dice.sample(SKILLS, 5)},
                queues=frozenset(dice.sample(QUEUES, 3)),
                department=dice.choice(DEPARTMENTS),
            )
            for number in range(agents)
        ]
        return Floor.of(staff, [self._queue(place) for place in range(len(QUEUES))])

    def _queue(self, place: int) -> Queue:
        widen = QUEUES[(place + 1) % len(QUEUES)]
        lower = [Step(after_s=30, kind=StepKind.LOWER, skill=skill, level=1) for skill in SKILLS[place::10]]
        steps = (
            *lower,
            Step(after_s=60, kind=StepKind.WIDEN, queue=widen),
            Step(after_s=90, kind=StepKind.CALL_IN, department=DEPARTMENTS[place % len(DEPARTMENTS)]),
        )
        return Queue(key=QUEUES[place], wrap_up=_NO_PAPERWORK, priority=place % 2, steps=steps)

    def _new(self) -> CallId:
        self._came += 1
        return CallId(f"call{self._came}")

    def _wish(self, place: int) -> Requirements:
        """Most ask for one skill of their queue, some for two, some for one of two and prefer more."""
        dice = self.dice
        one, two = dice.sample(SKILLS[place::10], 2)
        level = dice.randint(1, 4)
        kind = dice.random()
        if kind < 0.7:
            return read(f"{one} >= {level}")
        if kind < 0.85:
            return read(f"{one} >= {level} and {two}")
        return read(f"{one} >= {level} or {two} >= {level} prefer {one} >= 5")

    def _arrival(self) -> m.CallWaits:
        place, since = self.dice.randrange(len(QUEUES)), self.now - self.dice.random() * APART
        return m.CallWaits(call=self._new(), queue=QUEUES[place], requires=self._wish(place), since=since)

    def tell(self, *inputs: m.Input, into: list[float] | None = None) -> list[m.Decision]:
        decisions: list[m.Decision] = []
        for told in inputs:
            began = time.perf_counter_ns()
            answered = self.engine.handle(told, self.now)
            if into is not None:
                into.append((time.perf_counter_ns() - began) / 1000)
            decisions += answered
        self.wakes += [one.when for one in decisions if isinstance(one, m.WakeAt)]
        return decisions

    def _ticks(self, into: list[float] | None = None) -> None:
        """At the moments the engine asked for."""
        end = self.now
        while due := [when for when in self.wakes if when <= end]:
            self.now = min(due)
            self.wakes.remove(self.now)
            self.tell(m.Tick(), into=into)
        self.now = end

    def run(self, turns: int, *, beside: bool) -> Times:
        times = Times()
        for turn in range(turns):
            self.now += APART
            self._ticks(times.events)
            agent, call = self.talking.popleft()
            if beside and turn % SELDOM == 0:
                began = time.perf_counter_ns()
                self._first_for(agent)
                times.naive.append((time.perf_counter_ns() - began) / 1000)
            decisions = self.tell(m.CallFinished(agent=agent, call=call), into=times.freed)
            times.events.append(times.freed[-1])
            for given in [one for one in decisions if isinstance(one, m.Assigned)]:
                taken = m.CallTaken(agent=given.agent, call=given.call, queue=given.queue)
                self.tell(taken, into=times.events)
                self.talking.append((given.agent, given.call))
            self.tell(self._arrival(), into=times.events)
        return times

    def _first_for(self, agent: AgentId) -> Caller | None:
        """Naively: everybody is looked at."""
        profile, best = self.engine.agents[agent].profile, None
        for caller in self.engine.callers.values():
            if best is not None and best.place < caller.place:
                continue
            member = caller.queue in profile.queues or any(
                key in profile.queues or key == profile.department for _, key in caller.circle
            )
            if member and missing(profile.skills, caller.requires) is None:
                best = caller
        return best


def rows(rounds: int, turns: int, *, large: bool = True) -> list[str]:
    told: list[Times] = []
    shift = Shift(*USUAL, seed=1)
    for number in range(rounds + 1):
        print(f"decisions: round {number} of {rounds}", file=sys.stderr)
        gc.collect()
        times = shift.run(turns, beside=True)
        if number:
            told.append(times)
    return [*_usual(told), *(_large(told, turns) if large else ()), _memory()]


def _usual(told: list[Times]) -> Iterator[str]:
    agents, callers = USUAL
    where = f"{agents:,} agents, {callers:,} waiting, {len(SKILLS)} skills, relaxing"
    every = [figure for one in told for figure in one.events]
    p50 = [percentile(one.events, 0.5) for one in told]
    yield Row(f"{where}: an event, µs, p50", p50, (), "", True).cells()
    p99 = [percentile(every, 0.99)]
    label = f"{where}: an event, µs, p99 of all rounds, n = {len(every):,}"
    yield Row(label, p99, (), f"≤ {MOST_US:g} µs", p99[0] <= MOST_US).cells()
    ours, peers = (
        [percentile(one, 0.5) for one in side] for side in zip(*((t.freed, t.naive) for t in told), strict=True)
    )
    faster = 1 / median_ratio(ours, peers)
    label = f"{where}: a freed agent and his next caller, beside a naive scan, µs, p50 ({faster:.0f} × faster)"
    yield Row(label, ours, peers, f"≥ {LEAST_FASTER:g} × faster", faster >= LEAST_FASTER).cells()


def _large(told: list[Times], turns: int) -> Iterator[str]:
    agents, callers = LARGE
    print(f"decisions: {agents:,} agents", file=sys.stderr)
    shift = Shift(agents, callers, seed=2)
    shift.run(turns, beside=False)
    large = shift.run(turns, beside=False)
    small = [figure for one in told for figure in one.events]
    for share in (0.5, 0.99):
        label = f"{agents:,} agents, {callers:,} waiting, beside {USUAL[0]:,} and {USUAL[1]:,}: an event, µs"
        yield Row(
            f"{label}, p{share * 100:g}", [percentile(large.events, share)], [percentile(small, share)], "", True
        ).cells()


def _memory() -> str:
    """What a process grows by that does nothing else."""
    found = subprocess.run([sys.executable, "-m", __name__], capture_output=True, text=True, check=True)
    used = float(found.stdout)
    met = "met" if used <= MOST_MB else "**missed**"
    return f"| memory of {USUAL[0]:,} agents and {USUAL[1]:,} waiting, MB | {used:.0f} | – | | ≤ {MOST_MB} MB | {met} |"


def _grown_by() -> float:
    before = resident_mb()
    shift = Shift(*USUAL, seed=1)
    used = resident_mb() - before
    if len(shift.engine.callers) < USUAL[1] / 2:
        raise RuntimeError("the lines are not long")
    return used


if __name__ == "__main__":
    print(f"{_grown_by():.1f}")
