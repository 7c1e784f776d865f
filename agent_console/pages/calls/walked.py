"""The way of a caller through the voice menu as one line: what he typed where, for how long, and how it ended. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import reduce
from typing import Final

from agent_console.words import Duration, Named, Sentence, say
from cti.events import CallWalked, MenuVisit

_Piece = Sentence | Named
_ENDS: Final[Mapping[str, Sentence]] = {
    "queue": say("on to a person"),
    "agent": say("on to a colleague's phone"),
    "number": say("on to a number outside"),
    "max_steps": say("too many steps, on to a person"),
    "end": say("the menu's end"),
    "hung_up": say("hung up"),
    "cut": say("cut off"),
}
_FAILED: Final = say("failed")
_SILENCE: Final = say("nothing")


def the_way(event: CallWalked) -> Sentence:
    last = event.visits[-1]
    over = max(event.visits, key=lambda one: one.at)
    took = (over.at - event.visits[0].at).total_seconds() + over.seconds
    stops: list[_Piece] = [_stop(one) for one in event.visits if one.entered or one.done or one.way == "error"]
    if last.way in _ENDS:
        here = Named(names={"": last.node})
        at_once = bool(last.entered or last.done) or last.way == "queue"
        stops.append(_ENDS[last.way] if at_once else _together(here, _ENDS[last.way]))
    way = _joined(stops or [Named(names={"": last.node})])
    return say("Through the menu in %(time)s: %(way)s.", time=Duration(seconds=took), way=way)


def which_versions(event: CallWalked) -> Sentence:
    """Those he came through, the first first."""
    known = dict.fromkeys((one.flow, one.version) for one in event.visits)
    named = [
        say("%(menu)s, version %(number)s", menu=menu, number=number) if number else Named(names={"": menu})
        for menu, number in known
    ]
    return say("Menu: %(name)s", name=_joined(named))


def _stop(visit: MenuVisit) -> Sentence:
    said = [*_typed(visit), *([_FAILED] if visit.way == "error" else ())]
    node: _Piece = Named(names={"": visit.node})
    what = reduce(_together, said, node)
    return say("%(what)s (%(time)s)", what=what, time=Duration(seconds=visit.seconds))


def _typed(visit: MenuVisit) -> Iterator[_Piece]:
    wrong = list(visit.wrong)
    for entered in visit.entered:
        shown = Named(names={"": entered}) if entered else _SILENCE
        if wrong and wrong[0] == entered:
            wrong.pop(0)
            yield say("%(entered)s ✗", entered=shown)
        else:
            yield shown


def _together(one: _Piece, other: _Piece) -> _Piece:
    return say("%(one)s %(other)s", one=one, other=other)


def _joined(stops: Sequence[_Piece]) -> _Piece:
    return reduce(lambda one, other: say("%(one)s → %(other)s", one=one, other=other), stops)
