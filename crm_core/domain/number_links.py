"""Whose a number is: what becomes of a customer's links when a form that showed some of them is saved. Pure."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from crm_core.domain.customers import NumberLink
from crm_core.kernel.ids import ContactId
from crm_core.kernel.phone import PhoneNumber


@dataclass(frozen=True, slots=True, kw_only=True)
class WantedLink:
    """A number that shall be the customer's, or one of his contacts'."""

    number: PhoneNumber
    contact: ContactId | None = None
    label: str = ""
    confirmed: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkChanges:
    gone: tuple[NumberLink, ...] = ()
    """To be taken away."""
    news: tuple[WantedLink, ...] = ()
    """To be made, or to be told more of."""


def link_changes(present: Sequence[NumberLink], wanted: Sequence[WantedLink], shown: Collection[str]) -> LinkChanges:
    """`shown`: ids of the links that the form showed. Only of these may one be gone, or less firm than it was: its
    tick or its word was taken away. What others have added meanwhile stays."""
    rows = {_place(row): row for row in wanted}
    gone = tuple(link for link in present if link.id in shown and not _holds(link, rows.get(_place(link))))
    left = {_place(link): link for link in present if link not in gone}
    return LinkChanges(gone=gone, news=tuple(row for row in rows.values() if not _says(left.get(_place(row)), row)))


def _place(one: NumberLink | WantedLink) -> tuple[str, str, ContactId | None]:
    return one.number.key, one.number.extension, one.contact


def _holds(link: NumberLink, row: WantedLink | None) -> bool:
    return row is not None and row.confirmed >= link.confirmed and bool(row.label) >= bool(link.label)


def _says(link: NumberLink | None, row: WantedLink) -> bool:
    """Whether the link says all that the row does."""
    return link is not None and link.confirmed >= row.confirmed and row.label in ("", link.label)
