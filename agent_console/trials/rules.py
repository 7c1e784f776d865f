"""A plan of the floor as rules to try a day with: the engine's own floor, and who may wait where. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from crm_core.domain.calendars import hours_by
from crm_core.domain.floor import FloorPlan, Queue
from crm_core.domain.hours import Calendar, standing
from cti.drawn import floor_of
from routing.simulation.limits import Limits, Onward, Way, Why
from routing.simulation.replay import Rules

_AFTER_THE_DAY = timedelta(hours=12)
"""So long the last callers may still be on their way through the queues."""


def rules_of(plan: FloorPlan, begins: datetime, ends: datetime) -> Rules:
    floor, zone = floor_of(plan), ZoneInfo(plan.timezone)
    first, last = begins.astimezone(zone), ends.astimezone(zone)
    return Rules(
        agents=tuple(floor.agents.values()),
        queues=tuple(floor.queues.values()),
        limits={queue.key: _limits(queue, plan, first, last) for queue in plan.queues},
        within_s={queue.key: float(queue.service_level_s) for queue in plan.queues},
    )


def _limits(queue: Queue, plan: FloorPlan, begins: datetime, ends: datetime) -> Limits:
    hours = hours_by(queue.open_hours, queue.calendar, plan.calendars)
    return Limits(
        max_waiting=queue.max_waiting,
        max_per_hour=queue.max_per_hour,
        max_wait_s=float(queue.max_wait_s),
        leaves_when=frozenset(Why(why) for why in queue.overflow_when),
        chain=tuple(
            Onward(kind=Way(step.kind), to=step.to, when=frozenset(Why(why) for why in step.when))
            for step in queue.overflow
        ),
        asks=queue.wish,
        opens=tuple(_open(hours, begins, ends + _AFTER_THE_DAY)) if hours is not None else None,
    )


def _open(hours: Calendar, begins: datetime, ends: datetime) -> Iterator[tuple[float, float]]:
    """From when to when, in seconds since the day began."""
    at = begins
    while at < ends:
        now = standing(hours, at)
        until = now.until or ends
        if now.open:
            yield (at - begins).total_seconds(), (until - begins).total_seconds()
        at = until
