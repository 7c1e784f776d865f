"""What happened is told a moment later than it is acted upon.

An event that is published wakes the call log, look-ups and every screen. Asterisk says in the next millisecond what the
caller wants, and that is to be read first: an agent's phone rings sooner by all of that work.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable

import structlog

from crm_core.kernel.bus import Bus
from crm_core.kernel.messages import Event

AFTER_S = 0.003
"""As long as a caller takes through the dialplan from his arrival to the queue. Whoever is killed within it has missed
no more than if it had happened to him by so much sooner."""


DOUBT_S = 0.1
"""Between two looks whether we may tell."""

_log = structlog.get_logger(__name__)


class Telling:
    """Publishes in order, `AFTER_S` later, one after the other.

    While `may_tell` says no, another process may be telling instead of us: what happened waits until we know.
    """

    def __init__(self, bus: Bus, may_tell: Callable[[], bool] = lambda: True) -> None:
        self._bus, self._may_tell = bus, may_tell
        self._events: deque[Event] = deque()
        self._timer: asyncio.Handle | None = None

    @property
    def may_tell(self) -> bool:
        return self._may_tell()

    def tell(self, event: Event) -> None:
        self._events.append(event)
        if self._timer is None:
            self._timer = asyncio.get_running_loop().call_later(AFTER_S, self._tell_next)

    def _tell_next(self) -> None:
        """One at a time: between two, what Asterisk has said meanwhile is read and acted upon."""
        loop = asyncio.get_running_loop()
        if not self._may_tell():
            self._timer = loop.call_later(DOUBT_S, self._tell_next)
            return
        self._bus.publish(self._events.popleft())
        self._timer = loop.call_soon(self._tell_next) if self._events else None

    def tell_all(self) -> None:
        """Now: somebody is about to look at what came of it."""
        if not self._may_tell():
            return
        self._stop()
        while self._events:
            self._bus.publish(self._events.popleft())

    def close(self) -> None:
        """What we may not tell is another's to tell."""
        self.tell_all()
        self._stop()
        if self._events:
            topics = sorted({event.topic for event in self._events})
            _log.warning("not told: another process serves", action="cti.tell", events=len(self._events), topics=topics)
            self._events.clear()

    def _stop(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
