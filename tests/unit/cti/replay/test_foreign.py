"""Recorded calls of an Asterisk that is not ours, told as they happened; cut, doubled and with holes still sensibly."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from cti.ami.vocabulary import AmiEvent
from cti.replay import Recording, Report, read_text
from cti.replay import replay as replayed

FOLDER = Path(__file__).parents[3] / "traces" / "foreign"
EXPECTED: dict[str, list[dict[str, Any]]] = json.loads((FOLDER / "expected.json").read_text(encoding="utf-8"))
NAMES = sorted(EXPECTED)
NEAR_S = 0.5
Summary = tuple[Any, ...]


@cache
def blocks(name: str) -> tuple[str, ...]:
    text = (FOLDER / f"{name}.ami").read_text(encoding="utf-8")
    body = "\n".join(line for line in text.split("\n") if not line.startswith("#"))
    return tuple(block for block in (part.strip("\n") for part in body.split("\n\n")) if block)


def told(parts: Iterable[str]) -> list[Report]:
    return list(replayed(read_text("\n\n".join(parts))))


@cache
def recording(name: str) -> Recording:
    return read_text("\n\n".join(blocks(name)))


def told_of(name: str, events: Sequence[AmiEvent]) -> list[Report]:
    return list(replayed(replace(recording(name), events=tuple(events))))


def summary(report: Report) -> Summary:
    transfers = [(one.kind, one.by, one.to, one.outcome) for one in report.transfers]
    who = (report.direction, report.caller, report.dialed, list(report.talked_to))
    return (*who, transfers, report.outcome)


def expected(call: dict[str, Any]) -> Summary:
    transfers = [(one["kind"], one["by"], one["to"], one["outcome"]) for one in call["transfers"]]
    return (call["direction"], call["caller"], call["dialed"], call["talked_to"], transfers, call["outcome"])


def test_there_are_forty_stories_and_more() -> None:
    ours = list((FOLDER.parent).glob("*.ami"))
    assert len(NAMES) + len(ours) >= 40
    assert {path.stem for path in FOLDER.glob("*.ami")} == set(NAMES)


@pytest.mark.parametrize("name", NAMES)
def test_a_story_is_told_as_it_happened(name: str) -> None:
    reports = told(blocks(name))
    assert [summary(report) for report in reports] == [expected(call) for call in EXPECTED[name]]
    assert [report.anomalies for report in reports] == [()] * len(reports)
    for report, call in zip(reports, EXPECTED[name], strict=True):
        for length in ("ring_s", "wait_s", "talk_s"):
            if call[length] is not None:
                assert getattr(report, length) == pytest.approx(call[length], abs=NEAR_S), length


@pytest.mark.parametrize("name", NAMES)
def test_every_event_twice_changes_nothing_and_is_noticed(name: str) -> None:
    once, twice = told(blocks(name)), told(block for block in blocks(name) for _ in range(2))
    assert [summary(report) for report in twice] == [summary(report) for report in once]
    assert all("repeated_event" in report.anomalies for report in twice)


def hangs_on_one_event(name: str) -> bool:
    """What became of a transfer, a parked or a programmed call Asterisk says once; nothing else shows its loss."""
    special = name.startswith(("parked", "click_to_call", "three_way", "outbound_number"))
    return special or any(call["transfers"] for call in EXPECTED[name])


@pytest.mark.parametrize("name", [name for name in NAMES if not hangs_on_one_event(name)])
def test_any_one_event_missing_loses_no_call_and_invents_none(name: str) -> None:
    """What it changes in the story is told with an anomaly."""
    whole = recording(name).events
    full = [summary(report) for report in told_of(name, whole)]
    for place in range(len(whole)):
        reports = told_of(name, (*whole[:place], *whole[place + 1 :]))
        assert len(reports) == len(full), whole[place]
        changed = [summary(report) for report in reports] != full
        assert not changed or any(report.anomalies for report in reports), whole[place]


@pytest.mark.parametrize("name", [name for name in NAMES if hangs_on_one_event(name)])
def test_any_one_event_missing_leaves_sense(name: str) -> None:
    whole = recording(name).events
    most = len(told_of(name, whole)) + STRANGERS
    for place in range(len(whole)):
        check(told_of(name, (*whole[:place], *whole[place + 1 :])), most)


@pytest.mark.parametrize("name", NAMES)
def test_a_recording_cut_anywhere_makes_sense(name: str) -> None:
    whole = recording(name).events
    most = len(told_of(name, whole)) + STRANGERS
    for place in range(1, len(whole)):
        check(told_of(name, whole[:place]), most)
        check(told_of(name, whole[place:]), most)


STRANGERS = 2
"""Legs whose tie to the call was told before the cut, or by the event that is missing, are calls of their own."""


def check(reports: list[Report], most: int) -> None:
    assert len(reports) <= most
    assert len({report.call for report in reports}) == len(reports)
    for report in reports:
        assert report.outcome == "answered" or not report.talked_to
        assert report.began is not None
        assert report.ended is not None
        assert report.began <= report.ended
        parts = (report.ring_s, report.wait_s, report.talk_s, report.hold_s, report.consult_s)
        assert all(part is not None and 0 <= part <= report.ended - report.began + 0.002 for part in parts)
