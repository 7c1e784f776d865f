"""Reads the nodes by which a flow has the house do something; one maker a kind, as in `ivr.flow.loader`."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from ivr.flow.errands import PATIENCE_S, Errand, LookUp, TellTicket
from ivr.flow.fields import Fields
from ivr.flow.model import NodeId


def _look_up(fields: Fields, node: NodeId, error: NodeId) -> LookUp:
    return LookUp(
        id=node,
        by=fields.word("by", "ani"),
        found=NodeId(fields.word("found")),
        several=NodeId(fields.word("several")),
        unknown=NodeId(fields.word("unknown")),
        error=fields.error(error),
        within_s=_patience(fields),
    )


def _ticket_status(fields: Fields, node: NodeId, error: NodeId) -> TellTicket:
    return TellTicket(
        id=node,
        number=fields.word("number"),
        told=NodeId(fields.word("told")),
        unknown=NodeId(fields.word("unknown")),
        error=fields.error(error),
        within_s=_patience(fields),
    )


def _patience(fields: Fields) -> float:
    return fields.number("within_s", 0.5, 10, PATIENCE_S)


ERRAND_MAKERS: Mapping[str, Callable[[Fields, NodeId, NodeId], Errand]] = {
    "look_up": _look_up,
    "ticket_status": _ticket_status,
}
