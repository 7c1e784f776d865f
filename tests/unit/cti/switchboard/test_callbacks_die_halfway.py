"""We die somewhere between his turn and the end of his call: for one promise he is dialled by us once at most.

What is durable is the log up to some event: of all that was told any beginning may be all there is, but for one rule.
`CallPromised` is carried out when its `CallbackAccepted` is in the log (`unit/cti/runner/test_written_first.py`), so no
log of a life in which the customer was dialled ends before it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType

import pytest

from crm_core.kernel.messages import Event
from cti import effects as fx
from cti import events as e
from cti.events import LinkLost
from tests.unit.cti.switchboard.callback_line import NUMBER, Line, plan
from tests.unit.cti.switchboard.playbook import ALICE, BOB, SERVER, Playbook, known


def _talks(line: Line) -> None:
    _, phone, other = line.is_called()
    line.play.hear(line.play.asterisk.picks_up(other, phone))


def _is_over(line: Line) -> None:
    _, phone, other = line.is_called()
    line.play.hear(line.play.asterisk.picks_up(other, phone))
    line.play.hear(line.play.asterisk.hangs_up(other, phone))


STEPS: Mapping[str, Callable[[Line], object]] = MappingProxyType(
    {
        "his turn": Line.promised,
        "her phone rings": Line.alice_rings,
        "she picks up": Line.picks_up,
        "his phone rings": Line.is_called,
        "they talk": _talks,
        "it was busy": Line.is_busy,
        "it is over": _is_over,
    }
)
"""How far it came in Asterisk."""
DIALLED = ("his phone rings", "they talk", "it was busy", "it is over")


def _lives(step: str) -> list[tuple[str, int]]:
    """Each beginning of the log that may be all that is left when we die there."""
    line = Line(plan(tries=3))
    STEPS[step](line)
    told = line.play.told
    promised = next(at for at, event in enumerate(told, 1) if isinstance(event, e.CallbackPromised))
    taken = next((at for at, event in enumerate(told) if isinstance(event, e.CallbackAccepted)), 0)
    first = taken + 1 if step in DIALLED else promised
    return [(step, length) for length in range(first, len(told) + 1)]


def _reborn(line: Line, told: list[Event]) -> Playbook:
    born = Playbook(plan(tries=3), line=False)
    born.asterisk = line.play.asterisk
    born.hear_effects(born.switchboard.restore(known(told), born.asterisk.now))
    born.hear(born.asterisk.snapshot())
    return born


def _dials(play: Playbook) -> int:
    """How often somebody is called so that the customer is dialled."""
    return len(play.wanted(fx.CallOut)) + len(play.wanted(fx.CallPromised))


@pytest.mark.parametrize("gone", [False, True], ids=["it goes on without us", "it ends without us"])
@pytest.mark.parametrize(("step", "length"), [life for step in STEPS for life in _lives(step)])
def test_wherever_we_die_he_is_dialled_once_at_most_for_each_try(*, step: str, length: int, gone: bool) -> None:
    line = Line(plan(tries=3))
    STEPS[step](line)
    told = line.play.told[:length]
    if gone:
        for channel in list(line.play.asterisk.channels):
            line.play.asterisk.gone(channel)
    born = _reborn(line, told)
    born.ready(BOB)
    born.wait(3600)
    heard_its_end = any(isinstance(event, e.CallbackTried) for event in told)
    if step in DIALLED and not heard_its_end:
        assert _dials(born) == 0
    elif gone and not any(isinstance(event, e.CallbackAccepted) for event in told):
        assert _dials(born) > 0, "nobody had dialled him"


def test_nobody_is_dialled_before_it_is_known_that_she_has_picked_up() -> None:
    line = Line()
    line.picks_up()
    [accepted] = line.play.said(e.CallbackAccepted)
    [call_him] = line.play.wanted(fx.CallPromised)
    assert (call_him.number, call_him.taken) == (NUMBER, accepted)
    assert line.play.effects.index(fx.Publish(event=accepted)) < line.play.effects.index(call_him)


def test_she_picked_up_while_nobody_heard_it_and_he_is_called_by_who_comes_after_us() -> None:
    line = Line()
    _, phone = line.alice_rings()
    told = list(line.play.told)
    line.play.asterisk.picks_up_for_callback(phone, NUMBER)
    born = _reborn(line, told)
    [accepted] = born.said(e.CallbackAccepted)
    [call_him] = born.wanted(fx.CallPromised)
    assert (accepted.agent, call_him.channel, call_him.taken) == (ALICE, phone, accepted)


def test_she_still_waits_to_be_led_on_and_he_is_called_as_it_was_written_down() -> None:
    line = Line()
    _, phone = line.picks_up()
    born = _reborn(line, line.play.told)
    assert born.said(e.CallbackAccepted) == []
    assert [(one.channel, one.taken) for one in born.wanted(fx.CallPromised)] == [
        (phone, line.play.said(e.CallbackAccepted)[0])
    ]


def test_she_picked_up_while_the_line_was_lost() -> None:
    line = Line()
    _, phone = line.alice_rings()
    play = line.play
    play.hear(LinkLost(at=play.asterisk.now, server=SERVER))
    play.asterisk.picks_up_for_callback(phone, NUMBER)
    play.hear(play.asterisk.snapshot())
    assert [one.channel for one in play.wanted(fx.CallPromised)] == [phone]
    assert play.floor().waiting == ()


def test_what_a_snapshot_shows_and_the_word_behind_it_dial_him_once() -> None:
    """While the line comes up she picks up: what was heard meanwhile is told after the snapshot that shows it."""
    line = Line()
    _, phone = line.alice_rings()
    play = line.play
    play.hear(LinkLost(at=play.asterisk.now, server=SERVER))
    meanwhile = play.asterisk.picks_up_for_callback(phone, NUMBER)
    play.hear(play.asterisk.snapshot(), meanwhile)
    assert [one.channel for one in play.wanted(fx.CallPromised)] == [phone]


def test_a_phone_that_could_not_be_led_on_is_led_on_when_the_line_is_back() -> None:
    line = Line()
    _, phone = line.picks_up()
    play = line.play
    play.hear(LinkLost(at=play.asterisk.now, server=SERVER))
    play.hear(play.asterisk.snapshot())
    assert len(play.wanted(fx.CallPromised)) == 1, "it is not known yet that it failed"
    play.hear(fx.Failed(effect=play.last(fx.CallPromised), why=fx.Failure.LINE_DOWN, text="the line is down"))
    play.hear(LinkLost(at=play.asterisk.now, server=SERVER))
    play.hear(play.asterisk.snapshot())
    assert [one.channel for one in play.wanted(fx.CallPromised)] == [phone, phone]


@pytest.mark.parametrize("reborn", [False, True])
def test_of_whom_nobody_knows_whether_he_was_reached_a_person_is_told(*, reborn: bool) -> None:
    line = Line(plan(tries=3))
    out, phone, other = line.is_called()
    play = line.play
    if not reborn:
        play.hear(LinkLost(at=play.asterisk.now, server=SERVER))
    for channel in (phone, other):
        play.asterisk.gone(channel)
    if reborn:
        play = _reborn(line, play.told)
    else:
        play.hear(play.asterisk.snapshot())
    [given_up] = play.said(e.CallbackGivenUp)
    assert (given_up.call, given_up.unsure, play.said(e.CallbackTried)) == (line.call, out.call, [])
    assert play.floor().waiting == ()


def test_they_were_talking_when_we_died_so_he_was_reached() -> None:
    line = Line()
    _talks(line)
    told = [event for event in line.play.told if not isinstance(event, e.CallbackDone)]
    for channel in list(line.play.asterisk.channels):
        line.play.asterisk.gone(channel)
    born = _reborn(line, told)
    assert [done.call for done in born.said(e.CallbackDone)] == [line.call]
    assert born.said(e.CallbackGivenUp) == []


def test_who_calls_himself_while_she_picks_up_is_not_called_too() -> None:
    line = Line()
    _, phone = line.alice_rings()
    line.play.caller_waits(NUMBER, skills="zh:1")
    line.play.hear(line.play.asterisk.picks_up_for_callback(phone, NUMBER))
    assert line.play.wanted(fx.CallPromised) == []
    assert line.play.last(fx.HangUpChannel).channel == phone


def test_a_phone_that_could_not_be_led_on_counts_as_a_try() -> None:
    line = Line()
    _, phone = line.picks_up()
    play = line.play
    play.hear(fx.Failed(effect=play.last(fx.CallPromised), why=fx.Failure.REFUSED, text="Permission denied"))
    play.hear(play.asterisk.gone(phone, 16))
    assert [(one.call, one.tries) for one in play.said(e.CallbackTried)] == [(line.call, 1)]
