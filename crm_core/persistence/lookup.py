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
from crm_core.persistence.database import Database
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
_FIELDS = tuple(column.name for column in _OF_ONE.selected_columns)
_OF_MANY = _LINKS.add_columns(phone_link.c.number_key)


class Lookup:
    """For one caller, on the shortest way."""

    def __init__(self, database: Database) -> None:
        self._links = database.quick(_OF_ONE)

    async def find(self, number: PhoneNumber, at: datetime) -> Match:
        rows = await self._links(number.key) if number.known else ()
        return match(number, [Link(**dict(zip(_FIELDS, row, strict=True))) for row in rows], at)


async def find_matches(
    connection: AsyncConnection, asked: Mapping[_K, tuple[PhoneNumber, datetime]]
) -> dict[_K, Match]:
    """For many askers in one go, within a transaction."""
    links: dict[str, list[Link]] = {}
    keys = sorted({number.key for number, _ in asked.values() if number.known})
    for row in (await connection.execute(_OF_MANY.where(phone_link.c.number_key.in_(keys)))).mappings() if keys else ():
        fields = dict(row)
        links.setdefault(fields.pop("number_key"), []).append(Link(**fields))
    return {asker: match(number, links.get(number.key, ()), at) for asker, (number, at) in asked.items()}
