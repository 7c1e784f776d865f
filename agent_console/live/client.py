"""One connected screen as the hub sees it: it takes lines, never waits, and is dropped when it cannot follow.

While its log-in is in doubt nothing goes out to it, and nothing it wishes is begun.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Final

CAPACITY: Final = 512
"""Lines a browser may be behind; more, and it is cut off to come back with a fresh picture."""


class Client:
    def __init__(self, send: Callable[[str], Awaitable[None]], *, capacity: int = CAPACITY) -> None:
        self._send = send
        self._lines: asyncio.Queue[str] = asyncio.Queue(capacity)
        self._overrun = asyncio.Event()
        self._trusted, self._doubted = asyncio.Event(), asyncio.Event()
        self._trusted.set()
        self.used = False
        """Somebody did something at this screen since its log-in was looked at last."""

    def post(self, line: str) -> None:
        """Hand over a line. Never blocks; when the browser is too far behind, its connection ends."""
        try:
            self._lines.put_nowait(line)
        except asyncio.QueueFull:
            self._overrun.set()

    def doubt(self) -> None:
        """Something about the log-in behind it has changed: whoever looks after that is woken."""
        self._trusted.clear()
        self._doubted.set()

    def trust(self) -> None:
        """The log-in was looked at, and holds."""
        if not self._doubted.is_set():
            self._trusted.set()

    async def trusted(self) -> None:
        await self._trusted.wait()

    async def doubted(self) -> None:
        """Until there is a doubt that nobody has looked into yet."""
        await self._doubted.wait()
        self._doubted.clear()

    async def pump(self) -> None:
        """Send line after line until the browser is gone or too far behind."""
        sending = asyncio.create_task(self._send_all())
        overrun = asyncio.create_task(self._overrun.wait())
        try:
            done, _ = await asyncio.wait((sending, overrun), return_when=asyncio.FIRST_COMPLETED)
            if sending in done:
                sending.result()
        finally:
            sending.cancel()
            overrun.cancel()

    async def _send_all(self) -> None:
        while True:
            line = await self._lines.get()
            await self._trusted.wait()
            await self._send(line)
