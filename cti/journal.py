"""Writes what happens into the call log: the bus's durable reader of everything `cti` tells.

The bus gives what has gathered and gives it again, after a pause, until we took it; so a database that is locked or
away delays the log and loses nothing, and the order stays. An event the log itself chokes on is kept raw and passed.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AsyncExitStack
from types import TracebackType
from typing import Protocol, Self

import structlog

from crm_core.kernel.bus import Bus
from crm_core.kernel.messages import Event
from cti.events import AgentStateChanged, Anomaly, CallEvent, LinkLost, LinkUp, TicketOffered, TicketOfferEnded

GROUP = "journal"
KEPT: tuple[type[Event], ...] = (
    CallEvent,
    AgentStateChanged,
    LinkUp,
    LinkLost,
    Anomaly,
    TicketOffered,
    TicketOfferEnded,
)
TRIES = 3
"""So often the log may fail on an event while the database takes it raw, before the event is to blame."""

_log = structlog.get_logger(__name__)


class CallLog(Protocol):
    """`crm_core.services.calls.Calls`."""

    async def apply(self, event: Event) -> None: ...

    async def apply_all(self, events: Sequence[Event]) -> None: ...


class RawLog(Protocol):
    """`crm_core.services.event_log.EventLog`."""

    async def append(self, event: Event) -> bool: ...


class Journal:
    """`async with Journal(bus, services.calls, services.event_log):` — writes until the block ends."""

    def __init__(self, bus: Bus, calls: CallLog, event_log: RawLog) -> None:
        self._bus, self._calls, self._event_log = bus, calls, event_log
        self._failures = 0
        """How often the log failed on the event at hand although the database was there."""
        self._past: list[Event] = []
        """The events at the front of the batch at hand that are dealt with already."""
        self._parts = AsyncExitStack()

    async def __aenter__(self) -> Self:
        await self._parts.enter_async_context(self._bus.consume_batches(GROUP, self._write_all, *KEPT))
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._parts.aclose()

    async def _write_all(self, events: Sequence[Event]) -> None:
        """What has gathered in one transaction; when that fails one by one, to find out which one it is."""
        if not self._past or list(events[: len(self._past)]) != self._past:
            self._past = []
            try:
                await self._calls.apply_all(events)
                return
            except Exception as error:
                _log.warning("not written together", action="journal", events=len(events), error=repr(error))
        for event in events[len(self._past) :]:
            await self._write(event)
            self._past.append(event)
        self._past = []

    async def _write(self, event: Event) -> None:
        """Raising means: not yet, give it to me again."""
        try:
            await self._calls.apply(event)
        except Exception as error:
            _log.warning("not written", **_words(event), error=repr(error))
            await self._event_log.append(event)  # raises as well when the database is away
            self._failures += 1
            if self._failures < TRIES:
                raise
            _log.exception("the call log cannot take this event; it is kept in the event log only", **_words(event))
        self._failures = 0


def _words(event: Event) -> dict[str, str]:
    return {"action": "journal", "topic": event.topic, "call": str(getattr(event, "call", "") or "")}
