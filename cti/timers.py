"""Alarms by name: setting one again moves it. Time of day decides, not the length of a nap."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from crm_core.kernel.clock import Clock

SLEPT_S, BREATH_S = 2.0, 0.5
"""Whoever wakes so late has slept himself: first he hears, for so long, what came meanwhile; for one thing, whether his
lines are still his."""


class Timers:
    def __init__(self, clock: Clock, on_due: Callable[[str], None]) -> None:
        self._clock, self._on_due = clock, on_due
        self._set: dict[str, _Alarm] = {}

    def wake_at(self, when: datetime, token: str) -> None:
        self.cancel(token)
        left = max(0.0, (when - self._clock.now()).total_seconds())
        self._nap(token, when, left)

    def cancel(self, token: str) -> None:
        before = self._set.pop(token, None)
        if before is not None:
            before.handle.cancel()

    def close(self) -> None:
        for token in list(self._set):
            self.cancel(token)

    def _look(self, token: str) -> None:
        """The nap is over. When the clock was set back meanwhile, it is not yet time."""
        alarm = self._set[token]
        if self._clock.now() < alarm.when:
            self.wake_at(alarm.when, token)
            return
        if not alarm.late and asyncio.get_running_loop().time() - alarm.due > SLEPT_S:
            self._nap(token, alarm.when, BREATH_S, late=True)
            return
        del self._set[token]
        self._on_due(token)

    def _nap(self, token: str, when: datetime, seconds: float, *, late: bool = False) -> None:
        loop = asyncio.get_running_loop()
        due = loop.time() + seconds  # uvloop's handle of a nap of no time at all does not know
        handle = loop.call_later(seconds, self._look, token)
        self._set[token] = _Alarm(when=when, due=due, handle=handle, late=late)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Alarm:
    when: datetime
    due: float
    """By the loop's time, of this nap."""
    handle: asyncio.Handle
    late: bool
    """It was slept through once."""
