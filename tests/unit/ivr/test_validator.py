"""Proving flows: everything that would leave a caller stranded is found beforehand."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given

from crm_core.kernel.language import Language
from ivr.errors import FlowRefused
from ivr.flow.loader import load_flow, parse_flow
from ivr.flow.model import Flow
from ivr.flow.validator import find_problems, require_sound_flow
from ivr.prompts.catalogue import load_catalogue
from ivr.service import OUR_FLOWS
from tests.unit.ivr.flows import SOUNDS, document, ending_flows, small_flow, with_node


def problems(raw: dict[str, Any]) -> list[str]:
    return [str(problem) for problem in find_problems(parse_flow(json.dumps(raw), "small"), SOUNDS)]


def test_a_good_flow_has_no_problems() -> None:
    flow = small_flow()
    assert require_sound_flow(flow, SOUNDS) is flow


@pytest.mark.parametrize("path", sorted(OUR_FLOWS.glob("*.json")), ids=lambda path: path.stem)
def test_our_own_flows_are_sound(path: Any) -> None:
    assert find_problems(load_flow(path), load_catalogue().keys()) == ()


@given(ending_flows())
def test_flows_that_lead_forward_have_no_circles(flow: Flow) -> None:
    assert [problem for problem in find_problems(flow, SOUNDS) if "circle" in problem.says] == []


def test_ways_to_nowhere() -> None:
    raw = with_node("hello", {"kind": "play", "prompts": ["hello"], "next": "gone", "error": "lost"})
    assert problems(raw) == [
        "node “hello”, field “next”: there is no node “gone”",
        "node “hello”, field “error”: there is no node “lost”",
    ]


def test_a_choice_to_nowhere() -> None:
    raw = document()
    raw["nodes"]["menu"]["choices"]["1"]["to"] = "gone"
    assert problems(raw) == ["node “menu”, field “choices.1”: there is no node “gone”"]


def test_a_start_that_is_not_there() -> None:
    assert problems(document(start="gone")) == ["field “start”: there is no node “gone”"]


def test_nodes_no_way_leads_to() -> None:
    assert problems(with_node("island", {"kind": "queue"})) == ["node “island”: no way leads here"]


@pytest.mark.parametrize(
    "node",
    [
        {"kind": "play", "prompts": ["hello"], "next": "hello"},
        {"kind": "play", "prompts": ["hello"], "next": "menu", "error": "hello"},
        {"kind": "menu", "prompts": ["ask"], "choices": {"1": "menu"}, "exhausted": "hello"},
        {
            "kind": "menu",
            "prompts": ["ask"],
            "choices": {"1": "menu"},
            "exhausted": "menu",
            "on_silence": {"to": "hello"},
        },
    ],
)
def test_circles_without_a_key(node: dict[str, Any]) -> None:
    assert any(
        text.startswith("node “hello”: a caller who presses nothing") for text in problems(with_node("hello", node))
    )


def test_only_the_nodes_of_the_circle_are_named() -> None:
    raw = document(error="person")
    raw["nodes"]["menu"]["exhausted"] = "again"
    raw["nodes"]["again"] = {"kind": "play", "prompts": ["ask"], "next": "menu"}
    assert [text.split(":")[0] for text in problems(raw)] == ["node “menu”", "node “again”"]


def test_a_circle_through_a_key_is_fine() -> None:
    raw = document()
    raw["nodes"]["menu"]["choices"]["5"] = "hello"
    assert problems(raw) == []


def test_missing_prompts_in_every_language_spoken() -> None:
    raw = with_node("hello", {"kind": "play", "prompts": ["ask", "unsaid", "en:unheard"], "next": "menu"})
    assert problems(raw) == [
        "node “hello”, field “prompts”: there is no prompt “unsaid” in “zh”",
        "node “hello”, field “prompts”: there is no prompt “unsaid” in “en”",
        "node “hello”, field “prompts”: there is no prompt “unheard” in “en”",
    ]


def test_a_missing_apology() -> None:
    assert problems(document(apology="none", languages=["zh"])) == [
        "field “apology”: there is no prompt “none” in “zh”"
    ]


def test_a_language_the_flow_does_not_speak() -> None:
    raw = with_node("hello", {"kind": "language", "language": "en", "next": "menu"})
    assert problems(raw | {"languages": ["zh"]}) == [
        "node “hello”, field “language”: “en” is not among the flow's languages"
    ]
    assert problems(document(languages=["en"])) == ["field “language”: “zh” is not among the flow's languages"]


def test_a_flow_with_problems_is_refused_with_all_of_them() -> None:
    with pytest.raises(FlowRefused, match="unknown_prompt") as caught:
        require_sound_flow(small_flow(apology="unknown_prompt"), {Language.ZH: ()})
    assert "“hello”" in str(caught.value)
