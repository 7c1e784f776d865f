"""What a menu asks of the house for its caller, and the answer: the words between a flow and whoever is at the desk."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum


@dataclass(frozen=True, slots=True, kw_only=True)
class WhoIs:
    """Whose number is this? `found` with `name`, `language` and `level`, `several` or `unknown`."""

    number: str = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class ProveWho:
    """Whose account is this, if its PIN is the right one? `found` as above, `wrong` whichever of the two is, or
    `locked` after too many tries."""

    account: str = field(repr=False)
    pin: str = field(repr=False)
    caller: str = field(repr=False)
    """His own number."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HowIs:
    """`told`, else `unknown`: whether there is none, or it is another's, is not for him to know."""

    number: str
    """Its digits, as typed."""
    caller: str = field(repr=False)
    """His own number."""
    customer: str
    """Who he is; empty when he was not looked up."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HowIsTicket(HowIs):
    """`told` with `status`, and `due` when he was promised something. Its digits are such as 202601050007."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HowIsOrder(HowIs):
    """`told` with `kind` and `state`, and the day it is `expected` when that is still to come. Its digits are ten."""


class Matter(StrEnum):
    """What a ticket is about."""

    CONSULTATION = "consultation"
    REPAIR = "repair"
    COMPLAINT = "complaint"
    OTHER = "other"


@dataclass(frozen=True, slots=True, kw_only=True)
class NewTicket:
    """`opened` with its `number`, as digits."""

    matter: Matter
    subject: str
    details: Mapping[str, str] = field(repr=False)
    """What the caller typed, by the names of the values."""
    caller: str = field(repr=False)
    customer: str
    queue: str = ""
    """In whose line it shall wait; empty: in none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NewCallback:
    """`promised` with `due`; `unusable` when that is no number that can be called."""

    number: str = field(repr=False)
    due_at: datetime
    """By when, where his queue calls nobody back in its line."""
    why: str
    caller: str = field(repr=False)
    customer: str
    queue: str = ""
    """In whose line; empty: in which he waits."""


class Method(StrEnum):
    GET = "get"
    POST = "post"


@dataclass(frozen=True, slots=True, kw_only=True)
class Fetch:
    """`answered` by another system, with what was to be taken from its answer; `refused` with a status of 4xx."""

    method: Method
    address: str = field(repr=False)
    take: Mapping[str, str]
    """By the names of the values, where in the answer each stands."""
    body: Mapping[str, str] | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Whither:
    """Where does this number lead? `agent` or `number` with what is dialled (`to`), `queue` with its key (`to`) and
    what it asks for (`asks`), or `unusable`."""

    number: str = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class KeepMessage:
    """He has spoken. `kept` with the `number` of its ticket, as digits; `empty` when that is no message."""

    take: int
    """Which of the messages in this call."""
    shortest_s: float
    matter: Matter
    subject: str
    caller: str = field(repr=False)
    customer: str
    queue: str = ""
    """In whose line its ticket shall wait; empty: in none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rate:
    """`rated`: he is so satisfied, 1 to 5."""

    score: int


@dataclass(frozen=True, slots=True, kw_only=True)
class KeepComment:
    """He has said why. `commented`; `empty` when he said nothing."""

    take: int
    """Which of what he has said in this call."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadArticle:
    """`told` with `text` and the `language` it is in, and the `sound` that says it; else there is nothing to hear."""

    article: str
    """Its number."""
    language: str
    """In which he would like to hear it."""


Question = (
    WhoIs
    | ProveWho
    | HowIsTicket
    | HowIsOrder
    | NewTicket
    | NewCallback
    | Fetch
    | Whither
    | KeepMessage
    | Rate
    | KeepComment
    | ReadArticle
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Answered:
    """What the house says to a question."""

    way: str
    """By which way out of the node the call goes on."""
    values: Mapping[str, str] = field(default_factory=dict, repr=False)
    customer: str = ""
    """Who the caller is, when that was the question."""
    at: datetime | None = None
    """The time now, in the zone of the house."""
    digits: str = field(default="", repr=False)
    """The keys pressed meanwhile, in order."""
