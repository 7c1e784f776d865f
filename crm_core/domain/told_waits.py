"""What callers were told of their wait, and what became of it. Pure.

A caller counts once for each stay in a queue, by what he was told **first**: that is the estimate for the whole rest of
his wait, and an estimate made the moment before he is taken would say nothing. It is compared with the seconds from
then until somebody answered. Whoever hung up, or went on to elsewhere, has no true wait to compare with; how many these
were is told beside, as the longest waits are among them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from math import ceil
from statistics import fmean, median
from typing import Final

from crm_core.domain.service_level import Left

_FINE: Final = 10
"""Up to so many minutes they are told one by one, and from then on in fives."""


def minutes_told(wait_s: float) -> int:
    """As a caller hears it: whole minutes, never fewer than were meant, and no less than one."""
    minutes = max(ceil(wait_s / 60), 1)
    return minutes if minutes <= _FINE else 5 * ceil(minutes / 5)


@dataclass(frozen=True, slots=True, kw_only=True)
class ToldWait:
    """One caller's stay in a queue in which he was told how long he would still wait."""

    told_at: datetime
    told_wait_s: float
    """As it was estimated; he heard it in minutes."""
    left_at: datetime
    left: Left

    @property
    def waited_s(self) -> float:
        """From when he was told."""
        return max((self.left_at - self.told_at).total_seconds(), 0.0)

    @property
    def error_s(self) -> float:
        """Above 0: he was told more than came, as `callwright simulate` counts it."""
        return self.told_wait_s - self.waited_s


@dataclass(frozen=True, slots=True, kw_only=True)
class WaitAccuracy:
    """How true a queue's estimates were."""

    answered: int = 0
    """Callers who were told how long they would wait, and were answered."""
    not_answered: int = 0
    """… and were not: hung up, or went on to elsewhere."""
    typical_error_s: float | None = None
    """The median of the errors, whichever way they went; None while nobody was answered."""
    bias_s: float | None = None
    """The mean of the errors with their sign; above 0: callers were told more than came."""
    last: ToldWait | None = None
    """Of whom was answered last."""


def accuracy(told: Sequence[ToldWait]) -> WaitAccuracy:
    """Of these, in any order."""
    answered = [one for one in told if one.left is Left.ANSWERED]
    if not answered:
        return WaitAccuracy(not_answered=len(told))
    return WaitAccuracy(
        answered=len(answered),
        not_answered=len(told) - len(answered),
        typical_error_s=round(median(abs(one.error_s) for one in answered), 1),
        bias_s=round(fmean(one.error_s for one in answered), 1),
        last=max(answered, key=lambda one: one.left_at),
    )
