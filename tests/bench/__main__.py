"""`make bench`: measures beside our peers and writes docs/benchmarks.md. `--quick` for a look, without writing."""

from __future__ import annotations

import argparse
import asyncio
import os
import platform
import statistics
import subprocess
import sys
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from pathlib import Path

from tests.bench.figures import HEAD, Row, median_ratio, percentile
from tests.bench.ground import OURS, PEERS, ground, set_state
from tests.bench.queues import Floor, Times
from tests.bench.screens import pops

REPORT = Path(__file__).parents[2] / "docs" / "benchmarks.md"
AGENTS = 10
CONSOLES = 100


async def measure(rounds: int, quick: bool) -> list[str]:
    sections: list[str] = []
    pop_rounds, pop_calls = (1, 10) if quick else (rounds, 12)
    async with ground(AGENTS, watchers=CONSOLES - AGENTS, callers=pop_rounds * pop_calls) as here:
        for agent in here.agents:
            await set_state(here, agent, "ready")
        floor = await Floor(here).open()
        try:
            for pace, calls in ((1.0, 5 if quick else 10), (10.0, 30 if quick else 80)):
                sections += await free_agent(floor, rounds, pace, calls)
            sections += await backlog(floor, rounds, 30 if quick else 60)
            sections += await pops(here, floor, rounds=pop_rounds, calls=pop_calls)
        finally:
            floor.close()
    return sections


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
            a = [percentile(getattr(one, kind), share) * 1000 for one in ours]
            b = [percentile(getattr(one, kind), share) * 1000 for one in peers]
            met = median_ratio(a, b) <= most
            rows.append(Row(f"{pace:g}/s: caller's INVITE {what}, p{share * 100:g}", a, b, f"≤ {most} ×", met).cells())
    return [*rows, *losses(f"{pace:g}/s", ours, peers)]


async def backlog(floor: Floor, rounds: int, callers: int) -> list[str]:
    ours, peers = await in_turns(rounds, "backlog", lambda number: floor.backlog(number, callers=callers))
    rows = []
    for share, most in ((0.5, 5.0), (0.95, 15.0)):
        a = [percentile(one.to_next, share) * 1000 for one in ours]
        b = [percentile(one.to_next, share) * 1000 for one in peers]
        faster = 1 / median_ratio(a, b)
        met = statistics.median(a) <= most and (share != 0.5 or faster >= 100)
        goal = f"≤ {most:g} ms" + (", ≥ 100 × faster" if share == 0.5 else "")
        what = f"backlog: agent hangs up → his next INVITE, p{share * 100:g} ({faster:.0f} × faster)"
        rows.append(Row(what, a, b, goal, met).cells())
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


def report(rows: list[str], rounds: int) -> str:
    commit = subprocess.run(["git", "rev-parse", "--short", "HEAD"], capture_output=True, text=True, check=False)
    return "\n".join(
        [
            "# Measured",
            "",
            "Made by `make bench`; every figure is the median over rounds, ours and the peer's in turns on the same",
            "Asterisk in the same run, with everything of the product attached (call log, console, menus, recording).",
            "Absolute times are for information: the machine drifts. A goal missed is written down, never hidden.",
            "",
            f"{datetime.now(UTC):%Y-%m-%d}, commit {commit.stdout.strip()}, {rounds} rounds, "
            f"Python {platform.python_version()}, {platform.machine()}, "
            f"{os.cpu_count()} processors shared with the load generator.",
            "",
            HEAD,
            *rows,
            "",
        ]
    )


def main() -> None:
    parser = argparse.ArgumentParser(prog="make bench")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--quick", action="store_true", help="two short rounds; prints, writes nothing")
    arguments = parser.parse_args()
    rounds = 2 if arguments.quick else arguments.rounds
    text = report(asyncio.run(measure(rounds, arguments.quick)), rounds)
    if not arguments.quick:
        REPORT.write_text(text, encoding="utf-8")
    print(text)


if __name__ == "__main__":
    main()
