"""A ticket's history in words: what was changed from what to what. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from agent_console.labels import label
from agent_console.words import Named, Sentence, names_of, say
from crm_core.domain.tickets import TicketEntry, TicketPriority, TicketStatus, TicketType
from crm_core.domain.users import User
from crm_core.kernel.ids import UserId

_FIELDS: Final[Mapping[str, Sentence]] = {
    "status": say("Status"),
    "priority": say("Priority"),
    "type": say("Type"),
    "assignee": say("Assigned to"),
    "subject": say("Subject"),
    "description": say("Description"),
    "topic": say("Topic"),
    "customer": say("Customer"),
    "contact": say("Contact"),
    "department": say("Department"),
    "queue": say("In the line of"),
}
_ENUMS: Final[Mapping[str, type[StrEnum]]] = {
    "status": TicketStatus,
    "priority": TicketPriority,
    "type": TicketType,
}
_SILENT: Final = frozenset({"description", "customer", "contact"})
"""Their change is told without the values: too long, or only an id."""
_NOBODY: Final = say("nobody")


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    field: Sentence
    before: Sentence | None
    after: Sentence | None


def changes_of(entry: TicketEntry, people: Mapping[UserId, User]) -> tuple[Change, ...]:
    return tuple(
        Change(field=_FIELDS[name], before=_value(name, before, people), after=_value(name, after, people))
        for name, (before, after) in (entry.changes or {}).items()
        if name in _FIELDS
    )


def _value(field: str, value: object, people: Mapping[UserId, User]) -> Sentence | None:
    if field in _SILENT:
        return None
    if field == "assignee":
        return _person(value, people)
    if kind := _ENUMS.get(field):
        return label(kind(str(value)))
    return Sentence(text="%(value)s", params={"value": value or "–"})


def _person(value: object, people: Mapping[UserId, User]) -> Sentence:
    if not value:
        return _NOBODY
    user = people.get(UserId(str(value)))
    name: object = names_of(user) if user else Named(names={"en": str(value)})
    return Sentence(text="%(value)s", params={"value": name})
