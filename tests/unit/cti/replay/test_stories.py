"""Recorded calls, of our own Asterisk and of one that is not ours, told as they happened; cut, doubled and with holes
still sensibly, and marked."""

from __future__ import annotations

import re

import pytest

from cti.replay import Report
from tests.unit.cti.replay.stories import (
    EXPECTED,
    FOREIGN,
    NAMES,
    OURS,
    blocks,
    expected,
    recording,
    summary,
    told,
    told_of,
    whole,
)

NEAR_S = 0.5


def test_there_are_forty_stories_and_more() -> None:
    assert len(NAMES) >= 40
    assert {path.stem for path in FOREIGN.glob("*.ami")} | {f"ours/{path.stem}" for path in OURS.glob("*.ami")} == {
        *NAMES
    }


@pytest.mark.parametrize("name", NAMES)
def test_a_story_is_told_as_it_happened(name: str) -> None:
    reports = told(blocks(name))
    assert [summary(report) for report in reports] == [expected(call) for call in EXPECTED[name]]
    assert [report.anomalies for report in reports] == [()] * len(reports)
    for report, call in zip(reports, EXPECTED[name], strict=True):
        assert report.hung_up_by == call["hung_up_by"]
        for exact in ("cause", "sip_cause"):
            assert call.get(exact) in (None, getattr(report, exact)), exact
        for length in ("ring_s", "wait_s", "talk_s", "hold_s", "consult_s"):
            if call.get(length) is not None:
                assert getattr(report, length) == pytest.approx(call[length], abs=NEAR_S), length


@pytest.mark.parametrize("name", NAMES)
def test_every_event_twice_changes_nothing_and_is_noticed(name: str) -> None:
    once, twice = whole(name), told(block for block in blocks(name) for _ in range(2))
    assert [summary(report) for report in twice] == [summary(report) for report in once]
    assert all("repeated_event" in report.anomalies for report in twice)


@pytest.mark.parametrize("name", [name for name in NAMES if not name.startswith("ours/")])
def test_an_older_asterisk_tells_the_same(name: str) -> None:
    """One with chan_sip, which says nothing of phones that ring, nor SIP's answers, nor its own name."""
    older = [_older(block) for block in blocks(name) if not block.startswith("Event: DialState")]
    reports = told(older)
    assert [summary(report) for report in reports] == [summary(report) for report in whole(name)]
    assert [report.anomalies for report in reports] == [()] * len(reports)
    assert {report.sip_cause for report in reports} <= {0}


def _older(block: str) -> str:
    plain = re.sub(r"^(TechCause|SystemName): .*\n?", "", block, flags=re.MULTILINE)
    return plain.replace("PJSIP/", "SIP/").strip("\n")


UNNOTICED = {
    ("blind_by_manager_to_nobody", "BlindTransfer"): "that he was to be sent on is said once; then he is thrown out",
    ("blind_given_up", "HangupRequest"): "who is on hold says good-bye only in this",
    ("three_way_colleague_leaves", "BridgeEnter"): "whether he or his wire had gone over is said once",
}
"""Whose loss nothing else shows."""


@pytest.mark.parametrize("name", NAMES)
def test_any_one_event_missing_loses_no_call_and_what_it_changes_is_marked(name: str) -> None:
    events, full = recording(name).events, [summary(report) for report in whole(name)]
    for place, event in enumerate(events):
        reports = told_of(name, (*events[:place], *events[place + 1 :]))
        check(reports, len(full))
        assert len(reports) >= len(full), event
        changed = [summary(report) for report in reports] != full
        marked = any(report.anomalies for report in reports) or (name, type(event).__name__) in UNNOTICED
        assert marked or not changed, event


@pytest.mark.parametrize("name", NAMES)
def test_a_recording_that_ends_anywhere_tells_who_was_still_there(name: str) -> None:
    """Whatever is told otherwise than of the whole recording is marked as cut, and every call begun is told."""
    events, full = recording(name).events, whole(name)
    for place in range(1, len(events)):
        reports = told_of(name, events[:place])
        check(reports, len(full))
        assert all(report in full or "end_not_recorded" in report.anomalies for report in reports), place
        begun = {report.call for report in full if began(report) < events[place - 1].at.timestamp()}
        assert begun <= {report.call for report in reports}, place


HIDDEN = {
    "conference_of_three": "the others in the room are heard of when they leave it, and 201 is the first to do so",
}
OVER = {
    "attended_caller_gives_up": "when the customer has gone, those who spoke of him talk on",
}
HANGING_UP_S = 0.05


@pytest.mark.parametrize("name", NAMES)
def test_a_recording_that_begins_anywhere_marks_what_it_has_not_heard(name: str) -> None:
    """No conversation that goes on is lost, and whatever is told otherwise than of the whole recording is marked."""
    events, full = recording(name).events, whole(name)
    for place in range(1, len(events)):
        reports = told_of(name, events[place:])
        check(reports, len(full))
        assert name in HIDDEN or all(report in full or report.anomalies for report in reports), place
        goes_on = [report for report in full if ended(report) > events[place].at.timestamp() + HANGING_UP_S]
        assert name in OVER or len(reports) >= len(goes_on), place


STRANGERS = 1
"""A leg whose tie to the call was told before the cut, or by the event that is missing, is a call of its own."""


def check(reports: list[Report], calls: int) -> None:
    assert len(reports) <= calls + STRANGERS
    assert len({report.call for report in reports}) == len(reports)
    for report in reports:
        assert report.outcome == "answered" or not report.talked_to
        assert began(report) <= ended(report)
        lasted = ended(report) - began(report) + 0.002
        parts = (report.ring_s, report.wait_s, report.talk_s, report.hold_s, report.consult_s)
        assert all(part is not None and 0 <= part <= lasted for part in parts)


def began(report: Report) -> float:
    assert report.began is not None
    return report.began


def ended(report: Report) -> float:
    assert report.ended is not None
    return report.ended
