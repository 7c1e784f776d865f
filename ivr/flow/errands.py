"""What a flow has the house do for a caller. Pure: here is only what is asked, and which way each answer leads.

Every errand has an `error` way, for a house that does not answer in time.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from ivr.flow.asked import Answered, Question, WhoIs
from ivr.flow.names import NodeId

PATIENCE_S = 3.0
"""What a caller hears nothing for, unless the node says otherwise."""


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


Errand = LookUp

ABOUT_THE_CUSTOMER = {"name": "customer_name", "language": "customer_language", "level": "customer_level"}
"""Values that a look-up gives; empty when it found nobody, or several."""


def ways(errand: Errand) -> Mapping[str, NodeId]:
    """Every way out, by the word of the answer that leads there."""
    match errand:
        case LookUp():
            return {
                "found": errand.found,
                "several": errand.several,
                "unknown": errand.unknown,
                "error": errand.error,
            }


def label(errand: Errand, way: str) -> str:
    """The word that tells the house how it went."""
    if way not in ways(errand) or way == "error":
        return "not_answered"
    match errand:
        case LookUp():
            return f"caller_{way}"


def wanted(errand: Errand) -> Iterator[tuple[str, str]]:
    """Every value it must know, with the field that names it."""
    match errand:
        case LookUp(by=by):
            yield "by", by


def kept(errand: Errand) -> Mapping[str, str]:
    """What of an answer is kept, and the name of the value that keeps it."""
    match errand:
        case LookUp():
            return ABOUT_THE_CUSTOMER


def question(errand: Errand, values: Mapping[str, str]) -> Question | None:
    """None: with what is known so far nothing can be asked."""
    match errand:
        case LookUp(by=by):
            return WhoIs(number=values.get(by, ""))


def learnt(errand: Errand, answer: Answered) -> Mapping[str, str]:
    """Values, also those the answer left out: what an earlier one gave is true no more."""
    return {name: answer.values.get(key, "") for key, name in kept(errand).items()}
