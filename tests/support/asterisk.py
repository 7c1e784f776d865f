"""A private Asterisk for tests: installed once, configured by our own templates, on free ports, stopped at the end.

Logs and core dumps stay in the folder when a test fails: pytest keeps its temporary folders of the last three runs.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from callwright.asterisk import control, process
from callwright.asterisk.install import PREFIX_VARIABLE, AsteriskInstall, install
from callwright.asterisk.plan import Agent, AsteriskPlan, Did, Directories, PhoneKind, Ports, Queue
from callwright.asterisk.render import render
from callwright.asterisk.secrets import load_or_make
from tests.support.ports import free_port_offset
from tests.support.waiting import eventually

SECRET = "s3cret-of-the-tests"
AGENTS = tuple(
    Agent(extension=extension, name=f"Agent {extension}", sip_secret=SECRET, kind=PhoneKind.SIP, queues=("service",))
    for extension in ("1001", "1002", "1003")
)


def asterisk_prefix() -> Path:
    """Where tests of all runs share one unpacked Asterisk."""
    return Path(os.environ.get(PREFIX_VARIABLE) or Path(__file__).parents[2] / ".tools" / "asterisk")


async def installed_asterisk() -> AsteriskInstall:
    return await install(asterisk_prefix().parent, print, prefix=asterisk_prefix())


@dataclass(frozen=True, slots=True, kw_only=True)
class PrivateAsterisk:
    plan: AsteriskPlan
    pid: int

    @property
    def sip(self) -> str:
        return f"127.0.0.1:{self.plan.ports.sip}"

    async def cli(self, command: str) -> str:
        return await process.cli(self.plan.directories, command)

    async def is_idle(self) -> bool:
        """No channel is left of any call: what is left of one would be heard by the next test too."""
        return "0 active channels" in await self.cli("core show channels count")


@asynccontextmanager
async def private_asterisk(
    home: Path,
    *,
    agents: tuple[Agent, ...] = AGENTS,
    queues: tuple[Queue, ...] = (Queue(key="service"),),
    dids: tuple[Did, ...] = (Did(number="4008001", queue="service"),),
    **more: object,
) -> AsyncIterator[PrivateAsterisk]:
    """A running Asterisk in this folder for the length of the block. `more`: what else its plan shall say."""
    found = await installed_asterisk()
    plan = replace(_plan(home, found, agents, queues, dids), **more)  # type: ignore[arg-type]
    render(plan)
    running = await process.start(found, plan)
    try:
        yield PrivateAsterisk(plan=plan, pid=running.pid)
    finally:
        await end_at_once(plan.directories)


@asynccontextmanager
async def given_asterisk(home: Path, spoil: Callable[[Path], None]) -> AsyncIterator[PrivateAsterisk]:
    """One that somebody else has configured and started: `spoil` is given the folder of its files."""
    found = await installed_asterisk()
    plan = _plan(home, found, AGENTS, (Queue(key="service"),), (Did(number="4008001", queue="service"),))
    places = plan.directories
    render(plan)
    spoil(places.etc)
    try:
        starting = await asyncio.create_subprocess_exec(*found.command, "-C", str(places.configuration))
        assert await starting.wait() == 0

        async def booted() -> process.AsteriskStatus | None:
            now = await process.status(places)
            return now if now.booted else None

        now: process.AsteriskStatus = await eventually("it to have started", booted)
        yield PrivateAsterisk(plan=plan, pid=now.pid or 0)
    finally:
        await end_at_once(places)


async def end_at_once(places: Directories) -> None:
    """The Asterisk of a test that is over: nobody looks at its farewell any more, which takes most of a second."""
    pid = await control.pid_behind(places.control_socket)
    if pid is not None:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
    await process.stop(places)


def _plan(
    home: Path,
    found: AsteriskInstall,
    agents: tuple[Agent, ...],
    queues: tuple[Queue, ...],
    dids: tuple[Did, ...],
) -> AsteriskPlan:
    return AsteriskPlan.under(
        home,
        found,
        load_or_make(home),
        ports=Ports().moved(free_port_offset()),
        agents=agents,
        queues=queues,
        dids=dids,
    )


if __name__ == "__main__":
    # Before the tests, so that no test waits for a download.
    asyncio.run(installed_asterisk())
