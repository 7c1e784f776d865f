"""`callwright serve`: the production processes. One process for all, or one a role with Redis between them."""

from __future__ import annotations

import contextlib
from collections.abc import Callable

from prometheus_client import ProcessCollector

from agent_console.settings import Check
from callwright.foundation import foundation
from callwright.furnishing import furnish
from callwright.health import asked_over
from callwright.logs import set_up_logs
from callwright.product import console, health, settle, telephony, told_to_stop
from callwright.settings import Settings, SettingsWrong
from callwright.worker import Worker
from crm_core.kernel.clock import SystemClock


async def serve(settings: Settings, role: str, say: Callable[[str], None]) -> int:
    """Until told to stop. `role`: `all`, `console`, `telephony` or `worker`. Raises SettingsWrong."""
    _refuse_what_cannot_work(settings, role)
    set_up_logs()
    keeps_its_schema = settings.database.startswith("sqlite")
    async with contextlib.AsyncExitStack() as parts:
        ground = await parts.enter_async_context(foundation(settings, SystemClock(), upgrade=keeps_its_schema))
        ProcessCollector(registry=ground.registry)
        if keeps_its_schema:
            await furnish(ground.services)
        checks: tuple[Check, ...] = ()
        if role in ("all", "telephony"):
            checks = tuple(await parts.enter_async_context(telephony(ground)))
        if role in ("all", "worker"):
            worker = await parts.enter_async_context(Worker(ground.services, ground.clock))
            checks = (*checks, ("worker", worker.healthy))
        if role == "console":
            checks = asked_over(ground.bus)
        if role in ("all", "console"):
            await parts.enter_async_context(console(ground, checks=checks))
            say(f"The console is at http://{settings.http}")
        elif (address := settings.health_endpoint) is not None:
            await parts.enter_async_context(health(ground, address, checks))
            say(f"How it is, is told at http://{address}/readyz")
        settle()
        told = told_to_stop()
        say(f"Serving ({role}). Ctrl-C ends it; calls in progress go on.")
        await told.wait()
        say("Stopping.")
    return 0


def _refuse_what_cannot_work(settings: Settings, role: str) -> None:
    problems = []
    if role in ("all", "telephony") and not settings.asterisks:
        problems.append("CALLWRIGHT_AMI_HOSTS is missing: user:secret@host:port of at least one Asterisk")
    if role != "all" and not settings.redis_url:
        problems.append("CALLWRIGHT_REDIS_URL is missing: separate processes speak through Redis")
    if problems:
        raise SettingsWrong(problems="; ".join(problems))
