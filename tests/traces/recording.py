"""What every recorder of traces needs: a manager connection that keeps all it hears, and the form of the files."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

QUIET_S = 0.3
"""How long nothing may be said any more before a scene is over."""


@dataclass(slots=True)
class RawAmi:
    """A manager connection that keeps every event as it came."""

    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter
    blocks: list[str] = field(default_factory=list)

    @staticmethod
    @asynccontextmanager
    async def listening(port: int, user: str, secret: str) -> AsyncIterator[RawAmi]:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        await reader.readline()
        ami = RawAmi(reader, writer)
        ami.say("Login", Username=user, Secret=secret)
        listener = asyncio.create_task(ami._listen())
        try:
            yield ami
        finally:
            listener.cancel()
            writer.close()

    def say(self, action: str, **headers: str) -> None:
        lines = [f"Action: {action}", *(f"{key}: {value}" for key, value in headers.items())]
        self.writer.write(("\r\n".join(lines) + "\r\n\r\n").encode())

    async def _listen(self) -> None:
        while True:
            block = (await self.reader.readuntil(b"\r\n\r\n")).decode()
            if block.startswith("Event: ") and not block.startswith("Event: FullyBooted"):
                self.blocks.append(block)

    async def until_quiet(self) -> None:
        before = -1
        while before != len(self.blocks):
            before = len(self.blocks)
            await asyncio.sleep(QUIET_S)

    def channel(self, device: str) -> str:
        """The youngest channel of this device."""
        names = [line[9:] for block in self.blocks for line in block.splitlines() if line.startswith("Channel: ")]
        return [name for name in names if name.startswith(device)][-1]


def write_trace(file: Path, blocks: list[str], *, what: str, version: str, recorder: str) -> None:
    """Below a few lines that say what happens in it and where it comes from."""
    source = f"Asterisk {version}, recorded {datetime.now(UTC).date()} by {recorder} {file.stem}"
    text = "".join(blocks).replace("\r\n", "\n")
    file.write_text(f"# {' '.join(what.split())}\n# {source}\n\n{text}", encoding="utf-8")
