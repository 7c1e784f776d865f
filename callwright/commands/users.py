"""`callwright user add|passwd|disable`."""

from __future__ import annotations

import argparse
import asyncio
import secrets
import sys
from collections.abc import Callable

from callwright.foundation import foundation
from callwright.settings import Settings
from crm_core.domain.users import Role
from crm_core.kernel.clock import SystemClock
from crm_core.kernel.errors import CallwrightError


class NoSuchUser(CallwrightError):
    """There is no user {login}. `callwright user add {login}` makes one."""

    code = "user.not_found"


async def user_command(settings: Settings, arguments: argparse.Namespace, say: Callable[[str], None]) -> int:
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
            say(f"{found.login} may not log in any more; screens that are open close within a minute.")
            if found.extension:
                say(f"Phone {found.extension} is shut by `callwright asterisk start`. A running `callwright serve` may")
                say("offer it calls until it is started again, or a user is changed in the browser.")
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
