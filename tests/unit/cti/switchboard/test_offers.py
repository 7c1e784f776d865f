"""What becomes of an offer, and what it means for agent and caller."""

from __future__ import annotations

from dataclasses import replace

import pytest

from cti import commands as c
from cti import effects as fx
from cti import events as e
from routing.states import AgentState
from tests.unit.cti.switchboard.playbook import ALICE, BOB, CAROL, Playbook, floor_plan


def ringing_at_alice(*ready: str) -> tuple[Playbook, str, str]:
    """Alice's phone rings for a caller; whoever else is named is ready as well."""
    play = Playbook()
    play.ready(ALICE, *(agent for agent in (BOB, CAROL) if agent in ready))
    caller = play.caller_waits(skills="zh:1")
    phone = play.phone_rings(caller)
    play.forget()
    return play, caller, phone


def test_the_screen_pops_before_the_phone_is_called() -> None:
    play = Playbook()
    play.ready(ALICE)
    play.forget()
    caller = play.caller_waits(skills="zh:1/repair:3")
    assert play.topics() == ["call.arrived", "call.queued", "alice:reserved", "call.offered"]
    offered, offer = play.said(e.CallOffered)[0], play.last(fx.OfferCall)
    assert (offered.agent, offered.extension, offered.offer) == (ALICE, "1001", offer.offer)
    assert (offer.channel, offer.extension, offer.call) == (caller, "1001", play.call_of(caller))
    kinds = [type(effect) for effect in play.effects]
    assert kinds.index(fx.Publish) < kinds.index(fx.OfferCall)


def test_an_offer_rings_and_is_taken() -> None:
    play = Playbook()
    play.ready(ALICE)
    caller = play.caller_waits()
    play.wait(1)
    play.forget()
    phone = play.phone_rings(caller)
    assert play.topics() == ["call.ringing", "alice:ringing"]
    play.wait(3)
    play.forget()
    play.hear(play.asterisk.picks_up(phone, caller))
    assert play.topics() == ["call.connected", "alice:talking"]
    connected = play.said(e.CallConnected)[0]
    assert (connected.agent, connected.party, connected.by_safety_queue) == (ALICE, "1001", False)
    assert connected.offer is not None


def test_no_answer_pauses_the_agent_and_the_next_one_rings() -> None:
    play, caller, phone = ringing_at_alice(BOB)
    offer = play.floor().calls[0].offer or ""
    play.wait(20)
    play.hear(play.asterisk.does_not_answer(phone, caller, offer))
    assert play.topics() == ["call.offer_failed", "alice:paused", "bob:reserved", "call.offered"]
    assert play.said(e.OfferFailed)[0].why is e.OfferFailure.NO_ANSWER
    assert play.reason(ALICE) == "missed_call"
    assert play.last(fx.OfferCall).extension == "1002"
    assert play.said(e.CallOffered)[0].because.waited_s == 20.0
    assert play.wanted(fx.WithdrawOffer) == []


def test_with_nobody_else_the_caller_keeps_his_place() -> None:
    play, caller, phone = ringing_at_alice()
    second = play.caller_waits("13900139000", skills="zh:1")
    play.wait(20)
    play.hear(play.asterisk.does_not_answer(phone, caller, play.floor().calls[0].offer or ""))
    assert [row.call for row in play.floor().waiting] == [play.call_of(caller), play.call_of(second)]
    play.forget()
    assert play.order(c.SetReady(agent=ALICE)).ok
    assert play.last(fx.OfferCall).channel == caller


def test_a_phone_that_says_no_pauses_its_agent() -> None:
    play, caller, phone = ringing_at_alice(BOB)
    play.hear(play.asterisk.refuses(phone, caller, play.floor().calls[0].offer or ""))
    assert play.said(e.OfferFailed)[0].why is e.OfferFailure.REJECTED
    assert play.said(e.OfferFailed)[0].sip_cause == 486
    assert (play.state(ALICE), play.reason(ALICE)) == (AgentState.PAUSED, "rejected")
    assert play.last(fx.OfferCall).extension == "1002"


def test_a_phone_that_declines_says_no_as_well() -> None:
    play, caller, phone = ringing_at_alice(BOB)
    play.hear(play.asterisk.declines(phone, caller, play.floor().calls[0].offer or ""))
    assert [(one.why, one.sip_cause) for one in play.said(e.OfferFailed)] == [(e.OfferFailure.REJECTED, 603)]
    assert (play.state(ALICE), play.reason(ALICE)) == (AgentState.PAUSED, "rejected")
    assert play.last(fx.OfferCall).extension == "1002"


def still_busy() -> tuple[Playbook, str, str]:
    """The next caller is offered to Alice before her phone knows that the last one is gone, so it says busy."""
    play, hasty, phone = ringing_at_alice()
    play.hear(play.asterisk.was_cancelled(phone, hasty), play.asterisk.hangs_up(hasty))
    caller = play.caller_waits("13900139000", skills="zh:1")
    again = offered_in_vain(play, caller)
    return play, caller, again


def offered_in_vain(play: Playbook, caller: str) -> str:
    """The phone says busy at once."""
    offer = play.offers[-1]
    play.hear(fx.Done(effect=offer), play.asterisk.is_called(caller, offer.extension, offer.offer))
    phone = play.asterisk.last
    play.hear(play.asterisk.refuses(phone, caller, offer.offer))
    return phone


def test_a_phone_that_is_still_busy_with_a_call_just_called_off_does_not_pause_its_agent() -> None:
    play, caller, _ = still_busy()
    assert play.said(e.OfferFailed)[-1].why is e.OfferFailure.BUSY
    assert play.state(ALICE) is AgentState.READY
    made = len(play.offers)
    play.wait(1)
    assert [offer.channel for offer in play.offers[made:]] == [caller]
    play.hear(play.asterisk.picks_up(play.phone_rings(caller), caller))
    assert play.state(ALICE) is AgentState.TALKING


def test_a_phone_that_says_busy_long_after_the_last_call_was_called_off_means_it() -> None:
    play, caller, _ = still_busy()
    for _ in range(5):
        play.wait(1)
        offered_in_vain(play, caller)
    assert (play.state(ALICE), play.reason(ALICE)) == (AgentState.PAUSED, "rejected")


def test_a_phone_that_rang_and_then_says_no_means_it_whatever_was_called_off_before() -> None:
    play, caller, _ = still_busy()
    play.wait(1)
    phone = play.phone_rings(caller)
    play.hear(play.asterisk.refuses(phone, caller, play.offers[-1].offer))
    assert (play.state(ALICE), play.reason(ALICE)) == (AgentState.PAUSED, "rejected")


def test_the_desk_can_say_no_as_well() -> None:
    play, caller, _ = ringing_at_alice(BOB)
    assert play.order(c.RejectOffer(agent=ALICE, call=play.call_of(caller))).ok
    assert play.said(e.OfferFailed)[0].why is e.OfferFailure.REJECTED
    assert play.last(fx.OfferCall).extension == "1002"
    assert play.wanted(fx.WithdrawOffer) == []  # the redirect to Bob stops Alice's phone


def test_said_no_with_nobody_else_the_ringing_is_stopped() -> None:
    play, caller, _ = ringing_at_alice()
    assert play.order(c.RejectOffer(agent=ALICE, call=play.call_of(caller))).ok
    assert play.last(fx.WithdrawOffer).channel == caller


def test_taken_back_for_nobody_else_he_keeps_his_place() -> None:
    play, caller, phone = ringing_at_alice()
    play.order(c.RejectOffer(agent=ALICE, call=play.call_of(caller)))
    offer = play.last(fx.WithdrawOffer).offer
    play.forget()
    play.hear(play.asterisk.was_cancelled(phone, caller), play.asterisk.is_taken_back(caller, offer))
    assert play.effects == []
    assert [row.call for row in play.floor().waiting] == [play.call_of(caller)]


@pytest.mark.parametrize("heard_late", [False, True], ids=["recorded before", "recorded after"])
def test_an_answer_that_crosses_a_refusal_does_not_lose_the_caller(heard_late: bool) -> None:
    play, caller, phone = ringing_at_alice()
    since = play.floor().waiting[0].since
    assert play.order(c.RejectOffer(agent=ALICE, call=play.call_of(caller))).ok
    taken_back = play.last(fx.WithdrawOffer).offer
    play.hear(play.asterisk.picks_up(phone, caller))  # was on its way to us already
    recorded = fx.Done(effect=play.last(fx.StartRecording), answer={"MixMonitorID": "0x1"})
    back = play.asterisk.is_taken_back(caller, taken_back)
    play.forget()
    play.hear(*([back, recorded] if heard_late else [recorded, back]), play.asterisk.gone(phone))
    assert [(row.call, row.since) for row in play.floor().waiting] == [(play.call_of(caller), since)]
    assert play.floor().calls[0].phase == "waiting"
    assert len(play.said(e.CallQueued)) == len(play.wanted(fx.StopRecording)) == 1  # music is not recorded
    assert len(play.said(e.RecordingStarted)) == len(play.said(e.RecordingStopped)) == 1
    play.ready(BOB)
    assert (play.last(fx.OfferCall).channel, play.last(fx.OfferCall).extension) == (caller, "1002")


def test_a_crossing_we_did_not_live_to_hear_the_end_of_leaves_the_caller_in_line() -> None:
    play, caller, phone = ringing_at_alice()
    play.order(c.RejectOffer(agent=ALICE, call=play.call_of(caller)))
    play.hear(play.asterisk.picks_up(phone, caller), play.asterisk.leaves(caller))
    play.asterisk.is_taken_back(caller, play.last(fx.WithdrawOffer).offer)
    play.hear(play.asterisk.gone(phone), play.asterisk.snapshot())
    assert [row.call for row in play.floor().waiting] == [play.call_of(caller)]
    assert play.floor().calls[0].phase == "waiting"


def crossing() -> tuple[Playbook, str, str]:
    """Alice's phone is answered after all while the caller is being fetched for Bob."""
    play, caller, phone = ringing_at_alice(BOB)
    assert play.order(c.HangUp(agent=ALICE, call=play.call_of(caller))).ok
    play.forget()
    play.hear(play.asterisk.picks_up(phone, caller))
    return play, caller, phone


def fetched_for_bob(play: Playbook, caller: str, phone: str) -> str:
    """Asterisk carries our Redirect out: Bob's phone."""
    play.hear(play.asterisk.leaves(caller), play.asterisk.gone(phone))
    return play.phone_rings(caller)


def test_an_answer_that_crosses_the_next_offer_does_not_disturb_it() -> None:
    play, caller, phone = crossing()
    assert (play.state(ALICE), play.state(BOB)) == (AgentState.TALKING, AgentState.RESERVED)
    bobs = fetched_for_bob(play, caller, phone)
    assert (play.state(ALICE), play.reason(ALICE)) == (AgentState.PAUSED, "rejected")
    assert play.state(BOB) is AgentState.RINGING
    play.hear(play.asterisk.picks_up(bobs, caller))
    assert [(connected.agent, connected.offer) for connected in play.said(e.CallConnected)] == [
        (BOB, play.offers[-1].offer)
    ]


def test_a_hold_in_a_conversation_that_is_cut_at_once_is_nobodys() -> None:
    play, caller, phone = crossing()
    play.hear(play.asterisk.holds(phone))
    play.wait(2)
    bobs = fetched_for_bob(play, caller, phone)
    play.hear(play.asterisk.picks_up(bobs, caller), play.asterisk.hangs_up(bobs, caller))
    assert play.said(e.CallHeld) == []
    assert play.said(e.CallEnded)[0].hold_s == 0.0


def test_after_a_crossing_the_next_one_who_lets_it_ring_is_paused_and_not_rung_again() -> None:
    play, caller, phone = crossing()
    bobs = fetched_for_bob(play, caller, phone)
    play.wait(20)
    play.hear(play.asterisk.does_not_answer(bobs, caller, play.offers[-1].offer))
    assert (play.state(BOB), play.reason(BOB)) == (AgentState.PAUSED, "missed_call")
    assert len(play.offers) == 2
    assert [row.call for row in play.floor().waiting] == [play.call_of(caller)]


@pytest.mark.parametrize("why", [fx.Failure.REFUSED, fx.Failure.LINE_DOWN, fx.Failure.TIMED_OUT])
def test_a_redirect_that_came_to_nothing_leaves_the_caller_with_whom_he_talks_to(why: fx.Failure) -> None:
    play, caller, _ = crossing()
    play.hear(fx.Failed(effect=play.offers[-1], why=why))
    play.wait(30)
    assert [connected.agent for connected in play.said(e.CallConnected)] == [ALICE]
    assert (play.state(ALICE), play.state(BOB)) == (AgentState.TALKING, AgentState.READY)
    assert play.wanted(fx.WithdrawOffer) == []
    assert play.last(fx.StartRecording).channel == caller


def test_a_line_lost_in_a_crossing_tells_afterwards_who_has_the_caller() -> None:
    play, _, _ = crossing()
    play.hear(e.LinkLost(at=play.asterisk.now, server=play.asterisk.server, why="gone"))
    play.hear(play.asterisk.snapshot())
    assert [connected.agent for connected in play.said(e.CallConnected)] == [ALICE]
    assert (play.state(ALICE), play.state(BOB)) == (AgentState.TALKING, AgentState.READY)


def test_a_phone_that_cannot_be_called_is_no_fault() -> None:
    play = Playbook()
    play.ready(ALICE, BOB)
    caller = play.caller_waits(skills="zh:1")
    offer = play.last(fx.OfferCall)
    play.forget()
    play.hear(play.asterisk.cannot_be_called(caller, offer.offer))
    assert play.said(e.OfferFailed)[0].why is e.OfferFailure.UNREACHABLE
    assert play.state(ALICE) is AgentState.READY
    assert play.last(fx.OfferCall).extension == "1002"
    changed = [event for event in play.said(e.AgentStateChanged) if event.agent == ALICE]
    assert [event.reachable for event in changed] == [False]


def test_a_registered_phone_that_could_not_be_called_is_tried_again_later() -> None:
    play = Playbook()
    play.ready(ALICE)
    caller = play.caller_waits()
    play.hear(play.asterisk.cannot_be_called(caller, play.last(fx.OfferCall).offer))
    play.forget()
    play.wait(9)
    assert play.wanted(fx.OfferCall) == []
    play.wait(2)
    assert play.last(fx.OfferCall).extension == "1001"


def test_a_phone_that_goes_while_it_rings() -> None:
    play, _, _ = ringing_at_alice(BOB)
    play.hear(play.asterisk.unregisters("1001"))
    assert play.said(e.OfferFailed)[0].why is e.OfferFailure.PHONE_GONE
    assert play.last(fx.OfferCall).extension == "1002"
    assert play.state(ALICE) is AgentState.READY
    play.hear(play.asterisk.registers("1001"))
    assert play.said(e.AgentStateChanged)[-1].reachable


def test_a_browser_closed_while_it_rings_is_told_by_its_contact_alone() -> None:
    play, _, _ = ringing_at_alice()
    play.hear(play.asterisk.takes_back_registration("1001"))
    assert play.said(e.OfferFailed)[0].why is e.OfferFailure.PHONE_GONE
    assert len(play.wanted(fx.WithdrawOffer)) == 1


def test_a_contact_that_goes_otherwise_means_nothing() -> None:
    play = Playbook()
    play.ready(ALICE)
    play.forget()
    play.hear(play.asterisk.takes_back_registration("1001"))
    assert play.effects == []


def test_a_caller_who_gives_up_while_it_rings_leaves_the_agent_ready() -> None:
    play, caller, phone = ringing_at_alice()
    play.wait(4)
    play.hear(play.asterisk.says_goodbye(caller), play.asterisk.was_cancelled(phone, caller))
    play.hear(play.asterisk.gone(caller))
    assert play.topics() == ["call.offer_failed", "alice:ready", "call.ended"]
    assert play.said(e.OfferFailed)[0].why is e.OfferFailure.CALLER_GONE
    ended = play.said(e.CallEnded)[0]
    assert (ended.outcome, ended.hung_up_by) == (e.Outcome.ABANDONED, e.HungUpBy.CALLER)
    assert (ended.wait_s, ended.ring_s, ended.talk_s) == (4.0, 4.0, 0.0)


def test_an_unregistered_phone_is_not_offered_anything() -> None:
    play = Playbook()
    play.ready(ALICE)
    play.hear(play.asterisk.unregisters("1001"))
    play.caller_waits()
    assert play.wanted(fx.OfferCall) == []
    assert play.floor().waiting[0].why_waiting == "nobody_reachable"
    play.hear(play.asterisk.registers("1001"))
    assert play.last(fx.OfferCall).extension == "1001"


def test_a_refused_redirect_is_decided_again_after_a_moment() -> None:
    play = Playbook()
    play.ready(ALICE)
    play.caller_waits()
    play.hear(fx.Failed(effect=play.last(fx.OfferCall), why=fx.Failure.REFUSED, text="Permission denied"))
    assert play.state(ALICE) is AgentState.READY
    assert play.said(e.Anomaly)[0].what == "effect_failed"
    assert len(play.wanted(fx.OfferCall)) == 1
    play.wait(3)
    assert len(play.wanted(fx.OfferCall)) == 2


def test_a_refused_redirect_gives_the_agent_to_others_meanwhile() -> None:
    play = Playbook()
    play.ready(ALICE)
    first = play.caller_waits()
    play.wait(1)
    second = play.caller_waits("13900139000")
    play.hear(fx.Failed(effect=play.last(fx.OfferCall), why=fx.Failure.REFUSED))
    assert play.last(fx.OfferCall).channel == second
    play.wait(3)
    assert play.floor().waiting[0].call == play.call_of(first)


def test_a_redirect_of_a_channel_that_is_gone_ends_the_call_when_its_hang_up_was_missed() -> None:
    play = Playbook()
    play.ready(ALICE)
    play.caller_waits()
    play.hear(fx.Failed(effect=play.last(fx.OfferCall), why=fx.Failure.NO_CHANNEL))
    play.wait(3)
    assert play.said(e.CallEnded)[0].outcome is e.Outcome.ABANDONED
    assert play.floor().calls == ()
    assert play.state(ALICE) is AgentState.READY


def test_a_timed_out_redirect_may_have_happened() -> None:
    play = Playbook()
    play.ready(ALICE)
    caller = play.caller_waits()
    offer = play.last(fx.OfferCall)
    play.hear(fx.Failed(effect=offer, why=fx.Failure.TIMED_OUT))
    assert play.state(ALICE) is AgentState.RESERVED
    phone = play.phone_rings(caller)
    play.hear(play.asterisk.picks_up(phone, caller))
    assert play.state(ALICE) is AgentState.TALKING


def test_an_offer_without_any_sign_is_taken_back() -> None:
    play = Playbook()
    play.ready(ALICE)
    caller = play.caller_waits()
    play.forget()
    play.wait(26)
    assert play.said(e.OfferFailed)[0].why is e.OfferFailure.FAILED
    assert play.last(fx.WithdrawOffer).channel == caller
    assert play.state(ALICE) is AgentState.READY


def test_a_phone_that_rang_on_for_too_long_was_not_answered() -> None:
    play, _, _ = ringing_at_alice()
    play.wait(26)
    assert play.said(e.OfferFailed)[0].why is e.OfferFailure.NO_ANSWER
    assert play.reason(ALICE) == "missed_call"
    assert len(play.wanted(fx.WithdrawOffer)) == 1


def test_an_answered_offer_is_not_taken_back() -> None:
    play, caller, phone = ringing_at_alice()
    play.hear(play.asterisk.picks_up(phone, caller))
    play.forget()
    play.wait(60)
    assert play.effects == []


def test_the_end_of_a_former_offer_is_nothing_to_the_present_one() -> None:
    play, caller, phone = ringing_at_alice(BOB)
    former = play.floor().calls[0].offer or ""
    play.order(c.RejectOffer(agent=ALICE, call=play.call_of(caller)))
    present = play.last(fx.OfferCall)
    play.forget()
    play.hear(play.asterisk.does_not_answer(phone, caller, former))
    assert play.effects == []
    assert play.floor().calls[0].offer == present.offer


def offered_again(*, has_rung: bool = True) -> tuple[Playbook, str, str]:
    """Alice says no and is ready again before we have heard how her phone's ringing ended; the caller is hers anew."""
    play = Playbook()
    play.ready(ALICE)
    caller = play.caller_waits(skills="zh:1")
    play.hear(play.asterisk.is_called(caller, "1001", play.offers[-1].offer))
    phone = play.asterisk.last
    if has_rung:
        play.hear(play.asterisk.rings(phone))
    assert play.order(c.RejectOffer(agent=ALICE, call=play.call_of(caller))).ok
    assert play.order(c.SetReady(agent=ALICE)).ok
    assert play.offers[-1].offer != play.last(fx.WithdrawOffer).offer
    play.forget()
    return play, caller, phone


def test_how_a_former_offer_to_the_same_phone_ended_is_nothing_to_the_present_one() -> None:
    play, caller, phone = offered_again()
    play.hear(play.asterisk.does_not_answer(phone, caller, "former"))
    assert play.topics() == []
    assert play.state(ALICE) is AgentState.RESERVED
    again = play.phone_rings(caller)
    play.hear(play.asterisk.picks_up(again, caller))
    assert [connected.offer for connected in play.said(e.CallConnected)] == [play.offers[-1].offer]


def test_that_a_phone_rings_for_a_former_offer_does_not_count_for_the_present_one() -> None:
    play, _, phone = offered_again(has_rung=False)
    play.hear(play.asterisk.rings(phone))
    assert play.topics() == []
    play.wait(26)
    assert [failed.why for failed in play.said(e.OfferFailed)] == [e.OfferFailure.FAILED]  # no sign of the present one


def test_an_answer_to_a_former_offer_crosses_the_present_one_to_the_same_phone() -> None:
    play, caller, phone = offered_again()
    play.hear(play.asterisk.picks_up(phone, caller))
    assert play.said(e.CallConnected) == []
    play.hear(play.asterisk.leaves(caller), play.asterisk.gone(phone))
    again = play.phone_rings(caller)
    play.hear(play.asterisk.picks_up(again, caller))
    assert [connected.offer for connected in play.said(e.CallConnected)] == [play.offers[-1].offer]
    assert play.state(ALICE) is AgentState.TALKING


def falls_while_he_is_fetched() -> tuple[Playbook, str, str]:
    """The word that he fell to Asterisk's own queue was on its way when we decided to fetch him for Alice."""
    play = Playbook()
    play.ready(ALICE)
    caller = play.caller_waits()
    play.hear(play.asterisk.falls_to_safety(caller))
    assert play.state(ALICE) is AgentState.RESERVED
    return play, caller, play.offers[-1].offer


def test_an_offer_that_crosses_his_fall_to_safety_rings_and_is_taken() -> None:
    play, caller, offer = falls_while_he_is_fetched()
    phone = play.phone_rings(caller)
    assert play.state(ALICE) is AgentState.RINGING
    play.hear(play.asterisk.picks_up(phone, caller))
    [connected] = play.said(e.CallConnected)
    assert (connected.agent, connected.offer, connected.by_safety_queue) == (ALICE, offer, False)
    assert play.said(e.CallFellToSafety) == []


def test_an_offer_that_crosses_his_fall_to_safety_leaves_nobody_in_the_music() -> None:
    play, caller, offer = falls_while_he_is_fetched()
    phone = play.phone_rings(caller)
    play.hear(play.asterisk.does_not_answer(phone, caller, offer))
    assert play.reason(ALICE) == "missed_call"
    play.ready(BOB)
    assert (play.last(fx.OfferCall).channel, play.last(fx.OfferCall).extension) == (caller, "1002")


@pytest.mark.parametrize("extension", ["1001", "1002"], ids=["the same phone", "another"])
def test_an_answer_out_of_asterisks_own_queue_while_he_is_fetched_is_cut_at_once(extension: str) -> None:
    play, caller, _ = falls_while_he_is_fetched()
    play.hear(play.asterisk.is_called(caller, extension))
    phone = play.asterisk.last
    play.hear(play.asterisk.rings(phone), play.asterisk.picks_up(phone, caller))
    assert play.said(e.CallRinging) == play.said(e.CallConnected) == []
    play.hear(play.asterisk.leaves(caller), play.asterisk.gone(phone))
    play.hear(play.asterisk.picks_up(play.phone_rings(caller), caller))
    assert [connected.agent for connected in play.said(e.CallConnected)] == [ALICE]


def test_a_phone_that_asterisks_own_queue_rang_a_moment_ago_and_is_still_busy_does_not_pause_its_agent() -> None:
    play, caller, _ = falls_while_he_is_fetched()
    play.hear(play.asterisk.is_called(caller, "1001"))
    phone = play.asterisk.last
    play.hear(play.asterisk.rings(phone), play.asterisk.was_cancelled(phone, caller))
    offered_in_vain(play, caller)
    assert play.said(e.OfferFailed)[-1].why is e.OfferFailure.BUSY
    assert play.state(ALICE) is AgentState.READY
    play.wait(1)
    play.hear(play.asterisk.picks_up(play.phone_rings(caller), caller))
    assert play.state(ALICE) is AgentState.TALKING


def test_when_he_could_not_be_fetched_he_is_in_asterisks_own_queue_and_fetched_once_more() -> None:
    play, caller, _ = falls_while_he_is_fetched()
    play.hear(fx.Failed(effect=play.offers[-1], why=fx.Failure.REFUSED))
    assert play.floor().calls[0].phase == "safety"
    assert play.state(ALICE) is AgentState.READY
    play.wait(3)
    assert play.last(fx.TakeBack).channel == caller


def test_who_says_he_is_back_from_an_offer_waits_whatever_we_thought() -> None:
    """An offer we know nothing of fetched him out of Asterisk's own queue."""
    play = Playbook()
    caller = play.caller_waits()
    play.hear(play.asterisk.falls_to_safety(caller))
    play.ready(ALICE)
    play.hear(play.asterisk.is_called(caller, "1002", "unknown"))
    phone = play.asterisk.last
    play.wait(20)
    play.forget()
    play.hear(play.asterisk.does_not_answer(phone, caller, "unknown"))
    assert [queued.queue for queued in play.said(e.CallQueued)] == ["service"]
    assert play.last(fx.OfferCall).channel == caller
    assert play.said(e.CallOffered)[0].because.waited_s == 21.0


def test_a_busy_phone_of_somebody_who_dials_himself_is_no_refusal() -> None:
    play = Playbook()
    play.ready(ALICE)
    caller = play.caller_waits()
    offer = play.last(fx.OfferCall)
    play.hear(play.asterisk.dials("1001", "1002"))
    play.forget()
    play.hear(play.asterisk.is_called(caller, "1001", offer.offer))
    play.hear(play.asterisk.refuses(play.asterisk.last, caller, offer.offer))
    assert play.said(e.OfferFailed)[0].why is e.OfferFailure.BUSY
    assert play.reason(ALICE) == ""


def test_who_did_not_take_him_and_why_stands_beside_the_caller() -> None:
    play, caller, phone = ringing_at_alice(BOB)
    play.wait(20)
    play.hear(play.asterisk.does_not_answer(phone, caller, play.floor().calls[0].offer or ""))
    phone = play.phone_rings(caller)
    play.hear(play.asterisk.unregisters("1002"))
    tried = play.floor().waiting[0].tried
    assert [(one.agent, one.why) for one in tried] == [
        (ALICE, e.OfferFailure.NO_ANSWER), (BOB, e.OfferFailure.PHONE_GONE)
    ]  # fmt: skip
    assert play.floor().waiting[0].position == 1


def test_a_queue_may_let_its_agents_miss_more_than_one_call() -> None:
    plan = floor_plan()
    play = Playbook(replace(plan, queues=tuple(replace(queue, misses_to_pause=2) for queue in plan.queues)))
    play.ready(ALICE)
    caller = play.caller_waits(skills="zh:1")
    for state in (AgentState.RINGING, AgentState.PAUSED):
        phone = play.phone_rings(caller)
        play.wait(20)
        play.hear(play.asterisk.does_not_answer(phone, caller, play.offers[-1].offer))
        assert play.said(e.OfferFailed)[-1].why is e.OfferFailure.NO_ANSWER
        assert play.state(ALICE) in (state, AgentState.RESERVED)
    assert (play.state(ALICE), play.reason(ALICE)) == (AgentState.PAUSED, "missed_call")
