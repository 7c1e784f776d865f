"""Alarms by name: setting one again moves it. Time of day decides, not the length of a nap."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import datetime

from crm_core.kernel.clock import Clock


class Timers:
    def __init__(self, clock: Clock, on_due: Callable[[str], None]) -> None:
        self._clock, self._on_due = clock, on_due
        self._set: dict[str, tuple[datetime, asyncio.TimerHandle]] = {}

    def wake_at(self, when: datetime, token: str) -> None:
        self.cancel(token)
        left = max(0.0, (when - self._clock.now()).total_seconds())
        handle = asyncio.get_running_loop().call_later(left, self._look, token)
        self._set[token] = (when, handle)

    def cancel(self, token: str) -> None:
        before = self._set.pop(token, None)
        if before is not None:
            before[1].cancel()

    def close(self) -> None:
        for token in list(self._set):
            self.cancel(token)

    def _look(self, token: str) -> None:
        """The nap is over. When the clock was set back meanwhile, it is not yet time."""
        when, _ = self._set[token]
        if self._clock.now() < when:
            self.wake_at(when, token)
            return
        del self._set[token]
        self._on_due(token)
