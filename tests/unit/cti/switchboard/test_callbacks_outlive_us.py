"""What was promised and tried is known to whoever comes after us, and after a line that was lost."""

from __future__ import annotations

import pytest

from crm_core.kernel.ids import CallId
from cti import commands as c
from cti import effects as fx
from cti import events as e
from cti.events import LinkLost
from tests.unit.cti.switchboard.callback_line import NUMBER, Line, again, plan
from tests.unit.cti.switchboard.playbook import ALICE, BOB, SERVER, Playbook, known


def test_a_promise_outlives_us() -> None:
    line = Line()
    line.asks()
    line.hangs_up()
    born = again(line)
    [row] = born.floor().waiting
    assert (row.call, row.callback) == (line.call, True)
    born.ready(ALICE)
    assert [out.number for out in born.wanted(fx.CallOut)] == [NUMBER]


def test_so_does_one_who_waits_to_be_tried_again() -> None:
    line = Line()
    line.is_busy()
    born = again(line)
    assert born.floor().waiting == ()
    born.wait(61)
    assert [row.callback_tries for row in born.floor().waiting] == [1]


def test_who_is_being_called_while_we_are_reborn_is_not_called_twice() -> None:
    line = Line()
    line.is_called()
    born = again(line)
    born.ready(BOB)
    born.wait(60)
    assert (born.floor().waiting, born.wanted(fx.CallOut)) == ((), [])


def test_what_is_done_or_given_up_stays_so() -> None:
    line = Line(plan(tries=1))
    line.is_busy()
    born = again(line)
    born.ready(BOB)
    born.wait(3600)
    assert born.wanted(fx.CallOut) == []


@pytest.mark.parametrize("reborn", [False, True])
def test_of_whom_nobody_could_call_for_a_week_a_callback_is_due(*, reborn: bool) -> None:
    line = Line()
    line.asks()
    line.hangs_up()
    play = again(line) if reborn else line.play
    play.wait(7 * 24 * 3600 - 120)
    assert play.said(e.CallbackGivenUp) == []
    play.wait(120)
    [given_up] = play.said(e.CallbackGivenUp)
    assert (given_up.call, given_up.in_vain, play.floor().waiting) == (line.call, (), ())


def test_after_a_restart_the_number_said_last_counts_and_no_try_counts_twice() -> None:
    line = Line(plan(tries=3))
    line.asks("13600136000")
    assert line.play.order(c.PromiseCallback(call=line.call, number=NUMBER)).ok
    line.hangs_up()
    told = known(line.play.told)
    promised = [event for event in told if isinstance(event, e.CallbackPromised)]
    tried = e.CallbackTried(
        call=line.call, at=line.play.asterisk.now, by=CallId("x"), agent=ALICE, outcome=e.Outcome.BUSY, tries=1,
        again_at=line.play.asterisk.now,
    )  # fmt: skip
    born = Playbook(plan(tries=2), line=False)
    born.asterisk = line.play.asterisk
    born.hear_effects(born.switchboard.restore([*promised, tried, *promised, tried], born.asterisk.now))
    born.hear(born.asterisk.snapshot())
    born.ready(ALICE)
    out = born.last(fx.CallOut)
    assert out.number == NUMBER
    born.hear(fx.Done(effect=out), born.asterisk.is_called_out(out.call, "1001", out.number))
    phone = born.asterisk.last
    born.hear(born.asterisk.rings(phone), born.asterisk.is_led_outside(phone, out.number))
    other = born.asterisk.last
    born.hear(born.asterisk.rings(other), born.asterisk.refuses(other, phone), born.asterisk.gone(phone, 17))
    assert [len(one.in_vain) for one in born.said(e.CallbackGivenUp)] == [2]


def test_without_a_line_nobody_is_called_back() -> None:
    line = Line()
    line.asks()
    line.hangs_up()
    line.play.hear(LinkLost(at=line.play.asterisk.now, server=SERVER))
    assert line.play.floor().waiting == ()
    line.play.hear(line.play.asterisk.snapshot())
    assert [row.call for row in line.play.floor().waiting] == [line.call]


def test_that_asterisk_died_while_his_agent_was_being_called_was_no_try() -> None:
    line = Line(plan(tries=1))
    line.alice_rings()
    line.play.hear(LinkLost(at=line.play.asterisk.now, server=SERVER))
    play = Playbook(plan(tries=1), line=False)
    play.asterisk = line.play.asterisk
    play.hear_effects(play.switchboard.restore(known(line.play.told), play.asterisk.now))
    play.wait(10)
    play.hear(play.asterisk.snapshot(restarted=True))
    assert (play.said(e.CallbackTried), play.said(e.CallbackGivenUp)) == ([], [])
    assert [(row.call, row.callback_tries) for row in play.floor().waiting] == [(line.call, 0)]


def test_nor_was_it_while_he_was_being_called_and_we_were_there() -> None:
    line = Line(plan(tries=1))
    line.is_called()
    play = line.play
    play.hear(LinkLost(at=play.asterisk.now, server=SERVER))
    play.wait(10)
    play.hear(play.asterisk.snapshot(restarted=True))
    assert (play.said(e.CallbackTried), play.said(e.CallbackGivenUp)) == ([], [])
    assert [(row.call, row.callback_tries) for row in play.floor().waiting] == [(line.call, 0)]
