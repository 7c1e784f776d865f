"""A handler that raises is tried again, each time after a longer pause, until it returns or has to leave."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import structlog

from crm_core.kernel.messages import Event

_log = structlog.get_logger(__name__)

Consumer = Callable[[Event], Awaitable[None]]
BatchConsumer = Callable[[Sequence[Event]], Awaitable[None]]


def one_by_one(handler: Consumer) -> BatchConsumer:
    """For batches of one."""

    async def handle(events: Sequence[Event]) -> None:
        for event in events:
            await handler(event)

    return handle


@dataclass(frozen=True, slots=True, kw_only=True)
class Pauses:
    """In seconds; each is twice the one before."""

    first: float = 0.1
    longest: float = 5.0

    def __iter__(self) -> Iterator[float]:
        pause = self.first
        while True:
            yield pause
            pause = min(pause * 2, self.longest)


async def handled(
    handler: BatchConsumer, events: Sequence[Event], *, group: str, pauses: Pauses, leaving: asyncio.Event
) -> bool:
    """False when it had to leave before the handler returned: the events are still to be done."""
    for pause in pauses:
        try:
            await handler(events)
        except Exception:
            topics = sorted({event.topic for event in events})
            _log.exception("events broke their consumer", action="bus.consume", group=group, topics=topics)
        else:
            return True
        if await set_within(leaving, pause):
            return False
    raise AssertionError("pauses never end")


async def set_within(flag: asyncio.Event, seconds: float) -> bool:
    try:
        async with asyncio.timeout(seconds):
            await flag.wait()
    except TimeoutError:
        return False
    return True


async def ended(task: asyncio.Task[Any] | None) -> None:
    """Cancels a task and waits for its end; again when it goes on, as the Redis driver may swallow a cancelling."""
    while task is not None and not task.done():
        task.cancel()
        await asyncio.wait({task}, timeout=0.5)
