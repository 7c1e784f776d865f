"""A caller says with one key how satisfied he is, from 1 to 5. Pure."""

from __future__ import annotations

from dataclasses import replace

from ivr.flow.errands import Survey, question
from ivr.flow.messages import Ask, ReadDigit, State, Turn
from ivr.flow.model import Flow
from ivr.flow.nodes import Prompt
from ivr.flow.place import situation, step
from ivr.flow.speaking import say

SCORES = "12345"
SCORED = "score"
"""The label of an answer that counts."""


def begun(flow: Flow, state: State, node: Survey) -> Turn | None:
    """None, here and below: he has declined."""
    return _ask(flow, replace(state, score=0), node, ())


def heard(flow: Flow, state: State, node: Survey) -> Turn | None:
    if state.typed:
        return _key(flow, state, node)
    if not state.listening:
        return Turn(state=replace(state, listening=True), effects=(ReadDigit(timeout_s=node.timeout_s),))
    return _again(flow, state, node, node.silent, "")


def _ask(flow: Flow, state: State, node: Survey, first: tuple[Prompt, ...]) -> Turn | None:
    state = replace(state, asked=state.asked + 1, listening=False)
    return _key(flow, state, node) if state.typed else say(state, first + node.prompts)


def _key(flow: Flow, state: State, node: Survey) -> Turn | None:
    key, rest = state.typed[0], state.typed[1:]
    if key not in SCORES:
        return _again(flow, replace(state, typed=""), node, node.wrong, key)
    state = replace(state, typed=rest, score=int(key), listening=False)
    asked = question(node, situation(flow, state))
    assert asked is not None  # noqa: S101 - nothing it needs can be missing
    told = step(flow, state, key, SCORED)
    return Turn(state=state, effects=(told, Ask(question=asked, within_s=node.within_s)))


def _again(flow: Flow, state: State, node: Survey, first: tuple[Prompt, ...], entered: str) -> Turn | None:
    if state.asked >= node.tries:
        return None
    turn = _ask(flow, state, node, first)
    return None if turn is None else turn.first(step(flow, state, entered, ""))
