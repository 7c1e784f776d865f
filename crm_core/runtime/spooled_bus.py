"""The bus of who tells what must be kept: events of those kinds go through a spool on local disk to who keeps them.

They are on disk before they are on the bus, and wait there for the readers of the spool: the groups that consume them
in this process. So they outlive an absent database, an absent Redis and the end of this process. All else is the
bus's own.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Collection, Sequence
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager, suppress
from pathlib import Path
from types import TracebackType
from typing import Self

import structlog

from crm_core.kernel.bus import Bus, Handler, Seat, Subscription
from crm_core.kernel.messages import Command, CommandResult, Event, from_json, message_class, to_dict, to_json
from crm_core.runtime.retrying import BatchConsumer, Consumer, Pauses, ended, handled, one_by_one, set_within
from crm_core.runtime.spool import Batch, Entry, Spool

SYNC_S = 0.2
"""How much the power may cost: so often what was written goes to the disk itself."""
STANDS_STILL_S = 60.0
"""Who has not taken an event for so long has stopped."""
_DRAIN_S = 5.0
_FINISH_S = 2.0
"""How long a leaving reader may still take for what it has in hand; a database that is locked answers late."""
_UNREADABLE = "unreadable.events"

_log = structlog.get_logger(__name__)


class SpooledBus:
    """`async with SpooledBus(bus, folder, readers, *kinds) as bus:`. The bus within is its owner's to close."""

    def __init__(
        self,
        bus: Bus,
        folder: Path,
        readers: Sequence[str],
        *kept: type[Event],
        pauses: Pauses | None = None,
        spool: Spool | None = None,
    ) -> None:
        self.spool = spool or Spool(folder, readers)
        self._bus, self._kept, self._folder = bus, kept, folder
        self._pauses = pauses or Pauses()
        self._groups: dict[str, _Group] = {}
        self._parts = AsyncExitStack()

    async def __aenter__(self) -> Self:
        """Raises SpoolInUse or SpoolUnusable."""
        self.spool.open()
        self._parts.callback(self.spool.close)
        keeping = asyncio.create_task(self._keep_safe(), name="spool")
        self._parts.push_async_callback(ended, keeping)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._parts.aclose()

    def publish(self, event: Event) -> None:
        if isinstance(event, self._kept) and (body := _written(event)) is not None:
            self.spool.append(event.topic, body)
            for group in self._groups.values():
                group.news.set()
        self._bus.publish(event)

    def subscribe(self, *types: type[Event], capacity: int = 10_000) -> AbstractAsyncContextManager[Subscription]:
        return self._bus.subscribe(*types, capacity=capacity)

    def consume(self, group: str, handler: Consumer, *types: type[Event]) -> AbstractAsyncContextManager[None]:
        return self.consume_batches(group, one_by_one(handler), *types, most=1)

    @asynccontextmanager
    async def consume_batches(
        self, group: str, handler: BatchConsumer, *types: type[Event], most: int = 50
    ) -> AsyncIterator[None]:
        """A reader of the spool has one member, and gets of it whatever is left of our former life too."""
        if group not in self.spool.readers:
            async with self._bus.consume_batches(group, handler, *types, most=most):
                yield
            return
        member = _Group(group, self.spool, handler, types, most=most, pauses=self._pauses, aside=self._folder)
        self._groups[group] = member
        task = asyncio.create_task(member.run(), name=f"spool reader {group}")
        try:
            yield
        finally:
            await member.leave(task)
            del self._groups[group]

    async def request(self, command: Command, *, timeout: float = 5.0) -> CommandResult:  # noqa: ASYNC109
        return await self._bus.request(command, timeout=timeout)

    def serve(self, handler: Handler, *types: type[Command]) -> AbstractAsyncContextManager[None]:
        return self._bus.serve(handler, *types)

    def seat(self, name: str) -> AbstractAsyncContextManager[Seat]:
        return self._bus.seat(name)

    async def settle(self, *, within: float = _DRAIN_S, but: Collection[str] = ()) -> None:
        """`but`: readers who need not be waited for."""
        readers = [group for group in self._groups if group not in but]
        await asyncio.gather(*(self.caught_up(group, within=within) for group in readers))
        await self._bus.settle(within=within)

    async def caught_up(self, group: str, *, within: float = _DRAIN_S) -> bool:
        if group not in self.spool.readers:
            return await self._bus.caught_up(group, within=within)
        member = self._groups.get(group)
        if member is None:
            return True
        try:
            async with asyncio.timeout(within):
                await member.reaches(self.spool.end)
        except TimeoutError:
            return False
        return True

    async def healthy(self) -> str | None:
        return await self._bus.healthy()

    async def close(self) -> None:
        await self.settle()
        await self._bus.close()

    async def kept_up(self) -> str | None:
        """None when what must be kept is written down and taken, else the reason in a sentence."""
        return _trouble(self.spool)

    async def _keep_safe(self) -> None:
        while True:
            await asyncio.sleep(SYNC_S)
            self.spool.make_good()
            try:
                await asyncio.to_thread(self.spool.sync)
            except OSError as error:
                _log.warning("the spool cannot be brought to the disk itself", action="spool.sync", why=str(error))


class _Group:
    """One reader of the spool at work."""

    def __init__(
        self,
        name: str,
        spool: Spool,
        handler: BatchConsumer,
        types: tuple[type[Event], ...],
        *,
        most: int,
        pauses: Pauses,
        aside: Path,
    ) -> None:
        self.news = asyncio.Event()
        self._name, self._spool, self._handler, self._types = name, spool, handler, types
        self._most, self._pauses, self._aside = most, pauses, aside
        self._leaving, self._moved = asyncio.Event(), asyncio.Event()

    async def run(self) -> None:
        while not self._leaving.is_set():
            self.news.clear()
            batch = await self._next()
            if batch is None or batch.end == self._spool.place(self._name):
                await self.news.wait()
            elif await self._handled(batch):
                self._spool.done(self._name, batch)
                self._moved.set()
            await asyncio.sleep(0)  # what is none of his types is passed over without a wait: others have turns between

    async def leave(self, task: asyncio.Task[None]) -> None:
        """What is at hand is finished first, unless that takes too long: it is in the spool, and comes again."""
        self._leaving.set()
        self.news.set()
        await asyncio.wait({task}, timeout=_FINISH_S)
        await ended(task)
        self._moved.set()
        if not task.cancelled():
            task.result()

    async def reaches(self, place: int) -> None:
        """Until all that is before this place is done; or nobody is here to do it."""
        while self._spool.place(self._name) < place and not self._leaving.is_set():
            self._moved.clear()
            await self._moved.wait()

    async def _next(self) -> Batch | None:
        for pause in self._pauses:
            try:
                return self._spool.read(self._name, self._most)
            except OSError as error:
                _log.warning("the spool cannot be read", action="spool.read", why=str(error))
            if await set_within(self._leaving, pause):
                return None
        raise AssertionError("pauses never end")

    async def _handled(self, batch: Batch) -> bool:
        events = [event for entry in batch.entries if (event := self._event_of(entry)) is not None]
        return not events or await handled(
            self._handler, events, group=self._name, pauses=self._pauses, leaving=self._leaving
        )

    def _event_of(self, entry: Entry) -> Event | None:
        """What cannot be read (a newer sender wrote it) is put aside, raw."""
        try:
            if not issubclass(message_class(entry.topic), self._types or Event):
                return None
            message = from_json(entry.topic, entry.body)
        except Exception:
            _log.exception("an event cannot be read and is put aside", action="spool.read", topic=entry.topic)
            self._put_aside(entry)
            return None
        return message if isinstance(message, Event) else None

    def _put_aside(self, entry: Entry) -> None:
        with suppress(OSError), (self._aside / _UNREADABLE).open("ab") as file:
            file.write(b"%s %s\n" % (entry.topic.encode(), entry.body))


def _written(event: Event) -> bytes | None:
    """As JSON. Halves of characters, of a line nobody could decode, fit into no file and become question marks."""
    try:
        with suppress(ValueError):  # as pydantic calls its own
            return to_json(event)
        return json.dumps(to_dict(event), ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace")
    except Exception:
        _log.exception(
            "an event cannot be written down", action="spool.append", topic=event.topic, event_=repr(event)[:2000]
        )
        return None


def _trouble(spool: Spool) -> str | None:
    if refusal := spool.refusal():
        lost = f", {spool.lost} found no room there either and are lost" if spool.lost else ""
        return f"The disk takes no events of calls ({refusal}): {spool.held} wait in memory{lost}."
    for reader in spool.readers:
        if (behind := spool.behind_s(reader)) > STANDS_STILL_S:
            return f"{spool.waiting(reader)} events wait to be written ({reader}), the oldest for {behind:.0f} seconds."
    return None
