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
from callwright.own_asterisk import FloorEmpty, plan_of
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
        self._lines, self._name = settings.lines, settings.asterisk_name
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
        places = asterisk.Directories.under(self._home)
        running, install = await asterisk.status(places), await asterisk.find(self._home)
        ports = await asyncio.to_thread(asterisk.rendered_ports, places)
        if not running.running or install is None or ports is None:
            return CommandResult(ok=False, code="asterisk.not_ours")
        floor = await self._plans.load()
        if not floor.queues:
            raise FloorEmpty()
        plan = plan_of(self._home, floor, install, ports, self._lines, name=self._name)
        rendered = await asyncio.to_thread(asterisk.render, plan)
        await asterisk.reload(places, tuple(dict.fromkeys((*rendered.changed, *OF_PHONES))))
        _log.info("Asterisk was told", action="tell asterisk", changed=rendered.changed)
        return CommandResult(ok=True)
