"""REST: orders and repairs, their steps and their history."""

from __future__ import annotations

from typing import Any

from pydantic import Field

from agent_console.api import models
from agent_console.api.operations import PREFIX, Ask, ListQuery, Made, Operations, SearchText, YesNo
from agent_console.inputs import Id
from agent_console.order_inputs import OrderChange, OrderInput, OrderNoteInput, OrderStepInput, as_arguments
from crm_core.domain.orders import OrderFilter, OrderKind, OrderState
from crm_core.kernel.ids import CustomerId, TicketId

api = Operations("Orders and repairs")


class OrderQuery(ListQuery):
    q: SearchText = Field(
        default="", description="Part of the number, the summary, the tracking number or the customer's name."
    )
    kind: OrderKind | None = None
    state: OrderState | None = None
    open: YesNo | None = Field(default=None, description="true: still on its way; false: at its end, or cancelled.")
    customer: Id | None = None
    ticket: Id | None = None

    def filter(self) -> OrderFilter:
        return OrderFilter(
            text=self.q,
            kind=self.kind,
            states=(self.state,) if self.state else (),
            open=self.open,
            customer=CustomerId(self.customer) if self.customer else None,
            ticket=TicketId(self.ticket) if self.ticket else None,
        )


@api.add("GET", "/orders", "Find orders and repairs", answers=models.OrderPage, query=OrderQuery)
async def list_orders(ask: Ask, query: OrderQuery) -> models.OrderPage:
    page = await ask.services.orders.search(query.filter(), cursor=query.cursor, limit=query.limit)
    return models.OrderPage.model_validate(page)


@api.add("POST", "/orders", "Take an order or a repair", answers=models.Order, status=201, body=OrderInput)
async def create_order(ask: Ask, body: OrderInput) -> Made:
    given: Any = as_arguments(body.model_dump())
    made = await ask.services.orders.create(**given, by=ask.user.id)
    return Made(made=models.Order.model_validate(made), location=f"{PREFIX}/orders/{made.id}")


@api.add("GET", "/orders/{order}", "An order, by id, number or the digits of its number", answers=models.Order)
async def get_order(ask: Ask) -> models.Order:
    return models.Order.model_validate(await ask.services.orders.get(ask.path["order"]))


@api.add("PATCH", "/orders/{order}", "Change what is written of an order", answers=models.Order, body=OrderChange)
async def update_order(ask: Ask, body: OrderChange) -> models.Order:
    order = await ask.services.orders.get(ask.path["order"])
    given: Any = as_arguments(body.model_dump(exclude_unset=True))
    return models.Order.model_validate(await ask.services.orders.update(order.id, **given, by=ask.user.id))


@api.add("POST", "/orders/{order}/steps", "Move an order along its path", answers=models.Order, body=OrderStepInput)
async def move_order(ask: Ask, body: OrderStepInput) -> models.Order:
    order = await ask.services.orders.get(ask.path["order"])
    moved = await ask.services.orders.move(order.id, body.state, note=body.note, version=body.version, by=ask.user.id)
    return models.Order.model_validate(moved)


@api.add("GET", "/orders/{order}/history", "All that happened to an order", answers=models.OrderEntries)
async def get_order_history(ask: Ask) -> models.OrderEntries:
    order = await ask.services.orders.get(ask.path["order"])
    entries = await ask.services.orders.history(order.id)
    return models.OrderEntries(items=[models.OrderEntry.model_validate(entry) for entry in entries])


@api.add("POST", "/orders/{order}/notes", "Note something on an order", answers=models.OrderEntry, body=OrderNoteInput)
async def note_on_order(ask: Ask, body: OrderNoteInput) -> models.OrderEntry:
    order = await ask.services.orders.get(ask.path["order"])
    return models.OrderEntry.model_validate(await ask.services.orders.note(order.id, body.text, by=ask.user.id))
