"""The reason kept with a decision stays small and names those who matter first."""

from dataclasses import replace

from crm_core.kernel.ids import AgentId, CallId, ServerId
from routing import messages as m
from routing.floor import Floor
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
