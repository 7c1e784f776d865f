"""Feeds the live boards: asks for the floor when something happened, and tells each board what changed.

At most four times a second, however much happens; every few seconds even when nothing did, as the reason why somebody
waits may change in silence. While nobody answers, the boards are told since when their picture is an old one.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Final

import structlog

from agent_console.live.board_levels import BoardLevels
from agent_console.live.board_protocol import FloorAway
from agent_console.live.client import Client
from agent_console.live.floor import Picture, difference, everything, picture
from agent_console.live.protocol import Told, encode
from agent_console.live.screen_pop import Names
from crm_core.kernel.bus import Bus
from crm_core.kernel.clock import Clock
from crm_core.kernel.errors import CallwrightError
from crm_core.kernel.ids import CallId, QueueKey
from crm_core.services.service_levels import QueueLevels
from cti.commands import Floor, GetFloor

_log = structlog.get_logger("agent_console.live")
LEAST_PAUSE_S: Final = 0.25
LONGEST_PAUSE_S: Final = 3.0


async def ask_floor(bus: Bus) -> Floor | None:
    """Everything live, right now; None while the telephony part is away."""
    try:
        found = await bus.request(GetFloor(), timeout=3.0)
    except CallwrightError:
        return None
    return found if isinstance(found, Floor) and found.ok else None


class BoardFeed:
    def __init__(
        self,
        bus: Bus,
        clock: Clock,
        levels: BoardLevels,
        *,
        shown: Callable[[str], Names],
        caller: Callable[[CallId], Names],
    ) -> None:
        self._bus, self._clock, self._shown, self._caller = bus, clock, shown, caller
        self._levels = levels
        self._boards: set[Client] = set()
        self._wake = asyncio.Event()
        self._last: Picture | None = None
        self._last_at: datetime | None = None
        self._away = False

    def join(self, board: Client) -> None:
        if self._last is not None and self._last_at is not None:
            board.post(encode(everything(self._last, self._last_at)))
        if self._away:
            board.post(encode(FloorAway(since=self._last_at)))
        self._boards.add(board)
        self._wake.set()

    def leave(self, board: Client) -> None:
        self._boards.discard(board)

    def something_happened(self) -> None:
        if self._boards:
            self._wake.set()

    async def run(self) -> None:
        while True:
            await self._woken()
            if self._boards:
                await self._tell_safely()
            await asyncio.sleep(LEAST_PAUSE_S)

    async def _woken(self) -> None:
        try:
            async with asyncio.timeout(LONGEST_PAUSE_S if self._boards else None):
                await self._wake.wait()
        except TimeoutError:
            pass
        self._wake.clear()

    async def _tell_safely(self) -> None:
        try:
            await self._tell()
        except Exception:
            _log.exception("the boards could not be told", action="floor")

    async def _tell(self) -> None:
        floor = await ask_floor(self._bus)
        news = self._none() if floor is None else self._some(floor, await self._levels.now())
        if news is None:
            return
        line = encode(news)
        for board in self._boards:
            board.post(line)

    def _none(self) -> Told | None:
        """Told once: the boards count the time themselves."""
        was_away, self._away = self._away, True
        return None if was_away else FloorAway(since=self._last_at)

    def _some(self, floor: Floor, levels: Mapping[QueueKey, QueueLevels]) -> Told | None:
        """After an absence everything, so that whoever was told of an old picture knows it to be new."""
        before = None if self._away else self._last
        now, self._away = self._clock.now(), False
        self._last, self._last_at = picture(floor, shown=self._shown, caller=self._caller, levels=levels), now
        return everything(self._last, now) if before is None else difference(before, self._last, now)
