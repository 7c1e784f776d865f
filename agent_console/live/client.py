"""One connected screen as the hub sees it: it takes lines, never waits, and is dropped when it cannot follow."""

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

    def post(self, line: str) -> None:
        """Hand over a line. Never blocks; when the browser is too far behind, its connection ends."""
        try:
            self._lines.put_nowait(line)
        except asyncio.QueueFull:
            self._overrun.set()

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
            await self._send(await self._lines.get())
