"""Whether a menu comes to its own end before the time is over that the dialplan gives it. Pure.

Counted is what a caller who presses nothing waits for keys and for the house; what is said in between comes on top of
it, so that whoever is told here that it takes too long is told the truth. Whoever presses a key somewhere may go silent
behind it: every node is a beginning.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from graphlib import CycleError, TopologicalSorter
from typing import Final

from ivr.flow.errands import Errand, LeaveMessage, Survey, Transfer
from ivr.flow.model import Flow, Node, unasked_exits
from ivr.flow.names import NodeId
from ivr.flow.nodes import Collect, Menu, SubFlow
from ivr.flow.problems import Problem, told

MENU_S: Final = 300
"""All the time a menu has (`TIMEOUT(absolute)` in the dialplan); then its caller is in the queue."""


def time_problems(flow: Flow) -> Iterator[Problem]:
    """Of a flow in which every way leads somewhere, with those it goes through."""
    known: dict[str, float] = {}
    before = _before(flow, known)
    for node_id, node in flow.nodes.items():
        own = _own(flow, node, known)
        field = _field(node)
        if own >= MENU_S:
            says = told(
                "waits up to %(seconds)s seconds for keys, but a menu has %(most)s altogether",
                seconds=round(own),
                most=MENU_S,
            )
            yield Problem(node=node_id, field=field, says=says)
        elif before.get(node_id, 0) < MENU_S <= before.get(node_id, 0) + own:
            says = told(
                "who presses nothing does not get further: he has waited %(seconds)s seconds by then, and a menu has "
                "%(most)s altogether",
                seconds=round(before[node_id] + own),
                most=MENU_S,
            )
            yield Problem(node=node_id, field=field, says=says)


def _field(node: Node) -> str:
    if isinstance(node, Menu | Collect | Survey):
        return "timeout_s"
    return "flow" if isinstance(node, SubFlow) else ""


def _before(flow: Flow, known: dict[str, float]) -> Mapping[NodeId, float]:
    """The most seconds a caller may have been silent when he comes to each node; nothing where they form a circle."""
    ways = {node_id: {to for _, to in unasked_exits(node)} for node_id, node in flow.nodes.items()}
    coming: dict[NodeId, set[NodeId]] = {node_id: set() for node_id in flow.nodes}
    for node_id, targets in ways.items():
        for to in targets & coming.keys():
            coming[to].add(node_id)
    found = dict.fromkeys(flow.nodes, 0.0)
    try:
        for node_id in TopologicalSorter(coming).static_order():
            node = flow.nodes[node_id]
            so_far = (
                0 if isinstance(node, Transfer) else found[node_id]
            )  # behind a phone that rang his time begins anew
            for field, to in unasked_exits(node):
                if to in found:
                    found[to] = max(found[to], so_far + _until(flow, node, field, known))
    except CycleError:
        return {}
    return found


def _own(flow: Flow, node: Node, known: dict[str, float]) -> float:
    return max((_until(flow, node, field, known) for field, _ in unasked_exits(node)), default=0)


def _until(  # noqa: PLR0911 - one for each kind of node
    flow: Flow, node: Node, field: str, known: dict[str, float]
) -> float:
    """How long he is silent at this node before he leaves it by this way."""
    match node:
        case Menu(on_silence=None) | Collect() if field == "exhausted":
            return node.tries * node.timeout_s
        case Survey():
            return node.tries * node.timeout_s
        case Menu() if field == "on_silence":
            return node.timeout_s
        case LeaveMessage():
            return node.silence_s
        case SubFlow() if field == "next" and node.flow in flow.called:
            return _whole(flow.called[node.flow], known)
        case _ if isinstance(node, Errand) and not isinstance(node, Transfer):
            return node.within_s
        case _:
            return 0


def _whole(flow: Flow, known: dict[str, float]) -> float:
    """Of a sub-flow the longest way."""
    if flow.name not in known:
        known[flow.name] = 0.0  # should it lead back into itself, which is told elsewhere
        before = _before(flow, known)
        known[flow.name] = max(
            (before.get(one, 0) + _own(flow, node, known) for one, node in flow.nodes.items()), default=0
        )
    return known[flow.name]
