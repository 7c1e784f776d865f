"""The plan of the floor: which queues there are, who may serve them, which numbers lead where."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from crm_core.domain.calendars import Calendars
from crm_core.domain.opening import OpeningHours
from crm_core.domain.overflow import Overflow, OverflowWhy
from crm_core.domain.users import PhoneKind, Role
from crm_core.kernel.ids import AgentId, QueueKey, SkillKey, UserId
from crm_core.kernel.requirements import Requirements, asking
from crm_core.kernel.requirements_text import read

Names = dict[str, str]
"""Language -> words."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Department:
    key: str
    names: Names


@dataclass(frozen=True, slots=True, kw_only=True)
class Skill:
    key: SkillKey
    names: Names


class RelaxationKind(StrEnum):
    LOWER = "lower"
    """Level `level` of `skill` is enough."""
    DROP = "drop"
    """`skill` is not asked for any more."""
    WIDEN = "widen"
    """The agents of `queue` may take the call as well."""
    CALL_IN = "call_in"
    """… or the people of `department`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Relaxation:
    """What changes for everybody who has waited in a queue for so long. Fields its kind has no use for are None."""

    after_s: int
    kind: RelaxationKind
    skill: SkillKey | None = None
    level: int | None = None
    queue: QueueKey | None = None
    department: str | None = None


class Strategy(StrEnum):
    """Who of several free and able agents is asked."""

    BEST_SKILL = "best_skill"
    """Who masters best what the call asks for; among equals who has been free longest."""
    LONGEST_IDLE = "longest_idle"
    """Who has been free longest."""
    LEAST_OCCUPIED = "least_occupied"
    """Who spent least of his time lately with calls and their paperwork."""
    ROUND_ROBIN = "round_robin"
    """Each in his turn: whoever took a call longest ago."""
    FIXED_ORDER = "fixed_order"
    """The first of `ring_order` who is free."""
    LEAST_NEEDED = "least_needed"
    """Who is missed least by the other callers he could serve."""
    RING_ALL = "ring_all"
    """All of them at once: the first to answer has the call."""


class Announced(StrEnum):
    """What a caller who waits is told, again and again."""

    POSITION = "position"
    """How many are served before him, as things stand at that moment."""
    WAIT = "wait"
    """How long that will take, as far as anybody can tell."""


class Sticky(StrEnum):
    """Whether somebody who knows the customer goes before others."""

    NOBODY = "nobody"
    LAST_AGENT = "last_agent"
    """Who last talked with the customer; where nobody knows whose number it is, with whoever called from it."""
    OWNER = "owner"
    """Who looks after the customer; of one whom nobody looks after, `last_agent`."""


class Paperwork(StrEnum):
    """What is to be done after a call before its agent gets the next one."""

    NONE = "none"
    """Nothing: he is free at once."""
    OPTIONAL = "optional"
    """He has time for it until he says that he is done, whatever he has written."""
    MANDATORY = "mandatory"
    """He has to say what came of the call before he is free, or the limit sets him free."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Queue:
    key: QueueKey
    names: Names
    department: str | None = None
    ring_s: int = 20
    """How long one agent's phone rings."""
    wrap_up_s: int = 60
    """Shown as the target of the wrap-up timer. 0, where it is optional: there is none."""
    wrap_up: Paperwork = Paperwork.OPTIONAL
    wrap_up_limit_s: int = 0
    """Of a mandatory one: after so long he is free, done or not; 0: nobody is thrown out of his paperwork."""
    service_level_s: int = 20
    """Answered within this counts as in time …"""
    service_level_percent: int = 80
    """… and of a hundred callers so many shall be."""
    priority: int = 0
    skills: dict[SkillKey, int] = field(default_factory=dict)
    """What a call straight into this queue asks for when nothing else was said."""
    recorded: bool = True
    """Whether its conversations are recorded."""
    asks: str = ""
    """… and what it asks for beside `skills`, where a list of levels does not say it: `zh >= 2 or en >= 3`."""
    relaxing: tuple[Relaxation, ...] = ()
    """What is asked of agents who shall help when somebody waits for long."""
    strategy: Strategy = Strategy.BEST_SKILL
    ring_order: tuple[str, ...] = ()
    """Extensions, of `fixed_order`; who is not named comes after them, the lowest extension first."""
    crowd_s: int = 0
    """Everybody who waits for the same makes the first of them so many seconds more urgent. 0: age alone counts."""
    sticky: Sticky = Sticky.NOBODY
    sticky_s: int = 20
    """So long a caller waits for the one who knows him, if he is busy; 0: he is asked only when he is free."""
    ageing_s: int = 60
    """So many seconds of waiting make up for one level of priority, so that nobody waits for ever; 0: none do."""
    weight: int = 1
    """As long as callers wait in several queues, they share the agents in this proportion."""
    max_waiting: int = 0
    """With so many in the line nobody else waits in it; 0: there is no limit."""
    max_per_hour: int = 0
    """So many callers it has answered within an hour at most; 0: there is no limit."""
    max_wait_s: int = 0
    """Nobody waits in it for longer; 0: there is no limit."""
    overflow_when: tuple[OverflowWhy, ...] = ()
    """`nobody`, `paused`: then its callers go on too, else they wait for somebody to come (back)."""
    open_hours: OpeningHours | None = None
    """Whoever comes outside of them goes on; None: it is always open."""
    calendar: str | None = None
    """Instead of hours of its own, the calendar of the house by which it opens and closes."""
    overflow: tuple[Overflow, ...] = ()
    """Where those go who cannot wait here: the first step that is able to take one does."""
    place_back_s: int = 0
    """Whoever was cut off while waiting and calls again within so many seconds has his place back; 0: nobody has."""
    misses_to_pause: int = 1
    """Who has let so many calls of it in a row ring in vain is put on pause."""
    announce: tuple[Announced, ...] = ()
    """What those who wait are told …"""
    comfort: str = ""
    """… and which prompt they hear after it; empty: none."""
    announce_first_s: int = 15
    """After so long in the line for the first time …"""
    announce_every_s: int = 45
    """… and then again and again."""
    after_call: str = ""
    """The menu for callers who stay on the line when their agent has hung up; empty: none, the call is over."""
    callback_tries: int = 0
    """Whoever would rather be called back keeps his place, and is called so often until he is reached; 0: nobody is."""
    callback_retry_s: int = 300
    """So long after a call in vain the next is made."""
    callback_key: str = ""
    """The key by which who waits asks for it; empty: none."""
    message_key: str = ""
    """… and by which he leaves a message instead."""
    ticket_yield_s: int = 4 * 3600
    """A ticket goes behind the calls that come within so many seconds after it; 0: behind those before it only."""
    tickets_undisturbed: bool = False
    """Whoever works on a ticket of it gets no calls meanwhile."""
    music: tuple[str, ...] = ()
    """Recordings that its callers hear while they wait, and are on hold, one after the other; empty: the house's."""

    @property
    def paperwork(self) -> Paperwork:
        """As it holds: what shall take no time at all is none."""
        return Paperwork.NONE if self.wrap_up is Paperwork.OPTIONAL and not self.wrap_up_s else self.wrap_up

    @property
    def wish(self) -> Requirements:
        """`skills` and `asks` together, as calls ask for it."""
        return asking(self.skills).and_also(read(self.asks))


@dataclass(frozen=True, slots=True, kw_only=True)
class QueueVersion:
    """A queue as it was agreed once."""

    version: int
    queue: Queue
    at: datetime | None = None
    """None: before changes were kept."""
    by: UserId | None = None
    """None: from the command line, or by the house itself."""


class DidTarget(StrEnum):
    IVR = "ivr"
    QUEUE = "queue"


@dataclass(frozen=True, slots=True, kw_only=True)
class Did:
    """A number of ours that callers dial, and where it leads."""

    number: str
    target: DidTarget
    to: str
    """The flow's name or the queue's key."""
    names: Names = field(default_factory=dict)
    answer: bool = True
    """Take the call at once: the caller hears music. Else it rings for him, free of charge, until an agent answers.
    A menu always takes it at once."""
    open_hours: OpeningHours | None = None
    """Of a number that leads into a menu: outside of them its callers go to `closed_to`."""
    calendar: str | None = None
    """Instead of hours of its own, a calendar of the house."""
    closed_to: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class FloorAgent:
    """Somebody with a phone."""

    id: AgentId
    login: str
    name: str
    name_en: str
    role: Role
    extension: str
    sip_secret: str = field(repr=False)
    phone_kind: PhoneKind
    department: str | None
    skills: dict[SkillKey, int]
    """Those that hold today."""
    queues: tuple[QueueKey, ...]
    calls_per_hour: int | None = None
    tickets_at_once: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class HouseRules:
    """What holds for the whole house."""

    recording_pause_s: int = 60
    """After so long a paused recording goes on by itself; 300 at most."""
    outbound_recorded: bool = True
    """Whether conversations are recorded that an agent began by calling a number outside. What comes from a
    queue goes by that queue."""
    parking_s: int = 60
    """So long a customer is parked before he goes back to the agent who parked him."""
    parking_first: int = 701
    """The parking lot: the number of its first place, which agents dial to fetch who is there …"""
    parking_last: int = 720
    """… and of its last."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FloorPlan:
    agents: tuple[FloorAgent, ...]
    """Every enabled user with an extension, by extension. Without queues he has a phone and gets no queue calls."""
    skills: tuple[Skill, ...]
    queues: tuple[Queue, ...]
    dids: tuple[Did, ...]
    departments: tuple[Department, ...]
    rules: HouseRules = field(default_factory=HouseRules)
    until: datetime | None = None
    """When the day is over for which it was read: another day, other skills may hold."""
    timezone: str = "UTC"
    """By whose clocks queues open and close."""
    revision: str = ""
    """Another one after each change of it."""
    calendars: Calendars = field(default_factory=dict)
    """By which queues and numbers open and close that have no hours of their own."""
