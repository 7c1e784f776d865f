"""A caller proves who he is by the number of his account and a PIN, which is told to nobody."""

from __future__ import annotations

from typing import Any

import pytest

from ivr.flow.asked import Answered, ProveWho
from ivr.flow.messages import Failed, Input
from ivr.flow.model import Flow
from ivr.flow.validator import find_problems
from tests.unit.ivr.flows import SOUNDS, small_flow
from tests.unit.ivr.test_errands import QUEUES, ZHANG, asked, end, play, steps


def proving(*, again: Any = None, offer: Any = None, **changes: Any) -> Flow:
    digits = {"kind": "collect", "prompts": ["ask"], "longest": 8, "exhausted": "person"}
    check = {
        "kind": "check_pin",
        "account": "account",
        "pin": "pin",
        "found": "level",
        "wrong": "no",
        "locked": "several",
        "error": "house",
        **changes,
    }
    level = {
        "kind": "condition",
        "cases": [{"when": [{"value": "customer_level", "is": "equals", "this": ["vip"]}], "to": "yes"}],
        "otherwise": "person",
    }
    nodes = {
        "account": {**digits, "into": "account", "next": "pin"},
        "pin": {**digits, "into": "pin", "secret": True, "next": "check"},
        "check": check,
        "level": level,
        **QUEUES,
        **({"again": again} if again else {}),
        **({"offer": offer} if offer else {}),
    }
    return small_flow(start="account", nodes=nodes)


def test_both_are_asked_about_and_he_is_known_then() -> None:
    effects = play(proving(), "4711#", "280519#", ZHANG)
    assert asked(effects) == [ProveWho(account="4711", pin="280519", caller="13800138000")]
    assert end(effects) == "yes"


def test_the_pin_is_told_to_nobody() -> None:
    effects = play(proving(), "4711#", "280519#", ZHANG)
    assert steps(effects) == [("account", "4711", "entered"), ("pin", "****", "entered"), ("check", "", "pin_found")]
    assert "280519" not in repr(asked(effects))


@pytest.mark.parametrize(
    ("answer", "label", "to"),
    [
        (Answered(way="wrong"), "pin_wrong", "no"),
        (Answered(way="locked"), "pin_locked", "several"),
        (Failed(), "not_answered", "house"),
    ],
)
def test_each_answer_has_its_way(answer: Input, label: str, to: str) -> None:
    effects = play(proving(), "4711#", "280519#", answer)
    assert steps(effects)[-1] == ("check", "", label)
    assert end(effects) == to


def test_a_pin_that_is_not_collected_as_secret_is_refused() -> None:
    problems = [str(one) for one in find_problems(proving(pin="account"), SOUNDS)]
    assert problems == ["node “check”, field “pin”: “account” must be collected as secret"]


def test_a_pin_that_is_collected_in_the_open_somewhere_is_refused() -> None:
    """Also when it is secret where it is asked for first: each key of the second would be told."""
    again = {"kind": "collect", "into": "pin", "prompts": ["ask"], "longest": 8, "exhausted": "person", "next": "check"}
    flow = proving(wrong="again", again=again)
    assert [str(one) for one in find_problems(flow, SOUNDS) if one.field == "pin"] == [
        "node “check”, field “pin”: “pin” must be collected as secret"
    ]


def test_a_secret_is_no_number_to_call_back_at() -> None:
    """It would stand in the callback."""
    offer = {"kind": "offer_callback", "number": "pin", "why": "asked", "promised": "person", "unusable": "person"}
    flow = proving(wrong="offer", offer={**offer, "error": "person"})
    assert [str(one) for one in find_problems(flow, SOUNDS) if one.field == "number"] == [
        "node “offer”, field “number”: “pin” is secret and is not written"
    ]


def test_it_holds_as_it_is() -> None:
    assert find_problems(proving(), SOUNDS) == ()
