"""The customer form: one page for the customer, his contacts and his numbers. Pure.

Rows come as `contacts-0-name`, `numbers-1-number`; a row in which nothing stands is no row.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from agent_console.errors import Invalid
from agent_console.faults import Fault, by_field
from agent_console.inputs import ContactInput, CustomerInput, NumberInput, checked
from agent_console.words import Sayable, say
from crm_core.domain.customers import Contact, ContactEntry, CustomerDetails, NumberEntry, NumberLink
from crm_core.kernel.ids import ContactId
from crm_core.kernel.phone import PhoneNumber

Row = Mapping[str, str]
OWN_FIELDS: Final = ("name", "name_en", "kind", "level", "language", "email", "city", "address", "note")
CONTACT_FIELDS: Final = ("name", "name_en", "title", "email", "language")
NUMBER_FIELDS: Final = ("number", "label", "contact", "confirmed")
_ROW: Final = re.compile(r"(contacts|numbers)-(\d{1,4})-(\w+)")
_MOST_ROWS: Final = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Opened:
    """What the form showed when it was opened: the customer's own fields, and each row by its id."""

    version: int = 0
    values: Row = field(default_factory=dict)
    contacts: Mapping[str, Row] = field(default_factory=dict)
    numbers: Mapping[str, Row] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """What stands in the form, as typed; never lost."""

    values: Row = field(default_factory=dict)
    contacts: Mapping[int, Row] = field(default_factory=dict)
    numbers: Mapping[int, Row] = field(default_factory=dict)
    opened: Opened = field(default_factory=Opened)

    @property
    def opened_text(self) -> str:
        """For the form to carry along."""
        one = self.opened
        kept = {"version": one.version, "values": one.values, "contacts": one.contacts, "numbers": one.numbers}
        return json.dumps(kept, ensure_ascii=False)


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

    @property
    def entries(self) -> dict[str, Any]:
        """Contacts and numbers as `Customers.create` and `update` take them."""
        places = {row: place for place, row in enumerate(self.contacts)}
        return {
            "contacts": tuple(
                ContactEntry(id=ContactId(one.id) if one.id else None, **one.values.model_dump(exclude={"note"}))
                for one in self.contacts.values()
            ),
            "numbers": tuple(
                NumberEntry(
                    number=one.values.number,
                    contact=None if one.contact_row is None else places[one.contact_row],
                    label=one.values.label,
                    confirmed=one.values.confirmed,
                )
                for one in self.numbers
            ),
        }


def read_draft(form: Mapping[str, str]) -> Draft:
    values: dict[str, str] = {}
    rows: dict[str, dict[int, dict[str, str]]] = {"contacts": {}, "numbers": {}}
    for name, sent in form.items():
        value = _lines(sent)
        if found := _ROW.fullmatch(name):
            part, number, column = found.groups()
            if len(rows[part]) < _MOST_ROWS:
                rows[part].setdefault(int(number), {})[column] = value
        elif name in OWN_FIELDS:
            values[name] = value
    opened = _read_opened(form.get("opened", ""))
    return Draft(values=values, contacts=rows["contacts"], numbers=rows["numbers"], opened=opened)


def _lines(text: str) -> str:
    """Browsers send the ends of lines their own way."""
    return text.replace("\r\n", "\n")


def _read_opened(text: str) -> Opened:
    """What a form carries along; nothing when somebody has spoilt it, and then the form is older than every change."""
    try:
        kept = json.loads(text)
        return Opened(
            version=int(kept["version"]),
            values=_words(kept["values"]),
            contacts={str(key): _words(row) for key, row in kept["contacts"].items()},
            numbers={str(key): _words(row) for key, row in kept["numbers"].items()},
        )
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
        return Opened()


def _words(row: Mapping[str, object]) -> dict[str, str]:
    return {str(name): str(value) for name, value in row.items()}


def draft_of(details: CustomerDetails) -> Draft:
    """The form as it opens for a customer that is there."""
    customer = details.customer
    place = {contact.id: row for row, contact in enumerate(details.contacts)}
    values = {name: _lines(str(getattr(customer, name) or "")) for name in OWN_FIELDS}
    contacts = [_contact_row(one) for one in details.contacts]
    numbers = [_number_row(one, place.get(one.contact) if one.contact else None) for one in details.numbers]
    return Draft(
        values=values,
        contacts=dict(enumerate(contacts)),
        numbers=dict(enumerate(numbers)),
        opened=Opened(
            version=customer.version,
            values=values,
            contacts={row["id"]: row for row in contacts},
            numbers={row["id"]: row for row in numbers},
        ),
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
        "id": link.id,
        "number": link.number.whole,
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
    if not number_of(values["number"]).linkable:
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
