"""What soon finding the next caller is worth: the same callers and the same conversations, by both systems, with
agents who have nearly too much to do. How long callers wait, and how much of their time the agents talk.
"""

from __future__ import annotations

import asyncio
import random
import statistics
import sys
from dataclasses import dataclass

from tests.bench.ground import OURS, PEERS
from tests.bench.queues import Floor
from tests.bench.sip import Dialog, UserAgent

AGENTS = 20
LOAD = 0.95
TALK_S = 20.0
"""On average; exponential, as are the gaps between callers."""
SECONDS, QUICK_SECONDS = 600.0, 30.0
PATIENCE_S = 600.0
SEED = 1909
"""Erlang's first paper on the matter."""


@dataclass(frozen=True, slots=True)
class Caller:
    at_s: float
    talk_s: float


@dataclass(frozen=True, slots=True)
class Shift:
    waits: list[float]
    busy: float
    """Share of the agents' time, until the last caller came."""

    @property
    def wait_s(self) -> float:
        return statistics.mean(self.waits)


def callers(seconds: float, seed: int = SEED) -> list[Caller]:
    """Whoever comes within this time, in order."""
    chance, at, coming = random.Random(seed), 0.0, list[Caller]()
    while (at := at + chance.expovariate(LOAD * AGENTS / TALK_S)) < seconds:
        coming.append(Caller(at_s=at, talk_s=chance.expovariate(1 / TALK_S)))
    return coming


async def rows(floor: Floor, *, quick: bool) -> list[str]:
    seconds = QUICK_SECONDS if quick else SECONDS
    coming = callers(seconds)
    ours, peers = [await _shift(floor, dialled, coming, seconds) for dialled in (OURS, PEERS)]
    about = f"{AGENTS} agents, {LOAD:.0%} load, {len(coming)} callers in {seconds / 60:g} min"
    wait, busy = ours.wait_s / peers.wait_s, ours.busy / peers.busy
    return [
        f"| {about}: mean wait, s | {ours.wait_s:.1f} | {peers.wait_s:.1f} | {wait:.2f} × | | |",
        f"| {about}: time the agents talk, % | {ours.busy:.1%} | {peers.busy:.1%} | {busy:.2f} × | | |",
    ]


async def _shift(floor: Floor, dialled: str, coming: list[Caller], seconds: float) -> Shift:
    print(f"load: {len(coming)} callers in {seconds:g} s, {dialled}", file=sys.stderr)
    loop = asyncio.get_running_loop()
    talks: dict[str, float] = {}
    spells: list[tuple[float, float]] = []

    def offered(phone: UserAgent, dialog: Dialog) -> None:
        talk_s = talks[dialog.number]
        spells.append((dialog.invited_at, dialog.invited_at + talk_s))
        loop.call_later(talk_s, phone.hang_up, dialog)

    for phone in floor.agents.values():
        phone.on_invite = lambda dialog, phone=phone: offered(phone, dialog)  # type: ignore[misc]
    began, dialogs = loop.time(), list[Dialog]()
    for caller in coming:
        await asyncio.sleep(max(0.0, began + caller.at_s - loop.time()))
        number = floor.caller_number()
        talks[number] = caller.talk_s
        dialogs.append(floor.callers.call(number, dialled))
    async with asyncio.timeout(PATIENCE_S):
        for dialog in dialogs:
            await dialog.ended.wait()
    until = dialogs[-1].invited_at
    talked = sum(max(0.0, min(end, until) - begin) for begin, end in spells)
    return Shift(
        waits=[dialog.answered_at - dialog.invited_at for dialog in dialogs],
        busy=talked / (AGENTS * (until - dialogs[0].invited_at)),
    )
