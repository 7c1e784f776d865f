"""Starts, restarts and stops recordings, one thing after the other on each channel.

A restart is stop, a pause and start: Asterisk 22 leaves a new peer's voice out of a MixMonitor that goes on, and one
begun at once stays deaf as well (seen; 50 ms are enough).
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Mapping
from pathlib import Path

from cti.ami.connection import AmiLink
from cti.effects import MuteRecording, RecordingEffect, RestartRecording, StartRecording, StopRecording
from cti.errors import NoSuchChannel, Refused, UnsafeFolder

PAUSE_S = 0.06
ID_VARIABLE = "CW_MIX"
"""Where the channel keeps the recording's id; without asking for it, Asterisk does not tell the id at all."""

_PLAIN_NAME = re.compile(r"[\w+@=-][\w.+@=-]*", re.ASCII)
"""What a file may be called. After a comma come MixMonitor's options and the shell command it runs at the end."""
_NOT_IN_A_FOLDER = re.compile(r"[,\r\n\0]")

Headers = Mapping[str, str]


class Recorder:
    """`folder` is where Asterisk writes; the same path must be good for it."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder.absolute()
        if _NOT_IN_A_FOLDER.search(str(self._folder)):
            raise UnsafeFolder(folder=self._folder)
        self._last: dict[str, asyncio.Task[Headers]] = {}
        """Channel -> what was asked last, as long as it is not done."""

    def begin(self, effect: RecordingEffect, link: AmiLink) -> asyncio.Task[Headers]:
        """The task answers with Asterisk's headers or raises an ActionFailed."""
        task = asyncio.create_task(self._in_turn(effect, link, self._last.get(effect.channel)))
        self._last[effect.channel] = task
        task.add_done_callback(lambda done: self._forget(effect.channel, done))
        return task

    def _forget(self, channel: str, done: asyncio.Task[Headers]) -> None:
        if self._last.get(channel) is done:
            del self._last[channel]

    async def _in_turn(self, effect: RecordingEffect, link: AmiLink, before: asyncio.Task[Headers] | None) -> Headers:
        if before is not None:
            await asyncio.wait({before})
        match effect:
            case StartRecording():
                return await self._start(effect, link)
            case RestartRecording():
                await self._stop_if_running(effect, link)
                await asyncio.sleep(PAUSE_S)
                return await self._start(effect, link, append=True, muted=effect.muted)
            case MuteRecording(channel=channel, muted=muted):
                return (await link.mute_mixmonitor(channel, muted=muted)).headers
            case StopRecording():
                return (await link.stop_mixmonitor(effect.channel)).headers
            case _:
                raise AssertionError(f"no recording effect: {effect}")

    async def _start(
        self, effect: RecordingEffect, link: AmiLink, *, append: bool = False, muted: bool = False
    ) -> Headers:
        """`muted`: both actions are on the way before Asterisk answers, so that nothing is heard in between."""
        if _PLAIN_NAME.fullmatch(effect.file) is None:
            raise Refused(action="MixMonitor", why=f"{effect.file!r} is no plain file name")
        options = f"{'a' if append else ''}i({ID_VARIABLE})"
        started = link.mixmonitor(effect.channel, str(self._folder / effect.file), options)
        silenced = link.mute_mixmonitor(effect.channel, muted=True) if muted else None
        headers = (await started).headers
        if silenced is not None:
            await silenced
        return headers

    async def _stop_if_running(self, effect: RecordingEffect, link: AmiLink) -> None:
        try:
            await link.stop_mixmonitor(effect.channel)
        except NoSuchChannel:
            raise
        except Refused:
            pass  # nothing runs: it may have ended by itself
