"""Keeps the Asterisk of our own home true to the people in the database: told of a change, it reads its files again."""

from __future__ import annotations

import asyncio
import contextlib
from pathlib import Path
from types import TracebackType
from typing import Self

import structlog

from agent_console.pages.admin.commands import TellAsterisk
from callwright import asterisk
from callwright.own_asterisk import prepare
from callwright.settings import Settings
from crm_core.kernel.bus import Bus
from crm_core.kernel.errors import CallwrightError
from crm_core.kernel.messages import Command, CommandResult
from crm_core.services.floor_plans import FloorPlans

OF_PHONES = ("pjsip.conf", "queues.conf")
"""Read again in any case: whoever rendered last may not have let Asterisk know."""
_log = structlog.get_logger(__name__)


class AsteriskKeeper:
    """`async with AsteriskKeeper(bus, plans, settings):` serves `TellAsterisk` until the block ends."""

    def __init__(self, bus: Bus, plans: FloorPlans, settings: Settings) -> None:
        self._bus, self._plans = bus, plans
        self._home: Path = settings.home.absolute()
        self._offset = settings.fastagi_endpoint.port - asterisk.Ports().fastagi
        """Our Asterisk asks our menus, so it stands where they listen."""
        self._turn = asyncio.Lock()
        self._parts = contextlib.AsyncExitStack()

    async def __aenter__(self) -> Self:
        await self._parts.enter_async_context(self._bus.serve(self._carry_out, TellAsterisk))
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._parts.aclose()

    async def _carry_out(self, command: Command) -> CommandResult:
        async with self._turn:
            try:
                return await self._tell()
            except CallwrightError as error:
                code, why = error.code, str(error)
            except OSError as error:
                code, why = "asterisk.files", str(error)
        _log.warning("Asterisk could not be told", action="tell asterisk", code=code, why=why)
        return CommandResult(ok=False, code=code)

    async def _tell(self) -> CommandResult:
        running = await asterisk.status(asterisk.Directories.under(self._home))
        if not running.running or await asterisk.find(self._home) is None:
            return CommandResult(ok=False, code="asterisk.not_ours")
        own = await prepare(self._home, await self._plans.load(), _log.info, port_offset=self._offset)
        await asterisk.check_adoptable(own.plan)
        rendered = await asyncio.to_thread(asterisk.render, own.plan)
        await asterisk.reload(own.plan.directories, tuple(dict.fromkeys((*rendered.changed, *OF_PHONES))))
        _log.info("Asterisk was told", action="tell asterisk", changed=rendered.changed)
        return CommandResult(ok=True)
