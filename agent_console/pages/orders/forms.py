"""The forms of orders and repairs: from what the browser sent to what the service takes. Pure.

A ticket is typed by its number, which the page looks up.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final, TypeVar

from agent_console.errors import Invalid
from agent_console.faults import Fault
from agent_console.inputs import Input, checked
from agent_console.order_inputs import OrderChange, OrderInput, OrderStepInput, as_arguments
from agent_console.words import say

_CREATE: Final = ("kind", "customer", "summary", "expected_on", "amount", "currency")
_CHANGE: Final = ("summary", "expected_on", "carrier", "tracking", "amount", "currency", "version")
_STEP: Final = ("state", "note", "version")
_OPTIONAL: Final = frozenset({"expected_on", "amount"})
"""Nothing typed is nothing, not an empty text."""
_SENTENCES: Final = {
    "amount": say("Please write an amount such as 1280.50."),
    "currency": say("Please write a currency by its three letters, such as CNY."),
}
_NOT_IN_NUMBERS: Final = str.maketrans("，", ",", " \u00a0¥￥")
_GROUPED: Final = re.compile(r"[0-9]{1,3}(,[0-9]{3})+(\.[0-9]+)?")
"""Commas between thousands; where one stands for the decimal point, an amount would become a hundred times as much."""

_M = TypeVar("_M", bound=Input)


def read_new(form: Mapping[str, str]) -> dict[str, Any]:
    """The arguments of `Orders.create`, beside the ticket. Raises Invalid."""
    return as_arguments(_checked(OrderInput, _given(form, _CREATE)).model_dump(exclude={"ticket"}))


def read_change(form: Mapping[str, str]) -> dict[str, Any]:
    """The arguments of `Orders.update`, beside the ticket: only fields that the form had. Raises Invalid."""
    return as_arguments(_checked(OrderChange, _given(form, _CHANGE)).model_dump(exclude_unset=True))


def read_step(form: Mapping[str, str]) -> dict[str, Any]:
    """The arguments of `Orders.move`. Raises Invalid."""
    return _checked(OrderStepInput, _given(form, _STEP)).model_dump()


def draft(form: Mapping[str, str]) -> dict[str, str]:
    """What was typed, to be shown again."""
    return {name: form.get(name, "") for name in (*_CREATE, "ticket", "customer_text")}


def _given(form: Mapping[str, str], names: tuple[str, ...]) -> dict[str, Any]:
    """Amounts may be typed as people write them: ¥1,280.50."""
    values: dict[str, Any] = {name: form[name].strip() for name in names if name in form}
    if "amount" in values:
        amount = values["amount"].translate(_NOT_IN_NUMBERS)
        values["amount"] = amount.replace(",", "") if _GROUPED.fullmatch(amount) else amount
    if currency := values.pop("currency", ""):
        values["currency"] = currency.upper()
    return {name: value or None if name in _OPTIONAL else value for name, value in values.items()}


def _checked(model: type[_M], values: Mapping[str, Any]) -> _M:
    try:
        return checked(model, values)
    except Invalid as error:
        raise Invalid(tuple(_told(fault) for fault in error.faults)) from None


def _told(fault: Fault) -> Fault:
    said = _SENTENCES.get(fault.field) if fault.code == "string_pattern_mismatch" else None
    return replace(fault, sentence=said) if said else fault
