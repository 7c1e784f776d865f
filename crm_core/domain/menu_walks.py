"""What callers did in the voice menus: the way of one call, how it ended, and what many of them come to together. Pure.

Containment, by formula 1: of the calls that have left a menu, the share that was *served* in it.

* handed on: it went on to a queue, a colleague's phone or a number outside; also when the line broke, or the menu was
  too long, and the caller then waited in a queue. Whatever was done for him before does not count.
* served: not handed on, and something he may have called for was done (a ticket told of or opened, a callback promised,
  a message kept, a rating kept), or the menu had begun to say goodbye, or ended the call itself.
* gave up: all others. He hung up, or was cut off, before anything was done for him.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

from crm_core.domain.log import LoggedEvent

FORMULA = 1
"""Counts up whenever the words above change."""
WALKED = "call.walked"

_SERVICES = frozenset({"ticket_told", "ticket_opened", "callback_promised", "message_kept", "survey_rated", "goodbye"})
_HANDED_ON = frozenset({"queue", "agent", "number", "max_steps"})
HUNG_UP, ERROR = "hung_up", "error"
_CUT, _ENDED = "cut", "end"
_LONGEST = 100


class Ending(StrEnum):
    SERVED = "served"
    HANDED_ON = "handed_on"
    GAVE_UP = "gave_up"


@dataclass(frozen=True, slots=True, kw_only=True)
class Visit:
    """A node the caller came to; the fields are those of `cti.events.MenuVisit`."""

    flow: str
    version: int = 0
    node: str
    at: datetime
    seconds: float = 0.0
    entered: tuple[str, ...] = ()
    wrong: tuple[str, ...] = ()
    way: str = ""
    done: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Walk:
    """All he came to; never empty."""

    visits: tuple[Visit, ...]

    @property
    def entrance(self) -> Visit:
        return self.visits[0]

    @property
    def left_at(self) -> datetime:
        return max(one.at for one in self.visits)

    @property
    def errors(self) -> int:
        """How often something of ours failed him."""
        return sum(one.way == ERROR for one in self.visits)

    @property
    def was_cut(self) -> bool:
        return any(one.way == _CUT for one in self.visits)

    def ending(self, *, waited: bool) -> Ending:
        """`waited`: whether the call came to a queue."""
        if any(one.way in _HANDED_ON for one in self.visits) or (self.was_cut and waited):
            return Ending.HANDED_ON  # who is asked for a rating afterwards has been with a person all the same
        served = self.visits[-1].way == _ENDED or any(one.done in _SERVICES for one in self.visits)
        return Ending.SERVED if served else Ending.GAVE_UP


def walk_of(lines: Iterable[LoggedEvent]) -> Walk | None:
    """Of one call. Who goes on in his menu is told of from the beginning: of two that begin alike the later holds."""
    told: dict[datetime, tuple[Visit, ...]] = {}
    for line in sorted((one for one in lines if one.topic == WALKED), key=lambda one: (one.at, one.message_id)):
        if visits := tuple(_visit(one) for one in line.body.get("visits") or () if isinstance(one, Mapping)):
            told[visits[0].at] = visits
    found = tuple(visit for begun in sorted(told) for visit in told[begun])
    return Walk(visits=found) if found else None


def _visit(body: Mapping[str, Any]) -> Visit:
    return Visit(
        flow=_word(body.get("flow")),
        version=int(body.get("version") or 0),
        node=_word(body.get("node")),
        at=datetime.fromisoformat(str(body["at"])).astimezone(UTC),
        seconds=float(body.get("seconds") or 0.0),
        entered=tuple(map(_word, body.get("entered") or ())),
        wrong=tuple(map(_word, body.get("wrong") or ())),
        way=_word(body.get("way")),
        done=_word(body.get("done")),
    )


def _word(value: Any) -> str:
    return str(value or "")[:_LONGEST]


# Many together ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class WrongInput:
    entered: str
    """Empty: silence."""
    times: int


@dataclass(frozen=True, slots=True, kw_only=True)
class NodeFigures:
    node: str
    callers: int
    """Calls that came here …"""
    visits: int
    """… and how often; the ways are counted by visits."""
    ways: Mapping[str, int]
    """How often each was taken; also those that end the call here (`hung_up`, `queue` …)."""
    median_s: float
    wrong: tuple[WrongInput, ...] = ()
    """The most frequent ones, those first."""

    @property
    def hung_up(self) -> int:
        return self.ways.get(HUNG_UP, 0)

    @property
    def errors(self) -> int:
        return self.ways.get(ERROR, 0)


@dataclass(frozen=True, slots=True, kw_only=True)
class MenuFigures:
    """Of one menu, of one of its versions or all, for callers who came to its nodes in this time."""

    flow: str
    version: int | None
    since: datetime
    until: datetime
    endings: Mapping[Ending, int]
    """Of the calls that began in this menu."""
    by_error: int
    """Of those handed on: how many after an error exit."""
    nodes: tuple[NodeFigures, ...]
    formula: int = field(default=FORMULA)

    @property
    def calls(self) -> int:
        return sum(self.endings.values())

    @property
    def containment(self) -> float | None:
        """None: nobody called."""
        return self.endings.get(Ending.SERVED, 0) / self.calls if self.calls else None


def median(counts: Mapping[int, int]) -> float:
    """Of values that occur so often."""
    total = sum(counts.values())
    if not total:
        return 0.0
    low, high = _nth(counts, (total - 1) // 2), _nth(counts, total // 2)
    return (low + high) / 2


def _nth(counts: Mapping[int, int], place: int) -> int:
    for value in sorted(counts):
        place -= counts[value]
        if place < 0:
            return value
    raise AssertionError("no such place")
