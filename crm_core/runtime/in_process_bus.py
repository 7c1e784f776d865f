"""The bus within one process: for `serve --role all`, the demo and tests. Nothing outlives the process.

`publish` appends to the queues of those who listen and returns. `consume` gives each event to one member of the group
until its handler returned; what a group has not done when the bus is closed is lost, and the log says how much (the
Redis bus keeps it).
"""

from __future__ import annotations

import asyncio
import contextlib
from collections import Counter, deque
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from itertools import islice

import structlog

from crm_core.kernel.bus import Handler, NobodyServes, RequestTimedOut, Seat, Subscription
from crm_core.kernel.messages import Command, CommandResult, Event
from crm_core.runtime.inbox import Inbox
from crm_core.runtime.progress import Progress
from crm_core.runtime.retrying import BatchConsumer, Consumer, Pauses, ended, handled, one_by_one
from crm_core.runtime.serving import carry_out

KEPT_FOR_AN_ABSENT_GROUP = 100_000
"""A group whose last member left keeps that many events for the next one."""

_DRAIN_S = 5.0
_log = structlog.get_logger(__name__)


class InProcessBus:
    def __init__(self, *, first_pause: float = 0.1, longest_pause: float = 5.0) -> None:
        """The pauses are those before a handler that raised is tried again; each is twice the one before."""
        self._pauses = Pauses(first=first_pause, longest=longest_pause)
        self._inboxes: list[Inbox] = []
        self._groups: dict[str, _Group] = {}
        self._routes: dict[type[Event], tuple[Callable[[Event], None], ...]] = {}
        self._servers: dict[type[Command], list[Handler]] = {}
        self._seats: dict[str, list[_Seat]] = {}
        self._at_work: set[asyncio.Task[CommandResult]] = set()
        self._closed = False

    def publish(self, event: Event) -> None:
        if self._closed:
            return
        kind = type(event)
        route = self._routes.get(kind)
        if route is None:
            route = self._routes[kind] = self._route(kind)
        for put in route:
            put(event)

    @asynccontextmanager
    async def subscribe(self, *types: type[Event], capacity: int = 10_000) -> AsyncIterator[Subscription]:
        inbox = Inbox(types, capacity)
        self._inboxes.append(inbox)
        self._routes.clear()
        if self._closed:
            inbox.end()
        try:
            yield inbox
        finally:
            inbox.end()
            self._inboxes.remove(inbox)
            self._routes.clear()

    def consume(
        self, group: str, handler: Consumer, *types: type[Event]
    ) -> contextlib.AbstractAsyncContextManager[None]:
        return self.consume_batches(group, one_by_one(handler), *types, most=1)

    @asynccontextmanager
    async def consume_batches(
        self, group: str, handler: BatchConsumer, *types: type[Event], most: int = 50
    ) -> AsyncIterator[None]:
        joined = self._groups.setdefault(group, _Group(group, types, self._pauses))
        joined.types = types
        self._routes.clear()
        member = joined.join(handler, most)
        try:
            yield
        finally:
            await joined.leave(member)

    async def request(self, command: Command, *, timeout: float = 5.0) -> CommandResult:  # noqa: ASYNC109
        servers = self._servers.get(type(command))
        if not servers:
            raise NobodyServes(topic=command.topic)
        task = asyncio.create_task(carry_out(servers[0], command))
        self._at_work.add(task)
        task.add_done_callback(self._at_work.discard)
        done, _ = await asyncio.wait({task}, timeout=timeout)
        if not done:
            raise RequestTimedOut(topic=command.topic)  # the server goes on: half a command helps nobody
        return task.result()

    @asynccontextmanager
    async def serve(self, handler: Handler, *types: type[Command]) -> AsyncIterator[None]:
        for kind in types:
            self._servers.setdefault(kind, []).append(handler)
        try:
            yield
        finally:
            for kind in types:
                self._servers[kind].remove(handler)

    async def healthy(self) -> str | None:
        return "The bus is closed." if self._closed else None

    @asynccontextmanager
    async def seat(self, name: str) -> AsyncIterator[Seat]:
        line = self._seats.setdefault(name, [])
        mine = _Seat()
        line.append(mine)
        line[0].take()
        try:
            yield mine
        finally:
            line.remove(mine)
            if line:
                line[0].take()

    async def settle(self, *, within: float = _DRAIN_S) -> None:
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(within):
                for group in self._groups.values():
                    await group.drained()

    async def caught_up(self, group: str, *, within: float = _DRAIN_S) -> bool:
        if group not in self._groups:
            return True
        try:
            async with asyncio.timeout(within):
                await self._groups[group].drained()
        except TimeoutError:
            return False
        return True

    async def close(self) -> None:
        self._closed = True
        await self.settle()
        for group in self._groups.values():
            group.give_up()
        for inbox in self._inboxes:
            inbox.end()

    def _route(self, kind: type[Event]) -> tuple[Callable[[Event], None], ...]:
        listeners: list[Inbox | _Group] = [*self._inboxes, *self._groups.values()]
        return tuple(listener.put for listener in listeners if listener.wants(kind))


class _Member:
    __slots__ = ("handler", "leaving", "most", "task", "working")

    def __init__(self, handler: BatchConsumer, most: int) -> None:
        self.handler, self.most = handler, most
        self.leaving = asyncio.Event()
        self.working = False
        self.task: asyncio.Task[None] | None = None


class _Seat:
    """Whoever came first keeps it until he leaves."""

    shared = False
    may_tell = True

    def __init__(self) -> None:
        self._taken = asyncio.Event()
        self.take = self._taken.set

    @property
    def held(self) -> bool:
        return self._taken.is_set()

    async def sure(self) -> bool:
        return self.held

    async def taken(self) -> None:
        await self._taken.wait()

    async def lost(self) -> None:
        """Never: there is no other process."""
        await asyncio.Event().wait()

    async def step_back(self) -> None:
        """For nobody."""


class _Group:
    """The members of one group: one works, the others stand by and take over when he leaves."""

    def __init__(self, name: str, types: tuple[type[Event], ...], pauses: Pauses) -> None:
        self.types = types
        self._name, self._pauses = name, pauses
        self._events: deque[Event] = deque()
        self._lost: Counter[str] = Counter()
        self._progress = Progress()
        self._members: list[_Member] = []
        self._turn = asyncio.Lock()
        self._news = asyncio.Event()

    def wants(self, kind: type[Event]) -> bool:
        return not self.types or issubclass(kind, self.types)

    def put(self, event: Event) -> None:
        if not self._members and len(self._events) >= KEPT_FOR_AN_ABSENT_GROUP:
            self._make_room()
        self._events.append(event)
        self._progress.come()
        self._news.set()

    def join(self, handler: BatchConsumer, most: int) -> _Member:
        member = _Member(handler, most)
        self._members.append(member)
        member.task = asyncio.create_task(self._work(member), name=f"bus group {self._name}")
        return member

    async def leave(self, member: _Member) -> None:
        """What is at hand is finished first, unless it is waiting to be tried again."""
        self._members.remove(member)
        member.leaving.set()
        self._news.set()
        self._progress.stir()
        if member.working and member.task is not None:
            await asyncio.wait({member.task})
        await ended(member.task)

    async def drained(self) -> None:
        """All that was published before now is done; at once when there is nobody to do it."""
        await self._progress.of_now(as_long_as=lambda: bool(self._members))

    def give_up(self) -> None:
        """Nobody will do what is left. The log says what was lost."""
        self._lost.update(event.topic for event in self._events)
        if self._lost:
            _log.error(
                "events are lost: their group did not do them before the end",
                action="bus.close",
                group=self._name,
                count=self._lost.total(),
                topics=dict(self._lost),
            )

    def _make_room(self) -> None:
        if not self._lost:
            _log.error(
                "events are lost: their group stays away",
                action="bus.full",
                group=self._name,
                kept=KEPT_FOR_AN_ABSENT_GROUP,
            )
        self._lost[self._events.popleft().topic] += 1
        self._progress.over()

    async def _work(self, member: _Member) -> None:
        async with self._turn:
            member.working = True
            while not member.leaving.is_set():
                if not self._events:
                    self._news.clear()
                    await self._news.wait()
                    continue
                batch = tuple(islice(self._events, member.most))
                if await self._done(member, batch):
                    self._is_over(len(batch))

    def _is_over(self, count: int) -> None:
        for _ in range(count):
            self._events.popleft()
        self._progress.over(count)

    async def _done(self, member: _Member, events: Sequence[Event]) -> bool:
        return await handled(member.handler, events, group=self._name, pauses=self._pauses, leaving=member.leaving)
