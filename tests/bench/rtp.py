"""The sound of many calls, in a process of its own: sends a packet every 20 ms for every phone, and counts gaps in what
comes back, by the kernel's own time stamps.

`python -m tests.bench.rtp PHONES` prints its ports as JSON, then obeys lines on stdin: `{"to": {"PORT": ADDRESS}}`
lets phones speak, `{"silence": true}` ends that, `{"measure": SECONDS}` is answered with a count for the ports in `of`.
"""

from __future__ import annotations

import contextlib
import json
import socket
import struct
import sys
import time
from dataclasses import dataclass, field
from typing import Any

from tests.bench.paced import FRAME, Paced, nanoseconds, sockets

GAP_NS = 40_000_000
_HEADER = "!BBHII"
_TONE = bytes((0x8E, 0x0E) * (FRAME // 2))


@dataclass(slots=True)
class Line:
    socket: socket.socket
    to: tuple[str, int] | None = None
    last: int = 0
    packets: int = 0
    gaps: int = 0
    longest: int = 0
    listened: bool = False

    def begin(self) -> None:
        self.last = self.packets = self.gaps = self.longest = 0

    def hear(self) -> None:
        with contextlib.suppress(BlockingIOError):
            while True:
                _, extra, _, _ = self.socket.recvmsg(64, 64)
                if self.listened and extra:
                    self._count(extra[0][2])

    def _count(self, stamp: bytes) -> None:
        at = nanoseconds(stamp)
        if self.last:
            self.packets += 1
            self.gaps += at - self.last > GAP_NS
            self.longest = max(self.longest, at - self.last)
        self.last = at


@dataclass(slots=True)
class Choir(Paced):
    phones: dict[int, Line]
    number: int = 0
    late: int = 0
    until: float = 0.0
    listened: list[Line] = field(default_factory=list)

    def frame(self) -> None:
        self._say()
        for line in self.phones.values():
            line.hear()
        if self.until and time.monotonic() >= self.until:
            self._tell()

    def _say(self) -> None:
        self.number += 1
        packet = struct.pack(_HEADER, 0x80, 0, self.number & 0xFFFF, self.number * FRAME & 0xFFFFFFFF, 1) + _TONE
        for line in self.phones.values():
            if line.to is not None:
                with contextlib.suppress(OSError):
                    line.socket.sendto(packet, line.to)

    def told(self, wish: dict[str, Any]) -> None:
        if "measure" in wish:
            self.listened, self.late = [self.phones[port] for port in wish["of"]], 0
            self.until = time.monotonic() + wish["measure"]
            for line in self.listened:
                line.begin()
                line.listened = True

    def _tell(self) -> None:
        self.until = 0.0
        heard = [line for line in self.listened if line.packets]
        for line in self.listened:
            line.listened = False
        told = {
            "lines": len(heard),
            "packets": sum(line.packets for line in heard),
            "gaps": sum(line.gaps for line in heard),
            "longest_ms": max((line.longest for line in heard), default=0) / 1e6,
            "late": self.late,
        }
        print(json.dumps(told), flush=True)


def main(phones: int) -> None:
    Choir({port: Line(one) for port, one in sockets(phones).items()}).run()


if __name__ == "__main__":
    main(int(sys.argv[1]))
