"""Commands and their answers over Redis: every bus has one list as its inbox, read by one task.

Who serves a command holds a lease on its topic, whose value is his inbox: so a requester finds him, and notices at
once when there is nobody. A server who died is found out when his lease ends.
"""

from __future__ import annotations

import asyncio
import json
import uuid
from typing import Any

import structlog
from redis.asyncio import Redis

from crm_core.kernel.bus import Handler, NobodyServes, RequestTimedOut
from crm_core.kernel.clock import Clock
from crm_core.kernel.messages import Command, CommandResult
from crm_core.runtime.redis_wire import BROKEN, Keys, packed, unpacked
from crm_core.runtime.retrying import Pauses, ended
from crm_core.runtime.serving import carry_out

_log = structlog.get_logger(__name__)

_LETTERS_KEPT_S = 60
_NOT_SERVED = "bus.nobody_serves"


class Mail:
    def __init__(self, redis: Redis, keys: Keys, pauses: Pauses, member: str, clock: Clock) -> None:
        self._redis, self._keys, self._pauses, self._clock = redis, keys, pauses, clock
        self.address = keys.inbox(member)
        self._awaited: dict[str, asyncio.Future[CommandResult]] = {}
        self._handlers: dict[type[Command], list[Handler]] = {}
        self._reader: asyncio.Task[None] | None = None
        self._at_work: set[asyncio.Task[None]] = set()

    def serve(self, handler: Handler, *types: type[Command]) -> None:
        self._start_reading()
        for kind in types:
            self._handlers.setdefault(kind, []).append(handler)

    def stop_serving(self, handler: Handler, *types: type[Command]) -> None:
        for kind in types:
            self._handlers[kind].remove(handler)

    async def request(self, command: Command, seconds: float) -> CommandResult:
        self._start_reading()
        letter = uuid.uuid4().hex
        answer = self._awaited[letter] = asyncio.get_running_loop().create_future()
        asking = asyncio.create_task(self._ask(command, letter, seconds, answer))
        try:
            await asyncio.wait({asking}, timeout=seconds)  # not asyncio.timeout: the driver may swallow its cancelling
            if not asking.done():
                raise RequestTimedOut(topic=command.topic)
            return asking.result()
        except BROKEN as error:
            raise RequestTimedOut(topic=command.topic) from error
        finally:
            asking.cancel()
            answer.cancel()
            del self._awaited[letter]

    async def close(self) -> None:
        if self._at_work:
            await asyncio.wait(self._at_work, timeout=1.0)
        await ended(self._reader)
        for answer in self._awaited.values():
            answer.cancel()

    async def _ask(
        self, command: Command, letter: str, seconds: float, answer: asyncio.Future[CommandResult]
    ) -> CommandResult:
        server: Any = await self._redis.get(self._keys.server(command.topic))
        if not server:  # given back, or run out
            raise NobodyServes(topic=command.topic)
        until = self._clock.now().timestamp() + seconds
        await self._post(server.decode(), {"id": letter, "from": self.address, "until": until}, packed(command))
        result = await answer
        if result.code == _NOT_SERVED:
            raise NobodyServes(topic=command.topic)
        return result

    async def _post(self, address: str, head: dict[str, Any], message: bytes) -> None:
        async with self._redis.pipeline(transaction=True) as pipe:
            pipe.rpush(address, json.dumps(head).encode() + b"\n" + message)
            pipe.expire(address, _LETTERS_KEPT_S)
            await pipe.execute()

    def _start_reading(self) -> None:
        if self._reader is None:
            self._reader = asyncio.create_task(self._read(), name="bus mail")

    async def _read(self) -> None:
        while True:
            for pause in self._pauses:
                try:
                    found: Any = await self._redis.blpop([self.address], timeout=1)
                except BROKEN as error:
                    _log.warning("redis gives no mail", action="bus.mail", why=str(error))
                    await asyncio.sleep(pause)
                else:
                    if found is not None:
                        self._read_letter(found[1])
                    break

    def _read_letter(self, letter: bytes) -> None:
        """A letter that is not as it should be is put aside; the next one is read."""
        try:
            self._open(letter)
        except Exception:
            _log.exception("a letter cannot be read", action="bus.mail", raw=repr(letter[:200]))

    def _open(self, letter: bytes) -> None:
        first, _, rest = letter.partition(b"\n")
        head, message = json.loads(first), unpacked(rest)
        match message:
            case Command() if self._clock.now().timestamp() <= head["until"]:
                task = asyncio.create_task(self._answer(message, head))
                self._at_work.add(task)
                task.add_done_callback(self._at_work.discard)
            case CommandResult():
                answer = self._awaited.get(head["id"])
                if answer is not None and not answer.done():
                    answer.set_result(message)
            case _:
                _log.warning("a letter came too late", action="bus.mail", head=head)

    async def _answer(self, command: Command, head: dict[str, Any]) -> None:
        handlers = self._handlers.get(type(command))
        nobody = CommandResult(ok=False, code=_NOT_SERVED)
        result = await carry_out(handlers[0], command) if handlers else nobody
        try:
            await self._post(head["from"], {"id": head["id"]}, packed(result))
        except BROKEN as error:
            _log.warning("an answer could not be sent", action="bus.mail", topic=command.topic, why=str(error))
