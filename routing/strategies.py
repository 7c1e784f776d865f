"""Which of several free and able agents gets the call. A new way is one more class and one line in STRATEGIES.

A strategy turns a candidate into a rank: a tuple that is compared, the smallest wins. A rank may only use what stays as
it is while the agent sits idle (how well he fits, what he did before), because idle agents are kept sorted by it.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from types import MappingProxyType
from typing import Any, NamedTuple, Protocol

from crm_core.kernel.ids import AgentId
from routing.occupancy import Occupancy
from routing.reasons import Candidate, SkillMatch

Liked = tuple[SkillMatch, ...]
"""What a candidate has of what the caller prefers."""
Rank = tuple[Any, ...]


class StrategyName(StrEnum):
    BEST_SKILL = "best_skill"
    """The best fit; among equals the longest idle."""
    LONGEST_IDLE = "longest_idle"
    """Whoever has waited longest, as long as he is able."""
    LEAST_OCCUPIED = "least_occupied"
    """Whoever spent least of his time lately with calls and their paperwork; among equals the longest idle."""
    ROUND_ROBIN = "round_robin"
    """In turn: whoever took a call from a queue longest ago, however long it lasted."""
    FIXED_ORDER = "fixed_order"
    """The first of the queue's own order who is free."""
    LEAST_NEEDED = "least_needed"
    """Whoever is missed least by the other callers he could serve; among equals the longest idle. Where agents can
    different things it comes nearest to everybody being able to do everything (docs/benchmarks.md)."""
    RING_ALL = "ring_all"
    """Everybody who is free and able at once: the first to answer has the call. (Of what rings no phone, a ticket, or
    rings the agent's before the customer's, a callback, only the longest idle is asked.)"""


class Idle(NamedTuple):
    """What an agent brings along to the bench; it stays as it is until he gets up."""

    since: datetime
    busy: float = 0.0
    """The larger, the more of his time lately was spent with calls: `Occupancy.rank`."""
    turn: datetime | None = None
    """When he took the last call from a queue, or came; None: as long ago as he is idle."""


class Strategy(Protocol):
    looks_around: bool
    """Whether those who sit free are compared by who else could serve what each of them could; then the rank decides
    between equals only."""

    def rank(self, mastery: int, idle: Idle, place: int) -> Rank:
        """Smaller is better. `mastery` is the sum of the agent's levels in what the call asks for, `place` his in the
        queue's own order."""
        ...

    def rule(self, winner: Rank, runner_up: Rank) -> str:
        """What decided between the two: a stable code for `Because.rule`."""
        ...

    def candidate(self, agent: AgentId, rank: Rank, liked: Liked, now: datetime) -> Candidate:
        """What the rank says, to be kept with a decision of this moment."""
        ...


def _past(since: datetime, now: datetime) -> float:
    return (now - since).total_seconds() if now > since else 0.0


class BestSkill:
    looks_around = False

    def rank(self, mastery: int, idle: Idle, place: int) -> Rank:
        return (-mastery, idle.since)

    def rule(self, winner: Rank, runner_up: Rank) -> str:
        return "best_skill" if winner[0] != runner_up[0] else "longest_idle"

    def candidate(self, agent: AgentId, rank: Rank, liked: Liked, now: datetime) -> Candidate:
        return Candidate(agent=agent, idle_s=_past(rank[1], now), preferred=liked, skill=-rank[0])


class LongestIdle:
    looks_around = False

    def rank(self, mastery: int, idle: Idle, place: int) -> Rank:
        return (idle.since,)

    def rule(self, winner: Rank, runner_up: Rank) -> str:
        return "longest_idle"

    def candidate(self, agent: AgentId, rank: Rank, liked: Liked, now: datetime) -> Candidate:
        return Candidate(agent=agent, idle_s=_past(rank[0], now), preferred=liked)


class LeastOccupied:
    looks_around = False

    def rank(self, mastery: int, idle: Idle, place: int) -> Rank:
        return (idle.busy, idle.since)

    def rule(self, winner: Rank, runner_up: Rank) -> str:
        return "least_occupied" if winner[0] != runner_up[0] else "longest_idle"

    def candidate(self, agent: AgentId, rank: Rank, liked: Liked, now: datetime) -> Candidate:
        busy = Occupancy.share_at(rank[0], now)
        return Candidate(agent=agent, idle_s=_past(rank[1], now), preferred=liked, busy=busy)


class RoundRobin:
    looks_around = False

    def rank(self, mastery: int, idle: Idle, place: int) -> Rank:
        return (idle.turn or idle.since, idle.since)

    def rule(self, winner: Rank, runner_up: Rank) -> str:
        return "round_robin" if winner[0] != runner_up[0] else "longest_idle"

    def candidate(self, agent: AgentId, rank: Rank, liked: Liked, now: datetime) -> Candidate:
        turn_s = _past(rank[0], now)
        return Candidate(agent=agent, idle_s=_past(rank[1], now), preferred=liked, turn_s=turn_s)


class FixedOrder:
    looks_around = False

    def rank(self, mastery: int, idle: Idle, place: int) -> Rank:
        return (place, idle.since)

    def rule(self, winner: Rank, runner_up: Rank) -> str:
        return "fixed_order" if winner[0] != runner_up[0] else "longest_idle"

    def candidate(self, agent: AgentId, rank: Rank, liked: Liked, now: datetime) -> Candidate:
        return Candidate(agent=agent, idle_s=_past(rank[1], now), preferred=liked, place=rank[0] + 1)


class LeastNeeded(LongestIdle):
    looks_around = True


STRATEGIES: Mapping[StrategyName, Strategy] = MappingProxyType(
    {
        StrategyName.BEST_SKILL: BestSkill(),
        StrategyName.LONGEST_IDLE: LongestIdle(),
        StrategyName.LEAST_OCCUPIED: LeastOccupied(),
        StrategyName.ROUND_ROBIN: RoundRobin(),
        StrategyName.FIXED_ORDER: FixedOrder(),
        StrategyName.LEAST_NEEDED: LeastNeeded(),
        StrategyName.RING_ALL: LongestIdle(),
    }
)
