"""A listener's own queue of events: bounded, never in the publisher's way."""

from __future__ import annotations

import asyncio
from collections import deque

from crm_core.kernel.messages import Event


class Inbox:
    """A live stream of events (the port's `Subscription`). Who falls `capacity` behind loses the oldest."""

    __slots__ = ("_capacity", "_ended", "_events", "_waiter", "lost", "types")

    def __init__(self, types: tuple[type[Event], ...], capacity: int) -> None:
        self.types = types
        self.lost = 0
        self._capacity = capacity
        self._events: deque[Event] = deque()
        self._waiter: asyncio.Future[None] | None = None
        self._ended = False

    def wants(self, kind: type[Event]) -> bool:
        return not self.types or issubclass(kind, self.types)

    def put(self, event: Event) -> None:
        if self._ended:
            return
        if len(self._events) >= self._capacity:
            self._events.popleft()
            self.lost += 1
        self._events.append(event)
        self._wake()

    def end(self) -> None:
        """What came before is still given out."""
        self._ended = True
        self._wake()

    def __aiter__(self) -> Inbox:
        return self

    async def __anext__(self) -> Event:
        while not self._events:
            if self._ended:
                raise StopAsyncIteration
            self._waiter = asyncio.get_running_loop().create_future()
            await self._waiter
        return self._events.popleft()

    def _wake(self) -> None:
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(None)
