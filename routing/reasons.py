"""Why a call got this agent: kept with every decision, so that the console can say it in a sentence."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

from crm_core.kernel.ids import AgentId, SkillKey


class WhyWaiting(StrEnum):
    """Why a caller still waits: the most hopeful of what holds for the agents able to serve him."""

    BEING_OFFERED = "being_offered"
    ALL_BUSY = "all_busy"
    """Somebody able talks or finishes his paperwork."""
    ALL_PAUSED = "all_paused"
    NOBODY_REACHABLE = "nobody_reachable"
    """Somebody able is ready, but his phone is not registered."""
    NOBODY_LOGGED_IN = "nobody_logged_in"
    NO_SKILL = "no_skill"
    """Nobody of this queue has what is asked for, at work or not."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SkillMatch:
    skill: SkillKey
    asked: int
    """Lowest level the call asks for, 1 to 5."""
    has: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Exclusion:
    agent: AgentId
    why: str
    """`offline`, `busy`, `paused`, `wrap_up`, `unreachable`, `skill`, `missed_this_call` …: stable codes."""
    skill: SkillKey | None = None
    asked: int | None = None
    has: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Because:
    """The reason of an offer."""

    rule: str
    """`best_skill`, `longest_idle`, `only_one`: what decided between the candidates."""
    skills: tuple[SkillMatch, ...] = ()
    waited_s: float = 0.0
    idle_s: float = 0.0
    candidates: int = 1
    excluded: tuple[Exclusion, ...] = field(default=())
