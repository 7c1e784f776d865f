"""Two had one customer's form open: nobody's work is lost, and nobody's is undone unseen."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

from agent_console.pages.customers.forms import Draft, draft_of, read_draft
from agent_console.pages.customers.merging import merged
from crm_core.domain.customers import Contact, Customer, CustomerDetails, CustomerLevel, NumberLink
from crm_core.kernel.ids import ContactId, CustomerId
from crm_core.kernel.phone import normalise

AT = datetime(2026, 1, 5, tzinfo=UTC)
ZHANG = Customer(id=CustomerId("c"), name="恒远", city="上海", note="tea", created_at=AT, updated_at=AT, version=3)
MIN = Contact(id=ContactId("con_min"), customer=ZHANG.id, name="赵敏", title="采购", created_at=AT)
JING = Contact(id=ContactId("con_jing"), customer=ZHANG.id, name="静", created_at=AT)
OFFICE = NumberLink(id="num_1", number=normalise("02164881234"), customer=ZHANG.id, created_at=AT)
MOBILE = NumberLink(
    id="num_2", number=normalise("13800138000"), customer=ZHANG.id, contact=MIN.id, label="mobile", created_at=AT
)
BEFORE = CustomerDetails(customer=ZHANG, contacts=(MIN,), numbers=(OFFICE, MOBILE))


def _typed(**changes: str | None) -> Draft:
    """The form as it was opened, with these fields changed (None: the row's field is not sent)."""
    opened = draft_of(BEFORE)
    sent: dict[str, str | None] = {**opened.values, "opened": opened.opened_text}
    for part, rows in (("contacts", opened.contacts), ("numbers", opened.numbers)):
        sent |= {f"{part}-{row}-{name}": value for row, one in rows.items() for name, value in one.items()}
    sent |= {name.replace("__", "-"): value for name, value in changes.items()}
    return read_draft({name: value for name, value in sent.items() if value is not None})


def _without_row(part: str, row: int) -> dict[str, str | None]:
    names = ("id", "number", "label", "contact", "confirmed", "name", "name_en", "title", "email", "language")
    return {f"{part}__{row}__{name}": None for name in names}


def test_an_untouched_form_becomes_what_is_there_now() -> None:
    now = draft_of(
        CustomerDetails(
            customer=replace(ZHANG, level=CustomerLevel.VIP, note="coffee", version=9),
            contacts=(MIN, JING),
            numbers=(replace(OFFICE, confirmed=True), MOBILE),
        )
    )
    both = merged(_typed(), now)
    assert (both.draft, dict(both.theirs)) == (now, {})


def test_changes_of_different_things_are_put_together() -> None:
    there = replace(BEFORE, customer=replace(ZHANG, note="coffee", version=4))
    both = merged(_typed(city="北京"), draft_of(there))
    assert (both.draft.values["city"], both.draft.values["note"], dict(both.theirs)) == ("北京", "coffee", {})
    assert both.draft.opened.version == 4


def test_where_both_changed_the_same_mine_stays_and_theirs_is_told() -> None:
    there = replace(BEFORE, customer=replace(ZHANG, note="coffee"), contacts=(replace(MIN, title="老板"),))
    both = merged(_typed(note="water", contacts__0__title="总监"), draft_of(there))
    assert both.draft.values["note"] == "water"
    assert both.draft.contacts[0]["title"] == "总监"
    assert dict(both.theirs) == {"note": "coffee", "contacts.0.title": "老板"}


def test_both_changed_the_same_way() -> None:
    both = merged(_typed(note="coffee"), draft_of(replace(BEFORE, customer=replace(ZHANG, note="coffee"))))
    assert (both.draft.values["note"], dict(both.theirs)) == ("coffee", {})


def test_a_tick_that_a_colleague_made_is_not_taken_away() -> None:
    there = replace(BEFORE, numbers=(replace(OFFICE, confirmed=True), MOBILE))
    assert merged(_typed(name="恒远机电"), draft_of(there)).draft.numbers[0]["confirmed"] == "1"


def test_what_a_colleague_added_comes_into_the_form() -> None:
    other = replace(MOBILE, id="num_3", number=normalise("13912345678"), contact=JING.id)
    there = replace(BEFORE, contacts=(MIN, JING), numbers=(OFFICE, MOBILE, other))
    mine = {"contacts__1__name": "新人", "numbers__2__number": "13712345678", "numbers__2__contact": "1"}
    both = merged(_typed(**mine), draft_of(there))
    assert [one["name"] for one in both.draft.contacts.values()] == ["赵敏", "新人", "静"]
    assert [(one["number"], one["contact"]) for one in both.draft.numbers.values()] == [
        ("+862164881234", ""),
        ("+8613800138000", "0"),
        ("13712345678", "1"),
        ("+8613912345678", "2"),
    ]
    assert set(both.draft.opened.numbers) == {"num_1", "num_2", "num_3"}


def test_what_was_taken_away_here_does_not_come_back() -> None:
    both = merged(_typed(**_without_row("numbers", 0)), draft_of(replace(BEFORE, customer=replace(ZHANG, version=4))))
    assert [one["id"] for one in both.draft.numbers.values()] == ["num_2"]
    assert "num_1" in both.draft.opened.numbers


def test_what_a_colleague_took_away_is_gone_unless_it_was_changed_here() -> None:
    there = draft_of(replace(BEFORE, numbers=(OFFICE,)))
    assert [one["id"] for one in merged(_typed(), there).draft.numbers.values()] == ["num_1"]
    kept = merged(_typed(numbers__1__label="home"), there).draft.numbers[1]
    assert (kept["id"], kept["label"]) == ("", "home")


def test_ends_of_lines_are_no_change() -> None:
    opened = draft_of(replace(BEFORE, customer=replace(ZHANG, note="one\r\ntwo")))
    sent = {**opened.values, "note": "one\r\ntwo", "opened": opened.opened_text}
    there = draft_of(replace(BEFORE, customer=replace(ZHANG, note="three")))
    assert merged(read_draft(sent), there).draft.values["note"] == "three"


def test_a_form_without_memory_undoes_nothing() -> None:
    typed = read_draft({"name": "恒远", "note": "mine"})
    both = merged(typed, draft_of(BEFORE))
    assert both.draft.values["note"] == "mine"
    assert both.theirs["note"] == "tea"
    assert {one["id"] for one in both.draft.numbers.values()} == {"num_1", "num_2"}
