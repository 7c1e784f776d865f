"""Who leaves his line by a key and comes back, again and again, makes a call of some length and no more."""

from __future__ import annotations

from cti.switchboard.overflow import MOST_ASKED
from tests.unit.cti.switchboard.test_callbacks import Line, presses, sent


def test_a_key_leads_out_of_the_line_so_often_and_then_he_waits() -> None:
    line = Line()
    play, since = line.play, line.play.floor().waiting[0].since
    for _ in range(MOST_ASKED):
        play.forget()
        presses(play, line.caller, "1")
        assert sent(play) == [("callback", "callback")]
        play.hear(play.asterisk.word(line.caller, "CwOverflow"))
        play.wait(20)
        play.hear(play.asterisk.queues(line.caller, "service", "zh:1", since=since.timestamp()))
    play.forget()
    presses(play, line.caller, "1")
    play.wait(20)
    assert sent(play) == []
    [row] = play.floor().waiting
    assert (row.call, row.since) == (line.call, since)


def test_a_flood_of_keys_leads_out_once() -> None:
    line = Line()
    for key in "1212" * 1000:
        presses(line.play, line.caller, key)
    assert sent(line.play) == [("callback", "callback")]
