"""From lists of seconds to the rows of the table: percentiles, ratios of medians over rounds, the range."""

from __future__ import annotations

import math
import statistics
from collections.abc import Sequence
from dataclasses import dataclass


def percentile(values: Sequence[float], share: float) -> float:
    """Nearest-rank percentile; `share` from 0 to 1. NaN of nothing."""
    if not values:
        return math.nan
    ordered = sorted(values)
    return ordered[max(0, math.ceil(share * len(ordered)) - 1)]


@dataclass(frozen=True, slots=True)
class Row:
    """One line of a table: ours beside the peer's, as the median over rounds, and the ratio round by round."""

    what: str
    ours: Sequence[float]
    """One figure a round, in milliseconds."""
    peers: Sequence[float]
    goal: str
    goal_met: bool

    @property
    def ratios(self) -> list[float]:
        return [one / other for one, other in zip(self.ours, self.peers, strict=True) if other]

    def cells(self) -> str:
        ratio = ""
        if self.peers:
            low, high = min(self.ratios), max(self.ratios)
            ratio = f"{statistics.median(self.ratios):.2f} × ({low:.2f}–{high:.2f})"
        peers = f"{statistics.median(self.peers):.1f}" if self.peers else "–"
        verdict = "met" if self.goal_met else "**missed**"
        return f"| {self.what} | {statistics.median(self.ours):.1f} | {peers} | {ratio} | {self.goal} | {verdict} |"


def median_ratio(ours: Sequence[float], peers: Sequence[float]) -> float:
    return statistics.median(one / other for one, other in zip(ours, peers, strict=True))


HEAD = "| what | ours, ms | peer, ms | ratio, median (range) of rounds | goal | |\n|---|---:|---:|---|---|---|"
