"""`make bench`: measures beside our peers and writes docs/benchmarks.md. `--quick` for a look, without writing."""

from __future__ import annotations

import argparse
import asyncio
import os
import platform
import shlex
import statistics
import subprocess
import sys
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from tests.bench.figures import HEAD, Row, compared, median_ratio
from tests.bench.ground import OURS, PEERS, ground, set_state
from tests.bench.queues import Floor, Times
from tests.bench.screens import pops
from tests.bench.stream import rows as stream_rows

REPORT = Path(__file__).parents[2] / "docs" / "benchmarks.md"
AGENTS = 10
CALLERS = 100
"""Of the backlog."""
CONSOLES = 100
BUSY_PACE = 10.0
"""Calls a second from which an idle Asterisk's own time no longer matters."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    rows: list[str]
    asterisk: str
    """Its version."""


async def measure(rounds: int, quick: bool) -> Measured:
    rows = stream_rows(rounds, calls=100 if quick else 400)
    pop_rounds, pop_calls = (1, 10) if quick else (rounds, 12)
    async with ground(AGENTS, watchers=CONSOLES - AGENTS, callers=pop_rounds * pop_calls) as here:
        for agent in here.agents:
            await set_state(here, agent, "ready")
        floor = await Floor(here).open()
        try:
            for pace, calls in ((1.0, 5 if quick else 20), (10.0, 30 if quick else 80)):
                rows += await free_agent(floor, rounds, pace, calls)
            rows += await backlog(floor, rounds, 30 if quick else CALLERS)
            rows += await pops(here, floor, rounds=pop_rounds, calls=pop_calls)
        finally:
            floor.close()
        return Measured(rows=rows, asterisk=here.own.plan.version)


async def free_agent(floor: Floor, rounds: int, pace: float, calls: int) -> list[str]:
    ours, peers = await in_turns(
        rounds, f"free agent, {pace:g} calls/s", lambda number: floor.free_agent(number, calls=calls, per_second=pace)
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
    if pace >= BUSY_PACE:
        a, b = ([one.cpu_s / calls * 1000 for one in side] for side in (ours, peers))
        met = median_ratio(a, b) <= 1.0
        rows.append(Row(f"{pace:g}/s: Asterisk's processor time a queued call", a, b, "≤ 1.0 ×", met).cells())
    return [*rows, *losses(f"{pace:g}/s", ours, peers)]


async def backlog(floor: Floor, rounds: int, callers: int) -> list[str]:
    ours, peers = await in_turns(rounds, "backlog", lambda number: floor.backlog(number, callers=callers))
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
    rounds: int, what: str, measure_one: Callable[[str], Awaitable[Times]]
) -> tuple[list[Times], list[Times]]:
    """A B A B …, after one turn of each that is not counted."""
    ours: list[Times] = []
    peers: list[Times] = []
    for number in range(rounds + 1):
        for dialled, kept in ((OURS, ours), (PEERS, peers)):
            print(f"{what}: round {number} of {rounds}, {dialled}", file=sys.stderr)
            times = await measure_one(dialled)
            if number:
                kept.append(times)
    return ours, peers


def losses(what: str, ours: list[Times], peers: list[Times]) -> list[str]:
    counts = [sum(one.lost for one in side) for side in (ours, peers)]
    again = [sum(one.retransmitted for one in side) for side in (ours, peers)]
    if not any(counts) and not any(again):
        return []
    ours_said, peers_said = (f"{lost}; {sent}" for lost, sent in zip(counts, again, strict=True))
    return [f"| {what}: calls not answered; INVITEs sent again | {ours_said} | {peers_said} | | 0 | |"]


_ABOUT = """\
Every figure is the median over rounds, ours and the peer's in turns on the same Asterisk in the same run, with
everything of the product attached (call log, console, menus, recording). A percentile of which one round has too few
calls, and every p99, is of all rounds together. Absolute times are for information: the machine drifts. A goal missed
is written down, never hidden.

Ours is a number that leads straight into a queue, with `"answer": false` (docs/install.md); its peer is stock `Queue()`
with the same agents, which takes no call before an agent does either. So a caller's 200 OK is the agent's answer on
both sides. Asterisk's processor time is that of its whole process over a turn, by the turn's calls. The screen's peer
is the same page showing what comes over a bare websocket, with as many who listen.

The recorded stream is one call with all that Asterisk says beside it (`tests/traces/ami/answered_with_noise.ami`), many
times over; what is counted is processor time of one process that does nothing else. Every peer gets the same bytes.
"""


def report(measured: Measured, rounds: int, command: str) -> str:
    commit = subprocess.run(["git", "rev-parse", "--short", "HEAD"], capture_output=True, text=True, check=False)
    made = (
        f"`{command}`, {datetime.now(UTC):%Y-%m-%d}, commit {commit.stdout.strip()}, {rounds} rounds, "
        f"Asterisk {measured.asterisk}, Python {platform.python_version()}, {platform.machine()}, "
        f"{os.cpu_count()} processors shared with the load generator."
    )
    return "\n".join(["# Measured", "", _ABOUT, made, "", HEAD, *measured.rows, ""])


def main() -> None:
    parser = argparse.ArgumentParser(prog="make bench")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--quick", action="store_true", help="two short rounds; prints, writes nothing")
    arguments = parser.parse_args()
    rounds = 2 if arguments.quick else arguments.rounds
    command = shlex.join(["make", "bench", *([f"ARGS={' '.join(sys.argv[1:])}"] if sys.argv[1:] else [])])
    text = report(asyncio.run(measure(rounds, arguments.quick)), rounds, command)
    if not arguments.quick:
        REPORT.write_text(text, encoding="utf-8")
    print(text)


if __name__ == "__main__":
    main()
