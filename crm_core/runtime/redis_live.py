"""Live events from Redis' channel, handed to the inboxes of this process. A gap in the line shows as `lost`."""

from __future__ import annotations

import asyncio
from typing import Any

import structlog
from redis.asyncio import Redis

from crm_core.kernel.messages import Event
from crm_core.runtime.inbox import Inbox
from crm_core.runtime.redis_wire import ANSWERS_WITHIN_S, BROKEN, Keys, kind_of, unpacked
from crm_core.runtime.retrying import Pauses, ended

_log = structlog.get_logger(__name__)

_BARRIER = b"\nbarrier "


class LiveReader:
    def __init__(self, redis: Redis, keys: Keys, pauses: Pauses, member: str) -> None:
        self._redis, self._keys, self._pauses = redis, keys, pauses
        self._mark = _BARRIER + member.encode()
        self._inboxes: list[Inbox] = []
        self._task: asyncio.Task[None] | None = None
        self._listening, self._marked = asyncio.Event(), asyncio.Event()

    async def add(self, inbox: Inbox) -> None:
        """Returns when the line is open (or after a while: it will open later, and say that something was lost)."""
        self._inboxes.append(inbox)
        if self._task is None:
            self._task = asyncio.create_task(self._run(), name="bus live reader")
        try:
            async with asyncio.timeout(ANSWERS_WITHIN_S):
                await self._listening.wait()
        except TimeoutError:
            inbox.lost += 1

    def remove(self, inbox: Inbox) -> None:
        inbox.end()
        self._inboxes.remove(inbox)

    async def caught_up(self) -> None:
        """Everything published before now has been handed out."""
        if self._task is not None:
            self._marked.clear()
            await self._redis.publish(self._keys.live, self._mark)
            await self._marked.wait()

    async def close(self) -> None:
        await ended(self._task)
        for inbox in self._inboxes:
            inbox.end()

    async def _run(self) -> None:
        while True:
            for pause in self._pauses:
                try:
                    await self._listen()
                except BROKEN as error:
                    was_open = self._listening.is_set()
                    self._line_broke(str(error))
                    await asyncio.sleep(pause)
                    if was_open:
                        break  # it did work: begin again with the short pause

    def _line_broke(self, why: str) -> None:
        _log.warning("the live line to redis is broken", action="bus.listen", why=why)
        if self._listening.is_set():
            self._listening.clear()
            for inbox in self._inboxes:
                inbox.lost += 1

    async def _listen(self) -> None:
        async with self._redis.pubsub() as line:
            await line.subscribe(self._keys.live)
            now = asyncio.get_running_loop().time
            heard = now()
            while True:
                message = await line.get_message(timeout=ANSWERS_WITHIN_S / 2)
                if message is not None:
                    heard = now()
                    self._take(message)
                elif now() - heard > 2 * ANSWERS_WITHIN_S:
                    raise ConnectionError("redis is silent")
                else:
                    await line.ping()

    def _take(self, message: dict[str, Any]) -> None:
        match message["type"]:
            case "subscribe":
                self._listening.set()
            case "message" if message["data"] == self._mark:
                self._marked.set()
            case "message" if not message["data"].startswith(_BARRIER):
                self._hand_out(message["data"])
            case _:
                pass

    def _hand_out(self, raw: bytes) -> None:
        kind = kind_of(raw)
        if kind is None or not issubclass(kind, Event):
            return
        wanting = [inbox for inbox in self._inboxes if inbox.wants(kind)]
        event = unpacked(raw) if wanting else None
        if isinstance(event, Event):
            for inbox in wanting:
                inbox.put(event)
