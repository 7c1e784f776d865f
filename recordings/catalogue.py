"""Keeps the list of recordings true: hears of them on the bus, measures the files, tells crm_core.

Everything it does may be done twice. A call's recordings are measured again when the call is over, because one that was
restarted for a new peer has grown since.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from contextlib import AsyncExitStack
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import Self

import structlog

from crm_core.kernel.bus import Bus
from crm_core.kernel.messages import Event
from crm_core.services.recordings import Recordings
from cti.events import CallEnded, RecordingStarted, RecordingStopped
from recordings.errors import RecordingError
from recordings.storage import RecordingFolder, Sound

_log = structlog.get_logger(__name__)

GROUP = "recordings"


class RecordingCatalogue:
    """`async with RecordingCatalogue(…)`: the catalogue is kept until the block ends."""

    def __init__(
        self, bus: Bus, recordings: Recordings, root: Path, *, pauses: Sequence[float] = (0.05, 0.1, 0.2, 0.4)
    ) -> None:
        """`pauses`: how long to wait, each time, for Asterisk to close a file whose call is over."""
        self._bus = bus
        self._recordings = recordings
        self._folder = RecordingFolder(root)
        self._pauses = tuple(pauses)
        self._running = AsyncExitStack()

    async def __aenter__(self) -> Self:
        await self._running.enter_async_context(
            self._bus.consume(GROUP, self.take, RecordingStarted, RecordingStopped, CallEnded)
        )
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, tb: TracebackType | None
    ) -> None:
        await self._running.aclose()

    async def take(self, event: Event) -> None:
        match event:
            case RecordingStarted(call=call, file=file, at=at):
                await self._recordings.start(call, file, at)
            case RecordingStopped(call=call, file=file, at=at):
                await self._recordings.start(call, file, at)
                await self._finish(file, at)
            case CallEnded(call=call, at=at):
                for recording in await self._recordings.of_call(call):
                    if recording.deleted_at is None:
                        await self._finish(recording.file, recording.ended_at or at)
            case _:
                return

    async def _finish(self, file: str, at: datetime) -> None:
        try:
            sound = await self._measured(file)
        except RecordingError as error:
            _log.warning("recording not found", action="recording_missing", file=file, why=str(error))
            await self._recordings.finish(file, at)
        else:
            await self._recordings.finish(file, at, duration_s=sound.duration_s, size_bytes=sound.size_bytes)

    async def _measured(self, file: str) -> Sound:
        sound = await asyncio.to_thread(self._folder.look, file)
        for pause in self._pauses:
            if sound.complete:
                break
            await asyncio.sleep(pause)
            sound = await asyncio.to_thread(self._folder.look, file)
        return sound
