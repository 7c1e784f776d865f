"""The published schema: it is what the loader asks for, and the two agree about documents right and wrong."""

from __future__ import annotations

import copy
import json
from typing import Any

import jsonschema_rs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ivr.errors import FlowRefused
from ivr.flow.loader import parse_flow
from ivr.flow.schema import KEPT, flow_schema, schema_text
from ivr.service import OUR_FLOWS
from tests.unit.ivr.flows import document

SCHEMA = jsonschema_rs.Draft202012Validator(flow_schema())
NODES: dict[str, dict[str, Any]] = {
    "pick_up": {"kind": "answer", "next": "hello", "about": "a remark"},
    "amount": {
        "kind": "say",
        "parts": ["zh:hello", {"say": "money", "value": "account"}],
        "next": "menu",
        "barge_in": False,
    },
    "account": {
        "kind": "collect",
        "into": "account",
        "prompts": ["ask"],
        "shortest": 3,
        "longest": 6,
        "terminator": "",
        "lowest": 1,
        "highest": 5000,
        "confirm": {"before": ["hello"], "after": ["bye"], "key": "1"},
        "next": {"to": "amount", "label": "entered"},
        "exhausted": "person",
        "timeout_s": 4.5,
        "between_s": 2,
        "tries": 2,
        "silent": [],
    },
    "pin": {
        "kind": "collect",
        "into": "pin",
        "prompts": ["ask"],
        "longest": 4,
        "secret": True,
        "next": "person",
        "exhausted": "person",
    },
    "choose": {
        "kind": "condition",
        "cases": [
            {"when": [{"value": "ani", "is": "begins_with", "this": ["021"], "not": True}], "to": "menu"},
            {"when": [{"value": "dnis", "is": "known"}], "to": "menu"},
        ],
        "otherwise": "person",
    },
    "learn": {"kind": "set", "values": {"a": "text"}, "queue": "repair", "skills": {"repair": 2}, "next": "menu"},
    "clock": {"kind": "open_hours", "calendar": "house", "open": "menu", "closed": "person", "until": "until"},
    "elsewhere": {"kind": "sub_flow", "flow": "other", "next": "menu", "error": "person"},
    "prove": {
        "kind": "check_pin",
        "account": "account",
        "pin": "pin",
        "found": "who",
        "wrong": "menu",
        "locked": "person",
        "within_s": 2,
    },
    "who": {"kind": "look_up", "by": "account", "found": "menu", "several": "menu", "unknown": "person", "within_s": 2},
    "ticket": {"kind": "ticket_status", "number": "account", "told": "menu", "unknown": "person", "error": "person"},
    "order": {"kind": "order_progress", "number": "account", "told": "menu", "unknown": "person", "within_s": 2},
    "written": {
        "kind": "open_ticket",
        "type": "repair",
        "subject": "from the menu",
        "values": ["account"],
        "into": "made",
        "opened": "menu",
    },
    "call_back": {
        "kind": "offer_callback",
        "number": "account",
        "why": "from the menu",
        "within_min": 30,
        "calendar": "house",
        "into": "due",
        "promised": "menu",
        "unusable": "person",
    },
    "elsewhere_asked": {
        "kind": "http",
        "method": "post",
        "url": "https://crm.example.com/orders/{account}?by={ani}",
        "send": {"PIN": "pin"},
        "take": {"state": "order.state"},
        "answered": "menu",
        "refused": "person",
    },
    "to_extension": {"kind": "transfer", "number": "account", "unusable": "menu", "within_s": 2},
    "known": {"kind": "article", "article": "K-0007", "again": "*", "told": "menu", "error": "person"},
    "survey": {
        "kind": "survey",
        "prompts": ["ask"],
        "wrong": ["wrong"],
        "silent": ["silent"],
        "tries": 3,
        "timeout_s": 4,
        "rated": "menu",
        "declined": "person",
    },
    "message": {
        "kind": "voicemail",
        "prompts": ["ask"],
        "review": ["hello"],
        "type": "other",
        "subject": "a message",
        "longest_s": 60,
        "silence_s": 4,
        "shortest_s": 3,
        "tries": 2,
        "into": "code",
        "kept": "menu",
        "empty": "menu",
    },
    "english": {"kind": "language", "language": "en", "next": "menu"},
    "back": {"kind": "return"},
    "bye": {"kind": "goodbye", "prompts": ["bye"]},
    "gone": {"kind": "hangup"},
}
CALENDAR = {
    "week": {"mon": ["09:00-12:00", "13:00-24:00"]},
    "holidays": {"2026-10-01/2026-10-07": "National Day"},
    "working_days": {"2026-10-10": ["09:00-18:00"]},
}


def full() -> dict[str, Any]:
    """A document with every kind of node in it."""
    raw = copy.deepcopy(
        document(
            about="all of it", **{"$schema": "x"}, languages=["zh", "en"], calendars={"house": CALENDAR}, max_steps=50
        )
    )
    raw["nodes"] |= copy.deepcopy(NODES)
    return raw


def read(raw: Any) -> bool:
    try:
        parse_flow(json.dumps(raw), "any")
    except FlowRefused:
        return False
    return True


def test_the_file_is_what_the_loader_asks_for() -> None:
    assert KEPT.read_text(encoding="utf-8") == schema_text(), "run: python -m ivr.flow.schema > ivr/flow/schema.json"


def test_a_document_with_every_kind_of_node() -> None:
    kinds = {form["properties"]["kind"]["const"] for form in _node_forms()}
    assert {node["kind"] for node in full()["nodes"].values()} == kinds
    assert read(full())
    assert SCHEMA.is_valid(full())


@pytest.mark.parametrize("path", sorted(OUR_FLOWS.glob("*.json")), ids=lambda path: path.stem)
def test_our_own_flows_are_valid(path: Any) -> None:
    SCHEMA.validate(json.loads(path.read_text(encoding="utf-8")))


def _node_forms() -> list[dict[str, Any]]:
    forms: list[dict[str, Any]] = flow_schema()["properties"]["nodes"]["additionalProperties"]["oneOf"]
    return forms


def _places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [path, *(found for key, one in inner for found in _places(one, (*path, key)))]


PLACES = [place for place in _places(full()) if place]
ODD = st.sampled_from(
    [None, True, 0, 3, 2.5, -1, 10**30, "", "x", "1", "#", "two words", "en", "zh:ask", [], ["ask"], {}]
)


@given(place=st.sampled_from(PLACES), put=st.sampled_from(["odd", "gone", "more"]), odd=ODD)
def test_what_the_schema_refuses_the_loader_refuses_and_the_other_way_round(
    place: tuple[Any, ...], put: str, odd: Any
) -> None:
    """Up to what one field says of another, of which the schema knows nothing: then the loader alone may refuse."""
    raw = full()
    where = raw
    for key in place[:-1]:
        where = where[key]
    if put == "gone":
        del where[place[-1]]
    elif put == "more" and isinstance(where[place[-1]], dict):
        where[place[-1]]["Oops"] = odd
    else:
        where[place[-1]] = odd
    valid = SCHEMA.is_valid(raw)
    assert valid or not read(raw)
    if valid and not read(raw):
        assert place[-1] in {"shortest", "longest", "lowest", "highest", "confirm", "secret", "is", "this", 0, "error"}


def test_ways_and_prompts_are_marked_for_whoever_draws() -> None:
    forms = {
        form["properties"]["kind"]["const"]: form["properties"]
        for form in flow_schema()["properties"]["nodes"]["additionalProperties"]["oneOf"]
    }
    menu = forms["menu"]
    assert menu["choices"]["additionalProperties"]["x-way"]
    assert menu["exhausted"]["x-way"]
    assert menu["error"]["x-way"]
    assert menu["prompts"]["items"]["x-prompt"]
    assert forms["condition"]["cases"]["items"]["properties"]["to"]["x-way"]
    assert "x-way" not in forms["collect"]["into"]
    assert "x-way" not in forms["condition"]["cases"]["items"]["properties"]["when"]["items"]["properties"]["value"]
    assert flow_schema()["properties"]["start"]["x-way"]


def test_a_layout_says_nothing_to_callers() -> None:
    document = {"start": "a", "apology": "b", "nodes": {"a": {"kind": "hangup"}}}
    assert parse_flow(json.dumps(document | {"layout": {"a": [1, 2]}}), "x") == parse_flow(json.dumps(document), "x")
