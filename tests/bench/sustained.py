"""How many calls a second go through everything of ours (menu, queue, offer, log, pop) before anybody has to say a
thing twice, beside stock Queue() alone: found by steps.
"""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import re
import sys
from collections.abc import Sequence
from dataclasses import dataclass

from tests.bench.ground import MENU, PEERS, Ground
from tests.bench.queues import Floor
from tests.bench.screens import listening
from tests.bench.sip import Dialog
from tests.support.databases import rows_of

STEPS = (20.0, 30.0, 40.0, 50.0, 60.0, 75.0, 90.0, 110.0)
GOAL = 40.0
TALK_S = 0.3
STUCK_S = 30.0
SETTLE_S = 3.0
LOG_LIMIT_S = 30.0
KEYS = "21"
"""English, consultation."""
KEY_PAUSE_S, AGAIN = 1.0, 6


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    pace: float
    calls: int
    lost: int
    """Callers whom no agent's phone rang for."""
    repeated: int
    """Messages said twice, by either side."""
    unlogged: int
    unpopped: int
    """Callers whom no agent's desk showed."""

    @property
    def clean(self) -> bool:
        return not (self.lost or self.repeated or self.unlogged or self.unpopped)

    @property
    def words(self) -> str:
        return (
            f"{self.pace:g}/s: {self.lost} lost, {self.repeated} said twice, {self.unlogged} not in the log, "
            f"{self.unpopped} on no desk"
        )


async def rows(ground: Ground, floor: Floor, *, seconds: float) -> list[str]:
    desks = Desks()
    async with listening(ground, [agent.session for agent in ground.agents], desks.told):
        found = {
            dialled: await _climb(ground, floor, desks, dialled=dialled, seconds=seconds) for dialled in (MENU, PEERS)
        }
    ours, peers = (_highest(found[dialled]) for dialled in (MENU, PEERS))
    beyond = next((step.words for step in found[MENU] if not step.clean), "the highest step tried")
    ratio = f"{ours / peers:.2f} ×" if peers else ""
    met = "met" if ours >= GOAL else "**missed**"
    what = f"sustained calls a second through menu, queue, offer, log and pop ({beyond}); peer: Queue() alone"
    return [f"| {what} | {ours:g} | {peers:g} | {ratio} | ≥ {GOAL:g} /s | {met} |"]


def _highest(steps: Sequence[Step]) -> float:
    return max((step.pace for step in steps if step.clean), default=0.0)


class Desks:
    """Whose number has been on an agent's desk."""

    def __init__(self) -> None:
        self.shown: set[str] = set()

    def told(self, message: str) -> None:
        if found := _CALLER.search(message):
            self.shown.add(found[1])


_CALLER = re.compile(r'"ani":\s*"(\d+)"')


async def _climb(ground: Ground, floor: Floor, desks: Desks, *, dialled: str, seconds: float) -> list[Step]:
    """A step that was not clean is tried once more before it is the end."""
    steps: list[Step] = []
    for pace in STEPS:
        for _ in range(2):
            step = await _step(ground, floor, desks, dialled=dialled, pace=pace, seconds=seconds)
            print(f"sustained, {dialled}: {step.words}", file=sys.stderr)
            if step.clean:
                break
        steps.append(step)
        if not step.clean:
            break
    return steps


_numbers = itertools.count(500001)


async def _step(ground: Ground, floor: Floor, desks: Desks, *, dialled: str, pace: float, seconds: float) -> Step:
    phones = [floor.callers, *floor.agents.values()]
    before = sum(phone.repeated for phone in phones)
    numbers = [str(next(_numbers)) for _ in range(int(pace * seconds))]
    dialogs: list[Dialog] = []
    loop = asyncio.get_running_loop()
    began = loop.time()
    async with asyncio.TaskGroup() as calls:
        for place, number in enumerate(numbers):
            await asyncio.sleep(max(0.0, began + place / pace - loop.time()))
            dialogs.append(floor.callers.call(number, dialled))
            calls.create_task(_one_call(floor, dialogs[-1], dialled == MENU))
    await asyncio.sleep(SETTLE_S)
    logged = await _logged(ground, numbers) if dialled == MENU else len(numbers)
    said_twice = sum(phone.repeated for phone in phones) - before + sum(one.retransmitted for one in dialogs)
    return Step(
        pace=pace,
        calls=len(numbers),
        lost=sum(number not in floor.offers for number in numbers),
        repeated=said_twice,
        unlogged=len(numbers) - logged,
        unpopped=sum(number not in desks.shown for number in numbers) if dialled == MENU else 0,
    )


async def _one_call(floor: Floor, dialog: Dialog, keys: bool) -> None:
    with contextlib.suppress(TimeoutError):
        await asyncio.wait_for(dialog.answered.wait(), STUCK_S)
        if keys:
            await _press(floor, dialog)
        await _offered(floor, dialog.number)
        await asyncio.sleep(TALK_S)
    floor.callers.hang_up(dialog)


async def _press(floor: Floor, dialog: Dialog) -> None:
    """As one does: into the first words of what is said, and once more when nothing happens."""
    for key in (*KEYS, *KEYS[-1:] * AGAIN):
        await asyncio.sleep(KEY_PAUSE_S)
        if dialog.number in floor.offers:
            return
        floor.callers.press(dialog, key)


async def _offered(floor: Floor, number: str) -> None:
    async with asyncio.timeout(STUCK_S):
        while number not in floor.offers:
            await asyncio.sleep(0.05)


async def _logged(ground: Ground, numbers: Sequence[str]) -> int:
    """How many of them are in the call log as answered and over."""
    url = f"sqlite:///{ground.home / 'callwright.db'}"
    sql = "select count(*) as calls from call where ani between ? and ? and outcome = 'answered'"
    calls, end = 0, asyncio.get_running_loop().time() + LOG_LIMIT_S
    while calls < len(numbers) and asyncio.get_running_loop().time() < end:
        await asyncio.sleep(0.5)
        calls = int(rows_of(url, sql, numbers[0], numbers[-1])[0]["calls"])
    return calls
