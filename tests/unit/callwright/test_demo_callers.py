"""The demo's callers: what they press, and who they are."""

from __future__ import annotations

import random
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callwright.demo.callers import CHOICE_KEYS, HOTLINE, CallPlan, Person, draw_plan
from callwright.demo.phones import from_header
from crm_core.kernel.language import Language

PEOPLE = [
    Person(number="13800138000", name="张伟", language=Language.ZH),
    Person(number="+442079460123", name="Jane Miller", language=Language.EN),
]


@pytest.mark.parametrize(
    ("plan", "keys"),
    [
        (CallPlan(number="1", language=Language.ZH, choice="repair"), ("1", "2")),
        (CallPlan(number="1", language=Language.EN, choice="complaint"), ("2", "3")),
        (CallPlan(number="1", language=Language.EN, choice="operator"), ("2", "0")),
        (CallPlan(number="1", choice=""), ()),
        (CallPlan(number="1", dnis="4008001"), ()),
    ],
)
def test_a_caller_presses_language_and_choice_where_there_is_a_menu(plan: CallPlan, keys: tuple[str, ...]) -> None:
    assert plan.keys() == keys


def test_callers_are_mostly_known_sometimes_strangers_and_now_and_then_withheld() -> None:
    dice = random.Random(7)
    plans = [draw_plan(dice, PEOPLE) for _ in range(2000)]
    known = {person.number for person in PEOPLE}

    kinds = Counter("withheld" if p.number is None else "known" if p.number in known else "stranger" for p in plans)
    assert kinds["known"] > 1400
    assert 150 < kinds["stranger"] < 450
    assert 50 < kinds["withheld"] < 250
    assert Counter(plan.dnis for plan in plans)[HOTLINE] > 1400
    assert {plan.choice for plan in plans} == set(CHOICE_KEYS)
    assert all(plan.language is Language.EN for plan in plans if plan.number == "+442079460123")


def test_without_a_world_everybody_is_a_stranger() -> None:
    dice = random.Random(7)
    assert all(draw_plan(dice, []).name == "" for _ in range(50))


@pytest.mark.parametrize(
    ("number", "name", "header"),
    [
        ("13800138000", "张伟", '"张伟" <sip:13800138000@127.0.0.1>'),
        ("13800138000", "", "<sip:13800138000@127.0.0.1>"),
        (None, "", '"Anonymous" <sip:anonymous@anonymous.invalid>'),
        ("1", 'a "b" \\', '"a \\"b\\" \\\\" <sip:1@127.0.0.1>'),
        ("*1#", "x", '"x" <sip:*1%23@127.0.0.1>'),
    ],
)
def test_the_from_header(number: str | None, name: str, header: str) -> None:
    assert from_header(number, name, "127.0.0.1:5060") == header


@given(st.text())
def test_no_display_name_breaks_out_of_the_header(name: str) -> None:
    header = from_header("1", name, "127.0.0.1:5060")
    assert "\r" not in header
    assert "\n" not in header
    assert header.endswith("<sip:1@127.0.0.1>")
    inside = header.removesuffix("<sip:1@127.0.0.1>").strip()
    assert inside == "" or (inside[0] == inside[-1] == '"' and _quotes_are_escaped(inside[1:-1]))


def _quotes_are_escaped(text: str) -> bool:
    skipping = False
    for character in text:
        if character == '"' and not skipping:
            return False
        skipping = character == "\\" and not skipping
    return not skipping
