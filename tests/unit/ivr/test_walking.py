"""Node by node: where a caller was, for how long, what he typed there, and by which way he went on."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ivr.flow.asked import Answered
from ivr.flow.interpreter import advance, begin
from ivr.flow.loader import load_flow, parse_flow
from ivr.flow.messages import Failed, HandOver, Heard, HungUp, Input, Known, State
from ivr.flow.model import Flow, exits, linked
from ivr.flow.nodes import Collect, Return
from ivr.flow.place import here
from ivr.flow.walking import cut_off, left, visits
from ivr.furniture import our_calendars
from ivr.service import OUR_FLOWS
from tests.unit.ivr.flows import answers, ending_flows, small_flow, with_node

MAIN = replace(load_flow(OUR_FLOWS / "main.json"), calendars=our_calendars())
NOON = datetime(2026, 1, 5, 12, 0, tzinfo=ZoneInfo("Asia/Shanghai"))
"""A Monday."""
ENDS = {"queue", "end", "hung_up", "max_steps"}
Told = list[tuple[str, float, tuple[str, ...], str]]


def at(seconds: float) -> datetime:
    return NOON + timedelta(seconds=seconds)


def heard(seconds: float, digits: str = "") -> Heard:
    return Heard(digits=digits, at=at(seconds))


def state_after(flow: Flow, *happened: Input) -> State:
    turn = begin(flow, Known(at=NOON))
    for one in happened:
        turn = advance(flow, turn.state, one)
    return turn.state


def told(flow: Flow, *happened: Input) -> Told:
    return [(one.node, one.seconds, one.entered, one.way) for one in visits(flow, state_after(flow, *happened))]


def test_the_way_to_a_repair() -> None:
    walked = told(MAIN, heard(3), heard(5, "2"), heard(5), heard(7), heard(12, "#"), heard(15.25, "2"), heard(17))
    assert walked == [
        ("welcome", 3.0, (), "next"),
        ("language", 2.0, ("2",), "choices.2"),
        ("english", 0.0, (), "next"),
        ("hours", 0.0, (), "open"),
        ("notice", 2.0, (), "next"),
        ("main", 8.2, ("#", "2"), "choices.2"),
        ("repair", 0.0, (), "next"),
        ("connecting", 1.8, (), "next"),
        ("person", 0.0, (), "queue"),
    ]


def test_what_did_not_fit_is_told_beside_what_did() -> None:
    walked = visits(MAIN, state_after(MAIN, heard(0, "1"), heard(1), heard(2, "#"), heard(4), heard(9), heard(12, "2")))
    main = next(one for one in walked if one.node == "main")
    assert (main.entered, main.wrong, main.way) == (("#", "", "2"), ("#", ""), "choices.2")


def test_keys_typed_ahead_belong_to_the_questions_they_answer() -> None:
    walked = told(MAIN, heard(2, "1922"), heard(2), heard(3))
    assert [(node, entered) for node, _, entered, _ in walked if entered] == [
        ("language", ("1",)),
        ("main", ("9",)),
        ("main", ("2",)),
    ]


def test_who_hangs_up_did_so_where_he_stood() -> None:
    assert told(MAIN, heard(3), HungUp(at=at(4)))[-1] == ("language", 1.0, (), "hung_up")


def test_giving_up_on_him_is_no_choice_of_his() -> None:
    tries = [heard(seconds, "7") for seconds in (1, 2, 3)]
    assert told(small_flow(), heard(0), *tries)[1] == ("menu", 3.0, ("7", "7", "7"), "exhausted")


def test_an_error_is_told_as_one_even_where_it_leads_where_others_do() -> None:
    assert [way for *_, way in told(small_flow(), Failed(at=at(1)))] == ["error", "queue"]


def test_secret_digits_are_told_to_nobody() -> None:
    pin = {"kind": "collect", "into": "pin", "prompts": ["ask"], "longest": 4, "secret": True, "tries": 2}
    flow = parse_flow(json.dumps(with_node("menu", pin | {"next": "person", "exhausted": "person"})), "small")
    (asked,) = [
        one for one in visits(flow, state_after(flow, heard(0), heard(3, "86420#"), heard(6, "8642#"))) if one.entered
    ]
    assert (asked.entered, asked.wrong, asked.way) == (("****", "****"), ("****",), "next")


def _with_sub_flow() -> Flow:
    ask: dict[str, Any] = {"kind": "menu", "prompts": ["ask"], "choices": {"1": "back"}, "exhausted": "back"}
    inside = parse_flow(json.dumps(_document("ask", {"ask": ask, "back": {"kind": "return"}}, "back")), "inside")
    call = {"kind": "sub_flow", "flow": "inside", "next": "person"}
    outer = parse_flow(json.dumps(_document("call", {"call": call, "person": {"kind": "queue"}}, "person")), "small")
    return linked({"small": outer, "inside": inside})["small"]


def _document(start: str, nodes: dict[str, Any], error: str) -> dict[str, Any]:
    return {"start": start, "apology": "sorry", "error": error, "nodes": nodes}


def test_a_sub_flow_is_left_when_he_is_back() -> None:
    walked = visits(_with_sub_flow(), state_after(_with_sub_flow(), heard(4, "1")))
    assert [(one.flow, one.node, one.seconds, one.way) for one in walked] == [
        ("small", "call", 4.0, "next"),
        ("inside", "ask", 4.0, "choices.1"),
        ("inside", "back", 0.0, "next"),
        ("small", "person", 0.0, "queue"),
    ]


def test_who_hangs_up_inside_has_left_both() -> None:
    walked = told(_with_sub_flow(), HungUp(at=at(2)))
    assert walked == [("call", 2.0, (), "hung_up"), ("ask", 2.0, (), "hung_up")]


def _message() -> Flow:
    node = {"kind": "voicemail", "prompts": ["hello"], "type": "other", "subject": "a message"}
    ways = {"kept": "person", "empty": "person"}
    return parse_flow(json.dumps(with_node("menu", node | ways)), "small")


@pytest.mark.parametrize(("answer", "way"), [("kept", "kept"), ("empty", "hung_up")])
def test_who_hangs_up_after_the_tone_has_left_his_message(answer: str, way: str) -> None:
    spoke = (heard(1), heard(3), HungUp(at=at(20)), Answered(way=answer, at=at(21)))
    (*_, last) = visits(_message(), state_after(_message(), *spoke))
    assert (last.node, last.way, last.done) == ("menu", way, "message_kept" if way == "kept" else "")


def test_a_phone_that_rings_for_him_is_the_way_out_until_he_is_back() -> None:
    transfer = {"kind": "transfer", "number": "ani", "unusable": "person"}
    flow = parse_flow(json.dumps(with_node("menu", transfer)), "small")
    turn = advance(flow, begin(flow, Known(at=NOON, ani="1001")).state, heard(1))
    turn = advance(flow, turn.state, Answered(way="agent", values={"to": "1001"}, at=at(2)))
    assert isinstance(turn.effects[-1], HandOver)
    assert visits(flow, left(turn.state, "agent"))[-1].way == "agent"
    back = visits(flow, advance(flow, turn.state, Failed(at=at(22))).state)
    assert [(one.node, one.seconds, one.way) for one in back[1:]] == [("menu", 21.0, "error"), ("person", 0.0, "queue")]


def test_whose_line_broke_may_be_anywhere() -> None:
    gone = advance(MAIN, begin(MAIN, Known(at=NOON)).state, HungUp(at=at(2))).state
    assert visits(MAIN, cut_off(gone, at(2)))[-1].way == "cut"


def test_what_was_done_for_him_is_said() -> None:
    keys = (heard(1, "1"), heard(1), heard(2, "4"), heard(9, "202601050007#"))
    told_of_it = Answered(way="told", values={"status": "open"}, at=at(9.5))
    walked = visits(MAIN, state_after(MAIN, *keys, told_of_it, heard(15), HungUp(at=at(18))))
    assert [(one.node, one.done) for one in walked if one.done] == [("ticket", "ticket_told")]
    assert (walked[-1].node, walked[-1].way) == ("main", "hung_up")


def test_without_a_clock_nothing_is_told() -> None:
    assert visits(MAIN, begin(MAIN).state) == ()


moments = st.lists(st.floats(0, 30), min_size=30, max_size=30).map(sorted)
deeds = st.lists(
    st.one_of(
        st.text("0123456789*#", max_size=6).map(lambda digits: Heard(digits=digits)),
        st.builds(Failed),
        answers(),
        st.builds(HungUp),
    ),
    max_size=30,
)


@given(flow=ending_flows(), happened=deeds, seconds=moments)
def test_every_node_he_came_to_was_left_by_a_way_it_has(
    flow: Flow, happened: list[Input], seconds: list[float]
) -> None:
    turn = begin(flow, Known(at=NOON))
    for one, moment in zip(happened, seconds, strict=False):
        turn = advance(flow, turn.state, _timed(one, at(moment)))
    state = turn.state
    assert tuple(one.place for one in state.walked) == state.path
    assert [one.at for one in state.walked if one.at] == sorted(one.at for one in state.walked if one.at)
    for visit in state.walked:
        inside = here(flow, _at(state, visit.place))
        node = inside.nodes[visit.place[-1]]
        assert visit.way in {name for name, _ in exits(node)} | ENDS | ({"next"} if isinstance(node, Return) else {""})
        assert (visit.until is None) == (not visit.way)
        assert not state.over or visit.way
        assert set(visit.wrong) <= set(visit.entered)
        if isinstance(node, Collect) and node.secret:
            assert set(visit.entered) <= {"", "****"}


def _timed(one: Input, moment: datetime) -> Input:
    match one:
        case Heard(digits=digits):
            return Heard(digits=digits, at=moment)
        case Answered(way=way, values=values, customer=customer):
            return Answered(way=way, values=values, customer=customer, at=moment)
        case Failed():
            return Failed(at=moment)
        case HungUp():
            return HungUp(at=moment)


def _at(state: State, place: tuple[str, ...]) -> Any:
    return replace(state, inside=place[:-1], node=place[-1])
