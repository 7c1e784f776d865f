"""From lists of seconds to the rows of the table: percentiles, ratios of medians over rounds, the range."""

from __future__ import annotations

import math
import statistics
from collections.abc import Sequence
from dataclasses import dataclass

ALL_TOGETHER = 0.99


def percentile(values: Sequence[float], share: float) -> float:
    """Nearest-rank percentile; `share` from 0 to 1. NaN of nothing."""
    if not values:
        return math.nan
    ordered = sorted(values)
    return ordered[max(0, math.ceil(share * len(ordered)) - 1)]


Rounds = Sequence[Sequence[float]]
"""Round by round, one figure in seconds for each call."""


@dataclass(frozen=True, slots=True)
class Compared:
    """One percentile of both sides, in milliseconds: for each round, or once for all of them together."""

    label: str
    ours: list[float]
    peers: list[float]


def compared(ours: Rounds, peers: Rounds, share: float) -> Compared:
    """Where a round has too few calls, and from p99 on, all rounds together: else the figure were only the largest."""
    label = f"p{share * 100:g}"
    if share >= ALL_TOGETHER or any((1 - share) * len(one) < 1 for one in (*ours, *peers)):
        ours, peers = ([[figure for one in side for figure in one]] if side else [] for side in (ours, peers))
        counts = dict.fromkeys(str(len(side[0])) for side in (ours, peers) if side)
        label += f" of all rounds, n = {' and '.join(counts)}"
    a, b = ([percentile(one, share) * 1000 for one in side] for side in (ours, peers))
    return Compared(label, a, b)


@dataclass(frozen=True, slots=True)
class Row:
    """One line of a table: ours beside the peer's, as the median over rounds, and the ratio round by round."""

    what: str
    ours: Sequence[float]
    """Milliseconds."""
    peers: Sequence[float]
    goal: str
    goal_met: bool

    @property
    def ratios(self) -> list[float]:
        sides = zip(self.ours, self.peers, strict=True) if self.peers else ()
        return [one / other for one, other in sides if other]

    def cells(self) -> str:
        peers = f"{statistics.median(self.peers):.1f}" if self.peers else "–"
        verdict = ("met" if self.goal_met else "**missed**") if self.goal else ""
        return (
            f"| {self.what} | {statistics.median(self.ours):.1f} | {peers} | {self._ratio} | {self.goal} | {verdict} |"
        )

    @property
    def _ratio(self) -> str:
        if not self.ratios:
            return ""
        low, high = min(self.ratios), max(self.ratios)
        spread = f" ({low:.2f}–{high:.2f})" if len(self.ratios) > 1 else ""
        return f"{statistics.median(self.ratios):.2f} ×{spread}"


def median_ratio(ours: Sequence[float], peers: Sequence[float]) -> float:
    return statistics.median(one / other for one, other in zip(ours, peers, strict=True))


HEAD = "| what (ms unless it says so) | ours | peer | ratio, median (range) | goal | |\n|---|---:|---:|---|---|---|"
