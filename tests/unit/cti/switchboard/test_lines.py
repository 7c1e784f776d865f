"""A line lost and found again, our own restart, Asterisk's restart: the story goes on and nothing is told twice."""

from __future__ import annotations

from dataclasses import replace

import pytest

from crm_core.domain.floor import FloorPlan
from crm_core.kernel.ids import ServerId
from cti import commands as c
from cti import effects as fx
from cti import events as e
from cti.switchboard import LinesNamed
from routing.states import AgentState
from tests.unit.cti.switchboard.playbook import ALICE, BOB, CAROL, Playbook, floor_plan, known


def cut(play: Playbook) -> None:
    play.hear(e.LinkLost(at=play.asterisk.now, server=play.asterisk.server, why="gone"))


def restarted(play: Playbook, *, log: bool = True, plan: FloorPlan | None = None) -> Playbook:
    """Our process dies and comes back; Asterisk has gone on without it. `log`: the event log was read."""
    again = Playbook(plan, line=False)
    again.asterisk = play.asterisk
    if log:
        again.hear_effects(again.switchboard.restore(known(play.told), play.asterisk.now))
    return again


# --- a lost line


def test_the_line_is_told_lost_and_up() -> None:
    play = Playbook()
    play.forget()
    cut(play)
    assert play.floor().links == {"pbx1": False}
    play.hear(play.asterisk.snapshot())
    assert play.topics() == ["link.lost", "link.up"]
    assert play.floor().links == {"pbx1": True}


def test_nobody_is_offered_over_a_lost_line() -> None:
    play = Playbook()
    caller = play.caller_waits()
    cut(play)
    play.ready(ALICE)
    assert play.wanted(fx.OfferCall) == []
    play.wait(30)
    play.hear(play.asterisk.snapshot())
    assert play.last(fx.OfferCall).channel == caller
    assert play.said(e.CallOffered)[0].because.waited_s == 31.0
    assert len(play.said(e.CallQueued)) == len(play.said(e.CallArrived)) == 1


def test_callers_come_back_in_their_order() -> None:
    play = Playbook()
    young = play.caller_waits("1", queue="service")
    play.wait(1)
    play.asterisk.queues(young)  # unheard of: his word is lost, his place is not
    vip = play.caller_waits("2", queue="vip")
    play.ready(ALICE)
    play.hear(play.asterisk.unregisters("1001"))
    play.order_pause(ALICE)
    cut(play)
    play.hear(play.asterisk.snapshot())
    assert [row.call for row in play.floor().waiting] == [play.call_of(vip), play.call_of(young)]


def test_a_conversation_goes_on_unheard() -> None:
    play = Playbook()
    play.ready(ALICE)
    caller, phone = play.talks()
    cut(play)
    play.wait(20)
    play.forget()
    play.hear(play.asterisk.snapshot())
    assert play.topics() == ["link.up"]
    assert play.state(ALICE) is AgentState.TALKING
    play.hear(play.asterisk.hangs_up(phone, caller))
    assert play.said(e.CallEnded)[0].talk_s == 20.0


def test_a_conversation_that_ended_unheard_is_over() -> None:
    play = Playbook()
    play.ready(ALICE)
    caller, phone = play.talks()
    cut(play)
    play.asterisk.hangs_up(phone, caller)
    play.wait(20)
    play.forget()
    play.hear(play.asterisk.snapshot())
    assert play.topics() == ["link.up", "call.disconnected", "alice:wrap_up", "call.ended"]
    ended = play.said(e.CallEnded)[0]
    assert (ended.outcome, ended.closed_by) == (e.Outcome.ANSWERED, e.ClosedBy.RECONCILIATION)


def test_an_end_that_is_heard_is_no_guess() -> None:
    play = Playbook()
    play.ready(ALICE)
    play.hear(play.asterisk.hangs_up(*play.talks()))
    assert play.said(e.CallEnded)[0].closed_by is None


def test_an_offer_answered_unheard_is_a_conversation() -> None:
    play = Playbook()
    play.ready(ALICE)
    caller = play.caller_waits()
    phone = play.phone_rings(caller)
    offer = play.last(fx.OfferCall).offer
    cut(play)
    assert play.state(ALICE) is AgentState.RINGING
    play.asterisk.picks_up(phone, caller)
    play.forget()
    play.hear(play.asterisk.snapshot())
    assert play.topics() == ["link.up", "call.connected", "alice:talking"]
    assert play.said(e.CallConnected)[0].offer == offer


def test_an_offer_still_ringing_rings_on() -> None:
    play = Playbook()
    play.ready(ALICE)
    caller = play.caller_waits()
    phone = play.phone_rings(caller)
    cut(play)
    play.wait(40)
    play.forget()
    play.hear(play.asterisk.snapshot())
    assert play.topics() == ["link.up"]
    play.hear(play.asterisk.picks_up(phone, caller))
    assert play.state(ALICE) is AgentState.TALKING


def test_an_offer_that_failed_unheard_is_nobodys_fault() -> None:
    play = Playbook()
    play.ready(ALICE)
    caller = play.caller_waits()
    phone = play.phone_rings(caller)
    offer = play.last(fx.OfferCall).offer
    cut(play)
    play.asterisk.does_not_answer(phone, caller, offer)
    play.forget()
    play.hear(play.asterisk.snapshot())
    assert play.said(e.OfferFailed)[0].why is e.OfferFailure.LINE_LOST
    assert play.last(fx.OfferCall).extension == "1001"


def test_who_fell_to_safety_unheard_is_fetched_when_asterisk_trusts_us_again() -> None:
    play = Playbook()
    caller = play.caller_waits()
    since = play.asterisk.now.timestamp()
    cut(play)
    play.asterisk.falls_to_safety(caller)
    play.wait(30)
    play.ready(ALICE)
    play.forget()
    play.hear(play.asterisk.snapshot())
    assert play.topics() == ["link.up", "call.fell_to_safety"]
    assert play.wanted(fx.OfferCall) == play.wanted(fx.TakeBack) == []  # he would fall again at once
    play.trusted()
    assert play.last(fx.TakeBack).channel == caller
    play.hear(play.asterisk.queues(caller, since=since))
    assert play.last(fx.OfferCall).channel == caller
    assert play.said(e.CallOffered)[0].because.waited_s == 31.0


def test_who_fell_and_was_connected_while_we_were_dead_is_told_so() -> None:
    play = Playbook()
    caller = play.caller_waits()
    again = restarted(play)
    play.asterisk.falls_to_safety(caller)
    play.asterisk.is_called(caller, "1001")
    play.asterisk.picks_up(play.asterisk.last, caller)
    again.hear(play.asterisk.snapshot())
    assert [topic for topic in again.topics() if topic.startswith("call.")] == ["call.fell_to_safety", "call.connected"]
    assert again.said(e.CallConnected)[0].by_safety_queue
    assert again.state(ALICE) is AgentState.TALKING


def test_who_came_and_queued_unheard_is_asked_what_he_waits_for() -> None:
    play = Playbook()
    cut(play)
    play.asterisk.arrives("13900139000")
    caller = play.asterisk.last
    play.asterisk.queues(caller, "service", "repair:1")
    since = play.asterisk.now.timestamp()
    play.wait(10)
    play.ready(ALICE)
    play.forget()
    play.hear(play.asterisk.snapshot())
    ask = play.last(fx.ReadVariables)
    packed = f"queue=service;skills=repair:1;priority=0;lang=zh;intent=repair;since={since:.3f}"
    play.hear(fx.Done(effect=ask, answer={"CW_WAIT": packed}))
    assert play.topics() == ["link.up", "call.arrived", "call.queued", "alice:reserved", "call.offered"]
    assert play.said(e.CallOffered)[0].because.waited_s == 11.0
    assert play.said(e.CallQueued)[0].requires == {"repair": 1}


def test_who_falls_to_safety_before_he_answered_what_he_waits_for_is_not_put_in_line() -> None:
    play = Playbook()
    cut(play)
    play.asterisk.arrives("13900139000")
    caller = play.asterisk.last
    play.asterisk.queues(caller)
    play.ready(ALICE)
    play.hear(play.asterisk.snapshot())
    play.hear(play.asterisk.falls_to_safety(caller))
    play.hear(fx.Done(effect=play.last(fx.ReadVariables), answer={"CW_WAIT": "queue=service;since=1"}))
    assert play.floor().waiting == ()
    assert play.offers == []


def test_an_answer_that_does_not_come_is_asked_for_again() -> None:
    play = Playbook()
    cut(play)
    play.asterisk.arrives()
    play.asterisk.queues(play.asterisk.last)
    play.hear(play.asterisk.snapshot())
    play.hear(fx.Failed(effect=play.last(fx.ReadVariables), why=fx.Failure.TIMED_OUT))
    play.wait(3)
    assert len(play.wanted(fx.ReadVariables)) == 2


# --- our own restart


def test_states_come_back_and_are_not_told_again() -> None:
    play = Playbook()
    play.ready(ALICE, BOB)
    play.order_pause(BOB)
    again = restarted(play)
    again.hear(play.asterisk.snapshot())
    assert [event.state for event in again.said(e.AgentStateChanged) if not event.reachable] == []
    assert (again.state(ALICE), again.state(BOB), again.state(CAROL)) == (
        AgentState.READY,
        AgentState.PAUSED,
        AgentState.OFFLINE,
    )
    again.caller_waits()
    assert again.last(fx.OfferCall).extension == "1001"


def test_a_waiting_caller_keeps_his_place_over_our_restart() -> None:
    play = Playbook()
    caller = play.caller_waits(skills="zh:1")
    play.wait(30)
    again = restarted(play)
    again.hear(play.asterisk.snapshot())
    again.ready(ALICE)
    assert again.last(fx.OfferCall).channel == caller
    assert again.said(e.CallOffered)[0].because.waited_s == 30.0
    assert again.said(e.CallArrived) == again.said(e.CallQueued) == []


def test_a_conversation_goes_on_over_our_restart() -> None:
    play = Playbook()
    play.ready(ALICE)
    caller, phone = play.talks()
    play.hear(fx.Done(effect=play.last(fx.StartRecording)))
    play.wait(10)
    again = restarted(play)
    again.hear(play.asterisk.snapshot())
    assert again.state(ALICE) is AgentState.TALKING
    assert again.wanted(fx.StartRecording) == []
    play.asterisk.wait(10)
    again.forget()
    again.hear(play.asterisk.hangs_up(caller, phone))
    assert again.topics() == ["call.disconnected", "alice:wrap_up", "recording.stopped", "call.ended"]
    ended = again.said(e.CallEnded)[0]
    assert (ended.talk_s, ended.agents, ended.outcome) == (20.0, (ALICE,), e.Outcome.ANSWERED)


def test_a_call_that_ended_while_we_were_dead_is_closed_and_wrapped_up() -> None:
    play = Playbook()
    play.ready(ALICE)
    caller, phone = play.talks()
    call = play.call_of(caller)
    known_until = max(event.at for event in play.told)
    again = restarted(play)
    play.asterisk.hangs_up(phone, caller)
    play.asterisk.wait(30)
    again.hear(play.asterisk.snapshot())
    [ended] = again.said(e.CallEnded)
    assert (ended.call, ended.at, ended.closed_by) == (call, known_until, e.ClosedBy.RECONCILIATION)
    assert again.state(ALICE) is AgentState.WRAP_UP


def test_a_call_at_an_asterisk_that_is_none_of_ours_any_more_is_closed() -> None:
    play = Playbook()
    play.ready(ALICE)
    caller, _ = play.talks()
    call = play.call_of(caller)
    again = restarted(play)
    again.hear(LinesNamed(servers=frozenset({play.asterisk.server})))
    assert again.said(e.CallEnded) == []
    again.hear(LinesNamed(servers=frozenset({ServerId("another")})))
    [ended] = again.said(e.CallEnded)
    assert (ended.call, ended.closed_by, ended.outcome) == (call, e.ClosedBy.RECONCILIATION, e.Outcome.ANSWERED)
    assert again.state(ALICE) is AgentState.WRAP_UP


def test_a_wrap_up_goes_on_over_our_restart() -> None:
    play = Playbook()
    play.ready(ALICE)
    caller, phone = play.talks()
    play.hear(play.asterisk.hangs_up(phone, caller))
    again = restarted(play)
    again.hear(play.asterisk.snapshot())
    assert again.state(ALICE) is AgentState.WRAP_UP
    assert again.said(e.CallEnded) == []


def test_an_offer_rings_on_over_our_restart() -> None:
    play = Playbook()
    play.ready(ALICE, BOB)
    caller = play.caller_waits(skills="zh:1")
    phone = play.phone_rings(caller)
    offer = play.last(fx.OfferCall).offer
    again = restarted(play)
    again.hear(play.asterisk.snapshot())
    assert again.state(ALICE) is AgentState.RINGING
    assert again.said(e.CallOffered) == again.said(e.CallRinging) == []
    again.hear(play.asterisk.does_not_answer(phone, caller, offer))
    assert again.said(e.OfferFailed)[0].why is e.OfferFailure.NO_ANSWER
    assert again.last(fx.OfferCall).extension == "1002"


def test_an_offer_that_was_over_when_we_came_back_is_told_to_be() -> None:
    play = Playbook()
    play.ready(ALICE, BOB)
    caller = play.caller_waits(skills="zh:1")
    phone = play.phone_rings(caller)
    offer = play.last(fx.OfferCall).offer
    again = restarted(play)
    play.asterisk.wait(1)
    play.asterisk.does_not_answer(phone, caller, offer)
    again.hear(play.asterisk.snapshot())
    assert [(failed.offer, failed.why) for failed in again.said(e.OfferFailed)] == [(offer, e.OfferFailure.LINE_LOST)]
    assert again.floor().calls[0].phase == "offered"  # anew
    assert again.last(fx.OfferCall).offer != offer


def test_an_offer_answered_while_we_were_dead_was_taken() -> None:
    play = Playbook()
    play.ready(ALICE)
    caller = play.caller_waits()
    phone = play.phone_rings(caller)
    offer = play.last(fx.OfferCall).offer
    again = restarted(play)
    play.asterisk.picks_up(phone, caller)
    again.hear(play.asterisk.snapshot())
    assert again.said(e.OfferFailed) == []
    assert [(connected.agent, connected.offer) for connected in again.said(e.CallConnected)] == [(ALICE, offer)]


def test_without_a_log_everything_is_found_on_the_channels() -> None:
    play = Playbook()
    play.ready(ALICE)
    caller, _phone = play.talks()
    waiting = play.caller_waits("13900139000")
    again = restarted(play, log=False)
    again.hear(play.asterisk.snapshot())
    assert {event.call for event in again.said(e.CallArrived)} == {play.call_of(caller), play.call_of(waiting)}
    assert again.said(e.CallConnected)[0].agent == ALICE
    assert again.state(ALICE) is AgentState.OFFLINE
    asked = {effect.channel: effect for effect in again.wanted(fx.ReadVariables)}
    assert set(asked) == {caller, waiting}
    again.hear(fx.Done(effect=asked[caller], answer={"CW_WAIT": "queue=service;since=1"}))
    assert again.last(fx.RestartRecording).channel == caller


def test_without_a_log_a_phone_found_ringing_rings_on() -> None:
    play = Playbook()
    play.ready(ALICE)
    caller = play.caller_waits()
    phone = play.phone_rings(caller)
    offer = play.last(fx.OfferCall).offer
    again = restarted(play, log=False)
    again.hear(play.asterisk.snapshot())
    again.hear(fx.Done(effect=again.last(fx.ReadVariables), answer={"CW_WAIT": "queue=service;since=1"}))
    assert again.said(e.CallOffered)[0].because.rule == "found_ringing"
    assert again.state(ALICE) is AgentState.RINGING
    again.hear(play.asterisk.picks_up(phone, caller))
    assert again.said(e.CallConnected)[0].offer == offer


def test_without_a_log_a_phone_that_rings_no_more_when_the_caller_was_asked_is_not_waited_for() -> None:
    play = Playbook()
    play.ready(ALICE)
    caller = play.caller_waits()
    phone = play.phone_rings(caller)
    again = restarted(play, log=False)
    again.ready(ALICE)
    again.hear(play.asterisk.snapshot())
    again.hear(play.asterisk.does_not_answer(phone, caller, play.last(fx.OfferCall).offer))
    again.hear(fx.Done(effect=again.last(fx.ReadVariables), answer={"CW_WAIT": "queue=service;since=1"}))
    assert again.last(fx.OfferCall).channel == caller
    assert again.state(ALICE) is AgentState.RESERVED


def test_who_hangs_up_before_he_was_asked_leaves_nothing_behind() -> None:
    play = Playbook()
    play.ready(ALICE)
    caller = play.caller_waits()
    phone = play.phone_rings(caller)
    again = restarted(play, log=False)
    again.hear(play.asterisk.snapshot())
    ask = again.last(fx.ReadVariables)
    again.hear(play.asterisk.was_cancelled(phone, caller), play.asterisk.hangs_up(caller))
    again.hear(fx.Done(effect=ask, answer={"CW_WAIT": "queue=service;since=1"}))
    again.forget()
    again.wait(60)
    assert again.effects == []
    assert again.floor().calls == again.floor().waiting == ()


def answered_while_we_were_dead(*, recorded: bool) -> tuple[Playbook, str, str, fx.ReadVariables]:
    """A caller came, was queued and talks; of his queue we never heard. Our next life, and what it asked."""
    plan = floor_plan(recorded=recorded)
    play = Playbook(plan)
    play.ready(ALICE)
    again = restarted(play, plan=plan)
    play.hear(play.asterisk.arrives())
    caller = play.asterisk.last
    play.asterisk.queues(caller)
    play.asterisk.is_called(caller, "1001")
    phone = play.asterisk.last
    play.asterisk.picks_up(phone, caller)
    play.asterisk.wait(10)
    again.hear(play.asterisk.snapshot())
    return again, caller, phone, again.last(fx.ReadVariables)


@pytest.mark.parametrize("recorded", [True, False])
def test_nothing_is_recorded_before_it_is_known_by_which_queue_a_caller_came(recorded: bool) -> None:
    again, caller, phone, ask = answered_while_we_were_dead(recorded=recorded)
    assert again.said(e.CallConnected)[0].agent == ALICE
    assert again.wanted(fx.RecordingEffect) == []
    assert (ask.channel, ask.names) == (caller, ("CW_WAIT",))
    since = again.asterisk.now.timestamp() - 15
    again.hear(fx.Done(effect=ask, answer={"CW_WAIT": f"queue=service;since={since}"}))
    assert [effect.channel for effect in again.wanted(fx.RecordingEffect)] == ([caller] if recorded else [])
    assert (again.floor().calls[0].queue, again.floor().calls[0].phase) == ("service", "talking")
    again.hear(again.asterisk.hangs_up(phone, caller))
    assert again.state(ALICE) is AgentState.WRAP_UP
    ended = again.said(e.CallEnded)[0]
    assert (ended.wait_s, ended.outcome) == (15.0, e.Outcome.ANSWERED)  # until we found him talking


def test_a_queue_that_is_not_told_is_asked_for_again_and_one_there_is_not_is_not() -> None:
    again, _, _, ask = answered_while_we_were_dead(recorded=True)
    again.hear(fx.Failed(effect=ask, why=fx.Failure.TIMED_OUT))
    again.wait(3)
    assert len(again.wanted(fx.ReadVariables)) == 2
    again.hear(fx.Done(effect=again.last(fx.ReadVariables), answer={"CW_WAIT": ""}))
    again.wait(60)
    assert len(again.wanted(fx.ReadVariables)) == 2
    assert again.wanted(fx.RecordingEffect) == []


def test_who_is_answered_before_he_was_asked_is_asked_all_the_same() -> None:
    play = Playbook()
    play.ready(ALICE)
    caller = play.caller_waits()
    phone = play.phone_rings(caller)
    again = restarted(play, log=False)
    again.ready(ALICE)
    again.hear(play.asterisk.snapshot())
    unanswered = again.last(fx.ReadVariables)
    again.hear(play.asterisk.picks_up(phone, caller), fx.Failed(effect=unanswered, why=fx.Failure.TIMED_OUT))
    assert again.wanted(fx.RecordingEffect) == []
    again.hear(fx.Done(effect=again.last(fx.ReadVariables), answer={"CW_WAIT": "queue=service;since=1"}))
    assert [effect.channel for effect in again.wanted(fx.RecordingEffect)] == [caller]


def test_who_handed_the_customer_on_while_we_were_dead_is_not_kept() -> None:
    play = Playbook()
    play.ready(ALICE, CAROL)
    caller, phone = play.talks(skills="zh:1")
    again = restarted(play)
    play.asterisk.leaves(caller)
    play.asterisk.gone(phone)
    play.asterisk.is_called(caller, "1003")
    carols = play.asterisk.last
    play.asterisk.picks_up(carols, caller)
    again.hear(play.asterisk.snapshot())
    assert (again.state(ALICE), again.state(CAROL)) == (AgentState.WRAP_UP, AgentState.TALKING)
    assert [gone.agent for gone in again.said(e.CallDisconnected)] == [ALICE]
    again.hear(again.asterisk.hangs_up(caller, carols))
    assert again.said(e.CallEnded)[0].agents == (ALICE, CAROL)


def test_who_was_put_back_into_his_line_while_we_were_dead_waits_there() -> None:
    play = Playbook()
    play.ready(ALICE)
    caller, phone = play.talks()
    again = restarted(play)
    play.asterisk.leaves(caller)
    play.asterisk.gone(phone)
    play.asterisk.queues(caller)
    again.hear(play.asterisk.snapshot())
    assert again.state(ALICE) is AgentState.WRAP_UP
    assert [(live.phase, live.agent) for live in again.floor().calls] == [("waiting", None)]
    assert [row.call for row in again.floor().waiting] == [play.call_of(caller)]


# --- Asterisk's restart


def test_when_asterisk_starts_anew_all_its_calls_have_failed() -> None:
    play = Playbook()
    play.ready(ALICE, BOB)
    play.talks(skills="zh:1")
    ringing = play.caller_waits("2", skills="zh:1")
    play.phone_rings(ringing)
    play.caller_waits("3")
    cut(play)
    play.wait(10)
    play.forget()
    play.hear(play.asterisk.snapshot(restarted=True))
    assert [event.outcome for event in play.said(e.CallEnded)] == [e.Outcome.FAILED] * 3
    assert [event.hung_up_by for event in play.said(e.CallEnded)] == [e.HungUpBy.SYSTEM] * 3
    assert [event.closed_by for event in play.said(e.CallEnded)] == [e.ClosedBy.RECONCILIATION] * 3
    assert (play.state(ALICE), play.state(BOB)) == (AgentState.WRAP_UP, AgentState.READY)
    assert play.floor().calls == play.floor().waiting == ()


def test_when_both_start_anew_the_calls_of_the_log_have_failed() -> None:
    play = Playbook()
    play.ready(ALICE)
    play.talks()
    again = restarted(play)
    again.hear(play.asterisk.snapshot(restarted=True))
    assert [event.outcome for event in again.said(e.CallEnded)] == [e.Outcome.FAILED]


@pytest.mark.parametrize("over_before", [False, True], ids=["still talking", "wrapping up"])
def test_a_pause_asked_for_in_a_call_outlives_our_restart(over_before: bool) -> None:
    play = Playbook()
    play.ready(ALICE)
    caller, phone = play.talks()
    play.order_pause(ALICE)
    assert play.state(ALICE) is AgentState.TALKING
    if over_before:
        play.hear(play.asterisk.hangs_up(phone, caller))
    call = play.said(e.CallConnected)[0].call
    again = restarted(play)
    again.hear(again.asterisk.snapshot())
    if not over_before:
        again.hear(again.asterisk.hangs_up(phone, caller))
    assert again.order(c.FinishWrapUp(agent=ALICE, call=call)).ok
    assert (again.state(ALICE), again.reason(ALICE)) == (AgentState.PAUSED, "break")


def test_ready_asked_for_in_a_call_outlives_our_restart() -> None:
    play = Playbook()
    play.ready(ALICE)
    caller, phone = play.talks()
    call = play.call_of(caller)
    play.order_pause(ALICE)
    assert play.order(c.SetReady(agent=ALICE)).ok
    again = restarted(play)
    again.hear(again.asterisk.snapshot(), again.asterisk.hangs_up(phone, caller))
    assert again.order(c.FinishWrapUp(agent=ALICE, call=call)).ok
    assert again.state(ALICE) is AgentState.READY


def test_a_log_from_before_wishes_were_kept_is_understood() -> None:
    play = Playbook()
    play.ready(ALICE)
    play.order_pause(ALICE)
    again = Playbook(line=False)
    told = [replace(event, wish=None, wish_reason="") for event in play.said(e.AgentStateChanged)]
    again.hear_effects(again.switchboard.restore(told, play.asterisk.now))
    assert (again.state(ALICE), again.reason(ALICE)) == (AgentState.PAUSED, "break")
