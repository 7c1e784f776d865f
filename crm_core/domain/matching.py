"""How sure we are of a caller: from the links of his number to a ranked answer. Never a silent first hit."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby

from crm_core.domain.customers import (
    Candidate,
    CandidateContact,
    Certainty,
    CustomerKind,
    CustomerLevel,
    Match,
    MatchReason,
    NumberSource,
)
from crm_core.kernel.ids import ContactId, CustomerId
from crm_core.kernel.phone import PhoneNumber

RECENT = timedelta(days=30)


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """One line between a number and a customer (and perhaps his contact), as the look-up finds it."""

    customer: CustomerId
    name: str
    name_en: str = ""
    kind: CustomerKind = CustomerKind.PERSON
    level: CustomerLevel = CustomerLevel.NORMAL
    contact: ContactId | None = None
    contact_name: str | None = None
    contact_name_en: str | None = None
    contact_title: str | None = None
    confirmed: bool = False
    source: NumberSource = NumberSource.AGENT
    last_used: datetime | None = None


def match(number: PhoneNumber, links: Sequence[Link], at: datetime) -> Match:
    if not number.known:
        return Match(certainty=Certainty.ANONYMOUS, number=number)
    by_customer = groupby(sorted(links, key=lambda link: link.customer), key=lambda link: link.customer)
    candidates = sorted((_candidate(tuple(group), at) for _, group in by_customer), key=_rank)
    return Match(certainty=_certainty(candidates), number=number, candidates=tuple(candidates))


def _certainty(candidates: Sequence[Candidate]) -> Certainty:
    match candidates:
        case []:
            return Certainty.NEW
        case [only]:
            return Certainty.KNOWN if only.confirmed else Certainty.MAYBE
        case _:
            return Certainty.SEVERAL


def _candidate(links: Sequence[Link], at: datetime) -> Candidate:
    best = min(links, key=_link_rank)
    last_used = max((link.last_used for link in links if link.last_used), default=None)
    confirmed = any(link.confirmed for link in links)
    return Candidate(
        customer=best.customer,
        name=best.name,
        name_en=best.name_en,
        kind=best.kind,
        level=best.level,
        confirmed=confirmed,
        source=best.source,
        last_used=last_used,
        reason=_reason(confirmed, last_used is not None and at - last_used <= RECENT),
        contacts=_contacts(links),
    )


def _contacts(links: Sequence[Link]) -> tuple[CandidateContact, ...]:
    """The likeliest first; who has several extensions of the number stands once."""
    found: dict[ContactId, CandidateContact] = {}
    for link in sorted(links, key=_link_rank):
        if link.contact:
            found.setdefault(link.contact, _contact(link, link.contact))
    return tuple(found.values())


def _contact(link: Link, contact: ContactId) -> CandidateContact:
    return CandidateContact(
        id=contact,
        name=link.contact_name or "",
        name_en=link.contact_name_en or "",
        title=link.contact_title or "",
        confirmed=link.confirmed,
        last_used=link.last_used,
    )


def _reason(confirmed: bool, recent: bool) -> MatchReason:
    if confirmed:
        return MatchReason.CONFIRMED_RECENT if recent else MatchReason.CONFIRMED
    return MatchReason.UNCONFIRMED_RECENT if recent else MatchReason.UNCONFIRMED


def _link_rank(link: Link) -> tuple[bool, float, str]:
    return not link.confirmed, -_seconds(link.last_used), link.contact or ""


def _rank(candidate: Candidate) -> tuple[bool, float, str]:
    """Confirmed before unconfirmed, then who was heard from last; the id only to be the same every time."""
    return not candidate.confirmed, -_seconds(candidate.last_used), candidate.customer


def _seconds(moment: datetime | None) -> float:
    return moment.timestamp() if moment else 0.0
