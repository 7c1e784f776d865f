"""The nodes that collect, say, decide, look at the clock and call other flows, played through."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ivr.flow.interpreter import advance, begin
from ivr.flow.loader import parse_flow
from ivr.flow.messages import Effect, EnterQueue, Failed, Heard, Input, Known, PlaySounds, ReadDigit, Step
from ivr.flow.model import Flow, linked
from tests.unit.ivr.flows import document, small_flow

SHANGHAI = ZoneInfo("Asia/Shanghai")
QUEUES = {name: {"kind": "queue", "intent": name} for name in ("person", "yes", "no")}


def play(flow: Flow, *happened: Input | str, known: Known | None = None) -> list[Effect]:
    turn = begin(flow, known)
    effects = [*turn.effects]
    for one in happened:
        turn = advance(flow, turn.state, Heard(digits=one) if isinstance(one, str) else one)
        effects += turn.effects
    return effects


def said(effects: list[Effect]) -> list[list[str]]:
    return [[sound.key for sound in one.sounds] for one in effects if isinstance(one, PlaySounds)]


def steps(effects: list[Effect]) -> list[tuple[str, str, str]]:
    return [(one.node, one.entered, one.label) for one in effects if isinstance(one, Step)]


def end(effects: list[Effect]) -> str | None:
    last = effects[-1]
    return last.intent if isinstance(last, EnterQueue) else None


def collecting(**changes: Any) -> Flow:
    """Asks for 3 to 5 digits and repeats them when they have become a value."""
    question = {
        "kind": "collect",
        "into": "account",
        "prompts": ["ask"],
        "shortest": 3,
        "longest": 5,
        "wrong": ["wrong"],
        "silent": ["silent"],
        "next": {"to": "repeat", "label": "entered"},
        "exhausted": {"to": "no", "label": "gave_up"},
        **changes,
    }
    repeat = {"kind": "say", "parts": ["hello", {"say": "digits", "value": "account"}], "next": "yes"}
    return small_flow(start="question", nodes={"question": question, "repeat": repeat, **QUEUES})


# Collecting ----------------------------------------------------------------------------------------------------------


def test_digits_and_the_key_that_ends_them() -> None:
    effects = play(collecting(), "", "1", "2", "3", "#", "")
    assert said(effects) == [["ask"], ["hello", "digit_1", "n_2", "n_3"]]
    assert steps(effects) == [("question", "123", "entered")]
    assert end(effects) == "yes"


def test_silence_ends_them_too() -> None:
    assert steps(play(collecting(), "", "1", "2", "3", "")) == [("question", "123", "entered")]


def test_so_long_is_waited_for_a_digit() -> None:
    effects = play(collecting(timeout_s=7, between_s=2, longest=3), "", "1", "2", "3")
    assert [one.timeout_s for one in effects if isinstance(one, ReadDigit)] == [7, 2, 2, 1]


def test_without_a_terminator_the_last_digit_ends_them() -> None:
    effects = play(collecting(terminator="", longest=3), "", "1", "2", "3")
    assert steps(effects) == [("question", "123", "entered")]


@pytest.mark.parametrize("last", ["#", ""])
def test_the_terminator_after_the_last_digit_answers_no_other_question(last: str) -> None:
    effects = play(collecting(), "", "12345", last)
    assert said(effects) == [["ask"], ["hello", "digit_1", "n_2", "n_3", "n_4", "n_5"]]


@pytest.mark.parametrize("typed", [("1234567#",), ("12345", "67", ""), (*"1234567", "#")])
def test_a_digit_too_many_makes_it_wrong(typed: tuple[str, ...]) -> None:
    """It is not cut to what would fit, somebody else's account perhaps; and no part of it answers what follows."""
    effects = play(collecting(), "", *typed, "", "123#", "")
    assert steps(effects) == [("question", "1234567", ""), ("question", "123", "entered")]
    assert said(effects)[1] == ["wrong", "ask"]


def test_without_a_terminator_a_digit_too_many_is_for_what_comes_next() -> None:
    """Typed ahead, it skips what is said there."""
    effects = play(collecting(terminator=""), "123456")
    assert steps(effects) == [("question", "12345", "entered")]
    assert said(effects) == [["ask"]]


def test_typed_ahead_nothing_is_asked() -> None:
    raw = document()
    raw["nodes"]["menu"]["choices"]["1"] = "question"
    raw["nodes"]["question"] = {
        "kind": "collect",
        "into": "account",
        "prompts": ["ask"],
        "longest": 5,
        "next": "person",
        "exhausted": "person",
    }
    effects = play(small_flow(nodes=raw["nodes"]), "142#")
    assert said(effects) == [["hello"]]
    assert steps(effects) == [("menu", "1", ""), ("question", "42", "entered")]


@pytest.mark.parametrize("typed", ["12#", "1*", "*", "#"])
def test_what_does_not_fit_is_asked_again(typed: str) -> None:
    effects = play(collecting(), typed + "77")
    assert steps(effects) == [("question", typed.removesuffix("#"), "")]
    assert said(effects) == [["ask"], ["wrong", "ask"]]


def test_a_way_on_without_a_word_is_told_as_an_entry_all_the_same() -> None:
    for way in "repeat", {"to": "repeat"}:
        assert steps(play(collecting(next=way), "123#")) == [("question", "123", "entered")]


def test_a_long_number_has_all_its_digits() -> None:
    number = "12345678901234567"
    flow = collecting(longest=20, lowest=int(number), highest=int(number))
    assert steps(play(flow, f"{number}#")) == [("question", number, "entered")]


def test_a_range() -> None:
    flow = collecting(lowest=200, highest=400)
    assert [steps(play(flow, f"{typed}#"))[0][2] for typed in ("199", "200", "400", "401")] == [
        "",
        "entered",
        "entered",
        "",
    ]


def test_silence_is_asked_again_and_at_last_left() -> None:
    effects = play(collecting(tries=2), "", "", "", "")
    assert said(effects) == [["ask"], ["silent", "ask"]]
    assert steps(effects) == [("question", "", ""), ("question", "", "gave_up")]
    assert end(effects) == "no"


def test_a_prompt_that_is_missing_leaves_by_the_error_exit() -> None:
    assert end(play(collecting(), Failed())) == "person"


CONFIRM = {"before": ["hello"], "after": ["bye"], "key": "1"}


def test_what_was_typed_is_repeated_and_confirmed() -> None:
    effects = play(collecting(confirm=CONFIRM), "123#", "", "1", "")
    assert said(effects)[1] == ["hello", "digit_1", "n_2", "n_3", "bye"]
    assert steps(effects) == [("question", "123", "entered")]


@pytest.mark.parametrize("answer", ["2", ""])
def test_what_is_not_confirmed_is_asked_again(answer: str) -> None:
    effects = play(collecting(confirm=CONFIRM), "123#", "", answer, "456#1", "")
    assert steps(effects) == [("question", "123" if answer else "", ""), ("question", "456", "entered")]


SECRET = "8642"


def pin_and_account(terminator: str) -> Flow:
    """A secret, and then a question whose answer is none."""
    ways = {"exhausted": "no", "prompts": ["ask"]}
    pin = {"kind": "collect", "into": "pin", "longest": 4, "secret": True, "next": "account", **ways}
    account = {"kind": "collect", "into": "account", "longest": 8, "next": "yes", **ways}
    return small_flow(start="pin", nodes={"pin": pin | {"terminator": terminator}, "account": account, **QUEUES})


@pytest.mark.parametrize("terminator", ["#", ""])
@pytest.mark.parametrize("typed", [["12345678#"], [*"12345678#"], ["1234", "5678#"]])
def test_no_part_of_a_secret_spills_into_the_next_question(terminator: str, typed: list[str]) -> None:
    told = steps(play(pin_and_account(terminator), "", *typed, ""))
    assert told == [("pin", "****", "")]


@pytest.mark.parametrize(("terminator", "typed"), [("#", ["1234#"]), ("#", ["1234#5678"]), ("", ["1234", ""])])
def test_what_is_left_after_a_secret_is_for_nobody(terminator: str, typed: list[str]) -> None:
    told = steps(play(pin_and_account(terminator), *typed, "", "77#"))
    assert told == [("pin", "****", "entered"), ("account", "77", "entered")]


@given(st.lists(st.sampled_from(["", *"13579*#", SECRET]), max_size=20))
def test_a_secret_is_in_nothing_that_is_told(happened: list[str]) -> None:
    effects = play(collecting(secret=True), *happened)
    assert {entered for node, entered, _ in steps(effects) if node == "question"} <= {"", "****"}


# Saying --------------------------------------------------------------------------------------------------------------


def sentence(value: str, kind: str = "money", *, barge_in: bool = True) -> Flow:
    nodes = {
        "set": {"kind": "set", "values": {"sum": value}, "next": "say"},
        "say": {
            "kind": "say",
            "parts": ["hello", {"say": kind, "value": "sum"}, "zh:bye"],
            "next": "yes",
            "error": "no",
            "barge_in": barge_in,
        },
        **QUEUES,
    }
    return small_flow(start="set", nodes=nodes)


def test_a_sentence_of_prompts_and_values() -> None:
    effects = play(sentence("5.05"), "")
    assert said(effects) == [["hello", "n_5", "yuan", "n_0", "n_5", "fen", "bye"]]
    assert end(effects) == "yes"


def test_what_cannot_be_said_leaves_by_the_error_exit() -> None:
    effects = play(sentence("five"))
    assert said(effects) == []
    assert end(effects) == "no"


@pytest.mark.parametrize("written", ["2026-11-28T01:30:00Z", "2026-11-27T20:30:00-05:00", "2026-11-28T09:30:00+08:00"])
def test_a_moment_of_another_zone_is_told_in_the_houses_time(written: str) -> None:
    here = Known(at=datetime(2026, 11, 27, 12, 0, tzinfo=ZoneInfo("Asia/Shanghai")))
    assert said(play(sentence(written, "time"), "", known=here)) == [["hello", "n_9", "hour", "n_30", "minute", "bye"]]
    assert said(play(sentence(written, "date"), "", known=here))[0][-4:-1] == ["n_20", "n_8", "day"]


@pytest.mark.parametrize("barge_in", [True, False])
def test_barge_in(barge_in: bool) -> None:
    (effect,) = play(sentence("5", barge_in=barge_in))
    assert isinstance(effect, PlaySounds)
    assert effect.barge_in is barge_in


# Deciding ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("when", "ani", "holds"),
    [
        ({"value": "ani", "is": "equals", "this": ["110", "119"]}, "119", True),
        ({"value": "ani", "is": "equals", "this": ["110"]}, "", False),
        ({"value": "ani", "is": "equals", "this": ["110"], "not": True}, "", True),
        ({"value": "ani", "is": "begins_with", "this": ["021", "+8621"]}, "02164881234", True),
        ({"value": "ani", "is": "begins_with", "this": ["021"]}, "13800138000", False),
        ({"value": "ani", "is": "below", "this": ["100"]}, "99.5", True),
        ({"value": "ani", "is": "below", "this": ["100"]}, "x", False),
        ({"value": "ani", "is": "above", "this": ["100"]}, "101", True),
        ({"value": "ani", "is": "above", "this": ["100"]}, "inf", False),
        ({"value": "ani", "is": "known"}, "1", True),
        ({"value": "ani", "is": "known"}, "", False),
        ({"value": "language", "is": "equals", "this": ["zh"]}, "", True),
        ({"value": "dnis", "is": "equals", "this": ["4008000"]}, "", True),
    ],
)
def test_conditions(when: dict[str, Any], ani: str, holds: bool) -> None:
    node = {"kind": "condition", "cases": [{"when": [when], "to": "yes"}], "otherwise": "no"}
    flow = small_flow(start="decide", nodes={"decide": node, **QUEUES})
    assert end(play(flow, known=Known(ani=ani, dnis="4008000"))) == ("yes" if holds else "no")


def test_all_of_a_case_must_hold_and_the_first_one_counts() -> None:
    first = {"when": [{"value": "ani", "is": "known"}, {"value": "ani", "is": "equals", "this": ["1"]}], "to": "yes"}
    second = {"when": [{"value": "ani", "is": "known"}], "to": "no"}
    node = {"kind": "condition", "cases": [first, second], "otherwise": "person"}
    flow = small_flow(start="decide", nodes={"decide": node, **QUEUES})
    assert [end(play(flow, known=Known(ani=ani))) for ani in ("1", "2", "")] == ["yes", "no", "person"]


# The clock -----------------------------------------------------------------------------------------------------------


def hours(**changes: Any) -> Flow:
    node = {"kind": "open_hours", "calendar": "house", "open": "yes", "closed": "say", "error": "no", "until": "back"}
    say = {
        "kind": "say",
        "parts": [{"say": "date", "value": "back"}, {"say": "time", "value": "back"}],
        "next": "person",
        "error": "no",
    }
    calendar = {
        "week": {"mon": ["09:00-18:00"]},
        "holidays": {"2026-11-30": "a day off"},
        "working_days": {"2026-12-05/2026-12-06": ["10:00-24:00"]},
    }
    nodes = {"look": node, "say": say, **QUEUES}
    return small_flow(start="look", nodes=nodes, calendars={"house": {**calendar, **changes}})


@pytest.mark.parametrize(
    ("now", "where"),
    [
        ("2026-11-23T10:00", "yes"),
        ("2026-11-30T10:00", "person"),
        ("2026-12-06T23:59", "yes"),
        ("2026-12-05T09:59", "person"),
    ],
)
def test_open_and_closed(now: str, where: str) -> None:
    at = datetime.fromisoformat(now).replace(tzinfo=SHANGHAI)
    assert end(play(hours(), "", known=Known(at=at))[:]) == where


def test_when_it_opens_again_can_be_said() -> None:
    effects = play(hours(), known=Known(at=datetime(2026, 11, 29, 10, tzinfo=SHANGHAI)))
    date = ["n_2", "n_0", "n_2", "n_6", "year", "n_12", "month", "n_5", "day"]
    assert said(effects) == [[*date, "n_10", "hour"]]


def test_the_time_of_the_last_thing_heard_counts() -> None:
    raw = document(calendars={"house": {"week": {"mon": ["09:00-18:00"]}}})
    raw["nodes"]["menu"]["choices"]["1"] = "look"
    raw["nodes"] |= QUEUES | {
        "look": {"kind": "open_hours", "calendar": "house", "open": "yes", "closed": "no"},
    }
    flow = parse_flow(json.dumps(raw), "small")
    monday = datetime(2026, 11, 30, 17, 59, tzinfo=SHANGHAI)
    heard = Heard(digits="1", at=monday.replace(hour=18))
    assert end(play(flow, heard, known=Known(at=monday))) == "no"


def test_without_a_time_there_is_an_error_exit() -> None:
    assert end(play(hours())) == "no"


def test_a_house_that_never_opens_has_no_time_to_say() -> None:
    at = datetime(2026, 11, 29, 10, tzinfo=SHANGHAI)
    assert end(play(hours(week={}, working_days={}), known=Known(at=at))) == "no"


# Other flows ---------------------------------------------------------------------------------------------------------


def together(**nodes: Any) -> Flow:
    call = {"kind": "sub_flow", "flow": "other", "next": "decide"}
    decide = {
        "kind": "condition",
        "cases": [{"when": [{"value": "account", "is": "known"}], "to": "yes"}],
        "otherwise": "no",
    }
    outer = document(start="call", nodes={"call": call, "decide": decide, **QUEUES})
    ask = {
        "kind": "menu",
        "prompts": ["ask"],
        "choices": {"1": {"to": "keep", "label": "one"}},
        "exhausted": "back",
        "error": "back",
    }
    keep = {"kind": "set", "values": {"account": "7"}, "next": "back"}
    inner = {
        "start": "ask",
        "apology": "sorry",
        "nodes": {"ask": ask, "keep": keep, "back": {"kind": "return"}, **nodes},
    }
    flows = {"outer": parse_flow(json.dumps(outer), "outer"), "other": parse_flow(json.dumps(inner), "other")}
    return linked(flows)["outer"]


def test_there_and_back_with_what_was_learnt() -> None:
    effects = play(together(), "1")
    assert end(effects) == "yes"
    assert [one for one in effects if isinstance(one, Step)] == [
        Step(node="ask", entered="1", label="one", flow="other")
    ]


def test_back_without_having_learnt_anything() -> None:
    assert end(play(together(), Failed())) == "no"


def test_a_sub_flow_may_end_the_call() -> None:
    assert end(play(together(keep={"kind": "queue", "intent": "there"}), "1")) == "there"


def test_a_flow_that_is_gone_is_an_error_exit() -> None:
    alone = small_flow(start="call", nodes={"call": {"kind": "sub_flow", "flow": "gone", "next": "yes"}, **QUEUES})
    assert end(play(alone)) == "person"


def test_who_returns_from_nowhere_gets_a_person() -> None:
    flow = small_flow(start="back", nodes={"back": {"kind": "return"}})
    assert play(flow) == [EnterQueue(language=flow.language, skills={"zh": 1}, queue=flow.needs.queue)]
