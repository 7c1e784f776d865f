"""A menu behind the conversation: which one is named, in which language it begins, and that the house hears of it."""

from __future__ import annotations

import json
from typing import Any

import pytest

from crm_core.kernel.language import Language
from ivr.flow.interpreter import AFTER_CALL, begin
from ivr.flow.loader import examine
from ivr.flow.messages import EnterQueue, Known, PlaySounds, RecordMessage, Step
from ivr.flow.model import Flow
from ivr.flow.validator import find_problems
from ivr.furniture import our_calendars
from ivr.prompts.catalogue import load_catalogue
from ivr.service import our_documents
from ivr.shelf import shelf
from tests.unit.ivr.flows import SOUNDS, document, small_flow
from tests.unit.ivr.test_errands import play

SURVEY: dict[str, Any] = {
    "kind": "survey",
    "prompts": ["ask"],
    "comment": ["hello"],
    "rated": "bye",
    "declined": "bye",
    "error": "bye",
}
BYE = {"kind": "goodbye", "prompts": ["bye"], "error": "end"}


def survey(**changes: Any) -> Flow:
    nodes = {"survey": SURVEY, "bye": BYE, "end": {"kind": "hangup"}}
    return small_flow(start="survey", nodes=nodes, error="end", **changes)


def test_it_goes_on_in_his_language_and_says_first_that_he_is_there() -> None:
    turn = begin(survey(), Known(after_call=True, language=Language.EN))
    assert turn.effects[0] == Step(node="survey", entered="", label=AFTER_CALL)
    heard = [sound.language for one in turn.effects if isinstance(one, PlaySounds) for sound in one.sounds]
    assert heard == [Language.EN]


@pytest.mark.parametrize("language", [None, Language.EN])
def test_a_language_it_does_not_speak_is_its_own(language: Language | None) -> None:
    turn = begin(survey(languages=["zh"]), Known(after_call=True, language=language))
    assert turn.state.language is Language.ZH


def test_what_he_says_takes_no_message_s_place() -> None:
    effects = play(survey(), "5", known=Known(after_call=True))
    assert not [one for one in effects if isinstance(one, RecordMessage)]
    assert begin(survey(), Known(after_call=True)).state.take > begin(survey(), Known()).state.take


@pytest.mark.parametrize(
    "changes",
    [
        {"defaults": {"after_call": "small"}},
        {"nodes": {"menu": {"kind": "set", "after_call": "small", "next": "person"}, "person": {"kind": "queue"}}},
        {"nodes": {"menu": {"kind": "queue", "after_call": "small"}}, "error": "menu"},
    ],
)
def test_a_menu_names_the_one_for_behind_the_call(changes: dict[str, Any]) -> None:
    changes = {"nodes": {"menu": {"kind": "queue"}}, "error": "menu", **changes}
    flow = small_flow(start="menu", **changes)
    last = begin(flow).effects[-1]
    assert isinstance(last, EnterQueue)
    assert last.after_call == "small"
    assert find_problems(flow, SOUNDS) == ()


def test_the_one_it_names_must_be_there() -> None:
    raw = document(defaults={"after_call": "gone"})
    raw["nodes"]["person"] = {"kind": "queue", "after_call": "lost"}
    flow, problems = examine(json.dumps(raw), "small")
    assert problems == ()
    assert [str(one) for one in find_problems(flow, SOUNDS)] == [
        "field “defaults.after_call”: there is no flow “gone”",
        "node “person”, field “after_call”: there is no flow “lost”",
    ]


def test_the_menus_of_the_product_hold() -> None:
    assert shelf(our_documents(), load_catalogue().keys(), calendars=our_calendars()).wrong == {}
