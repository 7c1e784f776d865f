"""`make soak`: calls for a set time and rate while things break, then a report. Exit 1 when a goal was missed.

Writes the section "Soak" of docs/benchmarks.md; `--look` only prints.
"""

from __future__ import annotations

import argparse
import asyncio
import shlex
import signal
import sys
from pathlib import Path

from tests.bench.document import REPORT, put_section
from tests.soak.report import TITLE, Report
from tests.soak.soak import Plan, soak


def main() -> int:
    parser = argparse.ArgumentParser(prog="make soak")
    parser.add_argument("--minutes", type=float, default=30.0)
    parser.add_argument("--rate", type=float, default=5.0, help="calls a second")
    parser.add_argument("--fault-every", type=float, default=30.0, help="seconds; 0: no faults")
    parser.add_argument("--seed", type=int, default=1, help="the same seed makes the same callers and faults")
    parser.add_argument("--keep", type=Path, help="a folder for the JSON, what each phone saw, and all logs")
    parser.add_argument("--look", action="store_true", help="print the report, leave docs/benchmarks.md alone")
    given = parser.parse_args()
    if given.minutes <= 0 or given.rate <= 0 or given.fault_every < 0:
        parser.error("minutes and calls a second must be more than nothing")
    command = shlex.join(["make", "soak", *([f"ARGS={' '.join(sys.argv[1:])}"] if sys.argv[1:] else [])])
    plan = Plan(
        length_s=given.minutes * 60,
        rate=given.rate,
        fault_every_s=given.fault_every,
        seed=given.seed,
        command=command,
    )
    try:
        report = asyncio.run(_run(plan, given.keep))
    except (KeyboardInterrupt, asyncio.CancelledError):
        print("stopped; everything it had started is gone", file=sys.stderr)
        return 130
    print(report.as_markdown())
    if not given.look:
        put_section(REPORT, TITLE, report.as_markdown())
    return 0 if report.met else 1


async def _run(plan: Plan, keep: Path | None) -> Report:
    """SIGTERM ends it as Ctrl-C does."""
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, asyncio.current_task().cancel)  # type: ignore[union-attr]
    return await soak(plan, keep)


if __name__ == "__main__":
    sys.exit(main())
