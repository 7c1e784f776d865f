"""How much of his time an agent spent with calls lately: what was an hour ago counts less than what has just been."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from math import exp, inf, log

MEMORY_S = 1800.0
"""After so long a minute counts e times less. It fades alike for everybody: who is idle keeps his place beside others
who are."""


@dataclass(slots=True, kw_only=True, eq=False)
class Occupancy:
    at: datetime
    """When it was looked at last …"""
    share: float = 0.0
    """… and what it was then: 0 for no call in living memory, 1 for nothing but calls."""

    def passed(self, now: datetime, *, busy: bool) -> None:
        """Since it was looked at he was busy, or was not."""
        kept = exp(-max((now - self.at).total_seconds(), 0.0) / MEMORY_S)
        self.share = self.share * kept + (1 - kept if busy else 0.0)
        self.at = now

    def remembers(self, worked: Iterable[tuple[datetime, datetime]], now: datetime) -> None:
        """He was busy from the one moment to the other each time, in this order; two calls at once are no more work."""
        for since, until in worked:
            if self.share == 0.0:
                self.at = since
            if until > self.at:
                self.passed(max(since, self.at), busy=False)
                self.passed(until, busy=True)
        self.passed(now, busy=False)

    @staticmethod
    def share_at(rank: float, now: datetime) -> float:
        """What a share of this rank has faded to, of somebody who was idle since."""
        return min(exp(rank - now.timestamp() / MEMORY_S), 1.0)

    @property
    def rank(self) -> float:
        """Compares with that of others, whenever each was looked at last, as the shares would at one moment."""
        return log(self.share) + self.at.timestamp() / MEMORY_S if self.share > 0 else -inf
