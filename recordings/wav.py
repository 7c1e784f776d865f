"""How long a wav file sounds, from its first bytes and its size; also while it is still being written. Pure."""

from __future__ import annotations

import struct
from dataclasses import dataclass

HEAD_BYTES = 4096
"""As much of a file as `read_head` wants to see."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WavFacts:
    bytes_per_second: int
    data_bytes: int
    complete: bool
    """The header says what the file holds: whoever wrote it has closed it."""

    @property
    def duration_s(self) -> float:
        return self.data_bytes / self.bytes_per_second


def read_head(head: bytes, size: int) -> WavFacts | None:
    """None when this is no wav file. `size` is the whole file's; it counts where the header is not final yet."""
    if len(head) < 12 or head[:4] != b"RIFF" or head[8:12] != b"WAVE":
        return None
    per_second = 0
    at = 12
    while at + 8 <= len(head):
        name, length = struct.unpack_from("<4sI", head, at)
        at += 8
        if name == b"fmt " and at + 16 <= len(head):
            (per_second,) = struct.unpack_from("<I", head, at + 8)
        if name == b"data":
            return _facts(per_second, at, length, size) if per_second else None
        at += length + length % 2
    return None


def _facts(per_second: int, start: int, told: int, size: int) -> WavFacts:
    there = max(0, size - start)
    # a byte of padding makes an odd number even
    complete = told > 0 and there - told in (0, 1)
    return WavFacts(bytes_per_second=per_second, data_bytes=told if complete else there, complete=complete)
