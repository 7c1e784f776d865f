"""A customer nobody took comes back to the phone that gave him away: Asterisk calls it without saying for whom."""

from __future__ import annotations

from pathlib import Path

import pytest

from cti.calls import facts as f
from cti.calls.tracker import Tracker
from cti.events import RingFor
from cti.replay.phones import Phones
from cti.replay.reading import read_text

FOREIGN = Path(__file__).parents[3] / "traces" / "foreign"


def told(trace: str) -> list[f.Fact]:
    recording = read_text((FOREIGN / f"{trace}.ami").read_text(encoding="utf-8"))
    tracker = Tracker(recording.server, Phones(recording.events), every_call=True)
    return [fact for event in recording.events for fact in tracker.hear(event)]


def test_the_phone_rings_for_its_own_customer_again() -> None:
    facts = told("blond_recalled")
    (recall,) = [fact for fact in facts if isinstance(fact, f.Ringing) and fact.ring_for is RingFor.RECALL]
    (arrived,) = [fact for fact in facts if isinstance(fact, f.Arrived)]
    assert (recall.call, recall.party, recall.extension, recall.by) == (arrived.call, "201", "201", "201")
    back = [fact for fact in facts[facts.index(recall) :] if isinstance(fact, f.Joined)]
    assert [fact.party for fact in back] == ["201"]


@pytest.mark.parametrize("trace", ["blond_answered", "attended_by_phone", "click_to_call"])
def test_nobody_is_told_that_a_call_comes_back_which_does_not(trace: str) -> None:
    assert not [fact for fact in told(trace) if isinstance(fact, f.Ringing) and fact.ring_for is RingFor.RECALL]
