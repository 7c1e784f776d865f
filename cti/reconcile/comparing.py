"""One call as Asterisk accounts for it and as the call log has it: what does not agree."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from cti.reconcile.accounts import Account


class Kind(StrEnum):
    MISSING = "missing"
    """Asterisk had it, the log does not."""
    DOUBLED = "doubled"
    """The log tells its beginning or its end twice."""
    NOT_ENDED = "not_ended"
    """Over for Asterisk, not for the log."""
    NOT_ANSWERED = "not_answered"
    """Two parties were connected, says Asterisk; the log knows of none."""
    NOT_CONNECTED = "not_connected"
    """… and the other way round."""
    TIMES = "times"
    """Its beginning or its end differs by more than the tolerance."""
    UNKNOWN = "unknown"
    """The log has it, Asterisk does not."""
    NO_ID = "no_id"
    """A row of Asterisk's without a conversation id."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Logged:
    """A call as the log has it."""

    call: str
    server: str
    start: float
    end: float | None
    answered: bool
    guessed: bool = False
    """Its end was not heard: see `ClosedBy`."""
    last: float = 0.0
    """Of one that has not ended, when something was told of it last."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    kind: Kind
    call: str
    words: str
    """What is wrong, for a person."""
    account: Account | None = None
    guessed: bool = False
    """The call's end in the log is a guess."""


def compare(account: Account, logged: Logged | None, *, tolerance_s: float) -> Iterator[Finding]:
    """Of a call in Asterisk's account. A guessed end is marked as a guess, and its time is not held against it."""

    def finding(kind: Kind, words: str) -> Finding:
        guessed = logged is not None and logged.guessed
        return Finding(kind=kind, call=account.call, words=words, account=account, guessed=guessed)

    if logged is None:
        yield finding(Kind.MISSING, "is not in the call log")
        return
    if logged.end is None:
        if logged.last <= account.end + tolerance_s:
            yield finding(Kind.NOT_ENDED, "is over, and the call log has no end of it")
        return
    if account.answered and not logged.answered:
        yield finding(Kind.NOT_ANSWERED, "was answered by a person, and the call log does not know")
    if logged.answered and not account.answered:
        yield finding(Kind.NOT_CONNECTED, "was answered in the call log, and nobody was connected")
    off = [
        f"{name} {here - there:+.1f} s off"
        for name, there, here in (("begins", account.start, logged.start), ("ends", account.end, logged.end))
        if abs(here - there) > tolerance_s and not (logged.guessed and name == "ends")
    ]
    if off:
        yield finding(Kind.TIMES, f"in the call log {' and '.join(off)}")


def unknown(logged: Logged) -> Finding:
    return Finding(kind=Kind.UNKNOWN, call=logged.call, words="is in the call log, and Asterisk never had it")


def doubled(call: str, what: str, times: int) -> Finding:
    return Finding(kind=Kind.DOUBLED, call=call, words=f"{what} {times} times in the call log")


def without_id(channel: str, start: str) -> Finding:
    return Finding(kind=Kind.NO_ID, call="", words=f"the row of {channel} at {start} has no conversation id")
