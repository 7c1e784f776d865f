"""A call as the house remembers it: when, who, which way through the menu, with whom, how it ended."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from crm_core.domain.customers import Certainty
from crm_core.kernel.ids import AgentId, CallId, ContactId, CustomerId, QueueKey, UserId
from crm_core.kernel.phone import PhoneNumber


class CallDirection(StrEnum):
    """The same words as `cti.events.Direction` (a contract test holds them together)."""

    INBOUND = "inbound"
    OUTBOUND = "outbound"
    INTERNAL = "internal"


class CallOutcome(StrEnum):
    """The same words as `cti.events.Outcome` (a contract test holds them together)."""

    ANSWERED = "answered"
    ABANDONED = "abandoned"
    NO_ANSWER = "no_answer"
    BUSY = "busy"
    REJECTED = "rejected"
    FAILED = "failed"
    CANCELLED = "cancelled"
    CALLBACK = "callback"
    """Promised to be called back at his place in the line."""
    SELF_SERVICE = "self_service"


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One step in the voice menu."""

    at: datetime
    flow: str
    node: str
    entered: str = ""
    label: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Transfer:
    """Somebody gave the call away, or tried to."""

    at: datetime
    """When it was known what became of it."""
    kind: str
    """A word of `cti.events.TransferKind`."""
    by: str
    to: str
    """Extensions or numbers, as they were dialled."""
    outcome: str
    """A word of `cti.events.TransferOutcome`."""
    by_agent: AgentId | None = None
    to_agent: AgentId | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CallNote:
    """What one person wrote about a call; each has one, which he may write anew."""

    call: CallId
    by: UserId
    at: datetime
    note: str = ""
    disposition: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Leg:
    """One person's part in a call: offered, rung, talked with, asked for advice, or missed."""

    key: str
    """The offer's id, or `<party>@<time>` for a connection without an offer."""
    agent: AgentId | None = None
    """Whose it is; None: of `party`, who is nobody of ours."""
    party: str = ""
    queue: QueueKey | None = None
    offered_at: datetime | None = None
    ringing_at: datetime | None = None
    connected_at: datetime | None = None
    left_at: datetime | None = None
    failure: str = ""
    """Why it came to nothing: a code of `cti.events.OfferFailure`; empty when connected."""
    by_safety_queue: bool = False
    because: dict[str, Any] | None = None
    """The routing engine's reason (`routing.reasons.Because` as JSON)."""
    wrap_up_s: float | None = None
    """His paperwork for this call."""

    @property
    def talk_s(self) -> float | None:
        if self.connected_at is None or self.left_at is None:
            return None
        return (self.left_at - self.connected_at).total_seconds()


@dataclass(frozen=True, slots=True, kw_only=True)
class CallRecord:
    id: CallId
    server: str = ""
    direction: CallDirection = CallDirection.INBOUND
    ani: str = ""
    """The caller's number as the line gave it, cut to a sane length."""
    ani_name: str = ""
    number: PhoneNumber
    """The outside party's number, normalised."""
    dnis: str = ""
    started_at: datetime
    """The earliest time anything was told of this call."""
    queued_at: datetime | None = None
    connected_at: datetime | None = None
    """First time the caller spoke with a person."""
    ended_at: datetime | None = None
    queue: QueueKey | None = None
    language: str = ""
    intent: str = ""
    priority: int = 0
    requires: dict[str, int] = field(default_factory=dict)
    path: tuple[Step, ...] = ()
    agents: tuple[AgentId, ...] = ()
    """Everybody the customer was connected with, in order."""
    outcome: CallOutcome | None = None
    """None while the call lives."""
    hung_up_by: str = ""
    closed_by: str = ""
    """`reconciliation`: nobody heard it end, `ended_at` is the last time it was known. Empty: the end was heard."""
    cause: int | None = None
    sip_cause: int | None = None
    """The status of SIP behind the cause; 0: there was none."""
    wait_s: float | None = None
    ring_s: float | None = None
    talk_s: float | None = None
    hold_s: float | None = None
    consult_s: float | None = None
    """The customer heard music while his agent talked with somebody else."""
    wrap_up_s: float | None = None
    """Everybody's paperwork together, as far as it is done."""
    into: CallId | None = None
    """The call it became a part of: it was a consultation, and ended in a transfer."""
    transfers: tuple[Transfer, ...] = ()
    fell_to_safety: bool = False
    recorded: bool = False
    certainty: Certainty | None = None
    """How sure we were of the caller when the call arrived."""
    customer: CustomerId | None = None
    contact: ContactId | None = None
    customer_by: UserId | None = None
    """Who chose the customer; None when the number alone was certain."""
    disposition: str | None = None
    note: str = ""
    """Of several people's the last one; `Calls.notes` has them all."""
    disposed_by: UserId | None = None
    disposed_at: datetime | None = None
    rating: int | None = None
    """How satisfied the customer says he is, from 1 (not at all) to 5 (very)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CallFilter:
    """What to look for in the call log; every given condition must hold."""

    text: str = ""
    """Part of a number, a caller's or customer's name, or a note."""
    direction: CallDirection | None = None
    outcome: CallOutcome | None = None
    agent: AgentId | None = None
    queue: QueueKey | None = None
    customer: CustomerId | None = None
    since: datetime | None = None
    until: datetime | None = None
    live: bool | None = None
    """True: not ended yet. False: over."""
    undisposed: bool = False
    """Answered and still without a disposition."""
