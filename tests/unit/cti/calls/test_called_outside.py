"""Somebody outside is known by the number that was dialled, whatever his line shows to him."""

from __future__ import annotations

import pytest

from cti.calls import facts as f
from cti.calls.tracker import Tracker
from tests.unit.cti.calls.scenes import SERVER, Asterisk

NUMBER = "13700137000"


@pytest.mark.parametrize(
    ("dial_string", "party"),
    [
        (f"{NUMBER}@cw-trunk", NUMBER),
        (f"+86{NUMBER}@provider", f"+86{NUMBER}"),
        ("cw-trunk", "anonymous"),
        ("sip:somebody@example.org", "anonymous"),
        ("", "anonymous"),
    ],
)
def test_a_line_that_hides_our_number_hides_nobody_else(dial_string: str, party: str) -> None:
    asterisk, tracker = Asterisk(), Tracker(SERVER)
    events = asterisk.dials("1001", NUMBER)
    events += asterisk.line_is_called(asterisk.last, NUMBER, shows="anonymous", dial_string=dial_string)
    line, phone = asterisk.last, next(iter(asterisk.channels))
    events += [*asterisk.rings(line), *asterisk.picks_up(line, phone)]
    facts = [fact for event in events for fact in tracker.hear(event)]
    named = [fact.party for fact in facts if isinstance(fact, (f.Ringing, f.DialEnded))]
    assert named == [party, party]
