"""The callback forms. Pure; times are read in the house's time zone."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, Final

from agent_console.errors import Invalid
from agent_console.faults import Fault
from agent_console.inputs import CallbackInput, checked
from agent_console.words import Words, say

_FIELDS: Final = ("number", "customer", "contact", "ticket", "call", "assignee")
_OPENING_HOUR, _CLOSING_HOUR = 9, 18


def read_new(form: Mapping[str, str], words: Words, now: datetime) -> CallbackInput:
    """Raises Invalid with everything that is wrong."""
    faults: list[Fault] = []
    due = _due(form.get("due_at", ""), words, now, faults)
    values: dict[str, Any] = {name: form.get(name) or None for name in _FIELDS}
    values |= {"why": form.get("why", ""), "due_at": due or now}
    try:
        found = checked(CallbackInput, values)
    except Invalid as error:
        raise Invalid((*faults, *(_beside_number(fault) for fault in error.faults))) from None
    if faults:
        raise Invalid(tuple(faults))
    return found


def _beside_number(fault: Fault) -> Fault:
    """Whom to call is asked beside the number; a number without digits is said so in words."""
    if fault.field == "number":
        return replace(fault, sentence=say("This is not a number that can be dialled."))
    return replace(fault, field="number") if fault.code == "callback.whom" else fault


def read_due(form: Mapping[str, str], words: Words, now: datetime) -> datetime:
    faults: list[Fault] = []
    due = _due(form.get("due_at", ""), words, now, faults)
    if due is None:
        raise Invalid(tuple(faults))
    return due


def _due(typed: str, words: Words, now: datetime, faults: list[Fault]) -> datetime | None:
    try:
        due = words.from_input(typed)
    except ValueError:
        missing = say("Please choose a day and a time.")
        faults.append(Fault(field="due_at", code="callback.when", sentence=missing))
        return None
    if due < now - timedelta(minutes=1):
        past = say("This time is over already. Please choose one that is still to come.")
        faults.append(Fault(field="due_at", code="callback.past", sentence=past))
        return None
    return due


def sensible_time(words: Words, now: datetime) -> datetime:
    """What a form proposes: in two hours at a full quarter, within the working day; else tomorrow morning."""
    wanted = words.local(now) + timedelta(hours=2)
    wanted = wanted.replace(minute=wanted.minute // 15 * 15, second=0, microsecond=0)
    if wanted.hour < _OPENING_HOUR and wanted.date() == words.local(now).date():
        return wanted.replace(hour=_OPENING_HOUR, minute=0)
    if wanted.hour < _CLOSING_HOUR and wanted.date() == words.local(now).date():
        return wanted
    tomorrow = words.local(now) + timedelta(days=1)
    return tomorrow.replace(hour=_OPENING_HOUR, minute=0, second=0, microsecond=0)
