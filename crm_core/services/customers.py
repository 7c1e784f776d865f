"""Who is calling, and everything we know about customers, their people and their numbers."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import RowMapping, Select, delete, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from crm_core.domain import checks
from crm_core.domain.customers import (
    Contact,
    Customer,
    CustomerDetails,
    CustomerKind,
    CustomerLevel,
    Match,
    NumberLink,
    NumberSource,
)
from crm_core.domain.paging import KEEP, Keep, Page
from crm_core.errors import ContactNotFound, CustomerNotFound, NumberNotFound, NumberUnusable, UserNotFound
from crm_core.kernel.clock import Clock
from crm_core.kernel.ids import ContactId, CustomerId, UserId, new_id
from crm_core.kernel.language import Language
from crm_core.kernel.phone import NumberKind, PhoneNumber, from_key, normalise
from crm_core.persistence import tables as t
from crm_core.persistence.database import Database
from crm_core.persistence.log import audit
from crm_core.persistence.lookup import Lookup
from crm_core.persistence.queries import changed, contains, folded, from_row, insert_into, must_exist, page_of
from crm_core.services.options import CoreOptions

_SEARCHED = tuple(column for column in t.customer.c if column is not t.customer.c.search_text)


class Customers:
    def __init__(self, database: Database, clock: Clock, options: CoreOptions) -> None:
        self._db, self._clock, self._options = database, clock, options
        self._lookup = Lookup(database)

    @property
    def region(self) -> str:
        """The country we are in."""
        return self._options.region

    def number(self, raw: str) -> PhoneNumber:
        """A number by this house's number plan."""
        return normalise(raw, self._options.region, area_code=self._options.area_code)

    async def who_is(self, number: str | PhoneNumber, at: datetime | None = None) -> Match:
        """Who uses this number, and how sure we are. Never guesses; changes nothing. `at` decides what is recent."""
        asked = self.number(number) if isinstance(number, str) else number
        return await self._lookup.find(asked, at or self._clock.now())

    async def get(self, customer: CustomerId) -> Customer:
        async with self._db.reading() as connection:
            return await _customer(connection, customer)

    async def of_ids(self, customers: Iterable[CustomerId]) -> dict[CustomerId, Customer]:
        """Several at once, for a list; one who is gone is left out."""
        wanted = select(*_SEARCHED).where(t.customer.c.id.in_(set(customers)))
        async with self._db.reading() as connection:
            rows = (await connection.execute(wanted)).mappings().all()
        return {CustomerId(row["id"]): _customer_of(row) for row in rows}

    async def numbers_of(self, customers: Iterable[CustomerId]) -> dict[CustomerId, tuple[NumberLink, ...]]:
        """Their numbers, each customer's likeliest first: confirmed ones, then the one used last."""
        link = t.phone_link.c
        likeliest_first = (link.confirmed.desc(), link.last_used.desc().nulls_last(), link.id)
        wanted = select(t.phone_link).where(link.customer_id.in_(set(customers))).order_by(*likeliest_first)
        async with self._db.reading() as connection:
            rows = (await connection.execute(wanted)).mappings().all()
        found: dict[CustomerId, list[NumberLink]] = {}
        for row in rows:
            found.setdefault(CustomerId(row["customer_id"]), []).append(_link(row))
        return {customer: tuple(links) for customer, links in found.items()}

    async def details(self, customer: CustomerId) -> CustomerDetails:
        async with self._db.reading() as connection:
            found = await _customer(connection, customer)
            contacts = select(t.contact).where(t.contact.c.customer_id == customer).order_by(t.contact.c.id)
            numbers = select(t.phone_link).where(t.phone_link.c.customer_id == customer).order_by(t.phone_link.c.id)
            return CustomerDetails(
                customer=found,
                contacts=tuple(from_row(Contact, row) for row in (await connection.execute(contacts)).mappings()),
                numbers=tuple(_link(row) for row in (await connection.execute(numbers)).mappings()),
            )

    async def contact(self, contact: ContactId) -> Contact:
        async with self._db.reading() as connection:
            return await _contact(connection, contact)

    async def search(
        self,
        text: str = "",
        *,
        kind: CustomerKind | None = None,
        level: CustomerLevel | None = None,
        cursor: str | None = None,
        limit: int = 50,
    ) -> Page[Customer]:
        """Any part of a name (customer or contact), a number, a place or an e-mail; the newest customer first."""
        query = select(*_SEARCHED)
        if text:
            query = query.where(contains(t.customer.c.search_text, self._as_searched(text)))
        if kind is not None:
            query = query.where(t.customer.c.kind == kind)
        if level is not None:
            query = query.where(t.customer.c.level == level)
        async with self._db.reading() as connection:
            return await page_of(
                connection, query, _customer_of, order=t.customer.c.created_at, tie=t.customer.c.id,
                cursor=cursor, limit=limit,
            )  # fmt: skip

    async def create(
        self,
        *,
        name: str,
        name_en: str = "",
        kind: CustomerKind = CustomerKind.PERSON,
        level: CustomerLevel = CustomerLevel.NORMAL,
        language: Language | None = None,
        email: str = "",
        city: str = "",
        address: str = "",
        note: str = "",
        owner: UserId | None = None,
        number: str = "",
        by: UserId | None = None,
    ) -> Customer:
        """`number`: attached at once and confirmed (the caller being talked to)."""
        customer, now = CustomerId(new_id("cus")), self._clock.now()
        row = {
            "id": customer,
            **_checked(name=name, name_en=name_en, email=email, city=city, address=address, note=note),
            "kind": kind,
            "level": level,
            "language": language,
            "owner": owner,
            "created_at": now,
            "updated_at": now,
            "search_text": "",
        }
        async with self._db.session() as connection:
            await must_exist(connection, t.user.c.id, owner, UserNotFound)
            await connection.execute(t.customer.insert(), row)
            if number:
                await self._link(connection, number, customer, None, confirmed=True, used=True)
            await _refresh(connection, customer, self._options.region)
            await audit(connection, "customer.created", customer, at=now, by=by, name=name)
            return await _customer(connection, customer)

    async def update(
        self,
        customer: CustomerId,
        *,
        name: str | Keep = KEEP,
        name_en: str | Keep = KEEP,
        kind: CustomerKind | Keep = KEEP,
        level: CustomerLevel | Keep = KEEP,
        language: Language | Keep | None = KEEP,
        email: str | Keep = KEEP,
        city: str | Keep = KEEP,
        address: str | Keep = KEEP,
        note: str | Keep = KEEP,
        owner: UserId | Keep | None = KEEP,
        by: UserId | None = None,
    ) -> Customer:
        words = _checked(name=name, name_en=name_en, email=email, city=city, address=address, note=note)
        wanted = changed(kind=kind, level=level, language=language, owner=owner, **words)
        async with self._db.session() as connection:
            await must_exist(connection, t.customer.c.id, customer, CustomerNotFound)
            await must_exist(connection, t.user.c.id, wanted.get("owner"), UserNotFound)
            if wanted:
                await self._touch(connection, customer, wanted, "customer.updated", by)
            return await _customer(connection, customer)

    async def add_contact(
        self,
        customer: CustomerId,
        *,
        name: str,
        name_en: str = "",
        title: str = "",
        email: str = "",
        language: Language | None = None,
        note: str = "",
        by: UserId | None = None,
    ) -> Contact:
        contact, now = ContactId(new_id("con")), self._clock.now()
        words = _checked(name=name, name_en=name_en, title=title, email=email, note=note)
        row = {"id": contact, "customer_id": customer, "language": language, "created_at": now, **words}
        async with self._db.session() as connection:
            await must_exist(connection, t.customer.c.id, customer, CustomerNotFound)
            await connection.execute(t.contact.insert(), row)
            await self._touch(connection, customer, {}, "customer.contact_added", by, contact=contact, name=name)
            return await _contact(connection, contact)

    async def update_contact(
        self,
        contact: ContactId,
        *,
        name: str | Keep = KEEP,
        name_en: str | Keep = KEEP,
        title: str | Keep = KEEP,
        email: str | Keep = KEEP,
        language: Language | Keep | None = KEEP,
        note: str | Keep = KEEP,
        by: UserId | None = None,
    ) -> Contact:
        words = _checked(name=name, name_en=name_en, title=title, email=email, note=note)
        wanted = changed(language=language, **words)
        async with self._db.session() as connection:
            customer = (await _contact(connection, contact)).customer
            if wanted:
                await connection.execute(update(t.contact).where(t.contact.c.id == contact).values(**wanted))
                await self._touch(
                    connection, customer, {}, "customer.contact_updated", by, contact=contact, changes=wanted
                )
            return await _contact(connection, contact)

    async def add_number(
        self,
        customer: CustomerId,
        number: str,
        *,
        contact: ContactId | None = None,
        label: str = "",
        confirmed: bool = False,
        source: NumberSource = NumberSource.AGENT,
        by: UserId | None = None,
    ) -> NumberLink:
        """Links a number; twice is once (a later `confirmed=True` confirms)."""
        async with self._db.session() as connection:
            link = await self._link(
                connection, number, customer, contact, label=label, confirmed=confirmed, source=source
            )
            await self._touch(connection, customer, {}, "customer.number_added", by, number=link.number.key)
            return link

    async def attach_number(
        self,
        number: str,
        customer: CustomerId,
        contact: ContactId | None = None,
        *,
        by: UserId | None = None,
    ) -> NumberLink:
        """ "This caller is him": the link is confirmed, and used now."""
        async with self._db.session() as connection:
            link = await self._link(connection, number, customer, contact, confirmed=True, used=True)
            await self._touch(
                connection, customer, {}, "customer.number_attached", by, number=link.number.key, contact=contact
            )
            return link

    async def detach_number(
        self,
        number: str,
        customer: CustomerId,
        contact: ContactId | None = None,
        *,
        by: UserId | None = None,
    ) -> None:
        """This number is not his. Without `contact` every link between the two goes."""
        key = self.number(number).key
        wrong = delete(t.phone_link).where(t.phone_link.c.number_key == key, t.phone_link.c.customer_id == customer)
        if contact is not None:
            wrong = wrong.where(t.phone_link.c.contact_id == contact)
        async with self._db.session() as connection:
            if not (await connection.execute(wrong)).rowcount:
                raise NumberNotFound(number=number)
            await self._touch(connection, customer, {}, "customer.number_detached", by, number=key, contact=contact)

    # ---- within

    def _as_searched(self, text: str) -> str:
        """A number is found however it is written; everything else is taken word by word."""
        number = self.number(text)
        return number.dialable if number.kind is NumberKind.E164 else text

    async def _link(
        self,
        connection: AsyncConnection,
        raw: str,
        customer: CustomerId,
        contact: ContactId | None,
        *,
        label: str = "",
        confirmed: bool = False,
        source: NumberSource = NumberSource.AGENT,
        used: bool = False,
    ) -> NumberLink:
        number, now = self.number(raw), self._clock.now()
        if number.kind in (NumberKind.ANONYMOUS, NumberKind.INVALID):
            raise NumberUnusable(number=raw[:64])
        await must_exist(connection, t.customer.c.id, customer, CustomerNotFound)
        if contact is not None and (await _contact(connection, contact)).customer != customer:
            raise ContactNotFound(id=contact)
        known = insert_into(connection, t.phone_number).on_conflict_do_nothing(index_elements=["key"])
        await connection.execute(known, {"key": number.key, "kind": number.kind, "created_at": now})
        news = _news(label=checks.line("label", label), confirmed=confirmed, last_used=now if used else None)
        return await _merge_link(connection, number, customer, contact, news, source=source, now=now)

    async def _touch(
        self,
        connection: AsyncConnection,
        customer: CustomerId,
        values: Mapping[str, Any],
        action: str,
        by: UserId | None,
        **details: Any,
    ) -> None:
        now = self._clock.now()
        await connection.execute(update(t.customer).where(t.customer.c.id == customer).values(**values, updated_at=now))
        await _refresh(connection, customer, self._options.region)
        await audit(connection, action, customer, at=now, by=by, **values, **details)


def _news(**values: Any) -> dict[str, Any]:
    """What a second linking adds to the first: it may confirm, never un-confirm."""
    return {name: value for name, value in values.items() if value}


async def _merge_link(
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
    same = (link.number_key == number.key, link.customer_id == customer, link.contact_id.is_not_distinct_from(contact))
    there = await connection.scalar(select(link.id).where(*same))
    if there is None:
        there = new_id("num")
        blank = {"label": "", "confirmed": False, "last_used": None, "extension": number.extension, "created_at": now}
        row = {"id": there, "number_key": number.key, "customer_id": customer, "contact_id": contact, "source": source}
        await connection.execute(t.phone_link.insert(), blank | row | dict(news))
    elif news:
        await connection.execute(update(t.phone_link).where(link.id == there).values(**news))
    found = await connection.execute(select(t.phone_link).where(link.id == there))
    return _link(found.mappings().one())


def _checked(**words: str | Keep) -> dict[str, Any]:
    long_ones = ("note", "address")
    tidy = {
        name: checks.paragraph(name, value) if name in long_ones else checks.line(name, value, required=name == "name")
        for name, value in words.items()
    }
    return changed(**tidy)


async def _customer(connection: AsyncConnection, customer: CustomerId) -> Customer:
    found = await connection.execute(select(*_SEARCHED).where(t.customer.c.id == customer))
    row = found.mappings().first()
    if row is None:
        raise CustomerNotFound(id=customer)
    return _customer_of(row)


def _customer_of(row: RowMapping) -> Customer:
    return from_row(Customer, row)


async def _contact(connection: AsyncConnection, contact: ContactId) -> Contact:
    row = (await connection.execute(select(t.contact).where(t.contact.c.id == contact))).mappings().first()
    if row is None:
        raise ContactNotFound(id=contact)
    return from_row(Contact, row)


def _link(row: RowMapping) -> NumberLink:
    return from_row(NumberLink, row, number=from_key(row["number_key"], extension=row["extension"]))


async def _refresh(connection: AsyncConnection, customer: CustomerId, region: str) -> None:
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


def customers_named(text: str) -> Select[Any]:
    """Ids of the customers a text may mean; for searching whatever belongs to them."""
    return select(t.customer.c.id).where(contains(t.customer.c.search_text, text))
