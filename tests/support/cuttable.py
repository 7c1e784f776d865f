"""A TCP line that a test can cut, stall and mend: stands between our process and Asterisk's AMI port."""

from __future__ import annotations

import asyncio
import contextlib
from typing import Self

from tests.support.ports import free_tcp_port


class CuttableLine:
    """Listens on a free port of its own and passes everything on to `target`. Enter it; `port` is where to connect."""

    def __init__(self, target_port: int) -> None:
        self._target_port = target_port
        self._server: asyncio.Server | None = None
        self._ends: set[asyncio.StreamWriter] = set()
        self._flowing = asyncio.Event()
        self._flowing.set()
        self.port = free_tcp_port()
        """Ours also while the line is cut: none that the kernel would give to somebody's connection meanwhile."""
        self.connections = 0
        """How often somebody has connected so far."""

    async def __aenter__(self) -> Self:
        await self.mend()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.cut()

    async def cut(self) -> None:
        """Every connection breaks off; new ones are refused."""
        if self._server is not None:
            self._server.close()
            self._server = None
        for end in list(self._ends):
            end.transport.abort()

    async def mend(self) -> None:
        """Connections are taken (again), and flow."""
        self._flowing.set()
        if self._server is None:
            self.port = self.port or free_tcp_port()  # none of those that somebody may be given while it is cut
            self._server = await asyncio.start_server(self._join, "127.0.0.1", self.port)

    def stall(self) -> None:
        """Nothing flows any more, but nobody is told: as when a machine loses its power."""
        self._flowing.clear()

    async def _join(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        with contextlib.suppress(OSError):
            far_reader, far_writer = await asyncio.open_connection("127.0.0.1", self._target_port)
            async with asyncio.TaskGroup() as both:
                both.create_task(self._pass_on(reader, far_writer))
                both.create_task(self._pass_on(far_reader, writer))
        writer.transport.abort()

    async def _pass_on(self, source: asyncio.StreamReader, sink: asyncio.StreamWriter) -> None:
        self._ends.add(sink)
        try:
            while chunk := await source.read(65536):
                await self._flowing.wait()
                if source.exception() is not None:
                    break  # who sent it has thrown it away together with his connection
                sink.write(chunk)
                await sink.drain()
        except ConnectionError:
            pass
        finally:
            self._ends.discard(sink)
            sink.transport.abort()
