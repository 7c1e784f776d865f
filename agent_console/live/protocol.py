"""What the server says to the live screens, as JSON; the board's part is in `board_protocol`, wishes in `asks`. Pure.

The messages carry no translated words except answers (`Answer.sentence`): names come in every language, so
that one serialised message serves all its readers. The browser's half is `frontend/src/lib/protocol.ts`.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, ClassVar

from pydantic import TypeAdapter

from agent_console.live.control_protocol import Control
from agent_console.live.screen_pop import ScreenPop
from crm_core.domain.floor import Paperwork
from crm_core.kernel.ids import AgentId, CallbackId, CallId, CustomerId, OfferId, QueueKey, TicketId
from routing.reasons import Because
from routing.states import AgentState

VERSION = 1
Names = dict[str, str]
"""Language -> words."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """Root of the server's messages; `t` says which one."""

    t: ClassVar[str] = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Me:
    id: str
    login: str
    names: Names
    role: str
    extension: str
    directs: bool
    """May set other agents' states."""
    monitors: bool = False
    """May be in other agents' calls."""
    not_mine: tuple[AgentId, ...] = ()
    """… but not these agents': other departments look after them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PhoneAt:
    """One Asterisk that the browser's phone registers at."""

    name: str
    """Empty where it is the only one."""
    url: str
    domain: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Phone:
    """What the browser's phone needs to register; `kind` sip means that a phone of another make rings."""

    kind: str
    url: str = ""
    """The first of the servers; with `domain` for pages that are older than several servers."""
    user: str = ""
    password: str = field(default="", repr=False)
    domain: str = ""
    holder: str = ""
    """The browser that holds the phone now."""
    servers: tuple[PhoneAt, ...] = ()
    """It registers at each; a call may come from any of them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnState:
    state: AgentState
    since: datetime
    reason: str = ""
    call: CallId | None = None
    reachable: bool = False
    wrap_up_until: datetime | None = None
    """Of paperwork with a limit: when it ends by itself."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PathStep:
    node: str
    entered: str = ""
    label: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Party:
    """Somebody in a call: a colleague, a queue, or a number."""

    number: str
    """As it was dialled; of a queue its key."""
    agent: AgentId | None = None
    shown: Names = field(default_factory=dict)
    """The number as people write it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseTransfer:
    """What became of a transfer from this desk, or to it."""

    kind: str
    outcome: str
    by: Party
    to: Party


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseNote:
    """What a colleague has written about this call, or is writing."""

    by: AgentId
    note: str
    disposition: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class About:
    """The customer a colleague has put on hold while he asks on another line of his phone."""

    call: CallId
    customer: CustomerId | None = None
    names: Names = field(default_factory=dict)
    shown: Names = field(default_factory=dict)
    queue: QueueKey | None = None
    intent: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseCallback:
    of: CallId
    """The call in which he asked for it …"""
    promised_at: datetime
    """… and when."""
    tries: int
    """How often he was called in vain since."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One call on one agent's desk, from the first ringing or dialling to the end of its paperwork."""

    call: CallId
    phase: str
    """`offered`, `ringing`, `dialling`, `far_ringing`, `talking`, `held`, `wrap_up`, `missed`, `done`."""
    since: datetime
    """Of the phase."""
    ani: str = ""
    ani_name: str = ""
    shown: Names = field(default_factory=dict)
    """The number as people write it."""
    dnis: str = ""
    offer: OfferId | None = None
    queue: QueueKey | None = None
    language: str = ""
    intent: str = ""
    because: Because | None = None
    path: tuple[PathStep, ...] = ()
    arrived_at: datetime | None = None
    offered_at: datetime | None = None
    connected_at: datetime | None = None
    ended_at: datetime | None = None
    why_missed: str = ""
    unreached: str = ""
    taken_by: AgentId | None = None
    """The colleague who was quicker, where all phones rang."""
    by_safety_queue: bool = False
    direction: str = "inbound"
    colleague: AgentId | None = None
    """Between colleagues: the other one …"""
    about: About | None = None
    """… and whom he asks about."""
    rings_for: str = "call"
    """`call`, `transfer`, `consultation`, `recall`: how it came here, when nobody offered it."""
    sent_by: Party | None = None
    """Who gave it to this desk, or asks here for advice."""
    callback: CaseCallback | None = None
    """The customer had asked to be called back, and this is the call."""
    advice: bool = False
    """I have left the customer with the music, to ask somebody."""
    transfer: CaseTransfer | None = None
    notes: tuple[CaseNote, ...] = ()
    """Of the colleagues who had this call before, or have it too."""
    pop: ScreenPop | None = None
    """None while the look-up is still under way."""
    draft: dict[str, Any] | None = None
    """What was typed so far, for another tab or browser."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkTicket:
    id: TicketId
    number: str
    subject: str
    status: str
    priority: str
    customer: Names
    updated_at: datetime
    queue: QueueKey | None = None
    """Of whose line it is; done, the agent gets the next one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkCallback:
    id: CallbackId
    shown: Names
    due_at: datetime
    why: str
    customer: Names
    mine: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class MissedCall:
    call: CallId
    at: datetime
    shown: Names
    customer: Names
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Work:
    """The left column: what waits for this agent."""

    tickets: tuple[WorkTicket, ...] = ()
    callbacks: tuple[WorkCallback, ...] = ()
    missed: tuple[MissedCall, ...] = ()
    all_tickets: int = 0
    """How many there are; the list above has the first of them. So below."""
    all_callbacks: int = 0
    all_missed: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class TicketAsk:
    """The agent is asked to take this ticket out of the line."""

    ticket: TicketId
    number: str
    subject: str
    description: str
    priority: str
    customer: Names
    queue: QueueKey | None
    since: datetime
    """It waits since then …"""
    until: datetime
    """… and somebody else is asked after that."""
    because: Because


@dataclass(frozen=True, slots=True, kw_only=True)
class DispositionChoice:
    code: str
    path: tuple[Names, ...]
    """Names from the root to the leaf."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Vocabulary:
    """Names of things that messages mention by key."""

    queues: dict[str, Names] = field(default_factory=dict)
    skills: dict[str, Names] = field(default_factory=dict)
    dids: dict[str, Names] = field(default_factory=dict)
    agents: dict[str, Names] = field(default_factory=dict)
    departments: dict[str, Names] = field(default_factory=dict)
    wrap_up_s: dict[str, int] = field(default_factory=dict)
    """Queue -> the time a wrap-up should take."""
    wrap_up: dict[str, Paperwork] = field(default_factory=dict)
    """Queue -> whether he has to say what came of a call."""
    service_level_s: dict[str, int] = field(default_factory=dict)
    """Queue -> answered within this is in time …"""
    service_level_percent: dict[str, int] = field(default_factory=dict)
    """… and so many of a hundred shall be."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Hello(Told):
    """Everything a screen needs to stand where it stood before a reload."""

    t: ClassVar[str] = "hello"
    at: datetime
    zone: str
    me: Me
    vocabulary: Vocabulary
    links: dict[str, bool]
    """Server -> whether its line is up. Empty: the telephony part has not said anything yet."""
    demo: bool = False
    phone: Phone | None = None
    agent: OwnState | None = None
    cases: tuple[Case, ...] = ()
    work: Work | None = None
    dispositions: tuple[DispositionChoice, ...] = ()
    control: Control | None = None
    ticket_ask: TicketAsk | None = None
    version: int = VERSION


@dataclass(frozen=True, slots=True, kw_only=True)
class AgentSaid(Told):
    t: ClassVar[str] = "agent"
    agent: OwnState


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseSaid(Told):
    """A case is new or has changed; it comes whole."""

    t: ClassVar[str] = "case"
    case: Case


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkSaid(Told):
    t: ClassVar[str] = "work"
    work: Work


@dataclass(frozen=True, slots=True, kw_only=True)
class TicketAskSaid(Told):
    """Which ticket the agent is asked to take; none any more."""

    t: ClassVar[str] = "ticket_ask"
    ask: TicketAsk | None


@dataclass(frozen=True, slots=True, kw_only=True)
class LinksSaid(Told):
    t: ClassVar[str] = "links"
    links: dict[str, bool]


@dataclass(frozen=True, slots=True, kw_only=True)
class PhoneHolder(Told):
    """Which browser holds this agent's phone."""

    t: ClassVar[str] = "phone_holder"
    holder: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PhonePushedOut(Told):
    """Another phone has registered in place of the one that had done so under this name."""

    t: ClassVar[str] = "phone_pushed_out"
    contact: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ControlSaid(Told):
    """What is under way in the agent's calls beside the conversations, and who is parked; it comes whole."""

    t: ClassVar[str] = "control"
    control: Control


@dataclass(frozen=True, slots=True, kw_only=True)
class PhoneDo(Told):
    """To the browser that is the phone: do this, and answer with `phone_obeyed`."""

    t: ClassVar[str] = "phone_do"
    order: str
    call: CallId
    what: str
    """`answer`, `hold`, `resume`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DraftSaid(Told):
    """Another screen of the same agent typed this."""

    t: ClassVar[str] = "draft"
    call: CallId
    draft: dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class CallSaid(Told):
    """One thing that happened to a call this screen follows."""

    t: ClassVar[str] = "call"
    call: CallId
    topic: str
    at: datetime
    event: dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Tick(Told):
    """I am still here, and this is the time."""

    t: ClassVar[str] = "tick"
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer(Told):
    """The result of one wish; `sentence` is in the asker's language and says why not."""

    t: ClassVar[str] = "answer"
    id: str
    ok: bool
    code: str = ""
    sentence: str = ""
    field: str = ""
    value: Any = None


_ADAPTERS: dict[type[Told], TypeAdapter[Any]] = {}


def _adapter(kind: type[Told]) -> TypeAdapter[Any]:
    if kind not in _ADAPTERS:
        _ADAPTERS[kind] = TypeAdapter(kind)
    return _ADAPTERS[kind]


def encode(message: Told) -> str:
    """One line of JSON, the type in `t`."""
    body = _adapter(type(message)).dump_json(message)
    return '{"t":"' + message.t + '",' + body[1:].decode()
