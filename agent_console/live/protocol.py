"""What the live screens and the server say to each other: every message both ways, as JSON. Pure.

The server's messages carry no translated words except answers (`Answer.sentence`): names come in every language, so
that one serialised message serves all its readers. The browser's half is `frontend/src/lib/protocol.ts`.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Annotated, Any, ClassVar, Final, Literal

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from agent_console.live.control_protocol import (
    AnyControlAsk,
    AskBase,
    Control,
    ListTargetsAsk,
    Monitoring,
    ParkedCall,
    PhoneObeyedAsk,
)
from agent_console.live.screen_pop import ScreenPop
from crm_core.domain.customers import CustomerKind
from crm_core.domain.tickets import TicketPriority, TicketType
from crm_core.kernel.ids import AgentId, CallbackId, CallId, ContactId, CustomerId, OfferId, QueueKey, TicketId
from cti.events import LiveCall, WaitingCall, wish_of
from routing.reasons import Because, StepTaken
from routing.states import AgentState

VERSION = 1
Names = dict[str, str]
"""Language -> words."""

# The server speaks ----------------------------------------------------------------------------------------------------


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


@dataclass(frozen=True, slots=True, kw_only=True)
class Phone:
    """What the browser's phone needs to register; `kind` sip means that a phone of another make rings."""

    kind: str
    url: str = ""
    user: str = ""
    password: str = field(default="", repr=False)
    domain: str = ""
    holder: str = ""
    """The browser that holds the phone now."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnState:
    state: AgentState
    since: datetime
    reason: str = ""
    call: CallId | None = None
    reachable: bool = False


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
    service_level_s: dict[str, int] = field(default_factory=dict)


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
class LinksSaid(Told):
    t: ClassVar[str] = "links"
    links: dict[str, bool]


@dataclass(frozen=True, slots=True, kw_only=True)
class PhoneHolder(Told):
    """Which browser holds this agent's phone."""

    t: ClassVar[str] = "phone_holder"
    holder: str


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


@dataclass(frozen=True, slots=True, kw_only=True)
class BoardQueue:
    queue: QueueKey
    names: Names
    waiting: int
    oldest: datetime | None
    """Since when the longest waiting caller waits."""
    ready: int
    signed_in: int


@dataclass(frozen=True, slots=True, kw_only=True)
class BoardWaiting:
    call: CallId
    queue: QueueKey
    since: datetime
    shown: Names
    customer: Names
    priority: int
    requires: dict[str, int]
    offered_to: AgentId | None
    why: str
    ways: tuple[dict[str, int], ...] = ()
    """Where one of several ways is enough: each. `requires` holds what they have in common."""
    steps: tuple[StepTaken, ...] = ()
    """How his wish was relaxed while he waited."""

    @classmethod
    def of(cls, row: WaitingCall, shown: Names, customer: Names) -> BoardWaiting:
        ways = wish_of(row.asks, row.requires).ways
        return cls(
            call=row.call,
            queue=row.queue,
            since=row.since,
            shown=shown,
            customer=customer,
            priority=row.priority,
            requires=row.requires,
            offered_to=row.offered_to,
            why=row.why_waiting,
            ways=tuple({str(skill): level for skill, level in way} for way in ways) if len(ways) > 1 else (),
            steps=row.steps,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class BoardAgent:
    agent: AgentId
    extension: str
    state: AgentState
    since: datetime
    reason: str
    call: CallId | None
    reachable: bool
    queues: tuple[QueueKey, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class BoardCall:
    call: CallId
    direction: str
    shown: Names
    customer: Names
    since: datetime
    phase: str
    queue: QueueKey | None
    agent: AgentId | None
    connected_at: datetime | None
    monitored: tuple[Monitoring, ...] = ()

    @classmethod
    def of(cls, row: LiveCall, shown: Names, customer: Names) -> BoardCall:
        return cls(
            call=row.call,
            direction=row.direction.value,
            shown=shown,
            customer=customer,
            since=row.since,
            phase=row.phase,
            queue=row.queue,
            agent=row.agent,
            connected_at=row.connected_at,
            monitored=tuple(Monitoring(by=one.by, of=one.of, mode=one.mode, since=one.since) for one in row.monitored),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class FloorSaid(Told):
    """The live board: everything (`full`), or the rows that changed and the keys of those that are gone."""

    t: ClassVar[str] = "floor"
    at: datetime
    full: bool
    queues: tuple[BoardQueue, ...] = ()
    waiting: tuple[BoardWaiting, ...] = ()
    agents: tuple[BoardAgent, ...] = ()
    calls: tuple[BoardCall, ...] = ()
    parked: tuple[ParkedCall, ...] = ()
    gone_queues: tuple[str, ...] = ()
    gone_waiting: tuple[str, ...] = ()
    gone_agents: tuple[str, ...] = ()
    gone_calls: tuple[str, ...] = ()
    gone_parked: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class FloorAway(Told):
    """The telephone part does not answer, so what the board shows is of then; the next `floor` ends it."""

    t: ClassVar[str] = "floor_away"
    since: datetime | None
    """None: it has not shown anything yet."""


_ADAPTERS: dict[type[Told], TypeAdapter[Any]] = {}


def _adapter(kind: type[Told]) -> TypeAdapter[Any]:
    if kind not in _ADAPTERS:
        _ADAPTERS[kind] = TypeAdapter(kind)
    return _ADAPTERS[kind]


def encode(message: Told) -> str:
    """One line of JSON, the type in `t`."""
    body = _adapter(type(message)).dump_json(message)
    return '{"t":"' + message.t + '",' + body[1:].decode()


# The browser asks -----------------------------------------------------------------------------------------------------


class SetReadyAsk(AskBase):
    do: Literal["set_ready"]


class SetPausedAsk(AskBase):
    do: Literal["set_paused"]
    reason: str = Field(min_length=1, max_length=60)


class SignOffAsk(AskBase):
    do: Literal["sign_off"]


class RejectAsk(AskBase):
    do: Literal["reject"]
    call: CallId


class HangUpAsk(AskBase):
    do: Literal["hang_up"]
    call: CallId


class TicketForm(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    key: str = Field(min_length=1, max_length=80)
    """Once per ticket, whichever wish brings it."""
    subject: str = Field(min_length=1, max_length=200)
    description: str = Field(default="", max_length=10_000)
    type: TicketType = TicketType.OTHER
    priority: TicketPriority = TicketPriority.NORMAL


class CallbackForm(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    key: str = Field(min_length=1, max_length=80)
    due_at: datetime
    why: str = Field(min_length=1, max_length=500)
    number: str = Field(default="", max_length=60)
    mine: bool = True
    """For me; else for whoever is free."""


class CreateTicketAsk(AskBase):
    do: Literal["create_ticket"]
    call: CallId
    ticket: TicketForm


class ScheduleCallbackAsk(AskBase):
    do: Literal["schedule_callback"]
    call: CallId
    callback: CallbackForm


class CompleteCallbackAsk(AskBase):
    do: Literal["complete_callback"]
    callback: CallbackId
    call: CallId | None = None


class FinishAsk(AskBase):
    do: Literal["finish"]
    call: CallId
    disposition: str = Field(default="", max_length=80)
    note: str = Field(default="", max_length=10_000)
    ticket: TicketForm | None = None
    callback: CallbackForm | None = None


class AttachAsk(AskBase):
    do: Literal["attach"]
    call: CallId
    customer: CustomerId
    contact: ContactId | None = None


class DetachAsk(AskBase):
    """ "It is not him": the call belongs to nobody yet."""

    do: Literal["detach"]
    call: CallId


class CreateCustomerAsk(AskBase):
    do: Literal["create_customer"]
    key: str = Field(default="", max_length=80)
    """Once per customer, however often it is asked."""
    call: CallId
    name: str = Field(min_length=1, max_length=120)
    kind: CustomerKind = CustomerKind.PERSON
    city: str = Field(default="", max_length=80)


class AddContactAsk(AskBase):
    """A new person at the customer; the number becomes his."""

    do: Literal["add_contact"]
    key: str = Field(default="", max_length=80)
    call: CallId
    customer: CustomerId
    name: str = Field(min_length=1, max_length=120)
    title: str = Field(default="", max_length=80)


class SearchCustomersAsk(AskBase):
    do: Literal["search_customers"]
    text: str = Field(max_length=120)


class KeepDraftAsk(AskBase):
    do: Literal["keep_draft"]
    call: CallId
    draft: dict[str, Any]


class RefreshWorkAsk(AskBase):
    do: Literal["refresh_work"]


class ClaimPhoneAsk(AskBase):
    do: Literal["claim_phone"]
    holder: str = Field(min_length=1, max_length=80)
    force: bool = False


class ForceStateAsk(AskBase):
    do: Literal["force_state"]
    agent: AgentId
    state: Literal["ready", "paused", "offline"]
    reason: str = Field(default="", max_length=60)


class PlaceTestCallAsk(AskBase):
    """The demo: let somebody call the hotline."""

    do: Literal["place_test_call"]
    caller: str = Field(default="", max_length=40)
    name: str = Field(default="", max_length=80)
    dnis: str = Field(default="4008000", pattern=r"^\d{3,12}$")
    language: Literal["zh", "en"] = "zh"
    choice: Literal["", "consultation", "repair", "complaint", "operator"] = "repair"


class HangUpTestCallAsk(AskBase):
    do: Literal["hang_up_test_call"]
    call: CallId


class FollowCallAsk(AskBase):
    """Tell me everything that happens to this call from now on (and what has happened so far)."""

    do: Literal["follow_call"]
    call: CallId


Ask = Annotated[
    SetReadyAsk
    | SetPausedAsk
    | SignOffAsk
    | RejectAsk
    | HangUpAsk
    | CreateTicketAsk
    | ScheduleCallbackAsk
    | CompleteCallbackAsk
    | FinishAsk
    | AttachAsk
    | DetachAsk
    | CreateCustomerAsk
    | AddContactAsk
    | SearchCustomersAsk
    | KeepDraftAsk
    | RefreshWorkAsk
    | ClaimPhoneAsk
    | ForceStateAsk
    | PlaceTestCallAsk
    | HangUpTestCallAsk
    | FollowCallAsk
    | AnyControlAsk,
    Field(discriminator="do"),
]

BY_ITSELF: Final = (ClaimPhoneAsk, FollowCallAsk, RefreshWorkAsk, ListTargetsAsk, PhoneObeyedAsk)
"""What a screen asks without anybody touching it: after its line was mended, after a reload."""

_ASKS: TypeAdapter[Ask] = TypeAdapter(Ask)


@dataclass(frozen=True, slots=True, kw_only=True)
class Unreadable:
    """Not one of our wishes; `id` when at least that could be read."""

    id: str
    error: ValidationError


def decode(text: str) -> Ask | Unreadable:
    try:
        return _ASKS.validate_json(text)
    except ValidationError as error:
        return Unreadable(id=_id_of(text), error=error)


def _id_of(text: str) -> str:
    try:
        return str(TypeAdapter(dict[str, Any]).validate_json(text).get("id", ""))[:80]
    except ValidationError:
        return ""
