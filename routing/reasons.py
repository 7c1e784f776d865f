"""Why a call got this agent: kept with every decision, so that the console can say it in a sentence."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

from crm_core.kernel.ids import AgentId, QueueKey, SkillKey
from routing.values import quickly_made


class WhyWaiting(StrEnum):
    """Why a caller still waits: the most hopeful of what holds for the agents able to serve him."""

    BEING_OFFERED = "being_offered"
    FOR_A_FAMILIAR = "for_a_familiar"
    """For the one who knows him, who is busy; others are not asked yet."""
    ALL_BUSY = "all_busy"
    """Somebody able talks or finishes his paperwork."""
    HOUR_FULL = "hour_full"
    """Somebody able is ready, but has had his calls for this hour."""
    ALL_PAUSED = "all_paused"
    OTHER_SERVER = "other_server"
    """Somebody able is ready, but his phone is not registered where the caller is, only at other servers."""
    NOBODY_REACHABLE = "nobody_reachable"
    """Somebody able is ready, but his phone is not registered."""
    NOBODY_LOGGED_IN = "nobody_logged_in"
    DESKS_FULL = "desks_full"
    """Of a ticket: somebody able is ready, and has as many as he may have at once."""
    NO_TICKETS = "no_tickets"
    """Of a ticket: whoever is able and ready gets none by the rules."""
    HANDED_BACK = "handed_back"
    """Of a ticket: everybody who could do it has handed it back."""
    NO_SKILL = "no_skill"
    """Nobody of this queue has what is asked for, at work or not."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SkillMatch:
    skill: SkillKey
    asked: int
    """Lowest level the call asks for, 1 to 5."""
    has: int


class Tie(StrEnum):
    """Why an agent is familiar to a caller."""

    LAST_AGENT = "last_agent"
    """He was the last to talk with this customer."""
    OWNER = "owner"
    """He looks after this customer."""


class StepKind(StrEnum):
    """How a caller who has waited for long asks for less, or is heard by more."""

    LOWER = "lower"
    """A lower level of a skill is enough."""
    DROP = "drop"
    """The skill is not asked for any more."""
    WIDEN = "widen"
    """The agents of another queue may take him as well."""
    CALL_IN = "call_in"
    """… or the people of a department."""
    KEEP = "keep"
    """First of all he waits for the one who knows him."""
    OPEN_UP = "open_up"
    """… and now for anybody."""
    PLACE_BACK = "place_back"
    """He called again after he was cut off while waiting, and has his place back: his wait counts for longer."""


@quickly_made
@dataclass(frozen=True, slots=True, kw_only=True)
class StepTaken:
    """One step by which a caller's wish was relaxed."""

    kind: StepKind
    after_s: float
    """After so many seconds of waiting."""
    skill: SkillKey | None = None
    asked: int | None = None
    """The level asked for until then …"""
    level: int | None = None
    """… and the one that is enough from now on."""
    queue: QueueKey | None = None
    department: str | None = None
    agent: AgentId | None = None
    """Who knows him …"""
    tie: Tie | None = None
    """… and why …"""
    for_s: float | None = None
    """… and how long he waits for him at most, from the beginning; of `place_back`: how much longer his wait counts."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Exclusion:
    agent: AgentId
    why: str
    """`offline`, `busy`, `paused`, `wrap_up`, `hour_full` (and `has` had so many), `ticket` (works on one that calls do
    not interrupt), `desk_full` (of a ticket; `has` so many), `no_tickets`, `other_server`, `unreachable`, `skill`,
    `missed_this_call` …: stable codes."""
    skill: SkillKey | None = None
    asked: int | None = None
    has: int | None = None


@quickly_made
@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """Somebody who was free and able, and what counted for him: of what his queue does not look at nothing is kept."""

    agent: AgentId
    idle_s: float
    preferred: tuple[SkillMatch, ...] = ()
    """What the call prefers and he has; the first preference counts more than all that follow."""
    skill: int | None = None
    """Of `best_skill`: the sum of his levels in what the call asks for."""
    busy: float | None = None
    """Of `least_occupied`: the share of his time lately that he spent with calls, 0 to 1."""
    turn_s: float | None = None
    """Of `round_robin`: how long ago he took a call from a queue, or came."""
    place: int | None = None
    """Of `fixed_order`: his place in the queue's own order, from 1."""
    spare: int | None = None
    """Of `least_needed`: how many sit free, himself included, for the scarcest of the other callers he could serve;
    None: nobody else asks for what he can."""


@quickly_made
@dataclass(frozen=True, slots=True, kw_only=True)
class Because:
    """The reason of an offer."""

    rule: str
    """`best_skill`, `longest_idle`, `least_occupied`, `round_robin`, `fixed_order`, `least_needed`, `preferred`,
    `familiar`, `only_one`: what decided between the candidates; `ring_all`: nothing did, all of them are asked."""
    skills: tuple[SkillMatch, ...] = ()
    waited_s: float = 0.0
    idle_s: float = 0.0
    candidates: int = 1
    level: int | None = None
    """So many of them were level with the chosen one in what comes before the rule (what is preferred, skills); None:
    all of them."""
    excluded: tuple[Exclusion, ...] = field(default=())
    preferred: tuple[SkillMatch, ...] = ()
    """What was preferred and the chosen one has."""
    steps: tuple[StepTaken, ...] = ()
    """How the wish had been relaxed by then."""
    tie: Tie | None = None
    """Why he is `familiar`."""
    compared: tuple[Candidate, ...] = ()
    """Who else was free: the chosen one, and behind him the first of those who could have been asked instead, with what
    counted for each. Empty when there was nobody else. `candidates` counts those as well who are not named."""
