"""Several recorded stories at once on one Asterisk, in any order, with holes, doubles and neighbours swapped: the
tracker never raises, loses a call, or invents one."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, fields, is_dataclass, replace
from datetime import timedelta
from functools import cache
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from cti.ami.vocabulary import AmiEvent, Bridge, Channel, Snapshot, UserEvent
from cti.calls import facts as f
from cti.calls.tracker import Tracker
from cti.replay import Recording, replay
from cti.replay.phones import Phones
from tests.unit.cti.calls.checks import check_story
from tests.unit.cti.replay.stories import NAMES, recording, summary, whole

SERVER = recording(NAMES[0]).server
OURS = [name for name in NAMES if name.startswith("ours/")]
FOREIGN = [name for name in NAMES if not name.startswith("ours/")]
_IDS = ("uniqueid", "second_transferer", "swap", "dest_bridge", "linkedid")
_CHANNELS = ("old_name", "new_name", "dest_channel", "name")


# --- a story told under other names


@cache
def retold(name: str, mark: int) -> tuple[AmiEvent, ...]:
    """The same story a moment later or in another place: every leg, bridge and call of it has a name of its own."""
    events = recording(name).events
    since = events[0].at - recording(NAMES[0]).events[0].at
    return tuple(_renamed(event, f"9{mark}", since) for event in events)


def _renamed(event: AmiEvent, mark: str, since: timedelta) -> AmiEvent:
    changed: dict[str, Any] = {"server": SERVER, "at": event.at - since}
    for field in fields(event):
        value = getattr(event, field.name)
        if isinstance(value, Channel):
            changed[field.name] = _channel(value, mark)
        elif isinstance(value, Bridge):
            changed[field.name] = replace(value, id=value.id + mark)
        elif field.name in _IDS and value:
            changed[field.name] = value + mark
        elif field.name in _CHANNELS and value and not isinstance(event, UserEvent):
            changed[field.name] = _name(value, mark)
    if isinstance(event, UserEvent) and "Call" in event.fields:
        changed["fields"] = {**event.fields, "Call": event.fields["Call"] + mark}
    assert is_dataclass(event)
    return replace(event, **changed)


def _channel(channel: Channel, mark: str) -> Channel:
    return replace(
        channel,
        name=_name(channel.name, mark),
        uniqueid=channel.uniqueid + mark,
        linkedid=channel.linkedid and channel.linkedid + mark,
        call=None if channel.call is None else type(channel.call)(channel.call + mark),
    )


def _name(name: str, mark: str) -> str:
    """`PJSIP/201-900000009` of `PJSIP/201-00000009`."""
    device, dash, number = name.rpartition("-")
    return f"{device}{dash}{mark}{number}"


# --- merged


@dataclass(frozen=True, slots=True)
class Mixed:
    events: tuple[AmiEvent, ...]
    calls: int
    """That are really in it."""


def mixed(names: list[str], offsets: list[float]) -> Mixed:
    told = [
        (event.at + timedelta(seconds=offset), mark, place, event)
        for mark, (name, offset) in enumerate(zip(names, offsets, strict=False))
        for place, event in enumerate(retold(name, mark))
    ]
    told.sort(key=lambda one: one[:3])
    return Mixed(
        events=tuple(replace(event, at=at) for at, _, _, event in told), calls=sum(len(whole(name)) for name in names)
    )


OFFSETS = st.lists(st.floats(-4, 4), min_size=3, max_size=3)
PLACES = st.integers(0, 400)


@settings(max_examples=60, deadline=None)
@given(ours=st.sampled_from(OURS), foreign=st.sampled_from(FOREIGN), offsets=OFFSETS)
def test_two_stories_at_once_are_told_as_each_by_itself(ours: str, foreign: str, offsets: list[float]) -> None:
    recorded = Recording(events=mixed([ours, foreign], offsets).events, timed=True, server=SERVER)
    reports = list(replay(recorded))
    alone: Counter[str] = Counter(repr(summary(report)) for name in (ours, foreign) for report in whole(name))
    assert Counter(repr(summary(report)) for report in reports) == alone
    assert [report.anomalies for report in reports] == [()] * len(reports)


@settings(max_examples=80, deadline=None)
@given(
    names=st.lists(st.sampled_from(NAMES), min_size=2, max_size=3),
    offsets=OFFSETS,
    holes=st.sets(PLACES, max_size=10),
    doubled=st.sets(PLACES, max_size=10),
    swapped=st.sets(PLACES, max_size=6),
)
def test_whatever_is_heard_of_them_is_some_story(
    names: list[str], offsets: list[float], holes: set[int], doubled: set[int], swapped: set[int]
) -> None:
    """A hole may show one leg more as a call of its own, or hide one; nothing else may."""
    story = mixed(names, offsets)
    events = list(story.events)
    for place in sorted(swapped):
        if place + 1 < len(events):
            events[place : place + 2] = [events[place + 1], events[place]]
    heard = [
        event
        for place, event in enumerate(events)
        for _ in range(0 if place in holes else 2 if place in doubled else 1)
    ]
    facts = told([*heard, Snapshot(server=SERVER, at=events[-1].at, channels=(), bridges=(), devices={})])
    check_story(facts, complete=True)
    calls = [fact.call for fact in facts if isinstance(fact, f.Ended) and fact.into is None]
    lost, swaps = len(holes & set(range(len(events)))), len(swapped)
    assert story.calls - lost - swaps <= len(calls) <= story.calls + lost + swaps


def told(events: list[AmiEvent]) -> list[f.Fact]:
    tracker = Tracker(SERVER, Phones(events), every_call=True)
    return [fact for event in events for fact in tracker.hear(event)]
