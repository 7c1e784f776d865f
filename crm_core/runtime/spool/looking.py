"""What waits in a spool, for who only looks: the process that keeps it goes on, or is not there at all."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from crm_core.runtime.spool.files import Place, first_from, segments_in


@dataclass(frozen=True, slots=True, kw_only=True)
class SpoolLook:
    events: int
    """Not taken by this reader yet."""
    bytes: int
    oldest_at: float | None
    """When the oldest of them was spooled."""


NOTHING = SpoolLook(events=0, bytes=0, oldest_at=None)


def look_at(folder: Path, reader: str) -> SpoolLook:
    """Raises OSError."""
    if not folder.is_dir():
        return NOTHING
    place = Place(folder, reader).read() or 0
    segments = list(first_from(segments_in(folder), place))
    if not segments:
        return NOTHING
    oldest, _, _ = segments[0].read(max(place, segments[0].base), 1)
    return SpoolLook(
        events=sum(segment.lines_from(place) for segment in segments),
        bytes=_bytes((segment.base, segment.end) for segment in segments) - max(place - segments[0].base, 0),
        oldest_at=oldest[0].at if oldest else None,
    )


def _bytes(pieces: Iterable[tuple[int, int]]) -> int:
    return sum(end - begin for begin, end in pieces)
