"""Who is calling, and everything we know about customers, their people and their numbers."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import RowMapping, delete, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from crm_core.domain import checks
from crm_core.domain.customers import (
    Contact,
    ContactEntry,
    Customer,
    CustomerDetails,
    CustomerKind,
    CustomerLevel,
    Match,
    NumberEntry,
    NumberLink,
    NumberSource,
)
from crm_core.domain.number_links import WantedLink, link_changes
from crm_core.domain.paging import KEEP, Keep, Page
from crm_core.errors import (
    ContactNotFound,
    CustomerChangedMeanwhile,
    CustomerNotFound,
    NumberNotFound,
    NumberUnusable,
    UserNotFound,
)
from crm_core.kernel.clock import Clock
from crm_core.kernel.ids import CallId, ContactId, CustomerId, UserId, new_id
from crm_core.kernel.language import Language
from crm_core.kernel.phone import PhoneNumber, normalise, spellings
from crm_core.persistence import tables as t
from crm_core.persistence.database import Database
from crm_core.persistence.log import audit
from crm_core.persistence.lookup import Lookup
from crm_core.persistence.queries import changed, from_row, insert_into, must_exist, page_of
from crm_core.services.callers import set_caller
from crm_core.services.customer_numbers import link_of, links_of, merge_link
from crm_core.services.customer_search import means, refresh_search
from crm_core.services.options import CoreOptions

Deed = tuple[str, Mapping[str, Any]]
"""Something that was done to a customer, for the log: its name and its details."""

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
            found.setdefault(CustomerId(row["customer_id"]), []).append(link_of(row))
        return {customer: tuple(links) for customer, links in found.items()}

    async def details(self, customer: CustomerId) -> CustomerDetails:
        async with self._db.reading() as connection:
            found = await _customer(connection, customer)
            contacts = select(t.contact).where(t.contact.c.customer_id == customer).order_by(t.contact.c.id)
            return CustomerDetails(
                customer=found,
                contacts=tuple(from_row(Contact, row) for row in (await connection.execute(contacts)).mappings()),
                numbers=await links_of(connection, customer),
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
            query = query.where(means(spellings(text, self.number(text))))
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
        contacts: Sequence[ContactEntry] = (),
        numbers: Sequence[NumberEntry] = (),
        call: CallId | None = None,
        by: UserId | None = None,
    ) -> Customer:
        """All of it or nothing. `number`: attached at once and confirmed (the caller being talked to); `call`: his."""
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
            deeds = await self._enter(connection, customer, contacts, numbers, ())
            said = await set_caller(connection, call, customer, None, by=by) if call else None
            await refresh_search(connection, customer, self._options.region)
            await _tell(connection, customer, [("customer.created", {"name": name}), *deeds], at=now, by=by)
            await _tell_of_call(connection, call, said, at=now, by=by)
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
        contacts: Sequence[ContactEntry] = (),
        numbers: Sequence[NumberEntry] = (),
        shown: Collection[str] = (),
        version: int | None = None,
        by: UserId | None = None,
    ) -> Customer:
        """All of it or nothing. With `version`: refused with CustomerChangedMeanwhile when anything of him has changed
        since. Contacts and numbers come in; of the links `shown` (by id) those that are none of the `numbers` go."""
        words = _checked(name=name, name_en=name_en, email=email, city=city, address=address, note=note)
        wanted = changed(kind=kind, level=level, language=language, owner=owner, **words)
        async with self._db.session() as connection:
            before = await _customer(connection, customer, locked=True)
            if version is not None and version != before.version:
                raise CustomerChangedMeanwhile(id=customer, name=before.name)
            await must_exist(connection, t.user.c.id, wanted.get("owner"), UserNotFound)
            deeds = await self._enter(connection, customer, contacts, numbers, shown)
            if wanted:
                deeds.insert(0, ("customer.updated", wanted))
            await self._touch(connection, customer, wanted, deeds, by)
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
        number: str = "",
        call: CallId | None = None,
        by: UserId | None = None,
    ) -> Contact:
        """All of it or nothing. `number`: attached at once and confirmed; `call`: the one he speaks in."""
        words = _checked(name=name, name_en=name_en, title=title, email=email, note=note)
        async with self._db.session() as connection:
            await must_exist(connection, t.customer.c.id, customer, CustomerNotFound)
            contact = await self._insert_contact(connection, customer, {"language": language, **words})
            if number:
                await self._link(connection, number, customer, contact, confirmed=True, used=True)
            said = await set_caller(connection, call, customer, contact, by=by) if call else None
            added = ("customer.contact_added", {"contact": contact, "name": name})
            await self._touch(connection, customer, {}, [added], by)
            await _tell_of_call(connection, call, said, at=self._clock.now(), by=by)
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
            before = await _contact(connection, contact)
            deeds = await _change_contact(connection, before, wanted)
            await self._touch(connection, before.customer, {}, deeds, by)
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
            await self._touch(connection, customer, {}, [("customer.number_added", _named(link))], by)
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
            await self._touch(connection, customer, {}, [("customer.number_attached", _named(link))], by)
            return link

    async def detach_number(
        self,
        number: str,
        customer: CustomerId,
        contact: ContactId | None = None,
        *,
        by: UserId | None = None,
    ) -> None:
        """This number (with just this extension) is not his. Without `contact` every link between the two goes."""
        asked, link = self.number(number), t.phone_link.c
        same = (link.number_key == asked.key, link.extension == asked.extension, link.customer_id == customer)
        wrong = delete(t.phone_link).where(*same)
        if contact is not None:
            wrong = wrong.where(link.contact_id == contact)
        async with self._db.session() as connection:
            if not (await connection.execute(wrong)).rowcount:
                raise NumberNotFound(number=number)
            gone = {"number": asked.key, "extension": asked.extension, "contact": contact}
            await self._touch(connection, customer, {}, [("customer.number_detached", gone)], by)

    # ---- within

    async def _enter(
        self,
        connection: AsyncConnection,
        customer: CustomerId,
        contacts: Sequence[ContactEntry],
        numbers: Sequence[NumberEntry],
        shown: Collection[str],
    ) -> list[Deed]:
        """What a form holds beside the customer himself: contacts first, because numbers point to them."""
        deeds: list[Deed] = []
        people = [await self._enter_contact(connection, customer, one, deeds) for one in contacts]
        rows = [(one, None if one.contact is None else people[one.contact]) for one in numbers]
        wanted = [
            WantedLink(number=self.number(one.number), contact=whose, label=one.label, confirmed=one.confirmed)
            for one, whose in rows
        ]
        changes = link_changes(await links_of(connection, customer), wanted, shown)
        wrong = delete(t.phone_link).where(t.phone_link.c.id.in_([link.id for link in changes.gone]))
        if changes.gone:
            await connection.execute(wrong)
        for new in changes.news:
            link = await self._link(
                connection, new.number.whole, customer, new.contact, label=new.label, confirmed=new.confirmed
            )
            deeds.append(("customer.number_added", _named(link)))
        return [*(("customer.number_detached", _named(link)) for link in changes.gone), *deeds]

    async def _enter_contact(
        self, connection: AsyncConnection, customer: CustomerId, one: ContactEntry, deeds: list[Deed]
    ) -> ContactId:
        words = _checked(name=one.name, name_en=one.name_en, title=one.title, email=one.email)
        values = {"language": one.language, **words}
        if one.id is None:
            contact = await self._insert_contact(connection, customer, {"note": "", **values})
            deeds.append(("customer.contact_added", {"contact": contact, "name": one.name}))
            return contact
        before = await _contact(connection, one.id)
        if before.customer != customer:
            raise ContactNotFound(id=one.id)
        news = {name: value for name, value in values.items() if value != getattr(before, name)}
        deeds += await _change_contact(connection, before, news)
        return one.id

    async def _insert_contact(
        self, connection: AsyncConnection, customer: CustomerId, values: Mapping[str, Any]
    ) -> ContactId:
        contact = ContactId(new_id("con"))
        row = {"id": contact, "customer_id": customer, "created_at": self._clock.now(), **values}
        await connection.execute(t.contact.insert(), row)
        return contact

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
        if not number.linkable:
            raise NumberUnusable(number=raw[:64])
        await _customer(connection, customer, locked=True)  # who links the same at once comes after us, and finds it
        if contact is not None and (await _contact(connection, contact)).customer != customer:
            raise ContactNotFound(id=contact)
        known = insert_into(connection, t.phone_number).on_conflict_do_nothing(index_elements=["key"])
        await connection.execute(known, {"key": number.key, "kind": number.kind, "created_at": now})
        news = _news(label=checks.line("label", label), confirmed=confirmed, last_used=now if used else None)
        return await merge_link(connection, number, customer, contact, news, source=source, now=now)

    async def _touch(
        self,
        connection: AsyncConnection,
        customer: CustomerId,
        values: Mapping[str, Any],
        deeds: Sequence[Deed],
        by: UserId | None,
    ) -> None:
        """What is done to anything of his counts as a change of him."""
        if not deeds:
            return
        now, who = self._clock.now(), t.customer.c
        counted = {**values, "updated_at": now, "version": who.version + 1}
        await connection.execute(update(t.customer).where(who.id == customer).values(**counted))
        await refresh_search(connection, customer, self._options.region)
        await _tell(connection, customer, deeds, at=now, by=by)


async def _tell(
    connection: AsyncConnection, customer: CustomerId, deeds: Iterable[Deed], *, at: datetime, by: UserId | None
) -> None:
    for action, details in deeds:
        await audit(connection, action, customer, at=at, by=by, **details)


async def _tell_of_call(
    connection: AsyncConnection,
    call: CallId | None,
    said: Mapping[str, Any] | None,
    *,
    at: datetime,
    by: UserId | None,
) -> None:
    if call is not None and said is not None:
        await audit(connection, "call.customer_set", call, at=at, by=by, **said)


def _named(link: NumberLink) -> dict[str, Any]:
    return {"number": link.number.key, "extension": link.number.extension, "contact": link.contact}


def _news(**values: Any) -> dict[str, Any]:
    """What a second linking adds to the first: it may confirm, never un-confirm."""
    return {name: value for name, value in values.items() if value}


def _checked(**words: str | Keep) -> dict[str, Any]:
    long_ones = ("note", "address")
    tidy = {
        name: checks.paragraph(name, value) if name in long_ones else checks.line(name, value, required=name == "name")
        for name, value in words.items()
    }
    return changed(**tidy)


async def _customer(connection: AsyncConnection, customer: CustomerId, *, locked: bool = False) -> Customer:
    query = select(*_SEARCHED).where(t.customer.c.id == customer)
    found = await connection.execute(query.with_for_update(key_share=True) if locked else query)
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


async def _change_contact(connection: AsyncConnection, before: Contact, news: Mapping[str, Any]) -> list[Deed]:
    if not news:
        return []
    await connection.execute(update(t.contact).where(t.contact.c.id == before.id).values(**news))
    return [("customer.contact_updated", {"contact": before.id, "changes": dict(news)})]
