"""An order's path for people: the steps it has taken and when, where it stands, and what usually comes next. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from crm_core.domain.orders import Order, OrderEntry, OrderEntryKind, OrderState, ahead


class Stage(StrEnum):
    DONE = "done"
    NOW = "now"
    AHEAD = "ahead"


@dataclass(frozen=True, slots=True, kw_only=True)
class PathStep:
    state: OrderState
    stage: Stage
    at: datetime | None = None
    """Since when it stood there, the last time; None of what is still to come."""


def path_of(order: Order, entries: Iterable[OrderEntry]) -> tuple[PathStep, ...]:
    """`entries`: oldest first. A state it never went through (most repairs wait for no part) is left out, and so is
    an earlier visit to one that lies ahead again."""
    reached: dict[OrderState, datetime] = {}
    for entry in entries:
        if entry.kind in (OrderEntryKind.CREATED, OrderEntryKind.MOVED):
            reached.pop(entry.state, None)
            reached[entry.state] = entry.at
    to_come = ahead(order.kind, order.state)
    behind = (state for state in reached if state != order.state and state not in to_come)
    return (
        *(PathStep(state=state, stage=Stage.DONE, at=reached[state]) for state in behind),
        PathStep(state=order.state, stage=Stage.NOW, at=order.state_at),
        *(PathStep(state=state, stage=Stage.AHEAD) for state in to_come),
    )
