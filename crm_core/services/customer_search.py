"""What a customer is searched by: one line of all his names, places and numbers, and the question that reads it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from sqlalchemy import ColumnElement, Select, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from crm_core.kernel.ids import CustomerId
from crm_core.kernel.language import Language
from crm_core.kernel.phone import from_key
from crm_core.persistence import tables as t
from crm_core.persistence.queries import contains, folded


async def refresh_search(connection: AsyncConnection, customer: CustomerId, region: str) -> None:
    """Gathers in one line all that the customer may be searched by."""
    who, person = t.customer.c, t.contact.c
    own = select(who.name, who.name_en, who.email, who.city, who.address).where(who.id == customer)
    people = select(person.name, person.name_en, person.email).where(person.customer_id == customer)
    numbers = select(t.phone_link.c.number_key).where(t.phone_link.c.customer_id == customer)
    words = [word for row in await connection.execute(own) for word in row]
    words += [word for row in await connection.execute(people) for word in row]
    line = searched_by(words, (await connection.scalars(numbers)).unique(), region)
    await connection.execute(update(t.customer).where(who.id == customer).values(search_text=line))


def searched_by(words: Iterable[str], number_keys: Iterable[str], region: str) -> str:
    """The line a customer is searched in: his and his contacts' names and places, and all his numbers."""
    return folded(*words, *(_spellings(key, region) for key in number_keys))


def _spellings(key: str, region: str) -> str:
    """A number as it is stored, and as it is dialled at home."""
    number = from_key(key)
    at_home = "".join(filter(str.isdigit, number.display(Language.ZH, region)))
    return f"{number.dialable} {at_home}"


def customers_named(*texts: str) -> Select[Any]:
    """Ids of the customers that one of the texts may mean; for searching whatever belongs to them."""
    return select(t.customer.c.id).where(means(texts))


def means(texts: Iterable[str]) -> ColumnElement[bool]:
    """A number is found however it is written; everything else is taken word by word."""
    return or_(*(contains(t.customer.c.search_text, text) for text in texts))
