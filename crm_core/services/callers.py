"""Whose call it was, as a person says: one write, for all who have something else to write with it."""

from __future__ import annotations

from typing import Any

from sqlalchemy import update
from sqlalchemy.ext.asyncio import AsyncConnection

from crm_core.errors import CallNotFound
from crm_core.kernel.ids import CallId, ContactId, CustomerId, UserId
from crm_core.persistence import tables as t
from crm_core.persistence.queries import must_exist
from crm_core.services.references import check_references


async def set_caller(
    connection: AsyncConnection,
    call: CallId,
    customer: CustomerId | None,
    contact: ContactId | None,
    *,
    by: UserId | None,
) -> dict[str, Any]:
    """What was written, for the log (which comes last in a transaction)."""
    values = {"customer_id": customer, "contact_id": contact, "customer_by": by}
    await must_exist(connection, t.call.c.id, call, CallNotFound)
    await check_references(connection, values)
    await connection.execute(update(t.call).where(t.call.c.id == call).values(**values))
    return values
