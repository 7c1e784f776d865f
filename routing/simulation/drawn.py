"""A scenario in the engine's own terms: its floor, and the limits of its queues."""

from __future__ import annotations

from crm_core.kernel.ids import QueueKey
from crm_core.kernel.requirements import Requirements, asking
from crm_core.kernel.requirements_text import read
from routing.agents import Agent
from routing.floor import Floor
from routing.queues import Queue, WrapUp, WrapUpKind
from routing.reasons import StepKind
from routing.relaxing import Step
from routing.simulation.limits import Limits, Onward, Way
from routing.simulation.scenario import Less, Line, Scenario

_FREE = WrapUp(kind=WrapUpKind.NONE)


def floor_of(scenario: Scenario) -> Floor:
    with_paperwork = _with_paperwork(scenario)
    return Floor.of(
        agents=[
            Agent(
                id=agent,
                skills=dict(team.skills),
                queues=frozenset(team.queues),
                calls_per_hour=team.calls_per_hour,
                department=team.department,
            )
            for team in scenario.agents
            for agent in team.members
        ],
        queues=[_queue(line, with_paperwork=line.key in with_paperwork) for line in scenario.queues],
    )


def limits_of(scenario: Scenario) -> dict[QueueKey, Limits]:
    """Of every queue: of one without any it is known what it asks for."""
    return {line.key: _limits(line) for line in scenario.queues}


def wish_of(line: Line) -> Requirements:
    """What a caller asks for whom another queue sends here. Raises Unreadable."""
    return asking(line.skills).and_also(read(line.asks))


def _with_paperwork(scenario: Scenario) -> set[QueueKey]:
    """Also where callers who have some are sent."""
    found = {one.queue for one in scenario.call_types if one.after_call is not None}
    goes_to = {
        line.key: {QueueKey(step.to) for step in line.overflow if step.kind is Way.QUEUE} for line in scenario.queues
    }
    fresh = found
    while fresh:
        fresh = {to for queue in fresh for to in goes_to.get(queue, ())} - found
        found = found | fresh
    return found


def _queue(line: Line, *, with_paperwork: bool) -> Queue:
    limit = line.wrap_up_limit_s
    kind = WrapUpKind.OPTIONAL if limit is None else WrapUpKind.MANDATORY
    return Queue(
        key=line.key,
        priority=line.priority,
        ageing_s=line.ageing_s,
        weight=line.weight,
        ring_s=line.ring_s,
        wrap_up=WrapUp(kind=kind, limit_s=limit or 0.0) if with_paperwork else _FREE,
        strategy=line.strategy,
        crowd_s=line.crowd_s,
        steps=tuple(_step(less) for less in sorted(line.relaxing, key=lambda less: less.after_s)),
    )


def _step(less: Less) -> Step:
    return Step(
        after_s=less.after_s,
        kind=StepKind(less.kind),
        skill=less.skill,
        level=less.level,
        queue=less.queue,
        department=less.department,
    )


def _limits(line: Line) -> Limits:
    return Limits(
        max_waiting=line.max_waiting,
        max_per_hour=line.max_per_hour,
        max_wait_s=line.max_wait_s,
        leaves_when=frozenset(line.overflow_when),
        chain=tuple(Onward(kind=step.kind, to=step.to, when=frozenset(step.when)) for step in line.overflow),
        asks=wish_of(line),
    )
