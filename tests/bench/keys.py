"""Callers who press keys, in a process of their own: each key as RFC 4733 events, and when its prompt begins.

Two prompts of the measured menu are constant sounds (`PROMPTS`), so every packet says by one of its bytes which of them
it belongs to. A key is answered by the first packet of the other prompt: no silence is guessed at, and what is still on
its way of the prompt before does not count. A key has been pressed when its first packet with the end bit leaves
(Asterisk hears of a whole key only then, whoever runs the menu); the packet of the prompt has come when the kernel got
it, however busy this process is. Callers send nothing but keys, and every one at a time of its own.

`python -m tests.bench.keys CALLERS` prints its ports as JSON, then obeys lines on stdin: `{"to": {"PORT": ADDRESS}}`
says where callers send, `{"press": KEYS, "every_s": SECONDS}` is answered when all have pressed so many,
`{"silence": true}` forgets them.
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

from tests.bench.paced import FRAME, FRAME_S, Paced, nanoseconds, sockets

PROMPTS = {"bench_one": 7932, "bench_two": -7932}
"""Prompt -> the one value of its samples …"""
SIGNS = (0xA0, 0x20)
"""… and how that is said in PCMU."""
KEY, EVENTS, KEY_FRAMES, ENDS = 1, 101, 5, 3
"""The key, its payload type in our SDP, how long it is held (100 ms), and how often its end is said."""
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
                    self.took.append(nanoseconds(extra[0][2]) - self.pressed_ns)
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


@dataclass(slots=True)
class Crowd(Paced):
    phones: dict[int, Caller]
    now: int = 0
    """The frame."""
    every: int = 0
    """Frames from one key of a caller to his next."""
    until: int = 0
    late: int = 0
    """Nothing is measured wrongly by them, but the callers were not as busy."""

    def frame(self) -> None:
        self.now += 1
        for caller in self.phones.values():
            caller.press(self.now)
            if caller.left and self.now == caller.next_at + KEY_FRAMES:
                caller.next_at += self.every
            caller.hear()
        if self.until and self.now >= self.until:
            self._tell()

    def told(self, wish: dict[str, Any]) -> None:
        if "press" in wish:
            self._begin(wish["press"], round(wish["every_s"] / FRAME_S))

    def _begin(self, keys: int, every: int) -> None:
        """One after the other, evenly over the time from one key to the next."""
        callers = [caller for caller in self.phones.values() if caller.to is not None]
        self.every, self.late = every, 0
        self.until = self.now + every * (keys + 1) + KEY_FRAMES
        for place, caller in enumerate(callers):
            caller.next_at = self.now + 1 + place * every // len(callers)
            caller.left, caller.awaits, caller.unanswered = keys, 0, 0
            caller.took.clear()

    def _tell(self) -> None:
        self.until = 0
        for caller in self.phones.values():
            caller.give_up()
        told = {
            "took_ns": [one for caller in self.phones.values() for one in caller.took],
            "unanswered": sum(caller.unanswered for caller in self.phones.values()),
            "hearing": sum(caller.playing != 0 for caller in self.phones.values() if caller.to is not None),
            "late": self.late,
        }
        for caller in self.phones.values():
            caller.took.clear()
            caller.unanswered = 0
        print(json.dumps(told), flush=True)


def main(callers: int) -> None:
    Crowd({port: Caller(one) for port, one in sockets(callers, room=_ROOM).items()}).run()


if __name__ == "__main__":
    main(int(sys.argv[1]))
