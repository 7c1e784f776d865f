"""What somebody who talks a menu through does, and what the house might answer him. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from ivr.flow.asked import (
    Answered,
    Fetch,
    HowIs,
    KeepComment,
    KeepMessage,
    NewCallback,
    NewTicket,
    ProveWho,
    Question,
    Rate,
    ReadArticle,
    Whither,
    WhoIs,
)
from ivr.flow.messages import Failed

DEED: Final = r"^([0-9*#]|silence|hang_up|way:[a-z]{1,20})$"
"""How a deed is written: a key, `silence`, `hang_up`, or how it went for the house (`way:promised`)."""
_WRITTEN: Final = re.compile(DEED)
FAILED: Final = "error"


@dataclass(frozen=True, slots=True)
class Press:
    key: str


@dataclass(frozen=True, slots=True)
class Silence:
    """He lets the time pass."""


@dataclass(frozen=True, slots=True)
class GoAway:
    """He hangs up."""


@dataclass(frozen=True, slots=True)
class Choose:
    """So it went for the house."""

    way: str


Deed = Press | Silence | GoAway | Choose


def deed(text: str) -> Deed | None:
    """None: that is none."""
    if not _WRITTEN.fullmatch(text):
        return None
    match text:
        case "silence":
            return Silence()
        case "hang_up":
            return GoAway()
        case _ if text.startswith("way:"):
            return Choose(text.removeprefix("way:"))
        case _:
            return Press(text)


_WAYS: Final[Mapping[type[Question], tuple[str, ...]]] = {
    ProveWho: ("found", "wrong", "locked", FAILED),
    NewTicket: ("opened", FAILED),
    NewCallback: ("promised", "unusable", FAILED),
    Fetch: ("answered", "refused", FAILED),
    Whither: ("number", "unusable", FAILED),
    KeepMessage: ("kept", "empty", FAILED),
    Rate: ("rated", FAILED),
    KeepComment: ("commented", "empty", FAILED),
}


def only_reads(question: Question) -> bool:
    """Whether the house can be asked in earnest, for nothing changes by it."""
    return isinstance(question, WhoIs | HowIs | ReadArticle)


def ways_of(question: Question) -> tuple[str, ...]:
    """How it may go, of what is not really done."""
    return _WAYS.get(type(question), ())


def as_if(question: Question, way: str, at: datetime | None) -> Answered | Failed:
    """The answer of a house for which it went this way. A ticket has a number that no ticket has; another system's
    answer holds nothing."""
    if way == FAILED:
        return Failed()
    return Answered(way=way, values=_values(question, way, at))


def _values(question: Question, way: str, at: datetime | None) -> Mapping[str, str]:
    match question:
        case NewTicket() | KeepMessage() if way in ("opened", "kept") and at is not None:
            return {"number": f"{at:%Y%m%d}0000"}
        case NewCallback(due_at=due) if way == "promised":
            return {"due": due.replace(tzinfo=None).isoformat(timespec="minutes")}
        case Whither(number=number):
            return {"to": number}
        case _:
            return {}
