"""Callers who press keys and tell which prompts they hear: many in one process, and no sound but a tone of theirs.

Each prompt is two constant sounds after each other, of which every packet says by one byte which it is (`put_marks`):
the whole prompt is heard when both have come. So a test knows exactly what came to a caller, in order, and how far.
"""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import struct
import wave
from collections.abc import AsyncIterator, Iterable, Mapping
from pathlib import Path

from crm_core.kernel.language import Language
from tests.bench.sip import Dialog, UserAgent
from tests.support.waiting import eventually

_RATE, _FRAME, _FRAME_S = 8000, 160, 0.02
_MARK_FRAMES, _SURE = 4, 3
"""How long each of the two sounds is, and how many packets of it must come."""
_FIRST, _SECOND = tuple(range(0x80, 0xC0)), tuple(range(0x40))
_EVENTS, _KEY_FRAMES = 101, 5
_PAUSE_S = 0.16
"""Between two keys: fingers are no faster, and a machine that is busy with other tests is not either."""
KEYS = "0123456789*#"
TONE, SILENCE = (b"\x20" * 8 + b"\xa0" * 8) * (_FRAME // 16), b"\xff" * _FRAME
"""What a caller may say, of 20 ms."""


def _level(code: int) -> int:
    """What a PCMU code stands for."""
    said = ~code & 0xFF
    size = (((said & 0x0F) << 3) + 0x84) << ((said & 0x70) >> 4)
    return 0x84 - size if said & 0x80 else size - 0x84


def put_marks(folder: Path, keys: Iterable[str]) -> Mapping[tuple[int, int], str]:
    """A file for each of these prompts in each language; `en/welcome` and so on, by their marks."""
    marks = itertools.product(_FIRST, _SECOND)
    found: dict[tuple[int, int], str] = {}
    for language, key in itertools.product(Language, sorted(keys)):
        mark = next(marks)
        found[mark] = f"{language}/{key}"
        file = folder / f"{found[mark]}.wav"
        file.parent.mkdir(parents=True, exist_ok=True)
        with wave.open(str(file), "wb") as sound:
            sound.setnchannels(1)
            sound.setsampwidth(2)
            sound.setframerate(_RATE)
            for code in mark:
                sound.writeframes(struct.pack("<h", _level(code)) * (_FRAME * _MARK_FRAMES))
    return found


class Keypad(asyncio.DatagramProtocol):
    """One call: `heard` are the prompts that came whole, in order."""

    def __init__(self, telephone: UserAgent, marks: Mapping[tuple[int, int], str]) -> None:
        self._telephone, self._marks = telephone, marks
        self._run = self._length = self._first = 0
        self._sequence, self._stamp = 0, 0
        self._news = asyncio.Event()
        self.heard: list[str] = []
        self.dialog: Dialog
        self._voice: asyncio.Task[None] | None = None
        self._presses = False

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        if len(data) <= 12 + _FRAME // 2 or data[1] & 0x7F:
            return
        code = data[12 + _FRAME // 2]
        self._length = self._length + 1 if code == self._run else 1
        self._run = code
        if self._length != _SURE:
            return
        if code in _FIRST:
            self._first = code
        elif (self._first, code) in self._marks:
            self.heard.append(self._marks[self._first, code])
            self._first = 0
            self._news.set()

    async def is_spoken_to(self) -> None:
        """Until the first prompt has come: a key pressed before anybody listens is lost, as it would be a person's."""
        await eventually("a prompt", lambda: self.heard)

    async def hears(self, *prompts: str, limit_s: float = 30.0) -> None:
        """Until these have come, one right after the other, whatever was before."""
        try:
            async with asyncio.timeout(limit_s):
                while not _within(prompts, self.heard):
                    self._news.clear()
                    await self._news.wait()
        except TimeoutError:
            raise AssertionError(f"not heard: {prompts}, but {self.heard}") from None

    def speaks(self, frame: bytes) -> None:
        """This, from now on; a phone that has said nothing sends nothing."""
        if self._voice is not None:
            self._voice.cancel()
        self._voice = asyncio.create_task(self._speak(frame))

    async def _speak(self, frame: bytes) -> None:
        loop = asyncio.get_running_loop()
        due = loop.time()
        while True:
            if not self._presses:
                self._send(0, frame)
                self._stamp += _FRAME
            due += _FRAME_S
            await asyncio.sleep(max(0.0, due - loop.time()))

    async def press(self, keys: str, *, info: bool = False) -> None:
        """By SIP INFO, or as RFC 4733 events."""
        for key in keys:
            if info:
                self._telephone.press(self.dialog, key)
            else:
                self._presses = True
                for held in range(_KEY_FRAMES):
                    self._event(key, held, first=held == 0)
                    await asyncio.sleep(_FRAME_S)
                self.release(key)
                self._presses = False
            await asyncio.sleep(_PAUSE_S)

    def press_at_once(self, key: str) -> None:
        """By SIP INFO, without waiting for anything."""
        self._telephone.press(self.dialog, key)

    def tap(self, key: str) -> None:
        """A key of RFC 4733 that no finger can press: begun and let go in the same moment."""
        self._event(key, 0, first=True)
        self.release(key)

    def release(self, key: str) -> None:
        for _ in range(3):
            self._event(key, _KEY_FRAMES, end=True)
        self._stamp += 10 * _FRAME

    async def ended(self, limit_s: float = 30.0) -> None:
        async with asyncio.timeout(limit_s):
            await self.dialog.ended.wait()

    def _event(self, key: str, held: int, *, first: bool = False, end: bool = False) -> None:
        event = struct.pack("!BBH", KEYS.index(key), end << 7 | 10, (held + (not end)) * _FRAME)
        self._send(_EVENTS | first << 7, event)

    def _send(self, kind: int, payload: bytes) -> None:
        assert self.dialog.sound is not None
        self._sequence = (self._sequence + 1) & 0xFFFF
        head = struct.pack("!BBHII", 0x80, kind, self._sequence, self._stamp, 1)
        self._transport.sendto(head + payload, self.dialog.sound)

    def connection_made(self, transport: asyncio.DatagramTransport) -> None:  # type: ignore[override]
        self._transport = transport
        self.port: int = transport.get_extra_info("sockname")[1]

    def close(self) -> None:
        if self._voice is not None:
            self._voice.cancel()
        self._transport.close()


def _within(some: tuple[str, ...], of: list[str]) -> bool:
    return any(tuple(of[at : at + len(some)]) == some for at in range(len(of) - len(some) + 1))


@contextlib.asynccontextmanager
async def keypad(
    server: tuple[str, int], marks: Mapping[tuple[int, int], str], dialled: str, number: str
) -> AsyncIterator[Keypad]:
    """Somebody who has been answered. At the end of the block he hangs up, if he was not."""
    telephone = await UserAgent(user="keypad", server=server).open()
    made = Keypad(telephone, marks)
    await asyncio.get_running_loop().create_datagram_endpoint(lambda: made, local_addr=("127.0.0.1", 0))
    telephone.sound_port = lambda _: made.port
    made.dialog = telephone.call(number, dialled)
    try:
        async with asyncio.timeout(30):
            await made.dialog.answered.wait()
        yield made
        if made.dialog.answered.is_set() and not made.dialog.ended.is_set():
            telephone.hang_up(made.dialog)
            await asyncio.sleep(_FRAME_S)
    finally:
        made.close()
        telephone.close()
