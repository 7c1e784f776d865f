"""Who is calling: certain only when it is certain."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from crm_core.domain.customers import Certainty, MatchReason
from crm_core.domain.matching import Link, match
from crm_core.kernel.ids import ContactId, CustomerId
from crm_core.kernel.phone import ANONYMOUS, normalise

NOW = datetime(2026, 1, 5, 9, 0, tzinfo=UTC)
NUMBER = normalise("13800138000")

links = st.lists(
    st.builds(
        Link,
        customer=st.sampled_from([CustomerId(name) for name in "abc"]),
        name=st.just("x"),
        contact=st.none() | st.sampled_from([ContactId(name) for name in "pqr"]),
        confirmed=st.booleans(),
        last_used=st.none() | st.integers(0, 100).map(lambda days: NOW - timedelta(days=days)),
    ),
    max_size=6,
)


@given(links)
def test_nobody_is_named_unless_he_is_the_only_one_and_confirmed(found: list[Link]) -> None:
    answer = match(NUMBER, found, NOW)
    customers = {link.customer for link in found}
    certain = len(customers) == 1 and any(link.confirmed for link in found)
    assert (answer.customer is not None) == certain == (answer.certainty is Certainty.KNOWN)
    assert {candidate.customer for candidate in answer.candidates} == customers
    if answer.contact is not None:
        assert certain


def test_who_has_two_extensions_of_a_number_is_one_person() -> None:
    who = {"customer": CustomerId("a"), "name": "x", "contact": ContactId("p"), "contact_name": "李"}
    found = match(NUMBER, [Link(**who, confirmed=True), Link(**who)], NOW)  # type: ignore[arg-type]
    assert (found.contact, len(found.candidates[0].contacts)) == ("p", 1)


@given(links, st.randoms(use_true_random=False))
def test_the_order_does_not_depend_on_how_they_were_found(found: list[Link], dice: object) -> None:
    shuffled = list(found)
    dice.shuffle(shuffled)  # type: ignore[attr-defined]
    again = match(NUMBER, shuffled, NOW)
    first = match(NUMBER, found, NOW)
    assert [one.customer for one in again.candidates] == [one.customer for one in first.candidates]
    assert again.certainty is first.certainty


@given(links)
def test_the_confirmed_come_first_and_then_the_recent(found: list[Link]) -> None:
    ranked = match(NUMBER, found, NOW).candidates
    keys = [(not one.confirmed, -(one.last_used.timestamp() if one.last_used else 0)) for one in ranked]
    assert keys == sorted(keys)
    for one in ranked:
        recent = one.last_used is not None and one.last_used >= NOW - timedelta(days=30)
        assert one.reason == ("" if one.confirmed else "un") + "confirmed" + ("_recent" if recent else "")
        assert isinstance(one.reason, MatchReason)


def test_withheld_is_nobody() -> None:
    assert match(ANONYMOUS, (), NOW).certainty is Certainty.ANONYMOUS
    assert match(NUMBER, (), NOW).certainty is Certainty.NEW
