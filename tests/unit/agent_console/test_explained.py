"""The answers to "why is he still waiting?" and "why do I get no calls?", in both languages."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from agent_console.explained import names_of_floor, no_calls, still_waits, ticket_waits
from agent_console.words import Sentence, Words, load_words
from crm_core.domain.floor import FloorAgent, FloorPlan, Queue, Skill
from crm_core.domain.users import PhoneKind, Role
from crm_core.kernel.ids import AgentId, QueueKey, SkillKey
from crm_core.kernel.language import Language
from routing.explaining import Ahead, ComesFirst, IdleReason, NoCalls, NotHis, PassedBy, WaitReason
from routing.reasons import Exclusion, StepKind, StepTaken, WhyWaiting
from routing.strategies import StrategyName

ALICE, ZH, REPAIR = AgentId("usr_1"), SkillKey("zh"), QueueKey("repair")
NAMES = names_of_floor(
    FloorPlan(
        agents=(
            FloorAgent(
                id=ALICE,
                login="alice",
                name="艾丽",
                name_en="Alice",
                role=Role.AGENT,
                extension="1001",
                sip_secret="",
                phone_kind=PhoneKind.SIP,
                department=None,
                skills={},
                queues=(),
            ),
        ),
        skills=(Skill(key=ZH, names={"zh": "中文", "en": "Chinese"}),),
        queues=(Queue(key=REPAIR, names={"zh": "维修", "en": "Repair"}),),
        dids=(),
        departments=(),
    )
)


@pytest.fixture(scope="module")
def spoken() -> Mapping[Language, Words]:
    return load_words(timezone="Asia/Shanghai", home_region="CN")


def both(spoken: Mapping[Language, Words], said: Iterable[Sentence]) -> tuple[list[str], list[str]]:
    said = list(said)
    return tuple([spoken[one].speak(sentence) for sentence in said] for one in (Language.EN, Language.ZH))  # type: ignore[return-value]


@pytest.mark.parametrize("code", list(NoCalls))
def test_every_reason_is_a_sentence_in_both_languages(spoken: Mapping[Language, Words], code: NoCalls) -> None:
    english, chinese = both(spoken, no_calls(IdleReason(code=code, pause="lunch"), NAMES))
    assert len(english) == len(chinese) == 1
    assert english != chinese


@pytest.mark.parametrize(("pause", "said"), [("lunch", "用餐"), ("supervisor", "由班长设置"), ("看牙", "看牙")])
def test_a_pause_is_named(spoken: Mapping[Language, Words], pause: str, said: str) -> None:
    _, [chinese] = both(spoken, no_calls(IdleReason(code=NoCalls.PAUSED, pause=pause), NAMES))
    assert chinese == f"暂停中：{said}。选择“就绪”后才会有来电。"


def test_callers_who_are_not_for_him_are_told_by_their_reason(spoken: Mapping[Language, Words]) -> None:
    reason = IdleReason(
        code=NoCalls.NONE_TO_TAKE,
        waiting=5,
        unasked=4,
        free_longer=1,
        come_first=(ComesFirst(queue=REPAIR, strategy=StrategyName.FIXED_ORDER, colleagues=1),),
        passed_by=(
            PassedBy(
                why=NotHis.SKILL,
                callers=2,
                lack=Exclusion(agent=ALICE, why="skill", skill=ZH, asked=4, has=2),
            ),
            PassedBy(why=NotHis.OTHER_QUEUE, callers=1, queue=REPAIR),
            PassedBy(why=NotHis.OTHER_SERVER, callers=1),
            PassedBy(why=NotHis.BEING_OFFERED, callers=1),
        ),
    )
    english, chinese = both(spoken, no_calls(reason, NAMES))
    assert english == [
        "4 callers are waiting, but none of them can be given here now.",
        "2 ask for Chinese, level 4; the level here is 2",
        "1 waits in a queue that is not served here: Repair",
        "1 waits at a telephone server that does not reach the phone",
        "1 is being offered to a colleague just now",
        "Repair asks in a fixed order: 1 free colleague stands before.",
    ]
    assert chinese == [
        "有 4 位来电者在等待，但目前都不能分配到这里。",
        "2 位要求中文 4 级；此处为 2 级",
        "1 位在不由此坐席服务的队列等待：维修",
        "1 位在无法连到此话机的电话服务器上等待",
        "1 位正在转给同事接听",
        "“维修”按固定顺序分配：有 1 位空闲同事排在前面。",
    ]


def test_why_he_waits_and_what_comes_next(spoken: Mapping[Language, Words]) -> None:
    reason = WaitReason(
        code=WhyWaiting.ALL_BUSY,
        ahead=2,
        able=3,
        not_free=(Exclusion(agent=ALICE, why="busy"), Exclusion(agent=AgentId("gone"), why="paused")),
        next_step=StepTaken(kind=StepKind.LOWER, after_s=60, skill=ZH, asked=4, level=2),
        next_at=datetime(2026, 1, 5, 9, 1, tzinfo=UTC),
    )
    english, chinese = both(spoken, still_waits(reason, NAMES))
    assert english == [
        "Nobody who can help is free",
        "2 callers who ask for the same are served before.",
        "Not Alice: busy with another call",
        "Not a colleague who has left: on pause",
        "1 more colleague who could help",
        "Later: Chinese 4 was asked for; after waiting 1:00, 2 is enough.",
    ]
    assert chinese[1:3] == ["前面还有 2 位同类来电者。", "未选艾丽：正忙于另一通电话"]
    assert chinese[-1] == "之后：原要求中文 4 级，等待 1:00 后放宽到 2 级。"


def test_the_first_in_line_and_who_is_being_called(spoken: Mapping[Language, Words]) -> None:
    english, _ = both(spoken, still_waits(WaitReason(code=WhyWaiting.NO_SKILL, ahead=0), NAMES))
    assert english[1:] == ["First in line of those who ask for the same."]
    reason = WaitReason(code=WhyWaiting.BEING_OFFERED, ahead=0, offered_to=ALICE, able=1)
    assert both(spoken, still_waits(reason, NAMES)) == (["Alice is being called"], ["正在呼叫艾丽"])
    english, _ = both(spoken, still_waits(replace(reason, also_offered_to=(AgentId("usr_9"),)), NAMES))
    assert [sentence.endswith("is being called") for sentence in english] == [True, True]


@pytest.mark.parametrize("strategy", [one for one in StrategyName if one is not StrategyName.RING_ALL])
def test_who_is_asked_first_is_told_by_what_the_queue_looks_at(
    spoken: Mapping[Language, Words], strategy: StrategyName
) -> None:
    first = ComesFirst(queue=REPAIR, strategy=strategy, colleagues=2)
    english, chinese = both(spoken, no_calls(IdleReason(code=NoCalls.NOBODY_WAITS, come_first=(first,)), NAMES))
    assert english[1].startswith("Repair asks ")
    assert "2" in english[1]
    assert chinese[1].startswith("“维修”")
    assert "2 位" in chinese[1]
    longest = english[1].endswith("2 colleagues have been free for longer.")
    assert longest == (strategy in {StrategyName.LONGEST_IDLE, StrategyName.LEAST_NEEDED})


def test_who_is_served_before_from_other_lines_is_named(spoken: Mapping[Language, Words]) -> None:
    others = (
        Ahead(queue=REPAIR, waiting=2, urgent=2),
        Ahead(queue=REPAIR, waiting=3, urgent=1),
        Ahead(queue=REPAIR, waiting=1),
        Ahead(queue=REPAIR, waiting=1, tickets=True),
    )
    reason = WaitReason(code=WhyWaiting.ALL_BUSY, ahead=0, ahead_elsewhere=others)
    english, chinese = both(spoken, still_waits(reason, NAMES))
    assert english[1:] == [
        "First in line of those who ask for the same.",
        "2 callers of Repair, who came later but are more urgent, are served before.",
        "3 callers of Repair are served before; of these 1 came later but are more urgent.",
        "1 caller of Repair, who came earlier, is served before.",
        "1 ticket of Repair comes before.",
    ]
    assert chinese[2] == "“维修”有 2 位后到但更紧急的来电者先接听。"
    english, _ = both(spoken, ticket_waits(reason, NAMES))
    assert english[1:] == [
        "2 callers of Repair, who came later but are more urgent, are served before.",
        "3 callers of Repair are served before; of these 1 came later but are more urgent.",
        "1 caller of Repair, who came earlier, is served before.",
        "1 ticket of Repair comes before.",
    ]
