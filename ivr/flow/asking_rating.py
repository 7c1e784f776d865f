"""A caller says with one key how satisfied he is, from 1 to 5, and then in his own words why. Pure.

The rating is kept before he is asked why, and whatever becomes of his words, he has rated.
"""

from __future__ import annotations

from dataclasses import replace

from ivr.flow.asked import Answered, KeepComment
from ivr.flow.errands import Survey, label, question
from ivr.flow.leaving_message import GONE_S
from ivr.flow.messages import Ask, ReadDigit, RecordMessage, Stage, State, Turn
from ivr.flow.model import Flow
from ivr.flow.nodes import Prompt
from ivr.flow.outcome import Left, Outcome
from ivr.flow.place import situation, step
from ivr.flow.speaking import say

SCORES = "12345"
SCORED = "score"
"""The label of an answer that counts."""
COMMENTED = "survey_commented"
"""… and of what he has said."""


def begun(flow: Flow, state: State, node: Survey) -> Outcome:
    return _ask(flow, replace(state, score=0), node, ())


def heard(flow: Flow, state: State, node: Survey) -> Outcome:
    """Without an answer, or with one that was not asked for."""
    if state.stage is not None:
        return _says_why(state, node)
    if state.score:
        return Left(state=state, way="error")
    if state.typed:
        return _key(flow, state, node)
    if not state.listening:
        return Turn(state=replace(state, listening=True), effects=(ReadDigit(timeout_s=node.timeout_s),))
    return _again(flow, state, node, node.silent, "")


def _says_why(state: State, node: Survey) -> Outcome:
    match state.stage:
        case Stage.GREETING if state.typed.startswith("#"):
            return _rated(replace(state, typed=state.typed[1:]))
        case Stage.GREETING:
            return _record(state, node)
        case Stage.SPEAKING:
            return _keep(replace(state, typed=""), node.within_s)
        case _:
            return _rated(state)


def answered(flow: Flow, state: State, node: Survey, answer: Answered) -> Outcome:
    if state.stage is Stage.KEEPING:
        commented = answer.way == "commented"
        return Left(state=state, way="rated", told=not commented, label=COMMENTED)
    if not state.score or state.stage is not None:
        return heard(flow, state, node)
    if answer.way != "rated" or not node.comment:
        return Left(state=state, way=answer.way)
    state = replace(state, typed="", stage=Stage.GREETING, take=state.take + 1)
    return say(state, node.comment).first(step(flow, state, "", label(node, "rated")))


def failed(state: State) -> Outcome:
    """Words that cannot be said or kept take nothing from the rating."""
    state = replace(state, typed="")
    return Left(state=state, way="error") if state.stage is None else _rated(state)


def hung_up(state: State) -> Turn:
    """`state` is over already. Whoever goes while he speaks has said what he said until then."""
    return _keep(state, GONE_S) if state.stage is Stage.SPEAKING else Turn(state=state)


def _ask(flow: Flow, state: State, node: Survey, first: tuple[Prompt, ...]) -> Outcome:
    state = replace(state, asked=state.asked + 1, listening=False)
    return _key(flow, state, node) if state.typed else say(state, first + node.prompts)


def _key(flow: Flow, state: State, node: Survey) -> Outcome:
    key, rest = state.typed[0], state.typed[1:]
    if key not in SCORES:
        return _again(flow, replace(state, typed=""), node, node.wrong, key)
    state = replace(state, typed=rest, score=int(key), listening=False)
    asked = question(node, situation(flow, state))
    assert asked is not None  # noqa: S101 - nothing it needs can be missing
    told = step(flow, state, key, SCORED, fits=True)
    return Turn(state=state, effects=(told, Ask(question=asked, within_s=node.within_s)))


def _again(flow: Flow, state: State, node: Survey, first: tuple[Prompt, ...], entered: str) -> Outcome:
    if state.asked >= node.tries:
        return Left(state=replace(state, typed=""), way="declined")
    turn = _ask(flow, state, node, first)
    return turn.first(step(flow, state, entered, "", fits=False)) if isinstance(turn, Turn) else turn


def _record(state: State, node: Survey) -> Turn:
    effect = RecordMessage(take=state.take, longest_s=node.longest_s, silence_s=node.silence_s, comment=True)
    return Turn(state=replace(state, typed="", stage=Stage.SPEAKING), effects=(effect,))


def _keep(state: State, within_s: float) -> Turn:
    ask = Ask(question=KeepComment(take=state.take), within_s=within_s)
    return Turn(state=replace(state, stage=Stage.KEEPING), effects=(ask,))


def _rated(state: State) -> Left:
    return Left(state=state, way="rated", told=True)
