"""Which of several free and able agents gets the call. A new way is one more class and one line in STRATEGIES.

A strategy turns a candidate into a rank: a tuple that is compared, the smallest wins. A rank may only use what stays as
it is while the agent sits idle (how well he fits, since when he is idle), because idle agents are kept sorted by it.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from types import MappingProxyType
from typing import Any, Protocol

Rank = tuple[Any, ...]


class StrategyName(StrEnum):
    BEST_SKILL = "best_skill"
    """The best fit; among equals the longest idle."""
    LONGEST_IDLE = "longest_idle"
    """Whoever has waited longest, as long as he is able."""
    LEAST_NEEDED = "least_needed"
    """Whoever is missed least by the other callers he could serve; among equals the longest idle. Where agents can
    different things it comes nearest to everybody being able to do everything (docs/benchmarks.md)."""


class Strategy(Protocol):
    looks_around: bool
    """Whether those who sit free are compared by who else could serve what each of them could; then the rank decides
    between equals only."""

    def rank(self, mastery: int, idle_since: datetime) -> Rank:
        """Smaller is better. `mastery` is the sum of the agent's levels in what the call asks for."""
        ...

    def rule(self, winner: Rank, runner_up: Rank) -> str:
        """What decided between the two: a stable code for `Because.rule`."""
        ...


class BestSkill:
    looks_around = False

    def rank(self, mastery: int, idle_since: datetime) -> Rank:
        return (-mastery, idle_since)

    def rule(self, winner: Rank, runner_up: Rank) -> str:
        return "best_skill" if winner[0] != runner_up[0] else "longest_idle"


class LongestIdle:
    looks_around = False

    def rank(self, mastery: int, idle_since: datetime) -> Rank:
        return (idle_since,)

    def rule(self, winner: Rank, runner_up: Rank) -> str:
        return "longest_idle"


class LeastNeeded(LongestIdle):
    looks_around = True


STRATEGIES: Mapping[StrategyName, Strategy] = MappingProxyType(
    {
        StrategyName.BEST_SKILL: BestSkill(),
        StrategyName.LONGEST_IDLE: LongestIdle(),
        StrategyName.LEAST_NEEDED: LeastNeeded(),
    }
)
