"""The spool's files: segments named by the place in the stream where they begin, and each reader's place.

A place is written over itself, in a file that has its size from the beginning: that goes well on a full disk too.
"""

from __future__ import annotations

import errno
import os
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from zlib import crc32

from crm_core.runtime.spool.lines import Entry, entries_in

PIECE = 32 * 1024
_SUFFIX = ".events"


@dataclass(slots=True, eq=False)
class Segment:
    path: Path
    base: int
    size: int = 0
    fd: int | None = None
    """Open as long as it is written to."""

    @property
    def end(self) -> int:
        return self.base + self.size

    @classmethod
    def begin(cls, folder: Path, base: int) -> Segment:
        """Whatever a crash has left under this name was never taken for written."""
        path = folder / f"{base:020d}{_SUFFIX}"
        flags = os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND | os.O_CLOEXEC
        return cls(path, base, fd=os.open(path, flags, 0o600))

    def append(self, line: bytes) -> None:
        """All of it or nothing. Raises OSError."""
        assert self.fd is not None  # noqa: S101 - only the one that is written to
        written = os.write(self.fd, line)
        if written != len(line):
            os.ftruncate(self.fd, self.size)
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        self.size += written

    def read(self, place: int, most: int) -> tuple[list[Entry], int, int]:
        """Entries from this place on, the place behind them, and how many were torn. Raises OSError."""
        fd = self.fd if self.fd is not None else os.open(self.path, os.O_RDONLY | os.O_CLOEXEC)
        try:
            length, left = PIECE, self.end - place
            while True:
                piece = os.pread(fd, min(length, left), place - self.base)
                found, taken, torn = entries_in(piece, most)
                if taken:
                    return found, place + taken, torn
                if len(piece) < length:  # the rest is no line: a crash has cut it
                    return [], self.end, 1
                length *= 4
        finally:
            if self.fd is None:
                os.close(fd)

    def lines_from(self, place: int) -> int:
        """How many there are from this place on."""
        with self.path.open("rb") as file:
            file.seek(max(place - self.base, 0))
            return sum(piece.count(b"\n") for piece in iter(lambda: file.read(1 << 20), b""))

    def close(self) -> None:
        if self.fd is not None:
            os.close(self.fd)
            self.fd = None


def segments_in(folder: Path) -> list[Segment]:
    """In their order; empty ones are left out. What overlaps the next one was not taken for written."""
    found = [
        Segment(path, int(path.stem), path.stat().st_size)
        for path in sorted(folder.glob(f"*{_SUFFIX}"))
        if path.stem.isdigit()
    ]
    for segment, following in pairwise(found):
        segment.size = min(segment.size, following.base - segment.base)
    return [segment for segment in found if segment.size > 0]


class Place:
    """How far a reader is."""

    def __init__(self, folder: Path, reader: str) -> None:
        self.path = folder / f"{reader}.place"
        self._fd: int | None = None

    def read(self) -> int | None:
        """None when there is none, or none that can be trusted: then all that is there is read once more."""
        try:
            place, _, check = self.path.read_bytes().rstrip().partition(b" ")
        except OSError:
            return None
        return int(place) if place.isdigit() and check == _check(place) else None

    def write(self, place: int) -> None:
        """Raises OSError."""
        if self._fd is None:
            self._fd = os.open(self.path, os.O_WRONLY | os.O_CREAT | os.O_CLOEXEC, 0o600)
        text = b"%020d" % place
        os.pwrite(self._fd, b"%s %s\n" % (text, _check(text)), 0)

    def close(self) -> None:
        if self._fd is not None:
            os.close(self._fd)
            self._fd = None


def _check(text: bytes) -> bytes:
    return b"%08x" % crc32(text)


def first_from(segments: list[Segment], place: int) -> Iterator[Segment]:
    """Those that hold anything from this place on."""
    return (segment for segment in segments if segment.end > place)
