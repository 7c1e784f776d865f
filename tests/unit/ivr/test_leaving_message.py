"""A caller leaves a message: what he hears, what his keys do, and that nothing he has said is lost."""

from __future__ import annotations

import json
from dataclasses import fields
from typing import Any

import pytest

from callwright.asterisk.plan import AsteriskPlan
from ivr.errors import FlowRefused
from ivr.fastagi.limits import Limits
from ivr.flow.asked import Answered, KeepMessage, Matter
from ivr.flow.errands import LONGEST_MESSAGE_S
from ivr.flow.interpreter import advance, begin
from ivr.flow.leaving_message import GONE_S, WAIT_S
from ivr.flow.messages import (
    Ask,
    Effect,
    Failed,
    Heard,
    HungUp,
    Input,
    Known,
    PlayMessage,
    PlaySounds,
    ReadDigit,
    RecordMessage,
)
from ivr.flow.model import Flow
from ivr.flow.validator import find_problems
from ivr.prompts.converting import LONGEST_S
from ivr.service import our_documents
from tests.unit.ivr.flows import SOUNDS, small_flow
from tests.unit.ivr.test_errands import QUEUES, asked, end, play, said, steps

KEPT = Answered(way="kept", values={"number": "202601050001"})
RECORD = RecordMessage(take=1, longest_s=60, silence_s=4)


def leaving(**changes: Any) -> Flow:
    message = {
        "kind": "voicemail",
        "prompts": ["hello"],
        "review": ["ask"],
        "type": "repair",
        "subject": "a message",
        "longest_s": 60,
        "silence_s": 4,
        "shortest_s": 3,
        "kept": "yes",
        "empty": "no",
        "error": "house",
        **changes,
    }
    return small_flow(start="message", nodes={"message": message, **{name: QUEUES[name] for name in ENDS}})


ENDS = ("yes", "no", "house", "person")


def question(take: int = 1) -> KeepMessage:
    return KeepMessage(
        take=take, shortest_s=3, matter=Matter.REPAIR, subject="a message", caller="13800138000", customer=""
    )


def kinds(effects: list[Effect]) -> list[type[Effect]]:
    return [type(one) for one in effects]


def test_he_speaks_and_keeps_it() -> None:
    effects = play(leaving(), "", Heard(), "3", KEPT)
    assert said(effects) == [["hello"], ["ask"]]
    assert effects[1] == RECORD
    assert effects[3] == Ask(question=question(), within_s=3)
    assert steps(effects) == [("message", "", "message_kept")]
    assert end(effects) == "yes"


def test_keys_before_the_tone_are_for_nothing_that_comes_after_it() -> None:
    effects = play(leaving(), "333", Heard())
    assert kinds(effects) == [PlaySounds, RecordMessage, PlaySounds]


def test_he_listens_speaks_once_more_and_is_silent() -> None:
    effects = play(leaving(), "", Heard(), "1", "", "2", Heard(), "", "")
    assert effects[3:] == [
        PlayMessage(take=1),
        *[one for one in effects if isinstance(one, PlaySounds)][2:3],
        RECORD,
        *[one for one in effects if isinstance(one, PlaySounds)][3:4],
        ReadDigit(timeout_s=WAIT_S),
        Ask(question=question(), within_s=3),
    ]


def test_wrong_keys_ask_again_until_it_is_kept_anyhow() -> None:
    effects = play(leaving(tries=2), "", Heard(), "7", "8")
    assert said(effects) == [["hello"], ["ask"], ["ask"]]
    assert asked(effects) == [question()]


def test_without_a_question_it_is_kept_at_once() -> None:
    assert kinds(play(leaving(review=[]), "", Heard())) == [PlaySounds, RecordMessage, Ask]


@pytest.mark.parametrize(
    ("answer", "label", "to"),
    [
        (Answered(way="empty"), "message_empty", "no"),
        (Failed(), "not_answered", "house"),
        (Heard(digits="1"), "not_answered", "house"),
        (Answered(way="found"), "not_answered", "house"),
    ],
)
def test_each_other_answer_has_its_way(answer: Input, label: str, to: str) -> None:
    effects = play(leaving(), "", Heard(), "3", answer)
    assert steps(effects)[-1] == ("message", "", label)
    assert end(effects) == to


@pytest.mark.parametrize("happened", [(), ("",)], ids=["the words before it", "the recording"])
def test_what_cannot_be_said_or_recorded_leaves_by_the_error(happened: tuple[str, ...]) -> None:
    effects = play(leaving(), *happened, Failed())
    assert end(effects) == "house"
    assert asked(effects) == []


@pytest.mark.parametrize("happened", [("", Heard()), ("", Heard(), "1")], ids=["the question", "his own words"])
def test_what_cannot_be_said_afterwards_loses_nothing(happened: tuple[Input | str, ...]) -> None:
    assert asked(play(leaving(), *happened, Failed())) == [question()]


@pytest.mark.parametrize(
    ("happened", "kept"),
    [
        ((), False),
        (("",), True),
        (("", Heard()), True),
        (("", Heard(), ""), True),
        (("", Heard(), "1"), True),
        (("", Heard(), "2"), True),
        (("", Heard(), "3"), False),
        (("", Heard(), "3", KEPT), False),
    ],
)
def test_whoever_hangs_up_has_left_what_he_said(happened: tuple[Input | str, ...], kept: bool) -> None:
    flow = leaving()
    turn = begin(flow, Known(ani="13800138000"))
    for one in happened:
        turn = advance(flow, turn.state, Heard(digits=one) if isinstance(one, str) else one)
    turn = advance(flow, turn.state, HungUp())
    assert turn.state.over
    assert turn.effects == ((Ask(question=question(), within_s=GONE_S),) if kept else ())
    assert advance(flow, turn.state, KEPT).effects == ()


def test_each_visit_has_a_message_of_its_own() -> None:
    again = {"kind": "menu", "prompts": ["ask"], "choices": {"1": "message"}, "exhausted": "person"}
    flow = small_flow(start="message", nodes={**_raw(again), **{name: QUEUES[name] for name in ENDS}})
    effects = play(flow, "", Heard(), KEPT, "1", "", Heard())
    assert asked(effects) == [question(1), question(2)]


def _raw(again: dict[str, Any]) -> dict[str, Any]:
    message = {
        "kind": "voicemail",
        "prompts": ["hello"],
        "type": "repair",
        "subject": "a message",
        "shortest_s": 3,
        "kept": "again",
        "empty": "no",
        "error": "house",
    }
    return {"message": message, "again": again, "way": {"kind": "queue", "intent": "yes"}}


def test_its_prompts_must_be_there_and_its_ways_lead_round_in_no_circle() -> None:
    problems = [str(one) for one in find_problems(leaving(review=["gone"], empty="message"), SOUNDS)]
    assert any("no prompt “gone”" in one for one in problems)
    assert any("round in a circle" in one for one in problems)


def test_the_longest_message_can_be_listened_to_before_his_time_is_over() -> None:
    assert Limits().prompt_s >= LONGEST_MESSAGE_S
    assert Limits().prompt_s > max(LONGEST_S, 152)  # uploads; an article of 600 Chinese characters by espeak-ng
    (limit,) = (one.default for one in fields(AsteriskPlan) if one.name == "menu_limit_s")
    assert limit > 2 * LONGEST_MESSAGE_S
    assert leaving(longest_s=LONGEST_MESSAGE_S)
    with pytest.raises(FlowRefused, match="longest_s"):
        leaving(longest_s=LONGEST_MESSAGE_S + 1)


def test_what_the_demos_menus_write_down_comes_to_somebody_as_work() -> None:
    named = {
        (flow, name): node.get("queue")
        for flow, document in our_documents().items()
        for name, node in json.loads(document)["nodes"].items()
        if node["kind"] in ("voicemail", "open_ticket")
    }
    assert named == {("main", "message"): "service", ("voicemail", "message"): "service"}
