"""What happened with a customer, newest first: calls, tickets, orders and callbacks as one story. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from crm_core.domain.callbacks import Callback
from crm_core.domain.calls import CallRecord
from crm_core.domain.orders import Order
from crm_core.domain.tickets import Ticket


@dataclass(frozen=True, slots=True, kw_only=True)
class Moment:
    at: datetime
    kind: str
    """`call`, `ticket`, `callback` or `order`."""
    call: CallRecord | None = None
    ticket: Ticket | None = None
    callback: Callback | None = None
    order: Order | None = None


def timeline(
    calls: Iterable[CallRecord],
    tickets: Iterable[Ticket],
    callbacks: Iterable[Callback],
    orders: Iterable[Order] = (),
) -> tuple[Moment, ...]:
    moments = [
        *(Moment(at=call.started_at, kind="call", call=call) for call in calls),
        *(Moment(at=ticket.created_at, kind="ticket", ticket=ticket) for ticket in tickets),
        *(Moment(at=one.done_at or one.created_at, kind="callback", callback=one) for one in callbacks),
        *(Moment(at=order.created_at, kind="order", order=order) for order in orders),
    ]
    return tuple(sorted(moments, key=lambda moment: moment.at, reverse=True))
