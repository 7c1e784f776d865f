"""Carries out the faults of a soak, one after the other, each at its time, and mends what it broke."""

from __future__ import annotations

import asyncio
import contextlib
import sys
import time
from collections.abc import Awaitable, Callable

from callwright.asterisk import process as asterisk
from callwright.asterisk.errors import AsteriskNotRunning, ControlSocketSilent
from callwright.asterisk.plan import Directories
from tests.soak.house import House
from tests.soak.plan import Done, Fault, Kind

PUT_OFF = "put off: calls went on and on"
QUIET_LIMIT_S = 60.0
"""How long an operator waits for the last calls before he puts the restart off."""


class Chaos:
    """`hold` keeps new callers away and lets them come again: what an operator asks of his line before a restart.
    `phones_return` registers every phone anew."""

    def __init__(
        self, house: House, *, hold: Callable[[bool], None], phones_return: Callable[[], Awaitable[None]]
    ) -> None:
        self._house, self._hold, self._phones_return = house, hold, phones_return
        self.done: list[Done] = []

    async def run(self, faults: tuple[Fault, ...]) -> None:
        started = time.monotonic()
        for fault in faults:
            await asyncio.sleep(max(0.0, started + fault.at_s - time.monotonic()))
            print(f"fault: {fault.kind.value}, for {fault.lasts_s:g} s", file=sys.stderr)
            began = time.time()
            words = await self._carry_out(fault)
            self.done.append(Done(kind=fault.kind, began_at=began, ended_at=time.time(), words=words))

    async def _carry_out(self, fault: Fault) -> str:
        """What is worth saying of how it went."""
        match fault.kind:
            case Kind.KILL_TELEPHONY:
                await self._kill("telephony", fault.lasts_s)
            case Kind.KILL_CONSOLE:
                await self._kill("console", fault.lasts_s)
            case Kind.KILL_WORKER:
                await self._kill("worker", fault.lasts_s)
            case Kind.CUT_LINE | Kind.STALL_LINE:
                await self._break_line(fault)
            case Kind.STOP_DATABASE | Kind.STOP_REDIS:
                await self._stop_server(fault)
            case Kind.FILL_DISK:
                return await self._fill_disk(fault.lasts_s)
            case Kind.RESTART_ASTERISK:
                return await self._restart_asterisk()
        return ""

    async def _kill(self, role: str, lasts_s: float) -> None:
        part = self._house.parts[role]
        await part.kill()
        try:
            await asyncio.sleep(lasts_s)
        finally:
            part.start()

    async def _break_line(self, fault: Fault) -> None:
        line = self._house.line
        if fault.kind is Kind.CUT_LINE:
            await line.cut()
        else:
            line.stall()
        try:
            await asyncio.sleep(fault.lasts_s)
        finally:
            await line.mend()

    async def _stop_server(self, fault: Fault) -> None:
        server = (self._house.postgres if fault.kind is Kind.STOP_DATABASE else self._house.redis).process
        await asyncio.to_thread(server.stop)
        try:
            await asyncio.sleep(fault.lasts_s)
        finally:
            server.start()

    async def _fill_disk(self, lasts_s: float) -> str:
        disk, process = self._house.disk, self._house.parts["telephony"].pid
        await asyncio.to_thread(disk.fill, process)
        try:
            await asyncio.sleep(lasts_s)
        finally:
            disk.free(process)
        return "" if disk.mounted else "not root: files of the telephony process were not allowed to grow"

    async def _restart_asterisk(self) -> str:
        """As an operator does it: the line sends new calls elsewhere, and when the last here is over it restarts.

        Not `gracefully`: that refuses the agents' legs as well, and who waits would wait for ever. And by a stop and a
        start: an Asterisk in a prefix of its own cannot replace itself (`core restart`).
        """
        places = self._house.own.plan.directories
        self._hold(True)
        try:
            if not await _stopped_when_convenient(places):
                return PUT_OFF
            await self._house.own.start(_say)
            await self._phones_return()
        finally:
            self._hold(False)
        return ""


async def _stopped_when_convenient(places: Directories) -> bool:
    """The answer to the wish comes when it goes, if at all. It leaves its ports later than it stops answering."""
    pid = (await asterisk.status(places)).pid
    with contextlib.suppress(AsteriskNotRunning, ControlSocketSilent, ConnectionError):
        await asterisk.cli(places, "core stop when convenient", seconds=QUIET_LIMIT_S)
    if not (await asterisk.status(places)).running:
        return pid is None or await asterisk.gone(pid, QUIET_LIMIT_S)
    await asterisk.cli(places, "core abort shutdown")
    return False


def _say(text: str) -> None:
    print(text, file=sys.stderr)
