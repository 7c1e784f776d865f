"""What callers did in the menus, counted by the database: the same as counted by hand, on both kinds of database."""

from __future__ import annotations

import random
import statistics
from collections import Counter
from collections.abc import Sequence
from datetime import timedelta

import pytest

from crm_core.domain.menu_walks import Ending, MenuFigures
from crm_core.errors import CallNotFound, FlowNotFound
from crm_core.kernel.clock import ManualClock
from crm_core.kernel.ids import CallId, QueueKey, ServerId
from crm_core.kernel.messages import Event
from crm_core.services.bundle import Services
from cti.events import CallArrived, CallQueued, CallWalked, Direction, MenuVisit

CALLS = 120
WAYS = ("choices.1", "choices.2", "exhausted", "error")
ENDS = ("queue", "hung_up", "end", "cut")


@pytest.fixture
async def menu(services: Services) -> str:
    await services.flows.furnish("main", "{}")
    return "main"


def visit(
    clock: ManualClock, node: str, way: str, *, after: float = 0, seconds: float = 0, **more: object
) -> MenuVisit:
    at = clock.now() + timedelta(seconds=after)
    found = {"flow": "main", "version": 1, "node": node, "way": way, "at": at, "seconds": seconds} | more
    return MenuVisit(**found)  # type: ignore[arg-type]


def walked(clock: ManualClock, call: str, *visits: MenuVisit, told_after: float = 60) -> CallWalked:
    return CallWalked(at=clock.now() + timedelta(seconds=told_after), call=CallId(call), visits=visits)


def queued(clock: ManualClock, call: str) -> CallQueued:
    return CallQueued(at=clock.now() + timedelta(seconds=61), call=CallId(call), queue=QueueKey("service"), requires={})


async def figures(services: Services, clock: ManualClock, *, version: int | None = None) -> MenuFigures:
    now = clock.now()
    return await services.menu_walks.figures(
        "main", since=now - timedelta(days=1), until=now + timedelta(days=1), version=version
    )


def invented(clock: ManualClock, dice: random.Random) -> list[CallWalked]:
    return [_one(clock, dice, number) for number in range(CALLS)]


def _one(clock: ManualClock, dice: random.Random, number: int) -> CallWalked:
    version, after, visits = dice.randint(1, 2), number * 10.0, list[MenuVisit]()
    for place in range(dice.randint(1, 6)):
        wrong = tuple(dice.choice(("7", "", "#", "12")) for _ in range(dice.choice((0, 0, 1, 2))))
        took = round(dice.uniform(0, 20), 1)
        visits.append(
            visit(
                clock, f"n{dice.randrange(4)}", dice.choice(WAYS), after=after, seconds=took, version=version,
                entered=wrong, wrong=wrong, done=dice.choice(("", "", "ticket_told")) if place else "",
            )
        )  # fmt: skip
        after += took
    last = visits.pop()
    ended = visit(
        clock, last.node, dice.choice(ENDS), after=after, seconds=last.seconds, version=version, wrong=last.wrong
    )
    return walked(clock, f"c{number}", *visits, ended, told_after=after + 30)


async def test_the_database_counts_as_one_would_by_hand(services: Services, clock: ManualClock, menu: str) -> None:
    told = invented(clock, random.Random(7))
    await services.calls.apply_all(told)
    for version in (None, 1, 2):
        found = await figures(services, clock, version=version)
        here = [call for call in told if version in (None, call.visits[0].version)]
        assert found.calls == len(here)
        assert {node.node for node in found.nodes} == {one.node for call in here for one in call.visits}
        for node in found.nodes:
            _is_right(found, node.node, here)
        handed_on = [call for call in here if call.visits[-1].way == "queue"]
        assert found.endings.get(Ending.HANDED_ON, 0) == len(handed_on)
        assert found.by_error == sum(any(one.way == "error" for one in call.visits) for call in handed_on)


def _is_right(found: MenuFigures, name: str, calls: Sequence[CallWalked]) -> None:
    node = next(one for one in found.nodes if one.node == name)
    visits = [one for call in calls for one in call.visits if one.node == name]
    assert node.visits == len(visits)
    assert node.callers == sum(any(one.node == name for one in call.visits) for call in calls)
    assert node.ways == Counter(one.way for one in visits)
    assert node.hung_up == sum(one.way == "hung_up" for one in visits)
    assert node.errors == sum(one.way == "error" for one in visits)
    assert node.median_s == pytest.approx(statistics.median(one.seconds for one in visits))
    wrong = Counter(entered for one in visits for entered in one.wrong)
    assert [one.times for one in node.wrong] == [times for _, times in wrong.most_common(5)]
    assert all(wrong[one.entered] == one.times for one in node.wrong)


async def test_told_twice_late_and_once_more_is_counted_once(services: Services, clock: ManualClock, menu: str) -> None:
    first = walked(clock, "c", visit(clock, "who", "agent", seconds=2), told_after=2)
    again = walked(
        clock, "c", visit(clock, "who", "error", seconds=20), visit(clock, "person", "queue", after=20), told_after=20
    )
    await services.calls.apply(again)
    await services.calls.apply_all([first, again])
    found = await figures(services, clock)
    assert [(node.node, node.visits, dict(node.ways)) for node in found.nodes] == [
        ("person", 1, {"queue": 1}),
        ("who", 1, {"error": 1}),
    ]
    assert (found.calls, found.by_error, found.containment) == (1, 1, 0.0)
    walk = await services.menu_walks.of_call(CallId("c"))
    assert walk is not None
    assert [one.way for one in walk.visits] == ["error", "queue"]


async def test_whose_line_broke_went_on_to_a_person_when_he_waited_then(
    services: Services, clock: ManualClock, menu: str
) -> None:
    await services.calls.apply(walked(clock, "gone", visit(clock, "main", "cut")))
    await services.calls.apply(walked(clock, "waits", visit(clock, "main", "cut")))
    assert (await figures(services, clock)).endings == {Ending.GAVE_UP: 2}
    await services.calls.apply(queued(clock, "waits"))
    assert (await figures(services, clock)).endings == {Ending.GAVE_UP: 1, Ending.HANDED_ON: 1}


async def test_only_what_was_in_the_time_is_counted(services: Services, clock: ManualClock, menu: str) -> None:
    await services.calls.apply(walked(clock, "c", visit(clock, "main", "end", done="goodbye")))
    now = clock.now()
    before = await services.menu_walks.figures("main", since=now - timedelta(days=1), until=now)
    assert (before.calls, before.nodes, before.containment) == (0, (), None)
    since = await services.menu_walks.figures("main", since=now, until=now + timedelta(seconds=1))
    assert (since.calls, since.containment) == (1, 1.0)


async def test_a_menu_that_is_gone_through_from_another_has_nodes_and_no_calls(
    services: Services, clock: ManualClock, menu: str
) -> None:
    await services.flows.furnish("inside", "{}")
    within = visit(clock, "ask", "choices.1", flow="inside", version=4)
    await services.calls.apply(
        walked(clock, "c", visit(clock, "call", "next"), within, visit(clock, "person", "queue"))
    )
    now = clock.now()
    found = await services.menu_walks.figures("inside", since=now - timedelta(1), until=now + timedelta(1), version=4)
    assert (found.calls, [node.node for node in found.nodes]) == (0, ["ask"])


async def test_what_is_not_there_is_said(services: Services, clock: ManualClock) -> None:
    with pytest.raises(FlowNotFound):
        await figures(services, clock)
    with pytest.raises(CallNotFound):
        await services.menu_walks.of_call(CallId("none"))
    arrived: Event = CallArrived(
        at=clock.now(), call=CallId("direct"), server=ServerId("pbx1"), direction=Direction.INBOUND, ani="1"
    )
    await services.calls.apply(arrived)
    assert await services.menu_walks.of_call(CallId("direct")) is None
