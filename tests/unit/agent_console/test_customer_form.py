"""The customer form: rows, faults beside their fields, nothing lost."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from agent_console.errors import Invalid
from agent_console.pages.customers.forms import dropped, form_faults, read, read_draft
from crm_core.domain.customers import NumberLink
from crm_core.kernel.ids import ContactId, CustomerId
from crm_core.kernel.phone import normalise

FORM = {
    "csrf": "x",
    "name": "  上海恒远机电  ",
    "kind": "company",
    "level": "vip",
    "language": "",
    "contacts-0-name": "赵敏",
    "contacts-0-title": "采购经理",
    "contacts-1-name": "",
    "numbers-0-number": "021-64881234",
    "numbers-0-label": "总机",
    "numbers-0-contact": "",
    "numbers-2-number": "13712345678",
    "numbers-2-contact": "0",
    "numbers-2-confirmed": "1",
    "numbers-3-number": " ",
}


def test_a_company_with_contact_and_numbers() -> None:
    form = read(read_draft(FORM), normalise)
    assert form.customer.name == "上海恒远机电"
    assert form.customer.language is None
    assert {row: contact.values.name for row, contact in form.contacts.items()} == {0: "赵敏"}
    assert [(row.values.number, row.contact_row, row.values.confirmed) for row in form.numbers] == [
        ("021-64881234", None, False),
        ("13712345678", 0, True),
    ]


def test_an_empty_row_is_no_row() -> None:
    form = read(read_draft({"name": "张伟", "contacts-0-name": " ", "numbers-0-number": ""}), normalise)
    assert (form.contacts, form.numbers) == ({}, ())


def test_every_fault_stands_beside_its_field() -> None:
    wrong = {
        "name": "   ",
        "email": "nobody",
        "numbers-1-number": "call me",
        "numbers-2-number": "000000000000000000",
        "contacts-4-name": "",
        "contacts-4-title": "chief",
    }
    draft = read_draft(wrong)
    with pytest.raises(Invalid) as caught:
        read(draft, normalise)
    assert set(form_faults(caught.value)) == {
        "name",
        "email",
        "numbers.1.number",
        "numbers.2.number",
        "contacts.4.name",
    }
    assert draft.values["email"] == "nobody"
    assert draft.numbers[1]["number"] == "call me"


def test_too_many_rows_are_not_taken() -> None:
    many = {f"numbers-{row}-number": "1" for row in range(300)}
    assert len(read_draft(many).numbers) == 100


def _link(raw: str, contact: str = "", *, confirmed: bool = False, label: str = "") -> NumberLink:
    at, whose = datetime(2026, 1, 5, tzinfo=UTC), ContactId(contact) if contact else None
    return NumberLink(
        id=raw + contact, number=normalise(raw), customer=CustomerId("c"), contact=whose, confirmed=confirmed,
        label=label, created_at=at,
    )  # fmt: skip


def _dropped(present: tuple[NumberLink, ...], form: dict[str, str]) -> list[str]:
    return [link.id for link in dropped(present, read(read_draft({"name": "张伟", **form}), normalise), normalise)]


def test_numbers_that_left_the_form_are_detached() -> None:
    present = (_link("13800138000"), _link("02164881234"))
    assert _dropped(present, {"numbers-0-number": "+86 138 0013 8000"}) == ["02164881234"]


def test_one_of_several_who_use_a_number_is_detached() -> None:
    present = (_link("02164881234"), _link("02164881234", "con_a"), _link("02164881234", "con_b"))
    form = {"contacts-0-id": "con_b", "contacts-0-name": "B", "numbers-0-number": "021-64881234"}
    assert _dropped(present, {**form, "numbers-1-number": "021-64881234", "numbers-1-contact": "0"}) == [
        "02164881234con_a"
    ]
    assert _dropped(present, {**form, "numbers-0-contact": "0"}) == ["02164881234con_a", "02164881234"]


def test_a_tick_or_a_word_that_was_taken_away_goes() -> None:
    present = (_link("13800138000", confirmed=True, label="mobile"),)
    row = {"numbers-0-number": "13800138000", "numbers-0-confirmed": "1", "numbers-0-label": "mobile"}
    assert _dropped(present, row) == []
    assert _dropped(present, {**row, "numbers-0-confirmed": ""}) == ["13800138000"]
    assert _dropped(present, {**row, "numbers-0-label": ""}) == ["13800138000"]
