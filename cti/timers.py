"""Alarms by name: setting one again moves it. Time of day decides, not the length of a nap."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import datetime

from crm_core.kernel.clock import Clock

SLEPT_S, BREATH_S = 2.0, 0.5
"""Whoever wakes so late has slept himself: first he hears, for so long, what came meanwhile; for one thing, whether his
lines are still his."""


class Timers:
    def __init__(self, clock: Clock, on_due: Callable[[str], None]) -> None:
        self._clock, self._on_due = clock, on_due
        self._set: dict[str, tuple[datetime, asyncio.TimerHandle]] = {}
        self._late: set[str] = set()

    def wake_at(self, when: datetime, token: str) -> None:
        self.cancel(token)
        left = max(0.0, (when - self._clock.now()).total_seconds())
        handle = asyncio.get_running_loop().call_later(left, self._look, token)
        self._set[token] = (when, handle)

    def cancel(self, token: str) -> None:
        self._late.discard(token)
        before = self._set.pop(token, None)
        if before is not None:
            before[1].cancel()

    def close(self) -> None:
        for token in list(self._set):
            self.cancel(token)

    def _look(self, token: str) -> None:
        """The nap is over. When the clock was set back meanwhile, it is not yet time."""
        when, nap = self._set[token]
        if self._clock.now() < when:
            self.wake_at(when, token)
            return
        loop = asyncio.get_running_loop()
        if loop.time() - nap.when() > SLEPT_S and token not in self._late:
            self._late.add(token)
            self._set[token] = (when, loop.call_later(BREATH_S, self._look, token))
            return
        self._late.discard(token)
        del self._set[token]
        self._on_due(token)
