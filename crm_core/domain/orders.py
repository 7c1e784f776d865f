"""What a customer is owed in goods or in work: sale orders and repairs, each on a path of states of its own. Pure.

An order is one head with a summary in words. Lines with products, quotes and spare parts can hang on it by its id;
nothing here counts on there being none.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any, Final

from crm_core.kernel.ids import CustomerId, OrderId, TicketId, UserId


class OrderKind(StrEnum):
    SALE = "sale"
    REPAIR = "repair"


class OrderState(StrEnum):
    RECEIVED = "received"
    CONFIRMED = "confirmed"
    PREPARING = "preparing"
    SHIPPED = "shipped"
    DELIVERED = "delivered"
    DIAGNOSED = "diagnosed"
    """It is known what is broken."""
    WAITING_FOR_PARTS = "waiting_for_parts"
    REPAIRING = "repairing"
    READY = "ready"
    """Repaired; the customer has not got it back."""
    RETURNED = "returned"
    CANCELLED = "cancelled"


_S = OrderState
PATHS: Final[Mapping[OrderKind, tuple[OrderState, ...]]] = {
    OrderKind.SALE: (_S.RECEIVED, _S.CONFIRMED, _S.PREPARING, _S.SHIPPED, _S.DELIVERED),
    OrderKind.REPAIR: (_S.RECEIVED, _S.DIAGNOSED, _S.WAITING_FOR_PARTS, _S.REPAIRING, _S.READY, _S.RETURNED),
}
"""What an order goes through when all goes well."""

_STEPS: Final[Mapping[OrderKind, Mapping[OrderState, tuple[OrderState, ...]]]] = {
    OrderKind.SALE: {
        _S.RECEIVED: (_S.CONFIRMED, _S.CANCELLED),
        _S.CONFIRMED: (_S.PREPARING, _S.CANCELLED),
        _S.PREPARING: (_S.SHIPPED, _S.CANCELLED),
        _S.SHIPPED: (_S.DELIVERED,),
    },
    OrderKind.REPAIR: {
        _S.RECEIVED: (_S.DIAGNOSED, _S.CANCELLED),
        _S.DIAGNOSED: (_S.REPAIRING, _S.WAITING_FOR_PARTS, _S.CANCELLED),
        _S.WAITING_FOR_PARTS: (_S.REPAIRING, _S.CANCELLED),
        _S.REPAIRING: (_S.READY, _S.WAITING_FOR_PARTS, _S.CANCELLED),
        _S.READY: (_S.RETURNED,),
    },
}
"""Where it may go from each state, the usual step first. Most repairs wait for no part."""

OVER: Final = (_S.DELIVERED, _S.RETURNED, _S.CANCELLED)
OPEN: Final = tuple(state for state in OrderState if state not in OVER)


def steps(kind: OrderKind, state: OrderState) -> tuple[OrderState, ...]:
    """The usual step first; empty when it is over."""
    return _STEPS[kind].get(state, ())


def ahead(kind: OrderKind, state: OrderState) -> tuple[OrderState, ...]:
    """What is still to come when it goes on as usual, the next first; empty when it is over."""
    usual: list[OrderState] = []
    while following := steps(kind, usual[-1] if usual else state):
        usual.append(following[0])
    return tuple(usual)


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    id: OrderId
    number: str
    """`S-4839201756` or `R-…`: ten digits drawn by lot, so that nobody gets to a stranger's order by counting."""
    kind: OrderKind
    customer: CustomerId
    ticket: TicketId | None = None
    summary: str
    """The product, and how many or what is wrong with it."""
    state: OrderState = OrderState.RECEIVED
    state_at: datetime
    expected_on: date | None = None
    """When the customer may count on it."""
    carrier: str = ""
    tracking: str = ""
    amount: Decimal | None = None
    currency: str = ""
    """As ISO 4217 has it; empty without an amount."""
    created_by: UserId | None = None
    created_at: datetime
    updated_at: datetime
    version: int = 1
    """Grows with every change; give it back with a change to notice that somebody else was faster."""

    def late(self, today: date) -> bool:
        """The day on which the customer may count is over, and the order is not."""
        return self.expected_on is not None and self.expected_on < today and self.state in OPEN


class OrderEntryKind(StrEnum):
    CREATED = "created"
    MOVED = "moved"
    CHANGED = "changed"
    NOTE = "note"


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderEntry:
    """One line of an order's history."""

    id: str
    order: OrderId
    at: datetime
    kind: OrderEntryKind
    state: OrderState
    """How it stood from then on."""
    by: UserId | None = None
    text: str = ""
    changes: dict[str, tuple[Any, Any]] | None = None
    """Field -> (before, after), for `changed`; days and amounts as text."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderFilter:
    text: str = ""
    """Part of the number, the summary, the tracking number or the customer's name."""
    kind: OrderKind | None = None
    states: tuple[OrderState, ...] = ()
    open: bool | None = None
    customer: CustomerId | None = None
    ticket: TicketId | None = None
    expected_before: date | None = None


HOUSE_CURRENCY: Final = "CNY"
"""Of an amount of which nothing else is said."""
LETTERS: Final[Mapping[OrderKind, str]] = {OrderKind.SALE: "S", OrderKind.REPAIR: "R"}


def order_number(kind: OrderKind, digits: str) -> str:
    return f"{LETTERS[kind]}-{digits}"
