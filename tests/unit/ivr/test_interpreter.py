"""The menu machine, played through: what it says, what it asks, where it ends."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import get_args
from zoneinfo import ZoneInfo

import pytest
from hypothesis import Phase, given, seed, settings
from hypothesis import strategies as st

from crm_core.kernel.language import Language
from ivr.flow.asked import Answered
from ivr.flow.interpreter import MOST_TYPED, advance, begin
from ivr.flow.loader import load_flow
from ivr.flow.messages import (
    AnswerCall,
    Ask,
    Disconnect,
    Effect,
    EnterQueue,
    Failed,
    HandOver,
    Heard,
    HungUp,
    Input,
    Known,
    PlayMessage,
    PlaySounds,
    ReadDigit,
    RecordMessage,
    SpeakLanguage,
    Step,
    Turn,
)
from ivr.flow.model import Flow, Node
from ivr.furniture import our_calendars
from ivr.service import OUR_FLOWS
from tests.unit.ivr.flows import answers, ending_flows, small_flow, with_node

MAIN = replace(load_flow(OUR_FLOWS / "main.json"), calendars=our_calendars())


def play(flow: Flow, *happened: Input | str) -> list[Effect]:
    """Every effect of a call in which this happens; a string is what was heard."""
    turn = begin(flow)
    effects = [*turn.effects]
    for one in happened:
        turn = advance(flow, turn.state, Heard(digits=one) if isinstance(one, str) else one)
        effects += turn.effects
    return effects


def said(effects: list[Effect]) -> list[str]:
    return [
        f"{sound.language}:{sound.key}"
        for effect in effects
        if isinstance(effect, PlaySounds)
        for sound in effect.sounds
    ]


def steps(effects: list[Effect]) -> list[tuple[str, str, str]]:
    return [(one.node, one.entered, one.label) for one in effects if isinstance(one, Step)]


# The demo's main menu --------------------------------------------------------------------------------------------


def test_the_way_to_a_repair_in_english() -> None:
    effects = play(MAIN, "", "2", "", "", "2", "")
    assert said(effects) == [
        "zh:welcome",
        "en:welcome",
        "zh:choose_language",
        "en:choose_language",
        "en:recording_notice",
        "en:main_menu",
        "en:connecting",
    ]
    assert steps(effects) == [("language", "2", "en"), ("main", "2", "repair")]
    assert effects[-1] == EnterQueue(
        language=Language.EN, skills={"en": 1, "repair": 1}, queue="repair", priority=0, intent="repair"
    )


@pytest.mark.parametrize(
    ("key", "queue", "skills", "intent"),
    [
        ("1", "service", {"zh": 1}, "consultation"),
        ("2", "repair", {"zh": 1, "repair": 1}, "repair"),
        ("3", "service", {"zh": 1}, "complaint"),
        ("0", "service", {"zh": 1}, "other"),
    ],
)
def test_where_each_choice_leads(key: str, queue: str, skills: dict[str, int], intent: str) -> None:
    effects = play(MAIN, f"1{key}", "", "")
    assert effects[-1] == EnterQueue(language=Language.ZH, skills=skills, queue=queue, priority=0, intent=intent)


def test_who_misses_two_tickets_asks_a_person_for_the_third() -> None:
    unknown = Answered(way="unknown")
    once = ("", "1", "", "", "4", "202601050001#", unknown, "")
    again = ("", "4", "202601050002#", unknown, "", "")
    effects = play(MAIN, *once, *again)
    assert said(effects).count("zh:ticket_unknown") == 2
    assert sum(isinstance(one, Ask) for one in effects) == 2
    effects = play(MAIN, *once, *again, "4", "")
    assert said(effects)[-1] == "zh:to_operator"
    assert isinstance(effects[-1], EnterQueue)


@pytest.mark.parametrize(("key", "language"), [("1", "zh"), ("2", "en")])
def test_the_seventh_key_tells_what_many_ask_once_more_by_nine_and_comes_back(key: str, language: str) -> None:
    told = Answered(way="told", values={"language": language, "sound": "articles/K-0000-1", "text": "You may."})
    effects = play(MAIN, "", key, "", "", "7", told, "9", told, "", "0", "")
    assert said(effects)[5:] == [
        f"{language}:main_menu",
        *[f"{language}:articles/K-0000-1"] * 2,
        *(f"{language}:{prompt}" for prompt in ("main_menu", "to_operator")),
    ]
    assert [one for one in steps(effects)[1:] if one[2]] == [
        ("main", "7", "article"),
        ("questions", "", "article_told"),
        ("questions", "9", "article_again"),
        ("main", "0", "operator"),
    ]


@pytest.mark.parametrize(("key", "language"), [("1", "zh"), ("2", "en")])
def test_the_fifth_key_tells_how_far_an_order_is_and_comes_back(key: str, language: str) -> None:
    ready = Answered(way="told", values={"kind": "repair", "state": "ready"})
    effects = play(MAIN, "", key, "", "", "5", "275084#", "2750846394#", ready, "", "0", "")
    assert said(effects)[5:] == [
        f"{language}:main_menu",
        *(f"{language}:{prompt}" for prompt in ("ask_order", "wrong_order", "ask_order", "order_repair")),
        *(f"{language}:n_{digit}" for digit in "2750846394"),
        *(f"{language}:{prompt}" for prompt in ("order_ready", "main_menu", "to_operator")),
    ]
    entered = [("main", "5", "order_progress"), ("ask_order", "275084", ""), ("ask_order", "2750846394", "entered")]
    assert steps(effects)[1:] == [*entered, ("order", "", "order_told"), ("main", "0", "operator")]


def test_of_an_order_that_is_none_of_his_he_hears_so_and_may_try_another() -> None:
    unknown = Answered(way="unknown")
    effects = play(MAIN, "", "2", "", "", *("5", "1111111111#", unknown, "") * 3, "5", "*", "*", "*", "")
    assert said(effects).count("en:order_unknown") == 3
    assert said(effects)[-1] == "en:to_operator"
    assert isinstance(effects[-1], EnterQueue)


def test_no_language_is_chinese() -> None:
    effects = play(MAIN, "", "", "")
    assert effects[-2:] == [
        Step(node="language", entered="", label="zh"),
        SpeakLanguage(language=Language.ZH, skills={"zh": 1}),
    ]


def test_a_wrong_key_for_the_language_asks_again_twice_then_chinese() -> None:
    effects = play(MAIN, "", "7", "8", "9", "")
    assert steps(effects) == [("language", "7", ""), ("language", "8", ""), ("language", "9", "zh")]
    assert said(effects).count("zh:choose_language") == 3
    assert said(effects)[-1] == "zh:recording_notice"


def test_silence_is_asked_again_twice_then_the_operator() -> None:
    effects = play(MAIN, "1", "", "", "", "", "", "", "", "", "")
    assert said(effects)[2:] == [
        "zh:recording_notice",
        "zh:main_menu",
        "zh:no_key",
        "zh:main_menu",
        "zh:no_key",
        "zh:main_menu",
        "zh:to_operator",
    ]
    assert steps(effects)[1:] == [("main", "", ""), ("main", "", ""), ("main", "", "operator")]
    assert effects[-1] == EnterQueue(
        language=Language.ZH, skills={"zh": 1}, queue="service", priority=0, intent="other"
    )


def test_wrong_keys_are_asked_again_twice_then_the_operator() -> None:
    effects = play(MAIN, "1", "", "#", "#", "#")
    assert steps(effects)[1:] == [("main", "#", ""), ("main", "#", ""), ("main", "#", "operator")]
    assert said(effects).count("zh:wrong_key") == 2


def test_repeat_says_it_again_and_forgives() -> None:
    effects = play(MAIN, "1", "", "#", "#", "9", "#", "#", "2")
    assert steps(effects)[-1] == ("main", "2", "repair")


def test_typed_ahead_is_through_at_once() -> None:
    effects = play(MAIN, "22", "", "")
    assert said(effects) == ["zh:welcome", "en:welcome", "en:connecting"]
    assert isinstance(effects[-1], EnterQueue)


def test_after_a_wrong_key_the_rest_of_what_was_typed_is_forgotten() -> None:
    effects = play(MAIN, "1", "", "#2")
    assert steps(effects) == [("language", "1", "zh"), ("main", "#", "")]
    assert said(effects)[-2:] == ["zh:wrong_key", "zh:main_menu"]


def test_a_missing_prompt_goes_to_a_person_with_an_apology() -> None:
    effects = play(MAIN, "1", "", Failed(), "")
    assert said(effects)[-1] == "zh:trouble"
    assert isinstance(effects[-1], EnterQueue)


def test_even_without_the_apology_he_gets_to_a_person() -> None:
    effects = play(MAIN, "1", "", Failed(), Failed())
    assert isinstance(effects[-1], EnterQueue)


def test_who_keeps_pressing_repeat_gets_a_person_in_the_end() -> None:
    turn = begin(MAIN)
    for _ in range(3 * MAIN.max_steps):
        turn = advance(MAIN, turn.state, Heard(digits="9"))
        if turn.state.over:
            break
    assert isinstance(turn.effects[-1], EnterQueue)


AFTER_HOURS = Known(at=datetime(2026, 11, 27, 22, 45, tzinfo=ZoneInfo("Asia/Shanghai")))


def test_after_hours_he_hears_when_the_house_opens_and_goes_on_as_always() -> None:
    turn = begin(MAIN, AFTER_HOURS)
    heard = [*turn.effects]
    for keys in ("", "2", "", "", "", "2", ""):
        turn = advance(MAIN, turn.state, Heard(digits=keys))
        heard += turn.effects
    assert said(heard)[4:] == [
        "en:after_hours",
        *("en:month_11", "en:nth_30", "en:n_20", "en:n_20", "en:n_6", "en:n_9", "en:am"),
        "en:recording_notice",
        "en:main_menu",
        "en:connecting",
    ]
    assert steps(heard) == [("language", "2", "en"), ("main", "2", "repair")]


def test_in_opening_hours_he_hears_nothing_of_them() -> None:
    turn = begin(MAIN, Known(at=AFTER_HOURS.at and AFTER_HOURS.at.replace(hour=12)))
    turn = advance(MAIN, advance(MAIN, turn.state, Heard(digits="1")).state, Heard())
    assert said([*turn.effects]) == ["zh:recording_notice"]


# Single kinds of node ----------------------------------------------------------------------------------------------


def test_answer_and_goodbye() -> None:
    flow = small_flow(
        nodes={
            "up": {"kind": "answer", "next": "bye"},
            "bye": {"kind": "goodbye", "prompts": ["bye"], "error": "end"},
            "end": {"kind": "hangup"},
        },
        start="up",
        error="end",
    )
    effects = play(flow, "", "")
    assert effects[0] == AnswerCall()
    assert effects[-1] == Disconnect()
    assert play(flow, "", Failed())[-1] == Disconnect()


def test_a_prompt_to_be_heard_to_the_end_keeps_the_keys() -> None:
    raw = with_node("hello", {"kind": "play", "prompts": ["hello"], "next": "menu", "barge_in": False})
    effects = play(small_flow(nodes=raw["nodes"]), "1")
    assert isinstance(effects[0], PlaySounds)
    assert not effects[0].barge_in
    assert steps(effects) == [("menu", "1", "one")]


def test_keys_are_kept_only_so_far() -> None:
    flow = small_flow()
    assert len(advance(flow, begin(flow).state, Heard(digits="9" * 1000)).state.typed) <= MOST_TYPED


def test_nothing_happens_after_the_end() -> None:
    flow = small_flow()
    gone = advance(flow, begin(flow).state, HungUp())
    assert gone.state.over
    assert gone.effects == ()
    assert advance(flow, gone.state, Heard(digits="1")) == Turn(state=gone.state)


# Whatever happens ----------------------------------------------------------------------------------------------------

MOMENTS = tuple(datetime(2026, 1, day, 12, tzinfo=UTC) for day in (4, 5))
"""A Sunday and a Monday."""
inputs = st.lists(
    st.one_of(
        st.builds(Heard, digits=st.text("0123456789*#", max_size=3), at=st.none() | st.sampled_from(MOMENTS)),
        st.just(Heard()),
        answers(),
        st.just(Failed()),
    ),
    max_size=300,
)


def longest(flow: Flow) -> int:
    """Turns a call can take: each node entered is at most `tries` questions of one turn to ask, one for each digit, two
    to confirm and one for silence; 9 are the most tries, 7 the most digits here, and 20 too many are heard out."""
    return (flow.max_steps + 1) * (7 + 20 + 5) * 9


@given(flow=ending_flows(), happened=inputs)
def test_every_valid_flow_ends_whatever_the_caller_does(flow: Flow, happened: list[Input]) -> None:
    turn = begin(flow)
    for count in range(longest(flow)):
        if turn.state.over:
            break
        turn = advance(flow, turn.state, happened[count] if count < len(happened) else Heard())
    assert turn.state.over
    assert isinstance(turn.effects[-1], EnterQueue | Disconnect)


@given(flow=ending_flows(), key=st.sampled_from("0123456789*#"))
def test_every_valid_flow_ends_for_one_who_presses_the_same_key_for_ever(flow: Flow, key: str) -> None:
    turn = begin(flow)
    for _ in range(longest(flow)):
        if turn.state.over:
            break
        turn = advance(flow, turn.state, Heard(digits=key))
    assert turn.state.over


@given(flow=ending_flows(), happened=inputs, gone_after=st.integers(0, 300), answer=answers() | st.just(Failed()))
def test_every_flow_ends_wherever_the_caller_hangs_up(
    flow: Flow, happened: list[Input], gone_after: int, answer: Input
) -> None:
    turn = begin(flow)
    for one in happened[:gone_after]:
        turn = advance(flow, turn.state, one)
    turn = advance(flow, turn.state, HungUp())
    assert turn.state.over
    assert all(isinstance(effect, Ask) for effect in turn.effects), "a message that he left is kept"
    turn = advance(flow, turn.state, answer)
    assert turn.state.over
    assert turn.effects == (), "whatever the house says of it, that was all"
    assert advance(flow, turn.state, HungUp()).effects == ()


@given(flow=ending_flows(), happened=inputs)
def test_hanging_up_at_each_point_of_one_call_ends_it_there(flow: Flow, happened: list[Input]) -> None:
    """Not only at one point of many calls: every turn of this one is where he might have gone."""
    turn = begin(flow)
    for one in happened[:30]:
        gone = advance(flow, turn.state, HungUp())
        assert gone.state.over
        assert gone.state.path == turn.state.path, "he went nowhere else"
        turn = advance(flow, turn.state, one)


def test_what_is_shown_of_every_flow_is_shown_of_every_kind_of_node() -> None:
    """A new kind is in no flow of these before `tests/unit/ivr/flows.py` makes it."""
    seen: set[type[Node]] = set()

    @settings(max_examples=50, phases=[Phase.generate], database=None)
    @given(flow=ending_flows())
    def look(flow: Flow) -> None:
        seen.update(type(node) for node in flow.nodes.values())

    for number in range(30):  # two of these are usually enough
        seed(number)(look)()
        if seen == set(get_args(Node)):
            break
    assert seen == set(get_args(Node))


@given(flow=ending_flows(), happened=inputs)
def test_a_turn_is_steps_and_then_one_thing_to_wait_for(flow: Flow, happened: list[Input]) -> None:
    turn = begin(flow)
    for one in happened:
        if turn.effects:
            *before, last = turn.effects
            assert all(isinstance(effect, Step) for effect in before)
            assert isinstance(
                last,
                AnswerCall
                | SpeakLanguage
                | PlaySounds
                | ReadDigit
                | Ask
                | RecordMessage
                | PlayMessage
                | EnterQueue
                | HandOver
                | Disconnect,
            )
        turn = advance(flow, turn.state, one)
