"""What happened is told a moment later than it is acted upon.

An event that is published wakes the call log, look-ups and every screen. Asterisk says in the next millisecond what the
caller wants, and that is to be read first: an agent's phone rings sooner by all of that work.
"""

from __future__ import annotations

import asyncio

from crm_core.kernel.bus import Bus
from crm_core.kernel.messages import Event

AFTER_S = 0.003
"""As long as a caller takes through the dialplan from his arrival to the queue. Whoever is killed within it has missed
no more than if it had happened to him by so much sooner."""


class Telling:
    """Publishes in order, what has gathered within `AFTER_S` at once."""

    def __init__(self, bus: Bus) -> None:
        self._bus = bus
        self._events: list[Event] = []
        self._timer: asyncio.TimerHandle | None = None

    def tell(self, event: Event) -> None:
        self._events.append(event)
        if self._timer is None:
            self._timer = asyncio.get_running_loop().call_later(AFTER_S, self.tell_all)

    def tell_all(self) -> None:
        """Now: somebody is about to look at what came of it."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        events, self._events = self._events, []
        for event in events:
            self._bus.publish(event)
