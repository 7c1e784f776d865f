"""What becomes of a caller node by node: kept in the state as he goes, and told when he has left the menu. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime

from cti.events import MenuVisit
from ivr.flow.asked import Answered
from ivr.flow.errands import Errand, LeaveMessage, label, ways
from ivr.flow.messages import Disconnect, EnterQueue, Input, State, Step, Turn, Visit
from ivr.flow.model import Flow
from ivr.flow.names import NodeId
from ivr.flow.nodes import Goodbye, SubFlow
from ivr.flow.place import node_at

CUT = "cut"
"""The way out when nobody knows what became of him: the line broke, or something of ours."""
GOODBYE = "goodbye"
_HUNG_UP = "hung_up"
_KEPT = "kept"


def came_to(state: State, where: NodeId, by: str) -> State:
    """He comes to a node. What he came through is left with that: a node that leads into a sub-flow when he is back."""
    before = _closed(state.walked, by, state.at, deeper_than=len(state.inside))
    return replace(state, walked=(*before, Visit(place=(*state.inside, where), at=state.at)))


def left(state: State, way: str) -> State:
    """For good."""
    return replace(state, walked=_closed(state.walked, way, state.at))


def noted(turn: Turn) -> Turn:
    """With what he typed in this turn, and how it ended if it did."""
    state = turn.state
    for effect in turn.effects:
        if isinstance(effect, Step) and effect.fits is not None and state.walked:
            state = replace(state, walked=_typed(state.walked, effect, fits=effect.fits))
    return replace(turn, state=left(state, _ending(turn)) if state.over else state)


def kept_after_all(flow: Flow, state: State, happened: Input) -> State:
    """He hung up while he left a message, and it was kept."""
    if not isinstance(happened, Answered) or happened.way != _KEPT or not state.walked:
        return state
    last = state.walked[-1]
    if not isinstance(node_at(flow, state), LeaveMessage):
        return state
    return replace(state, walked=(*state.walked[:-1], replace(last, way=_KEPT))) if last.way == _HUNG_UP else state


def cut_off(state: State, at: datetime | None) -> State:
    """The line is gone, and whether he is nobody can say."""
    walked = tuple(replace(one, way=CUT) if one.way == _HUNG_UP else one for one in state.walked)
    return left(replace(state, walked=walked, at=at or state.at), CUT)


def visits(flow: Flow, state: State) -> tuple[MenuVisit, ...]:
    """As the house is told."""
    return tuple(_told(flow, visit) for visit in state.walked if visit.at is not None)


def _told(flow: Flow, visit: Visit) -> MenuVisit:
    here = (flow, *_called(flow, visit.place))[-1]
    begun, over = visit.at or datetime.min.replace(tzinfo=UTC), visit.until or visit.at
    return MenuVisit(
        flow=here.name,
        version=here.version,
        node=visit.place[-1],
        at=begun.astimezone(UTC),
        seconds=round(max((over - begun).total_seconds(), 0.0), 1) if over else 0.0,
        entered=visit.entered,
        wrong=visit.wrong,
        way=visit.way,
        done=_done(here, visit),
    )


def _done(here: Flow, visit: Visit) -> str:
    node = here.nodes[visit.place[-1]]
    if isinstance(node, Goodbye):
        return GOODBYE
    return label(node, visit.way) if isinstance(node, Errand) and visit.way in ways(node) else ""


def _called(flow: Flow, place: tuple[NodeId, ...]) -> Iterator[Flow]:
    found = flow
    for one in place[:-1]:
        call = found.nodes[one]
        assert isinstance(call, SubFlow)  # noqa: S101 - he came in by it
        found = flow.called[call.flow]
        yield found


def _closed(walked: tuple[Visit, ...], way: str, at: datetime | None, *, deeper_than: int = 0) -> tuple[Visit, ...]:
    return tuple(
        replace(one, way=way, until=at) if not one.way and len(one.place) > deeper_than else one for one in walked
    )


def _typed(walked: tuple[Visit, ...], step: Step, *, fits: bool) -> tuple[Visit, ...]:
    at = walked[step.visit]
    wrong = at.wrong if fits else (*at.wrong, step.entered)
    changed = replace(at, entered=(*at.entered, step.entered), wrong=wrong)
    return (*walked[: step.visit], changed, *walked[step.visit + 1 :])


def _ending(turn: Turn) -> str:
    match turn.effects[-1] if turn.effects else None:
        case EnterQueue():
            return "queue"
        case Disconnect():
            return "end"
        case _:
            return _HUNG_UP
