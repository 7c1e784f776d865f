"""What a restart of ours would forget of how work went: who took how many calls this hour, whose phone rang in vain,
how busy everybody was, how long calls and waits took. Read back from the call log, in two bounded questions.

It makes the distribution fairer and its promises truer, and is no reason to let anybody wait: what cannot be read in
time is forgotten.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta

import structlog

from crm_core.domain.lately import Lately, Part
from crm_core.domain.service_level import Left
from crm_core.kernel.clock import Clock
from crm_core.kernel.ids import AgentId, QueueKey
from crm_core.kernel.messages import Event
from crm_core.services.event_log import EventLog
from crm_core.services.lately import LatelyLog
from cti.events import AgentStateChanged, OfferFailure
from cti.recall import position_since
from routing.messages import NOTHING_REMEMBERED, Missed, Remembered, Waited, Worked
from routing.states import AgentState

LATELY = timedelta(minutes=90)
"""The calls of an hour, and what an occupancy remembers but for a twentieth."""
LONGEST_S = 1.0
"""So long callers wait at most for what only makes the next decisions better."""
_AWAY = (AgentState.OFFLINE, AgentState.PAUSED)

_log = structlog.get_logger(__name__)


class RecallLately:
    """`await RecallLately(services.event_log, services.lately, clock)(told)`, of those whom `Recall` told of."""

    def __init__(self, event_log: EventLog, lately: LatelyLog, clock: Clock) -> None:
        self._event_log, self._lately, self._clock = event_log, lately, clock

    async def __call__(self, told: Iterable[Event]) -> Remembered:
        agents = {event.agent for event in told if isinstance(event, AgentStateChanged)}
        since = self._clock.now() - LATELY
        try:
            async with asyncio.timeout(LONGEST_S):
                lately = await self._lately.read(agents, since)
                ready = await self._said_ready(since)
        except TimeoutError:
            _log.warning("it takes too long to read how the last hours went", action="cti.recall")
            return NOTHING_REMEMBERED
        return remembered(lately, ready)

    async def _said_ready(self, since: datetime) -> dict[AgentId, datetime]:
        """When each came (back) to his calls last: what he had missed before does not count any more."""
        after = await position_since(self._event_log, since)
        be = {"state": (AgentState.READY,), "before": _AWAY}
        lines = await self._event_log.latest_of_each(AgentStateChanged.topic, "agent", after=after, where=be)
        return {AgentId(line.body["agent"]): line.at for line in lines}


def remembered(lately: Lately, ready: Mapping[AgentId, datetime]) -> Remembered:
    talked = [part for part in lately.parts if part.connected_at is not None]
    taken = {(part.call, part.offered_at) for part in talked}
    missed = [part for part in lately.parts if part.failure == OfferFailure.NO_ANSWER and part.offered_at is not None]
    return Remembered(
        worked=tuple([_worked(part, part.connected_at) for part in talked if part.connected_at is not None]),
        missed=tuple(
            [
                Missed(agent=part.agent, at=part.offered_at)
                for part in missed
                if part.offered_at is not None
                and (part.call, part.offered_at) not in taken  # all phones rang, and another was answered
                and (part.agent not in ready or ready[part.agent] <= part.offered_at)
            ]
        ),
        waited=tuple(
            [
                Waited(
                    queue=stay.queue, until=stay.left_at, waited_s=stay.wait_s or 0.0, left=stay.left is Left.ABANDONED
                )
                for stay in lately.stays
                if stay.left_at is not None
            ]
        ),
    )


def _worked(part: Part, at: datetime) -> Worked:
    until = part.left_at + timedelta(seconds=part.wrap_up_s or 0.0) if part.left_at is not None else None
    return Worked(agent=part.agent, call=part.call, queue=part.queue or QueueKey(""), at=at, until=until)


async def nothing_of_it(_: Iterable[Event]) -> Remembered:
    return NOTHING_REMEMBERED
