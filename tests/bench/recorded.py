"""Many recorded calls at once, both sides speaking all the time: gaps in the sound that reaches the callers, our
recording beside stock MixMonitor and Queue() on the same Asterisk.
"""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import json
import statistics
import sys
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from typing import Any

from tests.bench.ground import OURS, PEERS_RECORDED, Ground, cpu_s
from tests.bench.queues import Floor
from tests.bench.sip import Dialog
from tests.support.product import ROOT

CALLS = 150
MOST_GAPS = 0.1
"""Percent of packets."""
SETTLE_S = 2.0
TRIES = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Heard:
    lines: int
    gaps: float
    """Percent of packets more than 40 ms after the one before."""
    longest_ms: float
    cpu: float
    """Of Asterisk, percent of one processor a call."""
    late: int


class Choir:
    """The process that sounds for all phones."""

    def __init__(self, process: asyncio.subprocess.Process, ports: list[int]) -> None:
        self._process, self._free = process, ports
        self._given: dict[str, int] = {}

    def port(self, dialog: Dialog) -> int:
        if dialog.call_id not in self._given:
            self._given[dialog.call_id] = self._free.pop()
        return self._given[dialog.call_id]

    def speak(self, dialogs: list[Dialog]) -> None:
        self._tell({"to": {self.port(one): one.sound for one in dialogs if one.sound is not None}})

    async def measure(self, seconds: float, dialogs: list[Dialog]) -> dict[str, Any]:
        self._tell({"measure": seconds, "of": [self.port(one) for one in dialogs]})
        assert self._process.stdout is not None
        told: dict[str, Any] = json.loads(await self._process.stdout.readline())
        return told

    def hush(self) -> None:
        self._tell({"silence": True})
        self._free += self._given.values()
        self._given.clear()

    def _tell(self, wish: dict[str, Any]) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps(wish).encode() + b"\n")


@contextlib.asynccontextmanager
async def _choir(phones: int) -> AsyncIterator[Choir]:
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "tests.bench.rtp", str(phones)),
        cwd=ROOT,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
    )
    assert process.stdin is not None
    assert process.stdout is not None
    try:
        yield Choir(process, json.loads(await process.stdout.readline()))
    finally:
        process.stdin.close()
        await process.wait()


async def rows(ground: Ground, floor: Floor, *, rounds: int, seconds: float) -> list[str]:
    ours: list[Heard] = []
    peers: list[Heard] = []
    async with _choir(2 * CALLS + 20) as choir:
        with _sounding(floor, choir):
            for number in range(rounds):
                for dialled, kept in ((OURS, ours), (PEERS_RECORDED, peers)):
                    print(f"recorded calls: round {number + 1} of {rounds}, {dialled}", file=sys.stderr)
                    kept.append(await _punctual_turn(ground, floor, choir, dialled, seconds))
    return [*_rows(ours, peers)]


@contextlib.contextmanager
def _sounding(floor: Floor, choir: Choir) -> Iterator[None]:
    phones = [floor.callers, *floor.agents.values()]
    for phone in phones:
        phone.sound_port = choir.port
    try:
        yield
    finally:
        for phone in phones:
            phone.sound_port = lambda dialog, phone=phone: phone.port + 1  # type: ignore[misc]


async def _punctual_turn(ground: Ground, floor: Floor, choir: Choir, dialled: str, seconds: float) -> Heard:
    """A turn in which the load generator itself was late says nothing, and is taken again."""
    for _ in range(TRIES):
        heard = await _one_turn(ground, floor, choir, dialled, seconds)
        if not heard.late:
            break
    return heard


_numbers = itertools.count(600001)


async def _one_turn(ground: Ground, floor: Floor, choir: Choir, dialled: str, seconds: float) -> Heard:
    dialogs: dict[str, Dialog] = {}
    for _ in range(CALLS):
        number = str(next(_numbers))
        dialogs[number] = floor.callers.call(number, dialled)
        await asyncio.sleep(0.03)
    for dialog in dialogs.values():
        await asyncio.wait_for(dialog.answered.wait(), 20)
    agents = [floor.offers[number] for number in dialogs]
    choir.speak([*dialogs.values(), *agents])
    await asyncio.sleep(SETTLE_S)
    before = cpu_s(ground.asterisk_pid)
    told = await choir.measure(seconds, list(dialogs.values()))
    cpu = (cpu_s(ground.asterisk_pid) - before) / seconds / CALLS * 100
    choir.hush()
    for dialog in dialogs.values():
        floor.callers.hang_up(dialog)
    await asyncio.gather(*(agent.ended.wait() for agent in agents))
    await asyncio.sleep(SETTLE_S)
    share = 100 * told["gaps"] / max(1, told["packets"])
    return Heard(lines=told["lines"], gaps=share, longest_ms=told["longest_ms"], cpu=cpu, late=told["late"])


def _rows(ours: list[Heard], peers: list[Heard]) -> Iterator[str]:
    a, b = ([one.gaps for one in side] for side in (ours, peers))
    complete = all(one.lines == CALLS for one in ours)
    met = "met" if statistics.median(a) < MOST_GAPS and complete else "**missed**"
    ratio = f"most of a round {max(a):.3f} and {max(b):.3f}"
    yield (
        f"| {CALLS} recorded calls at once: packets more than 40 ms after the one before, % "
        f"| {statistics.median(a):.3f} | {statistics.median(b):.3f} | {ratio} | < {MOST_GAPS} % | {met} |"
    )
    for what, name in (("longest gap of a round, ms", "longest_ms"), ("Asterisk's processor time a call, %", "cpu")):
        mine, theirs = (statistics.median(getattr(one, name) for one in side) for side in (ours, peers))
        yield f"| … {what} | {mine:.2f} | {theirs:.2f} | | | |"
    late = [sum(one.late for one in side) for side in (ours, peers)]
    if any(late):
        yield f"| … rounds of packets that the load generator itself sent late | {late[0]} | {late[1]} | | 0 | |"
