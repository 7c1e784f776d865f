"""How sure a mean over runs is: Student's interval at 95 %."""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from dataclasses import dataclass
from math import sqrt

LEVEL = 0.95

_T = (
    12.7062, 4.3027, 3.1824, 2.7764, 2.5706, 2.4469, 2.3646, 2.3060, 2.2622, 2.2281,
    2.2010, 2.1788, 2.1604, 2.1448, 2.1314, 2.1199, 2.1098, 2.1009, 2.0930, 2.0860,
    2.0796, 2.0739, 2.0687, 2.0639, 2.0595, 2.0555, 2.0518, 2.0484, 2.0452, 2.0423,
)  # fmt: skip
"""Of 1 to 30 degrees of freedom (any book of tables)."""
_Z = 1.959964


def student_t(degrees: int) -> float:
    """So many standard errors to either side; beyond the table Fisher's expansion, right to four places there."""
    if degrees <= len(_T):
        return _T[degrees - 1]
    return _Z + (_Z**3 + _Z) / (4 * degrees) + (5 * _Z**5 + 16 * _Z**3 + 3 * _Z) / (96 * degrees**2)


@dataclass(frozen=True, slots=True, kw_only=True)
class Estimate:
    mean: float
    low: float | None = None
    high: float | None = None
    """None of a single run: nobody knows."""


def estimate(runs: Sequence[float]) -> Estimate:
    mean = statistics.fmean(runs)
    if len(runs) < 2:
        return Estimate(mean=mean)
    half = student_t(len(runs) - 1) * statistics.stdev(runs) / sqrt(len(runs))
    return Estimate(mean=mean, low=mean - half, high=mean + half)


def ratio(runs: Sequence[float], beside: Sequence[float]) -> Estimate:
    """Of the two means. Where both rise and fall together it is known far better than either."""
    whole = statistics.fmean(beside)
    mean = statistics.fmean(runs) / whole
    if len(runs) < 2:
        return Estimate(mean=mean)
    rest = [one - mean * other for one, other in zip(runs, beside, strict=True)]
    half = student_t(len(runs) - 1) * statistics.stdev(rest) / sqrt(len(runs)) / whole
    return Estimate(mean=mean, low=mean - half, high=mean + half)
