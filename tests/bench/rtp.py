"""The sound of many calls, in a process of its own: sends a packet every 20 ms for every phone, and counts gaps in what
comes back, by the kernel's own time stamps.

`python -m tests.bench.rtp PHONES` prints its ports as JSON, then obeys lines on stdin: `{"to": {"PORT": ADDRESS}}`
lets phones speak, `{"silence": true}` ends that, `{"measure": SECONDS}` is answered with a count for the ports in `of`.
"""

from __future__ import annotations

import contextlib
import json
import os
import select
import socket
import struct
import sys
import time
from dataclasses import dataclass, field
from typing import Any

FRAME_S, FRAME, GAP_NS = 0.02, 160, 40_000_000
SO_TIMESTAMPNS = 35
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
        seconds, nanoseconds = struct.unpack("qq", stamp)
        at = seconds * 1_000_000_000 + nanoseconds
        if self.last:
            self.packets += 1
            self.gaps += at - self.last > GAP_NS
            self.longest = max(self.longest, at - self.last)
        self.last = at


@dataclass(slots=True)
class Choir:
    lines: dict[int, Line]
    number: int = 0
    late: int = 0
    """Own rounds that came more than a packet late: gaps of ours, not of what is measured."""
    until: float = 0.0
    listened: list[Line] = field(default_factory=list)

    def run(self) -> None:
        due = time.monotonic()
        while True:
            self._say()
            for line in self.lines.values():
                line.hear()
            if self.until and time.monotonic() >= self.until:
                self._tell()
            due += FRAME_S
            pause = due - time.monotonic()
            if pause < -FRAME_S:
                self.late, due = self.late + 1, time.monotonic()
            if not self._obey(max(0.0, pause)):
                return

    def _say(self) -> None:
        self.number += 1
        packet = struct.pack(_HEADER, 0x80, 0, self.number & 0xFFFF, self.number * FRAME & 0xFFFFFFFF, 1) + _TONE
        for line in self.lines.values():
            if line.to is not None:
                with contextlib.suppress(OSError):
                    line.socket.sendto(packet, line.to)

    def _obey(self, pause: float) -> bool:
        """Sleeps for the pause, unless it is told something."""
        if not select.select([sys.stdin], [], [], pause)[0]:
            return True
        said = sys.stdin.readline()
        if not said:
            return False
        wish: dict[str, Any] = json.loads(said)
        for port, to in wish.get("to", {}).items():
            self.lines[int(port)].to = (to[0], to[1])
        if wish.get("silence"):
            for line in self.lines.values():
                line.to = None
        if "measure" in wish:
            self.listened, self.late = [self.lines[port] for port in wish["of"]], 0
            self.until = time.monotonic() + wish["measure"]
            for line in self.listened:
                line.begin()
                line.listened = True
        return True

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
    with contextlib.suppress(OSError):
        os.nice(-15)  # what measures must not be what is late
    lines = {}
    for _ in range(phones):
        one = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        one.setsockopt(socket.SOL_SOCKET, SO_TIMESTAMPNS, 1)
        one.setblocking(False)
        one.bind(("127.0.0.1", 0))
        lines[int(one.getsockname()[1])] = Line(one)
    print(json.dumps(list(lines)), flush=True)
    Choir(lines).run()


if __name__ == "__main__":
    main(int(sys.argv[1]))
