"""What the load generators that speak RTP have in common: a process of its own that lives by the clock of sound, one
frame of 20 ms after the other, knows by the kernel's stamp when a packet came, and obeys lines of JSON on stdin.

`{"to": {"PORT": ADDRESS}}` says where phones send, `{"silence": true}` that they do no more; all else is their own.
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
from collections.abc import Mapping
from typing import Any, Protocol

FRAME_S, FRAME = 0.02, 160
_SO_TIMESTAMPNS = 35


class Phone(Protocol):
    to: tuple[str, int] | None


def sockets(count: int, *, room: int = 0) -> dict[int, socket.socket]:
    """By port, with stamps on what comes; `room` in bytes for what nobody has fetched yet. Told on stdout."""
    with contextlib.suppress(OSError):
        os.nice(-15)  # what measures must not be what is late
    made = {}
    for _ in range(count):
        one = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        one.setsockopt(socket.SOL_SOCKET, _SO_TIMESTAMPNS, 1)
        if room:
            one.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, room)
        one.setblocking(False)
        one.bind(("127.0.0.1", 0))
        made[int(one.getsockname()[1])] = one
    print(json.dumps(list(made)), flush=True)
    return made


def nanoseconds(stamp: bytes) -> int:
    seconds, fraction = struct.unpack("qq", stamp)
    return int(seconds * 1_000_000_000 + fraction)


class Paced:
    """Frame after frame, until stdin ends."""

    phones: Mapping[int, Phone]
    late: int = 0
    """Own frames that came more than one late: faults of ours, not of what is measured."""

    def frame(self) -> None:
        """What is to be done in each."""
        raise NotImplementedError

    def told(self, wish: dict[str, Any]) -> None:
        """What it is told beside `to` and `silence`."""
        raise NotImplementedError

    def run(self) -> None:
        due = time.monotonic()
        while True:
            self.frame()
            due += FRAME_S
            pause = due - time.monotonic()
            if pause < -FRAME_S:
                self.late, due = self.late + 1, time.monotonic()
            if not self._obey(max(0.0, pause)):
                return

    def _obey(self, pause: float) -> bool:
        """Sleeps for the pause, unless it is told something."""
        if not select.select([sys.stdin], [], [], pause)[0]:
            return True
        said = sys.stdin.readline()
        if not said:
            return False
        wish: dict[str, Any] = json.loads(said)
        for port, to in wish.get("to", {}).items():
            self.phones[int(port)].to = (to[0], to[1])
        if wish.get("silence"):
            for phone in self.phones.values():
                phone.to = None
        self.told(wish)
        return True
