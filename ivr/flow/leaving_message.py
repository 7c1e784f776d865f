"""A caller leaves a message: the words before it, the sound itself, and what he may do with it afterwards. Pure.

Once he has begun to speak nothing that he does loses it: whoever hangs up, falls silent or presses nothing has left it.
"""

from __future__ import annotations

from dataclasses import replace

from ivr.flow.errands import LeaveMessage, question
from ivr.flow.messages import Ask, PlayMessage, ReadDigit, RecordMessage, Stage, State, Turn
from ivr.flow.model import Flow
from ivr.flow.place import situation
from ivr.flow.speaking import say

WAIT_S = 5.0
GONE_S = 10.0
"""Nobody waits any more, so the house may take its time."""

_SPOKEN = (Stage.SPEAKING, Stage.REVIEW, Stage.LISTENING)


def begun(state: State, node: LeaveMessage) -> Turn:
    state = replace(state, typed="", stage=Stage.GREETING, take=state.take + 1)
    return say(state, node.prompts)


def heard(flow: Flow, state: State, node: LeaveMessage) -> Turn | None:
    """None: that was no answer."""
    match state.stage:
        case Stage.GREETING:
            return _record(state, node)
        case Stage.SPEAKING | Stage.LISTENING:
            return _review(flow, replace(state, typed=""), node)
        case Stage.REVIEW if state.typed:
            return _key(flow, state, node)
        case Stage.REVIEW if not state.listening:
            return Turn(state=replace(state, listening=True), effects=(ReadDigit(timeout_s=WAIT_S),))
        case Stage.REVIEW:
            return _keep(flow, state, node)
        case _:
            return None


def failed(flow: Flow, state: State, node: LeaveMessage) -> Turn | None:
    """What cannot be said or played after he has spoken takes nothing away. None: there is nothing to keep."""
    return _keep(flow, state, node) if state.stage in (Stage.REVIEW, Stage.LISTENING) else None


def hung_up(flow: Flow, state: State, node: LeaveMessage) -> Turn:
    """`state` is over already."""
    if state.stage not in _SPOKEN:
        return Turn(state=state)
    return _keep(flow, state, node, within_s=GONE_S)


def _record(state: State, node: LeaveMessage) -> Turn:
    effect = RecordMessage(take=state.take, longest_s=node.longest_s, silence_s=node.silence_s)
    return Turn(state=replace(state, typed="", stage=Stage.SPEAKING, listening=False), effects=(effect,))


def _review(flow: Flow, state: State, node: LeaveMessage) -> Turn:
    if not node.review or state.asked >= node.tries:
        return _keep(flow, state, node)
    return say(replace(state, stage=Stage.REVIEW, asked=state.asked + 1, listening=False), node.review)


def _key(flow: Flow, state: State, node: LeaveMessage) -> Turn:
    key, state = state.typed[0], replace(state, typed="")
    match key:
        case "1":
            state = replace(state, stage=Stage.LISTENING, listening=False)
            return Turn(state=state, effects=(PlayMessage(take=state.take),))
        case "2":
            return _record(state, node)
        case "3" | "#":
            return _keep(flow, state, node)
        case _:
            return _review(flow, state, node)


def _keep(flow: Flow, state: State, node: LeaveMessage, within_s: float | None = None) -> Turn:
    asked = question(node, situation(flow, state))
    assert asked is not None  # noqa: S101 - nothing it needs can be missing
    ask = Ask(question=asked, within_s=node.within_s if within_s is None else within_s)
    return Turn(state=replace(state, stage=Stage.KEEPING, listening=False), effects=(ask,))
