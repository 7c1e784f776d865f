"""Recorded calls retold: what a real Asterisk said becomes the right facts, also with holes, doubled and cut."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from cti.ami.vocabulary import AmiEvent, DialStatus, Snapshot
from cti.calls import facts as f
from cti.calls.tracker import Tracker
from cti.events import Direction, HungUpBy
from tests.traces.replay import NAMES, SERVER, trace
from tests.unit.cti.calls.checks import check_story


def told(events: list[AmiEvent]) -> list[f.Fact]:
    tracker = Tracker(SERVER)
    return [fact for event in events for fact in tracker.hear(event)]


def briefly(facts: list[f.Fact]) -> list[str]:
    """`ringing 1001`, `ended`, … without what concerns phones alone."""
    skip = (f.LegBegan, f.LegGone, f.PhoneReachable, f.ContactGone, f.ContactSeen)
    words = [(type(fact).__name__.lower(), getattr(fact, "party", "")) for fact in facts if not isinstance(fact, skip)]
    return [f"{word} {party}".strip() for word, party in words]


STORIES = {
    "answered_and_held": [
        "arrived", "queued", "ringing 1001", "dialended 1001", "joined 1001", "held", "resumed", "left 1001", "ended",
    ],
    "agent_hangs_up": [
        "arrived", "queued", "ringing 1001", "dialended 1001", "joined 1001", "left 1001", "ended",
    ],
    "nobody_answers_then_bob": [
        "arrived", "queued", "ringing 1001", "dialended 1001", "offerended", "ringing 1002", "dialended 1002",
        "joined 1002", "left 1002", "ended",
    ],
    "gives_up_while_it_rings": ["arrived", "queued", "ringing 1001", "dialended 1001", "ended"],
    "gives_up_waiting": ["arrived", "queued", "ended"],
    "safety_queue": [
        "arrived", "queued", "felltosafety", "ringing 1002", "dialended 1002", "joined 1002", "left 1002", "ended",
    ],
    "colleagues": ["arrived", "ringing 1002", "dialended 1002", "joined 1002", "left 1002", "ended"],
    "blind_transfer": [
        "arrived", "queued", "ringing 1001", "dialended 1001", "joined 1001", "left 1001", "ringing 1002",
        "dialended 1002", "joined 1002", "transferred", "left 1002", "ended",
    ],
    "parked_and_fetched": [
        "arrived", "queued", "ringing 1001", "dialended 1001", "joined 1001", "left 1001", "parked", "joined 1002",
        "left 1002", "ended",
    ],
    "parked_and_back": [
        "arrived", "queued", "ringing 1001", "dialended 1001", "joined 1001", "left 1001", "parked", "unparked",
        "ringing 1001", "dialended 1001", "joined 1001", "left 1001", "ended",
    ],
    "overheard": [
        "arrived", "queued", "ringing 1001", "dialended 1001", "joined 1001", "summoned", "barged", "left 1001",
        "ended",
    ],
    "taken_over": [
        "arrived", "queued", "ringing 1001", "dialended 1001", "joined 1001", "summoned", "joined 1002", "left 1001",
        "left 1002", "ended",
    ],
}  # fmt: skip


@pytest.mark.parametrize("name", STORIES)
def test_the_story_of_a_recorded_call(name: str) -> None:
    assert briefly(told(trace(name))) == STORIES[name]


@pytest.mark.parametrize(
    ("name", "status", "cause", "sip_cause"),
    [("rejected_then_bob", DialStatus.BUSY, 17, 486), ("declined_then_bob", DialStatus.NO_ANSWER, 21, 603)],
)
def test_a_refusal_is_known_by_its_cause(name: str, status: DialStatus, cause: int, sip_cause: int) -> None:
    ends = [fact for fact in told(trace(name)) if isinstance(fact, f.DialEnded)]
    assert [(end.extension, end.status, end.cause, end.sip_cause) for end in ends] == [
        ("1001", status, cause, sip_cause),
        ("1002", DialStatus.ANSWER, 0, 0),
    ]


def test_a_refusal_is_forgotten_when_somebody_takes_the_call() -> None:
    (ended,) = [fact for fact in told(trace("declined_then_bob")) if isinstance(fact, f.Ended)]
    assert (ended.cause, ended.sip_cause) == (16, 0)


@pytest.mark.parametrize(
    ("name", "by"),
    [("agent_hangs_up", HungUpBy.AGENT), ("answered_and_held", HungUpBy.CALLER), ("gives_up_waiting", HungUpBy.CALLER)],
)
def test_who_hung_up(name: str, by: HungUpBy) -> None:
    (ended,) = [fact for fact in told(trace(name)) if isinstance(fact, f.Ended)]
    assert (ended.hung_up_by, ended.cause) == (by, 16)


def test_the_caller_is_known_by_number_and_name() -> None:
    (arrived,) = [fact for fact in told(trace("gives_up_waiting")) if isinstance(fact, f.Arrived)]
    assert (arrived.ani, arrived.ani_name, arrived.dnis) == ("13800138000", "张伟", "4008001")


def test_colleagues_are_an_internal_call() -> None:
    (arrived,) = [fact for fact in told(trace("colleagues")) if isinstance(fact, f.Arrived)]
    assert (arrived.direction, arrived.ani, arrived.dnis) == (Direction.INTERNAL, "1001", "1002")


def test_nothing_in_a_recorded_call_is_odd() -> None:
    for name in NAMES:
        assert [fact for fact in told(trace(name)) if isinstance(fact, f.Odd)] == []


@pytest.mark.parametrize("name", NAMES)
def test_every_event_doubled_tells_the_same_story(name: str) -> None:
    doubled = [event for event in trace(name) for _ in range(2)]
    once = [fact for fact in told(trace(name)) if not isinstance(fact, f.OfferEnded)]
    twice = [fact for fact in told(doubled) if not isinstance(fact, f.OfferEnded)]
    assert briefly([fact for fact in twice if not isinstance(fact, f.Odd)]) == briefly(once)


@pytest.mark.parametrize("name", NAMES)
def test_a_trace_begun_anywhere_makes_sense(name: str) -> None:
    events = trace(name)
    for cut in range(len(events)):
        check_story(told(events[cut:]), complete=False)


@settings(max_examples=60, deadline=None)
@given(
    name=st.sampled_from(NAMES),
    holes=st.sets(st.integers(0, 60), max_size=12),
    doubled=st.sets(st.integers(0, 60), max_size=12),
    swapped=st.sets(st.integers(0, 60), max_size=6),
)
@example(name="overheard", holes=set(), doubled=set(), swapped={30, 31})  # who listens is told late to have been called
def test_holes_doubles_and_swaps_make_sense(name: str, holes: set[int], doubled: set[int], swapped: set[int]) -> None:
    events = trace(name)
    for place in sorted(swapped):
        if place + 1 < len(events):
            events[place], events[place + 1] = events[place + 1], events[place]
    heard = [
        event
        for number, event in enumerate(events)
        for _ in range(0 if number in holes else 2 if number in doubled else 1)
    ]
    last = replace(_nothing_lives(events[-1]))
    check_story(told([*heard, last]), complete=True)


def _nothing_lives(after: AmiEvent) -> Snapshot:
    return Snapshot(server=SERVER, at=after.at, channels=(), bridges=(), devices={})
