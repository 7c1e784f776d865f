"""Who calls: customers, their contacts and numbers, and how sure we are that a number means them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from crm_core.kernel.ids import ContactId, CustomerId, UserId
from crm_core.kernel.language import Language
from crm_core.kernel.phone import PhoneNumber


class CustomerKind(StrEnum):
    COMPANY = "company"
    PERSON = "person"


class CustomerLevel(StrEnum):
    NORMAL = "normal"
    SILVER = "silver"
    GOLD = "gold"
    VIP = "vip"


class NumberSource(StrEnum):
    """How we came to believe that a number is this customer's."""

    AGENT = "agent"
    IMPORT = "import"
    CALL = "call"
    """The caller used it and nobody has looked yet."""
    CUSTOMER = "customer"
    """They told us themselves."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Customer:
    id: CustomerId
    name: str
    name_en: str = ""
    kind: CustomerKind = CustomerKind.PERSON
    level: CustomerLevel = CustomerLevel.NORMAL
    language: Language | None = None
    email: str = ""
    city: str = ""
    address: str = ""
    note: str = ""
    owner: UserId | None = None
    created_at: datetime
    updated_at: datetime
    version: int = 1
    """Counts the changes of all that hangs on him, so that nobody undoes another's without knowing it."""

    def name_in(self, language: Language) -> str:
        return (self.name_en or self.name) if language is Language.EN else self.name


@dataclass(frozen=True, slots=True, kw_only=True)
class Contact:
    """A person at a customer."""

    id: ContactId
    customer: CustomerId
    name: str
    name_en: str = ""
    title: str = ""
    email: str = ""
    language: Language | None = None
    note: str = ""
    created_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class NumberLink:
    """A number that leads to a customer, and perhaps to one contact of his."""

    id: str
    number: PhoneNumber
    customer: CustomerId
    contact: ContactId | None = None
    label: str = ""
    """`mobile`, `office`, `home` …"""
    confirmed: bool = False
    source: NumberSource = NumberSource.AGENT
    last_used: datetime | None = None
    created_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class CustomerDetails:
    """A customer with all that hangs on him."""

    customer: Customer
    contacts: tuple[Contact, ...]
    numbers: tuple[NumberLink, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ContactEntry:
    """A contact as a form holds him."""

    id: ContactId | None = None
    """None: he is new."""
    name: str
    name_en: str = ""
    title: str = ""
    email: str = ""
    language: Language | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class NumberEntry:
    """A number as a form holds it."""

    number: str
    contact: int | None = None
    """Whose: a place among the form's contacts; None: the customer's own."""
    label: str = ""
    confirmed: bool = False


class Certainty(StrEnum):
    KNOWN = "known"
    """One customer, and a person has confirmed the number."""
    MAYBE = "maybe"
    """One customer, not confirmed."""
    SEVERAL = "several"
    """More than one customer uses this number: somebody has to choose."""
    NEW = "new"
    """Nobody we know."""
    ANONYMOUS = "anonymous"
    """The number is withheld."""


class MatchReason(StrEnum):
    """Why a candidate stands where he stands; the console has a sentence for each."""

    CONFIRMED_RECENT = "confirmed_recent"
    """Confirmed, and heard from on this number in the last 30 days."""
    CONFIRMED = "confirmed"
    UNCONFIRMED_RECENT = "unconfirmed_recent"
    UNCONFIRMED = "unconfirmed"


@dataclass(frozen=True, slots=True, kw_only=True)
class CandidateContact:
    id: ContactId
    name: str
    name_en: str = ""
    title: str = ""
    confirmed: bool = False
    last_used: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """One customer the number may belong to; with the contacts who use just this number."""

    customer: CustomerId
    name: str
    name_en: str = ""
    kind: CustomerKind = CustomerKind.PERSON
    level: CustomerLevel = CustomerLevel.NORMAL
    confirmed: bool = False
    source: NumberSource = NumberSource.AGENT
    last_used: datetime | None = None
    reason: MatchReason = MatchReason.UNCONFIRMED
    contacts: tuple[CandidateContact, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Match:
    """The answer to "who is calling?"; candidates in order, the likeliest first."""

    certainty: Certainty
    number: PhoneNumber
    candidates: tuple[Candidate, ...] = ()

    @property
    def customer(self) -> CustomerId | None:
        """The customer when he is certain, never a guess."""
        return self.candidates[0].customer if self.certainty is Certainty.KNOWN else None

    @property
    def contact(self) -> ContactId | None:
        """The contact when the customer is certain and only one of his people uses this number."""
        if self.certainty is not Certainty.KNOWN or len(self.candidates[0].contacts) != 1:
            return None
        only = self.candidates[0].contacts[0]
        return only.id if only.confirmed else None
