"""Reading flow documents: what is right becomes a flow, what is wrong is named by node and field, all at once."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from crm_core.kernel.language import Language
from crm_core.kernel.requirements import packed
from ivr.errors import FlowRefused
from ivr.flow.loader import examine, load_flow, names_in, parse_flow
from ivr.flow.names import NodeId
from ivr.flow.nodes import Exit, Menu, Needs, Play, Prompt, Queue, SetLanguage
from tests.unit.ivr.flows import document, small_flow, with_node

COLLECT = {
    "kind": "collect",
    "into": "account",
    "prompts": ["ask"],
    "longest": 4,
    "next": "menu",
    "exhausted": "menu",
}


def _when(comparison: dict[str, Any]) -> dict[str, Any]:
    return {"kind": "condition", "cases": [{"when": [comparison], "to": "menu"}], "otherwise": "menu"}


def refusal(raw: Any) -> str:
    with pytest.raises(FlowRefused) as caught:
        parse_flow(raw if isinstance(raw, str) else json.dumps(raw), "small")
    return str(caught.value)


def test_reads_a_flow() -> None:
    flow = small_flow()
    assert flow.start == "hello"
    assert flow.language is Language.ZH
    assert flow.needs == Needs(queue="service")
    assert flow.nodes[NodeId("hello")] == Play(
        id=NodeId("hello"), prompts=(Prompt(key="hello"),), next=NodeId("menu"), error=NodeId("person")
    )
    menu = flow.nodes[NodeId("menu")]
    assert isinstance(menu, Menu)
    assert menu.choices == {"1": Exit(to=NodeId("person"), label="one"), "9": Exit(to=NodeId("menu"))}


def test_a_prompt_may_have_a_language_of_its_own() -> None:
    raw = with_node("hello", {"kind": "play", "prompts": ["zh:hello", "en:hello"], "next": "menu"})
    hello = parse_flow(json.dumps(raw), "small").nodes[NodeId("hello")]
    assert isinstance(hello, Play)
    assert [prompt.language for prompt in hello.prompts] == [Language.ZH, Language.EN]


def test_reads_what_a_queue_needs() -> None:
    raw = with_node(
        "person", {"kind": "queue", "queue": "repair", "skills": {"repair": 3}, "priority": 5, "intent": "repair"}
    )
    person = parse_flow(json.dumps(raw), "small").nodes[NodeId("person")]
    assert person == Queue(
        id=NodeId("person"), needs=Needs(queue="repair", skills={"repair": 3}, priority=5, intent="repair")
    )


def test_reads_what_a_list_of_skills_cannot_say() -> None:
    raw = with_node("person", {"kind": "queue", "queue": "repair", "asks": "repair >= 3 and (zh >= 2 or en >= 3)"})
    person = parse_flow(json.dumps(raw), "small").nodes[NodeId("person")]
    assert isinstance(person, Queue)
    assert packed(person.needs.asks) == "en:3/repair:3|repair:3/zh:2"


def test_reads_a_language_node() -> None:
    raw = with_node("hello", {"kind": "language", "language": "en", "next": "menu", "error": "menu"})
    node = parse_flow(json.dumps(raw), "small").nodes[NodeId("hello")]
    assert node == SetLanguage(id=NodeId("hello"), language=Language.EN, next=NodeId("menu"), error=NodeId("menu"))


@pytest.mark.parametrize(
    ("node", "says"),
    [
        ({"prompts": ["hello"], "next": "menu"}, "node “hello”, field “kind”: is missing"),
        ({"kind": "pray"}, "“pray” is no kind of node; there are answer, play, menu"),
        ({"kind": ["play"]}, "is no kind of node"),
        ({"kind": "play", "next": "menu"}, "node “hello”, field “prompts”: is missing"),
        ({"kind": "play", "prompts": [], "next": "menu"}, "field “prompts”: must name at least one prompt"),
        ({"kind": "play", "prompts": ["../x"], "next": "menu"}, "“../x” is no prompt"),
        ({"kind": "play", "prompts": [7], "next": "menu"}, "“7” is no prompt"),
        ({"kind": "play", "prompts": ["fr:hello"], "next": "menu"}, "must be one of zh, en"),
        ({"kind": "play", "prompts": ["hello"]}, "node “hello”, field “next”: is missing"),
        ({"kind": "play", "prompts": ["hello"], "next": 3}, "field “next”: must be a word"),
        ({"kind": "play", "prompts": ["hello"], "next": "menu", "nxt": 1}, "field “nxt”: is not known here"),
        ({"kind": "play", "prompts": ["hello"], "next": "menu", "barge_in": 1}, "“barge_in”: must be true or false"),
        ({"kind": "language", "language": "fr", "next": "menu"}, "field “language”: must be one of zh, en"),
        ({"kind": "queue", "skills": {"zh": 9}}, "field “skills.zh”: must be a number from 1 to 5"),
        ({"kind": "queue", "skills": {"zh": 1.5}}, "field “skills.zh”: must be a whole number"),
        (
            {"kind": "queue", "asks": "zh >= 7"},
            "“asks”: cannot be read: at sign 7: a level from 1 to 5",
        ),
        ({"kind": "queue", "queue": "a,b"}, "field “queue”: must be a word"),
        ({"kind": "queue", "priority": True}, "field “priority”: must be a number"),
        ("queue", "node “hello”: must be an object"),
        ({"kind": "menu", "prompts": ["ask"], "choices": {}, "exhausted": "menu"}, "must offer at least one key"),
        (
            {"kind": "menu", "prompts": ["ask"], "choices": {"12": "menu"}, "exhausted": "menu"},
            "field “choices.12”: is no key of a telephone",
        ),
        (
            {"kind": "menu", "prompts": ["ask"], "choices": {"1": {"label": "x"}}, "exhausted": "menu"},
            "field “choices.1.to”: is missing",
        ),
        ({"kind": "menu", "prompts": ["ask"], "choices": {"1": "menu"}}, "field “exhausted”: is missing"),
        (
            {"kind": "menu", "prompts": ["ask"], "choices": {"1": "menu"}, "exhausted": "menu", "tries": 0},
            "field “tries”: must be a number from 1 to 9",
        ),
        ({"kind": "say", "parts": [], "next": "menu"}, "field “parts”: must be a list that is not empty"),
        ({"kind": "say", "parts": [{"say": "poem", "value": "a"}]}, "“parts.1.say”: must be one of number, digits"),
        ({"kind": "say", "parts": ["ask", {"say": "date"}]}, "field “parts.2.value”: is missing"),
        ({"kind": "say", "parts": [{"say": "date", "value": "a", "as": 1}]}, "field “parts.1.as”: is not known here"),
        (COLLECT | {"longest": 21}, "field “longest”: must be a number from 1 to 20"),
        (COLLECT | {"shortest": 5}, "field “shortest”: is more than “longest”"),
        (COLLECT | {"lowest": 5, "highest": 4}, "field “lowest”: is more than “highest”"),
        (COLLECT | {"longest": 2, "lowest": 100}, "field “lowest”: has more digits than “longest” lets him type"),
        (COLLECT | {"terminator": "1"}, "field “terminator”: must be #, * or nothing"),
        (COLLECT | {"secret": True, "confirm": {"after": ["ask"]}}, "“confirm”: would say aloud what is secret"),
        (COLLECT | {"confirm": {"after": []}}, "field “confirm.after”: must name at least one prompt"),
        ({"kind": "condition", "cases": [], "otherwise": "menu"}, "“cases”: must be a list that is not empty"),
        (_when({"value": "ani", "is": "like"}), "field “cases.1.when.1.is”: must be one of equals, begins_with"),
        (_when({"value": "ani", "is": "equals"}), "field “cases.1.when.1.this”: is missing"),
        (_when({"value": "ani", "is": "known", "this": ["1"]}), "“cases.1.when.1.this”: is compared with nothing"),
        (_when({"value": "ani", "is": "above", "this": ["x"]}), "“cases.1.when.1.this”: must hold numbers"),
        (_when({"value": "ani", "is": "equals", "this": [7]}), "field “cases.1.when.1.this.1”: must be a text"),
        ({"kind": "set", "values": {"A": "x"}, "next": "menu"}, "field “values.A”: must be a word"),
        ({"kind": "open_hours", "open": "menu", "closed": "menu"}, "field “calendar”: is missing"),
        ({"kind": "sub_flow", "next": "menu"}, "field “flow”: is missing"),
        ({"kind": "return", "next": "menu"}, "field “next”: is not known here"),
    ],
)
def test_names_the_node_and_the_field(node: Any, says: str) -> None:
    assert says in refusal(with_node("hello", node))


@pytest.mark.parametrize(
    ("calendar", "says"),
    [
        ({"week": {"Monday": ["09:00-18:00"]}}, "week.Monday”: must be one of mon, tue"),
        ({"week": {"mon": ["9-18"]}}, "week.mon.1”: must be such as 09:00-18:00"),
        ({"week": {"mon": ["18:00-09:00"]}}, "week.mon”: ends before it begins"),
        ({"week": {"mon": "09:00-18:00"}}, "week.mon”: must be a list"),
        ({"holidays": {"2026-02-30": ""}}, "“calendars.house.2026-02-30”: there is no such day"),
        ({"holidays": {"2026-10-07/2026-10-01": ""}}, "must be 1 to 92 days, the first one first"),
        ({"holidays": {"tomorrow": ""}}, "holidays.tomorrow”: must be a day, 2026-10-01"),
        ({"working_days": {"2026-10-10": []}}, "“calendars.house.working_days.2026-10-10”: must be a list"),
        ({"weak": {}}, "“calendars.house.weak”: is not known here"),
    ],
)
def test_names_the_place_in_a_calendar(calendar: Any, says: str) -> None:
    assert says in refusal(document(calendars={"house": calendar}))


def test_finds_everything_at_once() -> None:
    raw = with_node("hello", {"kind": "play", "prompts": [], "oops": 1})
    raw["strat"] = raw.pop("start")
    found = refusal(raw)
    for says in ("field “start”: is missing", "field “strat”: is not known", "field “oops”", "field “prompts”"):
        assert says in found


def test_every_node_that_can_fail_has_an_error_exit() -> None:
    raw = document()
    del raw["error"]
    assert "node “hello”, field “error”: is missing" in refusal(raw)


@pytest.mark.parametrize("text", ["", "{", "[]", "3", '{"start": 1, "start": 2}', "[" * 100_000])
def test_what_is_no_flow_at_all_is_refused(text: str) -> None:
    assert "small" in refusal(text)


def test_a_key_that_is_there_twice_is_refused() -> None:
    assert "“1” is there twice" in refusal('{"nodes": {"a": {"choices": {"1": "a", "1": "b"}}}}')


@pytest.mark.parametrize("depth", [50, 900, 100_000])
def test_what_is_nested_without_end_is_refused_wherever_it_stands(depth: int) -> None:
    assert "is nested too deeply" in refusal(f'{{"layout": {"[" * depth}{"]" * depth}}}')


def test_a_missing_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(FlowRefused, match="nowhere"):
        load_flow(tmp_path / "nowhere.json")


def test_what_a_menu_is_called_is_for_people_and_may_be_left_out() -> None:
    named = {**document(), "names": {"zh": " 服务热线 ", "en": ""}}
    flow, problems = examine(json.dumps(named), "main")
    assert (flow.names, problems) == ({"zh": "服务热线"}, ())
    assert names_in(json.dumps(named)) == {"zh": "服务热线"}
    assert examine(json.dumps(document()), "main")[0].names == {}


@pytest.mark.parametrize("names", [{"zh": "长" * 61}, {"zh": "two\nlines"}, {"zh": 7}, {"fr": "Accueil"}, "Hotline"])
def test_a_name_that_cannot_be_shown_is_named_and_nothing_falls_over(names: object) -> None:
    text = json.dumps({**document(), "names": names})
    assert [one.field.split(".")[0] for one in examine(text, "main")[1]] == ["names"]
    assert names_in(text) == {}


@pytest.mark.parametrize("text", ["", "[]", "{", "7", '{"names": []}'])
def test_what_is_no_menu_has_no_name(text: str) -> None:
    assert names_in(text) == {}
