"""How soon the engine knows everything again when it was killed among many agents and calls: from the event log and
from Asterisk, on the real one. The next process has loaded its code already, as one that stands by has.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import signal
import statistics
import sys
from collections.abc import AsyncIterator
from typing import Any

from tests.bench.figures import Row
from tests.bench.ground import OURS, Ground, environment_of, runs, set_state
from tests.bench.queues import Floor
from tests.bench.sip import Dialog
from tests.support.product import ROOT

AGENTS, CALLS = 500, 1_000
TALKING = 250
GOAL_MS = 2000.0
LIMIT_S = 120.0


async def rows(ground: Ground, rounds: int) -> list[str]:
    """Half of the agents talk, the others have a break; all other callers wait."""
    floor = await Floor(ground, ground.agents).open()
    try:
        for number, agent in enumerate(ground.agents):
            await set_state(ground, agent, "ready" if number < TALKING else "paused")
        dialogs = await _callers(floor)
        took = await _reborn(ground, rounds)
        for dialog in dialogs:
            floor.callers.hang_up(dialog)
        await asyncio.gather(*(dialog.ended.wait() for dialog in dialogs))
    finally:
        floor.close()
    label = f"telephony killed, the next process told to serve → {AGENTS} agents and {CALLS:,} calls known again"
    return [Row(label, took, [], f"≤ {GOAL_MS:g} ms", statistics.median(took) <= GOAL_MS).cells()]


async def _callers(floor: Floor) -> list[Dialog]:
    dialogs = []
    for _ in range(CALLS):
        dialogs.append(floor.callers.call(floor.caller_number(), OURS))
        await asyncio.sleep(0.02)
    await asyncio.gather(*(asyncio.wait_for(dialog.answered.wait(), LIMIT_S) for dialog in dialogs[:TALKING]))
    return dialogs


async def _reborn(ground: Ground, rounds: int) -> list[float]:
    took: list[float] = []
    async with contextlib.AsyncExitStack() as processes:
        serving = ground.pid
        for number in range(rounds):
            following = await processes.enter_async_context(_standing_by(ground))
            os.kill(serving, signal.SIGKILL)
            await _is_gone(serving)
            told = await _told_to_serve(following)
            print(f"rebirth: round {number + 1} of {rounds}: {told}", file=sys.stderr)
            if sum(told["calls"].values()) != CALLS or sum(told["agents"].values()) != AGENTS:
                raise RuntimeError(f"not everything is known again: {told}")
            took.append(told["took_ms"])
            serving = following.pid
            await asyncio.sleep(2)
    return took


@contextlib.asynccontextmanager
async def _standing_by(ground: Ground) -> AsyncIterator[asyncio.subprocess.Process]:
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "tests.bench.reborn", str(CALLS)),
        cwd=ROOT,
        env=environment_of(ground.home, ground.own),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
    )
    try:
        assert process.stdout is not None
        await asyncio.wait_for(process.stdout.readline(), LIMIT_S)
        yield process
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()


async def _is_gone(pid: int) -> None:
    """Until then its spool is still its own; whoever starts the next one waits for that as well."""
    async with asyncio.timeout(LIMIT_S):
        while runs(pid):
            await asyncio.sleep(0.001)


async def _told_to_serve(process: asyncio.subprocess.Process) -> dict[str, Any]:
    assert process.stdin is not None
    assert process.stdout is not None
    process.stdin.write(b"serve\n")
    told: dict[str, Any] = json.loads(await asyncio.wait_for(process.stdout.readline(), LIMIT_S))
    return told
