"""The customer form: rows, faults beside their fields, nothing lost."""

from __future__ import annotations

import pytest

from agent_console.errors import Invalid
from agent_console.pages.customers.forms import form_faults, read, read_draft
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


def test_contacts_and_numbers_as_the_service_takes_them() -> None:
    form = {**FORM, "contacts-0-name": "", "contacts-0-title": "", "contacts-5-id": "con_b", "contacts-5-name": "李"}
    entries = read(read_draft({**form, "numbers-2-contact": "5"}), normalise).entries
    assert [(one.id, one.name) for one in entries["contacts"]] == [("con_b", "李")]
    assert [(one.number, one.contact) for one in entries["numbers"]] == [("021-64881234", None), ("13712345678", 0)]


@pytest.mark.parametrize("spoilt", [
    "", "x", "[]", "{}", '{"version": "x"}', '{"version": 1, "values": 3, "contacts": {}, "numbers": {}}',
    '{"version": 1, "values": {}, "contacts": {"c": 1}, "numbers": {}}', "[" * 100_000,
])  # fmt: skip
def test_a_form_whose_memory_was_spoilt_is_older_than_every_change(spoilt: str) -> None:
    assert read_draft({"name": "张伟", "opened": spoilt}).opened.version == 0
