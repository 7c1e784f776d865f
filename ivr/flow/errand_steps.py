"""Runs the nodes by which a flow has the house do something: what is said, asked and heard there, until one is left.

Answers with a turn that waits for something, or with `Left`: by which way the call goes on. Pure, as the interpreter.
"""

from __future__ import annotations

from dataclasses import replace

from crm_core.kernel.ids import QueueKey
from crm_core.kernel.requirements import NOTHING, unpacked
from ivr.flow import asking_rating, leaving_message, reading_article
from ivr.flow.asked import Answered
from ivr.flow.errands import (
    CheckPin,
    Errand,
    LeaveMessage,
    LookUp,
    PlayArticle,
    Survey,
    Transfer,
    Words,
    label,
    learnt,
    question,
    speech,
)
from ivr.flow.messages import Ask, HandOver, Stage, State, Turn
from ivr.flow.model import Flow
from ivr.flow.nodes import Needs
from ivr.flow.outcome import Left, Outcome
from ivr.flow.place import situation, step
from ivr.flow.speaking import sentence, sound


def begun(flow: Flow, state: State, errand: Errand) -> Outcome:
    if isinstance(errand, LeaveMessage):
        return leaving_message.begun(state, errand)
    if isinstance(errand, Survey):
        return asking_rating.begun(flow, state, errand)
    if isinstance(errand, PlayArticle):
        return reading_article.begun(flow, state, errand)
    asked = question(errand, situation(flow, state))
    if asked is None:
        return Left(state=state, way="error")
    return Turn(state=state, effects=(Ask(question=asked, within_s=errand.within_s),))


def answered(flow: Flow, state: State, errand: Errand, answer: Answered) -> Outcome:
    if isinstance(errand, Survey):
        return asking_rating.answered(flow, state, errand, answer)
    if isinstance(errand, PlayArticle):
        return reading_article.answered(flow, state, errand, answer)
    if state.listening or (isinstance(errand, LeaveMessage) and state.stage is not Stage.KEEPING):
        return heard(flow, state, errand)
    words = speech(question(errand, situation(flow, state)), answer)
    state = replace(state, values={**state.values, **learnt(errand, answer)})
    if isinstance(errand, LookUp | CheckPin):
        state = replace(state, customer=answer.customer)
    if isinstance(errand, Transfer):
        return _transferred(flow, state, errand, answer)
    return _words_said(flow, state, errand, words) if words else Left(state=state, way=answer.way)


def heard(flow: Flow, state: State, errand: Errand) -> Outcome:
    """Without an answer: what was to be said has been said, or it was no answer."""
    if isinstance(errand, Survey):
        return asking_rating.heard(flow, state, errand)
    if isinstance(errand, PlayArticle):
        return reading_article.heard(flow, state, errand)
    if isinstance(errand, LeaveMessage):
        return leaving_message.heard(flow, state, errand) or Left(state=state, way="error")
    return Left(state=state, way="told", told=True) if state.listening else Left(state=state, way="error")


def failed(flow: Flow, state: State, errand: Errand) -> Outcome:
    if isinstance(errand, LeaveMessage):
        state = replace(state, typed="")
        return leaving_message.failed(flow, state, errand) or Left(state=state, way="error")
    if isinstance(errand, Survey):
        return asking_rating.failed(state)
    return Left(state=replace(state, typed=""), way="error", told=state.listening)


def _words_said(flow: Flow, state: State, errand: Errand, words: Words) -> Outcome:
    sounds = sentence(state, words)
    if sounds is None:
        return Left(state=state, way="error")
    return sound(replace(state, listening=True), sounds).first(step(flow, state, "", label(errand, "told")))


def _transferred(flow: Flow, state: State, errand: Transfer, answer: Answered) -> Outcome:
    """To whom he goes; where nobody takes the call he is back, as after a failure."""
    to = answer.values.get("to", "")
    if answer.way == "queue" and to:
        needs = Needs(queue=QueueKey(to), asks=unpacked(answer.values.get("asks", "")) or NOTHING)
        return Left(state=state, way="queue", needs=needs)
    if answer.way not in ("agent", "number") or not to:
        return Left(state=state, way=answer.way if answer.way == "unusable" else "error")
    told = step(flow, state, "", label(errand, answer.way))
    return Turn(state=state, effects=(told, HandOver(where=answer.way, to=to)))
