"""A caller is asked how satisfied he is: one key, asked again, or declined."""

from __future__ import annotations

from typing import Any

import pytest

from ivr.flow.asked import Answered, KeepComment, Rate
from ivr.flow.messages import Ask, Failed, Heard, HungUp, Input, ReadDigit, RecordMessage
from ivr.flow.model import Flow
from ivr.flow.validator import find_problems
from tests.unit.ivr.flows import SOUNDS, small_flow
from tests.unit.ivr.test_errands import QUEUES, asked, end, play, said, steps

RATED = Answered(way="rated")
ENDS = ("yes", "no", "house", "person")


def surveying(**changes: Any) -> Flow:
    survey = {
        "kind": "survey",
        "prompts": ["ask"],
        "wrong": ["wrong"],
        "silent": ["silent"],
        "timeout_s": 4,
        "rated": "yes",
        "declined": "no",
        "error": "house",
        **changes,
    }
    return small_flow(start="survey", nodes={"survey": survey, **{name: QUEUES[name] for name in ENDS}})


@pytest.mark.parametrize("key", "12345")
def test_a_key_from_1_to_5_is_his_rating(key: str) -> None:
    effects = play(surveying(within_s=2), key, RATED)
    assert said(effects) == [["ask"]]
    assert effects[2] == Ask(question=Rate(score=int(key)), within_s=2)
    assert steps(effects) == [("survey", key, "score"), ("survey", "", "survey_rated")]
    assert end(effects) == "yes"


def test_wrong_keys_and_silence_are_asked_again_and_then_he_has_declined() -> None:
    effects = play(surveying(tries=3), "7", "", "", "0")
    assert said(effects) == [["ask"], ["wrong", "ask"], ["silent", "ask"]]
    assert [one for one in effects if isinstance(one, ReadDigit)] == [ReadDigit(timeout_s=4)]
    assert steps(effects) == [("survey", "7", ""), ("survey", "", ""), ("survey", "", "survey_declined")]
    assert end(effects) == "no"
    assert asked(effects) == []


@pytest.mark.parametrize("answer", [Failed(), Heard(), Heard(digits="1"), Answered(way="found")])
def test_a_house_that_does_not_answer_leaves_by_the_error(answer: Input) -> None:
    effects = play(surveying(), "4", answer)
    assert steps(effects)[-1] == ("survey", "", "not_answered")
    assert end(effects) == "house"


def test_words_that_cannot_be_said_leave_by_the_error() -> None:
    assert end(play(surveying(), Failed())) == "house"


def test_an_answer_to_something_else_is_no_rating() -> None:
    assert asked(play(surveying(), RATED, "5")) == [Rate(score=5)]


def test_its_prompts_must_be_there() -> None:
    assert any("no prompt “gone”" in str(one) for one in find_problems(surveying(silent=["gone"]), SOUNDS))


# And why --------------------------------------------------------------------------------------------------------------

TONE = RecordMessage(take=1, longest_s=60, silence_s=4, comment=True)
COMMENTED = Answered(way="commented")


def asking_why(**changes: Any) -> Flow:
    return surveying(comment=["hello"], **changes)


def test_who_has_rated_may_say_why_after_the_tone() -> None:
    effects = play(asking_why(within_s=2), "4", RATED, "", "", COMMENTED)
    assert said(effects) == [["ask"], ["hello"]]
    assert [one for one in effects if isinstance(one, RecordMessage)] == [TONE]
    assert asked(effects) == [Rate(score=4), KeepComment(take=1)]
    assert [label for _, _, label in steps(effects)] == ["score", "survey_rated", "survey_commented"]
    assert end(effects) == "yes"


def test_the_pound_key_leaves_it_at_that() -> None:
    effects = play(asking_why(), "4", RATED, "#")
    assert asked(effects) == [Rate(score=4)]
    assert end(effects) == "yes"


@pytest.mark.parametrize("answer", [Answered(way="empty"), Failed(), Heard()])
def test_whatever_becomes_of_his_words_he_has_rated(answer: Input) -> None:
    effects = play(asking_why(), "4", RATED, "", "", answer)
    assert [label for _, _, label in steps(effects)] == ["score", "survey_rated"]
    assert end(effects) == "yes"


@pytest.mark.parametrize("before", [(), ("",)])
def test_words_and_tones_that_fail_take_nothing_from_the_rating(before: tuple[str, ...]) -> None:
    assert end(play(asking_why(), "4", RATED, *before, Failed())) == "yes"


def test_who_did_not_rate_is_not_asked_why() -> None:
    assert said(play(asking_why(tries=1), "", "")) == [["ask"]]


def test_who_hangs_up_while_he_speaks_has_said_it_and_before_the_tone_nothing() -> None:
    speaking = play(asking_why(), "4", RATED, "", HungUp())
    assert asked(speaking) == [Rate(score=4), KeepComment(take=1)]
    assert asked(play(asking_why(), "4", RATED, HungUp())) == [Rate(score=4)]


def test_what_asks_him_why_must_be_there() -> None:
    assert any("no prompt “gone”" in str(one) for one in find_problems(surveying(comment=["gone"]), SOUNDS))
