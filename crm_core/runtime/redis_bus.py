"""The bus over Redis, for several processes: Pub/Sub for watchers, a stream for who must miss nothing, lists as mail.

Every part mends itself when Redis was away. Nothing is started before it is used, and all ends with `close`.
"""

from __future__ import annotations

import asyncio
import contextlib
import uuid
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager

from crm_core.kernel.bus import Handler, Seat, Subscription
from crm_core.kernel.clock import Clock, SystemClock
from crm_core.kernel.messages import Command, CommandResult, Event
from crm_core.runtime.inbox import Inbox
from crm_core.runtime.redis_group import GroupMember, until_done
from crm_core.runtime.redis_lease import Lease, RedisSeat
from crm_core.runtime.redis_live import LiveReader
from crm_core.runtime.redis_mail import Mail
from crm_core.runtime.redis_sender import Sender
from crm_core.runtime.redis_wire import BROKEN, Keys, connect
from crm_core.runtime.retrying import BatchConsumer, Consumer, Pauses, ended, one_by_one

_PULSE_TIMEOUT_S = 2.0
_FLUSH_S = 5.0


class RedisBus:
    def __init__(
        self,
        url: str,
        *,
        prefix: str = "cw:",
        clock: Clock | None = None,
        lease_s: float = 3.0,
        stream_length: int = 200_000,
        first_pause: float = 0.1,
        longest_pause: float = 5.0,
    ) -> None:
        """Connects to nothing yet. `lease_s`: how long a dead member or server goes unnoticed.

        `stream_length`: events kept for groups that are away; who stays away longer misses the oldest.
        """
        self._redis = connect(url)
        self._keys = Keys(prefix=prefix)
        self._lease_s = lease_s
        self._closed = False
        self._member = uuid.uuid4().hex
        self._pauses = Pauses(first=first_pause, longest=longest_pause)
        self._sender = Sender(self._redis, self._keys, self._pauses, stream_length=stream_length)
        self._live = LiveReader(self._redis, self._keys, self._pauses, self._member)
        self._mail = Mail(self._redis, self._keys, self._pauses, self._member, clock or SystemClock())

    def publish(self, event: Event) -> None:
        if not self._closed:
            self._sender.send(event)

    @asynccontextmanager
    async def subscribe(self, *types: type[Event], capacity: int = 10_000) -> AsyncIterator[Subscription]:
        inbox = Inbox(types, capacity)
        await self._live.add(inbox)
        try:
            yield inbox
        finally:
            self._live.remove(inbox)

    def consume(self, group: str, handler: Consumer, *types: type[Event]) -> AbstractAsyncContextManager[None]:
        return self.consume_batches(group, one_by_one(handler), *types, most=1)

    @asynccontextmanager
    async def consume_batches(
        self, group: str, handler: BatchConsumer, *types: type[Event], most: int = 50
    ) -> AsyncIterator[None]:
        turn = self._lease(self._keys.turn(group), holder=uuid.uuid4().hex)
        member = GroupMember(self._redis, self._keys, group, handler, types, most=most, turn=turn, pauses=self._pauses)
        async with turn.wanted():
            await member.join()
            try:
                yield
            finally:
                await member.leave()

    async def request(self, command: Command, *, timeout: float = 5.0) -> CommandResult:  # noqa: ASYNC109
        return await self._mail.request(command, timeout)

    @asynccontextmanager
    async def serve(self, handler: Handler, *types: type[Command]) -> AsyncIterator[None]:
        self._mail.serve(handler, *types)
        try:
            async with AsyncExitStack() as leases:
                for kind in types:
                    await leases.enter_async_context(
                        self._lease(self._keys.server(kind.topic), holder=self._mail.address).wanted()
                    )
                yield
        finally:
            self._mail.stop_serving(handler, *types)

    @asynccontextmanager
    async def seat(self, name: str) -> AsyncIterator[Seat]:
        seat = RedisSeat(self._lease(self._keys.seat(name), holder=uuid.uuid4().hex))
        async with seat.wanted():
            yield seat

    async def healthy(self) -> str | None:
        try:
            async with asyncio.timeout(_PULSE_TIMEOUT_S):
                await self._redis.ping()
        except (TimeoutError, *BROKEN) as error:
            why = str(error) or "time-out"
            return f"Redis does not answer ({why}); {self._sender.waiting} events wait to be sent."
        return None

    async def settle(self, *, within: float = _FLUSH_S) -> None:
        with contextlib.suppress(TimeoutError, *BROKEN):
            async with asyncio.timeout(within):
                await self._sender.flushed()

    async def caught_up(self, group: str, *, within: float = _FLUSH_S) -> bool:
        waiting = asyncio.create_task(self._all_done(group))
        try:
            done, _ = await asyncio.wait({waiting}, timeout=within)  # no asyncio.timeout: the driver may swallow it
            return bool(done) and waiting.result()
        finally:
            await ended(waiting)

    async def _all_done(self, group: str) -> bool:
        """False when Redis cannot say so."""
        await self._sender.flushed()
        try:
            await until_done(self._redis, self._keys, group)
        except BROKEN:
            return False
        return True

    async def close(self) -> None:
        if self._closed:
            return
        self._closed = True
        await self.settle()
        with contextlib.suppress(TimeoutError, *BROKEN):
            async with asyncio.timeout(_FLUSH_S):
                await self._live.caught_up()
        await self._sender.close()
        await self._mail.close()
        await self._live.close()
        await self._redis.aclose()

    def _lease(self, key: str, *, holder: str) -> Lease:
        return Lease(self._redis, key, holder, lasts_s=self._lease_s)
