"""What came of a call: a tree of codes with names in both languages."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Disposition:
    code: str
    """Stable, e.g. `repair.booked`."""
    names: dict[str, str]
    """Language -> words."""
    parent: str | None = None
    position: int = 0
    retired: bool = False
    """No longer offered; still shown where it was used."""
    children: tuple[Disposition, ...] = ()

    def walk(self) -> Iterator[Disposition]:
        yield self
        for child in self.children:
            yield from child.walk()
