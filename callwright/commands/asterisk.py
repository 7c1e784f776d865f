"""`callwright asterisk install|render|start|stop|status`."""

from __future__ import annotations

import json
from collections.abc import Callable

from callwright import asterisk
from callwright.foundation import foundation
from callwright.own_asterisk import NO_LINE, OwnAsterisk, prepare
from callwright.settings import Settings, make_home
from crm_core.kernel.clock import SystemClock
from ivr.prompts import ensure_prompts

Say = Callable[[str], None]


async def asterisk_command(settings: Settings, verb: str, port_offset: int, say: Say) -> int:
    home = settings.home.absolute()
    if verb == "install":
        make_home(home)
        found = await asterisk.install(home, say)
        print(f"Asterisk {found.version}: {' '.join(found.command)}")
        return 0
    if verb == "stop":
        stopped = await asterisk.stop(asterisk.Directories.under(home))
        say("Asterisk is stopped." if stopped else "No Asterisk of ours is running in this home.")
        return 0
    if verb == "status":
        return await _status(settings)
    own = await _own(settings, port_offset, say)
    if verb == "render":
        for name in asterisk.render(own.plan).files:
            print(own.plan.directories.etc / name)
        return 0
    await ensure_prompts(home, say, voice_command=settings.voice_command)
    await own.start(say)
    say(f"Asterisk {own.plan.version} takes calls on UDP port {own.plan.ports.sip}.")
    return 0


async def _status(settings: Settings) -> int:
    found = await asterisk.status(asterisk.Directories.under(settings.home.absolute()))
    print(
        json.dumps(
            {
                "running": found.running,
                "pid": found.pid,
                "booted": found.booted,
                "version": found.version,
                "uptime_s": found.uptime_s,
                "channels": found.channels,
            }
        )
    )
    return 0 if found.running and found.booted else 1


async def _own(settings: Settings, port_offset: int, say: Say) -> OwnAsterisk:
    async with foundation(settings, SystemClock(), upgrade=True) as ground:
        floor = await ground.services.floor_plans.load()
    if not settings.trunk_addresses:
        say(f"{NO_LINE}.")
    return await prepare(
        settings.home.absolute(),
        floor,
        say,
        port_offset=port_offset,
        fastagi=settings.fastagi_when_set,
        lines=settings.lines,
        name=settings.asterisk_name,
    )
