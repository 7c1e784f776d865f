"""Callers who press keys, in a process of their own: each key as RFC 4733 events, and when its prompt begins.

Two prompts of the measured menu are constant sounds (`PROMPTS`), so every packet says by one of its bytes which of them
it belongs to. A key is answered by the first packet of the other prompt: no silence is guessed at, and what is still on
its way of the prompt before does not count. A key has been pressed when its first packet with the end bit leaves
(Asterisk hears of a whole key only then, whoever runs the menu); the packet of the prompt has come when the kernel got
it, however busy this process is. Callers send nothing but keys, and every one at a time of its own.

`python -m tests.bench.keys CALLERS` prints its ports as JSON, then obeys lines on stdin: `{"to": {"PORT": ADDRESS}}`
says where callers send, `{"press": KEYS, "every_s": SECONDS}` is answered when all have pressed so many,
`{"quiet": true}` forgets them.
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

FRAME_S, FRAME = 0.02, 160
PROMPTS = {"bench_one": 7932, "bench_two": -7932}
"""Prompt -> the one value of its samples …"""
SIGNS = (0xA0, 0x20)
"""… and how that is said in PCMU."""
KEY, EVENTS, KEY_FRAMES, ENDS = 1, 101, 5, 3
"""The key, its payload type in our SDP, how long it is held (100 ms), and how often its end is said."""
SO_TIMESTAMPNS = 35
_HEARD_BYTES, _SIGN_AT = 64, 40
_ROOM = 1 << 20


@dataclass(slots=True)
class Caller:
    socket: socket.socket
    to: tuple[str, int] | None = None
    playing: int = 0
    """The sign of the prompt that he hears."""
    awaits: int = 0
    """… and of the one that his key shall bring; 0: none."""
    pressed_ns: int = 0
    sequence: int = 0
    left: int = 0
    """Keys yet to be pressed."""
    next_at: int = 0
    """The frame in which he begins to press the next one."""
    took: list[int] = field(default_factory=list)
    unanswered: int = 0

    def hear(self) -> None:
        with contextlib.suppress(BlockingIOError):
            while True:
                said, extra, _, _ = self.socket.recvmsg(_HEARD_BYTES, 64)
                if len(said) <= _SIGN_AT or said[_SIGN_AT] not in SIGNS:
                    continue
                self.playing = said[_SIGN_AT]
                if self.playing == self.awaits and extra:
                    self.took.append(_nanoseconds(extra[0][2]) - self.pressed_ns)
                    self.awaits = 0

    def press(self, frame: int) -> None:
        """What of a key is due in this frame."""
        held = frame - self.next_at
        if not self.left or self.to is None or held < 0:
            return
        if held < KEY_FRAMES:
            self._say(held, first=held == 0)
            return
        self.give_up()
        self.awaits = SIGNS[self.playing == SIGNS[0]]
        self.pressed_ns = time.time_ns()
        for _ in range(ENDS):
            self._say(KEY_FRAMES, end=True)
        self.left -= 1

    def give_up(self) -> None:
        """No prompt any more for the key before."""
        self.unanswered += self.awaits != 0
        self.awaits = 0

    def _say(self, held: int, *, first: bool = False, end: bool = False) -> None:
        self.sequence = (self.sequence + 1) & 0xFFFF
        head = struct.pack("!BBHII", 0x80, EVENTS | first << 7, self.sequence, self.next_at * FRAME & 0xFFFFFFFF, 1)
        event = struct.pack("!BBH", KEY, end << 7 | 10, (held + (not end)) * FRAME)
        with contextlib.suppress(OSError):
            self.socket.sendto(head + event, self.to or ("127.0.0.1", 9))


def _nanoseconds(stamp: bytes) -> int:
    seconds, nanoseconds = struct.unpack("qq", stamp)
    return int(seconds * 1_000_000_000 + nanoseconds)


@dataclass(slots=True)
class Crowd:
    callers: dict[int, Caller]
    frame: int = 0
    every: int = 0
    """Frames from one key of a caller to his next."""
    until: int = 0
    late: int = 0
    """Own frames that came more than one late: nothing is measured wrongly by it, but the callers were not as busy."""

    def run(self) -> None:
        due = time.monotonic()
        while True:
            self.frame += 1
            for caller in self.callers.values():
                caller.press(self.frame)
                if caller.left and self.frame == caller.next_at + KEY_FRAMES:
                    caller.next_at += self.every
                caller.hear()
            if self.until and self.frame >= self.until:
                self._tell()
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
            self.callers[int(port)].to = (to[0], to[1])
        if wish.get("quiet"):
            for caller in self.callers.values():
                caller.to = None
        if "press" in wish:
            self._begin(wish["press"], round(wish["every_s"] / FRAME_S))
        return True

    def _begin(self, keys: int, every: int) -> None:
        """One after the other, evenly over the time from one key to the next."""
        callers = [caller for caller in self.callers.values() if caller.to is not None]
        self.every, self.late = every, 0
        self.until = self.frame + every * (keys + 1) + KEY_FRAMES
        for place, caller in enumerate(callers):
            caller.next_at = self.frame + 1 + place * every // len(callers)
            caller.left, caller.awaits, caller.unanswered = keys, 0, 0
            caller.took.clear()

    def _tell(self) -> None:
        self.until = 0
        for caller in self.callers.values():
            caller.give_up()
        told = {
            "took_ns": [one for caller in self.callers.values() for one in caller.took],
            "unanswered": sum(caller.unanswered for caller in self.callers.values()),
            "hearing": sum(caller.playing != 0 for caller in self.callers.values() if caller.to is not None),
            "late": self.late,
        }
        for caller in self.callers.values():
            caller.took.clear()
            caller.unanswered = 0
        print(json.dumps(told), flush=True)


def main(callers: int) -> None:
    with contextlib.suppress(OSError):
        os.nice(-15)  # as an exchange's own hardware would be
    crowd = {}
    for _ in range(callers):
        one = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        one.setsockopt(socket.SOL_SOCKET, SO_TIMESTAMPNS, 1)
        one.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, _ROOM)
        one.setblocking(False)
        one.bind(("127.0.0.1", 0))
        crowd[int(one.getsockname()[1])] = Caller(one)
    print(json.dumps(list(crowd)), flush=True)
    Crowd(crowd).run()


if __name__ == "__main__":
    main(int(sys.argv[1]))
