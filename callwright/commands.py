"""The short commands of the front door: `asterisk …`, `db …`, `user …`, `doctor`."""

from __future__ import annotations

import argparse
import asyncio
import json
import secrets
import sys
from collections.abc import Callable

from callwright import asterisk
from callwright.asterisk.doctor import diagnose
from callwright.own_asterisk import OwnAsterisk, prepare
from callwright.product import foundation
from callwright.settings import Settings
from crm_core.domain.users import Role
from crm_core.kernel.clock import SystemClock
from crm_core.kernel.errors import CallwrightError
from crm_core.persistence.database import Database
from ivr.prompts import ensure_prompts

Say = Callable[[str], None]

_MARKS = {asterisk.Level.OK: "ok  ", asterisk.Level.WARN: "warn", asterisk.Level.FAIL: "FAIL"}


class NoSuchUser(CallwrightError):
    """There is no user {login}. `callwright user add {login}` makes one."""

    code = "user.not_found"


async def asterisk_command(settings: Settings, verb: str, port_offset: int, say: Say) -> int:
    home = settings.home.absolute()
    if verb == "install":
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
    await ensure_prompts(home, say)
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
    return await prepare(settings.home.absolute(), floor, say, port_offset=port_offset)


async def doctor_command(settings: Settings, say: Say) -> int:
    """Exit 1 when something is broken; each finding with what mends it."""
    findings = await diagnose(settings.home.absolute(), say)
    for finding in findings:
        print(f"{_MARKS[finding.level]}  {finding.what}")
        if finding.mend:
            print(f"      {finding.mend}")
    return int(any(finding.level is asterisk.Level.FAIL for finding in findings))


async def db_command(settings: Settings, verb: str, say: Say) -> int:
    database = Database(settings.database)
    try:
        if verb == "upgrade":
            await database.upgrade()
            say("The database is of this version.")
        else:
            await database.check()
            say("The database is reachable, writable and of this version.")
    finally:
        await database.close()
    return 0


async def user_command(settings: Settings, arguments: argparse.Namespace, say: Say) -> int:
    async with foundation(settings, SystemClock(), upgrade=settings.database.startswith("sqlite")) as ground:
        users = ground.services.users
        if arguments.verb == "add":
            password, made = await _password()
            user = await users.create(
                login=arguments.login,
                password=password,
                name=arguments.name,
                role=Role(arguments.role),
                extension=arguments.extension or None,
            )
            say(f"{user.login} may log in.")
            if made:
                print(password)
            return 0
        found = await users.by_login(arguments.login)
        if found is None:
            raise NoSuchUser(login=arguments.login)
        if arguments.verb == "disable":
            await users.set_disabled(found.id, True)
            say(f"{found.login} may not log in any more.")
            return 0
        password, made = await _password()
        await users.change_password(found.id, password)
        say(f"{found.login} has a new password.")
        if made:
            print(password)
        return 0


async def _password() -> tuple[str, bool]:
    """The first line of standard input when something is piped in, else one made here (and then told)."""
    if not sys.stdin.isatty():
        said = (await asyncio.to_thread(sys.stdin.readline)).rstrip("\n")
        if said:
            return said, False
    return secrets.token_urlsafe(12), True
