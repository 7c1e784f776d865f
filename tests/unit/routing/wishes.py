"""Wishes as trees, written down and judged leaf by leaf: the naive way that the engine's index is measured against."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from hypothesis import strategies as st

from crm_core.kernel.ids import QueueKey, SkillKey
from routing.agents import Agent
from routing.floor import Floor
from routing.reasons import StepKind
from routing.relaxing import Step

SKILLS = ("zh", "en", "repair")
DEPARTMENTS = ("service", "sales")


@dataclass(frozen=True, slots=True)
class Leaf:
    skill: str
    level: int

    def __str__(self) -> str:
        return f"{self.skill} >= {self.level}"


@dataclass(frozen=True, slots=True)
class Knot:
    word: str
    left: Tree
    right: Tree

    def __str__(self) -> str:
        return f"({self.left} {self.word} {self.right})"


Tree = Leaf | Knot

leaves = st.builds(Leaf, st.sampled_from(SKILLS), st.sampled_from((1, 1, 2, 3, 5)))
trees = st.recursive(
    leaves, lambda deeper: st.builds(Knot, st.sampled_from(("and", "or")), deeper, deeper), max_leaves=5
)


def met(tree: Tree, has: Mapping[SkillKey, int], steps: tuple[Step, ...] = ()) -> bool:
    match tree:
        case Leaf(skill, level):
            return has.get(SkillKey(skill), 0) >= _level_after(SkillKey(skill), level, steps)
        case Knot("and", left, right):
            return met(left, has, steps) and met(right, has, steps)
        case Knot(_, left, right):
            return met(left, has, steps) or met(right, has, steps)


def _level_after(skill: SkillKey, level: int, steps: tuple[Step, ...]) -> int:
    for step in steps:
        if step.skill == skill:
            level = 0 if step.kind is StepKind.DROP else min(level, step.level)
    return level


def due(floor: Floor, queue: QueueKey, since: datetime, now: datetime) -> tuple[Step, ...]:
    return tuple(step for step in floor.queue(queue).steps if since + timedelta(seconds=step.after_s) <= now)


def in_reach(worker: Agent, queue: QueueKey, floor: Floor, steps: tuple[Step, ...]) -> bool:
    """Whether he serves this queue, or one of the steps called him in."""
    called = any(
        (step.kind is StepKind.WIDEN and step.queue in floor.queues and step.queue in worker.queues)
        or (step.kind is StepKind.CALL_IN and step.department == worker.department)
        for step in steps
    )
    return queue not in floor.queues or queue in worker.queues or called


def ladders(queues: Sequence[QueueKey]) -> st.SearchStrategy[tuple[Step, ...]]:
    """Steps of a queue, the soonest first."""
    return st.lists(_steps(queues), min_size=1, max_size=4).map(lambda found: tuple(sorted(found, key=_when)))


def _when(step: Step) -> float:
    return step.after_s


def _steps(queues: Sequence[QueueKey]) -> st.SearchStrategy[Step]:
    skill, after = st.sampled_from([SkillKey(key) for key in SKILLS]), st.integers(0, 60).map(float)
    lower, drop = st.just(StepKind.LOWER), st.just(StepKind.DROP)
    widen, call_in = st.just(StepKind.WIDEN), st.just(StepKind.CALL_IN)
    return st.one_of(
        st.builds(Step, after_s=after, kind=lower, skill=skill, level=st.integers(1, 4)),
        st.builds(Step, after_s=after, kind=drop, skill=skill),
        st.builds(Step, after_s=after, kind=widen, queue=st.sampled_from(queues)),
        st.builds(Step, after_s=after, kind=call_in, department=st.sampled_from(DEPARTMENTS)),
    )
