"""The floor plan of the CRM in the terms of the switchboard: whom to route to, and who sits at which extension."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, tzinfo
from types import MappingProxyType
from zoneinfo import ZoneInfo

from crm_core.domain import floor as plans
from crm_core.domain.hours import Calendar
from crm_core.domain.overflow import Overflow, OverflowWhy
from crm_core.kernel.ids import AgentId, QueueKey
from crm_core.kernel.requirements import Requirements
from routing.agents import Agent
from routing.floor import Floor
from routing.queues import Queue, WrapUp, WrapUpKind
from routing.reasons import StepKind
from routing.relaxing import Step
from routing.strategies import StrategyName


@dataclass(frozen=True, slots=True, kw_only=True)
class QueueLimits:
    """Who may wait in a queue, and where the others go."""

    max_waiting: int = 0
    max_wait_s: int = 0
    leaves_when: frozenset[OverflowWhy] = frozenset()
    """Whether its callers go on when nobody is logged in, or all are paused."""
    chain: tuple[Overflow, ...] = ()
    hours: Calendar | None = None
    place_back_s: int = 0
    """So long the place is kept of whoever was cut off."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Announcements:
    """What those who wait in a queue are told, and when."""

    what: frozenset[plans.Announced]
    comfort: str
    first_s: int
    every_s: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Seating:
    floor: Floor
    extensions: Mapping[AgentId, str]
    agents: Mapping[str, AgentId]
    """Extension -> who sits there."""
    unrecorded: frozenset[QueueKey] = frozenset()
    """Queues whose conversations nobody may hear again."""
    asks: Mapping[QueueKey, Requirements] = field(default_factory=dict)
    """What a call that is sent to a queue asks for there."""
    sticky: Mapping[QueueKey, plans.Sticky] = field(default_factory=dict)
    """Queues whose callers are first given to somebody who knows them."""
    limits: Mapping[QueueKey, QueueLimits] = field(default_factory=dict)
    announcements: Mapping[QueueKey, Announcements] = field(default_factory=dict)
    """Queues whose callers are told something while they wait."""
    zone: tzinfo = UTC
    """By whose clocks queues open and close."""
    recording_pause_s: int = 60
    """After so long a paused recording goes on by itself."""
    outbound_recorded: bool = True
    """Whether conversations are that an agent began by calling a number outside."""

    @staticmethod
    def of(plan: plans.FloorPlan) -> Seating:
        agents = [_agent(agent) for agent in plan.agents]
        extensions = {agent.id: agent.extension for agent in plan.agents}
        seats = _by_extension(extensions)
        floor = Floor.of(agents, [_queue(queue, seats) for queue in plan.queues])
        asks = {queue.key: queue.wish for queue in plan.queues}
        return Seating(
            floor=floor,
            extensions=MappingProxyType(extensions),
            agents=seats,
            unrecorded=frozenset(queue.key for queue in plan.queues if not queue.recorded),
            asks=MappingProxyType(asks),
            sticky=MappingProxyType(
                {queue.key: queue.sticky for queue in plan.queues if queue.sticky is not plans.Sticky.NOBODY}
            ),
            limits=MappingProxyType({queue.key: _limits(queue) for queue in plan.queues}),
            announcements=MappingProxyType(
                {queue.key: _announcements(queue) for queue in plan.queues if queue.announce or queue.comfort}
            ),
            recording_pause_s=plan.rules.recording_pause_s,
            outbound_recorded=plan.rules.outbound_recorded,
            zone=ZoneInfo(plan.timezone),
        )

    def with_leavers(self, former: Seating, leaving: Iterable[AgentId]) -> Seating:
        """Those no longer on the floor sit where they sat as long as a call keeps them."""
        stay = {agent: former.extensions[agent] for agent in leaving if agent in former.extensions}
        extensions = stay | dict(self.extensions)
        return replace(self, extensions=MappingProxyType(extensions), agents=_by_extension(extensions))


def _by_extension(extensions: Mapping[AgentId, str]) -> Mapping[str, AgentId]:
    return MappingProxyType({extension: agent for agent, extension in extensions.items()})


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


def _limits(queue: plans.Queue) -> QueueLimits:
    return QueueLimits(
        max_waiting=queue.max_waiting,
        max_wait_s=queue.max_wait_s,
        leaves_when=frozenset(queue.overflow_when),
        chain=queue.overflow,
        hours=queue.open_hours.calendar() if queue.open_hours is not None else None,
        place_back_s=queue.place_back_s,
    )


def _announcements(queue: plans.Queue) -> Announcements:
    return Announcements(
        what=frozenset(queue.announce),
        comfort=queue.comfort,
        first_s=queue.announce_first_s,
        every_s=queue.announce_every_s,
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
    """A queue whose target for the paperwork is no time at all has none; nobody is ever thrown out of it."""
    kind = WrapUpKind.OPTIONAL if queue.wrap_up_s > 0 else WrapUpKind.NONE
    return Queue(
        key=queue.key,
        names=dict(queue.names),
        priority=queue.priority,
        ageing_s=queue.ageing_s,
        weight=queue.weight,
        ring_s=queue.ring_s,
        wrap_up=WrapUp(kind=kind),
        strategy=StrategyName(queue.strategy),
        order=tuple(seats[extension] for extension in queue.ring_order if extension in seats),
        crowd_s=queue.crowd_s,
        keep_s=queue.sticky_s,
        misses_to_pause=queue.misses_to_pause,
        ticket_yield_s=queue.ticket_yield_s,
        tickets_undisturbed=queue.tickets_undisturbed,
        steps=tuple(_step(step) for step in sorted(queue.relaxing, key=lambda step: step.after_s)),
    )
