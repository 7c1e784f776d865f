"""Many callers in a menu at once: from a key to the first packet of the next prompt, ours beside the same menu as plain
dialplan, in turns on one Asterisk. How a prompt is told from the one before, and when a key counts as pressed:
`tests/bench/keys.py`.
"""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import json
import re
import statistics
import sys
from collections.abc import AsyncIterator, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.bench.figures import Row, compared, median_ratio
from tests.bench.ground import KEYS, PEERS_KEYS, Ground, cpu_s
from tests.bench.sip import Dialog, UserAgent
from tests.support.product import ROOT

CALLERS = 200
EVERY_S = 4.0
"""From one key of a caller to his next: 50 keys a second of all together."""
GOAL_MS, GOAL_RATIO = 60.0, 1.5
DIAL_EVERY_S, ANSWER_LIMIT_S = 0.02, 20.0
SETTLE_S = 1.5


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    took: list[float]
    """Seconds, of each key that brought the next prompt."""
    unanswered: int
    """Keys that brought none before the next key, or the end."""
    dropped: int
    """Callers who did not hear the menu, or were hung up on."""
    cpu: float
    """Processor time a key, of Asterisk and (ours) of our process, in seconds."""
    memory_kb: int
    """Of our process with everybody in the menu."""
    late: int


class Crowd:
    """The process of all callers' keys and ears."""

    def __init__(self, process: asyncio.subprocess.Process, ports: Sequence[int]) -> None:
        self._process, self._ports = process, ports
        self._free: Iterator[int] = iter(())
        self._given: dict[str, int] = {}

    def port(self, dialog: Dialog) -> int:
        if dialog.call_id not in self._given:
            self._given[dialog.call_id] = next(self._free)
        return self._given[dialog.call_id]

    def gather(self) -> None:
        """Others call from now on."""
        self._free = iter(self._ports)
        self._given.clear()

    def listen(self, dialogs: Sequence[Dialog]) -> None:
        self._tell({"to": {self.port(one): one.sound for one in dialogs if one.sound is not None}})

    async def press(self, keys: int) -> dict[str, Any]:
        self._tell({"press": keys, "every_s": EVERY_S})
        assert self._process.stdout is not None
        told: dict[str, Any] = json.loads(await self._process.stdout.readline())
        return told

    def quiet(self) -> None:
        self._tell({"silence": True})

    def _tell(self, wish: dict[str, Any]) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps(wish).encode() + b"\n")


@contextlib.asynccontextmanager
async def _crowd(callers: int) -> AsyncIterator[Crowd]:
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "tests.bench.keys", str(callers)),
        cwd=ROOT,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        limit=1 << 22,
    )
    assert process.stdin is not None
    assert process.stdout is not None
    try:
        yield Crowd(process, json.loads(await process.stdout.readline()))
    finally:
        process.stdin.close()
        await process.wait()


async def rows(ground: Ground, *, rounds: int, keys: int) -> list[str]:
    """After one turn of each that is not counted, as the first callers have everything loaded."""
    empty_kb = memory_kb(ground.pid)
    sides: dict[str, list[Turn]] = {KEYS: [], PEERS_KEYS: []}
    telephone = await UserAgent(user="caller", server=ground.sip).open()
    try:
        async with _crowd(CALLERS) as crowd:
            telephone.sound_port = crowd.port
            for number in range(rounds + 1):
                for dialled, kept in sides.items():
                    turn = await _one_turn(ground, telephone, crowd, dialled, keys)
                    print(_words(number, rounds, dialled, turn), file=sys.stderr)
                    if number:
                        kept.append(turn)
    finally:
        telephone.close()
    return _rows(sides[KEYS], sides[PEERS_KEYS], empty_kb)


def _words(number: int, rounds: int, dialled: str, turn: Turn) -> str:
    p50 = statistics.median(turn.took) * 1000 if turn.took else 0.0
    lost = f"{turn.unanswered} keys unanswered, {turn.dropped} callers dropped, {turn.late} frames late"
    return f"menus: round {number} of {rounds}, {dialled}: {len(turn.took)} keys, p50 {p50:.1f} ms, {lost}"


_numbers = itertools.count(800001)


async def _one_turn(ground: Ground, telephone: UserAgent, crowd: Crowd, dialled: str, keys: int) -> Turn:
    crowd.gather()
    dialogs = []
    for _ in range(CALLERS):
        dialogs.append(telephone.call(str(next(_numbers)), dialled))
        await asyncio.sleep(DIAL_EVERY_S)
    answered = (asyncio.wait_for(dialog.answered.wait(), ANSWER_LIMIT_S) for dialog in dialogs)
    await asyncio.gather(*answered, return_exceptions=True)
    crowd.listen(dialogs)
    await asyncio.sleep(SETTLE_S)
    busy = [ground.asterisk_pid, *([ground.pid] if dialled == KEYS else [])]
    before = sum(map(cpu_s, busy))
    told = await crowd.press(keys)
    cpu, memory = sum(map(cpu_s, busy)) - before, memory_kb(ground.pid)
    there = [dialog for dialog in dialogs if dialog.answered.is_set() and not dialog.ended.is_set()]
    crowd.quiet()
    for dialog in dialogs:
        telephone.hang_up(dialog)
    await asyncio.gather(*(dialog.ended.wait() for dialog in dialogs))
    await asyncio.sleep(SETTLE_S)
    return Turn(
        took=[one / 1e9 for one in told["took_ns"]],
        unanswered=told["unanswered"],
        dropped=CALLERS - min(len(there), told["hearing"]),
        cpu=cpu / max(1, len(told["took_ns"])),
        memory_kb=memory,
        late=told["late"],
    )


def memory_kb(pid: int) -> int:
    """Resident."""
    found = re.search(r"^VmRSS:\s+(\d+) kB", Path(f"/proc/{pid}/status").read_text(encoding="ascii"), re.M)
    return int(found[1]) if found else 0


def _rows(ours: list[Turn], peers: list[Turn], empty_kb: int) -> list[str]:
    told = []
    for share in (0.5, 0.95, 0.99):
        found = compared([one.took for one in ours], [one.took for one in peers], share)
        what = f"{CALLERS} callers in a menu: a key → the next prompt's first packet, {found.label}"
        is_goal = share == 0.95
        met = statistics.median(found.ours) <= GOAL_MS and median_ratio(found.ours, found.peers) <= GOAL_RATIO
        goal = f"≤ {GOAL_MS:g} ms, ≤ {GOAL_RATIO} ×" if is_goal else ""
        told.append(Row(what, found.ours, found.peers, goal, met).cells())
    a, b = ([one.cpu * 1000 for one in side] for side in (ours, peers))
    told.append(
        Row("… processor time a key with all that is said meanwhile, Asterisk's and ours", a, b, "", True).cells()
    )
    lost = [f"{sum(one.dropped for one in side)}; {sum(one.unanswered for one in side)}" for side in (ours, peers)]
    met = "met" if lost[0] == "0; 0" else "**missed**"
    told.append(f"| … callers dropped; keys without a prompt | {lost[0]} | {lost[1]} | | 0 | {met} |")
    most_kb = max(one.memory_kb for one in ours)
    each = f"{(most_kb - empty_kb) / CALLERS:.0f} kB a caller"
    told.append(
        f"| … memory of the whole product's process before the first caller and with {CALLERS} ({each}), MB "
        f"| {empty_kb / 1024:.1f}; {most_kb / 1024:.1f} | – | | | |"
    )
    if late := [sum(one.late for one in side) for side in (ours, peers)]:
        told.append(f"| … frames of which the load generator itself was late | {late[0]} | {late[1]} | | | |")
    return told
