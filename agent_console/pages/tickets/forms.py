"""The ticket forms: from what the browser sent to what the service takes. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from agent_console.inputs import TicketChange, TicketInput, checked

_CREATE: Final = (
    "subject", "description", "type", "priority", "topic", "customer", "contact", "call", "assignee", "department",
    "queue",
)  # fmt: skip
_CHANGE: Final = (
    "subject", "description", "type", "status", "priority", "topic", "assignee", "customer", "queue", "version",
)  # fmt: skip
_OPTIONAL: Final = frozenset({"customer", "contact", "call", "assignee", "department", "queue"})


def read_new(form: Mapping[str, str]) -> TicketInput:
    """Raises Invalid."""
    return checked(TicketInput, _given(form, _CREATE))


def read_change(form: Mapping[str, str]) -> dict[str, Any]:
    """The arguments of `Tickets.update`: only fields that the form had. An empty assignee is nobody."""
    return checked(TicketChange, _given(form, _CHANGE)).model_dump(exclude_unset=True)


def _given(form: Mapping[str, str], names: tuple[str, ...]) -> dict[str, Any]:
    return {name: (form[name] or None) if name in _OPTIONAL else form[name] for name in names if name in form}


def draft(form: Mapping[str, str]) -> dict[str, str]:
    """What was typed, to be shown again."""
    return {name: form.get(name, "") for name in (*_CREATE, *_CHANGE, "customer_text")}
