"""Another system's address and answer: whatever a caller typed, it is one page of one server that is asked."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import unquote, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ivr.errors import FlowRefused
from ivr.flow.asked import Answered, Fetch, Method
from ivr.flow.elsewhere import LONGEST_TAKEN, filled, picked, places
from ivr.flow.interpreter import advance, begin
from ivr.flow.loader import parse_flow
from ivr.flow.messages import Ask, Failed, Input, Known
from ivr.flow.model import Flow
from tests.unit.ivr.flows import small_flow, with_node
from tests.unit.ivr.test_errands import QUEUES, end

ADDRESS = "https://crm.example.com/orders/{order}/state?by={ani}"


def test_values_in_an_address() -> None:
    assert places(ADDRESS) == ("order", "ani")
    assert filled(ADDRESS, {"order": "42"}) == "https://crm.example.com/orders/42/state?by="


@given(st.text() | st.text("./\\;a%2E"))
def test_no_value_leaves_its_place(text: str) -> None:
    whole = filled(ADDRESS, {"order": text, "ani": ".."})
    if whole is None:
        assert "." in text
        return
    found = urlsplit(whole)
    assert (found.scheme, found.netloc, found.query, found.fragment) == ("https", "crm.example.com", "by=%2E%2E", "")
    before, orders, put, state = found.path.split("/")
    assert (before, orders, state) == ("", "orders", "state")
    assert unquote(put) == text
    assert "." not in put
    assert not {".", ".."} & set(unquote(found.path).replace("\\", "/").split("/"))


@pytest.mark.parametrize("ani", ["..", ".", "../admin", "x/../../admin", "x\\..\\y", "..;x", "../"])
def test_a_value_that_would_lead_to_another_page_is_not_asked_about(ani: str) -> None:
    """Servers take %2E%2E for `..`, many of them %2F for `/` as well; and anybody may call himself so."""
    effects = list(begin(asking(), Known(ani=ani)).effects)
    assert not [one for one in effects if isinstance(one, Ask)]
    assert end(effects) == "house"


@pytest.mark.parametrize("ani", ["1.5", "a..b", "...", "sip:1@a.example/b", "..x"])
def test_dots_in_a_value_do_no_harm(ani: str) -> None:
    (effect,) = begin(asking(), Known(ani=ani)).effects
    assert isinstance(effect, Ask)
    assert isinstance(effect.question, Fetch)
    assert unquote(effect.question.address) == f"https://crm.example.com/{ani}"


ANSWER = {"order": {"state": "sent", "lines": [{"n": 3}], "paid": True, "sum": 12.5, "note": None}}


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("order.state", "sent"),
        ("order.lines.0.n", "3"),
        ("order.lines.1.n", ""),
        ("order.paid", "true"),
        ("order.sum", "12.5"),
        ("order.note", ""),
        ("order", ""),
        ("order.state.more", ""),
        ("gone", ""),
    ],
)
def test_what_is_taken_from_an_answer(path: str, text: str) -> None:
    assert picked(ANSWER, {"value": path}) == {"value": text}


def test_what_is_taken_has_an_end_and_no_control_characters() -> None:
    assert picked({"a": "x\r\n\0y" + "z" * 1000}, {"v": "a"})["v"] == "xy" + "z" * (LONGEST_TAKEN - 2)


def asking(**changes: Any) -> Flow:
    http = {
        "kind": "http",
        "method": "get",
        "url": "https://crm.example.com/{ani}",
        "take": {"state": "state"},
        "answered": "known",
        "refused": "no",
        "error": "house",
        **changes,
    }
    known = {
        "kind": "condition",
        "cases": [{"when": [{"value": "state", "is": "equals", "this": ["sent"]}], "to": "yes"}],
        "otherwise": "person",
    }
    return small_flow(start="ask", nodes={"ask": http, "known": known, **QUEUES})


def test_another_system_is_asked() -> None:
    (effect,) = begin(asking(), Known(ani="+86 1")).effects
    assert isinstance(effect, Ask)
    address = "https://crm.example.com/%2B86%201"
    assert effect.question == Fetch(method=Method.GET, address=address, take={"state": "state"})


def test_and_told_something() -> None:
    (effect,) = begin(asking(method="post", send={"Phone": "ani"}), Known(ani="1")).effects
    assert isinstance(effect, Ask)
    assert isinstance(effect.question, Fetch)
    assert effect.question.body == {"Phone": "1"}
    assert "'Phone'" not in repr(effect)


@pytest.mark.parametrize(
    ("answer", "to"),
    [
        (Answered(way="answered", values={"state": "sent"}), "yes"),
        (Answered(way="answered", values={}), "person"),
        (Answered(way="refused"), "no"),
        (Failed(), "house"),
    ],
)
def test_its_answers(answer: Input, to: str) -> None:
    assert end(list(advance(asking(), begin(asking()).state, answer).effects)) == to


@pytest.mark.parametrize(
    "url",
    [
        "https://{ani}/x",
        "https://crm.example.com{ani}/x",
        "https://{ani}.example.com/x",
        "https://user@crm.example.com/x",
        "https://crm.example.com:{ani}/x",
        "ftp://crm.example.com/x",
        "file:///etc/passwd",
        "https://crm.example.com",
        "https://crm.example.com\\@evil.example/x",
        "https://crm.example.com/x y",
        "https://crm.example.com/#{ani}",
    ],
)
def test_an_address_whose_host_is_not_written_out_is_refused(url: str) -> None:
    node = {"kind": "http", "method": "get", "url": url, "answered": "menu", "refused": "menu"}
    with pytest.raises(FlowRefused, match="the host written out"):
        parse_flow(json.dumps(with_node("hello", node)), "small")


def test_something_is_sent_by_post_only() -> None:
    node = {"kind": "http", "method": "get", "url": "https://a.example/", "send": {"a": "ani"}}
    with pytest.raises(FlowRefused, match="needs the method “post”"):
        parse_flow(json.dumps(with_node("hello", node | {"answered": "menu", "refused": "menu"})), "small")
