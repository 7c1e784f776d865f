"""`callwright demo`: the whole product with an invented call centre, on this machine, until Ctrl-C.

Everything is real: an Asterisk of its own, callers and colleagues that are SIP phones, the database. `HOME/demo.json`
says how to reach it all; it is written when everything is ready and removed when the demo ends.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
from collections.abc import AsyncIterator, Callable, Coroutine, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from agent_console.settings import Check
from callwright.demo.callers import CallStream, TestCaller, people_of
from callwright.demo.colleagues import Colleagues
from callwright.demo.outside import Outside
from callwright.demo.panel import DemoPanel
from callwright.demo.phones import PhonePool
from callwright.demo.voices import Voices
from callwright.demo.world import World, build_world
from callwright.foundation import Foundation, foundation
from callwright.furnishing import furnish_menus
from callwright.logs import set_up_logs
from callwright.own_asterisk import OwnAsterisk, prepare
from callwright.product import console, settle, telephony, told_to_stop
from callwright.settings import Endpoint, Settings, make_home
from callwright.worker import Worker
from crm_core.kernel.clock import SystemClock
from crm_core.kernel.errors import CallwrightError
from crm_core.kernel.ids import UserId
from ivr.prompts import ensure_prompts

HTTP_PORT = 8080
OUTSIDE_PORT = 5090
"""Where the demo's world outside answers its telephones (UDP)."""
HIGHEST_OFFSET = 20_000
LINK_PATIENCE_S = 20.0

Say = Callable[[str], None]


class OffsetTooHigh(CallwrightError):
    """A port offset of {offset} leaves no room; choose one up to 20000."""

    code = "settings.offset_too_high"


class DemoNotReady(CallwrightError):
    """The demo did not become ready: {why}"""

    code = "demo.not_ready"


@dataclass(frozen=True, slots=True, kw_only=True)
class DemoOptions:
    home: Path
    port_offset: int = 0
    calls_per_minute: float = 0.0
    with_asterisk: bool = True
    with_colleagues: bool = True


async def run_demo(options: DemoOptions, say: Say) -> int:
    if options.port_offset > HIGHEST_OFFSET:
        raise OffsetTooHigh(offset=options.port_offset)
    make_home(options.home)
    card = options.home / "demo.json"
    card.unlink(missing_ok=True)
    set_up_logs(file=options.home / "callwright.log")
    settings = _settings(options)
    async with contextlib.AsyncExitStack() as parts:
        say("Preparing the database and the invented call centre…")
        ground = await parts.enter_async_context(foundation(settings, SystemClock(), upgrade=True))
        await furnish_menus(ground.services)
        world = await build_world(ground.services, ground.clock)
        if options.with_asterisk:
            own = await parts.enter_async_context(_asterisk(options, ground, say))
            ground = _pointed_at(ground, own)
            checks = await parts.enter_async_context(telephony(ground))
        else:
            own, checks = None, ()
        await parts.enter_async_context(Worker(ground.services, ground.clock))
        await parts.enter_async_context(
            console(ground, checks=checks, demo=True, sip_ws_port=own.plan.ports.http if own else 8088)
        )
        if own is not None:
            await _wait_until_ready(checks)
            await parts.enter_async_context(_people(options, ground, own, say))
        token = await _token(ground, options.home / "demo-token")
        settle()
        told = told_to_stop()
        _write_privately(card, json.dumps(_card(ground.settings, own, world, token), ensure_ascii=False, indent=2))
        parts.callback(card.unlink, missing_ok=True)
        _welcome(ground.settings, own, world, say)
        await told.wait()
        say("Ending the demo.")
    return 0


def _settings(options: DemoOptions) -> Settings:
    """Embedded defaults on purpose: a database URL in the environment must never be filled with invented people."""
    return Settings.model_construct(
        home=options.home,
        http=f"127.0.0.1:{HTTP_PORT + options.port_offset}",
        fastagi=f"127.0.0.1:{4573 + options.port_offset}",
        outbound=f"127.0.0.1:{OUTSIDE_PORT + options.port_offset}",
    )


def _pointed_at(ground: Foundation, own: OwnAsterisk) -> Foundation:
    settings = ground.settings.model_copy(update={"ami_hosts": own.ami_host, "fastagi": own.fastagi})
    return replace(ground, settings=settings)


@contextlib.asynccontextmanager
async def _asterisk(options: DemoOptions, ground: Foundation, say: Say) -> AsyncIterator[OwnAsterisk]:
    floor = await ground.services.floor_plans.load()
    lines = ground.settings.lines
    own = await prepare(options.home, floor, say, port_offset=options.port_offset, lines=lines)
    await ensure_prompts(options.home, say, voice_command=ground.settings.voice_command)
    say("Starting Asterisk…")
    await own.start(say)
    try:
        yield own
    finally:
        say("Stopping Asterisk…")
        await own.stop()


@contextlib.asynccontextmanager
async def _people(options: DemoOptions, ground: Foundation, own: OwnAsterisk, say: Say) -> AsyncIterator[None]:
    """Simulated callers and colleagues: real phones, played by child processes."""
    sip = f"127.0.0.1:{own.plan.ports.sip}"
    voices = Voices(options.home / "voices")
    say("Preparing the voices of callers and colleagues…")
    await voices.prepare()
    async with contextlib.AsyncExitStack() as people:
        pool = await people.enter_async_context(PhonePool())
        caller = await people.enter_async_context(TestCaller(pool, trunk=sip, voices=voices, bus=ground.bus))
        await people.enter_async_context(DemoPanel(ground.bus, caller))
        outside = Outside(port=OUTSIDE_PORT + options.port_offset, server=sip, voice=voices.called())
        await people.enter_async_context(_running(outside.run()))
        if options.with_colleagues:
            users = (await ground.services.users.list(limit=200)).items
            await people.enter_async_context(_running(Colleagues(users, ground.bus, sip=sip, voices=voices).run()))
        if options.calls_per_minute > 0:
            customers = await people_of(ground.services.customers)
            stream = CallStream(caller, customers, rate_per_minute=options.calls_per_minute)
            await people.enter_async_context(_running(stream.run()))
        yield


@contextlib.asynccontextmanager
async def _running(work: Coroutine[object, object, None]) -> AsyncIterator[None]:
    task = asyncio.create_task(work)
    try:
        yield
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def _wait_until_ready(checks: Sequence[Check]) -> None:
    async def reasons() -> list[str]:
        return [f"{name}: {why}" for name, ask in checks if (why := await ask())]

    try:
        async with asyncio.timeout(LINK_PATIENCE_S):
            while await reasons():
                await asyncio.sleep(0.1)
    except TimeoutError:
        raise DemoNotReady(why="; ".join(await reasons())) from None


async def _token(ground: Foundation, kept: Path) -> str:
    """An API token of the demo's administrator: the one of last time while it works, so that programs may keep it."""
    tokens, before = ground.services.api_tokens, _text_of(kept)
    if before and await tokens.resolve(before):
        return before
    admin = await ground.services.users.by_login("admin")
    if admin is None:
        raise DemoNotReady(why="there is no administrator in the database of this home; choose another --home")
    made = await tokens.create("demo", UserId(admin.id))
    _write_privately(kept, made.token)
    return made.token


def _text_of(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError):
        return ""


def _card(settings: Settings, own: OwnAsterisk | None, world: World, token: str) -> dict[str, object]:
    return {
        "url": f"http://{settings.http}",
        "sip": f"127.0.0.1:{own.plan.ports.sip}" if own else None,
        "ami": own.ami_host if own else None,
        "users": [
            {"login": one.login, "password": one.password, "role": str(one.role), "extension": one.extension}
            for one in world.logins
        ],
        "dids": dict(world.dids),
        "api_token": token,
    }


def _write_privately(file: Path, content: str) -> None:
    """All at once: whoever waits for the file never reads half of it."""
    fresh = file.with_suffix(".part")
    with open(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as out:
        out.write(content)
    fresh.replace(file)


def _welcome(settings: Settings, own: OwnAsterisk | None, world: World, say: Say) -> None:
    address: Endpoint = settings.http_endpoint
    say("")
    say(f"  Callwright is ready:  http://{address}")
    say("")
    for one in world.logins:
        if one.shown:
            say(f"    {one.login:<8} password {one.password:<14} {one.role:<11} {one.extension or ''}")
    say("")
    if own is not None:
        say("  1. Log in as alice, allow the microphone and press Ready.")
        say(f"  2. Open http://{address}/demo in another tab and let a customer call her,")
        say(f"     or dial {', '.join(world.dids)} from any SIP phone at 127.0.0.1:{own.plan.ports.sip}.")
        say("")
    say(f"  What happens is logged in {settings.home / 'callwright.log'}. Ctrl-C ends it.")
    say("")
