"""Asterisk's end of an AGI line, in memory: a channel with sound files, a caller who presses keys and hangs up.

Answers as 22.10.1 was seen to: a missing file and a hang-up are both `result=-1`; after a hang-up there is one `HANGUP`
line, then 511 for whatever needs a live channel, while variables can still be set and read.
"""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Iterable

_WORD = re.compile(r'"((?:\\.|[^"\\])*)"|(\S+)')
_NEEDS_CALLER = ("ANSWER", "STREAM FILE", "WAIT FOR DIGIT", "GET DATA", "CHANNEL STATUS")


class FakeAsterisk:
    """Stands where a TextPipe stands."""

    def __init__(
        self,
        *,
        keys: Iterable[str] = (),
        sounds: Iterable[str] | None = None,
        hang_up_at: int | None = None,
        strays: Iterable[str] = (),
    ) -> None:
        self._keys = deque(keys)
        """What the caller does each time he is listened to: a key, or "" for nothing."""
        self._sounds = None if sounds is None else set(sounds)
        """The files there are; None: all."""
        self._hang_up_at = hang_up_at
        """The command during which the caller goes."""
        self._answers = deque(strays)
        self._unread = ""
        self.up = True
        self.told_hang_up = False
        self.commands: list[str] = []
        self.played: list[str] = []
        self.events: list[str] = []
        self.variables: dict[str, str] = {}
        self.failing: set[str] = set()
        """Applications that fail."""

    # the pipe

    def write(self, text: str) -> None:
        self._unread += text

    def flush(self) -> None:
        *lines, self._unread = self._unread.split("\n")
        for line in lines:
            self._answers.extend(self._answer(line))

    def readline(self) -> str:
        return self._answers.popleft()

    # the channel

    def _answer(self, line: str) -> list[str]:
        going = self.up and len(self.commands) == self._hang_up_at
        self.commands.append(line)
        before = []
        if not self.up and not self.told_hang_up:
            self.told_hang_up = True
            before = ["HANGUP"]
        if not self.up and line.startswith(_NEEDS_CALLER):
            return [*before, "511 Command Not Permitted on a dead channel or intercept routine"]
        self.up = self.up and not going
        return [*before, self._carry_out(line)]

    def _carry_out(self, line: str) -> str:  # noqa: PLR0911 - one for each command
        words = [re.sub(r"\\(.)", r"\1", quoted) if quoted else bare for quoted, bare in _WORD.findall(line)]
        match words:
            case ["STREAM", "FILE", file, _, offset]:
                return self._stream(file, int(offset))
            case ["WAIT", "FOR", "DIGIT", _]:
                return f"200 result={self._listen()}"
            case ["GET", "FULL", "VARIABLE", expression]:
                return f"200 result=1 ({expression})"
            case ["GET", "VARIABLE", name] if name in self.failing:
                return "510 Invalid or unknown command"
            case ["GET", "VARIABLE", name]:
                value = self.variables.get(name)
                return "200 result=0" if value is None else f"200 result=1 ({value})"
            case ["EXEC", application, *_] if application in self.failing:
                return "200 result=-1"
            case ["EXEC", "MSet", pairs]:
                self.variables |= dict(pair.split("=", 1) for pair in pairs.split(","))
                return "200 result=0"
            case ["EXEC", "UserEvent", body]:
                self.events.append(body)
                return "200 result=0"
            case ["CHANNEL", "STATUS"]:
                return "200 result=6"
            case ["ANSWER"]:
                return "200 result=0"
            case _:
                return "510 Invalid or unknown command"

    def _stream(self, file: str, offset: int) -> str:
        if self._sounds is not None and file not in self._sounds:
            return f"200 result=-1 endpos={offset}"
        self.played.append(file)
        return f"200 result={self._listen()} endpos={offset + 800}"

    def _listen(self) -> int:
        if not self.up:
            return -1
        key = self._keys.popleft() if self._keys else ""
        return ord(key) if key else 0
