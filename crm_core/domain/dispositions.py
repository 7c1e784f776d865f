"""What came of a call: a tree of codes with names in both languages."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class DispositionEntry:
    """One code as a list of them holds it."""

    code: str
    names: dict[str, str]
    parent: str | None = None
    position: int | None = None
    """None: where it is, or behind its siblings when it is new."""
    retired: bool = False


def parents_first(parents: Mapping[str, str | None]) -> tuple[tuple[str, ...], ...]:
    """Codes in floors, each below the one before it; a code that stands below itself has no floor."""
    floors: list[tuple[str, ...]] = []
    placed: set[str | None] = {None}
    while floor := tuple(code for code, parent in parents.items() if parent in placed and code not in placed):
        floors.append(floor)
        placed.update(floor)
    return tuple(floors)


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
