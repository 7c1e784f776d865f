"""What the event log knows of the life before: given to the switchboard after a restart of ours.

Of every agent the last word on his state; of every call that has not ended, or that an agent still wraps up, all, in
the order in which it was told: its times are by Asterisk's clock and by ours, which need not agree. And the places that
are kept for callers who were cut off, and whom we have promised to call back.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

import structlog

from crm_core.domain.calls import CallFilter
from crm_core.domain.log import LoggedEvent
from crm_core.kernel.clock import Clock
from crm_core.kernel.errors import CallwrightError
from crm_core.kernel.ids import CallId
from crm_core.kernel.messages import Event, from_json
from crm_core.services.calls import Calls
from crm_core.services.event_log import EventLog
from cti.events import (
    AgentStateChanged,
    CallbackAccepted,
    CallbackBegan,
    CallbackDone,
    CallbackGivenUp,
    CallbackPromised,
    CallbackTried,
    CallEvent,
    CallPlaceGivenBack,
    CallPlaceKept,
)
from routing.states import AgentState

FIRST_STEP = 1000
"""Lines of the log; where the search for today begins."""
FORGET_AFTER = timedelta(hours=18)
"""Who said nothing for so long went home without signing off."""
LONGEST_KEPT = timedelta(minutes=75)
"""No place is kept for longer than an hour, and whoever called by then may be in the menu."""
LONGEST_PROMISED = timedelta(days=30)
"""Whoever could not be called back within a week leaves the line; we may have been away when that week was over."""
_AT_A_TIME = 500
_PLACES = (CallPlaceKept.topic, CallPlaceGivenBack.topic)
_PROMISES = (
    CallbackPromised.topic,
    CallbackBegan.topic,
    CallbackAccepted.topic,
    CallbackTried.topic,
    CallbackDone.topic,
    CallbackGivenUp.topic,
)

_log = structlog.get_logger(__name__)


class Recall:
    """`await Recall(services.event_log, services.calls, clock)()`: the events, in the order they were told."""

    def __init__(self, event_log: EventLog, calls: Calls, clock: Clock) -> None:
        self._event_log, self._calls, self._clock = event_log, calls, clock

    async def __call__(self) -> Sequence[Event]:
        states = await self._states()
        calls = await self._live_calls()
        calls |= {state.call for state in states if state.state is AgentState.WRAP_UP and state.call is not None}
        histories = await self._calls.histories(calls)
        told: list[Event] = []
        for call in sorted(histories):
            told += [event for event in _events(histories[call]) if isinstance(event, CallEvent)]
        places = await self._logged(_PLACES, LONGEST_KEPT)
        promises = await self._logged(_PROMISES, LONGEST_PROMISED)
        return [*told, *places, *promises, *states]

    async def _live_calls(self) -> set[CallId]:
        found: set[CallId] = set()
        cursor: str | None = None
        while True:
            page = await self._calls.search(CallFilter(live=True), cursor=cursor, limit=200)
            found |= {call.id for call in page.items}
            cursor = page.next_cursor
            if cursor is None:
                return found

    async def _logged(self, topics: Sequence[str], age: timedelta) -> list[Event]:
        """All of these since then, in the order of the log. Each by the index: a month of it is millions of lines."""
        after = await position_since(self._event_log, self._clock.now() - age)
        lines = [line for topic in topics for line in await self._all(topic, after)]
        return _events(sorted(lines, key=lambda line: line.position))

    async def _all(self, topic: str, after: int) -> list[LoggedEvent]:
        found: list[LoggedEvent] = []
        while lines := await self._event_log.read(after, _AT_A_TIME, topic):
            found += lines
            after = lines[-1].position
        return found

    async def _states(self) -> list[AgentStateChanged]:
        since = await position_since(self._event_log, self._clock.now() - FORGET_AFTER)
        last = await self._event_log.latest_of_each(AgentStateChanged.topic, "agent", after=since)
        states = [event for event in _events(last) if isinstance(event, AgentStateChanged)]
        return sorted(states, key=lambda event: event.at)


async def position_since(event_log: EventLog, oldest: datetime) -> int:
    """The place in the log where what matters begins: bounded by doubling, found by halving."""
    low, high = 0, FIRST_STEP
    while not await _matters_after(event_log, high, oldest):
        low, high = high, high * 2
    while low < high:
        middle = (low + high) // 2
        if await _matters_after(event_log, middle, oldest):
            high = middle
        else:
            low = middle + 1
    return low


async def _matters_after(event_log: EventLog, position: int, oldest: datetime) -> bool:
    """Whether the next line is young enough, or there is none."""
    following = await event_log.read(position, 1)
    return not following or following[0].at >= oldest


def _events(lines: Iterable[LoggedEvent]) -> list[Event]:
    """Lines of kinds nobody knows (any more) are left out."""
    found: list[Event] = []
    for line in lines:
        try:
            event = from_json(line.topic, json.dumps(line.body))
        except (CallwrightError, ValueError):
            _log.warning("a line of the log is not understood", action="cti.recall", topic=line.topic)
            continue
        if isinstance(event, Event):
            found.append(event)
    return found
