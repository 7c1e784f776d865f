"""Whoever would rather be called back keeps his place: the key, the promise, his turn, and what becomes of it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from crm_core.domain.floor import FloorPlan, OpeningHours
from crm_core.domain.overflow import Overflow, OverflowKind, OverflowWhy
from crm_core.kernel.ids import CallId, QueueKey
from cti import commands as c
from cti import effects as fx
from cti import events as e
from cti.switchboard import FloorLoaded
from routing.states import AgentState
from tests.unit.cti.switchboard.callback_line import NUMBER, Line, plan, presses
from tests.unit.cti.switchboard.playbook import ALICE, BOB, SERVER, Playbook


def sent(play: Playbook) -> list[tuple[str, str]]:
    return [(one.kind.value, one.place) for one in play.wanted(fx.GoOn)]


def test_by_the_key_of_his_queue_he_is_led_to_the_menu_that_asks_for_his_number() -> None:
    line = Line()
    presses(line.play, line.caller, "1")
    [told] = line.play.said(e.CallOverflowed)
    assert (told.why, told.kind, told.queue, told.step) == (OverflowWhy.ASKED, OverflowKind.CALLBACK, "service", 0)
    assert sent(line.play) == [("callback", "callback")]
    assert line.play.floor().waiting == ()


def test_another_key_leads_to_a_message_and_all_others_mean_nothing() -> None:
    line = Line()
    for key in "39#":
        presses(line.play, line.caller, key)
    presses(line.play, line.caller, "1", received=False)
    assert sent(line.play) == []
    presses(line.play, line.caller, "2")
    assert sent(line.play) == [("voicemail", "voicemail")]


def test_a_key_pressed_while_a_phone_rings_for_him_counts_when_it_stops() -> None:
    play = Playbook(plan())
    play.ready(ALICE)
    caller = play.caller_waits(NUMBER)
    phone = play.phone_rings(caller)
    presses(play, caller, "1")
    assert sent(play) == []
    play.hear(play.asterisk.refuses(phone, caller, play.offers[-1].offer))
    assert sent(play) == []
    play.wait(2)
    assert sent(play) == [("callback", "callback")]


def test_whoever_is_answered_meanwhile_talks() -> None:
    play = Playbook(plan())
    play.ready(ALICE)
    caller = play.caller_waits(NUMBER)
    phone = play.phone_rings(caller)
    presses(play, caller, "1")
    play.hear(play.asterisk.picks_up(phone, caller))
    play.wait(60)
    assert sent(play) == []


def test_who_would_rather_wait_after_all_is_back_at_his_place() -> None:
    line = Line()
    since = line.play.floor().waiting[0].since
    presses(line.play, line.caller, "1")
    line.play.hear(line.play.asterisk.word(line.caller, "CwOverflow"))
    line.play.wait(20)
    line.play.hear(line.play.asterisk.queues(line.caller, "service", "zh:1", since=since.timestamp()))
    [row] = line.play.floor().waiting
    assert (row.call, row.since, row.callback, sent(line.play)) == (line.call, since, False, [("callback", "callback")])


def test_the_promise_keeps_his_place_and_begins_when_he_has_hung_up() -> None:
    line = Line()
    since = line.play.floor().waiting[0].since
    line.asks("0086 138 0013 8000")
    [promised] = line.play.said(e.CallbackPromised)
    assert (promised.call, promised.number, promised.queue, promised.since, promised.requires) == (
        line.call, NUMBER, "service", since, {"zh": 1},
    )  # fmt: skip
    line.play.ready(ALICE)
    assert (line.play.offers, line.play.wanted(fx.CallOut)) == ([], [])
    line.play.forget()
    line.hangs_up()
    [ended] = line.play.said(e.CallEnded)
    assert (ended.outcome, line.play.said(e.CallPlaceKept)) == (e.Outcome.CALLBACK, [])
    [out] = line.play.wanted(fx.CallOut)
    assert (out.server, out.channel, out.number, out.asked_for) == (SERVER, "PJSIP/1001", NUMBER, False)


def test_said_twice_it_is_one_promise_for_the_number_said_last() -> None:
    line = Line()
    line.asks()
    assert line.play.order(c.PromiseCallback(call=line.call, number="13900139000")).ok
    line.hangs_up()
    line.play.ready(ALICE, BOB)
    assert [out.number for out in line.play.wanted(fx.CallOut)] == ["13900139000"]


def test_who_hangs_up_before_the_word_was_promised_nothing_and_has_his_place_kept() -> None:
    line = Line()
    presses(line.play, line.caller, "1")
    line.hangs_up()
    assert len(line.play.said(e.CallPlaceKept)) == 1
    line.play.ready(ALICE)
    assert line.play.wanted(fx.CallOut) == []
    assert line.play.order(c.PromiseCallback(call=line.call, number=NUMBER)).code == "call.unknown"


@pytest.mark.parametrize(
    ("queue", "number", "code"),
    [("vip", NUMBER, "callback.not_here"), ("nowhere", NUMBER, "callback.not_here"), ("", "abc", "number.invalid")],
)
def test_what_cannot_be_promised_is_not(queue: str, number: str, code: str) -> None:
    line = Line()
    assert (
        line.play.order(c.PromiseCallback(call=line.call, number=number, queue=QueueKey(queue) if queue else None)).code
        == code
    )
    line.hangs_up()
    assert line.play.said(e.CallbackPromised) == []


def test_who_asks_in_a_menu_stands_in_the_line_he_is_given() -> None:
    play = Playbook(plan())
    play.hear(play.asterisk.arrives(NUMBER))
    caller = play.asterisk.last
    call = play.call_of(caller)
    assert play.order(c.PromiseCallback(call=call, number=NUMBER)).code == "callback.not_here"
    assert play.order(c.PromiseCallback(call=call, number=NUMBER, queue=QueueKey("service"))).ok
    play.hear(play.asterisk.hangs_up(caller))
    [row] = play.floor().waiting
    assert (row.call, row.queue, row.callback, row.ani, row.why_waiting) == (
        call, "service", True, NUMBER, "nobody_logged_in",
    )  # fmt: skip


def test_calls_and_callbacks_are_one_line_by_their_own_time() -> None:
    line = Line()
    line.asks()
    line.hangs_up()
    line.play.wait(5)
    later = line.play.caller_waits("13900139000", skills="zh:1")
    assert [row.call for row in line.play.floor().waiting] == [line.call, line.play.call_of(later)]
    line.play.ready(ALICE)
    assert (line.play.offers, len(line.play.wanted(fx.CallOut))) == ([], 1)
    line.play.ready(BOB)
    assert line.play.last(fx.OfferCall).channel == later


def test_a_callback_holds_no_line_and_takes_no_place_of_those_who_wait_on_the_phone() -> None:
    line = Line(plan(chain=(Overflow(kind=OverflowKind.MESSAGE, to="all_busy"),), max_waiting=1))
    line.asks()
    line.hangs_up()
    line.play.forget()
    line.play.caller_waits("13900139000")
    assert sent(line.play) == []
    [queue] = [one for one in line.play.floor().queues if one.queue == "service"]
    assert queue.waiting == 1


def test_the_agents_screen_knows_of_it_before_the_phone_rings_and_picking_up_is_accepting() -> None:
    line = Line()
    out = line.promised()
    assert line.play.state(ALICE) is AgentState.RESERVED
    line.play.forget()
    line.play.hear(fx.Done(effect=out), line.play.asterisk.is_called_out(out.call, "1001", out.number))
    assert line.play.topics() == ["call.arrived", "call.callback_began", "call.offered"]
    [began] = line.play.said(e.CallbackBegan)
    assert (began.call, began.of, began.queue, began.tries, began.agent) == (out.call, line.call, "service", 0, ALICE)
    phone = line.play.asterisk.last
    line.play.hear(line.play.asterisk.rings(phone))
    assert line.play.state(ALICE) is AgentState.RINGING
    assert line.play.floor().agents[0].call == out.call
    assert line.play.floor().waiting[0].offered_to == ALICE
    line.play.hear(line.play.asterisk.is_led_outside(phone, out.number))
    other = line.play.asterisk.last
    line.play.hear(line.play.asterisk.rings(other))
    assert [one.agent for one in line.play.said(e.CallbackAccepted)] == [ALICE]
    assert (line.play.state(ALICE), line.play.floor().waiting) == (AgentState.TALKING, ())


def test_whoever_is_reached_is_a_call_of_his_queue() -> None:
    line = Line()
    out, phone, other = line.is_called()
    line.play.hear(line.play.asterisk.picks_up(other, phone))
    [done] = line.play.said(e.CallbackDone)
    assert (done.call, done.by, done.agent) == (line.call, out.call, ALICE)
    assert line.play.floor_of(out.call).queue == "service"
    line.play.hear(line.play.asterisk.hangs_up(other, phone))
    assert line.play.state(ALICE) is AgentState.WRAP_UP
    line.play.wait(3600)
    assert len(line.play.wanted(fx.CallOut)) == 1


def test_an_agent_who_does_not_pick_up_has_missed_it_and_somebody_else_is_asked() -> None:
    line = Line()
    out, phone = line.alice_rings()
    line.play.ready(BOB)
    line.play.hear(line.play.asterisk.gone(phone, 0))
    [failed] = line.play.said(e.OfferFailed)
    assert (failed.agent, failed.why, failed.call) == (ALICE, e.OfferFailure.NO_ANSWER, out.call)
    assert (line.play.state(ALICE), line.play.reason(ALICE)) == (AgentState.PAUSED, "missed_call")
    second = line.play.last(fx.CallOut)
    assert (second.channel, second.call != out.call) == ("PJSIP/1002", True)
    assert [one.agent for one in line.play.floor().waiting[0].tried] == [ALICE]


def test_an_agent_may_pass_it_on_by_screen() -> None:
    line = Line()
    out, phone = line.alice_rings()
    assert line.play.order(c.RejectOffer(agent=ALICE, call=out.call)).ok
    assert line.play.last(fx.HangUpChannel).channel == phone
    line.play.hear(line.play.asterisk.gone(phone, 0))
    assert (line.play.state(ALICE), line.play.reason(ALICE)) == (AgentState.PAUSED, "rejected")
    assert [row.call for row in line.play.floor().waiting] == [line.call]


def test_a_phone_that_nobody_can_call_is_no_fault_of_its_agent() -> None:
    line = Line()
    out = line.promised()
    line.play.hear(fx.Done(effect=out))
    line.play.wait(6)
    assert [one.why for one in line.play.said(e.OfferFailed)] == [e.OfferFailure.UNREACHABLE]
    assert line.play.state(ALICE) is AgentState.READY
    line.play.wait(11)
    assert len(line.play.wanted(fx.CallOut)) == 2


def test_what_asterisk_refuses_is_asked_again_in_a_moment() -> None:
    line = Line()
    out = line.promised()
    line.play.hear(fx.Failed(effect=out, why=fx.Failure.REFUSED))
    assert line.play.state(ALICE) is AgentState.READY
    line.play.wait(3)
    assert len(line.play.wanted(fx.CallOut)) == 2


def test_who_is_busy_stands_in_the_line_again_after_a_while_at_his_old_place() -> None:
    line = Line()
    since = line.play.floor().waiting[0].since
    line.is_busy()
    [tried] = line.play.said(e.CallbackTried)
    assert (tried.call, tried.outcome, tried.tries, tried.agent) == (line.call, e.Outcome.BUSY, 1, ALICE)
    assert (line.play.floor().waiting, line.play.state(ALICE)) == ((), AgentState.READY)
    line.play.wait(59)
    assert len(line.play.wanted(fx.CallOut)) == 1
    line.play.wait(2)
    assert len(line.play.wanted(fx.CallOut)) == 2
    [row] = line.play.floor().waiting
    assert (row.since, row.callback_tries) == (since, 1)


def test_after_so_many_tries_it_is_given_up_with_its_history() -> None:
    line = Line(plan(tries=1))
    line.is_busy()
    assert line.play.said(e.CallbackTried)[0].again_at is None
    [given_up] = line.play.said(e.CallbackGivenUp)
    assert (given_up.call, given_up.number, given_up.queue) == (line.call, NUMBER, "service")
    assert [(one.agent, one.outcome) for one in given_up.in_vain] == [(ALICE, e.Outcome.BUSY)]
    line.play.wait(3600)
    assert len(line.play.wanted(fx.CallOut)) == 1


NINE_TO_TEN = OpeningHours(week={"mon": ("09:00-10:00",), "tue": ("09:00-10:00",)})


def by_day(tries: int = 2, retry_s: int = 60) -> FloorPlan:
    drawn = plan(tries=tries, retry_s=retry_s)
    service, other = drawn.queues
    return replace(drawn, queues=(replace(service, open_hours=NINE_TO_TEN), other), timezone="UTC")


def test_nobody_is_called_while_his_queue_is_closed() -> None:
    line = Line(by_day())
    line.asks()
    line.hangs_up()
    assert [row.call for row in line.play.floor().waiting] == [line.call]
    line.play.wait(3600)
    assert line.play.floor().waiting == ()
    line.play.ready(ALICE)
    line.play.wait(22 * 3600)
    assert line.play.wanted(fx.CallOut) == []
    line.play.wait(3600 - 30)
    assert [out.number for out in line.play.wanted(fx.CallOut)] == [NUMBER]


def test_other_opening_hours_hold_at_once() -> None:
    line = Line(by_day())
    line.asks()
    line.hangs_up()
    line.play.wait(3600)
    line.play.ready(ALICE)
    line.play.hear(FloorLoaded(plan=plan()))
    assert [out.number for out in line.play.wanted(fx.CallOut)] == [NUMBER]


def test_whoever_would_be_tried_again_at_night_is_when_it_opens() -> None:
    line = Line(by_day(retry_s=3600))
    line.is_busy()
    [tried] = line.play.said(e.CallbackTried)
    assert tried.again_at is not None
    assert (tried.again_at.hour, tried.again_at.day - tried.at.day) == (9, 1)


def test_a_step_of_the_chain_offers_it_and_who_declines_goes_on_to_the_next() -> None:
    chain = (Overflow(kind=OverflowKind.CALLBACK, to="callback"), Overflow(kind=OverflowKind.MESSAGE, to="all_busy"))
    line = Line(plan(chain=chain, max_wait_s=40))
    since = line.play.floor().waiting[0].since
    line.play.wait(11)
    assert sent(line.play) == [("callback", "callback")]
    line.play.hear(line.play.asterisk.word(line.caller, "CwOverflow"))
    line.play.hear(line.play.asterisk.queues(line.caller, "service", "zh:1", since=since.timestamp()))
    assert sent(line.play)[1:] == [("message", "all_busy")]


def test_the_step_is_passed_over_where_nobody_is_called_back() -> None:
    chain = (Overflow(kind=OverflowKind.CALLBACK, to="callback"), Overflow(kind=OverflowKind.MESSAGE, to="all_busy"))
    line = Line(plan(tries=0, chain=chain, max_wait_s=20))
    assert sent(line.play) == [("message", "all_busy")]
    presses(line.play, line.caller, "1")
    assert len(sent(line.play)) == 1


def test_the_keys_are_told_while_he_waits() -> None:
    line = Line(plan(announce_first_s=20))
    [told] = line.play.wanted(fx.Announce)
    assert (told.callback_key, told.message_key, told.position) == ("1", "2", None)
    assert Line(plan(tries=0, announce_first_s=20)).play.last(fx.Announce).callback_key == ""


def test_why_he_still_waits_is_told_of_him_as_of_anybody() -> None:
    line = Line()
    line.asks()
    line.hangs_up()
    answer = line.play.order(c.ExplainWait(call=CallId(line.call)))
    assert isinstance(answer, c.WaitExplained)


def test_who_asks_in_a_menu_has_his_place_by_when_his_call_began() -> None:
    play = Playbook(plan())
    play.hear(play.asterisk.arrives(NUMBER))
    in_menu, began = play.call_of(play.asterisk.last), play.asterisk.now
    play.wait(90)
    later = play.caller_waits("13900139000", skills="zh:1")
    play.wait(30)
    assert play.order(c.PromiseCallback(call=in_menu, number=NUMBER, queue=QueueKey("service"))).ok
    [promised] = play.said(e.CallbackPromised)
    assert abs((promised.since - began).total_seconds()) < 1
    play.hear(play.asterisk.hangs_up(next(name for name in play.asterisk.channels if name != later)))
    assert [row.call for row in play.floor().waiting] == [in_menu, play.call_of(later)]


def test_a_promise_that_nobody_waits_for_any_more_is_not_made() -> None:
    """Whoever asked has promised him another by now, and he would be called twice."""
    line = Line()
    until = line.play.asterisk.now
    wish = c.PromiseCallback(call=line.call, number=NUMBER, until=until)
    line.play.wait(1)
    assert line.play.order(wish).code == "command.timed_out"
    assert line.play.said(e.CallbackPromised) == []
    assert line.play.order(replace(wish, until=line.play.asterisk.now)).ok
