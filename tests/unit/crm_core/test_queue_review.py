"""What somebody should know before he saves a queue."""

from __future__ import annotations

from dataclasses import replace

import pytest

from crm_core.domain.floor import FloorAgent, FloorPlan, Queue, Relaxation, RelaxationKind, Strategy
from crm_core.domain.overflow import Overflow, OverflowKind, OverflowWhy
from crm_core.domain.queue_review import Doubt, Finding, review
from crm_core.domain.users import PhoneKind, Role
from crm_core.kernel.ids import AgentId, QueueKey, SkillKey
from crm_core.kernel.language import Language

SERVICE, SPARE = QueueKey("service"), QueueKey("spare")
ZH, EN = SkillKey("zh"), SkillKey("en")
QUEUE = Queue(key=SERVICE, names={"en": "Service"})


def agent(extension: str, queue: QueueKey = SERVICE, **skills: int) -> FloorAgent:
    return FloorAgent(
        id=AgentId(extension),
        login=extension,
        name=extension,
        name_en="",
        role=Role.AGENT,
        extension=extension,
        sip_secret="",
        phone_kind=PhoneKind.SIP,
        department=None,
        skills={SkillKey(skill): level for skill, level in skills.items()},
        queues=(queue,),
    )


def floor(*agents: FloorAgent) -> FloorPlan:
    return FloorPlan(agents=agents, skills=(), queues=(QUEUE,), dids=(), departments=())


def of(queue: Queue, *agents: FloorAgent) -> list[Doubt]:
    return [one.doubt for one in review(queue, floor(*agents))]


def test_a_queue_that_is_served_by_somebody_able_leaves_no_doubt() -> None:
    assert review(replace(QUEUE, asks="zh >= 2 or en >= 5"), floor(agent("1001", zh=2))) == ()


def test_nobody_serves_it() -> None:
    assert of(replace(QUEUE, asks="zh >= 2"), agent("1001", SPARE, zh=5)) == [Doubt.NOBODY_SERVES]


def test_a_skill_nobody_has_is_named_with_its_level() -> None:
    found = review(replace(QUEUE, asks="zh >= 2 and en >= 4"), floor(agent("1001", zh=3, en=3)))
    assert found == (Finding(field="asks", doubt=Doubt.SKILL_OF_NOBODY, skill=EN, level=4),)


def test_all_of_it_is_there_but_never_in_one_person() -> None:
    assert of(replace(QUEUE, skills={ZH: 2, EN: 2}), agent("1001", zh=3), agent("1002", en=3)) == [Doubt.NOBODY_ABLE]


@pytest.mark.parametrize(
    ("order", "doubts"),
    [((), [Doubt.ORDER_EMPTY]), (("1001", "1009"), [Doubt.ORDER_OF_NOBODY]), (("1001",), [])],
)
def test_a_fixed_order_names_those_who_serve_it(order: tuple[str, ...], doubts: list[Doubt]) -> None:
    fixed = replace(QUEUE, strategy=Strategy.FIXED_ORDER, ring_order=order)
    assert of(fixed, agent("1001")) == doubts


def test_steps_that_change_nothing_or_never_come() -> None:
    def lower(after_s: int, level: int) -> Relaxation:
        return Relaxation(after_s=after_s, kind=RelaxationKind.LOWER, skill=ZH, level=level)

    queue = replace(QUEUE, asks="zh >= 3", max_wait_s=60, relaxing=(lower(30, 2), lower(40, 3), lower(60, 1)))
    found = [(one.doubt, one.number) for one in review(queue, floor(agent("1001", zh=3)))]
    assert found == [(Doubt.STEP_IN_VAIN, 2), (Doubt.STEP_TOO_LATE, 3)]


def test_prompts_that_are_missing_in_a_language() -> None:
    chain = (Overflow(kind=OverflowKind.MESSAGE, to="closed"), Overflow(kind=OverflowKind.MESSAGE, to="clsoed"))
    queue = replace(QUEUE, comfort="our_song", overflow=chain, max_waiting=3)
    sounds = {Language.ZH: {"closed", "our_song"}, Language.EN: {"closed"}}
    found = [(one.field, one.prompt, one.language) for one in review(queue, floor(agent("1001")), sounds)]
    assert found == [
        ("comfort", "our_song", Language.EN),
        ("overflow", "clsoed", Language.ZH),
        ("overflow", "clsoed", Language.EN),
    ]


def test_music_is_heard_in_any_language() -> None:
    queue = replace(QUEUE, music=("song", "lost"))
    sounds = {Language.ZH: {"song"}, Language.EN: {"hello"}}
    found = [(one.field, one.doubt, one.prompt) for one in review(queue, floor(agent("1001")), sounds)]
    assert found == [("music", Doubt.MUSIC_MISSING, "lost")]


def test_callers_go_on_to_a_queue_nobody_serves() -> None:
    chain = (Overflow(kind=OverflowKind.QUEUE, to=SPARE), Overflow(kind=OverflowKind.MESSAGE, to="closed"))
    queue = replace(QUEUE, overflow=chain, max_waiting=3)
    assert of(queue, agent("1001")) == [Doubt.ONWARD_TO_NOBODY]
    assert of(queue, agent("1001"), agent("1002", SPARE)) == []


def test_a_step_to_which_nothing_sends_callers() -> None:
    chain = (
        Overflow(kind=OverflowKind.MESSAGE, to="all_busy", when=(OverflowWhy.FULL,)),
        Overflow(kind=OverflowKind.MESSAGE, to="closed"),
    )
    found = review(replace(QUEUE, overflow=chain), floor(agent("1001")))
    assert [(one.doubt, one.number) for one in found] == [(Doubt.ONWARD_IN_VAIN, 1), (Doubt.ONWARD_IN_VAIN, 2)]
    assert [one.number for one in review(replace(QUEUE, overflow=chain, max_wait_s=60), floor(agent("1001")))] == [1]
    assert of(replace(QUEUE, overflow=chain, max_waiting=3), agent("1001")) == []
