"""A page of a list, and the sentinel for "leave this field as it is"."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum
from typing import Generic, TypeVar

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Page(Generic[T]):
    """Some of the items in a stable order; `next_cursor` opens the following page, None on the last."""

    items: tuple[T, ...]
    next_cursor: str | None = None
    total: int | None = None
    """How many there are in all; counted for the first page only."""

    def __iter__(self) -> Iterator[T]:
        return iter(self.items)

    def __len__(self) -> int:
        return len(self.items)


class Keep(Enum):
    KEEP = "keep"


KEEP = Keep.KEEP
"""The default of every field of an update: as it was. None means "empty it"."""
