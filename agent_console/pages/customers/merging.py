"""Two people had one customer's form open: what each of them changed is put together in one draft. Pure.

Where only one has changed something, his change stands; where both have, what was typed here stays in the field and
the other's is told beside it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from agent_console.pages.customers.forms import CONTACT_FIELDS, NUMBER_FIELDS, OWN_FIELDS, Draft, Row


@dataclass(frozen=True, slots=True, kw_only=True)
class Merged:
    draft: Draft
    theirs: Mapping[str, str] = field(default_factory=dict)
    """What the other wrote into a field that was changed here too, by the field's name (`contacts.0.title`)."""


def merged(typed: Draft, present: Draft) -> Merged:
    """`typed` was opened before `present` came to be; the result can be saved upon it."""
    before, theirs = typed.opened, dict[str, str]()
    values = _together(OWN_FIELDS, typed.values, before.values, present.values, place="", theirs=theirs)
    contacts = {
        row: _row(
            CONTACT_FIELDS,
            one,
            before.contacts,
            present.opened.contacts,
            place=f"contacts.{row}.",
            theirs=theirs,
        )
        for row, one in typed.contacts.items()
    }
    _append(contacts, present.contacts.values(), known=before.contacts)
    there = {number["id"]: _whose(number, present, contacts) for number in present.numbers.values()}
    numbers = {
        row: _row(NUMBER_FIELDS, one, before.numbers, there, place=f"numbers.{row}.", theirs=theirs)
        for row, one in typed.numbers.items()
        if not _was_taken_away(one, before.numbers, there)
    }
    _append(numbers, there.values(), known=before.numbers)
    draft = Draft(values=values, contacts=contacts, numbers=numbers, opened=replace(present.opened, numbers=there))
    return Merged(draft=draft, theirs=theirs)


def _together(
    names: Iterable[str], typed: Row, before: Row, present: Row, *, place: str, theirs: dict[str, str]
) -> dict[str, str]:
    found: dict[str, str] = {}
    for name in names:
        mine, then, now = typed.get(name, ""), before.get(name, ""), present.get(name, "")
        found[name] = now if mine == then else mine
        if now not in (then, found[name]):
            theirs[f"{place}{name}"] = now
    return found


def _row(
    names: Iterable[str],
    typed: Row,
    before: Mapping[str, Row],
    present: Mapping[str, Row],
    *,
    place: str,
    theirs: dict[str, str],
) -> dict[str, str]:
    """One that is not there (any more) is as typed, and new."""
    key = typed.get("id", "")
    if key not in present:
        return {**typed, "id": ""}
    return {"id": key, **_together(names, typed, before.get(key, {}), present[key], place=place, theirs=theirs)}


def _was_taken_away(typed: Row, before: Mapping[str, Row], present: Mapping[str, Row]) -> bool:
    """By the other, and here nobody touched it."""
    key = typed.get("id", "")
    if key not in before or key in present:
        return False
    return all(typed.get(name, "") == before[key].get(name, "") for name in NUMBER_FIELDS)


def _whose(number: Row, present: Draft, contacts: Mapping[int, Row]) -> dict[str, str]:
    """The present number, its owner named by his row in the draft."""
    owner = present.contacts[int(number["contact"])]["id"] if number["contact"] else ""
    rows = {one["id"]: str(row) for row, one in contacts.items() if one.get("id")}
    return {**number, "contact": rows.get(owner, "")}


def _append(rows: dict[int, dict[str, str]], present: Iterable[Row], *, known: Mapping[str, Row]) -> None:
    """What the other has added. What was known and is not in the draft was taken away here."""
    mine = {row.get("id") for row in rows.values()}
    for one in present:
        if one["id"] not in mine and one["id"] not in known:
            rows[max(rows, default=-1) + 1] = dict(one)
