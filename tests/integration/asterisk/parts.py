"""Small real counterparts for an Asterisk under test: a manager client, a FastAGI server."""

from __future__ import annotations

import asyncio
import contextlib
import re
import time
from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass, field
from typing import Self

from callwright.asterisk import AsteriskPlan
from tests.support.waiting import LIMIT_S, eventually

Message = Mapping[str, str]
_LASTS_S = 600


class Ami:
    """As little of a manager client as a test needs: actions with their answers, and every event in order."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader, self._writer = reader, writer
        self.events: list[Message] = []
        self._answers: dict[str, asyncio.Future[Message]] = {}
        self._changed = asyncio.Event()
        self._count = 0
        self._listener = asyncio.create_task(self._listen())

    @classmethod
    @contextlib.asynccontextmanager
    async def logged_in(cls, plan: AsteriskPlan) -> AsyncIterator[Self]:
        reader, writer = await asyncio.open_connection("127.0.0.1", plan.ports.ami)
        await reader.readline()
        ami = cls(reader, writer)
        try:
            answer = await ami.ask("Login", Username=plan.ami_user, Secret=plan.secrets.ami)
            assert answer["Response"] == "Success", answer
            yield ami
        finally:
            ami._listener.cancel()
            writer.close()

    async def ask(self, action: str, **headers: str) -> Message:
        self._count += 1
        mark = str(self._count)
        answer = self._answers[mark] = asyncio.get_running_loop().create_future()
        lines = [f"Action: {action}", f"ActionID: {mark}", *(f"{key}: {value}" for key, value in headers.items())]
        self._writer.write(("\r\n".join(lines) + "\r\n\r\n").encode())
        async with asyncio.timeout(20):
            return await answer

    async def heartbeat(self, at: float | None = None) -> None:
        """Without a time one that lasts for a whole test, however long it takes."""
        moment = str(int(time.time() + _LASTS_S if at is None else at))
        assert (await self.ask("Setvar", Variable="CW_HEARTBEAT", Value=moment))["Response"] == "Success"

    async def variable(self, channel: str, name: str) -> str:
        return (await self.ask("Getvar", Channel=channel, Variable=name))["Value"]

    async def comes_to(self, channel: str, context: str) -> None:
        """Of what the dialplan tells, it takes its next step only afterwards."""

        async def there() -> bool:
            assert (now := await self.variable(channel, "CONTEXT")) == context, now
            return True

        await eventually(f"{channel} to be in {context}", there)

    async def waits(self, channel: str) -> None:
        """What tells of a caller who begins to wait comes before he does."""

        async def there() -> bool:
            assert (now := await self.variable(channel, "CHANNEL(appname)")) in ("MusicOnHold", "Wait"), now
            return True

        await eventually(f"{channel} to wait", there)

    async def all_gone(self) -> None:
        """Until every call heard of is over, and all of it told."""

        def gone() -> bool:
            born, over = (
                {event["Uniqueid"] for event in self.events if event.get("Event") == kind}
                for kind in ("Newchannel", "Hangup")
            )
            assert born <= over, born - over
            return True

        await eventually("every call to be over", gone)

    async def wait_for(self, wanted: Callable[[Message], bool], *, seconds: float = LIMIT_S) -> Message:
        """The first such event, also one that came before."""
        try:
            async with asyncio.timeout(seconds):
                while True:
                    for event in self.events:
                        if wanted(event):
                            return event
                    self._changed.clear()
                    await self._changed.wait()
        except TimeoutError:
            raise AssertionError(f"not among {[_brief(event) for event in self.events]}") from None

    async def user_event(self, name: str, **fields: str) -> Message:
        def is_it(event: Message) -> bool:
            told = event.get("Event") == "UserEvent" and event.get("UserEvent") == name
            return told and all(event.get(key) == value for key, value in fields.items())

        return await self.wait_for(is_it)

    async def _listen(self) -> None:
        while True:
            block = (await self._reader.readuntil(b"\r\n\r\n")).decode(errors="replace")
            message = dict(re.findall(r"^([^:\r\n]+): ?([^\r\n]*)\r?$", block, re.MULTILINE))
            answer = self._answers.pop(message.get("ActionID", ""), None) if "Response" in message else None
            if answer is not None:
                answer.set_result(message)
            else:
                self.events.append(message)
                self._changed.set()


def _brief(event: Message) -> str:
    return event.get("UserEvent") or event.get("Event", "?")


@dataclass(slots=True)
class FastAgi:
    """A voice menu that sets what it was told to set and lets the caller go on."""

    says: Mapping[str, str]
    asked: list[Message] = field(default_factory=list)

    @contextlib.asynccontextmanager
    async def listening(self, port: int) -> AsyncIterator[Self]:
        server = await asyncio.start_server(self._serve, "127.0.0.1", port)
        async with server:
            yield self

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\n\n")).decode()
        self.asked.append(dict(re.findall(r"^(\w+): (.*)$", head, re.MULTILINE)))
        for name, value in self.says.items():
            writer.write(f'SET VARIABLE {name} "{value}"\n'.encode())
            await reader.readline()
        writer.close()
