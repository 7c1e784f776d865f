"""Callers who have waited for long ask for less, step by step: what each step changes, and when the next one is due.

A step never makes a wish stricter, and whoever is relaxed keeps his place. Steps count from when he began to wait, so
after a restart of ours he is where he would have been.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from copy import copy
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from heapq import heapify, heappop, heappush

from crm_core.kernel.ids import CallId, QueueKey, SkillKey
from crm_core.kernel.requirements import Requirements
from routing.lines import Caller
from routing.reasons import StepKind, StepTaken
from routing.skills import one_value


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """What happens to everybody of a queue who has waited for so long. The fields its kind has no use for are None."""

    after_s: float
    kind: StepKind
    skill: SkillKey | None = None
    level: int | None = None
    queue: QueueKey | None = None
    department: str | None = None


class Relaxing:
    """Everybody's next step, the soonest first. Who is gone, or was relaxed otherwise, is passed over."""

    def __init__(self, callers: Mapping[CallId, Caller]) -> None:
        self._callers = callers
        self._heap: list[tuple[datetime, CallId]] = []
        self._told: datetime | None = None

    def begin(self, caller: Caller, steps: Sequence[Step], now: datetime) -> tuple[StepTaken, ...]:
        """Everything that is due by now is taken from what he came with; answers with what he had not taken before."""
        before = caller.steps
        caller.as_he_came()
        self.go_on(caller, steps, now)
        return tuple([step for step in caller.steps if step not in before])

    def go_on(self, caller: Caller, steps: Sequence[Step], now: datetime) -> tuple[StepTaken, ...]:
        """Takes what is due, and notes when the next step is. He must stand in no line meanwhile."""
        taken = len(caller.steps)
        waited = now - caller.since
        while caller.passed < len(steps) and _after(steps[caller.passed].after_s) <= waited:
            _take(caller, steps[caller.passed])
            caller.passed += 1
        self.watch(caller, steps)
        return caller.steps[taken:]

    def watch(self, caller: Caller, steps: Sequence[Step]) -> None:
        """Notes when something is due for him: the next step, or the end of waiting for somebody."""
        due = _due(caller, steps[caller.passed]) if caller.passed < len(steps) else None
        kept = caller.kept_until
        self._note(caller, kept if due is None or (kept is not None and kept < due) else due)

    def due(self, now: datetime) -> list[Caller]:
        """Whose next step is due, each once."""
        found: dict[CallId, Caller] = {}
        while self._heap and self._heap[0][0] <= now:
            due, call = heappop(self._heap)
            caller = self._callers.get(call)
            if caller is not None and caller.due == due:
                caller.due = None
                found[call] = caller
        return list(found.values())

    def wake_at(self, now: datetime, also: datetime | None = None) -> datetime | None:
        """When the engine wants to be told that time has passed; None when it has said so already. `also`: when
        something else is due."""
        if self._told is not None and self._told <= now:
            self._told = None
        first = self._heap[0][0] if self._heap else also
        if also is not None and first is not None and also < first:
            first = also
        if first is None or (self._told is not None and self._told <= first):
            return None
        self._told = first
        return first

    def _note(self, caller: Caller, due: datetime | None) -> None:
        if due is None or due == caller.due:
            caller.due = due
            return
        caller.due = due
        heappush(self._heap, (due, caller.call))
        if len(self._heap) > 2 * len(self._callers) + 64:
            self._heap = [(other.due, other.call) for other in self._callers.values() if other.due is not None]
            heapify(self._heap)


def next_step(caller: Caller, steps: Sequence[Step]) -> StepTaken | None:
    """What will change for him next, if he waits long enough."""
    later = copy(caller)
    for step in steps[caller.passed :]:
        _take(later, step)
        if len(later.steps) > len(caller.steps):
            return later.steps[-1]
    return None


def _due(caller: Caller, step: Step) -> datetime:
    return caller.since + _after(step.after_s)


@lru_cache(maxsize=1024)
def _after(seconds: float) -> timedelta:
    """Of each step made once."""
    return timedelta(seconds=seconds)


def _take(caller: Caller, step: Step) -> None:
    """A step that changes nothing for this caller is none."""
    match step.kind:
        case StepKind.LOWER | StepKind.DROP if step.skill:
            _ask_for_less(caller, step, step.skill, (step.level or 0) if step.kind is StepKind.LOWER else 0)
        case StepKind.WIDEN if step.queue and step.queue != caller.queue:
            _widen(caller, ("queue", step.queue), StepTaken(kind=step.kind, after_s=step.after_s, queue=step.queue))
        case StepKind.CALL_IN if step.department:
            taken = StepTaken(kind=step.kind, after_s=step.after_s, department=step.department)
            _widen(caller, ("department", step.department), taken)
        case _:
            pass


def _ask_for_less(caller: Caller, step: Step, skill: SkillKey, enough: int) -> None:
    asked, less = _with_less(caller.requires, skill, enough)
    if asked > enough:
        caller.requires = less
        taken = StepTaken(kind=step.kind, after_s=step.after_s, skill=skill, asked=asked, level=enough or None)
        caller.steps += (taken,)


@lru_cache(maxsize=16384)
def _with_less(wish: Requirements, skill: SkillKey, enough: int) -> tuple[int, Requirements]:
    """The level asked for until now, and the wish that is left. Kept, as everybody in a line takes the same step; and
    one value for one wish is found the quickest."""
    asked = wish.asked(skill)
    if asked <= enough:
        return asked, wish
    return asked, one_value(wish.changed(lambda key, level: min(level, enough) if key == skill else level))


def _widen(caller: Caller, who: tuple[str, str], taken: StepTaken) -> None:
    if who not in caller.circle:
        caller.circle = tuple(sorted({*caller.circle, who}))
        caller.steps += (taken,)
