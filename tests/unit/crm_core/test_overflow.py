"""Overflow chains: which step is for whom, and circles in which a caller would be sent round."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from crm_core.domain.overflow import Overflow, OverflowKind, OverflowWhy, loop_in
from crm_core.kernel.ids import QueueKey

QUEUES = [QueueKey(key) for key in "abcde"]


def to(*queues: str) -> tuple[Overflow, ...]:
    return tuple(Overflow(kind=OverflowKind.QUEUE, to=queue) for queue in queues)


def test_a_step_is_for_every_reason_unless_it_names_some() -> None:
    message = Overflow(kind=OverflowKind.MESSAGE, to="all_busy", when=(OverflowWhy.FULL,))
    assert message.holds_for(OverflowWhy.FULL)
    assert not message.holds_for(OverflowWhy.NOBODY)
    assert to("a")[0].holds_for(OverflowWhy.NOBODY)


def test_a_circle_is_named_in_its_order() -> None:
    chains = {QueueKey("a"): to("b"), QueueKey("b"): to("x", "c"), QueueKey("c"): to("a")}
    assert loop_in(chains) == ("a", "b", "c", "a")
    assert loop_in({QueueKey("a"): to("a")}) == ("a", "a")


def test_two_ways_to_one_queue_are_no_circle() -> None:
    assert loop_in({QueueKey("a"): to("b", "c"), QueueKey("b"): to("c"), QueueKey("c"): ()}) == ()


def test_a_number_that_is_called_as_a_queue_is_no_circle() -> None:
    assert loop_in({QueueKey("10"): (Overflow(kind=OverflowKind.NUMBER, to="10"),)}) == ()


@given(st.dictionaries(st.sampled_from(QUEUES), st.lists(st.sampled_from(QUEUES), max_size=3)))
def test_whoever_is_sent_on_again_and_again_comes_to_an_end_exactly_where_no_circle_is_found(
    ways: dict[QueueKey, list[QueueKey]],
) -> None:
    reached = {start: set(ways.get(start, ())) for start in QUEUES}
    for _ in QUEUES:
        reached = {start: found.union(*(ways.get(one, ()) for one in found)) for start, found in reached.items()}
    circle = loop_in({queue: to(*targets) for queue, targets in ways.items()})
    assert bool(circle) == any(start in found for start, found in reached.items())
    assert all(to in ways[start] for start, to in pairwise(circle))
