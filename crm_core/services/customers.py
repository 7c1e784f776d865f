"""Who is calling, and everything we know about customers, their people and their numbers."""

from __future__ import annotations

from datetime import datetime

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
from crm_core.kernel.clock import Clock
from crm_core.kernel.ids import ContactId, CustomerId, UserId
from crm_core.kernel.language import Language
from crm_core.kernel.phone import PhoneNumber
from crm_core.persistence.database import Database
from crm_core.services.options import CoreOptions


class Customers:
    def __init__(self, database: Database, clock: Clock, options: CoreOptions) -> None:
        self._db, self._clock, self._options = database, clock, options

    def number(self, raw: str) -> PhoneNumber:
        """A number by this house's number plan."""
        raise NotImplementedError

    async def who_is(self, number: str | PhoneNumber, at: datetime | None = None) -> Match:
        """Who uses this number, and how sure we are. Never guesses; changes nothing. `at` decides what is recent."""
        raise NotImplementedError

    async def get(self, customer: CustomerId) -> Customer:
        raise NotImplementedError

    async def details(self, customer: CustomerId) -> CustomerDetails:
        raise NotImplementedError

    async def contact(self, contact: ContactId) -> Contact:
        raise NotImplementedError

    async def search(
        self,
        text: str = "",
        *,
        kind: CustomerKind | None = None,
        level: CustomerLevel | None = None,
        cursor: str | None = None,
        limit: int = 50,
    ) -> Page[Customer]:
        """Any part of a name (customer or contact), a number or an address; newest change first."""
        raise NotImplementedError

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
        raise NotImplementedError

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
        raise NotImplementedError

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
        raise NotImplementedError

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
        raise NotImplementedError

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
        raise NotImplementedError

    async def attach_number(
        self,
        number: str,
        customer: CustomerId,
        contact: ContactId | None = None,
        *,
        by: UserId | None = None,
    ) -> NumberLink:
        """"This caller is him": the link is confirmed."""
        raise NotImplementedError

    async def detach_number(
        self,
        number: str,
        customer: CustomerId,
        contact: ContactId | None = None,
        *,
        by: UserId | None = None,
    ) -> None:
        """This number is not his. Without `contact` every link between the two goes."""
        raise NotImplementedError
