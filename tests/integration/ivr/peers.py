"""Whoever may connect to a FastAGI server: an honest Asterisk in a few lines, and liars."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from datetime import UTC
from pathlib import Path

from crm_core.kernel.clock import SystemClock
from ivr.book import Printed
from ivr.desk import Desk
from ivr.fastagi.limits import Limits
from ivr.flow.validator import Sounds
from ivr.furniture import our_calendars
from ivr.prompts import ensure_prompts, prompts_folder
from ivr.prompts.catalogue import Catalogue, load_catalogue
from ivr.prompts.speaker import Speaker
from ivr.service import OUR_FLOWS, IvrServer, load_flows

HEADERS = (
    "agi_network: yes\n"
    "agi_network_script: ivr?flow={flow}&call=pbx-17-4\n"
    "agi_request: agi://127.0.0.1/ivr?flow={flow}&call=pbx-17-4\n"
    "agi_uniqueid: pbx-17.4\n"
    "\n"
)


async def some_prompts(home: Path, *keys: str) -> Path:
    """Speaking all there are takes a busy machine minutes; what is not among these is not heard."""
    catalogue = Catalogue(prompts={key: load_catalogue().prompts[key] for key in keys})
    await ensure_prompts(home, print, catalogue=catalogue)
    return prompts_folder(home)


@contextlib.asynccontextmanager
async def menu_server(
    *,
    port: int = 0,
    prompts: Path = Path("/prompts"),
    limits: Limits | None = None,
    flows_in: Path = OUR_FLOWS,
    desk: Desk | None = None,
    recordings: Path = Path("/recordings"),
    sounds: Sounds | None = None,
) -> AsyncIterator[IvrServer]:
    """`sounds`: with the words of prompts that have values in them, which are then spoken."""
    flows = load_flows(flows_in, sounds or load_catalogue().keys(), our_calendars())
    async with IvrServer(
        host="127.0.0.1",
        port=port,
        book=Printed(flows),
        prompts_dir=prompts,
        recordings_dir=recordings,
        clock=SystemClock(),
        zone=UTC,
        limits=limits,
        desk=desk,
        speaker=Speaker(prompts) if sounds else None,
    ) as server:
        yield server


class Peer:
    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader, self._writer = reader, writer

    def say(self, text: str | bytes) -> None:
        self._writer.write(text if isinstance(text, bytes) else text.encode())

    async def ask_for(self, flow: str = "main") -> None:
        self.say(HEADERS.format(flow=flow))
        token = (await self.hear()).split('"')[1]
        self.say(f"200 result=1 ({token})\n")

    async def hear(self) -> str:
        """The next command; empty when the server has closed the line."""
        async with asyncio.timeout(20):
            try:
                return (await self._reader.readline()).decode().rstrip("\n")
            except ConnectionError:
                return ""

    async def closed(self) -> bool:
        while await self.hear():
            pass
        return True

    def close(self) -> None:
        self._writer.close()

    def abort(self) -> None:
        self._writer.transport.abort()


@contextlib.asynccontextmanager
async def peer(server: IvrServer) -> AsyncIterator[Peer]:
    reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
    connected = Peer(reader, writer)
    try:
        yield connected
    finally:
        connected.close()
