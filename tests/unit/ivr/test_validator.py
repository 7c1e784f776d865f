"""Proving flows: everything that would leave a caller stranded is found beforehand."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given

from crm_core.kernel.language import Language
from ivr.errors import FlowRefused
from ivr.flow.loader import load_flow, parse_flow
from ivr.flow.model import Flow, linked
from ivr.flow.validator import find_problems, require_sound_flow
from ivr.furniture import our_calendars
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
    flow = load_flow(path)
    known = replace(flow, calendars={**our_calendars(), **flow.calendars})
    assert find_problems(known, load_catalogue().keys()) == ()


@given(ending_flows())
def test_flows_that_lead_forward_have_no_circles(flow: Flow) -> None:
    assert [problem for problem in find_problems(flow, SOUNDS) if "circle" in problem.says] == []


def test_ways_to_nowhere() -> None:
    raw = with_node("hello", {"kind": "play", "prompts": ["hello"], "next": "gone", "error": "lost"})
    assert problems(raw) == [
        "node “hello”, field “next”: there is no node “gone”",
        "node “hello”, field “error”: there is no node “lost”",
        "node “menu”: no way leads here",
    ], "and not that those behind it are not reached either"


def test_all_that_can_be_known_is_told_at_once() -> None:
    """A way to nowhere hides neither a circle nor a prompt that is not there."""
    raw = with_node("hello", {"kind": "play", "prompts": ["unsaid"], "next": "hello", "error": "lost"})
    assert [one.split(": ")[1][:20] for one in problems(raw)] == [
        "there is no node “lo",
        "no way leads here",
        "a caller who presses",
        "there is no prompt “",
        "there is no prompt “",
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


@pytest.mark.parametrize(
    "node",
    [
        {"kind": "say", "parts": ["hello"], "next": "hello"},
        {
            "kind": "condition",
            "cases": [{"when": [{"value": "ani", "is": "known"}], "to": "hello"}],
            "otherwise": "menu",
        },
        {
            "kind": "condition",
            "cases": [{"when": [{"value": "ani", "is": "known"}], "to": "menu"}],
            "otherwise": "hello",
        },
        {"kind": "open_hours", "calendar": "house", "open": "menu", "closed": "hello"},
        {"kind": "sub_flow", "flow": "other", "next": "hello"},
        {"kind": "collect", "into": "a", "prompts": ["ask"], "longest": 4, "next": "menu", "exhausted": "hello"},
    ],
)
def test_circles_without_a_key_through_any_kind_of_node(node: dict[str, Any]) -> None:
    assert any("a caller who presses nothing" in text for text in problems(with_node("hello", node)))


def test_a_circle_through_digits_is_fine() -> None:
    node = {"kind": "collect", "into": "a", "prompts": ["ask"], "longest": 4, "next": "hello", "exhausted": "menu"}
    assert problems(with_node("hello", node)) == []


def test_values_that_nothing_gives_and_those_that_are_not_for_saying() -> None:
    raw = with_node("hello", {"kind": "say", "parts": [{"say": "digits", "value": "nothing"}], "next": "pin"})
    raw["nodes"]["pin"] = {
        "kind": "collect",
        "into": "pin",
        "prompts": ["ask"],
        "longest": 4,
        "secret": True,
        "next": "aloud",
        "exhausted": "menu",
    }
    raw["nodes"]["aloud"] = {"kind": "say", "parts": [{"say": "digits", "value": "pin"}], "next": "set"}
    raw["nodes"]["set"] = {"kind": "set", "values": {"ani": "1"}, "next": "menu"}
    assert problems(raw) == [
        "node “hello”, field “parts”: nothing gives the value “nothing”",
        "node “aloud”, field “parts”: “pin” is secret and is not said",
        "node “set”, field “values”: “ani” is known of every call and is not for setting",
    ]


def test_a_calendar_that_is_not_there() -> None:
    node = {"kind": "open_hours", "calendar": "house", "open": "menu", "closed": "menu"}
    said = "neither this menu nor the house has a calendar “house”"
    assert problems(with_node("hello", node)) == [f"node “hello”, field “calendar”: {said}"]


def test_pieces_that_are_missing_in_a_language() -> None:
    raw = with_node("hello", {"kind": "say", "parts": [{"say": "time", "value": "ani"}], "next": "menu"})
    sounds = SOUNDS | {Language.EN: SOUNDS[Language.EN] - {"am", "pm"}}
    assert [str(one) for one in find_problems(parse_flow(json.dumps(raw), "small"), sounds)] == [
        "node “hello”, field “parts”: no time can be said in “en”: there is no prompt “am” and 1 more"
    ]


# Flows that call each other ------------------------------------------------------------------------------------------


def among(**calls: str) -> dict[str, list[str]]:
    """The problems of flows each of which calls one other."""
    documents = {
        name: document(
            start="call",
            nodes={"call": {"kind": "sub_flow", "flow": other, "next": "back"}, "back": {"kind": "return"}},
            error="back",
        )
        for name, other in calls.items()
    }
    documents["last"] = document(start="back", nodes={"back": {"kind": "return"}})
    flows = linked({name: parse_flow(json.dumps(raw), name) for name, raw in documents.items()})
    return {name: [str(one) for one in find_problems(flow, SOUNDS, flows)] for name, flow in flows.items()}


def test_flows_that_come_back_are_fine() -> None:
    assert among(first="second", second="last") == {"first": [], "second": [], "last": []}


def test_a_flow_that_calls_itself_however_far_around() -> None:
    found = among(first="second", second="first", third="third", fourth="first")
    says = "node “call”, field “flow”: “{}” leads back into “{}”: a call could go round in a circle here for ever"
    assert found == {
        "first": [says.format("second", "first")],
        "second": [says.format("first", "second")],
        "third": [says.format("third", "third")],
        "fourth": [],
        "last": [],
    }


def test_a_flow_that_is_not_there() -> None:
    assert among(first="gone")["first"] == ["node “call”, field “flow”: there is no flow “gone”"]


def test_a_flow_that_never_returns_or_speaks_less() -> None:
    call = {"kind": "sub_flow", "flow": "other", "next": "menu"}
    outer = parse_flow(json.dumps(with_node("hello", call)), "outer")
    other = parse_flow(json.dumps(document(languages=["zh"])), "other")
    assert [str(one) for one in find_problems(outer, SOUNDS, {"other": other})] == [
        "node “hello”, field “flow”: “other” does not speak “en”",
        "node “hello”, field “flow”: “other” never returns, so that “next” leads nowhere",
    ]


def test_a_flow_that_speaks_more_than_its_caller() -> None:
    """A call would come back in a language in which the caller's prompts need not be there."""
    call = {"kind": "sub_flow", "flow": "other", "next": "menu"}
    outer = parse_flow(json.dumps(with_node("hello", call) | {"languages": ["zh"]}), "outer")
    other = parse_flow(json.dumps(with_node("person", {"kind": "return"})), "other")
    assert [str(one) for one in find_problems(outer, SOUNDS, {"other": other})] == [
        "node “hello”, field “flow”: “other” speaks “en” also, which “outer” does not: a call may come back speaking it"
    ]


@given(ending_flows())
def test_flows_made_to_be_valid_are_found_valid_together(flow: Flow) -> None:
    flows = {flow.name: flow, **flow.called}
    for one in flows.values():
        found = [problem.says for problem in find_problems(one, SOUNDS, flows)]
        assert not [says for says in found if "circle" in says or "there is no node" in says]


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


PIN = {"kind": "collect", "into": "pin", "prompts": ["ask"], "longest": 4, "secret": True, "next": "menu"}


def errand(kind: str, **fields: Any) -> list[str]:
    """What is wrong with a flow that runs this errand first, a PIN having been asked for."""
    raw = with_node("errand", {"kind": kind, **fields})
    raw["nodes"]["hello"] = {**PIN, "exhausted": "errand"}
    return problems(raw)


def test_a_secret_is_neither_told_nor_written_by_the_house() -> None:
    told = {"number": "pin", "told": "menu", "unknown": "menu"}
    assert errand("ticket_status", **told) == ["node “errand”, field “number”: “pin” is secret and is not said"]
    assert errand("order_progress", **told) == ["node “errand”, field “number”: “pin” is secret and is not said"]
    written = {"type": "repair", "subject": "x", "values": ["pin"], "opened": "menu"}
    assert errand("open_ticket", **written) == ["node “errand”, field “values”: “pin” is secret and is not written"]


def test_an_errand_needs_its_values_and_its_calendar() -> None:
    found = errand("look_up", by="gone", found="menu", several="menu", unknown="menu")
    assert found == ["node “errand”, field “by”: nothing gives the value “gone”"]
    found = errand("offer_callback", why="x", calendar="gone", promised="menu", unusable="menu")
    assert found == ["node “errand”, field “calendar”: neither this menu nor the house has a calendar “gone”"]


@pytest.mark.parametrize("way", ["found", "several", "unknown", "error"])
def test_a_circle_through_an_answer_of_the_house(way: str) -> None:
    ways = dict.fromkeys(("found", "several", "unknown", "error"), "menu") | {way: "hello"}
    assert any(
        "a caller who presses nothing" in text for text in problems(with_node("hello", {"kind": "look_up", **ways}))
    )


def test_an_order_needs_the_words_it_is_told_in() -> None:
    raw = with_node("hello", {"kind": "order_progress", "number": "ani", "told": "menu", "unknown": "menu"})
    lacking = {language: SOUNDS[language] - {"order_shipped"} for language in SOUNDS}
    said = [str(problem) for problem in find_problems(parse_flow(json.dumps(raw), "small"), lacking)]
    assert "node “hello”, field “kind”: there is no prompt “order_shipped” in “zh”" in said


def test_a_ticket_needs_the_words_it_is_told_in() -> None:
    raw = with_node("hello", {"kind": "ticket_status", "number": "ani", "told": "menu", "unknown": "menu"})
    flow = parse_flow(json.dumps(raw), "small")
    lacking = {language: SOUNDS[language] - {"ticket_solved", "n_7"} for language in SOUNDS}
    said = [str(problem) for problem in find_problems(flow, lacking)]
    assert "node “hello”, field “kind”: there is no prompt “ticket_solved” in “zh”" in said
    assert any("no digits can be said in “zh”: there is no prompt “n_7”" in one for one in said)
