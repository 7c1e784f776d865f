"""A day as it was: who asked for a person, what became of him, and who was there to serve him.

What it cannot know it says so: whoever was answered would have waited for longer, nobody can tell for how long.
"""

from __future__ import annotations

from dataclasses import dataclass

from crm_core.kernel.ids import AgentId, QueueKey
from crm_core.kernel.requirements import NOTHING, Requirements
from routing.agents import Wish


@dataclass(frozen=True, slots=True, kw_only=True)
class Talk:
    """How long somebody was busy with a caller."""

    rang_s: float = 0.0
    """Until he took the call."""
    service_s: float
    """With whatever belongs to it: on hold, asking a colleague."""
    after_s: float = 0.0
    """Paperwork."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Visit:
    """Somebody asked for a person. Times are seconds since the day began."""

    at: float
    since: float
    """His place in the line; earlier than `at` when he brought some of his wait."""
    queue: QueueKey
    """Into which he came first."""
    requires: Requirements = NOTHING
    """He himself, beside what his queue asks for on behalf of everybody."""
    priority: int = 0
    waited_s: float
    """Until somebody spoke with him, he gave up, or the house let him go …"""
    gave_up: bool = False
    """… so his patience is known; else it was more than that."""
    talk: Talk | None = None
    """None: nobody spoke with him."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """From then on an agent was at work, on pause or away."""

    at: float
    agent: AgentId
    wish: Wish
    reachable: bool = True
    beside: bool = False
    """Busy with a call that no queue gave him."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Day:
    length_s: float
    visits: tuple[Visit, ...]
    """In order of time."""
    turns: tuple[Turn, ...]
    """In order of time; what held when the day began stands at 0."""

    @property
    def answered(self) -> int:
        return sum(visit.talk is not None for visit in self.visits)

    @property
    def gave_up(self) -> int:
        return sum(visit.gave_up for visit in self.visits)
