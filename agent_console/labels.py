"""What each state, kind and reason is called on the screens: one word a value, in one place. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Final

from agent_console.words import Sentence, say
from crm_core.domain.articles import ArticleState
from crm_core.domain.callbacks import CallbackState
from crm_core.domain.calls import CallDirection, CallOutcome
from crm_core.domain.customers import Certainty, CustomerKind, CustomerLevel, MatchReason
from crm_core.domain.floor import Announced, Paperwork, Sticky, Strategy
from crm_core.domain.orders import OrderKind, OrderState
from crm_core.domain.overflow import OverflowWhy
from crm_core.domain.tickets import TicketPriority, TicketStatus, TicketType
from crm_core.domain.users import PhoneKind, Role
from crm_core.kernel.language import Language
from routing.reasons import WhyWaiting
from routing.states import AgentState

LABELS: Final[Mapping[type[StrEnum], Mapping[str, Sentence]]] = {
    Role: {
        Role.AGENT: say("Agent"),
        Role.SUPERVISOR: say("Supervisor"),
        Role.ADMIN: say("Administrator"),
    },
    PhoneKind: {
        PhoneKind.WEBRTC: say("Headset at the browser"),
        PhoneKind.SIP: say("Desk phone"),
    },
    Language: {
        Language.ZH: say("Chinese"),
        Language.EN: say("English"),
    },
    AgentState: {
        AgentState.OFFLINE: say("Offline"),
        AgentState.READY: say("Ready"),
        AgentState.RESERVED: say("Reserved"),
        AgentState.RINGING: say("Ringing"),
        AgentState.TALKING: say("Talking"),
        AgentState.WRAP_UP: say("Wrap-up"),
        AgentState.PAUSED: say("Paused"),
    },
    WhyWaiting: {
        WhyWaiting.BEING_OFFERED: say("A colleague's phone is ringing"),
        WhyWaiting.FOR_A_FAMILIAR: say("A colleague who knows the customer is busy"),
        WhyWaiting.ALL_BUSY: say("Nobody who can help is free"),
        WhyWaiting.HOUR_FULL: say("Nobody who can help is free: some have had their calls for this hour"),
        WhyWaiting.ALL_PAUSED: say("Nobody who can help is free: some are on pause"),
        WhyWaiting.OTHER_SERVER: say("The phones of those who are ready are at another telephone system"),
        WhyWaiting.NOBODY_REACHABLE: say("The phones of those who are ready are not connected"),
        WhyWaiting.NOBODY_LOGGED_IN: say("Nobody who can help is at work"),
        WhyWaiting.DESKS_FULL: say("Those who can help have as many tickets as they may"),
        WhyWaiting.NO_TICKETS: say("Those who can help are given no tickets"),
        WhyWaiting.HANDED_BACK: say("Everybody who could help has handed it back"),
        WhyWaiting.NO_SKILL: say("Nobody in this queue has the skills asked for"),
    },
    OverflowWhy: {
        OverflowWhy.FULL: say("the line was full"),
        OverflowWhy.HOUR_FULL: say("the queue had had its callers for this hour"),
        OverflowWhy.TOO_LONG: say("nobody waits longer there"),
        OverflowWhy.NOBODY: say("nobody was logged in, or their phones were gone"),
        OverflowWhy.PAUSED: say("everybody was on pause"),
        OverflowWhy.CLOSED: say("the queue was closed"),
        OverflowWhy.ASKED: say("the caller asked for it"),
    },
    Announced: {
        Announced.POSITION: say("their place in the line"),
        Announced.WAIT: say("how long it will take"),
    },
    Strategy: {
        Strategy.BEST_SKILL: say("whoever masters it best"),
        Strategy.LONGEST_IDLE: say("whoever has been free longest"),
        Strategy.LEAST_OCCUPIED: say("whoever had least to do lately"),
        Strategy.ROUND_ROBIN: say("each in turn"),
        Strategy.FIXED_ORDER: say("in a fixed order"),
        Strategy.LEAST_NEEDED: say("whoever is missed least by other callers"),
        Strategy.RING_ALL: say("ring all: everybody at once"),
    },
    Paperwork: {
        Paperwork.NONE: say("none: free at once"),
        Paperwork.OPTIONAL: say("left to the agent"),
        Paperwork.MANDATORY: say("what came of it has to be said"),
    },
    Sticky: {
        Sticky.NOBODY: say("has no precedence"),
        Sticky.LAST_AGENT: say("who talked with them last goes first"),
        Sticky.OWNER: say("who looks after them goes first"),
    },
    CustomerKind: {
        CustomerKind.PERSON: say("Person"),
        CustomerKind.COMPANY: say("Company"),
    },
    CustomerLevel: {
        CustomerLevel.NORMAL: say("Standard"),
        CustomerLevel.SILVER: say("Silver"),
        CustomerLevel.GOLD: say("Gold"),
        CustomerLevel.VIP: say("VIP"),
    },
    Certainty: {
        Certainty.KNOWN: say("Known"),
        Certainty.MAYBE: say("Maybe"),
        Certainty.SEVERAL: say("Several"),
        Certainty.NEW: say("New caller"),
        Certainty.ANONYMOUS: say("Number withheld"),
    },
    MatchReason: {
        MatchReason.CONFIRMED_RECENT: say("Confirmed, and called from this number lately"),
        MatchReason.CONFIRMED: say("Confirmed by a colleague"),
        MatchReason.UNCONFIRMED_RECENT: say("Not confirmed, but called from this number lately"),
        MatchReason.UNCONFIRMED: say("Not confirmed by anybody yet"),
    },
    TicketStatus: {
        TicketStatus.NEW: say("New"),
        TicketStatus.OPEN: say("In progress"),
        TicketStatus.PENDING: say("Waiting for the customer"),
        TicketStatus.SOLVED: say("Solved"),
        TicketStatus.CLOSED: say("Closed"),
    },
    OrderKind: {
        OrderKind.SALE: say("Order"),
        OrderKind.REPAIR: say("Repair order"),
    },
    OrderState: {
        OrderState.RECEIVED: say("Received"),
        OrderState.CONFIRMED: say("Confirmed"),
        OrderState.PREPARING: say("Being prepared"),
        OrderState.SHIPPED: say("Shipped"),
        OrderState.DELIVERED: say("Delivered"),
        OrderState.DIAGNOSED: say("Fault found"),
        OrderState.WAITING_FOR_PARTS: say("Waiting for parts"),
        OrderState.REPAIRING: say("Being repaired"),
        OrderState.READY: say("Repaired, ready to go back"),
        OrderState.RETURNED: say("Returned to the customer"),
        OrderState.CANCELLED: say("Cancelled"),
    },
    TicketPriority: {
        TicketPriority.LOW: say("Low"),
        TicketPriority.NORMAL: say("Normal"),
        TicketPriority.HIGH: say("High"),
        TicketPriority.URGENT: say("Urgent"),
    },
    TicketType: {
        TicketType.CONSULTATION: say("Consultation"),
        TicketType.REPAIR: say("Repair"),
        TicketType.COMPLAINT: say("Complaint"),
        TicketType.OTHER: say("Other"),
    },
    ArticleState: {
        ArticleState.DRAFT: say("Draft"),
        ArticleState.PUBLISHED: say("Published"),
        ArticleState.WITHDRAWN: say("Withdrawn"),
    },
    CallbackState: {
        CallbackState.SCHEDULED: say("Scheduled"),
        CallbackState.DONE: say("Done"),
        CallbackState.CANCELLED: say("Cancelled"),
        CallbackState.MISSED: say("Missed"),
    },
    CallDirection: {
        CallDirection.INBOUND: say("Incoming"),
        CallDirection.OUTBOUND: say("Outgoing"),
        CallDirection.INTERNAL: say("Internal"),
    },
    CallOutcome: {
        CallOutcome.ANSWERED: say("Answered"),
        CallOutcome.ABANDONED: say("Hung up while waiting"),
        CallOutcome.NO_ANSWER: say("No answer"),
        CallOutcome.BUSY: say("Busy"),
        CallOutcome.REJECTED: say("Rejected"),
        CallOutcome.FAILED: say("Failed"),
        CallOutcome.CANCELLED: say("Cancelled"),
        CallOutcome.CALLBACK: say("To be called back"),
        CallOutcome.SELF_SERVICE: say("Settled in the menu"),
    },
}

_BY_NAME: Final = {kind.__name__: kind for kind in LABELS}
PAUSES: Final[Mapping[str, Sentence]] = {
    "missed_call": say("Missed a call"),
    "missed_ticket": say("Did not answer about a ticket"),
    "rejected": say("Passed a call on"),
    "break": say("Break"),
    "lunch": say("Lunch"),
    "meeting": say("Meeting"),
    "training": say("Training"),
    "back_office": say("Paperwork"),
}
"""The usual reasons of a pause; any other is the supervisor's own word."""


NUMBER_LABELS: Final[Mapping[str, Sentence]] = {
    "mobile": say("Mobile"),
    "office": say("Office"),
    "home": say("Home"),
    "fax": say("Fax"),
}
"""The usual kinds of number; any other is somebody's own word."""


TICKET_WAITS: Final = {
    WhyWaiting.BEING_OFFERED: say("A colleague is being asked"),
    WhyWaiting.ALL_BUSY: say("Everybody who can help is busy with calls"),
}
"""Of tickets, where it is said otherwise than of callers."""


def label(value: str, kind: str = "") -> Sentence:
    """The word for an enum's value; `kind` names the enum when the value is a plain string."""
    owner = _BY_NAME[kind] if kind else type(value)
    return LABELS[owner][value]  # type: ignore[index]


def pause_reason(code: str) -> Sentence:
    return PAUSES.get(code) or Sentence(text=code)


def number_label(code: str) -> Sentence:
    return NUMBER_LABELS.get(code) or Sentence(text=code)
