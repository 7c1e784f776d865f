"""A browser's half of the live connection without a browser: people who log in and open screens."""

from __future__ import annotations

import json
import re
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

import aiohttp

from tests.support.live_stage import PASSWORD

Message = dict[str, Any]


class Screen:
    """One open live connection: what it was told, and what it asks."""

    def __init__(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        self._socket = socket
        self._asked = 0
        self.heard: list[Message] = []

    async def next(self) -> Message:
        message: Message = await self._socket.receive_json(timeout=30.0)
        self.heard.append(message)
        return message

    async def until(self, wanted: Callable[[Message], object]) -> Message:
        while not wanted(message := await self.next()):
            pass
        return message

    async def hello(self) -> Message:
        return await self.until(lambda one: one["t"] == "hello")

    async def case(self, phase: str) -> Message:
        found = await self.until(lambda one: one["t"] == "case" and one["case"]["phase"] == phase)
        case: Message = found["case"]
        return case

    async def known_case(self) -> Message:
        """A case with its looked-up caller."""
        found = await self.until(lambda one: one["t"] == "case" and one["case"]["pop"] is not None)
        case: Message = found["case"]
        return case

    async def looked_up(self) -> Message:
        """The newest case whose caller is looked up, told already or to come."""
        known: list[Message] = [one["case"] for one in self.heard if one["t"] == "case" and one["case"]["pop"]]
        return known[-1] if known else await self.known_case()

    async def send(self, **wish: Any) -> str:
        self._asked += 1
        key = str(wish.setdefault("id", f"wish-{id(self)}-{self._asked}"))
        await self._socket.send_str(json.dumps(wish))
        return key

    async def ask(self, **wish: Any) -> Message:
        key = await self.send(**wish)
        return await self.until(lambda one: one["t"] == "answer" and one["id"] == key)

    async def closed(self) -> int | None:
        """The code with which the server ended it, after whatever it still said."""
        while (said := await self._socket.receive(timeout=30.0)).type is aiohttp.WSMsgType.TEXT:
            self.heard.append(json.loads(said.data))
        return self._socket.close_code


class Person:
    """Somebody with a browser and its cookies."""

    def __init__(self, http: aiohttp.ClientSession) -> None:
        self.http = http

    async def log_in(self, login: str) -> None:
        await self.send("/login", page="/login", login=login, password=PASSWORD)

    async def log_out(self) -> None:
        await self.send("/logout")

    async def send(self, path: str, *, page: str = "/password", **form: str) -> None:
        """A form of this page, as its button sends it."""
        shown = await (await self.http.get(page)).text()
        token = re.search(r'name="csrf" content="([^"]+)"', shown)
        assert token is not None
        answer = await self.http.post(path, data={**form, "csrf": token[1]}, allow_redirects=False)
        assert answer.status == 303, await answer.text()

    @asynccontextmanager
    async def screen(self, kind: str = "desk", **headers: str) -> AsyncIterator[Screen]:
        async with self.http.ws_connect(f"/live?screen={kind}", headers=headers) as socket:
            yield Screen(socket)


Somebody = Callable[[str], Awaitable[Person]]
"""`await somebody("alice")`: alice, logged in."""
