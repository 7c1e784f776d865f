"""One line of Asterisk's side of the conversation, understood. Pure.

`200 result=0 endpos=6920`, `200 result=1 (value)`, `200 result= (timeout)`, `HANGUP`, `510 …`, `511 …`, `520-…`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import Enum, auto

_NUMBERED = re.compile(r"(\d{3})([ -])(.*)", re.DOTALL)
_RESULT = re.compile(r"result=(-?[^\s()]*)(?: \((.*)\))?(?: endpos=(\d+))?\s*", re.DOTALL)


class Kind(Enum):
    DONE = auto()
    FAILED = auto()
    """The command could not be done, or the caller hung up: Asterisk says the same for both."""
    HANGUP = auto()
    """A notice, not an answer: the caller has gone."""
    DEAD = auto()
    """The answer is that the caller has gone."""
    REFUSED = auto()
    USAGE_BEGINS = auto()
    UNFINISHED = auto()
    """A value with a line break in it: more of it is on the next line."""
    PROGRESS = auto()
    NOT_AN_ANSWER = auto()


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    kind: Kind
    result: str = ""
    data: str = ""
    endpos: int = 0


def parse_answer(line: str) -> Answer:
    if line == "HANGUP":
        return Answer(kind=Kind.HANGUP)
    numbered = _NUMBERED.fullmatch(line)
    if numbered is None:
        return Answer(kind=Kind.NOT_AN_ANSWER)
    code, dash, rest = numbered.groups()
    if code == "200":
        return _result(rest)
    if code == "520" and dash == "-":
        return Answer(kind=Kind.USAGE_BEGINS, data=rest)
    return Answer(kind=_KINDS.get(code, Kind.NOT_AN_ANSWER), data=rest)


_KINDS = {"100": Kind.PROGRESS, "510": Kind.REFUSED, "511": Kind.DEAD, "520": Kind.REFUSED}


def _result(rest: str) -> Answer:
    found = _RESULT.fullmatch(rest)
    if found is None:
        unfinished = rest.startswith("result=") and "(" in rest and not rest.endswith(")")
        return Answer(kind=Kind.UNFINISHED if unfinished else Kind.NOT_AN_ANSWER)
    result, data, endpos = found.groups()
    kind = Kind.FAILED if result == "-1" else Kind.DONE
    return Answer(kind=kind, result=result, data=data or "", endpos=int(endpos or 0))
