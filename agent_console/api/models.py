"""What the REST interface answers: the domain's values as JSON, with nothing that is secret."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Any, Generic, TypeVar

from pydantic import BaseModel, ConfigDict, Field, computed_field

from agent_console.pages.calls.endings import cause_said, sip_said
from crm_core.domain.callbacks import CallbackState
from crm_core.domain.calls import CallDirection, CallOutcome
from crm_core.domain.customers import Certainty, CustomerKind, CustomerLevel, MatchReason, NumberSource
from crm_core.domain.floor import Announced, Paperwork
from crm_core.domain.orders import OrderEntryKind, OrderKind, OrderState
from crm_core.domain.overflow import OverflowKind, OverflowWhy
from crm_core.domain.tickets import EntryKind, TicketPriority, TicketStatus, TicketType
from crm_core.domain.users import PhoneKind, Role
from crm_core.kernel.language import Language
from crm_core.kernel.phone import NumberKind
from cti.events import MonitorMode, OfferFailure, TicketOfferEnd, TransferKind, TransferOutcome
from routing.explaining import NoCalls, NotHis
from routing.reasons import StepKind, Tie, WhyWaiting
from routing.states import AgentState
from routing.strategies import StrategyName

T = TypeVar("T")


class Answer(BaseModel):
    """Made from a domain value by its field names."""

    model_config = ConfigDict(from_attributes=True, frozen=True, json_schema_serialization_defaults_required=True)


class PageOf(Answer, Generic[T]):
    """Some of a list in its order."""

    items: list[T]
    next_cursor: str | None = Field(description="Opens the following page; null on the last.")
    total: int | None = Field(description="How many there are in all; told with the first page, null when very many.")


class Number(Answer):
    kind: NumberKind
    key: str = Field(description="The one spelling for storing and comparing.")
    dialable: str
    extension: str


class Customer(Answer):
    id: str
    name: str
    name_en: str
    kind: CustomerKind
    level: CustomerLevel
    language: Language | None
    email: str
    city: str
    address: str
    note: str
    owner: str | None
    created_at: datetime
    updated_at: datetime


class CustomerPage(PageOf[Customer]):
    pass


class Contact(Answer):
    id: str
    customer: str
    name: str
    name_en: str
    title: str
    email: str
    language: Language | None
    note: str
    created_at: datetime


class NumberLink(Answer):
    id: str
    number: Number
    customer: str
    contact: str | None
    label: str
    confirmed: bool
    source: NumberSource
    last_used: datetime | None
    created_at: datetime


class CustomerDetails(Answer):
    customer: Customer
    contacts: list[Contact]
    numbers: list[NumberLink]


class CandidateContact(Answer):
    id: str
    name: str
    name_en: str
    title: str
    confirmed: bool
    last_used: datetime | None


class Candidate(Answer):
    customer: str
    name: str
    name_en: str
    kind: CustomerKind
    level: CustomerLevel
    confirmed: bool
    source: NumberSource
    last_used: datetime | None
    reason: MatchReason
    contacts: list[CandidateContact]


class Match(Answer):
    """Who uses a number; candidates in order, the likeliest first."""

    certainty: Certainty
    number: Number
    customer: str | None = Field(description="The customer when he is certain, never a guess.")
    contact: str | None
    candidates: list[Candidate]


class Ticket(Answer):
    id: str
    number: str
    subject: str
    description: str
    type: TicketType
    status: TicketStatus
    priority: TicketPriority
    topic: str
    customer: str | None
    contact: str | None
    call: str | None
    assignee: str | None
    department: str | None
    created_by: str | None
    created_at: datetime
    updated_at: datetime
    solved_at: datetime | None
    closed_at: datetime | None
    queue: str | None = Field(description="In whose line it waits while nobody has it.")
    queued_at: datetime | None = Field(description="Since when it counts as waiting there.")
    version: int


class TicketPage(PageOf[Ticket]):
    pass


class TicketEntry(Answer):
    id: str
    ticket: str
    at: datetime
    kind: EntryKind
    by: str | None
    text: str
    changes: dict[str, list[Any]] | None = Field(description="Field -> [before, after].")
    call: str | None


class TicketEntries(Answer):
    items: list[TicketEntry]


class SkillHad(Answer):
    skill: str
    asked: int
    has: int


class FreeAgent(Answer):
    """Somebody who was free and able, and what counted for him: null is what his queue does not look at."""

    agent: str
    idle_s: float
    preferred: list[SkillHad] = Field(description="What is preferred and he has.")
    skill: int | None = Field(description="Of `best_skill`: the sum of his levels in what is asked for.")
    busy: float | None = Field(
        description="Of `least_occupied`: the share of his time lately spent with calls, 0 to 1."
    )
    turn_s: float | None = Field(description="Of `round_robin`: how long ago he took a call from a queue, or came.")
    place: int | None = Field(description="Of `fixed_order`: his place in it, from 1.")
    spare: int | None = Field(
        description="Of `least_needed`: how many sat free, himself included, for the scarcest of the other calls he "
        "takes; null: nobody else asked for what he can."
    )


class TicketAsked(Answer):
    """Somebody was asked to take a ticket out of the line."""

    at: datetime
    agent: str
    rule: str = Field(description="What decided between those who were free, as of a call.")
    compared: list[FreeAgent] = Field(
        default=[],
        description="He and the first of those who were free as well; empty when nobody else was, and for whoever may "
        "not see the floor.",
    )
    ended_at: datetime | None
    end: TicketOfferEnd | None = Field(description="null: he still is being asked.")
    sentences: list[dict[str, str]]
    """Language -> sentence; the first says why he."""


class TicketOffers(Answer):
    items: list[TicketAsked]


class Order(Answer):
    id: str
    number: str = Field(description="Ten digits by lot after a letter; the digits alone name it as well.")
    kind: OrderKind
    customer: str
    ticket: str | None
    summary: str
    state: OrderState
    state_at: datetime
    expected_on: date | None
    carrier: str
    tracking: str
    amount: Decimal | None
    currency: str
    created_by: str | None
    created_at: datetime
    updated_at: datetime
    version: int


class OrderPage(PageOf[Order]):
    pass


class OrderEntry(Answer):
    id: str
    order: str
    at: datetime
    kind: OrderEntryKind
    state: OrderState = Field(description="How it stood from then on.")
    by: str | None
    text: str
    changes: dict[str, list[Any]] | None = Field(description="Field -> [before, after].")


class OrderEntries(Answer):
    items: list[OrderEntry]


class Callback(Answer):
    id: str
    number: Number
    due_at: datetime
    why: str
    state: CallbackState
    customer: str | None
    contact: str | None
    ticket: str | None
    call: str | None
    assignee: str | None
    created_by: str | None
    created_at: datetime
    done_by: str | None
    done_at: datetime | None
    done_call: str | None
    note: str


class CallbackPage(PageOf[Callback]):
    pass


class Step(Answer):
    at: datetime
    flow: str
    node: str
    entered: str
    label: str


class Transfer(Answer):
    at: datetime = Field(description="When it was known what became of it.")
    kind: TransferKind
    by: str = Field(description="The extension or number that gave the call away …")
    by_agent: str | None
    to: str = Field(description="… and to which, as it was dialled.")
    to_agent: str | None
    outcome: TransferOutcome


class Call(Answer):
    id: str
    server: str
    direction: CallDirection
    ani: str
    ani_name: str
    number: Number
    dnis: str
    started_at: datetime
    queued_at: datetime | None
    connected_at: datetime | None
    ended_at: datetime | None
    queue: str | None
    language: str
    intent: str
    priority: int
    requires: dict[str, int]
    path: list[Step]
    agents: list[str]
    outcome: CallOutcome | None = Field(description="null while the call lives.")
    hung_up_by: str
    closed_by: str = Field(
        description="`reconciliation`: nobody heard the call end; it was closed at the last time it was known, or by "
        "Asterisk's own account, and a duration is null where that does not know it. "
        "Empty: its end was heard."
    )
    cause: int | None
    sip_cause: int | None = Field(
        description="The status of SIP behind the cause (486, 603 …): what the phone said that did not take the call, "
        "or the customer's line. 0: there was none, as after a good-bye; null while the call lives, and of calls from "
        "before this was kept."
    )
    wait_s: float | None
    ring_s: float | None
    talk_s: float | None
    hold_s: float | None
    consult_s: float | None = Field(description="The customer heard music while his agent talked with somebody else.")
    wrap_up_s: float | None = Field(description="Everybody's paperwork together, as far as it is done.")
    into: str | None = Field(description="The call this consultation became a part of, by a transfer.")
    transfers: list[Transfer]
    fell_to_safety: bool
    recorded: bool
    certainty: Certainty | None
    customer: str | None
    contact: str | None
    customer_by: str | None
    disposition: str | None
    note: str = Field(description="Of several people's the last one.")
    disposed_by: str | None
    disposed_at: datetime | None
    rating: int | None = Field(default=None, description="How satisfied the customer says he is, 1 to 5.")

    @computed_field(description="The cause in English words; null while the call lives.")  # type: ignore[prop-decorator]
    @property
    def cause_text(self) -> str | None:
        if self.cause is None:
            return None
        said = cause_said(self.cause)
        return said.text % said.params

    @computed_field(description="The status of SIP in English words; empty when there was none.")  # type: ignore[prop-decorator]
    @property
    def sip_text(self) -> str:
        if not self.sip_cause:
            return ""
        said = sip_said(self.sip_cause)
        return said.text % said.params


class CallPage(PageOf[Call]):
    pass


class Leg(Answer):
    key: str
    agent: str | None
    party: str
    queue: str | None
    offered_at: datetime | None
    ringing_at: datetime | None
    connected_at: datetime | None
    left_at: datetime | None
    failure: str
    by_safety_queue: bool
    because: dict[str, Any] | None = Field(
        description="Why the queue asked this agent: the `rule` that decided, `candidates` (how many were free and "
        "able), `skills`, `steps`, who was `excluded` and why, and in `compared` the agent and the first of those who "
        "were free as well, each with what counted by the queue's strategy: `skill`, `busy`, `turn_s`, `place` or "
        "`spare`, what is `preferred`, and `idle_s` (empty for whoever may not see the floor)."
    )
    wrap_up_s: float | None


class CallNote(Answer):
    by: str
    at: datetime
    note: str
    disposition: str | None


class CallDetails(Answer):
    call: Call
    legs: list[Leg]
    notes: list[CallNote] = Field(description="What each who wrote about the call wrote.")


class LoggedEvent(Answer):
    position: int
    topic: str
    at: datetime
    body: dict[str, Any]


class LoggedEvents(Answer):
    items: list[LoggedEvent]


class Recording(Answer):
    id: str
    call: str
    started_at: datetime
    ended_at: datetime | None
    duration_s: float | None
    size_bytes: int | None
    deleted_at: datetime | None
    ticket: str | None = None
    """Set for a message that the caller left: what became of it."""
    comment: bool = False
    """It is what the customer said when he had rated the call."""


class Recordings(Answer):
    items: list[Recording]


class Disposition(Answer):
    code: str
    names: dict[str, str]
    parent: str | None
    retired: bool
    children: list[Disposition]


class Dispositions(Answer):
    items: list[Disposition]


class Agent(Answer):
    """Somebody who works here."""

    id: str
    login: str
    name: str
    name_en: str
    role: Role
    extension: str | None
    phone_kind: PhoneKind
    department: str | None
    language: Language | None = Field(description="Of the screens; null: as the browser says.")
    disabled: bool
    skills: dict[str, int]
    queues: list[str]
    calls_per_hour: int | None = Field(description="More calls of the queues nobody gives him within an hour.")
    tickets_at_once: int = Field(description="So many tickets out of the line at the same time; 0: none.")
    abilities: str = Field(
        description="Skills, queues, calls an hour and tickets at once in one word: another after each change."
    )


class AgentPage(PageOf[Agent]):
    pass


class AgentOnFloor(Answer):
    agent: str
    extension: str
    state: AgentState
    since: datetime
    reason: str
    call: str | None
    reachable: bool
    queues: list[str]
    skills: dict[str, int] | None
    missed: int
    """So many calls in a row rang in vain at his phone."""


class QueueOnFloor(Answer):
    queue: str
    names: dict[str, str]
    waiting: int
    longest_wait_s: float
    agents_ready: int
    agents_signed_in: int
    strategy: StrategyName = Field(description="Who of several free and able agents is asked.")
    tickets: int = Field(description="How many tickets wait in it, beside the callers.")


class OverflowStep(Answer):
    """Where callers go who cannot wait in a queue."""

    kind: OverflowKind
    to: str
    """Queue, number, prompt or menu."""
    when: list[OverflowWhy]
    """Only for these reasons; none: for every one."""


class OpeningHours(Answer):
    week: dict[str, list[str]]
    holidays: dict[str, str]
    working_days: dict[str, list[str]]


class QueueTerms(Answer):
    """What is agreed for the calls of a queue."""

    priority: int
    ageing_s: int
    """So many seconds of waiting make up for one level of priority; 0: none do."""
    weight: int
    service_level_s: int
    """Answered within this is in time …"""
    service_level_percent: int
    """… and so many of a hundred shall be."""
    max_waiting: int
    max_per_hour: int
    """So many callers it has answered within an hour at most; 0: no limit."""
    """0: there is no limit; of `max_wait_s` as well."""
    max_wait_s: int
    place_back_s: int
    """Whoever was cut off while waiting and calls again within so many seconds has his place back; 0: nobody has."""
    overflow_when: list[OverflowWhy]
    open_hours: OpeningHours | None
    """None: it is always open."""
    calendar: str | None
    """Instead of hours of its own, the calendar by which it opens and closes."""
    overflow: list[OverflowStep]
    misses_to_pause: int
    """Who has let so many calls in a row ring in vain is put on pause."""
    announce: list[Announced]
    """What those who wait are told …"""
    comfort: str
    """… and which prompt they hear after it."""
    announce_first_s: int
    announce_every_s: int
    after_call: str
    """The menu for callers who stay on the line when their agent has hung up; empty: none."""
    callback_tries: int
    """Whoever would rather be called back is, and so often at most; 0: nobody is."""
    callback_retry_s: int
    callback_key: str
    """The key by which who waits asks for it; empty: none."""
    message_key: str
    """… and by which he leaves a message instead."""
    ticket_yield_s: int
    """Calls that come within so many seconds after a ticket go before it."""
    tickets_undisturbed: bool
    """Whoever works on a ticket of it gets no calls meanwhile."""
    music: list[str]
    """Recordings its callers hear one after the other; none: the music of the house."""
    wrap_up: Paperwork
    wrap_up_s: int
    """How long paperwork should take."""
    wrap_up_limit_s: int
    """Where it has to be done: free at the latest after so many seconds; 0: only when it is done."""


class ServiceLevel(Answer):
    """How soon callers were answered: docs/queues.md says what counts."""

    offered: int
    in_time: int
    abandoned: int = Field(description="Of the offered: who hung up while they waited.")
    percent: int | None = Field(description="`in_time` of a hundred `offered`, rounded down; null: nobody was offered.")


class ToldWaits(Answer):
    """How true the waits were that callers were told: by what each was told first in the queue, of the last hundred
    within seven days."""

    answered: int = Field(description="Callers who were told how long they would wait, and were answered.")
    not_answered: int = Field(description="… and hung up, or went on to elsewhere.")
    typical_error_s: float | None = Field(
        description="Median of the errors of the answered, whichever way they went; null: there is none."
    )
    bias_s: float | None = Field(description="Mean of the errors with their sign; above 0: told more than came.")


class QueueWithTerms(QueueOnFloor):
    terms: QueueTerms | None
    """None: nobody drew this queue."""
    today: ServiceLevel = Field(description="Of who came into the queue today, as the house counts days.")
    last_half_hour: ServiceLevel = Field(description="Of who came into it within the last half hour.")
    told_waits: ToldWaits


class RelaxationStep(Answer):
    """After so many seconds of waiting less was asked for, or more people were let help."""

    kind: StepKind
    after_s: float
    skill: str | None
    asked: int | None
    level: int | None
    queue: str | None
    department: str | None
    agent: str | None = Field(description="Who knows the caller: for whom he waits first (`keep`), or has waited.")
    tie: Tie | None
    for_s: float | None


class WentOn(Answer):
    """Out of a queue in which a caller could not wait, or not any longer."""

    queue: str
    why: OverflowWhy
    kind: OverflowKind
    to: str
    """Queue, number or prompt."""
    waited_s: float


class Tried(Answer):
    agent: str
    why: OfferFailure


class WaitingCall(Answer):
    call: str
    queue: str
    since: datetime
    ani: str
    priority: int
    requires: dict[str, int]
    offered_to: str | None
    also_offered_to: list[str] = Field(
        default=[], description="Whose phones ring for him as well, where all ring at once."
    )
    why_waiting: str
    asks: str
    """Where `requires` cannot say it all, e.g. `en:3/repair:3|repair:3/zh:2~zh:4`: ways, and after `~` preferences."""
    steps: list[RelaxationStep]
    """How the wish was relaxed while he waited."""
    went_on: list[WentOn]
    """Through which queues he came."""
    tried: list[Tried]
    """Who did not take him so far, and why; the last of them last."""
    turn: int = Field(description="Among all callers of the house, from 1: the order in which they are served now.")
    position: int | None
    """In his queue, from 1; none while a phone rings for him."""
    expected_s: float | None
    """How long he will still wait, in seconds; none when nobody can tell."""
    callback: bool
    """He has hung up, and is called back when his turn comes; `call` is the one in which it was promised."""
    callback_tries: int
    """How often he was called and not reached."""


class PassedOver(Answer):
    """An agent who does not take a call, and why: a stable code."""

    agent: str
    why: str
    skill: str | None
    asked: int | None
    has: int | None


class ServedBefore(Answer):
    """Callers or tickets of one queue who ask for something else, and whom somebody serves first who could help."""

    queue: str
    waiting: int
    urgent: int = Field(description="How many of them came later, and are more urgent.")
    tickets: bool


class WhyWaits(Answer):
    code: WhyWaiting
    ahead: int = Field(description="How many are served before who ask for the same.")
    ahead_elsewhere: list[ServedBefore] = Field(default=[], description="Who else is served before, by queue.")
    offered_to: str | None
    also_offered_to: list[str] = Field(
        default=[], description="Whose phones ring for him as well, where all ring at once."
    )
    able: int
    not_free: list[PassedOver]
    next_step: RelaxationStep | None
    next_at: datetime | None
    sentences: list[dict[str, str]]
    """Language -> sentence; the first says it, the others say more."""


class PassedBy(Answer):
    """Callers who wait and are not for this agent, all for the same reason."""

    why: NotHis
    callers: int
    queue: str | None
    lack: PassedOver | None


class ComeFirst(Answer):
    """Free colleagues who are asked before this agent when somebody comes to one of his queues."""

    queue: str
    strategy: StrategyName
    colleagues: int = Field(description="Of `best_skill` it depends on the call which of them are.")


class WhyNoCalls(Answer):
    code: NoCalls
    pause: str
    queues: list[str]
    waiting: int
    free_longer: int
    passed_by: list[PassedBy]
    come_first: list[ComeFirst] = Field(default=[], description="By the strategy of each queue.")
    sentences: list[dict[str, str]]
    """Language -> sentence; the first says it, the others say more."""


class Monitoring(Answer):
    """A supervisor hears an agent's conversation."""

    by: str
    of: str
    mode: MonitorMode
    since: datetime


class LiveCall(Answer):
    call: str
    direction: CallDirection
    ani: str
    ani_name: str
    dnis: str
    since: datetime
    phase: str
    queue: str | None
    intent: str
    language: str
    agent: str | None
    offer: str | None
    offers: dict[str, str] = Field(default={}, description="Agent -> the offer by which he is asked now.")
    connected_at: datetime | None
    path: list[str]
    made_by: str | None = Field(description="Who of ours makes the call.")
    talking: list[str] = Field(description="Everybody of ours who is in the conversation.")
    called: list[str] = Field(description="Whose phones ring for it, and were offered nothing.")
    recording_paused_until: datetime | None = Field(
        default=None, description="The recording is paused, and goes on by itself then."
    )
    muted: list[str] = Field(default=[], description="Agents who are not heard, by their own wish.")
    monitored: list[Monitoring] = Field(default=[], description="Supervisors who hear it.")


class ParkedCustomer(Answer):
    """Put aside, with music."""

    call: str
    lot: str = Field(description="The number of the place; agents dial it to fetch who is there.")
    since: datetime
    by: str | None = Field(description="The agent who parked the call …")
    extension: str = Field(description="… and at which phone.")


class WaitingTicket(Answer):
    """In the line of a queue, beside its callers."""

    ticket: str
    number: str
    subject: str
    queue: str
    since: datetime
    priority: int = Field(description="Levels above `normal`.")
    why_waiting: str
    turn: int = Field(description="Among all waiting tickets, from 1: the order in which somebody is asked now.")
    offered_to: str | None
    until: datetime | None = Field(description="So long the one who is asked has time to take it.")


class Floor(Answer):
    """Everything live, right now."""

    queues: list[QueueOnFloor]
    waiting: list[WaitingCall]
    agents: list[AgentOnFloor]
    calls: list[LiveCall]
    parked: list[ParkedCustomer] = []
    tickets: list[WaitingTicket] = Field(default=[], description="Tickets that wait, the most urgent first.")
    links: dict[str, bool] | None = Field(description="Each Asterisk, and whether its line is up.")


class PlacedCall(Answer):
    """The agent's phone is being called; the call is found at `/calls/{call}` from now on."""

    call: str


class Queues(Answer):
    items: list[QueueWithTerms]


class Me(Answer):
    user: Agent
    permissions: list[str]
