"""`make bench`: measures beside our peers and writes docs/benchmarks.md, a section for each part as soon as it is done.

`--only stream,pops` measures these parts alone; `--quick` is for a look, without writing.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import os
import platform
import shlex
import statistics
import subprocess
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from tests.bench import decisions, line, load, menus, rebirth, recorded, simulated, stream, sustained, takeover
from tests.bench.document import REPORT, put_head, put_section
from tests.bench.figures import HEAD, Row, compared, median_ratio
from tests.bench.ground import OURS, PEERS, PEERS_RECORDED, BenchAgent, Ground, ground, set_state
from tests.bench.queues import Floor, Times
from tests.bench.screens import pops
from tests.support.asterisk import installed_asterisk

AGENTS, MANY_AGENTS = 10, recorded.CALLS
CALLERS = 100
"""Of the backlog."""
CONSOLES = 100
BUSY_PACE = 10.0
"""Calls a second from which an idle Asterisk's own time no longer matters."""


@dataclass(frozen=True, slots=True)
class Size:
    """How much of everything."""

    rounds: int
    quick: bool

    @property
    def pop_calls(self) -> int:
        return 10 if self.quick else 12


@dataclass(frozen=True, slots=True)
class Stage:
    """What parts with telephones stand on."""

    ground: Ground
    size: Size

    @contextlib.asynccontextmanager
    async def floor(self, agents: Sequence[BenchAgent]) -> AsyncIterator[Floor]:
        """With these agents at their phones and ready."""
        floor = await Floor(self.ground, agents).open()
        try:
            for agent in agents:
                await set_state(self.ground, agent, "ready")
            yield floor
            for agent in agents:
                await set_state(self.ground, agent, "offline")
        finally:
            floor.close()

    @property
    def few(self) -> tuple[BenchAgent, ...]:
        return self.ground.agents[:AGENTS]


async def _free(stage: Stage) -> list[str]:
    rows: list[str] = []
    async with stage.floor(stage.few) as floor:
        for pace, calls in ((1.0, 5 if stage.size.quick else 20), (10.0, 30 if stage.size.quick else 80)):
            rows += await free_agent(floor, stage.size.rounds, pace, calls)
    return rows


async def _backlog(stage: Stage) -> list[str]:
    async with stage.floor(stage.few) as floor:
        return await backlog(floor, stage.size.rounds, 30 if stage.size.quick else CALLERS)


async def _pops(stage: Stage) -> list[str]:
    async with stage.floor(stage.few) as floor:
        here = replace(stage.ground, agents=stage.few)
        return await pops(here, floor, rounds=_pop_rounds(stage.size), calls=stage.size.pop_calls)


def _pop_rounds(size: Size) -> int:
    return 1 if size.quick else size.rounds


async def _sustained(stage: Stage) -> list[str]:
    async with stage.floor(stage.ground.agents) as floor:
        return await sustained.rows(stage.ground, floor, seconds=4.0 if stage.size.quick else 10.0)


async def _recorded(stage: Stage) -> list[str]:
    async with stage.floor(stage.ground.agents) as floor:
        rounds = 1 if stage.size.quick else stage.size.rounds
        return await recorded.rows(stage.ground, floor, rounds=rounds, seconds=5.0 if stage.size.quick else 10.0)


async def _load(stage: Stage) -> list[str]:
    async with stage.floor(stage.ground.agents[: load.AGENTS]) as floor:
        return await load.rows(floor, quick=stage.size.quick)


async def _menus(stage: Stage) -> list[str]:
    rounds, keys = (1, 2) if stage.size.quick else (stage.size.rounds, 3)
    return await menus.rows(stage.ground, rounds=rounds, keys=keys)


async def _rebirth(stage: Stage) -> list[str]:
    return await rebirth.rows(stage.ground, 1 if stage.size.quick else stage.size.rounds)


async def _stream(size: Size) -> list[str]:
    return await asyncio.to_thread(stream.rows, size.rounds, 60 if size.quick else 400)


async def _decisions(size: Size) -> list[str]:
    return await asyncio.to_thread(decisions.rows, size.rounds, 500 if size.quick else 3_000, large=not size.quick)


async def _line(size: Size) -> list[str]:
    return await line.rows(size.rounds, quick=size.quick)


async def _simulated(size: Size) -> list[str]:
    return await asyncio.to_thread(simulated.rows, size.rounds, quick=size.quick)


async def _takeover(size: Size) -> list[str]:
    return await takeover.rows(1 if size.quick else size.rounds)


@dataclass(frozen=True, slots=True)
class Part:
    title: str
    alone: Callable[[Size], Awaitable[list[str]]] | None = None
    on_stage: Callable[[Stage], Awaitable[list[str]]] | None = None
    agents: int = AGENTS
    head: str = HEAD


PARTS = {
    "stream": Part("A recorded stream of AMI", alone=_stream),
    "decisions": Part("The engine's decisions", alone=_decisions),
    "line": Part("The live line to Asterisk", alone=_line),
    "simulate": Part("Agents who can different things, in simulated time", alone=_simulated, head=simulated.HEAD),
    "free": Part("A caller and a free agent", on_stage=_free),
    "backlog": Part("A freed agent and who waits", on_stage=_backlog),
    "pops": Part("From Asterisk to the screen", on_stage=_pops),
    "sustained": Part("Calls a second", on_stage=_sustained, agents=MANY_AGENTS),
    "load": Part("Agents with nearly too much to do", on_stage=_load, agents=load.AGENTS),
    "menus": Part("Many callers in a menu", on_stage=_menus, agents=0),
    "rebirth": Part("An engine dies, the next one takes over", on_stage=_rebirth, agents=rebirth.AGENTS),
    "takeover": Part("Two engines: one goes, who waits is served", alone=_takeover, head=takeover.HEAD),
    "recorded": Part("Many recorded calls at once", on_stage=_recorded, agents=MANY_AGENTS),
}


async def measure(names: Sequence[str], size: Size, done: Callable[[str, list[str]], None]) -> None:
    """`done(name, rows)` is called as soon as a part is measured: what comes later may fail."""
    for name in names:
        if (alone := PARTS[name].alone) is not None:
            done(name, await alone(size))
    staged = [name for name in names if PARTS[name].on_stage is not None]
    if not staged:
        return
    agents = max(PARTS[name].agents for name in staged)
    callers = _pop_rounds(size) * size.pop_calls
    async with ground(agents, watchers=CONSOLES - AGENTS, callers=callers) as here:
        for name in staged:
            if (on_stage := PARTS[name].on_stage) is not None:
                done(name, await on_stage(Stage(here, size)))


async def free_agent(floor: Floor, rounds: int, pace: float, calls: int) -> list[str]:
    ours, peers, *recorded = await in_turns(
        rounds,
        f"free agent, {pace:g} calls/s",
        lambda number: floor.free_agent(number, calls=calls, per_second=pace),
        (OURS, PEERS, PEERS_RECORDED) if pace >= BUSY_PACE else (OURS, PEERS),
    )
    rows = []
    for what, kind, shares in (
        ("→ agent's INVITE", "to_ring", ((0.5, 1.3), (0.99, 1.6))),
        ("→ caller's 200 OK", "to_talk", ((0.5, 1.1), (0.99, 1.25))),
    ):
        for share, most in shares:
            found = compared([getattr(one, kind) for one in ours], [getattr(one, kind) for one in peers], share)
            met = median_ratio(found.ours, found.peers) <= most
            label = f"{pace:g}/s: caller's INVITE {what}, {found.label}"
            rows.append(Row(label, found.ours, found.peers, f"≤ {most} ×", met).cells())
    what = f"{pace:g}/s: Asterisk's processor time a queued call"
    for side in recorded:
        a, b, c = ([one.cpu_s / calls * 1000 for one in times] for times in (ours, peers, side))
        rows.append(Row(what, a, b, "≤ 1.0 ×", median_ratio(a, b) <= 1.0).cells())
        rows.append(Row(f"{what}, the peer's recorded as ours are", a, c, "", True).cells())
    return [*rows, *losses(f"{pace:g}/s", ours, peers)]


async def backlog(floor: Floor, rounds: int, callers: int) -> list[str]:
    ours, peers = await in_turns(
        rounds, "backlog", lambda number: floor.backlog(number, callers=callers), (OURS, PEERS)
    )
    rows = []
    for share, most in ((0.5, 5.0), (0.95, 15.0)):
        found = compared([one.to_next for one in ours], [one.to_next for one in peers], share)
        faster = 1 / median_ratio(found.ours, found.peers)
        met = statistics.median(found.ours) <= most and (share != 0.5 or faster >= 100)
        goal = f"≤ {most:g} ms" + (", ≥ 100 × faster" if share == 0.5 else "")
        what = f"backlog, {callers} callers, {AGENTS} agents: agent hangs up → his next INVITE, {found.label}"
        rows.append(Row(f"{what} ({faster:.0f} × faster)", found.ours, found.peers, goal, met).cells())
    return [*rows, *losses("backlog", ours, peers)]


async def in_turns(
    rounds: int, what: str, measure_one: Callable[[str], Awaitable[Times]], sides: Sequence[str]
) -> list[list[Times]]:
    """A B A B …, after one turn of each that is not counted."""
    kept: list[list[Times]] = [[] for _ in sides]
    for number in range(rounds + 1):
        for dialled, side in zip(sides, kept, strict=True):
            print(f"{what}: round {number} of {rounds}, {dialled}", file=sys.stderr)
            times = await measure_one(dialled)
            if number:
                side.append(times)
    return kept


def losses(what: str, ours: list[Times], peers: list[Times]) -> list[str]:
    counts = [sum(one.lost for one in side) for side in (ours, peers)]
    again = [sum(one.retransmitted for one in side) for side in (ours, peers)]
    if not any(counts) and not any(again):
        return []
    ours_said, peers_said = (f"{lost}; {sent}" for lost, sent in zip(counts, again, strict=True))
    return [f"| {what}: calls not answered; INVITEs sent again | {ours_said} | {peers_said} | | 0 | |"]


_ABOUT = """\
# Measured

Every figure is the median over rounds, ours and the peer's in turns on the same Asterisk in the same run, with
everything of the product attached (call log, console, menus, recording). A percentile of which one round has too few
calls, and every p99, is of all rounds together. Absolute times are for information: the machine drifts. A goal missed
is written down, never hidden. Each section is written by the run it names; `make bench ARGS="--only stream,pops"`
measures some of them anew.

Ours is a number that leads straight into a queue, with `"answer": false` (docs/install.md) and every rule that decides
who gets a call when: a wish with a preference, relaxation, whoever knows the customer first, ageing, weight, limits and
a chain. Its peer is stock `Queue()` with the same agents, which takes no call before an agent does either. So a
caller's 200 OK is the agent's answer on both sides. What is said to those who wait is left out on both. Asterisk's
processor time is that of its whole process over a turn, by the turn's calls. The screen's peer
is the same page showing what comes over a bare websocket, with as many who listen. The live line's peer splits what
comes into dictionaries on asyncio's own loop and does nothing else. Sustained calls press their keys as SIP INFO; what
is said twice is counted on both sides.

Callers in a menu press a key (RFC 4733, held for 100 ms) every four seconds, each at a time of his own, and every key
cuts a prompt short. The time is from the first packet with the key's end bit, for Asterisk knows of no whole key
before, to the first packet of the other prompt, which its own sound tells from the one before; the kernel stamps it.
The peer is the same two prompts as `Background` and `WaitExten`, which tells nobody what was pressed: our menu tells
the house each step before it speaks. Memory is that of the whole product in one process, of which the menus are a part.

Two engines are two `callwright serve --role telephony` with PostgreSQL, Redis and a console between them. In each round
four agents talk and eight callers wait; the engine goes, one agent hangs up in that moment, one more calls while nobody
leads. Times begin with the signal (SIGKILL, SIGSTOP, SIGINT). The free phone then takes all who wait, one after the
other, so that their order can be told; whose phone rings twice, who is overtaken, who reaches nobody and whose
conversation ends by itself is counted.

The recorded stream is one call with all that Asterisk says beside it (`tests/traces/ami/answered_with_noise.ami`), many
times over; what is counted is processor time of one process that does nothing else. Every peer gets the same bytes.

Simulated time knows no machine: the call centre of Wallace and Whitt (2005) has six types of calls, 90 agents with k
skills each, 84 erlang of calls of ten minutes, and is what `callwright simulate --example wallace-whitt --skills k`
prints. Theory is 90 agents who can do everything (Erlang C, A, and with a limit of places), exactly. Times theory is
how much longer the same callers wait than they would with those, so that chance takes from both sides alike.

The engine's decisions are made by the routing engine alone, with everything it does in the product: the index, the
relaxation, the reason. Its peer makes the same choice by looking at everybody who waits, and does nothing else.
"""


def made(command: str, rounds: int, asterisk: str) -> str:
    commit = subprocess.run(["git", "rev-parse", "--short", "HEAD"], capture_output=True, text=True, check=False)
    return (
        f"`{command}`, {datetime.now(UTC):%Y-%m-%d}, commit {commit.stdout.strip()}, {rounds} rounds, "
        f"Asterisk {asterisk}, Python {platform.python_version()}, {platform.machine()}, "
        f"{os.cpu_count()} processors shared with the load generator."
    )


def main() -> None:
    parser = argparse.ArgumentParser(prog="make bench")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--quick", action="store_true", help="short rounds; prints, writes nothing")
    parser.add_argument("--only", default=",".join(PARTS), help=f"some of {','.join(PARTS)}")
    given = parser.parse_args()
    names = [name for name in given.only.split(",") if name]
    if unknown := [name for name in names if name not in PARTS]:
        parser.error(f"there is no part {', '.join(unknown)}; there are {', '.join(PARTS)}")
    size = Size(2 if given.quick else given.rounds, given.quick)
    command = shlex.join(["make", "bench", *([f"ARGS={' '.join(sys.argv[1:])}"] if sys.argv[1:] else [])])
    version = asyncio.run(installed_asterisk()).version

    def done(name: str, rows: list[str]) -> None:
        text = "\n".join([made(command, size.rounds, version), "", PARTS[name].head, *rows])
        print(f"\n## {PARTS[name].title}\n\n{text}")
        if not given.quick:
            put_section(REPORT, PARTS[name].title, text)

    if not given.quick:
        put_head(REPORT, _ABOUT)
    asyncio.run(measure(names, size, done))


if __name__ == "__main__":
    main()
