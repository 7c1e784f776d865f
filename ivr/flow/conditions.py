"""Comparisons of what is known of a call with what a flow names. Pure; what is not known equals nothing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from enum import StrEnum
from typing import assert_never


class Relation(StrEnum):
    EQUALS = "equals"
    """Is one of these."""
    BEGINS_WITH = "begins_with"
    BELOW = "below"
    """Is a number, and smaller than this one."""
    ABOVE = "above"
    KNOWN = "known"
    """Is there, and not empty."""


OF_NUMBERS = (Relation.BELOW, Relation.ABOVE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    value: str
    """By its name."""
    relation: Relation
    against: tuple[str, ...] = ()
    negated: bool = False


def holds(comparison: Comparison, values: Mapping[str, str]) -> bool:
    return _meets(comparison, values.get(comparison.value, "")) is not comparison.negated


def _meets(comparison: Comparison, value: str) -> bool:
    match comparison.relation:
        case Relation.EQUALS:
            return value in comparison.against
        case Relation.BEGINS_WITH:
            return value.startswith(comparison.against)
        case Relation.BELOW:
            number = as_number(value)
            return number is not None and all(number < Decimal(limit) for limit in comparison.against)
        case Relation.ABOVE:
            number = as_number(value)
            return number is not None and all(number > Decimal(limit) for limit in comparison.against)
        case Relation.KNOWN:
            return bool(value)
        case _:
            assert_never(comparison.relation)


def as_number(text: str) -> Decimal | None:
    """A number written as people write them; nothing for `nan`, `1e9` and the like."""
    if not text.isascii() or set(text) - set("+-.0123456789"):
        return None
    try:
        return Decimal(text)
    except InvalidOperation:
        return None
