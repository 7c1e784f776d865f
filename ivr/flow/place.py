"""Where a call stands in its flow, what is known there, and how the house is told of it."""

from __future__ import annotations

from collections.abc import Mapping

from ivr.flow.errands import Situation
from ivr.flow.messages import State, Step
from ivr.flow.model import Flow, Node
from ivr.flow.nodes import SubFlow


def here(flow: Flow, state: State) -> Flow:
    """The flow the call stands in."""
    found = flow
    for place in state.inside:
        caller = found.nodes[place]
        assert isinstance(caller, SubFlow)  # noqa: S101 - we came in by it
        found = flow.called[caller.flow]
    return found


def node_at(flow: Flow, state: State) -> Node:
    return here(flow, state).nodes[state.node]


def known_values(state: State) -> Mapping[str, str]:
    return {**state.values, "language": state.language.value}


def situation(flow: Flow, state: State) -> Situation:
    calendars = here(flow, state).calendars
    known = known_values(state)
    return Situation(
        values=known,
        customer=state.customer,
        at=state.at,
        calendars=calendars,
        take=state.take,
        score=state.score,
    )


def step(flow: Flow, state: State, entered: str, label: str, *, fits: bool | None = None) -> Step:
    inside = here(flow, state).name if state.inside else ""
    visit = len(state.walked) - 1
    return Step(node=state.node, entered=entered, label=label, flow=inside, visit=visit, fits=fits)
