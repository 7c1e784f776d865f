"""Checks that what is referred to exists, so that a wrong id is answered by its name and not by the database."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from crm_core.errors import (
    CallNotFound,
    ContactNotFound,
    CustomerNotFound,
    DepartmentNotFound,
    QueueNotFound,
    TicketNotFound,
    UserNotFound,
)
from crm_core.persistence import tables as t
from crm_core.persistence.queries import must_exist

_REFERENCES = {
    "customer_id": (t.customer.c.id, CustomerNotFound),
    "ticket_id": (t.ticket.c.id, TicketNotFound),
    "call_id": (t.call.c.id, CallNotFound),
    "done_call": (t.call.c.id, CallNotFound),
    "assignee": (t.user.c.id, UserNotFound),
    "owner": (t.user.c.id, UserNotFound),
    "queue": (t.queue.c.key, QueueNotFound),
    "department": (t.department.c.key, DepartmentNotFound),
}


async def check_references(connection: AsyncConnection, row: Mapping[str, Any]) -> None:
    """`row` by columns; a `contact_id` must belong to the `customer_id` beside it."""
    for name, (column, missing) in _REFERENCES.items():
        await must_exist(connection, column, row.get(name), missing, hold=True)
    contact = row.get("contact_id")
    if contact is not None:
        owner = await connection.scalar(select(t.contact.c.customer_id).where(t.contact.c.id == contact))
        if owner is None or owner != row.get("customer_id"):
            raise ContactNotFound(id=contact)
