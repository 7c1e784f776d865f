"""One event as one line of the spool: `<crc> <milliseconds> <topic> <json>`. Pure.

A line that a crash has cut short, or a disk has spoilt, does not fit its checksum: it is passed over, and only it.
"""

from __future__ import annotations

from dataclasses import dataclass
from zlib import crc32

END = b"\n"


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    at: float
    """When it was spooled, in seconds since the epoch."""
    topic: str
    body: bytes


def line_of(at: float, topic: str, body: bytes) -> bytes:
    """`body` is JSON, in which there are no line ends."""
    said = b"%d %s %s" % (at * 1000, topic.encode(), body)
    return b"%08x %s\n" % (crc32(said), said)


def entry_of(line: bytes) -> Entry | None:
    """None when the line is not whole. Without its line end."""
    check, _, said = line.partition(b" ")
    if check != b"%08x" % crc32(said):
        return None
    at, _, rest = said.partition(b" ")
    topic, _, body = rest.partition(b" ")
    return Entry(at=int(at) / 1000, topic=topic.decode(), body=body)


def entries_in(piece: bytes, most: int) -> tuple[list[Entry], int, int]:
    """Of a piece of the stream that begins with a line: the entries, the bytes they take, and how many were torn."""
    found: list[Entry] = []
    taken = torn = 0
    while len(found) < most:
        end = piece.find(END, taken)
        if end < 0:
            break
        entry = entry_of(piece[taken:end])
        taken = end + 1
        if entry is None:
            torn += 1
        else:
            found.append(entry)
    return found, taken, torn
