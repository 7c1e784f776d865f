"""Sees to it that telephony serves the floor as it is agreed now, whoever changed it and from which process."""

from __future__ import annotations

import asyncio

import structlog

from agent_console.pages.admin.commands import TellAsterisk
from crm_core.domain.floor import FloorPlan
from crm_core.kernel.bus import Bus
from crm_core.services.floor_plans import FloorPlans
from cti.commands import ReloadFloor

LOOK_S = 2.0
_ASTERISK_PATIENCE_S = 15.0
_log = structlog.get_logger(__name__)


class FloorWatch:
    """Telephony reads the plan by `load`; `run` it beside it. A console says at once what it has changed; `floor load`,
    and a console whose word was lost, are noticed here."""

    def __init__(self, plans: FloorPlans, bus: Bus) -> None:
        self._plans, self._bus = plans, bus
        self._read = ""
        """The revision telephony has."""
        self._asterisk_waits = False
        """We have had telephony read another one, and Asterisk has not been told yet."""

    async def load(self) -> FloorPlan:
        plan = await self._plans.load()
        self._read = plan.revision
        return plan

    async def run(self) -> None:
        while True:
            await asyncio.sleep(LOOK_S)
            await self.look()

    async def look(self) -> None:
        try:
            if (now := await self._plans.revision()) != self._read:
                _log.info("the floor was changed", action="reload floor", revision=now)
                self._asterisk_waits = True
                await self._bus.request(ReloadFloor())
            if self._asterisk_waits:
                await self._bus.request(TellAsterisk(), timeout=_ASTERISK_PATIENCE_S)
                self._asterisk_waits = False
        except Exception as error:  # the database, most likely; callers are served as before, and we look again
            _log.warning("whether the floor was changed is not known", action="reload floor", error=repr(error))
