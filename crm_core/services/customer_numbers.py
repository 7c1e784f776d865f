"""Which numbers lead to a customer: the links as they are kept, and how a second linking adds to the first."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import RowMapping, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from crm_core.domain.customers import NumberLink, NumberSource
from crm_core.kernel.ids import ContactId, CustomerId, new_id
from crm_core.kernel.phone import PhoneNumber, from_key
from crm_core.persistence import tables as t
from crm_core.persistence.queries import from_row


async def links_of(connection: AsyncConnection, customer: CustomerId) -> tuple[NumberLink, ...]:
    query = select(t.phone_link).where(t.phone_link.c.customer_id == customer).order_by(t.phone_link.c.id)
    return tuple(link_of(row) for row in (await connection.execute(query)).mappings())


async def merge_link(
    connection: AsyncConnection,
    number: PhoneNumber,
    customer: CustomerId,
    contact: ContactId | None,
    news: Mapping[str, Any],
    *,
    source: NumberSource,
    now: datetime,
) -> NumberLink:
    link = t.phone_link.c
    same = (
        link.number_key == number.key,
        link.extension == number.extension,
        link.customer_id == customer,
        link.contact_id.is_not_distinct_from(contact),
    )
    there = await connection.scalar(select(link.id).where(*same))
    if there is None:
        there = new_id("num")
        blank = {"label": "", "confirmed": False, "last_used": None, "extension": number.extension, "created_at": now}
        row = {"id": there, "number_key": number.key, "customer_id": customer, "contact_id": contact, "source": source}
        await connection.execute(t.phone_link.insert(), blank | row | dict(news))
    elif news:
        await connection.execute(update(t.phone_link).where(link.id == there).values(**news))
    found = await connection.execute(select(t.phone_link).where(link.id == there))
    return link_of(found.mappings().one())


def link_of(row: RowMapping) -> NumberLink:
    return from_row(NumberLink, row, number=from_key(row["number_key"], extension=row["extension"]))
