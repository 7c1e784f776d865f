"""Trying a day takes seconds of hard work: a process of its own does it, behind everybody who serves callers.

`python -m agent_console.trials.child` reads what to compare from its input and writes the comparison to its output.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import pickle
import sys
import time
from dataclasses import dataclass
from typing import Final

import structlog

from agent_console.errors import TrialFailed, TrialTooLong
from routing.simulation.comparing import Comparison, compare
from routing.simulation.day import Day
from routing.simulation.replay import Rules

ENOUGH_AFTER_S: Final = 8.0
"""No further run is begun then …"""
TOO_LONG_S: Final = 40.0
"""… and nobody waits for one that has begun for longer."""
_POLITE: Final = 10

_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    day: Day
    now: Rules
    draft: Rules


async def compared(trial: Trial, *, too_long_s: float = TOO_LONG_S) -> Comparison:
    """Raises TrialTooLong, TrialFailed."""
    pipe = asyncio.subprocess.PIPE
    process = await asyncio.create_subprocess_exec(sys.executable, "-m", __name__, stdin=pipe, stdout=pipe, stderr=pipe)
    try:
        async with asyncio.timeout(too_long_s):
            told, complaints = await process.communicate(pickle.dumps(trial))
    except TimeoutError:
        raise TrialTooLong() from None
    finally:
        if process.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                process.kill()
            await process.wait()
    if process.returncode != 0:
        _log.error("the trial failed", action="trial", told=complaints.decode(errors="replace")[-2000:])
        raise TrialFailed()
    found = pickle.loads(told)  # noqa: S301 - our own child's
    if not isinstance(found, Comparison):
        raise TrialFailed()
    return found


def main() -> None:
    os.nice(_POLITE)
    trial: Trial = pickle.load(sys.stdin.buffer)  # noqa: S301 - our own parent's
    begun = time.monotonic()
    found = compare(trial.day, trial.now, trial.draft, enough=lambda: time.monotonic() - begun > ENOUGH_AFTER_S)
    pickle.dump(found, sys.stdout.buffer)


if __name__ == "__main__":
    main()
