"""A call is told step by step, with the reason of each offer."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from agent_console.pages.calls.endings import who_ended
from agent_console.pages.calls.reasons import passed_over, why_chosen
from agent_console.pages.calls.story import Beat, Cast, story
from agent_console.words import Named, Words, load_words
from crm_core.domain.log import LoggedEvent
from crm_core.domain.users import User
from crm_core.kernel.ids import AgentId, CallId, MessageId, OfferId, QueueKey, ServerId, SkillKey, UserId
from crm_core.kernel.language import Language
from crm_core.kernel.messages import Event, to_dict
from cti.events import (
    CallArrived,
    CallConnected,
    CallDisconnected,
    CallEnded,
    CallOffered,
    CallQueued,
    CallStepped,
    ClosedBy,
    Direction,
    HungUpBy,
    OfferFailed,
    OfferFailure,
    Outcome,
)
from routing.reasons import Because, Exclusion, SkillMatch, Tie

START = datetime(2026, 1, 5, 9, 0, tzinfo=UTC)
CALL, ALICE, BOB = CallId("c1"), AgentId("usr_alice"), AgentId("usr_bob")
CAST = Cast(
    people={
        UserId(ALICE): User(id=UserId(ALICE), login="alice", name="王爱丽", name_en="Alice Wang", created_at=START),
        UserId(BOB): User(id=UserId(BOB), login="bob", name="陈博", name_en="Bob Chen", created_at=START),
    },
    queues={QueueKey("service"): Named(names={"zh": "服务热线", "en": "Service hotline"})},
    skills={SkillKey("zh"): Named(names={"zh": "中文", "en": "Chinese"})},
)
BECAUSE = Because(
    rule="longest_idle",
    skills=(SkillMatch(skill=SkillKey("zh"), asked=1, has=5),),
    idle_s=135,
    candidates=2,
    excluded=(
        Exclusion(agent=BOB, why="missed_this_call"),
        Exclusion(agent=AgentId("usr_gone"), why="skill", skill=SkillKey("zh"), asked=3, has=None),
    ),
)


@pytest.fixture(scope="module")
def spoken() -> dict[Language, Words]:
    return dict(load_words(timezone="Asia/Shanghai", home_region="CN"))


def at(seconds: float) -> datetime:
    return START + timedelta(seconds=seconds)


def logged(*events: Event) -> list[LoggedEvent]:
    return [
        LoggedEvent(
            position=place,
            message_id=MessageId(f"m{place}"),
            topic=event.topic,
            at=event.at,
            call=CALL,
            body=to_dict(event),
        )
        for place, event in enumerate(events)
    ]


def a_whole_call() -> list[LoggedEvent]:
    return logged(
        CallArrived(
            at=at(0), call=CALL, server=ServerId("a"), direction=Direction.INBOUND, ani="13800138000", dnis="4008000"
        ),
        CallStepped(at=at(4), call=CALL, flow="main", node="language", entered="1", label="zh"),
        CallStepped(at=at(9), call=CALL, flow="main", node="intent", entered="7"),
        CallQueued(at=at(15), call=CALL, queue=QueueKey("service"), requires={"zh": 1}),
        CallOffered(
            at=at(16),
            call=CALL,
            agent=ALICE,
            extension="1001",
            offer=OfferId("o1"),
            queue=QueueKey("service"),
            because=BECAUSE,
        ),
        OfferFailed(at=at(36), call=CALL, agent=ALICE, offer=OfferId("o1"), why=OfferFailure.NO_ANSWER),
        CallConnected(at=at(40), call=CALL, agent=None, party="1003", by_safety_queue=True),
        CallEnded(
            at=at(101), call=CALL, outcome=Outcome.ANSWERED, hung_up_by=HungUpBy.CALLER, wait_s=25, talk_s=61, hold_s=0
        ),
    )


def sentences(beats: tuple[Beat, ...], words: Words) -> list[str]:
    return [words.speak(beat.told.sentence) for beat in beats]


def test_the_story_in_english(spoken: dict[Language, Words]) -> None:
    assert sentences(story(a_whole_call(), CAST), spoken[Language.EN]) == [
        "+86 138 0013 8000 called 4008000.",
        "In the menu the caller pressed 1: Chinese.",
        "In the menu the caller pressed 7, which means nothing there.",
        "The caller began to wait in the queue Service hotline.",
        "The call was offered to Alice Wang.",
        "Alice Wang did not answer.",
        "1003 answered; the telephone system itself had made the connection.",
        "The caller hung up.",
    ]


@pytest.mark.parametrize(
    ("entered", "label", "english", "chinese"),
    [
        ("42", "entered", "typed 42.", "输入了 42。"),
        ("4", "entered", "typed 4.", "输入了 4。"),
        ("****", "entered", "typed ****.", "输入了 ****。"),
        ("42", "account", "typed 42: account.", "输入了 42：account。"),
        ("42", "", "typed 42, which was not accepted.", "输入了 42，未被接受。"),
        ("7", "", "pressed 7, which means nothing there.", "按了 7，该键无对应选项。"),
    ],
)
def test_what_a_caller_typed(
    spoken: dict[Language, Words], entered: str, label: str, english: str, chinese: str
) -> None:
    told = story(logged(CallStepped(at=at(4), call=CALL, flow="f", node="n", entered=entered, label=label)), CAST)
    assert sentences(told, spoken[Language.EN]) == [f"In the menu the caller {english}"]
    assert sentences(told, spoken[Language.ZH]) == [f"来电人在菜单中{chinese}"]


def test_the_story_in_chinese(spoken: dict[Language, Words]) -> None:
    told = sentences(story(a_whole_call(), CAST), spoken[Language.ZH])
    assert told[0] == "138 0013 8000 拨打了 4008000。"
    assert told[3] == "来电人进入“服务热线”队列等待。"
    assert told[4] == "来电分配给王爱丽。"


def test_each_offer_says_why_and_who_was_passed_over(spoken: dict[Language, Words]) -> None:
    offered = story(a_whole_call(), CAST)[4].told
    words = spoken[Language.EN]
    assert offered.why is not None
    assert words.speak(offered.why) == ("Because of 2 able free colleagues Alice Wang had been free longest: 2:15.")
    assert [words.speak(aside) for aside in offered.aside] == ["Chinese: level 1 asked for, has 5"]
    assert [words.speak(one) for one in offered.not_asked] == [
        "Not Bob Chen: did not answer this call before",
        "Not a colleague who has left: does not have the skill Chinese",
    ]


def test_an_agent_whose_page_was_reloaded_comes_back(spoken: dict[Language, Words]) -> None:
    there = CallConnected(at=at(1), call=CALL, agent=ALICE, party="1001")
    gone = CallDisconnected(at=at(2), call=CALL, agent=ALICE, party="1001")
    told = story(logged(there, gone, replace(there, at=at(3))), CAST)
    assert sentences(told, spoken[Language.EN]) == [
        "Alice Wang answered: both could talk.",
        "Alice Wang left the conversation.",
        "Alice Wang is back in the conversation.",
    ]


def test_the_end_tells_the_lengths_that_were_there(spoken: dict[Language, Words]) -> None:
    end = story(a_whole_call(), CAST)[-1]
    assert [spoken[Language.EN].speak(aside) for aside in end.told.aside] == ["Waited 0:25", "Talked 1:01"]
    assert end.since_start == 101


def test_an_end_nobody_heard_is_said_so_until_a_true_one_is_told(spoken: dict[Language, Words]) -> None:
    *before, end = a_whole_call()
    guess = replace(end, message_id=MessageId("guess"), body={**end.body, "closed_by": "reconciliation"})
    english, chinese = (
        [spoken[language].speak(aside) for aside in story([*before, guess], CAST)[-1].told.aside]
        for language in (Language.EN, Language.ZH)
    )
    assert english[-1] == "Nobody heard the end of this call. It was closed afterwards, at the last time it was known."
    assert chinese[-1] == "没有收到这通电话的结束消息，系统事后按最后已知的时间将其结束。"
    assert story([*before, guess, end], CAST) == story([*before, end], CAST)


@pytest.mark.parametrize(
    ("number", "first"),
    [("13800138000", "+86 138 0013 8000 called."), ("", "A call arrived; the caller's number is withheld.")],
)
def test_a_call_that_nobody_heard_is_said_so(number: str, first: str, spoken: dict[Language, Words]) -> None:
    closed = ClosedBy.RECONCILIATION
    beats = story(
        logged(
            CallArrived(
                at=at(0), call=CALL, server=ServerId("a"), direction=Direction.INBOUND, ani=number, entered_by=closed
            ),
            CallEnded(
                at=at(30), call=CALL, outcome=Outcome.ANSWERED, hung_up_by=HungUpBy.SYSTEM, wait_s=None, talk_s=None,
                closed_by=closed,
            ),
        ),
        CAST,
    )  # fmt: skip
    assert sentences(beats, spoken[Language.EN]) == [first, "The conversation is over; nobody heard who hung up."]
    [aside] = beats[0].told.aside
    assert spoken[Language.EN].speak(aside).startswith("Nobody heard this call: it was entered afterwards")
    assert "话单" in spoken[Language.ZH].speak(aside)
    assert len(beats[1].told.aside) == 1, "no length is told that nobody knows"


def test_a_withheld_number_is_said_so(spoken: dict[Language, Words]) -> None:
    lines = logged(
        CallArrived(at=at(0), call=CALL, server=ServerId("a"), direction=Direction.INBOUND, ani="", dnis="4008000")
    )
    assert sentences(story(lines, CAST), spoken[Language.EN]) == [
        "A call arrived for 4008000; the caller's number is withheld."
    ]


@pytest.mark.parametrize("why", list(OfferFailure))
def test_every_failure_of_an_offer_has_its_sentence(why: OfferFailure, spoken: dict[Language, Words]) -> None:
    lines = logged(OfferFailed(at=at(0), call=CALL, agent=ALICE, offer=OfferId("o"), why=why))
    assert "Alice Wang" in sentences(story(lines, CAST), spoken[Language.EN])[0]


def test_where_all_phones_rang_it_is_said_who_was_quicker(spoken: dict[Language, Words]) -> None:
    why = OfferFailure.ELSEWHERE
    failed = OfferFailed(at=at(0), call=CALL, agent=ALICE, offer=OfferId("o"), why=why, taken_by=BOB)
    [sentence] = sentences(story(logged(failed), CAST), spoken[Language.EN])
    assert sentence.endswith("was quicker than Alice Wang.")


@pytest.mark.parametrize("outcome", list(Outcome))
@pytest.mark.parametrize("by", list(HungUpBy))
def test_every_end_has_its_sentence(outcome: Outcome, by: HungUpBy, spoken: dict[Language, Words]) -> None:
    lines = logged(CallEnded(at=at(0), call=CALL, outcome=outcome, hung_up_by=by))
    assert sentences(story(lines, CAST), spoken[Language.ZH])[0]


@pytest.mark.parametrize(
    ("rule", "idle", "words_of_it"),
    [
        ("only_one", 5.0, "the only one free"),
        ("best_skill", 5.0, "the best skills"),
        ("longest_idle", 0.0, "free longest."),
        ("familiar", 5.0, "Alice was the last to talk with this customer"),
        ("least_occupied", 5.0, "has had least to do with calls lately"),
        ("round_robin", 5.0, "it was the turn of Alice"),
        ("fixed_order", 5.0, "comes first in the order of this queue"),
        ("least_needed", 5.0, "is needed least by other callers"),
        ("ring_all", 5.0, "were called at once, Alice among them"),
        ("something_new", 0.0, "the rule something_new"),
    ],
)
def test_every_rule_has_its_sentence(rule: str, idle: float, words_of_it: str, spoken: dict[Language, Words]) -> None:
    sentence = why_chosen(Because(rule=rule, idle_s=idle), Named(names={"en": "Alice"}))
    assert words_of_it in spoken[Language.EN].speak(sentence)


@pytest.mark.parametrize(("had", "english"), [(6, "has had 6 calls this hour"), (1, "has had 1 call this hour")])
def test_who_has_had_his_calls_for_this_hour_is_said_to(had: int, english: str, spoken: dict[Language, Words]) -> None:
    because = Because(rule="only_one", excluded=(Exclusion(agent=BOB, why="hour_full", has=had),))
    [sentence] = passed_over(because, lambda _: Named(names={"en": "Bob", "zh": "博"}), lambda _: Named(names={}))
    assert spoken[Language.EN].speak(sentence) == f"Not Bob: {english}"
    assert spoken[Language.ZH].speak(sentence) == f"未选博：本小时已接 {had} 个来电"


def test_whoever_looks_after_a_customer_is_said_to(spoken: dict[Language, Words]) -> None:
    sentence = why_chosen(Because(rule="familiar", tie=Tie.OWNER), Named(names={"en": "Alice"}))
    assert spoken[Language.EN].speak(sentence) == "Because Alice looks after this customer."


def test_what_is_not_understood_is_left_out() -> None:
    strange: dict[str, Any] = {"position": 1, "message_id": MessageId("m"), "at": START, "call": CALL}
    unknown = LoggedEvent(topic="call.from_the_future", body={}, **strange)
    broken = LoggedEvent(topic="call.ended", body={"nonsense": 1}, **strange)
    assert story([unknown, broken], CAST) == ()


@pytest.mark.parametrize(
    ("label", "english", "chinese"),
    [
        ("caller_found", "caller recognised", "已识别来电人"),
        ("not_answered", "no answer from our system", "系统未响应"),
    ],
)
def test_what_the_menu_had_the_house_do(spoken: dict[Language, Words], label: str, english: str, chinese: str) -> None:
    told = story(logged(CallStepped(at=at(4), call=CALL, flow="f", node="n", entered="", label=label)), CAST)
    assert sentences(told, spoken[Language.EN]) == [f"In the menu: {english}."]
    assert sentences(told, spoken[Language.ZH]) == [f"菜单：{chinese}。"]


@pytest.mark.parametrize(
    ("outcome", "by", "said"),
    [
        (Outcome.BUSY, HungUpBy.CALLER, "The line was busy."),
        (Outcome.FAILED, HungUpBy.CALLER, "The call failed."),
        (Outcome.NO_ANSWER, HungUpBy.AGENT, "Our side hung up."),
        (Outcome.ANSWERED, HungUpBy.CALLER, "The customer hung up."),
    ],
)
def test_who_never_came_to_the_phone_has_not_hung_up(
    outcome: Outcome, by: HungUpBy, said: str, spoken: dict[Language, Words]
) -> None:
    assert spoken[Language.EN].speak(who_ended(by, Direction.OUTBOUND, outcome)) == said
    assert spoken[Language.EN].speak(who_ended(HungUpBy.CALLER, Direction.INBOUND, outcome)) == "The caller hung up."
