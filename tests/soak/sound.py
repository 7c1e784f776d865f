"""The voices of all phones of a soak: a thread that says a tone into every conversation, and keys as telephone events.

All say the same packet at the same moment, so one is made for all; only keys are made for one.
"""

from __future__ import annotations

import contextlib
import math
import socket
import struct
import threading
import time
from dataclasses import dataclass, field
from typing import Self

FRAME_S = 0.02
FRAME = 160
"""Samples of PCMU in a packet."""
TONE_HZ = 400
"""A whole number of waves fits into a packet."""
_PCMU, _KEYS = 0, 101
_KEY_FRAMES, _KEY_ENDS = 8, 3
_SSRC = 0x0CA11E12
_DIGITS = "0123456789*#"


@dataclass(slots=True, eq=False)
class Voice:
    """One phone's side of one conversation: a socket of its own."""

    line: socket.socket
    to: tuple[str, int] | None = None
    """Where the other side wants to hear it; silent until that is known."""
    keys: list[bytes] = field(default_factory=list)
    """Packets that go out in place of the tone, without their sequence number."""

    @property
    def port(self) -> int:
        return int(self.line.getsockname()[1])

    def heard(self) -> int:
        """Packets that came since it was asked last, as many as the socket keeps."""
        count = 0
        with contextlib.suppress(BlockingIOError):
            while True:
                self.line.recv(2048)
                count += 1
        return count


class Voices(threading.Thread):
    """`with Voices() as voices:` — `join`, `press`, `leave`."""

    def __init__(self) -> None:
        super().__init__(name="voices", daemon=True)
        self._voices: set[Voice] = set()
        self._over = threading.Event()
        self._lock = threading.Lock()
        self._now = 0
        """The timestamp of the packet of this moment."""

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self.join_thread()

    def join_thread(self) -> None:
        super().join(5)
        for voice in list(self._voices):
            voice.line.close()

    def open(self) -> Voice:
        line = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        line.setblocking(False)
        line.bind(("127.0.0.1", 0))
        voice = Voice(line)
        with self._lock:
            self._voices.add(voice)
        return voice

    def close(self, voice: Voice) -> None:
        with self._lock:
            self._voices.discard(voice)
        voice.line.close()

    def press(self, voice: Voice, key: str) -> None:
        """RFC 4733: one event, told again and again while it lasts, its end three times."""
        event, began = _DIGITS.index(key), self._now + FRAME
        packets = []
        for number in range(_KEY_FRAMES + _KEY_ENDS):
            last = number >= _KEY_FRAMES
            kind = _KEYS | (0x80 if number == 0 else 0)
            lasted = FRAME * (min(number, _KEY_FRAMES - 1) + 1)
            told = struct.pack("!BBH", event, (0x80 if last else 0) | 10, lasted)
            packets.append(struct.pack("!BxII", kind, began, _SSRC) + told)
        voice.keys = packets

    def run(self) -> None:
        tone = _tone()
        number, due = 0, time.monotonic()
        while not self._over.is_set():
            number, self._now = number + 1, FRAME * number
            plain = struct.pack("!BBHII", 0x80, _PCMU, number & 0xFFFF, self._now & 0xFFFFFFFF, _SSRC) + tone
            with self._lock:
                for voice in self._voices:
                    self._say(voice, plain, number)
            due = max(due + FRAME_S, time.monotonic() - 5 * FRAME_S)
            self._over.wait(max(0.0, due - time.monotonic()))

    def _say(self, voice: Voice, plain: bytes, number: int) -> None:
        if voice.to is None:
            return
        packet = plain
        if voice.keys:
            key = voice.keys.pop(0)
            packet = b"\x80" + key[:1] + struct.pack("!H", number & 0xFFFF) + key[2:]
        with contextlib.suppress(OSError):
            voice.line.sendto(packet, voice.to)


def _tone() -> bytes:
    step = 2 * math.pi * TONE_HZ / 8000
    return bytes(_as_ulaw(int(8000 * math.sin(step * sample))) for sample in range(FRAME))


def _as_ulaw(sample: int) -> int:
    sign, size = (0x80, -sample) if sample < 0 else (0, sample)
    size = min(size, 32635) + 132
    exponent = max(0, size.bit_length() - 8)
    return ~(sign | exponent << 4 | (size >> (exponent + 3)) & 0x0F) & 0xFF
