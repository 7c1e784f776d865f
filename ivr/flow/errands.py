"""What a flow has the house do for a caller. Pure: here is only what is asked, and which way each answer leads.

Every errand has an `error` way, for a house that does not answer in time.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from crm_core.domain.hours import Calendar, in_hours
from ivr.flow.asked import (
    Answered,
    Fetch,
    HowIsOrder,
    HowIsTicket,
    KeepMessage,
    Matter,
    Method,
    NewCallback,
    NewTicket,
    ProveWho,
    Question,
    Rate,
    ReadArticle,
    Whither,
    WhoIs,
)
from ivr.flow.elsewhere import filled, places
from ivr.flow.names import NodeId
from ivr.flow.nodes import Prompt
from ivr.flow.saying import Kind

PATIENCE_S = 3.0
"""What a caller hears nothing for, unless the node says otherwise."""
LONGEST_MESSAGE_S = 120
"""A message that could be longer could not be listened to: neither a prompt nor a menu goes on for ever."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LookUp:
    """Whose number this is: the caller's own, or one that he typed."""

    id: NodeId
    by: str
    """The name of the value that holds the number."""
    found: NodeId
    several: NodeId
    unknown: NodeId
    error: NodeId
    within_s: float = PATIENCE_S


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckPin:
    """Who he is, by the number of his account and its PIN."""

    id: NodeId
    account: str
    """The names of the values that hold the two."""
    pin: str
    found: NodeId
    wrong: NodeId
    locked: NodeId
    """Too many tries, for this account or from this number."""
    error: NodeId
    within_s: float = PATIENCE_S


@dataclass(frozen=True, slots=True, kw_only=True)
class Telling:
    """Says how something stands, to the customer whose it is and to nobody else."""

    id: NodeId
    number: str
    """The name of the value that holds its digits."""
    told: NodeId
    unknown: NodeId
    error: NodeId
    within_s: float = PATIENCE_S


@dataclass(frozen=True, slots=True, kw_only=True)
class TellTicket(Telling):
    """How a ticket stands, and when we call back about it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TellOrder(Telling):
    """How far an order or a repair is, and when it is expected."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenTicket:
    """A ticket from what the caller typed."""

    id: NodeId
    matter: Matter
    subject: str
    opened: NodeId
    error: NodeId
    values: tuple[str, ...] = ()
    """What goes into its description."""
    into: str | None = None
    """The name of the value that keeps its number."""
    queue: str | None = None
    """In whose line it waits for somebody; None: in none."""
    within_s: float = PATIENCE_S


@dataclass(frozen=True, slots=True, kw_only=True)
class OfferCallback:
    """The promise to call back."""

    id: NodeId
    number: str
    """The name of the value that holds the number."""
    why: str
    within_min: int
    promised: NodeId
    unusable: NodeId
    error: NodeId
    calendar: str | None = None
    """Only in these hours is anybody called back."""
    queue: str | None = None
    """In whose line he shall have a place, if it calls people back; None: in which he waits, if he does."""
    into: str | None = None
    """The name of the value that keeps by when."""
    within_s: float = PATIENCE_S


@dataclass(frozen=True, slots=True, kw_only=True)
class Http:
    """Asks another system."""

    id: NodeId
    method: Method
    url: str
    """With the names of values in braces."""
    answered: NodeId
    refused: NodeId
    error: NodeId
    send: Mapping[str, str] = field(default_factory=dict)
    """What is sent as a JSON object: its names, and those of the values."""
    take: Mapping[str, str] = field(default_factory=dict)
    """The names of values, and where in the answer each stands."""
    within_s: float = PATIENCE_S


@dataclass(frozen=True, slots=True, kw_only=True)
class Transfer:
    """On to somebody's phone: an agent's extension, a number of the house's that leads to a queue, or one outside."""

    id: NodeId
    number: str
    """The name of the value that holds it."""
    unusable: NodeId
    """It is none of these, or none that menus may call."""
    error: NodeId
    """… also when nobody takes the call."""
    within_s: float = PATIENCE_S


@dataclass(frozen=True, slots=True, kw_only=True)
class LeaveMessage:
    """A spoken message, which becomes a ticket."""

    id: NodeId
    prompts: tuple[Prompt, ...]
    matter: Matter
    subject: str
    kept: NodeId
    empty: NodeId
    """He said nothing, or too little."""
    error: NodeId
    review: tuple[Prompt, ...] = ()
    """Said afterwards: 1 to listen, 2 to speak once more, 3 to keep it. Without, it is kept at once."""
    tries: int = 5
    """How often that is asked."""
    longest_s: int = LONGEST_MESSAGE_S
    silence_s: int = 5
    """So long a silence ends it."""
    shortest_s: int = 2
    """Less is no message."""
    into: str | None = None
    """The name of the value that keeps the ticket's number."""
    queue: str | None = None
    """In whose line the ticket waits for somebody; None: in none."""
    within_s: float = PATIENCE_S


@dataclass(frozen=True, slots=True, kw_only=True)
class Survey:
    """How satisfied he is, by one key from 1 to 5; and then, if he likes, why."""

    id: NodeId
    prompts: tuple[Prompt, ...]
    rated: NodeId
    declined: NodeId
    """He presses nothing, or nothing that fits."""
    error: NodeId
    tries: int = 2
    timeout_s: float = 5.0
    wrong: tuple[Prompt, ...] = ()
    silent: tuple[Prompt, ...] = ()
    comment: tuple[Prompt, ...] = ()
    """Said when he has rated: after the tone he may say why, and # ends it. Without, he is not asked."""
    longest_s: int = 60
    silence_s: int = 4
    """So long a silence ends what he says."""
    within_s: float = PATIENCE_S


@dataclass(frozen=True, slots=True, kw_only=True)
class PlayArticle:
    """What the house knows about something, spoken in the caller's language, or else in another."""

    id: NodeId
    article: str
    """Its number."""
    told: NodeId
    error: NodeId
    """There is none, it is withdrawn, or it cannot be spoken."""
    again: str = ""
    """The key that begins it once more while it is heard; empty: none does."""
    tries: int = 3
    """How often he may hear it."""
    barge_in: bool = True
    within_s: float = PATIENCE_S


Errand = (
    LookUp
    | CheckPin
    | TellTicket
    | TellOrder
    | OpenTicket
    | OfferCallback
    | Http
    | Transfer
    | LeaveMessage
    | Survey
    | PlayArticle
)

TRANSFERRED = ("agent", "queue", "number")
"""Whom a transfer leads to."""
ABOUT_THE_CUSTOMER = {"name": "customer_name", "language": "customer_language", "level": "customer_level"}
"""Values that a look-up gives; empty when it found nobody, or several."""
ABOUT_THE_TICKET = {"status": "ticket_status", "due": "ticket_due"}
TICKET_STATUSES = ("new", "open", "pending", "solved", "closed")
TICKET_WORDS = ("ticket_number", *(f"ticket_{status}" for status in TICKET_STATUSES), "ticket_due")
ABOUT_THE_ORDER = {"kind": "order_kind", "state": "order_state", "expected": "order_expected"}
ORDER_KINDS = ("sale", "repair")
ORDER_STATES = (
    "received", "confirmed", "preparing", "shipped", "delivered",
    "diagnosed", "waiting_for_parts", "repairing", "ready", "returned", "cancelled",
)  # fmt: skip
ORDER_WORDS = (*(f"order_{word}" for word in (*ORDER_KINDS, *ORDER_STATES)), "order_expected")
TOLD_IN: Mapping[type[Telling], tuple[str, ...]] = {TellTicket: TICKET_WORDS, TellOrder: ORDER_WORDS}
"""The prompts with which it is told of …"""
TOLD_BETWEEN: Mapping[type[Telling], tuple[Kind, ...]] = {
    TellTicket: (Kind.DIGITS, Kind.DATE, Kind.TIME),
    TellOrder: (Kind.DIGITS, Kind.DATE),
}
"""… and what is said between them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Situation:
    """What is known when an errand is sent."""

    values: Mapping[str, str]
    customer: str = ""
    at: datetime | None = None
    calendars: Mapping[str, Calendar] = field(default_factory=dict)
    take: int = 0
    """Which of the messages in this call."""
    score: int = 0
    """How satisfied he says he is."""


Words = tuple[str | tuple[Kind, str], ...]
"""Prompts by their keys, and texts with what they are."""


_ABOUT: Mapping[type[Errand], str] = {
    LookUp: "caller",
    CheckPin: "pin",
    TellTicket: "ticket",
    TellOrder: "order",
    OpenTicket: "ticket",
    OfferCallback: "callback",
    Http: "elsewhere",
    Transfer: "transfer",
    LeaveMessage: "message",
    Survey: "survey",
    PlayArticle: "article",
}


def ways(errand: Errand) -> Mapping[str, NodeId]:  # noqa: PLR0911 - one for each kind of node
    """Every way out, by the word of the answer that leads there."""
    match errand:
        case LookUp():
            return {
                "found": errand.found,
                "several": errand.several,
                "unknown": errand.unknown,
                "error": errand.error,
            }
        case CheckPin():
            return {"found": errand.found, "wrong": errand.wrong, "locked": errand.locked, "error": errand.error}
        case Telling():
            return {"told": errand.told, "unknown": errand.unknown, "error": errand.error}
        case PlayArticle():
            return {"told": errand.told, "error": errand.error}
        case OpenTicket():
            return {"opened": errand.opened, "error": errand.error}
        case OfferCallback():
            return {"promised": errand.promised, "unusable": errand.unusable, "error": errand.error}
        case Http():
            return {"answered": errand.answered, "refused": errand.refused, "error": errand.error}
        case Survey():
            return {"rated": errand.rated, "declined": errand.declined, "error": errand.error}
        case LeaveMessage():
            return {"kept": errand.kept, "empty": errand.empty, "error": errand.error}
        case Transfer():
            return {"unusable": errand.unusable, "error": errand.error}


def label(errand: Errand, way: str) -> str:
    """The word that tells the house how it went."""
    gone = isinstance(errand, Transfer) and way in TRANSFERRED
    if way == "error" or (way not in ways(errand) and not gone):
        return "transfer_failed" if isinstance(errand, Transfer) else "not_answered"
    return f"{_ABOUT[type(errand)]}_{way}"


def wanted(errand: Errand) -> Iterator[tuple[str, str]]:
    """Every value it must know, with the field that names it."""
    match errand:
        case LookUp(by=by):
            yield "by", by
        case CheckPin(account=account, pin=pin):
            yield "account", account
            yield "pin", pin
            yield "kind", "ani"
        case Transfer(number=number):
            yield "number", number
        case LeaveMessage():
            yield "kind", "ani"
        case Survey() | PlayArticle():
            return
        case Telling(number=number):
            yield "number", number
            yield "kind", "ani"
        case OpenTicket(values=values):
            yield from (("values", name) for name in values)
            yield "kind", "ani"
        case OfferCallback(number=number):
            yield "number", number
            yield "kind", "ani"
        case Http(url=url, send=send):
            yield from (("url", name) for name in places(url))
            yield from (("send", name) for name in send.values())


def kept(errand: Errand) -> Mapping[str, str]:  # noqa: PLR0911 - one for each kind of node
    """What of an answer is kept, and the name of the value that keeps it."""
    match errand:
        case LookUp() | CheckPin():
            return ABOUT_THE_CUSTOMER
        case TellTicket():
            return ABOUT_THE_TICKET
        case TellOrder():
            return ABOUT_THE_ORDER
        case OpenTicket(into=str() as into) | LeaveMessage(into=str() as into):
            return {"number": into}
        case OfferCallback(into=str() as into):
            return {"due": into}
        case Http(take=take):
            return {name: name for name in take}
        case OpenTicket() | OfferCallback() | Transfer() | LeaveMessage() | Survey() | PlayArticle():
            return {}


def question(errand: Errand, known: Situation) -> Question | None:  # noqa: PLR0911 - one for each kind of node
    """None: with what is known so far nothing can be asked."""
    values, who = known.values, {"caller": known.values.get("ani", ""), "customer": known.customer}
    match errand:
        case LookUp(by=by):
            return WhoIs(number=values.get(by, ""))
        case CheckPin(account=account, pin=pin):
            return ProveWho(account=values.get(account, ""), pin=values.get(pin, ""), caller=who["caller"])
        case Survey():
            return Rate(score=known.score) if known.score else None
        case PlayArticle(article=article):
            return ReadArticle(article=article, language=values.get("language", ""))
        case LeaveMessage(matter=matter, subject=subject, shortest_s=shortest_s):
            return KeepMessage(
                take=known.take, shortest_s=shortest_s, matter=matter, subject=subject, queue=errand.queue or "", **who
            )
        case Transfer(number=number):
            return Whither(number=values.get(number, ""))
        case TellTicket(number=number):
            return HowIsTicket(number=values.get(number, ""), **who)
        case TellOrder(number=number):
            return HowIsOrder(number=values.get(number, ""), **who)
        case OpenTicket(matter=matter, subject=subject):
            details = {name: values[name] for name in errand.values if values.get(name)}
            return NewTicket(matter=matter, subject=subject, details=details, queue=errand.queue or "", **who)
        case OfferCallback(number=number, why=why):
            if (due_at := _due(errand, known)) is None:
                return None
            number_left, queue = values.get(number, ""), errand.queue or ""
            return NewCallback(number=number_left, due_at=due_at, why=why, queue=queue, **who)
        case Http(method=method, url=url, send=send, take=take):
            body = {name: values.get(value, "") for name, value in send.items()} if method is Method.POST else None
            address = filled(url, values)
            return None if address is None else Fetch(method=method, address=address, body=body, take=take)


def _due(errand: OfferCallback, known: Situation) -> datetime | None:
    within = timedelta(minutes=errand.within_min)
    if known.at is None:
        return None
    if errand.calendar is None:
        return known.at + within
    calendar = known.calendars.get(errand.calendar)
    return in_hours(calendar, known.at, within) if calendar else None


def learnt(errand: Errand, answer: Answered) -> Mapping[str, str]:
    """Values, also those the answer left out: what an earlier one gave is true no more."""
    return {name: answer.values.get(key, "") for key, name in kept(errand).items()}


def speech(asked: Question | None, answer: Answered) -> Words:
    """What is said to the caller before he goes on: nothing, but for tickets and orders."""
    if answer.way != "told":
        return ()
    match asked:
        case HowIsTicket(number=number):
            due = answer.values.get("due", "")
            promised: Words = ("ticket_due", (Kind.DATE, due), (Kind.TIME, due)) if due else ()
            return ("ticket_number", (Kind.DIGITS, number), f"ticket_{answer.values.get('status', '')}", *promised)
        case HowIsOrder(number=number):
            kind, state = answer.values.get("kind", ""), answer.values.get("state", "")
            day = answer.values.get("expected", "")
            expected: Words = ("order_expected", (Kind.DATE, day)) if day else ()
            return (f"order_{kind}", (Kind.DIGITS, number), f"order_{state}", *expected)
        case _:
            return ()
