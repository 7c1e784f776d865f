"""One thing looked at on an Asterisk: how it is, and how to mend it when it is not well."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from enum import StrEnum

Ask = Callable[[str], Awaitable[str]]
"""Answers a CLI command of Asterisk: through its control socket, or by the AMI action Command."""


class Level(StrEnum):
    OK = "ok"
    WARN = "warn"
    """It works, but not as well as it should."""
    FAIL = "fail"
    """Calls will not work before this is mended."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    level: Level
    what: str
    mend: str = ""
    """What to do; empty when all is well."""


def fine(what: str) -> Finding:
    return Finding(level=Level.OK, what=what)


def doubtful(what: str, mend: str) -> Finding:
    return Finding(level=Level.WARN, what=what, mend=mend)


def failed(what: str, mend: str) -> Finding:
    return Finding(level=Level.FAIL, what=what, mend=mend)
