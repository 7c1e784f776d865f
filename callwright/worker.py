"""The worker role: what has to happen at its time although nobody asked. Promises nobody kept are marked, and what has
expired is forgotten."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta
from types import TracebackType
from typing import Self

import structlog

from crm_core.domain.settings import MISSED_CALLBACK_AFTER_S
from crm_core.kernel.clock import Clock
from crm_core.services.bundle import Services

_log = structlog.get_logger(__name__)

Duty = Callable[[], Awaitable[int]]

ROUND_S = 60.0
LATE_S = 3 * ROUND_S
"""A round that is not over after so long hangs."""


class Worker:
    """`async with Worker(services, clock)`: does its round once a minute until the block ends."""

    def __init__(self, services: Services, clock: Clock) -> None:
        self._services = services
        self._clock = clock
        self._task: asyncio.Task[None] | None = None
        self._rounded_at = clock.monotonic()

    async def __aenter__(self) -> Self:
        self._task = asyncio.create_task(self._run(), name="worker")
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, tb: TracebackType | None
    ) -> None:
        if self._task is not None:
            self._task.cancel()
            await asyncio.wait({self._task})

    async def round(self) -> None:
        """One round; each duty by itself, so that one that fails does not keep the others from being done."""
        await self._duty("mark_missed_callbacks", self._mark_missed)
        await self._duty("forget_sessions", self._services.sessions.forget_expired)
        await self._duty("forget_idempotency_keys", self._services.idempotency.forget_expired)

    async def healthy(self) -> str | None:
        """None when the rounds are done, else the reason in a sentence."""
        ago = self._clock.monotonic() - self._rounded_at
        return None if ago < LATE_S else f"The worker has not finished a round for {ago:.0f} seconds."

    async def _run(self) -> None:
        while True:
            await self.round()
            self._rounded_at = self._clock.monotonic()
            await asyncio.sleep(ROUND_S)

    async def _mark_missed(self) -> int:
        """So long past its time the promise was broken, and the report shall say so."""
        seconds = await self._services.settings.get(MISSED_CALLBACK_AFTER_S)
        return len(await self._services.callbacks.mark_missed(self._clock.now() - timedelta(seconds=seconds)))

    async def _duty(self, action: str, duty: Duty) -> None:
        try:
            done = await duty()
        except Exception:
            _log.exception("a duty of the worker failed; it is tried again next round", action=action)
            return
        if done:
            _log.info("done", action=action, count=done)
