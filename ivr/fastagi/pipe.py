"""The line to Asterisk as pyst2 wants it: a file of text lines to read and one to write, on the event loop."""

from __future__ import annotations

import asyncio

from ivr.fastagi.errors import PeerBroken, PeerClosed
from ivr.fastagi.greenlets import wait_for


class TextPipe:
    """Both `stdin` and `stdout` of an AGI object. Its methods are for synchronous code below `call_waiting`."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer
        self._unsent: list[str] = []

    def readline(self) -> str:
        return wait_for(self.read_line())

    def write(self, text: str) -> None:
        self._unsent.append(text)

    def flush(self) -> None:
        """Never waits: one command at a time is under way, so what a peer leaves unread stays small."""
        self._writer.write("".join(self._unsent).encode())
        self._unsent.clear()

    async def read_line(self) -> str:
        """The next line without its end. What is no UTF-8 (Asterisk passes on any display name) becomes U+FFFD."""
        try:
            line = await self._reader.readline()
        except ValueError:
            raise PeerBroken(why="a line without end") from None
        except OSError:
            line = b""
        if not line.endswith(b"\n"):
            raise PeerClosed(doing="we were listening")
        return line.rstrip(b"\r\n").decode(errors="replace")
