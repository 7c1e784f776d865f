"""What a call asked for, how that was relaxed while the caller waited, and what was preferred: in both languages."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from agent_console.pages.calls.cast import Cast
from agent_console.pages.calls.reasons import abilities, asked_for, relaxed, went_on, why_chosen
from agent_console.pages.calls.story import story
from agent_console.words import Named, Words, load_words
from crm_core.domain.log import LoggedEvent
from crm_core.domain.overflow import OverflowKind, OverflowWhy
from crm_core.domain.users import User
from crm_core.kernel.ids import AgentId, CallId, MessageId, QueueKey, SkillKey, UserId
from crm_core.kernel.language import Language
from crm_core.kernel.messages import to_dict
from crm_core.kernel.requirements_text import read
from cti.events import CallOverflowed, CallPlaceGivenBack, CallPlaceKept, CallQueued, CallRelaxed, CallToldWait
from routing.reasons import Because, SkillMatch, StepKind, StepTaken, Tie

ZH, EN, REPAIR, SERVICE = SkillKey("zh"), SkillKey("en"), SkillKey("repair"), QueueKey("service")
NOW, CALL = datetime(2026, 1, 5, 9, 0, tzinfo=UTC), CallId("c1")
EARLIER = NOW - timedelta(minutes=3)
ALICE = UserId("a1")
CAST = Cast(
    people={ALICE: User(id=ALICE, login="alice", name="艾丽", name_en="Alice", created_at=NOW)},
    queues={
        SERVICE: Named(names={"zh": "服务热线", "en": "Service hotline"}),
        QueueKey("backup"): Named(names={"zh": "后备队列", "en": "Backup"}),
    },
    skills={
        ZH: Named(names={"zh": "中文", "en": "Chinese"}),
        EN: Named(names={"zh": "英语", "en": "English"}),
        REPAIR: Named(names={"zh": "维修", "en": "Repair"}),
    },
    departments={"sales": Named(names={"zh": "销售部", "en": "Sales"})},
)
KEPT = StepTaken(kind=StepKind.KEEP, after_s=0, agent=AgentId(ALICE), tie=Tie.LAST_AGENT, for_s=20)
LOWERED = StepTaken(kind=StepKind.LOWER, after_s=30, skill=ZH, asked=4, level=3)


@pytest.fixture(scope="module")
def spoken() -> Mapping[Language, Words]:
    return load_words(timezone="Asia/Shanghai", home_region="CN")


@pytest.mark.parametrize(
    ("step", "english", "chinese"),
    [
        (
            LOWERED,
            "Chinese 4 was asked for; after waiting 0:30, 3 is enough.",
            "原要求中文 4 级，等待 0:30 后放宽到 3 级。",
        ),
        (
            StepTaken(kind=StepKind.DROP, after_s=60, skill=REPAIR, asked=2),
            "Repair 2 was asked for; after waiting 1:00, no longer.",
            "原要求维修 2 级，等待 1:00 后不再要求。",
        ),
        (
            StepTaken(kind=StepKind.WIDEN, after_s=60, queue=SERVICE),
            "After waiting 1:00 the colleagues of Service hotline may take the call, too.",
            "等待 1:00 后，服务热线队列的同事也可以接听。",
        ),
        (
            StepTaken(kind=StepKind.CALL_IN, after_s=90, department="sales"),
            "After waiting 1:30 the department Sales is called in.",
            "等待 1:30 后，请销售部协助接听。",
        ),
        (
            KEPT,
            "Waits up to 0:20 for Alice, who was the last to talk with this customer.",
            "先等候艾丽，最多 0:20：上次与该客户通话的是该同事。",
        ),
        (
            replace(KEPT, tie=Tie.OWNER),
            "Waits up to 0:20 for Alice, who looks after this customer.",
            "先等候艾丽，最多 0:20：该同事负责此客户。",
        ),
        (
            replace(KEPT, kind=StepKind.OPEN_UP, after_s=20),
            "After waiting 0:20 for Alice anybody may take the call.",
            "已等候艾丽 0:20，现在任何同事都可以接听。",
        ),
        (
            StepTaken(kind=StepKind.PLACE_BACK, after_s=0, for_s=150),
            "Called again, and has the place in line back: the wait counts 2:30 longer.",
            "再次来电，已恢复原来的排队位置：等待时间多计 2:30。",
        ),
    ],
)
def test_each_step_is_a_sentence(step: StepTaken, english: str, chinese: str, spoken: Mapping[Language, Words]) -> None:
    assert spoken[Language.EN].speak(relaxed(step, CAST)) == english
    assert spoken[Language.ZH].speak(relaxed(step, CAST)) == chinese


def went(kind: OverflowKind, to: str, why: OverflowWhy) -> CallOverflowed:
    return CallOverflowed(at=NOW, call=CALL, queue=SERVICE, why=why, kind=kind, to=to, step=1, waited_s=120)


@pytest.mark.parametrize(
    ("event", "english", "chinese"),
    [
        (
            went(OverflowKind.QUEUE, "backup", OverflowWhy.FULL),
            "Went on from Service hotline to Backup after 2:00: the line was full.",
            "在服务热线等待 2:00 后转到后备队列：排队人数已满。",
        ),
        (
            went(OverflowKind.NUMBER, "02150001234", OverflowWhy.TOO_LONG),
            "Went on from Service hotline to the number +86 21 5000 1234 after 2:00: nobody waits longer there.",
            "在服务热线等待 2:00 后转到外线号码 021 5000 1234：已达最长等待时间。",
        ),
        (
            went(OverflowKind.MESSAGE, "all_busy", OverflowWhy.PAUSED),
            "Heard the announcement “All our colleagues are busy” of Service hotline after 2:00:"
            " everybody was on pause.",
            "在服务热线等待 2:00 后播放“坐席全忙”：坐席均在小休。",
        ),
    ],
)
def test_whoever_could_not_wait_went_on_and_the_story_says_why(
    event: CallOverflowed, english: str, chinese: str, spoken: Mapping[Language, Words]
) -> None:
    assert spoken[Language.EN].speak(went_on(event, CAST)) == english
    assert spoken[Language.ZH].speak(went_on(event, CAST)) == chinese


def test_a_wish_of_several_ways_is_told_way_by_way(spoken: Mapping[Language, Words]) -> None:
    wish = read("repair >= 3 and (zh >= 2 or en >= 3) prefer zh >= 4")
    assert [spoken[Language.EN].speak(line) for line in asked_for(wish, CAST.skill)] == [
        "Asked for: English 3 and Repair 3",
        "Or: Repair 3 and Chinese 2",
        "Preferred: Chinese, level 4 or better",
    ]
    assert [spoken[Language.ZH].speak(line) for line in asked_for(read("zh >= 2"), CAST.skill)] == [
        "要求：中文 2 级及以上"
    ]


def test_the_call_tells_it_where_it_happened(spoken: Mapping[Language, Words]) -> None:
    events = (
        CallQueued(at=NOW, call=CALL, queue=SERVICE, requires={"zh": 4}),
        CallPlaceGivenBack(at=NOW, call=CALL, former=CallId("c0"), queue=SERVICE, since=EARLIER, instead_of=NOW),
        CallToldWait(at=NOW, call=CALL, queue=SERVICE, wait_s=125.0),
        CallToldWait(at=NOW, call=CALL, queue=SERVICE, wait_s=640.0, position=7),
        CallRelaxed(at=NOW, call=CALL, queue=SERVICE, step=LOWERED, asks="zh:3"),
        CallPlaceKept(at=NOW, call=CALL, ani="1", queues=(SERVICE,), since=NOW, until=NOW + timedelta(minutes=5)),
    )
    lines = [
        LoggedEvent(
            position=place, message_id=MessageId(f"m{place}"), topic=one.topic, at=NOW, call=CALL, body=to_dict(one)
        )
        for place, one in enumerate(events)
    ]
    assert [spoken[Language.EN].speak(beat.told.sentence) for beat in story(lines, CAST)] == [
        "The caller began to wait in the queue Service hotline.",
        "Called again, and has the place in line back: the wait counts 3:00 longer.",
        "The caller was told to wait for about 3:00 more.",
        "The caller was told to wait for about 15:00 more, as number 7 in the line.",
        "Chinese 4 was asked for; after waiting 0:30, 3 is enough.",
        "The place in line is kept for 5:00, should the caller call again.",
    ]


def test_what_was_preferred_is_part_of_the_reason(spoken: Mapping[Language, Words]) -> None:
    because = Because(rule="preferred", candidates=2, preferred=(SkillMatch(skill=ZH, asked=4, has=5),))
    alice = Named(names={"zh": "王爱丽", "en": "Alice Wang"})
    assert spoken[Language.EN].speak(why_chosen(because, alice)) == (
        "Because of 2 free colleagues Alice Wang comes closest to what the call prefers."
    )
    assert [spoken[Language.EN].speak(line) for line in abilities(because, CAST.skill)] == [
        "Chinese: level 4 preferred, has 5"
    ]
