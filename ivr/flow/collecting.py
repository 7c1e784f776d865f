"""How digits become an entry: what has been typed, whether it is complete, and whether it fits what was asked. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from ivr.flow.nodes import Collect

MASK = "****"
"""Stands for whatever was typed where it is secret, however long it was."""
_TOO_MANY = 20
"""So many more than allowed are heard out; who leans on a key gets no further than that."""
_TERMINATOR_S = 1.0
"""Who ends a full entry with the terminator, out of habit, does it within this time."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    entry: str
    rest: str
    """Keys that are left for what comes next."""
    waits_s: float | None = None
    """It is not complete: so long may the next key take."""
    wrong: bool = False
    """There was a key that is neither a digit nor the terminator, or no end of digits."""


def take(question: Collect, entry: str, typed: str) -> Taken:
    for used, key in enumerate(typed):
        rest = "" if question.secret else typed[used + 1 :]
        if key == question.terminator:
            return Taken(entry=entry, rest=rest)
        if len(entry) == question.longest and not _has_an_end(question):
            return Taken(entry=entry, rest=key + rest)
        entry += key
        if not key.isdigit() or len(entry) == question.longest + _TOO_MANY:
            return Taken(entry=entry, rest=rest, wrong=True)
    if len(entry) != question.longest:
        return Taken(entry=entry, rest="", waits_s=question.between_s)
    return Taken(entry=entry, rest="", waits_s=_TERMINATOR_S if _has_an_end(question) else None)


def _has_an_end(question: Collect) -> bool:
    """A digit too many belongs to the entry, which is wrong then. So it is wherever the caller says himself that he is
    through, and of a secret always: no part of it may spill into the next question, which tells what it hears."""
    return bool(question.terminator) or question.secret


def fits(question: Collect, entry: str) -> bool:
    if not question.shortest <= len(entry) <= question.longest:
        return False
    value = int(entry)
    return (question.lowest is None or value >= question.lowest) and (
        question.highest is None or value <= question.highest
    )


def masked(question: Collect, entry: str) -> str:
    """As it may be kept and told."""
    return MASK if question.secret and entry else entry
