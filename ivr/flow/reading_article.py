"""A caller hears what the house knows about something, and may begin it once more by a key. Pure."""

from __future__ import annotations

from dataclasses import replace

from crm_core.kernel.language import Language
from ivr.flow.asked import Answered
from ivr.flow.errands import PlayArticle, label, question
from ivr.flow.messages import Ask, Sound, State, Turn
from ivr.flow.model import Flow
from ivr.flow.outcome import Left, Outcome
from ivr.flow.place import situation, step
from ivr.flow.speaking import sound


def begun(flow: Flow, state: State, node: PlayArticle) -> Outcome:
    """Who types ahead does not want to hear it, as at any prompt."""
    return Left(state=state, way="told") if node.barge_in and state.typed else _ask(flow, state, node)


def answered(flow: Flow, state: State, node: PlayArticle, answer: Answered) -> Outcome:
    language = next((one for one in Language if one == answer.values.get("language")), None)
    text = answer.values.get("text", "")
    if state.listening or answer.way != "told" or language is None or not text:
        return Left(state=state, way="error")
    said = Sound(language=language, key=answer.values.get("sound", ""), text=text)
    turn = sound(replace(state, listening=True), (said,), barge_in=node.barge_in)
    return turn if state.asked > 1 else turn.first(step(flow, state, "", label(node, "told")))


def heard(flow: Flow, state: State, node: PlayArticle) -> Outcome:
    if not state.listening:
        return Left(state=state, way="error")
    if node.again and state.typed.startswith(node.again) and state.asked < node.tries:
        again = step(flow, state, node.again, "article_again", fits=True)
        asked = _ask(flow, replace(state, typed=state.typed[1:]), node)
        return asked.first(again) if isinstance(asked, Turn) else asked
    return Left(state=state, way="told", told=True)


def _ask(flow: Flow, state: State, node: PlayArticle) -> Outcome:
    """Each time anew: it may have been withdrawn meanwhile."""
    asked = question(node, situation(flow, state))
    assert asked is not None  # noqa: S101 - nothing it needs can be missing
    state = replace(state, asked=state.asked + 1, listening=False)
    return Turn(state=state, effects=(Ask(question=asked, within_s=node.within_s),))
