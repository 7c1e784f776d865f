"""What people and programs may send of orders and repairs. Money and days come as text, so that nothing is rounded."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Annotated, Any

from pydantic import BeforeValidator, Field, StringConstraints

from agent_console.inputs import Day, Id, Input, Line, SeenLine, SeenText, Text, whole
from crm_core.domain.orders import HOUSE_CURRENCY, OrderKind, OrderState

Currency = Annotated[str, StringConstraints(pattern=r"^[A-Z]{3}$")]
Money = Annotated[str, StringConstraints(pattern=r"^[0-9]{1,12}(\.[0-9]{1,2})?$")]
Version = Annotated[int, Field(ge=1, le=2**31 - 1), BeforeValidator(whole)]


class OrderInput(Input):
    kind: OrderKind
    customer: Id
    summary: SeenLine = Field(description="The product, and how many or what is wrong with it.")
    ticket: Id | None = None
    expected_on: Day | None = Field(default=None, description="When the customer may count on it.")
    carrier: Line = ""
    tracking: Line = ""
    amount: Money | None = None
    currency: Currency = Field(default=HOUSE_CURRENCY, description="As ISO 4217 has it; of no meaning without amount.")


class OrderChange(Input):
    """Only what is given is changed; null empties."""

    summary: SeenLine = Field(default_factory=lambda: "-")
    ticket: Id | None = Field(default_factory=lambda: None)
    expected_on: Day | None = Field(default_factory=lambda: None)
    carrier: Line = Field(default_factory=lambda: "")
    tracking: Line = Field(default_factory=lambda: "")
    amount: Money | None = Field(default_factory=lambda: None)
    currency: Currency = Field(default_factory=lambda: HOUSE_CURRENCY)
    version: Version = Field(
        default_factory=lambda: 1,
        description="The version you know; the change is refused when the order has moved on since.",
    )


class OrderStepInput(Input):
    state: OrderState = Field(description="Refused where no step of its path leads there from where it stands.")
    note: Text = ""
    version: Version | None = Field(default=None, description="The version you know, as with a change.")


class OrderNoteInput(Input):
    text: SeenText


def as_arguments(sent: Mapping[str, Any]) -> dict[str, Any]:
    """What was sent, with amounts as what they are."""
    meant: dict[str, Any] = dict(sent)
    if meant.get("amount") is not None:
        meant["amount"] = Decimal(meant["amount"])
    return meant
