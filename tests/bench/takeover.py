"""How soon callers who wait reach an agent again when the engine that led is gone: killed, hanging, ended in order;
alone and started again; and with nobody to follow, by Asterisk's own queue. Two engines, one Asterisk, real phones.

In each round every agent talks and more callers wait. The engine goes, and in that moment one agent hangs up: from then
on a phone is free for whoever waited longest. One more calls while nobody leads. All others go on talking meanwhile.
"""

from __future__ import annotations

import asyncio
import statistics
import sys
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field

from tests.bench.engines import LIMIT_S, Engine, Engines, engines
from tests.bench.ground import OURS, set_state
from tests.bench.places import Places, judged
from tests.bench.queues import Floor
from tests.bench.sip import Dialog, UserAgent
from tests.support.databases import rows_of
from tests.support.waiting import eventually

AGENTS, WAITING = 4, 8
RINGING = 180
TALK_S = 0.1
GOAL_S = 5.0
SAFETY_GOAL_S = 8.0
"""Five seconds of silence, one between two heartbeats, and the slice of music in which the caller is."""
FEW = 3
"""Rounds of what takes long."""

HEAD = (
    "| the engine that leads | rounds | another has the lease, s: median (worst) | the free phone rings, s: median "
    "(worst) | callers lost; rung for twice; overtaken | goal | |\n|---|---:|---|---|---|---|---|"
)


@dataclass(slots=True)
class Kind:
    what: str
    goal_s: float | None
    """None: it takes as long as it takes."""
    places: Places = field(default_factory=Places)
    to_lead: list[float] = field(default_factory=list)
    """Seconds, one a round; none where nobody else can."""
    to_ring: list[float] = field(default_factory=list)

    @property
    def met(self) -> bool:
        return self.places.sound and (self.goal_s is None or max(self.to_ring) <= self.goal_s)

    def cells(self) -> str:
        goal = "0" if self.goal_s is None else f"≤ {self.goal_s:g} s, 0"
        return (
            f"| {self.what} | {len(self.to_ring)} | {told(self.to_lead)} | {told(self.to_ring)} | {self.places} "
            f"| {goal} | {_verdict(self.met)} |"
        )


def told(seconds: Sequence[float]) -> str:
    return f"{statistics.median(seconds):.2f} ({max(seconds):.2f})" if seconds else "–"


class Shift:
    """Those who call in one round, and the phone of the agent who will be free."""

    def __init__(self, floor: Floor) -> None:
        self._floor = floor
        self._phone = next(iter(floor.agents.values()))
        self._at_hand: Dialog | None = None
        """What that agent talks about."""
        self._rang: list[str] = []
        self._talking: list[Dialog] = []
        self._waiting: list[Dialog] = []
        self._freed = ""
        """Whose conversation that agent has ended."""
        self._goes_on = False
        self._next: asyncio.Future[Dialog] = asyncio.get_running_loop().create_future()

    async def begin(self) -> None:
        for phone in self._floor.agents.values():
            phone.on_invite = lambda dialog, phone=phone: self._rings(phone, dialog)  # type: ignore[misc]
        for _ in self._floor.agents:
            dialog = self._call()
            await asyncio.wait_for(dialog.answered.wait(), LIMIT_S)
            self._talking.append(dialog)
        for _ in range(WAITING):
            await self.one_more()

    async def one_more(self) -> None:
        """Once he hears it ring, he waits: whoever calls after that comes after him."""
        dialog = self._call()
        await eventually("the caller to hear it ring", lambda: dialog.status >= RINGING, limit_s=LIMIT_S)
        self._waiting.append(dialog)

    def hang_up(self) -> None:
        """The agent, so that he is free."""
        assert self._at_hand is not None
        self._freed = self._at_hand.number
        self._phone.hang_up(self._at_hand)

    async def rings(self) -> Dialog:
        """For whom the free phone rang first."""
        return await asyncio.wait_for(self._next, LIMIT_S)

    async def all_served(self, *, apart: str) -> Places:
        """One after the other by the agent who is free; then the others hang up as well."""
        self._goes_on = True
        self._later()
        await self._over(self._waiting)
        broken = sum(dialog.ended.is_set() for dialog in self._talking if dialog.number != self._freed)
        for dialog in (*self._waiting, *self._talking):
            self._floor.callers.hang_up(dialog)
        await self._over(self._talking)
        answered = {dialog.number for dialog in self._waiting if dialog.answered.is_set()}
        found = judged([dialog.number for dialog in self._waiting], self._rang, answered, {apart})
        return found + Places(lost=broken)

    async def _over(self, dialogs: Sequence[Dialog]) -> None:
        await asyncio.wait([asyncio.ensure_future(dialog.ended.wait()) for dialog in dialogs], timeout=LIMIT_S)

    def _call(self) -> Dialog:
        return self._floor.callers.call(self._floor.caller_number(), OURS)

    def _rings(self, phone: UserAgent, dialog: Dialog) -> None:
        self._rang.append(dialog.number)
        if phone is not self._phone:
            return
        self._at_hand = dialog
        if self._freed and not self._next.done():
            self._next.set_result(dialog)
        if self._goes_on:
            self._later()

    def _later(self) -> None:
        if self._at_hand is not None:
            asyncio.get_running_loop().call_later(TALK_S, self._phone.hang_up, self._at_hand)


class Bench:
    def __init__(self, here: Engines, floor: Floor) -> None:
        self._here, self._floor = here, floor

    async def killed(self, kind: Kind) -> None:
        leader = await self._two()
        await self._round(kind, leader.process.kill(), then=leader.process.start)

    async def hanging(self, kind: Kind) -> None:
        """It wakes up in the middle of the other's work."""
        leader = await self._two()

        async def freeze() -> None:
            leader.process.freeze()

        async def thaw() -> None:
            leader.process.thaw()

        await self._round(kind, freeze(), meanwhile=thaw)

        async def stands_by() -> bool:
            return await leader.ready() and not await leader.leads()

        await eventually("the woken one to stand by", stands_by, limit_s=LIMIT_S)

    async def ended(self, kind: Kind) -> None:
        leader = await self._two()
        ending: list[asyncio.Task[int | None]] = []

        async def end() -> None:
            """The agent hangs up when it has let go: until then it goes on serving."""
            seat = await self._here.who_has_the_seat()
            ending.append(asyncio.create_task(leader.process.stop()))
            await self._here.is_let_go(seat)

        async def again() -> None:
            await asyncio.gather(*ending)
            await leader.process.start()

        await self._round(kind, end(), then=again)

    async def alone(self, kind: Kind) -> None:
        leader = await self._one()

        async def end() -> None:
            await leader.process.kill()
            await leader.process.start()

        await self._round(kind, end())

    async def nobody(self, kind: Kind) -> None:
        """Back when a caller has been brought to an agent without it."""
        leader = await self._one()

        async def back() -> None:
            await leader.process.start()
            await self._here.is_well()

        await self._round(kind, leader.process.kill(), meanwhile=back, nobody=True)

    async def _two(self) -> Engine:
        """The one that leads, when the other one stands by."""
        leader = await self._here.leader()
        await eventually("the other to stand by", self._here.other_than(leader).ready, limit_s=LIMIT_S)
        await self._here.is_well()
        return leader

    async def _one(self) -> Engine:
        leader = await self._here.leader()
        await self._here.other_than(leader).process.kill()
        await self._here.is_well()
        return leader

    async def _round(
        self,
        kind: Kind,
        goes: Awaitable[None],
        *,
        meanwhile: Callable[[], Awaitable[None]] | None = None,
        then: Callable[[], Awaitable[None]] | None = None,
        nobody: bool = False,
    ) -> None:
        """`meanwhile`: while most still wait. `nobody`: leads until then."""
        shift = Shift(self._floor)
        await shift.begin()
        seat = await self._here.who_has_the_seat()
        began = time.perf_counter()
        await goes
        shift.hang_up()
        leading = asyncio.create_task(self._here.another_has_it(seat))
        await shift.one_more()
        first = await shift.rings()
        if meanwhile is not None:
            await meanwhile()
        led_at = await leading
        places = await shift.all_served(apart=first.number if nobody else "")
        await self._here.count_sessions()
        kind.places += places
        kind.to_ring.append(first.invited_at - began)
        if not nobody:
            kind.to_lead.append(led_at - began)
        print(
            f"take-over: {kind.what}: {told(kind.to_lead[-1:])} and {told(kind.to_ring[-1:])} s, {places}",
            file=sys.stderr,
        )
        if then is not None:
            await then()


async def rows(rounds: int) -> list[str]:
    few = min(rounds, FEW)
    async with engines(AGENTS) as here:
        floor = await Floor(here.ground, here.ground.agents).open()
        bench = Bench(here, floor)
        try:
            for agent in here.ground.agents:
                await set_state(here.ground, agent, "ready")
            found = [
                await _rounds(rounds, bench.killed, Kind("is killed (-9), the other stands by", GOAL_S)),
                await _rounds(rounds, bench.hanging, Kind("hangs, and wakes up when the other leads", GOAL_S)),
                await _rounds(rounds, bench.ended, Kind("is told to end, the other stands by", GOAL_S)),
                await _rounds(few, bench.alone, Kind("is alone, killed and started again at once", None)),
                await _rounds(few, bench.nobody, Kind("is alone and killed: Asterisk's own queue", SAFETY_GOAL_S)),
            ]
            return [*(kind.cells() for kind in found), *await _account(here)]
        finally:
            floor.close()


async def _rounds(count: int, one: Callable[[Kind], Awaitable[None]], kind: Kind) -> Kind:
    for _ in range(count):
        await one(kind)
    return kind


async def _account(here: Engines) -> list[str]:
    """What was told of all that, in the end."""
    await here.is_well()
    most = max(here.at_once)

    async def agree() -> tuple[int, str] | None:
        found = await here.reconciled()
        return found if found[0] == 0 else None

    try:
        await eventually("the log to agree with Asterisk's own account", agree, limit_s=LIMIT_S)
        differing = "agrees"
    except AssertionError:
        differing = (await here.reconciled())[1].strip().replace("\n", "; ")[:500]
    url = here.settings["CALLWRIGHT_DATABASE_URL"]
    calls = rows_of(url, "select count(*) as calls from call")[0]["calls"]
    twice = rows_of(url, _TWICE)
    for row in twice:
        print(f"take-over: told twice: {row['topic']} of {row['call_id']}", file=sys.stderr)
    return [
        f"| … engines at Asterisk's manager after a round, at most | {len(here.at_once)} | {most} | | | 1 "
        f"| {_verdict(most == 1)} |",
        f"| … calls in all: `callwright reconcile` | {calls} | {differing} | | | agrees "
        f"| {_verdict(differing == 'agrees')} |",
        f"| … of these told twice to have come, been answered or ended | {calls} | {len(twice)} | | | 0 "
        f"| {_verdict(not twice)} |",
    ]


def _verdict(met: bool) -> str:
    return "met" if met else "**missed**"


_TWICE = """
select call_id, topic from event_log where topic in ('call.arrived', 'call.connected', 'call.ended')
and coalesce(body ->> 'closed_by', '') <> 'reconciliation' group by call_id, topic having count(*) > 1
"""
"""What Asterisk's own account corrects afterwards is told once more, and said to be that."""
