"""What the pop shows for each degree of certainty."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime

from agent_console.live.screen_pop import Background, Chosen, screen_pop, wanted
from crm_core.domain.callbacks import Callback
from crm_core.domain.calls import CallOutcome, CallRecord
from crm_core.domain.customers import (
    Candidate,
    CandidateContact,
    Certainty,
    Contact,
    Customer,
    CustomerDetails,
    Match,
    NumberLink,
)
from crm_core.domain.orders import Order, OrderKind
from crm_core.domain.tickets import Ticket
from crm_core.kernel.ids import CallbackId, CallId, ContactId, CustomerId, OrderId, TicketId
from crm_core.kernel.phone import ANONYMOUS, normalise

NOW = datetime(2026, 1, 5, 9, 0, tzinfo=UTC)
THIS, BEFORE = CallId("this"), CallId("before")
ZHANG, LI = CustomerId("zhang"), CustomerId("li")
FANG = ContactId("fang")
NUMBER = normalise("13800138000")
OTHER_NUMBER = normalise("02164881234")


def background(customer: CustomerId, name: str) -> Background:
    return Background(
        details=CustomerDetails(
            customer=Customer(id=customer, name=name, name_en="", created_at=NOW, updated_at=NOW),
            contacts=(
                Contact(id=ContactId("qiang"), customer=customer, name="赵强", created_at=NOW),
                Contact(id=FANG, customer=customer, name="刘芳", created_at=NOW),
            ),
            numbers=(
                NumberLink(id="1", number=OTHER_NUMBER, customer=customer, created_at=NOW),
                NumberLink(id="2", number=NUMBER, customer=customer, label="mobile", confirmed=True, created_at=NOW),
                NumberLink(id="3", number=NUMBER, customer=customer, contact=FANG, created_at=NOW),
            ),
        ),
        calls=(
            CallRecord(id=THIS, number=NUMBER, started_at=NOW),
            CallRecord(id=BEFORE, number=NUMBER, started_at=NOW, outcome=CallOutcome.ANSWERED, talk_s=42.0),
        ),
        tickets=(
            Ticket(id=TicketId("t"), number="T-1", subject="leaks", call=THIS, created_at=NOW, updated_at=NOW),
        ),
        callbacks=(
            Callback(id=CallbackId("b"), number=NUMBER, due_at=NOW, why="price", call=BEFORE, created_at=NOW),
        ),
        orders=(
            Order(
                id=OrderId("o"), number="R-1234567890", kind=OrderKind.REPAIR, customer=customer, summary="Washer",
                state_at=NOW, expected_on=date(2026, 1, 9), created_at=NOW, updated_at=NOW,
            ),
        ),
    )  # fmt: skip


KNOWN = {ZHANG: background(ZHANG, "张伟"), LI: background(LI, "李娜")}


def candidate(customer: CustomerId, *contacts: ContactId) -> Candidate:
    return Candidate(
        customer=customer,
        name=str(customer),
        contacts=tuple(CandidateContact(id=one, name=str(one), confirmed=True) for one in contacts),
    )


def match(certainty: Certainty, *candidates: Candidate) -> Match:
    return Match(certainty=certainty, number=NUMBER, candidates=candidates)


def test_known_shows_everything_of_the_one_customer() -> None:
    pop = screen_pop(THIS, match(Certainty.KNOWN, candidate(ZHANG, FANG)), KNOWN)
    assert pop.customer is not None
    assert pop.customer.names == {"zh": "张伟", "en": "张伟"}
    assert pop.contact == FANG
    assert [one.id for one in pop.contacts if one.calling] == [FANG]
    assert pop.contacts[0].calling


def test_this_call_is_not_among_the_last_calls_but_its_ticket_is_marked() -> None:
    pop = screen_pop(THIS, match(Certainty.KNOWN, candidate(ZHANG)), KNOWN)
    assert [one.call for one in pop.calls] == [BEFORE]
    assert [one.this_call for one in pop.tickets] == [True]
    assert [one.this_call for one in pop.callbacks] == [False]


def test_orders_and_repairs_on_their_way_are_there_with_their_day() -> None:
    pop = screen_pop(THIS, match(Certainty.KNOWN, candidate(ZHANG)), KNOWN)
    told = [(one.number, one.kind, one.summary, one.state, one.expected_on) for one in pop.orders]
    assert told == [("R-1234567890", "repair", "Washer", "received", date(2026, 1, 9))]


def test_a_number_of_several_people_of_a_customer_stands_once_and_first() -> None:
    pop = screen_pop(THIS, match(Certainty.KNOWN, candidate(ZHANG)), KNOWN)
    assert [(one.number, one.calling, one.confirmed, one.label) for one in pop.numbers] == [
        ("+8613800138000", True, True, "mobile"),
        ("+862164881234", False, False, ""),
    ]


def test_numbers_are_written_for_each_reader() -> None:
    shown = screen_pop(THIS, match(Certainty.KNOWN, candidate(ZHANG)), KNOWN).numbers[0].shown
    assert shown == {"zh": "138 0013 8000", "en": "+86 138 0013 8000"}


def test_maybe_proposes_and_does_not_claim() -> None:
    pop = screen_pop(THIS, match(Certainty.MAYBE, candidate(ZHANG)), KNOWN)
    assert (pop.certainty, pop.confirmed) == (Certainty.MAYBE, False)
    assert pop.customer is not None
    assert pop.contact is None


def test_several_shows_candidates_with_what_tells_them_apart_and_no_customer() -> None:
    pop = screen_pop(THIS, match(Certainty.SEVERAL, candidate(ZHANG), candidate(LI)), KNOWN)
    assert pop.customer is None
    assert [one.customer for one in pop.candidates] == [ZHANG, LI]
    assert pop.candidates[0].open_tickets == ("leaks",)
    assert not pop.calls


def test_a_stranger_and_a_withheld_number() -> None:
    assert screen_pop(THIS, match(Certainty.NEW), {}).certainty is Certainty.NEW
    withheld = Match(certainty=Certainty.ANONYMOUS, number=ANONYMOUS)
    assert screen_pop(THIS, withheld, {}).certainty is Certainty.ANONYMOUS


def test_what_the_agent_says_outweighs_the_match() -> None:
    found = match(Certainty.SEVERAL, candidate(ZHANG), candidate(LI))
    chosen = Chosen(customer=LI, contact=FANG)
    assert wanted(found, chosen) == (LI,)
    pop = screen_pop(THIS, found, KNOWN, chosen=chosen)
    assert (pop.certainty, pop.confirmed, pop.contact) == (Certainty.KNOWN, True, FANG)
    assert pop.customer is not None
    assert pop.customer.id == LI


def test_none_of_them_makes_a_stranger_of_the_caller() -> None:
    pop = screen_pop(THIS, match(Certainty.MAYBE, candidate(ZHANG)), KNOWN, disowned=True)
    assert (pop.certainty, pop.customer) == (Certainty.NEW, None)
    withheld = Match(certainty=Certainty.ANONYMOUS, number=ANONYMOUS)
    assert screen_pop(THIS, withheld, {}, disowned=True).certainty is Certainty.ANONYMOUS


def test_a_customer_removed_this_moment_is_no_trouble() -> None:
    pop = screen_pop(THIS, match(Certainty.KNOWN, candidate(ZHANG)), {})
    assert pop.customer is None


def test_no_more_candidates_than_a_screen_holds() -> None:
    many = tuple(replace(candidate(ZHANG), customer=CustomerId(str(index))) for index in range(50))
    assert len(wanted(match(Certainty.SEVERAL, *many), None)) == 6
    assert len(screen_pop(THIS, match(Certainty.SEVERAL, *many), {}).candidates) == 6
