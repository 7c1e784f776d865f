"""How digits become an entry: what has been typed, whether it is complete, and whether it fits what was asked. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from ivr.flow.model import Collect

MASK = "****"
"""Stands for whatever was typed where it is secret, however long it was."""
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
    """There was a key that is neither a digit nor the terminator."""


def take(question: Collect, entry: str, typed: str) -> Taken:
    for used, key in enumerate(typed):
        rest = typed[used + 1 :]
        if key == question.terminator:
            return Taken(entry=entry, rest=rest)
        if len(entry) == question.longest:
            return Taken(entry=entry, rest=key + rest)
        if not key.isdigit():
            return Taken(entry=entry + key, rest=rest, wrong=True)
        entry += key
    if len(entry) < question.longest:
        return Taken(entry=entry, rest="", waits_s=question.between_s)
    return Taken(entry=entry, rest="", waits_s=_TERMINATOR_S if question.terminator else None)


def fits(question: Collect, entry: str) -> bool:
    if len(entry) < question.shortest:
        return False
    value = int(entry)
    return (question.lowest is None or value >= question.lowest) and (
        question.highest is None or value <= question.highest
    )


def masked(question: Collect, entry: str) -> str:
    """As it may be kept and told."""
    return MASK if question.secret and entry else entry
