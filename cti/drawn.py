"""The floor plan of the CRM in the terms of the routing engine: for the switchboard, and for whoever tries a plan."""

from __future__ import annotations

from collections.abc import Mapping

from crm_core.domain import floor as plans
from crm_core.kernel.ids import AgentId
from routing.agents import Agent
from routing.floor import Floor
from routing.queues import Queue, WrapUp, WrapUpKind
from routing.reasons import StepKind
from routing.relaxing import Step
from routing.strategies import StrategyName


def floor_of(plan: plans.FloorPlan) -> Floor:
    seats = {agent.extension: agent.id for agent in plan.agents}
    return Floor.of([_agent(agent) for agent in plan.agents], [_queue(queue, seats) for queue in plan.queues])


def _agent(agent: plans.FloorAgent) -> Agent:
    queues = frozenset(agent.queues)
    return Agent(
        id=agent.id,
        skills=dict(agent.skills),
        queues=queues,
        department=agent.department or "",
        calls_per_hour=agent.calls_per_hour,
        tickets_at_once=agent.tickets_at_once,
    )


def _step(step: plans.Relaxation) -> Step:
    return Step(
        after_s=step.after_s,
        kind=StepKind(step.kind),
        skill=step.skill,
        level=step.level,
        queue=step.queue,
        department=step.department,
    )


def _queue(queue: plans.Queue, seats: Mapping[str, AgentId]) -> Queue:
    return Queue(
        key=queue.key,
        names=dict(queue.names),
        priority=queue.priority,
        ageing_s=queue.ageing_s,
        weight=queue.weight,
        ring_s=queue.ring_s,
        wrap_up=WrapUp(kind=WrapUpKind(queue.paperwork), limit_s=queue.wrap_up_limit_s),
        strategy=StrategyName(queue.strategy),
        order=tuple(seats[extension] for extension in queue.ring_order if extension in seats),
        crowd_s=queue.crowd_s,
        keep_s=queue.sticky_s,
        misses_to_pause=queue.misses_to_pause,
        ticket_yield_s=queue.ticket_yield_s,
        tickets_undisturbed=queue.tickets_undisturbed,
        steps=tuple(_step(step) for step in sorted(queue.relaxing, key=lambda step: step.after_s)),
    )
