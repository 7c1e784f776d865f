"""The floor plan of the CRM in the terms of the switchboard: whom to route to, and who sits at which extension."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, tzinfo
from types import MappingProxyType
from zoneinfo import ZoneInfo

from crm_core.domain import floor as plans
from crm_core.domain.calendars import Calendars, hours_by
from crm_core.domain.hours import Calendar, Standing, standing
from crm_core.domain.overflow import Overflow, OverflowKind, OverflowWhy
from crm_core.kernel.ids import AgentId, QueueKey
from crm_core.kernel.requirements import Requirements
from cti.drawn import floor_of
from routing.floor import Floor


@dataclass(frozen=True, slots=True, kw_only=True)
class QueueLimits:
    """Who may wait in a queue, and where the others go."""

    max_waiting: int = 0
    max_per_hour: int = 0
    max_wait_s: int = 0
    leaves_when: frozenset[OverflowWhy] = frozenset()
    """Whether its callers go on when nobody is logged in, or all are paused."""
    chain: tuple[Overflow, ...] = ()
    hours: Calendar | None = None
    place_back_s: int = 0
    """So long the place is kept of whoever was cut off."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CallbackTerms:
    """How hard it is tried to reach who was promised to be called back."""

    tries: int = 3
    retry_s: int = 300


@dataclass(frozen=True, slots=True, kw_only=True)
class Announcements:
    """What those who wait in a queue are told, and when."""

    what: frozenset[plans.Announced]
    comfort: str
    first_s: int
    every_s: int
    callback_key: str = ""
    message_key: str = ""
    """By which they may do something else than wait."""


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
    after_call: Mapping[QueueKey, str] = field(default_factory=dict)
    """Queues whose callers go through a menu once their agent has hung up."""
    callbacks: Mapping[QueueKey, CallbackTerms] = field(default_factory=dict)
    """Queues that call back whoever would rather not wait on the phone."""
    keys: Mapping[QueueKey, Mapping[str, OverflowKind]] = field(default_factory=dict)
    """What who waits may do by which key."""
    zone: tzinfo = UTC
    """By whose clocks queues open and close."""
    recording_pause_s: int = 60
    """After so long a paused recording goes on by itself."""
    outbound_recorded: bool = True
    """Whether conversations are that an agent began by calling a number outside."""

    @staticmethod
    def of(plan: plans.FloorPlan) -> Seating:
        extensions = {agent.id: agent.extension for agent in plan.agents}
        seats = _by_extension(extensions)
        floor = floor_of(plan)
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
            limits=MappingProxyType({queue.key: _limits(queue, plan.calendars) for queue in plan.queues}),
            announcements=MappingProxyType(
                {queue.key: _announcements(queue) for queue in plan.queues if _tells(queue)}
            ),
            after_call=MappingProxyType({queue.key: queue.after_call for queue in plan.queues if queue.after_call}),
            callbacks=MappingProxyType(
                {
                    queue.key: CallbackTerms(tries=queue.callback_tries, retry_s=queue.callback_retry_s)
                    for queue in plan.queues
                    if queue.callback_tries
                }
            ),
            keys=MappingProxyType({queue.key: _keys(queue) for queue in plan.queues}),
            recording_pause_s=plan.rules.recording_pause_s,
            outbound_recorded=plan.rules.outbound_recorded,
            zone=ZoneInfo(plan.timezone),
        )

    def standing(self, queue: QueueKey, at: datetime) -> Standing:
        """Whether it is open then; one without hours always is."""
        limits = self.limits.get(queue)
        if limits is None or limits.hours is None:
            return Standing(open=True, until=None)
        return standing(limits.hours, at.astimezone(self.zone))

    def with_leavers(self, former: Seating, leaving: Iterable[AgentId]) -> Seating:
        """Those no longer on the floor sit where they sat as long as a call keeps them."""
        stay = {agent: former.extensions[agent] for agent in leaving if agent in former.extensions}
        extensions = stay | dict(self.extensions)
        return replace(self, extensions=MappingProxyType(extensions), agents=_by_extension(extensions))


def _by_extension(extensions: Mapping[AgentId, str]) -> Mapping[str, AgentId]:
    return MappingProxyType({extension: agent for agent, extension in extensions.items()})


def _limits(queue: plans.Queue, calendars: Calendars) -> QueueLimits:
    return QueueLimits(
        max_waiting=queue.max_waiting,
        max_per_hour=queue.max_per_hour,
        max_wait_s=queue.max_wait_s,
        leaves_when=frozenset(queue.overflow_when),
        chain=queue.overflow,
        hours=hours_by(queue.open_hours, queue.calendar, calendars),
        place_back_s=queue.place_back_s,
    )


def _announcements(queue: plans.Queue) -> Announcements:
    return Announcements(
        what=frozenset(queue.announce),
        comfort=queue.comfort,
        first_s=queue.announce_first_s,
        every_s=queue.announce_every_s,
        callback_key=queue.callback_key if queue.callback_tries else "",
        message_key=queue.message_key,
    )


def _tells(queue: plans.Queue) -> bool:
    return bool(queue.announce or queue.comfort or _keys(queue))


def _keys(queue: plans.Queue) -> Mapping[str, OverflowKind]:
    calls_back = {queue.callback_key: OverflowKind.CALLBACK} if queue.callback_key and queue.callback_tries else {}
    takes_messages = {queue.message_key: OverflowKind.VOICEMAIL} if queue.message_key else {}
    return calls_back | takes_messages
