"""Asterisk's CDR file as it grows: whatever was written to it since we looked last, whole lines only.

A file that was moved away is read to its end before the new one is begun; one that was cut short is begun anew. What
was moved away while we were dead is looked for beside it (`calls.csv.1`, packed or not).
"""

from __future__ import annotations

import gzip
import os
import zlib
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, cast

from cti.reconcile import CdrUnreadable, LineReader, Row

GZIP = b"\x1f\x8b"
PIECE = 1 << 16
"""Bytes that are read at once: what comes of them is handed over on the loop."""
LONGEST_LINE = 1 << 16
"""What is longer is none of Asterisk's."""
_HEAD = 200
"""Bytes by which a file is known to be the same still."""
_NEAR = 1 << 16
"""Bytes; so near a place in time is looked for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    rows: tuple[Row, ...]
    rubbish: int = 0
    """Lines that are no rows."""


class CdrTail:
    """`read` again and again: each time what is new. Blocks, so not on the loop. The pieces raise OSError."""

    def __init__(self, path: Path, *, since: float = 0.0) -> None:
        self.path, self._since = path, since
        self._reader = LineReader(str(path))
        self._file: BinaryIO | None = None
        self._head = b""
        self._begun = False
        self._rest = b""
        """The beginning of a line whose end is not there yet."""

    def read(self) -> Iterator[Piece]:
        if not self._begun:
            for older in self._moved_away():
                yield from self._whole(older)
            self._open(from_since=True)
            self._begun = True
        while True:
            yield from self._news()
            if not self._was_moved_away():
                return
            self.close()
            self._open()

    def close(self) -> None:
        if self._file is not None:
            self._file.close()
        self._file, self._rest = None, b""

    # ---- the file

    def _open(self, *, from_since: bool = False) -> None:
        """One that is not there yet comes with the first call that ends; its folder must be there."""
        try:
            self._file = self.path.open("rb")
        except FileNotFoundError:
            if not self.path.parent.is_dir():
                raise
            return
        self._head = self._file.read(_HEAD)
        self._file.seek(0)
        if from_since:
            _learn_heading(self._reader, self._file)
            self._file.seek(self._place_of(self._file, self._since))

    def _news(self) -> Iterator[Piece]:
        file = self._file
        if file is None:
            return
        if not self._is_the_same(file):
            file.seek(0)
            self._head, self._rest = os.pread(file.fileno(), _HEAD, 0), b""
        while data := file.read(PIECE):
            *lines, self._rest = (self._rest + data).split(b"\n")
            if len(self._rest) > LONGEST_LINE:
                lines, self._rest = [*lines, self._rest], b""
            yield self._rows(lines)

    def _is_the_same(self, file: BinaryIO) -> bool:
        head = os.pread(file.fileno(), _HEAD, 0)
        return os.fstat(file.fileno()).st_size >= file.tell() and head.startswith(self._head[: len(head)])

    def _was_moved_away(self) -> bool:
        """And there is another in its place."""
        try:
            there = self.path.stat()
        except FileNotFoundError:
            return False
        ours = os.fstat(self._file.fileno()) if self._file is not None else None
        return ours is None or (ours.st_ino, ours.st_dev) != (there.st_ino, there.st_dev)

    # ---- what was before

    def _moved_away(self) -> list[Path]:
        """The oldest first; of those that were written to in this time."""
        beside = [one for one in self.path.parent.glob(f"{self.path.name}[.-]*") if one.is_file()]
        written = {one: one.stat().st_mtime for one in beside}
        return sorted((one for one in beside if written[one] >= self._since), key=lambda one: written[one])

    def _whole(self, path: Path) -> Iterator[Piece]:
        """One that cannot be unpacked is given up where it breaks."""
        with path.open("rb") as raw:
            packed = raw.read(2) == GZIP
            raw.seek(0)
            data = cast(BinaryIO, gzip.GzipFile(fileobj=raw)) if packed else raw
            try:
                while lines := data.readlines(PIECE):
                    yield self._rows(lines)
            except (EOFError, zlib.error, gzip.BadGzipFile):
                yield Piece(rows=(), rubbish=1)

    def _place_of(self, file: BinaryIO, since: float) -> int:
        """Where the rows of this time begin: they come in the order of their ends, nearly. Found by halving."""
        low, high = 0, os.fstat(file.fileno()).st_size
        while high - low > _NEAR:
            middle = (low + high) // 2
            end = self._end_after(file, middle)
            low, high = (middle, high) if end is not None and end < since else (low, middle)
        file.seek(low)
        if low:
            file.readline()
        return file.tell()

    def _end_after(self, file: BinaryIO, place: int) -> float | None:
        """Of the first row behind this place."""
        file.seek(place)
        file.readline()
        return next((row.end for row in self._rows(file.readlines(4096), since=0.0).rows), None)

    # ---- lines

    def _rows(self, lines: Iterable[bytes], *, since: float | None = None) -> Piece:
        """Those of our time."""
        since = self._since if since is None else since
        rows, rubbish = [], 0
        for line in lines:
            try:
                row = self._reader.row(_text(line))
            except CdrUnreadable:
                rubbish += 1
                continue
            if row is not None and row.end >= since:
                rows.append(row)
        return Piece(rows=tuple(rows), rubbish=rubbish)


def _learn_heading(reader: LineReader, file: BinaryIO) -> None:
    with suppress(CdrUnreadable):  # told when it is its turn
        reader.row(_text(file.readline(LONGEST_LINE)))


def _text(line: bytes) -> str:
    return line.decode("utf-8", "surrogateescape").strip("\r\n\ufeff")
