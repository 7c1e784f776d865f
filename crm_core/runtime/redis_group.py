"""One member of a consuming group: has his turn or stands by; does the stream's events one after the other.

The group has one working member at a time (a lease in Redis), so the order holds. An event is acknowledged when its
handler returned; what a member left undone is the first the next one gets.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any

import structlog
from redis.asyncio import Redis
from redis.exceptions import ResponseError

from crm_core.kernel.messages import Event
from crm_core.runtime.redis_lease import Lease
from crm_core.runtime.redis_wire import BROKEN, Keys, kind_of, unpacked
from crm_core.runtime.retrying import BatchConsumer, Pauses, ended, handled, set_within

_log = structlog.get_logger(__name__)

_EVERYBODY = "member"
"""All members share one name in Redis: what one has taken and not done is the next one's at once."""

_BATCH = 100
_BLOCK_MS = 1000
_STAND_BY_S = 0.2
_LOOK_AGAIN_S = 0.02

_Entry = tuple[bytes, dict[bytes, bytes] | None]


class GroupMember:
    def __init__(
        self,
        redis: Redis,
        keys: Keys,
        group: str,
        handler: BatchConsumer,
        types: tuple[type[Event], ...],
        *,
        most: int,
        turn: Lease,
        pauses: Pauses,
    ) -> None:
        self._redis, self._keys, self._group = redis, keys, group
        self._handler, self._types, self._most = handler, types, most
        self._turn, self._pauses = turn, pauses
        self._leaving = asyncio.Event()
        self._handling = False
        self._task: asyncio.Task[None] | None = None

    async def join(self) -> None:
        """From now on the group's events are kept, whoever is there to do them."""
        try:
            await self._make_group("$")
        except BROKEN as error:
            _log.warning("a group cannot be made yet", action="bus.consume", group=self._group, why=str(error))
        self._task = asyncio.create_task(self._run(), name=f"bus group {self._group}")

    async def leave(self) -> None:
        """What is at hand is finished first, unless it is waiting to be tried again."""
        self._leaving.set()
        if self._handling and self._task is not None:
            await asyncio.wait({self._task})
        await ended(self._task)

    async def _run(self) -> None:
        while not self._leaving.is_set():
            for pause in self._pauses:
                try:
                    await self._work_in_turn()
                    break
                except BROKEN as error:
                    _log.warning("redis gives no events", action="bus.consume", group=self._group, why=str(error))
                    if await set_within(self._leaving, pause):
                        return

    async def _work_in_turn(self) -> None:
        if not self._turn.held:
            await set_within(self._leaving, _STAND_BY_S)
            return
        while self._may_work and await self._work("0"):
            pass  # what was taken and not done comes first
        while self._may_work:
            await self._work(">")

    @property
    def _may_work(self) -> bool:
        return self._turn.held and not self._leaving.is_set()

    async def _work(self, since: str) -> bool:
        """False when there was nothing."""
        entries = await self._read(since)
        for first in range(0, len(entries), self._most):
            if not self._may_work:
                break
            batch = entries[first : first + self._most]
            self._handling = True
            try:
                if await self._done([(fields or {}).get(b"m", b"") for _, fields in batch]):
                    await self._redis.xack(self._keys.stream, self._group, *(entry for entry, _ in batch))
            finally:
                self._handling = False
        return bool(entries)

    async def _read(self, since: str) -> list[_Entry]:
        try:
            found: Any = await self._redis.xreadgroup(
                self._group, _EVERYBODY, {self._keys.stream: since}, count=_BATCH, block=_BLOCK_MS
            )
        except ResponseError as error:
            if "NOGROUP" not in str(error):
                raise
            await self._make_group("0")  # redis was emptied: whatever is there now is news
            return []
        return found[0][1] if found else []

    async def _done(self, raws: Sequence[bytes]) -> bool:
        events = [event for raw in raws if (event := self._wanted(raw)) is not None]
        if not events:
            return True
        return await handled(self._handler, events, group=self._group, pauses=self._pauses, leaving=self._leaving)

    def _wanted(self, raw: bytes) -> Event | None:
        kind = kind_of(raw)
        if kind is None or not issubclass(kind, self._types or Event):
            return None
        event = unpacked(raw)
        return event if isinstance(event, Event) else None

    async def _make_group(self, since: str) -> None:
        try:
            await self._redis.xgroup_create(self._keys.stream, self._group, id=since, mkstream=True)
        except ResponseError as error:
            if "BUSYGROUP" not in str(error):
                raise


async def until_done(redis: Redis, keys: Keys, group: str) -> None:
    """Returns when the group has taken and done all that is in the stream now; at once when there is none."""
    newest: Any = await redis.xrevrange(keys.stream, count=1)
    while newest and not await _is_done(redis, keys, group, newest[0][0]):
        await asyncio.sleep(_LOOK_AGAIN_S)


async def _is_done(redis: Redis, keys: Keys, group: str, newest: bytes) -> bool:
    groups: Any = await redis.xinfo_groups(keys.stream)
    mine = next((one for one in groups if one["name"] == group.encode()), None)
    if mine is None:
        return True
    if _place(mine["last-delivered-id"]) < _place(newest):
        return False
    taken: Any = await redis.xpending(keys.stream, group)
    return not taken["pending"] or _place(taken["min"]) > _place(newest)


def _place(entry: bytes) -> tuple[int, ...]:
    """`1795341784237-0`."""
    return tuple(map(int, entry.split(b"-")))
