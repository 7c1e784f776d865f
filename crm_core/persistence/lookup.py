"""Who uses this number: the one query the whole house waits for, by one index and nothing more."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import TypeVar

from sqlalchemy import bindparam, select
from sqlalchemy.ext.asyncio import AsyncConnection

from crm_core.domain.customers import Match
from crm_core.domain.matching import Link, match
from crm_core.kernel.phone import PhoneNumber
from crm_core.persistence.tables import contact, customer, phone_link

_K = TypeVar("_K")

_LINKS = select(
    phone_link.c.customer_id.label("customer"),
    customer.c.name,
    customer.c.name_en,
    customer.c.kind,
    customer.c.level,
    phone_link.c.contact_id.label("contact"),
    contact.c.name.label("contact_name"),
    contact.c.name_en.label("contact_name_en"),
    contact.c.title.label("contact_title"),
    phone_link.c.confirmed,
    phone_link.c.source,
    phone_link.c.last_used,
).select_from(phone_link.join(customer).outerjoin(contact, phone_link.c.contact_id == contact.c.id))

_OF_ONE = _LINKS.where(phone_link.c.number_key == bindparam("number"))
_OF_MANY = _LINKS.add_columns(phone_link.c.number_key)


async def find_match(connection: AsyncConnection, number: PhoneNumber, at: datetime) -> Match:
    if not number.known:
        return match(number, (), at)
    rows = await connection.execute(_OF_ONE, {"number": number.key})
    return match(number, [Link(**row) for row in rows.mappings()], at)


async def find_matches(
    connection: AsyncConnection, asked: Mapping[_K, tuple[PhoneNumber, datetime]]
) -> dict[_K, Match]:
    """The same for many askers in one go."""
    links: dict[str, list[Link]] = {}
    keys = sorted({number.key for number, _ in asked.values() if number.known})
    for row in (await connection.execute(_OF_MANY.where(phone_link.c.number_key.in_(keys)))).mappings() if keys else ():
        fields = dict(row)
        links.setdefault(fields.pop("number_key"), []).append(Link(**fields))
    return {asker: match(number, links.get(number.key, ()), at) for asker, (number, at) in asked.items()}
