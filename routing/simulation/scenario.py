"""A floor on paper: who calls, how long it takes, who is there. What `callwright simulate` reads, by these very names.

Times of the day are written "08:30"; lengths are seconds, how long a run lasts is hours, arrivals are calls an hour.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import ClassVar

from crm_core.kernel.ids import AgentId, QueueKey, SkillKey
from routing.simulation.limits import Way, Why
from routing.strategies import StrategyName

DAY_S = 86_400.0
HOUR_S = 3_600.0


class Written:
    """Root of what stands in the document: a key it does not know is a mistake, and so is a number in quotes."""

    __slots__ = ()
    __pydantic_config__: ClassVar[dict[str, object]] = {"extra": "forbid", "strict": True, "allow_inf_nan": False}


class SpreadKind(StrEnum):
    EXPONENTIAL = "exponential"
    LOGNORMAL = "lognormal"
    DETERMINISTIC = "deterministic"
    """Always the mean."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Spread(Written):
    """How a length of time varies from call to call."""

    kind: SpreadKind = SpreadKind.EXPONENTIAL
    mean_s: float
    sd_s: float | None = None
    """Standard deviation; of `lognormal` only."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pace(Written):
    """From this time of the day on so many calls come an hour."""

    since: str
    per_hour: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Hours(Written):
    """From when to when, every day."""

    since: str
    until: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CallType(Written):
    """Callers who ask for the same. They come by exactly one of `per_hour`, `profile` and `arrivals`."""

    key: str
    queue: QueueKey
    requires: dict[SkillKey, int] = field(default_factory=dict)
    """Skill -> lowest level."""
    priority: int = 0
    per_hour: float | None = None
    """A Poisson stream."""
    profile: tuple[Pace, ...] = ()
    """A Poisson stream whose pace changes over the day; the last of the list holds until the first."""
    arrivals: tuple[float, ...] = ()
    """Recorded: seconds since the beginning of the run."""
    service: Spread
    after_call: Spread | None = None
    """Paperwork after the conversation."""
    patience: Spread | None = None
    """How long he waits before he hangs up; none: for ever."""

    @property
    def steady(self) -> bool:
        return self.per_hour is not None


class LessKind(StrEnum):
    """The words of `routing.reasons.StepKind` that can be agreed on."""

    LOWER = "lower"
    DROP = "drop"
    WIDEN = "widen"
    CALL_IN = "call_in"


@dataclass(frozen=True, slots=True, kw_only=True)
class Less(Written):
    """What changes for everybody who has waited for so long, as in the floor's documents."""

    after_s: float
    kind: LessKind
    skill: SkillKey | None = None
    level: int | None = None
    queue: QueueKey | None = None
    department: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class GoesOn(Written):
    """One step of where callers go who cannot wait here, as in the floor's documents."""

    kind: Way
    to: str
    when: tuple[Why, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Line(Written):
    """A queue of the floor."""

    key: QueueKey
    strategy: StrategyName = StrategyName.BEST_SKILL
    priority: int = 0
    crowd_s: float = 0.0
    """Everybody who waits for the same makes the first of them so many seconds more urgent."""
    ring_s: float = 20.0
    """How long a phone may ring before the call goes to the next agent."""
    places: int | None = None
    """How many may wait; who finds no free agent and no place is turned away."""
    within_s: float = 20.0
    """Answered within so many seconds counts for the service level."""
    wrap_up_limit_s: float | None = None
    """Paperwork ends by itself after so long."""
    ageing_s: float = 0.0
    """So many seconds of waiting make up for one level of priority; 0: none do."""
    weight: float = 1.0
    """As long as callers wait in several queues, they share the agents in this proportion."""
    relaxing: tuple[Less, ...] = ()
    """What is asked of agents who shall help when somebody waits for long."""
    max_waiting: int = 0
    """With so many in the line nobody else waits in it; 0: there is no limit."""
    max_per_hour: int = 0
    """So many callers it has answered within an hour at most; 0: there is no limit."""
    max_wait_s: float = 0.0
    """Nobody waits in it for longer; 0: there is no limit."""
    overflow_when: tuple[Why, ...] = ()
    """`nobody`, `paused`: then its callers go on too."""
    overflow: tuple[GoesOn, ...] = ()
    """Where those go who cannot wait here: the first step that is able to take one does."""
    skills: dict[SkillKey, int] = field(default_factory=dict)
    """What callers ask for whom another queue sends here …"""
    asks: str = ""
    """… and what beside it, where a list of levels does not say it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Team(Written):
    """So many agents who can the same and work the same hours."""

    key: AgentId
    count: int = 1
    skills: dict[SkillKey, int] = field(default_factory=dict)
    queues: tuple[QueueKey, ...]
    department: str = ""
    """Whose people a step of `relaxing` may call in."""
    calls_per_hour: int | None = None
    """More no one of them takes within an hour."""
    ring_s: float = 0.0
    """How long the phone rings until they take the call."""
    shift: Hours | None = None
    """None: always there."""
    breaks: tuple[Hours, ...] = ()

    @property
    def members(self) -> tuple[AgentId, ...]:
        return (self.key,) if self.count == 1 else tuple(AgentId(f"{self.key}-{n}") for n in range(1, self.count + 1))


@dataclass(frozen=True, slots=True, kw_only=True)
class Scenario(Written):
    name: str = ""
    seed: int = 1
    runs: int = 5
    hours: float
    """So long calls come in; those who are there then are still served."""
    warm_up_hours: float = 0.0
    """The beginning of a run, which is not counted: the floor begins empty."""
    starts: str = "00:00"
    """The time of the day when a run begins."""
    places: int | None = None
    """How many may wait on the whole floor."""
    queues: tuple[Line, ...]
    call_types: tuple[CallType, ...]
    agents: tuple[Team, ...]

    @property
    def length_s(self) -> float:
        return self.hours * HOUR_S

    @property
    def warm_up_s(self) -> float:
        return self.warm_up_hours * HOUR_S

    @property
    def headcount(self) -> int:
        return sum(team.count for team in self.agents)


def time_of_day(text: str) -> float | None:
    """Seconds since midnight of "08:30"; None when it is no such time. "24:00" is the end of the day."""
    hours, colon, minutes = text.partition(":")
    if not (colon and hours.isascii() and hours.isdigit() and minutes.isascii() and minutes.isdigit()):
        return None
    if len(hours) > 2 or len(minutes) != 2 or int(minutes) > 59:
        return None
    seconds = int(hours) * 3600 + int(minutes) * 60
    return float(seconds) if seconds <= DAY_S else None
