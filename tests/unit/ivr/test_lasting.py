"""Menus that would not come to their own end: their callers would be in the queue without a word before."""

from __future__ import annotations

from dataclasses import fields
from typing import Any

import pytest

from callwright.asterisk.plan import AsteriskPlan
from ivr.flow.lasting import MENU_S, time_problems
from ivr.flow.loader import load_flow
from ivr.flow.model import linked
from ivr.service import OUR_FLOWS
from tests.unit.ivr.flows import small_flow

ASK: dict[str, Any] = {"kind": "menu", "prompts": ["ask"], "choices": {"1": "person"}}


def asking(to: str, tries: int, timeout_s: float, **more: Any) -> dict[str, Any]:
    return ASK | {"exhausted": to, "tries": tries, "timeout_s": timeout_s} | more


def slow(**nodes: Any) -> list[tuple[str, str]]:
    flow = small_flow(start=next(iter(nodes)), nodes={**nodes, "person": {"kind": "queue"}})
    return [(one.node, one.field) for one in time_problems(flow)]


def test_it_is_as_long_as_the_dialplan_says() -> None:
    (limit,) = (one.default for one in fields(AsteriskPlan) if one.name == "menu_limit_s")
    assert limit == MENU_S


@pytest.mark.parametrize("path", sorted(OUR_FLOWS.glob("*.json")), ids=lambda path: path.stem)
def test_ours_come_to_their_end(path: Any) -> None:
    flows = linked({path.stem: load_flow(path)})
    assert not list(time_problems(flows[path.stem]))


@pytest.mark.parametrize(
    ("node", "found"),
    [
        (asking("person", 9, 60), [("ask", "timeout_s")]),
        (asking("person", 5, 60), [("ask", "timeout_s")]),
        (asking("person", 5, 59), []),
        (asking("person", 9, 60, on_silence="person"), []),
        (
            {"kind": "collect", "into": "a", "prompts": ["ask"], "longest": 3, "tries": 9, "timeout_s": 40}
            | {"next": "person", "exhausted": "person"},
            [("ask", "timeout_s")],
        ),
        (
            {"kind": "survey", "prompts": ["ask"], "tries": 9, "timeout_s": 60}
            | {"rated": "person", "declined": "person"},
            [("ask", "timeout_s")],
        ),
    ],
)
def test_a_node_that_waits_for_longer_than_its_menu_has(node: dict[str, Any], found: list[tuple[str, str]]) -> None:
    assert slow(ask=node) == found


def test_a_way_without_a_key_is_told_where_the_time_is_over() -> None:
    nodes = {name: asking(to, 3, 40) for name, to in (("one", "two"), ("two", "three"), ("three", "four"))}
    assert slow(**nodes, four=asking("person", 3, 40)) == [("three", "timeout_s")]


def test_who_goes_silent_behind_a_key_is_a_beginning() -> None:
    nodes = {
        "hello": ASK | {"choices": {"1": "one"}, "exhausted": "person"},
        "one": asking("two", 4, 40),
        "two": asking("person", 4, 40),
    }
    assert slow(**nodes) == [("two", "timeout_s")]


def test_a_sub_flow_takes_the_time_it_takes() -> None:
    back: dict[str, Any] = {"kind": "return"}
    called = small_flow(
        start="ask", error="back", nodes={"ask": ASK | asking("back", 4, 40) | {"choices": {"1": "back"}}, "back": back}
    )
    nodes = {
        "first": asking("call", 4, 40),
        "call": {"kind": "sub_flow", "flow": "called", "next": "person"},
        "person": {"kind": "queue"},
    }
    flows = linked({"main": small_flow(start="first", nodes=nodes), "called": called})
    assert [(one.node, one.field) for one in time_problems(flows["main"])] == [("call", "flow")]


def test_of_a_circle_nothing_is_said_here() -> None:
    assert slow(one=asking("two", 3, 40), two=asking("one", 3, 40)) == []
