"""The line that stories cut must really carry, break and heal."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest

from tests.support.cuttable import CuttableLine


@pytest.fixture
async def echo() -> AsyncIterator[int]:
    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while line := await reader.readline():
            writer.write(line)
        writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    yield server.sockets[0].getsockname()[1]
    server.close()


async def test_it_carries_breaks_and_heals(echo: int) -> None:
    async with CuttableLine(echo) as line:
        reader, writer = await asyncio.open_connection("127.0.0.1", line.port)
        writer.write(b"one\n")
        assert await reader.readline() == b"one\n"
        await line.cut()
        with pytest.raises((ConnectionError, EOFError)):
            await reader.readexactly(1)
        with pytest.raises(ConnectionError):
            await asyncio.open_connection("127.0.0.1", line.port)
        await line.mend()
        reader, writer = await asyncio.open_connection("127.0.0.1", line.port)
        writer.write(b"two\n")
        assert await reader.readline() == b"two\n"
        assert line.connections == 2


async def test_a_stalled_line_says_nothing_and_breaks_nothing(echo: int) -> None:
    async with CuttableLine(echo) as line:
        reader, writer = await asyncio.open_connection("127.0.0.1", line.port)
        line.stall()
        writer.write(b"one\n")
        reading = asyncio.create_task(reader.readline())
        done, _ = await asyncio.wait([reading], timeout=0.1)
        assert not done
        await line.mend()
        assert await reading == b"one\n"
