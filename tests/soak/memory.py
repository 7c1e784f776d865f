"""How much memory each process takes over a soak."""

from __future__ import annotations

import asyncio
import statistics
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path

EVERY_S = 5.0
FLAT_FROM_S = 1200.0
"""Shorter soaks say nothing about growth."""
GROWTH, SLACK_MB = 1.15, 10.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Course:
    """Of one process, in MB. With a life for each start."""

    name: str
    start: float
    middle: float
    end: float
    most: float
    lives: int

    @property
    def is_flat(self) -> bool:
        """From the middle on: before that, what is worth keeping is being gathered."""
        return self.end <= self.middle * GROWTH + SLACK_MB


@dataclass(slots=True)
class Watch:
    """`run` beside the soak until it is cancelled, then `courses`."""

    pids: Callable[[], Mapping[str, int | None]]
    samples: dict[str, list[tuple[float, int, float]]] = field(default_factory=dict)
    """Name -> when, process, MB."""

    async def run(self) -> None:
        while True:
            for name, pid in self.pids().items():
                if pid is not None and (size := resident_mb(pid)) is not None:
                    self.samples.setdefault(name, []).append((time.time(), pid, size))
            await asyncio.sleep(EVERY_S)

    def courses(self) -> list[Course]:
        return [_course(name, taken) for name, taken in self.samples.items() if taken]


def resident_mb(pid: int) -> float | None:
    try:
        for line in Path(f"/proc/{pid}/status").read_text(encoding="ascii", errors="replace").splitlines():
            if line.startswith("VmRSS:"):
                return int(line.split()[1]) / 1024
    except OSError:
        pass
    return None


def _course(name: str, taken: Sequence[tuple[float, int, float]]) -> Course:
    """Each point the median of a tenth of the samples."""
    sizes = [size for _, _, size in taken]
    width = max(1, len(sizes) // 10)
    half = (len(sizes) - width) // 2
    lives = 1 + sum(one[1] != other[1] for one, other in pairwise(taken))
    return Course(
        name=name,
        start=statistics.median(sizes[:width]),
        middle=statistics.median(sizes[half : half + width]),
        end=statistics.median(sizes[-width:]),
        most=max(sizes),
        lives=lives,
    )
