"""One call's way through the menus, from the lines of the log; how it ended; and the middle of many."""

from __future__ import annotations

import statistics
from collections import Counter
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm_core.domain.log import LoggedEvent
from crm_core.domain.menu_walks import WALKED, Ending, Visit, Walk, median, walk_of
from crm_core.kernel.ids import CallId, MessageId

NINE = datetime(2026, 1, 5, 9, 0, tzinfo=UTC)


def visit(node: str = "main", way: str = "next", *, seconds: float = 0, done: str = "") -> Visit:
    return Visit(flow="main", version=1, node=node, at=NINE + timedelta(seconds=seconds), way=way, done=done)


def line(*visits: Visit, at: float = 60, topic: str = WALKED) -> LoggedEvent:
    body: dict[str, Any] = {
        "visits": [
            {name: getattr(one, name) for name in ("flow", "version", "node", "way", "done")}
            | {"at": one.at.isoformat()}
            for one in visits
        ]
    }
    moment = NINE + timedelta(seconds=at)
    return LoggedEvent(
        position=1, message_id=MessageId(f"m{at}{topic}"), topic=topic, at=moment, call=CallId("c"), body=body
    )


def test_a_call_that_was_in_no_menu_has_no_way() -> None:
    assert walk_of([line(topic="call.queued")]) is None
    assert walk_of([line()]) is None


def test_who_is_back_is_told_of_from_the_beginning() -> None:
    first = line(visit("who"), visit("phone", "agent", seconds=2), at=5)
    again = line(visit("who"), visit("phone", "error", seconds=2), visit("person", "queue", seconds=30), at=31)
    walk = walk_of([again, first])
    assert walk is not None
    assert [(one.node, one.way) for one in walk.visits] == [("who", "next"), ("phone", "error"), ("person", "queue")]


def test_who_came_to_a_menu_twice_has_been_in_both() -> None:
    walk = walk_of([line(visit("late", "queue", seconds=100), at=120), line(visit("early", "queue"), at=10)])
    assert walk is not None
    assert [one.node for one in walk.visits] == ["early", "late"]
    assert walk.entrance.node == "early"


@pytest.mark.parametrize(
    ("visits", "waited", "ending"),
    [
        ((visit(way="queue"),), True, Ending.HANDED_ON),
        ((visit(way="agent"),), False, Ending.HANDED_ON),
        ((visit(way="max_steps"),), False, Ending.HANDED_ON),
        ((visit(way="told", done="ticket_told"), visit(way="queue")), True, Ending.HANDED_ON),
        ((visit(way="told", done="ticket_told"), visit(way="hung_up")), False, Ending.SERVED),
        ((visit(way="kept", done="message_kept"),), False, Ending.SERVED),
        ((visit(way="hung_up", done="goodbye"),), False, Ending.SERVED),
        ((visit(way="end"),), False, Ending.SERVED),
        ((visit(way="found", done="caller_found"), visit(way="hung_up")), False, Ending.GAVE_UP),
        ((visit(way="unknown", done="ticket_unknown"), visit(way="hung_up")), False, Ending.GAVE_UP),
        ((visit(way="cut"),), True, Ending.HANDED_ON),
        ((visit(way="cut"),), False, Ending.GAVE_UP),
        ((visit(way="told", done="ticket_told"), visit(way="cut")), False, Ending.SERVED),
    ],
)
def test_how_it_ended(visits: tuple[Visit, ...], waited: bool, ending: Ending) -> None:
    assert Walk(visits=visits).ending(waited=waited) is ending


def test_errors_are_counted() -> None:
    assert Walk(visits=(visit(way="error"), visit(way="next"), visit(way="error"))).errors == 2


@given(st.lists(st.integers(0, 50), min_size=1, max_size=60))
def test_the_middle_is_the_middle(values: list[int]) -> None:
    assert median(Counter(values)) == statistics.median(values)


def test_of_nothing_the_middle_is_nothing() -> None:
    assert median({}) == 0.0
