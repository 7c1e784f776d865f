"""The customer form: one page for the customer, his contacts and his numbers. Pure.

Rows come as `contacts-0-name`, `numbers-1-number`; a row in which nothing stands is no row.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from agent_console.errors import Invalid
from agent_console.faults import Fault, by_field
from agent_console.inputs import ContactInput, CustomerInput, NumberInput, checked
from agent_console.words import Sayable, say
from crm_core.domain.customers import Contact, CustomerDetails, NumberLink
from crm_core.kernel.phone import NumberKind, PhoneNumber

_OWN_FIELDS: Final = ("name", "name_en", "kind", "level", "language", "email", "city", "address", "note")
_ROW: Final = re.compile(r"(contacts|numbers)-(\d{1,4})-(\w+)")
_MOST_ROWS: Final = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """What stands in the form, as typed; never lost."""

    values: Mapping[str, str] = field(default_factory=dict)
    contacts: Mapping[int, Mapping[str, str]] = field(default_factory=dict)
    numbers: Mapping[int, Mapping[str, str]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class ContactRow:
    id: str
    """Empty for a new one."""
    values: ContactInput


@dataclass(frozen=True, slots=True, kw_only=True)
class NumberRow:
    values: NumberInput
    contact_row: int | None
    """Whose it is: a row of the contacts' part."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CustomerForm:
    customer: CustomerInput
    contacts: Mapping[int, ContactRow]
    numbers: tuple[NumberRow, ...]

    def contact_of(self, row: NumberRow) -> str | None:
        """Whose number it is; empty for a contact who is only being entered."""
        return None if row.contact_row is None else self.contacts[row.contact_row].id


def read_draft(form: Mapping[str, str]) -> Draft:
    values: dict[str, str] = {}
    rows: dict[str, dict[int, dict[str, str]]] = {"contacts": {}, "numbers": {}}
    for name, value in form.items():
        if found := _ROW.fullmatch(name):
            part, number, column = found.groups()
            if len(rows[part]) < _MOST_ROWS:
                rows[part].setdefault(int(number), {})[column] = value
        elif name in _OWN_FIELDS:
            values[name] = value
    return Draft(values=values, contacts=rows["contacts"], numbers=rows["numbers"])


def draft_of(details: CustomerDetails) -> Draft:
    """The form as it opens for a customer that is there."""
    customer = details.customer
    place = {contact.id: row for row, contact in enumerate(details.contacts)}
    return Draft(
        values={name: str(getattr(customer, name) or "") for name in _OWN_FIELDS},
        contacts=dict(enumerate(map(_contact_row, details.contacts))),
        numbers={
            row: _number_row(link, place.get(link.contact) if link.contact else None)
            for row, link in enumerate(details.numbers)
        },
    )


def _contact_row(contact: Contact) -> dict[str, str]:
    return {
        "id": contact.id,
        "name": contact.name,
        "name_en": contact.name_en,
        "title": contact.title,
        "email": contact.email,
        "language": contact.language or "",
    }


def _number_row(link: NumberLink, contact: int | None) -> dict[str, str]:
    return {
        "number": f"{link.number.dialable}-{extension}"
        if (extension := link.number.extension)
        else link.number.dialable,
        "label": link.label,
        "contact": "" if contact is None else str(contact),
        "confirmed": "1" if link.confirmed else "",
    }


def read(draft: Draft, number_of: Callable[[str], PhoneNumber]) -> CustomerForm:
    """The form's values, or Invalid with everything that is wrong, by field."""
    faults: list[Fault] = []
    customer = _part(CustomerInput, _emptied(draft.values, "language"), "", faults)
    contacts = {
        row: ContactRow(id=values.get("id", ""), values=contact)
        for row, values in draft.contacts.items()
        if _filled(values, ("name", "name_en", "title", "email"))
        and (contact := _part(ContactInput, _emptied(_without(values, "id"), "language"), f"contacts.{row}.", faults))
    }
    numbers = [
        found
        for row, values in draft.numbers.items()
        if _filled(values, ("number",)) and (found := _number(row, values, contacts, number_of, faults))
    ]
    if faults or customer is None:
        raise Invalid(tuple(faults))
    return CustomerForm(customer=customer, contacts=contacts, numbers=tuple(numbers))


def _number(
    row: int,
    values: Mapping[str, str],
    contacts: Mapping[int, ContactRow],
    number_of: Callable[[str], PhoneNumber],
    faults: list[Fault],
) -> NumberRow | None:
    chosen = values.get("contact", "")
    if number_of(values["number"]).kind in (NumberKind.INVALID, NumberKind.ANONYMOUS):
        wrong = say("This is not a number that can be dialled.")
        faults.append(Fault(field=f"numbers.{row}.number", code="number.unusable", sentence=wrong))
        return None
    plain = {"number": values["number"], "label": values.get("label", ""), "confirmed": bool(values.get("confirmed"))}
    found = _part(NumberInput, plain, f"numbers.{row}.", faults)
    contact = int(chosen) if chosen.isdecimal() and int(chosen) in contacts else None
    return NumberRow(values=found, contact_row=contact) if found else None


def _part(model: type[Any], values: Mapping[str, Any], prefix: str, faults: list[Fault]) -> Any:
    try:
        return checked(model, dict(values))
    except Invalid as error:
        faults += [Fault(field=f"{prefix}{one.field}", code=one.code, sentence=one.sentence) for one in error.faults]
        return None


def _filled(values: Mapping[str, str], names: Iterable[str]) -> bool:
    return any(values.get(name, "").strip() for name in names)


def _emptied(values: Mapping[str, str], *names: str) -> dict[str, str | None]:
    """A choice that was left open is none."""
    return {name: (value or None) if name in names else value for name, value in values.items()}


def _without(values: Mapping[str, str], name: str) -> dict[str, str]:
    return {key: value for key, value in values.items() if key != name}


def form_faults(error: Invalid) -> dict[str, Sayable]:
    return dict(by_field(error.faults))


def dropped(
    present: Iterable[NumberLink], wanted: CustomerForm, number_of: Callable[[str], PhoneNumber]
) -> tuple[NumberLink, ...]:
    """Links that stood in the form and do not any more, or not so firmly: its tick or its word was taken away.

    Contacts' links come first, because to detach the customer's own detaches every other one of the number.
    """
    kept = {(number_of(row.values.number).key, wanted.contact_of(row)): row.values for row in wanted.numbers}
    gone = [link for link in present if not _still(link, kept.get((link.number.key, link.contact)))]
    return tuple(sorted(gone, key=lambda link: link.contact is None))


def _still(link: NumberLink, row: NumberInput | None) -> bool:
    return row is not None and row.confirmed >= link.confirmed and bool(row.label) >= bool(link.label)
