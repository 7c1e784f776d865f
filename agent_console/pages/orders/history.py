"""An order's history in words: what was changed from what to what. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Final

from agent_console.words import Sentence, say
from crm_core.domain.orders import OrderEntry

_FIELDS: Final[Mapping[str, Sentence]] = {
    "summary": say("What is ordered, or what is broken"),
    "expected_on": say("Expected on"),
    "carrier": say("Carrier"),
    "tracking": say("Tracking number"),
    "amount": say("Amount"),
    "currency": say("Currency"),
    "ticket": say("Ticket"),
}
_SILENT: Final = frozenset({"ticket"})
"""Their change is told without the values, which are only ids."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    field: Sentence
    before: Sentence | None
    after: Sentence | None


def changes_of(entry: OrderEntry) -> tuple[Change, ...]:
    return tuple(
        Change(field=_FIELDS[name], before=_value(name, before), after=_value(name, after))
        for name, (before, after) in (entry.changes or {}).items()
        if name in _FIELDS
    )


def _value(field: str, value: object) -> Sentence | None:
    if field in _SILENT:
        return None
    shown: object = date.fromisoformat(str(value)) if field == "expected_on" and value else value or "–"
    return Sentence(text="%(value)s", params={"value": shown})
