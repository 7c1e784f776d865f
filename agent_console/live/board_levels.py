"""How soon callers are answered, for the live board: read from the call log every few seconds while somebody looks."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Final

import structlog

from crm_core.kernel.ids import QueueKey
from crm_core.services.service_levels import QueueLevels, ServiceLevels

EVERY_S: Final = 5.0
_log = structlog.get_logger("agent_console.live")


class BoardLevels:
    def __init__(self, levels: ServiceLevels) -> None:
        self._levels = levels
        self._last: Mapping[QueueKey, QueueLevels] = {}
        self._again_at = 0.0

    async def now(self) -> Mapping[QueueKey, QueueLevels]:
        """Empty while the log cannot be read: the board does without."""
        if (now := asyncio.get_running_loop().time()) >= self._again_at:
            self._again_at = now + EVERY_S
            try:
                self._last = await self._levels.now()
            except Exception as error:  # the database, most likely
                self._last = {}
                _log.warning("service levels are not known", action="floor", error=repr(error))
        return self._last
