"""Why somebody still waits and why somebody gets no calls, asked of the engine at this moment."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from crm_core.kernel.ids import AgentId, CallId, QueueKey, ServerId, SkillKey, TicketId
from crm_core.kernel.requirements_text import read
from routing import messages as m
from routing.agents import Agent
from routing.explaining import Ahead, ComesFirst, IdleReason, NoCalls, NotHis, PassedBy, WaitReason
from routing.floor import Floor
from routing.queues import Queue
from routing.reasons import Exclusion, StepKind, StepTaken, WhyWaiting
from routing.relaxing import Step
from routing.strategies import StrategyName
from tests.unit.routing.floors import ALICE, BOB, CAROL, REPAIR, SERVICE, VIP, Shift, agent

ZH = SkillKey("zh")
QUEUES = [Queue(key=key) for key in (SERVICE, VIP, REPAIR)]
STEPS = (
    Step(after_s=20, kind=StepKind.LOWER, skill=SkillKey("repair"), level=1),
    Step(after_s=60, kind=StepKind.LOWER, skill=ZH, level=2),
)


def idle(play: Shift, name: AgentId) -> IdleReason:
    reason = play.engine.explain_idle(name)
    assert reason is not None
    return reason


def waits(play: Shift, call: str) -> WaitReason:
    reason = play.engine.explain_wait(CallId(call))
    assert reason is not None
    return reason


def test_of_strangers_there_is_nothing_to_say() -> None:
    play = Shift()
    assert play.engine.explain_idle(AgentId("nobody")) is None
    assert play.engine.explain_wait(CallId("nothing")) is None


@pytest.mark.parametrize(
    ("told", "code"),
    [
        ((), NoCalls.OFFLINE),
        ((m.Ready(agent=ALICE),), NoCalls.UNREACHABLE),
        ((m.Reachable(agent=ALICE), m.Paused(agent=ALICE, reason="lunch")), NoCalls.PAUSED),
        ((m.Reachable(agent=ALICE), m.Ready(agent=ALICE)), NoCalls.NOBODY_WAITS),
        (
            (m.Reachable(agent=ALICE), m.Ready(agent=ALICE), m.OwnCallBegan(agent=ALICE, call=CallId("own"))),
            NoCalls.TALKING,
        ),
    ],
)
def test_what_lies_with_himself_comes_first(told: tuple[m.Input, ...], code: NoCalls) -> None:
    play = Shift()
    play.tell(*told)
    assert idle(play, ALICE).code is code
    assert idle(play, ALICE).pause == ("lunch" if code is NoCalls.PAUSED else "")


def test_on_the_way_through_a_call() -> None:
    play = Shift()
    play.ready(ALICE)
    play.waits("one")
    assert idle(play, ALICE).code is NoCalls.BEING_OFFERED
    play.talks("one", ALICE)
    assert idle(play, ALICE).code is NoCalls.TALKING
    play.tell(m.CallFinished(agent=ALICE, call=CallId("one")))
    assert idle(play, ALICE).code is NoCalls.WRAP_UP


def test_who_serves_no_queue_is_told_so() -> None:
    play = Shift(Floor.of([agent(ALICE, queues=())], [Queue(key=SERVICE)]))
    play.ready(ALICE)
    assert idle(play, ALICE).code is NoCalls.NO_QUEUE


def test_callers_who_are_not_for_him_are_counted_by_their_reason() -> None:
    play = Shift(Floor.of([agent(ALICE, [SERVICE], zh=2), agent(BOB, [VIP], en=5)], QUEUES))
    play.ready(ALICE, BOB)
    play.waits("a", SERVICE, zh=4)
    play.waits("b", SERVICE, zh=4)
    play.waits("c", REPAIR)
    play.waits("d", VIP)  # bob's phone rings for him
    lack = Exclusion(agent=ALICE, why="skill", skill=ZH, asked=4, has=2)
    reason = idle(play, ALICE)
    assert (reason.code, reason.waiting) == (NoCalls.NONE_TO_TAKE, 4)
    assert reason.passed_by == (
        PassedBy(why=NotHis.SKILL, callers=2, lack=lack),
        PassedBy(why=NotHis.OTHER_QUEUE, callers=1, queue=REPAIR),
        PassedBy(why=NotHis.BEING_OFFERED, callers=1),
    )


def test_when_all_who_wait_are_being_offered_nobody_waits() -> None:
    play = Shift()
    play.ready(BOB, ALICE)
    play.waits("one", zh=5, consult=4)
    reason = idle(play, ALICE)
    assert (reason.code, reason.passed_by) == (NoCalls.NOBODY_WAITS, (PassedBy(why=NotHis.BEING_OFFERED, callers=1),))


def test_a_caller_at_another_server_is_not_his() -> None:
    play = Shift(Floor.of([agent(ALICE)], [Queue(key=SERVICE)]))
    play.tell(m.Reachable(agent=ALICE, server=ServerId("one")), m.Ready(agent=ALICE))
    play.tell(m.CallWaits(call=CallId("far"), queue=SERVICE, since=play.now, server=ServerId("two")))
    assert idle(play, ALICE).passed_by == (PassedBy(why=NotHis.OTHER_SERVER, callers=1),)
    reason = waits(play, "far")
    assert (reason.code, reason.not_free) == (
        WhyWaiting.OTHER_SERVER,
        (Exclusion(agent=ALICE, why="other_server"),),
    )


def test_how_many_have_been_free_for_longer() -> None:
    play = Shift()
    play.ready(BOB, CAROL, ALICE)
    assert [idle(play, name).free_longer for name in (BOB, CAROL, ALICE)] == [0, 1, 2]


def come_first(
    name: AgentId, strategy: StrategyName, staff: tuple[Agent, ...], order: tuple[AgentId, ...] = ()
) -> dict[QueueKey, int]:
    """Of everybody who is ready, in this order."""
    play = Shift(Floor.of(staff, [Queue(key=SERVICE, strategy=strategy, order=order), Queue(key=VIP)]))
    play.ready(*(one.id for one in staff))
    assert all(one.strategy is strategy for one in idle(play, name).come_first if one.queue == SERVICE)
    return {one.queue: one.colleagues for one in idle(play, name).come_first}


MASTER, BEGINNER, OTHER = agent(ALICE, [SERVICE], zh=5), agent(BOB, [SERVICE], zh=2), agent(CAROL, [VIP], zh=5)


def test_who_comes_before_him_is_said_by_what_his_queue_looks_at() -> None:
    best, longest, fixed = StrategyName.BEST_SKILL, StrategyName.LONGEST_IDLE, StrategyName.FIXED_ORDER
    bob_first, alice_first = (BEGINNER, MASTER, OTHER), (MASTER, BEGINNER, OTHER)
    assert come_first(BOB, best, bob_first) == {SERVICE: 1}, "free for longer, and yet not the best"
    assert come_first(BOB, longest, bob_first) == {}
    assert come_first(ALICE, longest, bob_first) == {SERVICE: 1}
    assert come_first(ALICE, fixed, bob_first, (ALICE, BOB)) == {}, "free for less long, and yet the first"
    assert come_first(BOB, fixed, bob_first, (ALICE, BOB)) == {SERVICE: 1}
    assert come_first(BOB, StrategyName.RING_ALL, alice_first) == {}, "all are asked at once"
    assert come_first(BOB, StrategyName.ROUND_ROBIN, alice_first) == {SERVICE: 1}


def test_of_the_equally_skilled_whoever_has_been_free_longer_comes_before() -> None:
    equals = (agent(ALICE, [SERVICE], zh=3), agent(BOB, [SERVICE], zh=3))
    assert come_first(BOB, StrategyName.BEST_SKILL, equals) == {SERVICE: 1}
    assert come_first(ALICE, StrategyName.BEST_SKILL, equals) == {}


def test_whoever_is_at_another_server_or_busy_is_before_nobody() -> None:
    play = Shift(Floor.of([MASTER, BEGINNER], [Queue(key=SERVICE)]))
    play.ready(BOB)
    play.tell(m.Reachable(agent=ALICE, server=ServerId("another")), m.Ready(agent=ALICE))
    assert idle(play, BOB).come_first == ()
    play.tell(m.Reachable(agent=ALICE))
    expected = ComesFirst(queue=SERVICE, strategy=StrategyName.BEST_SKILL, colleagues=1)
    assert idle(play, BOB).come_first == (expected,)
    play.tell(m.OwnCallBegan(agent=ALICE, call=CallId("own")))
    assert idle(play, BOB).come_first == ()


def test_who_is_served_before_from_other_lines_is_named() -> None:
    queues = [Queue(key=SERVICE), Queue(key=VIP, priority=2), Queue(key=REPAIR)]
    play = Shift(Floor.of([agent(ALICE, [SERVICE, VIP], zh=1, fr=1), agent(BOB, [REPAIR])], queues))
    play.waits("early", SERVICE, since=30, priority=1)
    play.waits("he", SERVICE, since=20, zh=1)
    play.waits("same", SERVICE, since=25, zh=1)
    play.waits("vip", VIP)
    play.waits("vip of old", VIP, since=90)
    play.waits("late", SERVICE, fr=1)
    play.waits("of others", REPAIR, since=500)
    reason = waits(play, "he")
    assert reason.ahead + sum(one.waiting for one in reason.ahead_elsewhere) == 4
    assert Ahead(queue=VIP, waiting=2, urgent=1) in reason.ahead_elsewhere
    assert waits(play, "vip of old").ahead_elsewhere == ()
    play.ready(ALICE)
    assert waits(play, "vip of old").ahead_elsewhere == (), "he is being offered"
    assert Ahead(queue=VIP, waiting=1, urgent=1) in waits(play, "he").ahead_elsewhere


def test_a_ticket_whose_time_has_come_is_before_a_caller() -> None:
    play = Shift(Floor.of([replace(agent(ALICE, [SERVICE]), tickets_at_once=1)], [Queue(key=SERVICE)]))
    play.tell(m.TicketWaits(ticket=TicketId("t"), queue=SERVICE, since=play.now - timedelta(hours=9)))
    play.waits("one")
    assert waits(play, "one").ahead_elsewhere == (Ahead(queue=SERVICE, waiting=1, tickets=True),)
    assert waits(play, "t").ahead_elsewhere == ()


def test_why_he_waits_names_the_able_and_his_place() -> None:
    play = Shift()
    play.ready(ALICE)
    play.tell(m.Reachable(agent=BOB), m.Paused(agent=BOB, reason="break"))
    play.waits("first", zh=4)
    play.waits("second", zh=4)
    play.waits("third", zh=4)
    assert waits(play, "first") == WaitReason(
        code=WhyWaiting.BEING_OFFERED,
        ahead=0,
        offered_to=ALICE,
        able=2,
        not_free=(Exclusion(agent=ALICE, why="busy"), Exclusion(agent=BOB, why="paused")),
    )
    assert (waits(play, "second").code, waits(play, "second").ahead) == (WhyWaiting.ALL_BUSY, 0)
    assert waits(play, "third").ahead == 1


def test_the_next_step_is_the_first_that_changes_something_for_him() -> None:
    play = Shift(Floor.of([agent(ALICE, zh=2)], [Queue(key=SERVICE, steps=STEPS)]))
    play.ready(ALICE)
    came = play.now
    play.asks("one", "zh >= 4")
    reason = waits(play, "one")
    assert reason.next_step == StepTaken(kind=StepKind.LOWER, after_s=60, skill=ZH, asked=4, level=2)
    assert reason.next_at == came + timedelta(seconds=60)
    assert play.engine.callers[CallId("one")].requires == read("zh >= 4")  # to ask changes nothing
    play.wait(60)
    play.tell(m.Tick())
    assert waits(play, "one").next_step is None
