"""A customer's numbers as his page shows them: each once, with everybody who uses it. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from crm_core.domain.customers import NumberLink
from crm_core.kernel.ids import ContactId
from crm_core.kernel.phone import PhoneNumber


@dataclass(frozen=True, slots=True, kw_only=True)
class SharedNumber:
    """One number and all its links to this customer and his people."""

    links: tuple[NumberLink, ...]

    @property
    def number(self) -> PhoneNumber:
        return self.links[0].number

    @property
    def label(self) -> str:
        return next((link.label for link in self.links if link.label), "")

    @property
    def contacts(self) -> tuple[ContactId, ...]:
        return tuple(link.contact for link in self.links if link.contact)

    @property
    def last_used(self) -> datetime | None:
        return max((link.last_used for link in self.links if link.last_used), default=None)

    @property
    def to_confirm(self) -> NumberLink | None:
        """The first link that nobody has confirmed yet."""
        return next((link for link in self.links if not link.confirmed), None)


def shared(links: Iterable[NumberLink]) -> tuple[SharedNumber, ...]:
    """Numbers in the order in which they were entered."""
    found: dict[tuple[str, str], list[NumberLink]] = {}
    for link in links:
        found.setdefault((link.number.key, link.number.extension), []).append(link)
    return tuple(SharedNumber(links=tuple(group)) for group in found.values())
