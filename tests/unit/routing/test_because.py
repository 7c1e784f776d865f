"""The reason kept with a decision stays small and names those who matter first."""

from dataclasses import replace

import pytest

from crm_core.kernel.ids import AgentId, CallId, ServerId, SkillKey
from routing import messages as m
from routing.floor import Floor
from routing.queues import Queue
from routing.reasons import Candidate, SkillMatch
from routing.strategies import StrategyName
from tests.unit.routing.floors import ALICE, BOB, CAROL, QUEUES, REPAIR, START, Shift, agent, assigned


def test_a_large_floor_does_not_drown_the_reason() -> None:
    staff = [agent(AgentId(f"a{number:03}"), zh=1 + number % 5) for number in range(200)]
    shift = Shift(Floor.of(staff, QUEUES))
    shift.ready(AgentId("a000"))
    because = assigned(shift.waits("one", zh=1)).because
    assert len(because.excluded) == 8
    assert {excluded.why for excluded in because.excluded} == {"offline"}


def test_the_better_ones_are_named_before_the_others() -> None:
    staff = [agent(AgentId(f"a{number:03}"), zh=1 + number % 5) for number in range(100)]
    shift = Shift(Floor.of(staff, QUEUES))
    shift.ready(AgentId("a000"))
    because = assigned(shift.waits("one", zh=1)).because
    masters = {profile.id for profile in staff if profile.skills and max(profile.skills.values()) == 5}
    assert {excluded.agent for excluded in because.excluded} <= masters


def test_each_state_has_its_word() -> None:
    shift = Shift(Floor.of([agent(name, zh=5) for name in (ALICE, BOB, CAROL)], QUEUES))
    shift.ready(ALICE, BOB)
    shift.waits("one", REPAIR, zh=1)
    shift.talks("one", ALICE)
    shift.tell(m.CallFinished(agent=ALICE, call=CallId("one")))
    shift.tell(m.Ready(agent=CAROL))
    because = assigned(shift.waits("two", zh=1)).because
    assert {(excluded.agent, excluded.why) for excluded in because.excluded} == {
        (ALICE, "wrap_up"),
        (CAROL, "unreachable"),
    }


def test_whose_phone_is_at_another_server_is_not_said_to_have_none() -> None:
    shift = Shift(Floor.of([agent(name, zh=5) for name in (ALICE, BOB, CAROL)], QUEUES))
    shift.ready(ALICE, BOB)
    shift.tell(m.Ready(agent=CAROL))
    another = ServerId("another")
    shift.tell(m.Reachable(agent=BOB, server=another))
    waits = m.CallWaits(call=CallId("one"), queue=REPAIR, since=START, server=another)
    because = assigned(shift.tell(waits)).because
    assert {(excluded.agent, excluded.why) for excluded in because.excluded} == {
        (ALICE, "other_server"),
        (CAROL, "unreachable"),
    }


def test_whoever_is_free_for_longer_but_masters_less_is_not_hidden() -> None:
    shift = Shift(Floor.of([agent(ALICE, zh=5), agent(BOB, zh=5), agent(CAROL, zh=3)], QUEUES))
    shift.ready(CAROL, BOB, ALICE)
    because = assigned(shift.waits("one", zh=1)).because
    assert (because.rule, because.candidates, because.level) == ("longest_idle", 3, 2)


def test_of_those_who_are_preferred_alike_the_best_is_taken() -> None:
    staff = [agent(ALICE, zh=2, en=5), agent(BOB, zh=1, en=5), agent(CAROL, zh=5)]
    shift = Shift(Floor.of(staff, QUEUES))
    shift.ready(CAROL, BOB, ALICE)
    because = assigned(shift.asks("one", "zh >= 1 prefer en >= 5")).because
    assert (because.rule, because.candidates, because.level) == ("best_skill", 3, 2)


def test_what_decides_between_all_has_nobody_before_it() -> None:
    shift = Shift(Floor.of([agent(ALICE, zh=5), agent(BOB, zh=4)], QUEUES))
    shift.ready(BOB, ALICE)
    because = assigned(shift.waits("one", zh=1)).because
    assert (because.rule, because.candidates, because.level) == ("best_skill", 2, None)


def test_who_missed_the_call_is_none_of_those_between_whom_is_chosen() -> None:
    floor = Floor.of([agent(name, zh=5) for name in (ALICE, BOB, CAROL)], [replace(QUEUES[0], misses_to_pause=3)])
    shift = Shift(floor)
    shift.ready(ALICE, BOB, CAROL)
    shift.waits("one", zh=1)
    missed = m.OfferFailed(agent=ALICE, call=CallId("one"), pause="missed_call", missed=True)
    because = assigned(shift.tell(missed)).because
    assert (because.rule, because.candidates, because.level) == ("longest_idle", 2, 2)
    assert [one.why for one in because.excluded if one.agent == ALICE] == ["missed_this_call"]


def compared(strategy: StrategyName, wish: str = "zh >= 1", **queue: tuple[AgentId, ...]) -> list[Candidate]:
    """Alice, Bob and Carol are free; Alice for longest, and she had a call before that. One more comes."""
    staff = [agent(ALICE, zh=3, en=3), agent(BOB, zh=5, en=1), agent(CAROL, zh=4)]
    shift = Shift(Floor.of(staff, [Queue(key=REPAIR, strategy=strategy, **queue)]))  # type: ignore[arg-type]
    shift.ready(ALICE)
    shift.asks("before", wish, REPAIR)
    shift.talks("before", ALICE)
    shift.wait(57)
    shift.tell(m.CallFinished(agent=ALICE, call=CallId("before")))
    shift.tell(m.WrapUpFinished(agent=ALICE, call=CallId("before")))
    shift.wait(10)
    shift.ready(BOB, CAROL)
    because = assigned(shift.asks("one", wish, REPAIR)).because
    return [replace(one, busy=one.busy and round(one.busy, 3)) for one in because.compared]


def test_who_else_was_free_is_kept_with_what_counted() -> None:
    assert compared(StrategyName.BEST_SKILL) == [
        Candidate(agent=BOB, idle_s=2, skill=5),
        Candidate(agent=CAROL, idle_s=1, skill=4),
        Candidate(agent=ALICE, idle_s=12, skill=3),
    ]
    assert compared(StrategyName.LONGEST_IDLE)[0] == Candidate(agent=ALICE, idle_s=12)
    assert compared(StrategyName.LEAST_OCCUPIED) == [
        Candidate(agent=BOB, idle_s=2, busy=0),
        Candidate(agent=CAROL, idle_s=1, busy=0),
        Candidate(agent=ALICE, idle_s=12, busy=0.031),
    ]
    assert compared(StrategyName.ROUND_ROBIN)[-1] == Candidate(agent=ALICE, idle_s=12, turn_s=69)
    assert compared(StrategyName.FIXED_ORDER, order=(CAROL, ALICE)) == [
        Candidate(agent=CAROL, idle_s=1, place=1),
        Candidate(agent=ALICE, idle_s=12, place=2),
        Candidate(agent=BOB, idle_s=2, place=3),
    ]


def test_what_is_preferred_is_kept_with_everybody_who_has_it() -> None:
    english = [(one.agent, one.preferred) for one in compared(StrategyName.BEST_SKILL, "zh >= 1 prefer en >= 2")]
    assert english == [(ALICE, (SkillMatch(skill=SkillKey("en"), asked=2, has=3),)), (BOB, ()), (CAROL, ())]


def test_who_can_be_spared_and_how_well() -> None:
    staff = [agent(ALICE, zh=3, en=3), agent(BOB, zh=5, fr=2), agent(CAROL, zh=4)]
    shift = Shift(Floor.of(staff, [Queue(key=REPAIR, strategy=StrategyName.LEAST_NEEDED)]))
    for other in ("en", "fr"):
        shift.waits(other, REPAIR, **{other: 1})
        shift.tell(m.CallGone(call=CallId(other)))
    shift.ready(ALICE, BOB, CAROL)
    because = assigned(shift.waits("one", REPAIR, zh=1)).because
    assert because.rule == "least_needed"
    assert [(one.agent, one.spare) for one in because.compared] == [(CAROL, None), (ALICE, 1), (BOB, 1)]


def test_of_many_the_first_are_named_and_whoever_missed_the_call_is_none_of_them() -> None:
    staff = [agent(AgentId(f"a{number}"), zh=1) for number in range(9)]
    shift = Shift(Floor.of(staff, [replace(QUEUES[0], misses_to_pause=3)]))
    shift.ready(*(one.id for one in staff))
    first = assigned(shift.waits("one", zh=1)).because
    assert [one.agent for one in first.compared] == ["a0", "a1", "a2", "a3", "a4", "a5"]
    missed = m.OfferFailed(agent=AgentId("a0"), call=CallId("one"), pause="missed_call", missed=True)
    again = assigned(shift.tell(missed)).because
    assert [one.agent for one in again.compared] == ["a1", "a2", "a3", "a4", "a5", "a6"]


@pytest.mark.parametrize("strategy", [StrategyName.BEST_SKILL, StrategyName.RING_ALL])
def test_where_nobody_could_have_been_asked_instead_nothing_is_compared(strategy: StrategyName) -> None:
    shift = Shift(Floor.of([agent(ALICE, zh=1), agent(BOB, zh=1)], [Queue(key=REPAIR, strategy=strategy)]))
    shift.ready(ALICE)
    assert not assigned(shift.waits("one", REPAIR)).because.compared, "Bob is away"
    shift.tell(m.CallGone(call=CallId("one")))
    shift.ready(BOB)
    if strategy is StrategyName.RING_ALL:
        [everybody] = [one for one in shift.waits("two", REPAIR) if isinstance(one, m.AssignedAll)]
        assert all(not because.compared for because in everybody.because.values())
