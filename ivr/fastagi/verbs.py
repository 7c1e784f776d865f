"""pyst2's AGI verbs with pyst2's traps closed; see `docs/decisions` for why they run in greenlets.

What this class mends, each with a test: no signal handler, nothing on stderr, text over a binary stream; quotes and
line breaks in a value cannot become commands; `HANGUP` is a notice, so that later answers are not taken for earlier
ones; a missing sound file is told from a caller who hung up; a dead channel (511) is a hang-up; `get_data` keeps its
time-out mark; values with `key=value` inside, or with line breaks, stay values; every reading has a bound.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from asterisk.agi import AGI

from ivr.fastagi.answers import Answer, Kind, parse_answer
from ivr.fastagi.errors import CallerHungUp, CommandFailed, CommandRefused, PeerBroken, PeerClosed
from ivr.fastagi.limits import Limits
from ivr.fastagi.pipe import TextPipe

MOST_COMMAND_BYTES = 2000
"""Asterisk reads commands into a buffer of 2048 bytes; the rest of a longer one would be the next command."""

ANY_KEY = "0123456789*#"

Result = dict[str, tuple[str, str]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Digits:
    pressed: str
    timed_out: bool


class AgiVerbs(AGI):  # type: ignore[misc]
    """One caller's line. Every verb is synchronous and is called through `call_waiting`."""

    def __init__(self, pipe: TextPipe, headers: Mapping[str, str], limits: Limits) -> None:
        # pyst2's own __init__ takes SIGHUP for itself, which only a main thread may, and reads headers without bounds
        self.stdin = self.stdout = pipe
        self.env = dict(headers)
        self.hung_up = False
        self.endpos = 0
        """Where the last STREAM FILE stopped, in samples."""
        self._limits = limits
        self._sent = ""
        self._owed = 0
        """Answers still to come to what `listen` has sent."""

    def synchronise(self) -> None:
        """Drop whatever a stranger may have written in between, up to the answer that only Asterisk can give."""
        token = f"cw-{secrets.token_hex(8)}"
        self.send_command("GET FULL VARIABLE", self._quote(token))
        gone = False
        for _ in range(self._limits.stray_lines):
            line = self._line(gone)
            if token in line:
                return
            gone = gone or parse_answer(line).kind is Kind.HANGUP
        raise PeerBroken(why="it does not answer what it was asked")

    def test_hangup(self) -> None:
        if self.hung_up:
            raise CallerHungUp

    def execute(self, command: str, *args: object) -> Result:
        try:
            result: Result = super().execute(command, *args)
        except CommandFailed:
            self._still_there()
            raise
        return result

    def send_command(self, command: str, *args: object) -> None:
        line = self._sent = " ".join((command.strip(), *map(str, args))).strip()
        if any(ch in line for ch in "\r\n\0"):
            raise CommandRefused(command=repr(line[:200]), why="a line break inside")
        if len(line.encode()) > MOST_COMMAND_BYTES:
            raise CommandRefused(command=repr(line[:200]), why="too long")
        self.stdout.write(f"{line}\n")
        self.stdout.flush()

    def get_result(self, stdin: Any = None) -> Result:
        answer = self._answer()
        match answer.kind:
            case Kind.DONE:
                self.endpos = answer.endpos
                return {"result": (answer.result, answer.data)}
            case Kind.FAILED:
                raise CommandFailed(command=self._sent)
            case Kind.DEAD:
                self.hung_up = True
                raise CallerHungUp
            case _:
                raise CommandRefused(command=self._sent, why=answer.data)

    def _answer(self) -> Answer:
        """The next real answer; notices and strays before it are noted and passed over."""
        line, waiting_for_end = "", False
        for _ in range(self._limits.stray_lines):
            line += self._line(self.hung_up)
            answer = parse_answer(line)
            if answer.kind is Kind.UNFINISHED:
                line += "\n"
                continue
            line = ""
            if answer.kind is Kind.HANGUP:
                self.hung_up = True
            elif answer.kind is Kind.USAGE_BEGINS:
                waiting_for_end = True
            elif answer.kind is Kind.REFUSED or (answer.kind in _FINAL and not waiting_for_end):
                return answer
        raise PeerBroken(why="it talks without answering")

    def _line(self, gone: bool) -> str:
        """After the notice of a hang-up Asterisk closes the line: that is its end, and no trouble."""
        try:
            line: str = self.stdin.readline()
        except PeerClosed:
            if gone:
                raise CallerHungUp from None
            raise
        return line

    def _still_there(self) -> None:
        """After a failure: raises CallerHungUp when the caller's hanging up was the reason."""
        self.send_command("CHANNEL STATUS")
        self.get_result()
        self.test_hangup()

    def listen(self, timeout_ms: int) -> str:
        """The next key, as `wait_for_digit`, until `interrupt` ends it."""
        self._owed = 1
        self.send_command("WAIT FOR DIGIT", timeout_ms)
        heard = self._take_answer()
        while self._owed:
            self._take_answer()
        if heard.kind is Kind.DEAD:
            self.hung_up = True
            raise CallerHungUp
        if heard.kind is not Kind.DONE:
            self._still_there()
            raise CommandFailed(command="WAIT FOR DIGIT")
        key = heard.result
        return chr(int(key)) if re.fullmatch(r"\d{2}", key) and chr(int(key)) in ANY_KEY else ""

    def interrupt(self) -> None:
        """Ends `listen`, wherever that waits: Asterisk gives up waiting for a key when there is more to read. No key
        is lost by it: one that comes in the same moment is kept for the next command.

        What Asterisk has read together with the command before goes unnoticed; so again, until `listen` is over."""
        if not self._owed:
            return
        self._owed += 1
        self.stdout.write("NOOP\n")
        self.stdout.flush()

    def _take_answer(self) -> Answer:
        answer = self._answer()
        self._owed -= 1
        return answer

    def _quote(self, string: object) -> str:
        escaped = str(string).replace("\\", "\\\\").replace('"', '\\"')
        return f'"{escaped}"'

    def stream_file(self, filename: str, escape_digits: str = "", sample_offset: int = 0) -> str:
        digit: str = super().stream_file(self._quote(filename), escape_digits, sample_offset)
        return digit

    def get_data(self, filename: str, timeout: int = 2000, max_digits: int = 255) -> Digits:
        pressed, data = self.execute("GET DATA", self._quote(filename), timeout, max_digits)["result"]
        return Digits(pressed=pressed, timed_out=data == "timeout")

    def exec_command(self, command: str, *args: object) -> Result:
        return self.execute("EXEC", command, self._quote(",".join(map(str, args))))


_FINAL = frozenset({Kind.DONE, Kind.FAILED, Kind.DEAD})
