"""Whoever was promised a callback and is talked with before: he calls himself, or was put through after all."""

from __future__ import annotations

from cti import effects as fx
from cti import events as e
from routing.states import AgentState
from tests.unit.cti.switchboard.callback_line import NUMBER, Line, again
from tests.unit.cti.switchboard.playbook import ALICE, BOB


def calls_again(line: Line) -> str:
    """Whoever was promised a callback calls again himself."""
    return line.play.caller_waits(NUMBER, skills="zh:1")


def test_who_calls_again_himself_waits_at_the_place_he_was_promised_and_nobody_calls_him() -> None:
    line = Line()
    since = line.play.floor().waiting[0].since
    line.asks()
    line.hangs_up()
    line.play.caller_waits("13900139000", skills="zh:1")
    caller = calls_again(line)
    [first, _] = line.play.floor().waiting
    assert (first.call, first.since) == (line.play.call_of(caller), since)
    line.play.ready(ALICE)
    assert (line.play.offers[-1].channel, line.play.wanted(fx.CallOut)) == (caller, [])


def test_who_has_been_talked_with_meanwhile_is_not_called_back() -> None:
    line = Line()
    line.asks()
    line.hangs_up()
    line.play.ready(ALICE)
    line.play.forget()
    out = line.play.floor().waiting[0]
    assert out.offered_to == ALICE
    caller = calls_again(line)
    line.play.ready(BOB)
    phone = line.play.phone_rings(caller)
    line.play.hear(line.play.asterisk.picks_up(phone, caller))
    [done] = line.play.said(e.CallbackDone)
    assert (done.call, done.by, done.himself) == (line.call, line.play.call_of(caller), True)
    line.play.hear(line.play.asterisk.hangs_up(phone, caller))
    line.play.wait(3600)
    assert (line.play.floor().waiting, again(line).floor().waiting) == ((), ())


def test_the_phone_that_rings_to_call_him_stops_when_he_calls_himself() -> None:
    line = Line()
    out, phone = line.alice_rings()
    caller = calls_again(line)
    assert line.play.last(fx.HangUpChannel).channel == phone
    assert [(one.call, one.why) for one in line.play.said(e.OfferFailed)] == [(out.call, e.OfferFailure.CALLER_GONE)]
    line.play.hear(line.play.asterisk.gone(phone, 0))
    assert line.play.state(ALICE) is AgentState.RESERVED
    assert (line.play.offers[-1].channel, len(line.play.wanted(fx.CallOut))) == (caller, 1)
    assert [row.tried for row in line.play.floor().waiting] == [()]


def test_who_hangs_up_again_is_called_back_as_promised() -> None:
    line = Line()
    line.asks()
    line.hangs_up()
    caller = calls_again(line)
    assert [row.callback for row in line.play.floor().waiting] == [False]
    line.play.hear(line.play.asterisk.hangs_up(caller))
    assert [row.call for row in line.play.floor().waiting] == [line.call]


def test_who_is_promised_it_twice_is_called_once_at_his_first_place() -> None:
    line = Line()
    since = line.play.floor().waiting[0].since
    line.asks()
    line.hangs_up()
    line.play.forget()
    line.caller = calls_again(line)
    line.call = line.play.call_of(line.caller)
    line.play.wait(30)
    line.asks()
    line.hangs_up()
    assert [(row.call, row.since) for row in line.play.floor().waiting] == [(line.call, since)]
    assert [(row.call, row.since) for row in again(line).floor().waiting] == [(line.call, since)]


def test_a_phone_that_asterisk_calls_too_late_does_not_call_him_beside_the_next_one() -> None:
    line = Line()
    late = line.promised()
    line.play.ready(BOB)
    line.play.hear(fx.Done(effect=late))
    line.play.wait(6)
    second = line.play.last(fx.CallOut)
    assert (late.channel, second.channel) == ("PJSIP/1001", "PJSIP/1002")
    line.play.hear(fx.Done(effect=second), line.play.asterisk.is_called_out(second.call, "1002", second.number))
    phone = line.play.asterisk.last
    line.play.hear(line.play.asterisk.rings(phone))
    line.play.hear(line.play.asterisk.is_called_out(late.call, "1001", late.number))
    assert line.play.last(fx.HangUpChannel).channel == line.play.asterisk.channels[line.play.asterisk.last].name
    line.play.hear(line.play.asterisk.gone(line.play.asterisk.last, 0))
    line.play.hear(line.play.asterisk.is_led_outside(phone, second.number))
    other = line.play.asterisk.last
    line.play.hear(line.play.asterisk.rings(other), line.play.asterisk.picks_up(other, phone))
    assert [(done.by, done.agent) for done in line.play.said(e.CallbackDone)] == [(second.call, BOB)]
    assert line.play.state(BOB) is AgentState.TALKING


def test_who_was_put_through_in_the_same_call_after_all_is_not_called_back() -> None:
    line = Line()
    line.asks()
    line.play.hear(line.play.asterisk.queues(line.caller))
    line.play.ready(ALICE)
    phone = line.play.phone_rings(line.caller)
    line.play.hear(line.play.asterisk.picks_up(phone, line.caller))
    assert [(done.call, done.by) for done in line.play.said(e.CallbackDone)] == [(line.call, line.call)]
    line.play.hear(line.play.asterisk.hangs_up(phone, line.caller))
    line.play.wait(3600)
    assert (line.play.floor().waiting, line.play.wanted(fx.CallOut)) == ((), [])


def test_after_a_restart_it_is_known_that_he_waits_himself() -> None:
    line = Line()
    line.asks()
    line.hangs_up()
    caller = calls_again(line)
    born = again(line)
    assert [row.call for row in born.floor().waiting] == [line.play.call_of(caller)]
