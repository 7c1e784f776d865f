"""A stage for the live screens: the real console and database, and a telephony that plays what a test tells it.

`LiveStage` serves the console on a free port, with the house of `stage_house` and the telephony of `stage_telephony`.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from aiohttp import web

from agent_console.app import make_app
from agent_console.settings import ConsoleSettings
from crm_core.domain.users import User
from crm_core.kernel.bus import Bus
from crm_core.kernel.clock import Clock
from crm_core.services.bundle import Services
from cti.events import CallEvent
from tests.support.stage_house import PASSWORD, furnish
from tests.support.stage_telephony import Telephony

__all__ = ["PASSWORD", "LiveStage", "live_stage"]


@dataclass(slots=True, kw_only=True)
class LiveStage:
    services: Services
    bus: Bus
    clock: Clock
    telephony: Telephony
    people: dict[str, User]
    url: str


@asynccontextmanager
async def live_stage(
    services: Services, bus: Bus, clock: Clock, recordings: Path, *, port: int = 0, demo: bool = True
) -> AsyncIterator[LiveStage]:
    """The console on 127.0.0.1 with a furnished house and its call log behind it, until the block ends."""
    people = await furnish(services)
    telephony = Telephony(bus, clock)
    for user in people.values():
        if user.extension:
            telephony.hire(user)
    settings = ConsoleSettings(secret_key="stage" * 8, recordings=recordings, demo=demo, sip_ws_port=9)
    async with AsyncExitStack() as parts:
        await parts.enter_async_context(bus.consume("call-log", services.calls.apply, CallEvent))
        await parts.enter_async_context(telephony.serving())
        runner = web.AppRunner(make_app(services, bus, clock, settings), access_log=None, shutdown_timeout=1.0)
        await runner.setup()
        parts.push_async_callback(runner.cleanup)
        site = web.TCPSite(runner, "127.0.0.1", port)
        await site.start()
        found = runner.addresses[0]
        yield LiveStage(
            services=services,
            bus=bus,
            clock=clock,
            telephony=telephony,
            people=people,
            url=f"http://{found[0]}:{found[1]}",
        )
