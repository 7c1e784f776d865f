"""The line of callers and the bench of agents keep their order whatever comes and goes."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from crm_core.kernel.ids import AgentId, CallId
from crm_core.kernel.requirements import NOTHING
from routing.lines import Bench, Caller, Line
from tests.unit.routing.floors import SERVICE, START


def caller(name: str, priority: int = 0, since: float = 0.0, order: int = 0) -> Caller:
    return Caller(
        call=CallId(name),
        queue=SERVICE,
        asked=NOTHING,
        requires=NOTHING,
        priority=priority,
        since=START,
        place=(-priority, since, order),
    )


def test_the_most_urgent_then_the_oldest_is_first() -> None:
    line = Line()
    for one in (caller("young", since=9), caller("old", since=1), caller("urgent", priority=3, since=9)):
        line.join(one)
    order = []
    while line.first is not None:
        order.append(line.first.call)
        line.leave(line.first.call)
    assert order == ["urgent", "old", "young"]


def test_who_comes_back_stands_where_he_stood() -> None:
    line, first = Line(), caller("first", since=1)
    line.join(first)
    line.join(caller("second", since=2))
    line.leave(first.call)
    line.join(first)
    assert line.first is first


def test_leaving_twice_is_leaving_once() -> None:
    line = Line()
    line.join(caller("one"))
    line.leave(CallId("one"))
    line.leave(CallId("one"))
    assert line.first is None
    assert len(line) == 0


@given(st.lists(st.tuples(st.integers(0, 30), st.booleans()), max_size=300))
def test_first_is_always_the_smallest_place(steps: list[tuple[int, bool]]) -> None:
    line, here = Line(), dict[str, Caller]()
    for number, joins in steps:
        name = f"c{number}"
        if joins and name not in here:
            here[name] = caller(name, priority=number % 3, since=number * 7 % 11, order=number)
            line.join(here[name])
        elif not joins:
            line.leave(CallId(name))
            here.pop(name, None)
        assert line.first is min(here.values(), key=lambda one: one.place, default=None)
        assert len(line) == len(here)


def test_a_bench_gives_its_first_two() -> None:
    bench = Bench()
    assert bench.first() is None
    for rank, name in (((2,), "b"), ((1,), "c"), ((1,), "a")):
        bench.sit(rank, AgentId(name))
    assert bench.first() == ((1,), "a")
    assert bench.second() == ((1,), "c")
    bench.rise((1,), AgentId("a"))
    bench.rise((1,), AgentId("nobody"))
    assert bench.first() == ((1,), "c")
    assert len(bench) == 2
