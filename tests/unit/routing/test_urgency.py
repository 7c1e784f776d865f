"""Whose turn it is: priority, what waiting is worth beside it, and weights; that no queue starves."""

from __future__ import annotations

from collections import Counter
from datetime import datetime
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crm_core.kernel.ids import CallId, QueueKey
from routing import messages as m
from routing.floor import Floor
from routing.queues import Queue, WrapUp, WrapUpKind
from routing.urgency import TURN_S
from tests.unit.routing.floors import ALICE, REPAIR, SERVICE, VIP, Shift, agent, pairs

KEYS = (SERVICE, VIP, REPAIR)
CONVERSATION_S = 10


def queue(key: QueueKey, priority: int = 0, ageing_s: float = 0.0, weight: float = 1.0, crowd_s: float = 0.0) -> Queue:
    none = WrapUp(kind=WrapUpKind.NONE)
    return Queue(key=key, priority=priority, ageing_s=ageing_s, weight=weight, crowd_s=crowd_s, wrap_up=none)


def shift_of(*queues: Queue) -> Shift:
    return Shift(Floor.of((agent(ALICE),), queues))


def served(shift: Shift) -> str:
    [(call, _)] = pairs(shift.ready(ALICE))
    return call


def next_one(shift: Shift) -> CallId | None:
    """Alice has done with whom she has, and is given …"""
    hand = shift.engine.agents[ALICE].hand
    if hand is not None:
        shift.talks(hand.call, ALICE)
        shift.tell(m.CallFinished(agent=ALICE, call=hand.call))
    hand = shift.engine.agents[ALICE].hand
    return None if hand is None else hand.call


def test_without_ageing_whoever_has_more_priority_goes_first_however_long_others_wait() -> None:
    shift = shift_of(queue(SERVICE), queue(VIP, priority=1))
    shift.waits("old", since=3000)
    shift.waits("important", VIP)
    assert served(shift) == "important"


@pytest.mark.parametrize(("waited", "first"), [(119, "important"), (121, "old")])
def test_so_much_waiting_makes_up_for_a_level(waited: float, first: str) -> None:
    shift = shift_of(queue(SERVICE, ageing_s=60), queue(VIP, priority=2, ageing_s=60))
    shift.waits("old", since=waited)
    shift.waits("important", VIP)
    assert served(shift) == first


def test_a_calls_own_priority_ages_as_its_queues_does() -> None:
    shift = shift_of(queue(SERVICE, ageing_s=60))
    shift.waits("old", since=61)
    shift.waits("important", priority=1)
    assert served(shift) == "old"


def test_a_floor_drawn_anew_puts_everybody_into_the_order_it_wants() -> None:
    shift = shift_of(queue(SERVICE), queue(VIP, priority=1))
    shift.waits("old", since=90)
    shift.waits("important", VIP)
    ageing = [queue(SERVICE, ageing_s=60), queue(VIP, priority=1, ageing_s=60)]
    shift.tell(m.FloorChanged(floor=Floor.of((agent(ALICE),), ageing)))
    assert served(shift) == "old"


def test_full_lines_share_the_agents_by_their_weights() -> None:
    shift = shift_of(queue(SERVICE), queue(VIP, weight=3))
    for number in range(40):
        for key in (SERVICE, VIP):
            shift.waits(f"{key}{number}", key)
    shift.ready(ALICE)
    got = Counter(str(next_one(shift)).rstrip("0123456789") for _ in range(32))
    assert got == {"vip": 24, "service": 8}


def test_the_line_is_shown_in_the_order_in_which_it_is_served() -> None:
    shift = shift_of(queue(SERVICE, ageing_s=60), queue(VIP, priority=1, ageing_s=60))
    shift.waits("young")
    shift.waits("important", VIP)
    shift.waits("old", since=61)
    assert [caller.call for caller in shift.engine.line()] == ["old", "important", "young"]


def test_who_waited_much_longer_goes_first_whatever_the_weights() -> None:
    shift = shift_of(queue(SERVICE), queue(VIP, weight=3))
    shift.waits("old", since=100)
    shift.waits("young", VIP)
    assert served(shift) == "old"


def test_a_queue_saves_nothing_up_while_nobody_waits_in_it() -> None:
    shift = shift_of(queue(SERVICE), queue(VIP, weight=3))
    for number in range(30):
        shift.waits(f"service{number}")
    shift.ready(ALICE)
    for _ in range(20):
        next_one(shift)
    for number in range(30):
        shift.waits(f"vip{number}", VIP)
    got = Counter(str(next_one(shift)).rstrip("0123456789") for _ in range(8))
    assert got["service"] >= 1


def test_where_nobody_waits_any_more_no_queue_owes_anything() -> None:
    shift = shift_of(queue(SERVICE), queue(VIP, weight=3))
    for number in range(20):
        shift.waits(f"service{number}")
    shift.ready(ALICE)
    for _ in range(19):
        next_one(shift)
    shift.waits("young", VIP)
    shift.waits("old", since=100)
    assert next_one(shift) == "old"


def test_whoever_waits_for_somebody_else_does_not_put_those_behind_whom_she_serves_meanwhile() -> None:
    queues = queue(SERVICE), queue(VIP, weight=3), queue(REPAIR)
    shift = Shift(Floor.of((agent(ALICE, queues=(SERVICE, VIP)),), queues))
    shift.waits("stuck", REPAIR)
    for number in range(21):
        shift.waits(f"service{number}", since=100 - number)
    shift.ready(ALICE)
    for _ in range(19):
        next_one(shift)
    shift.waits("young", VIP)
    assert next_one(shift) == "service20"


queues_that_age = st.tuples(
    *(
        st.builds(
            queue, st.just(key), st.integers(0, 5), st.sampled_from((1, 20, 60)), st.sampled_from((1.0, 2.0, 5.0))
        )
        for key in KEYS
    )
)


@settings(max_examples=100, deadline=None)
@given(queues_that_age, st.integers(0, 2), st.integers(0, 30), st.integers(1, 4))
def test_no_queue_starves_however_many_come_into_the_others(
    queues: tuple[Queue, ...], lonely: int, before: int, rush: int
) -> None:
    """Into the others come up to four times as many as Alice can serve, without end. The one caller of this queue has
    his turn all the same: after no more of them than could come within the head start of their priority, and than
    their queues' weights let go first."""
    shift, number = shift_of(*queues), 0
    others = [one for place, one in enumerate(queues) if place != lonely]
    for number in range(before):
        shift.waits(f"other{number}", others[number % 2].key, since=before - number)
    shift.ready(ALICE)
    shift.waits("lonely", queues[lonely].key)
    if shift.engine.callers[CallId("lonely")].offered_to is not None:
        return
    gone_before = 0
    while (number := number + 1) and next_one(shift) != "lonely":
        gone_before += 1
        for more in range(rush):
            shift.waits(f"other{number}.{more}.{gone_before}", others[(number + more) % 2].key)
        shift.wait(CONVERSATION_S)
        assert gone_before <= _at_most(queues, lonely, before, rush), "he starves"


def _at_most(queues: tuple[Queue, ...], lonely: int, before: int, rush: int) -> float:
    """By waiting: those in line, and who comes within the largest head start and the furthest that his queue had fallen
    back (as far as its callers had waited, at most). By weight alone: nobody more."""
    start_s = max(one.priority * one.ageing_s for one in queues) + before + 2 * TURN_S
    return before + 1 + rush * (start_s / CONVERSATION_S + 2)


@settings(max_examples=100, deadline=None)
@given(queues_that_age, st.lists(st.tuples(st.integers(0, 2), st.integers(0, 2), st.integers(0, 200)), max_size=12))
def test_where_weights_are_alike_the_next_one_is_always_the_most_urgent(
    queues: tuple[Queue, ...], came: list[tuple[int, int, int]]
) -> None:
    """Against a naive eye that looks at everybody, with the formula as it stands in docs/queues.md."""
    shift = shift_of(*(queue(one.key, one.priority, one.ageing_s) for one in queues))
    wanted: dict[str, tuple[float, datetime]] = {}
    for number, (where, priority, waited) in enumerate(came):
        shift.waits(f"call{number}", queues[where].key, priority=priority, since=waited)
        since = shift.engine.callers[CallId(f"call{number}")].since
        wanted[f"call{number}"] = ((priority + queues[where].priority) * queues[where].ageing_s, since)
    shift.ready(ALICE)
    while wanted:
        hand = shift.engine.agents[ALICE].hand
        assert hand is not None
        urgency = {call: start + (shift.now - since).total_seconds() for call, (start, since) in wanted.items()}
        assert urgency[hand.call] >= max(urgency.values()) - 1e-3
        del wanted[hand.call]
        shift.wait(7)
        next_one(shift)


@pytest.mark.parametrize("dice", [Random(seed) for seed in range(12)])
def test_the_order_that_is_shown_is_the_order_in_which_they_are_served(dice: Random) -> None:
    """Priorities, ageing, weights and crowds at once, and one who takes whoever is next."""
    ageing = dice.choice([0, 60])
    queues = (
        queue(SERVICE, ageing_s=ageing, crowd_s=dice.choice([0, 20])),
        queue(VIP, ageing_s=ageing, priority=1, weight=dice.choice([1, 3])),
        queue(REPAIR, ageing_s=ageing, weight=dice.choice([1, 2]), crowd_s=dice.choice([0, 5])),
    )
    shift = Shift(Floor.of((agent(ALICE, zh=1),), queues))
    for number in range(30):
        wish = dice.choice([{}, {"zh": 1}])
        shift.waits(f"{number}", dice.choice([SERVICE, VIP, REPAIR]), since=dice.uniform(0, 300), **wish)
    shown = [caller.call for caller in shift.engine.in_turn()]
    assert shown != [caller.call for caller in sorted(shift.engine.callers.values(), key=lambda one: one.since)]
    got = [served(shift), *(str(next_one(shift)) for _ in shown[1:])]
    assert got == shown
