"""Events on their way out: taken from the publisher at once, written to Redis behind his back, in order.

Each event goes into the stream (for those who `consume`) and to the live channel, in one transaction. While Redis is
away they wait here; a batch whose fate is unknown is sent again, so an event may come twice, never out of order.
An event that cannot be written down is logged and left out: one sender's slip must not silence the house.
"""

from __future__ import annotations

import asyncio
from collections import deque

import structlog
from redis.asyncio import Redis

from crm_core.kernel.messages import Event
from crm_core.runtime.progress import Progress
from crm_core.runtime.redis_wire import BROKEN, Keys, packed
from crm_core.runtime.retrying import Pauses, ended

_log = structlog.get_logger(__name__)

BATCH = 200
WAITING_AT_MOST = 100_000
"""Events kept while Redis is away; the oldest give way."""
_TELL_EVERY = 10_000
"""Lost events from one complaint to the next."""


class Sender:
    def __init__(self, redis: Redis, keys: Keys, pauses: Pauses, *, stream_length: int) -> None:
        self._redis, self._keys, self._pauses, self._stream_length = redis, keys, pauses, stream_length
        self._events: deque[Event] = deque()
        self._news, self._progress = asyncio.Event(), Progress()
        self._task: asyncio.Task[None] | None = None
        self.dropped = 0

    @property
    def waiting(self) -> int:
        return len(self._events)

    def send(self, event: Event) -> None:
        if len(self._events) >= WAITING_AT_MOST:
            self._events.popleft()
            self._progress.over()
            if self.dropped % _TELL_EVERY == 0:
                _log.error("redis was away too long: events are lost", action="bus.send", lost_before=self.dropped)
            self.dropped += 1
        self._events.append(event)
        self._progress.come()
        self._news.set()
        if self._task is None:
            self._task = asyncio.create_task(self._run(), name="bus sender")

    async def flushed(self) -> None:
        """All that was to be sent before now is in Redis."""
        await self._progress.of_now()

    async def close(self) -> None:
        await ended(self._task)

    async def _run(self) -> None:
        while True:
            self._news.clear()
            if not self._events:
                await self._news.wait()
            batch = [self._events.popleft() for _ in range(min(BATCH, len(self._events)))]
            if raws := [raw for event in batch if (raw := _packed(event)) is not None]:
                await self._write_until_done(raws)
            self._progress.over(len(batch))

    async def _write_until_done(self, batch: list[bytes]) -> None:
        for pause in self._pauses:
            try:
                return await self._write(batch)
            except BROKEN as error:
                _log.warning("redis does not take events", action="bus.send", waiting=self.waiting, why=str(error))
                await asyncio.sleep(pause)

    async def _write(self, batch: list[bytes]) -> None:
        async with self._redis.pipeline(transaction=True) as pipe:
            for raw in batch:
                pipe.xadd(self._keys.stream, {b"m": raw}, maxlen=self._stream_length, approximate=True)
                pipe.publish(self._keys.live, raw)
            await pipe.execute()


def _packed(event: Event) -> bytes | None:
    try:
        return packed(event)
    except Exception:
        _log.exception(
            "an event cannot be written down", action="bus.send", topic=event.topic, event_=repr(event)[:2000]
        )
        return None
