"""What the agent sees of a caller before he answers: from what was looked up to what the pop shows. Pure.

Never a silent first hit: unless the match is known, the pop proposes and the agent decides.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from crm_core.domain.callbacks import Callback
from crm_core.domain.calls import CallRecord
from crm_core.domain.customers import Candidate, Certainty, CustomerDetails, Match
from crm_core.domain.orders import Order
from crm_core.domain.tickets import Ticket
from crm_core.kernel.ids import CallbackId, CallId, ContactId, CustomerId, OrderId, TicketId
from crm_core.kernel.language import Language
from crm_core.kernel.phone import PhoneNumber

Names = dict[str, str]
"""Language -> words."""

MOST_CANDIDATES = 6


@dataclass(frozen=True, slots=True, kw_only=True)
class Background:
    """All we know of one customer, as the services gave it."""

    details: CustomerDetails
    calls: Sequence[CallRecord] = ()
    tickets: Sequence[Ticket] = ()
    callbacks: Sequence[Callback] = ()
    orders: Sequence[Order] = ()
    """Those that are open."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PopContact:
    id: ContactId
    names: Names
    title: str
    calling: bool
    """The one whose number it is."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PopNumber:
    shown: Names
    number: str
    label: str
    confirmed: bool
    calling: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class PopCustomer:
    id: CustomerId
    names: Names
    kind: str
    level: str
    language: str
    city: str
    address: str
    note: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PopCandidate:
    customer: CustomerId
    names: Names
    kind: str
    level: str
    reason: str
    """A code of `MatchReason`; the console has a sentence for each."""
    contacts: tuple[PopContact, ...]
    last_used: datetime | None
    open_tickets: tuple[str, ...] = ()
    """Subjects: what tells one candidate from the other."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PopCall:
    call: CallId
    at: datetime
    outcome: str
    direction: str
    talk_s: float
    intent: str
    disposition: str
    note: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PopTicket:
    id: TicketId
    number: str
    subject: str
    status: str
    priority: str
    type: str
    updated_at: datetime
    this_call: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class PopCallback:
    id: CallbackId
    due_at: datetime
    why: str
    shown: Names
    this_call: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class PopOrder:
    id: OrderId
    number: str
    kind: str
    summary: str
    state: str
    expected_on: date | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ScreenPop:
    certainty: Certainty
    confirmed: bool
    """The agent himself said who it is."""
    customer: PopCustomer | None = None
    """Shown in full when known; also when `maybe`, as a proposal."""
    contact: ContactId | None = None
    contacts: tuple[PopContact, ...] = ()
    numbers: tuple[PopNumber, ...] = ()
    candidates: tuple[PopCandidate, ...] = ()
    calls: tuple[PopCall, ...] = ()
    tickets: tuple[PopTicket, ...] = ()
    callbacks: tuple[PopCallback, ...] = ()
    orders: tuple[PopOrder, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Chosen:
    """Whom the agent said the caller is."""

    customer: CustomerId
    contact: ContactId | None = None


def wanted(match: Match, chosen: Chosen | None) -> tuple[CustomerId, ...]:
    """Whose background the pop needs."""
    if chosen is not None:
        return (chosen.customer,)
    return tuple(candidate.customer for candidate in match.candidates[:MOST_CANDIDATES])


def screen_pop(
    call: CallId,
    match: Match,
    backgrounds: Mapping[CustomerId, Background],
    *,
    region: str = "CN",
    chosen: Chosen | None = None,
    disowned: bool = False,
) -> ScreenPop:
    """`chosen`: whom the agent said it is; it outweighs every match. `disowned`: he said it is none of these."""
    certainty = _certainty(match, chosen, disowned)
    subject = None if disowned and chosen is None else _subject(match, chosen)
    background = backgrounds.get(subject) if subject else None
    candidates = tuple(_candidate(one, backgrounds) for one in match.candidates[:MOST_CANDIDATES])
    if background is None:
        return ScreenPop(certainty=certainty, confirmed=False, candidates=candidates)
    contact = chosen.contact if chosen else match.contact
    calling = {one.id for candidate in match.candidates if candidate.customer == subject for one in candidate.contacts}
    return ScreenPop(
        certainty=certainty,
        confirmed=chosen is not None,
        customer=_customer(background.details),
        contact=contact,
        contacts=_contacts(background.details, {contact} if contact else calling),
        numbers=_numbers(background.details, match, region),
        candidates=candidates,
        calls=tuple(_call(one) for one in background.calls if one.id != call),
        tickets=tuple(_ticket(one, call) for one in background.tickets),
        callbacks=tuple(_callback(one, call, region) for one in background.callbacks),
        orders=tuple(_order(one) for one in background.orders),
    )


def _certainty(match: Match, chosen: Chosen | None, disowned: bool) -> Certainty:
    if chosen is not None:
        return Certainty.KNOWN
    return Certainty.NEW if disowned and match.number.known else match.certainty


def _subject(match: Match, chosen: Chosen | None) -> CustomerId | None:
    if chosen is not None:
        return chosen.customer
    if match.certainty in (Certainty.KNOWN, Certainty.MAYBE) and match.candidates:
        return match.candidates[0].customer
    return None


def names(zh: str, en: str) -> Names:
    return {"zh": zh, "en": en or zh}


def shown(number: PhoneNumber, region: str = "CN") -> Names:
    """A number as people of each language write it in our country."""
    return {language.value: number.display(language, region) for language in Language}


def _candidate(candidate: Candidate, backgrounds: Mapping[CustomerId, Background]) -> PopCandidate:
    background = backgrounds.get(candidate.customer)
    return PopCandidate(
        customer=candidate.customer,
        names=names(candidate.name, candidate.name_en),
        kind=candidate.kind.value,
        level=candidate.level.value,
        reason=candidate.reason.value,
        contacts=tuple(
            PopContact(id=one.id, names=names(one.name, one.name_en), title=one.title, calling=True)
            for one in candidate.contacts
        ),
        last_used=candidate.last_used,
        open_tickets=tuple(ticket.subject for ticket in background.tickets[:2]) if background else (),
    )


def _customer(details: CustomerDetails) -> PopCustomer:
    one = details.customer
    return PopCustomer(
        id=one.id,
        names=names(one.name, one.name_en),
        kind=one.kind.value,
        level=one.level.value,
        language=one.language.value if one.language else "",
        city=one.city,
        address=one.address,
        note=one.note,
    )


def _contacts(details: CustomerDetails, calling: set[ContactId]) -> tuple[PopContact, ...]:
    """Whoever calls comes first."""
    found = (
        PopContact(id=one.id, names=names(one.name, one.name_en), title=one.title, calling=one.id in calling)
        for one in details.contacts
    )
    return tuple(sorted(found, key=lambda one: not one.calling))


def _numbers(details: CustomerDetails, match: Match, region: str) -> tuple[PopNumber, ...]:
    """Each number once, the calling one first."""
    found: dict[str, PopNumber] = {}
    for link in details.numbers:
        before = found.get(link.number.whole)
        found[link.number.whole] = PopNumber(
            shown=shown(link.number, region),
            number=link.number.whole,
            label=(before.label if before else "") or link.label,
            confirmed=link.confirmed or (before is not None and before.confirmed),
            calling=link.number.key == match.number.key,
        )
    return tuple(sorted(found.values(), key=lambda one: not one.calling))


def _call(one: CallRecord) -> PopCall:
    return PopCall(
        call=one.id,
        at=one.started_at,
        outcome=one.outcome.value if one.outcome else "",
        direction=one.direction.value,
        talk_s=one.talk_s or 0.0,
        intent=one.intent,
        disposition=one.disposition or "",
        note=one.note,
    )


def _ticket(one: Ticket, call: CallId) -> PopTicket:
    return PopTicket(
        id=one.id,
        number=one.number,
        subject=one.subject,
        status=one.status.value,
        priority=one.priority.value,
        type=one.type.value,
        updated_at=one.updated_at,
        this_call=one.call == call,
    )


def _callback(one: Callback, call: CallId, region: str) -> PopCallback:
    said = shown(one.number, region)
    return PopCallback(id=one.id, due_at=one.due_at, why=one.why, shown=said, this_call=one.call == call)


def _order(one: Order) -> PopOrder:
    return PopOrder(
        id=one.id,
        number=one.number,
        kind=one.kind.value,
        summary=one.summary,
        state=one.state.value,
        expected_on=one.expected_on,
    )
