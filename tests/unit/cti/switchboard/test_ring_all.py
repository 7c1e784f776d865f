"""All phones of a queue ring at once: who gets the call, and what is told of everybody else."""

from __future__ import annotations

from dataclasses import replace

import pytest

from crm_core.domain.floor import Strategy
from crm_core.kernel.ids import AgentId, CallId
from cti import commands as c
from cti import effects as fx
from cti import events as e
from routing.states import AgentState
from tests.unit.cti.switchboard.playbook import ALICE, BOB, CAROL, EXTENSIONS, Playbook
from tests.unit.cti.switchboard.test_strategies import choosing

READY, RINGING, TALKING, PAUSED = AgentState.READY, AgentState.RINGING, AgentState.TALKING, AgentState.PAUSED
Why = e.OfferFailure


class Team:
    """Alice and Bob are ready, and somebody calls whom both can help."""

    def __init__(self, *, calls: bool = True) -> None:
        self.play = Playbook(choosing(Strategy.RING_ALL))
        self.play.ready(ALICE, BOB)
        self.caller = self.play.caller_waits(skills="zh:1")
        self.ring = self.play.last(fx.RingAll)
        self.phones: dict[AgentId, str] = {}
        if calls:
            self.asterisk_calls()
        self.play.forget()

    def asterisk_calls(self, *agents: AgentId, rings: bool = True) -> None:
        """It carries out the last offer."""
        play = self.play
        ring = [one for one in play.effects if isinstance(one, fx.RingAll)][-1:] or [self.ring]
        play.hear(fx.Done(effect=ring[0]))
        play.asterisk.is_sent(self.caller, "cw-offer", f"all-{ring[0].offer}")
        for agent in agents or (ALICE, BOB):
            play.hear(play.asterisk.is_called(self.caller, EXTENSIONS[agent]))
            self.phones[agent] = play.asterisk.last
            if rings:
                play.hear(play.asterisk.rings(self.phones[agent]))

    def picks_up(self, agent: AgentId, *others: AgentId) -> None:
        """Asterisk tells that he answered, stops the others, and brings the two together."""
        asterisk, play = self.play.asterisk, self.play
        up, ended, *together = asterisk.picks_up(self.phones[agent], self.caller)
        play.hear([up, ended])
        for other in others:
            play.hear(asterisk.was_cancelled(self.phones[other], self.caller))
        play.hear(together)

    def failures(self) -> list[tuple[AgentId, e.OfferFailure]]:
        return [(one.agent, one.why) for one in self.play.said(e.OfferFailed)]

    def states(self) -> tuple[AgentState, AgentState]:
        return self.play.state(ALICE), self.play.state(BOB)


def test_every_screen_pops_and_one_redirect_rings_all_phones() -> None:
    team = Team(calls=False)
    assert team.ring.extensions == ("1001", "1002")
    offered = [event for event in team.play.told if isinstance(event, e.CallOffered)]
    assert [(one.agent, one.because.rule, one.because.candidates) for one in offered] == [
        (ALICE, "ring_all", 2),
        (BOB, "ring_all", 2),
    ]
    assert [one.offer for one in offered] == [f"{team.ring.offer}.1001", f"{team.ring.offer}.1002"]
    assert team.play.offers == []
    team.asterisk_calls()
    assert team.states() == (RINGING, RINGING)
    [row] = team.play.floor().waiting
    assert (row.offered_to, row.also_offered_to) == (ALICE, (BOB,))
    [live] = team.play.floor().calls
    assert set(live.offers) == {ALICE, BOB}


def test_the_first_to_answer_has_the_call_and_the_other_is_free_with_nothing_missed() -> None:
    team = Team()
    team.picks_up(BOB, ALICE)
    assert team.play.topics() == [
        "call.offer_failed",
        "alice:ready",
        "call.connected",
        "bob:talking",
    ]
    [quicker] = team.play.said(e.OfferFailed)
    assert (quicker.agent, quicker.why, quicker.taken_by) == (ALICE, Why.ELSEWHERE, BOB)
    [connected] = team.play.said(e.CallConnected)
    assert (connected.agent, connected.offer) == (BOB, f"{team.ring.offer}.1002")
    assert team.play.wanted(fx.WithdrawOffer) == team.play.wanted(fx.HangUpChannel) == []
    team.play.caller_waits("13900139000", skills="zh:1")
    assert team.play.offers[-1].extension == "1001"


def test_a_second_answer_in_the_same_instant_changes_nothing() -> None:
    """Asterisk has one winner: the other's phone is up for a moment, and hung up."""
    team = Team()
    asterisk, play = team.play.asterisk, team.play
    up, ended, *together = asterisk.picks_up(team.phones[BOB], team.caller)
    play.hear([up, ended], asterisk.answered(team.phones[ALICE]))
    play.hear(asterisk.was_cancelled(team.phones[ALICE], team.caller), together)
    assert team.states() == (READY, TALKING)
    assert [one.agent for one in play.said(e.CallConnected)] == [BOB]


def test_that_the_dial_ended_was_not_heard_does_no_harm() -> None:
    team = Team()
    up, _, *together = team.play.asterisk.picks_up(team.phones[BOB], team.caller)
    team.play.hear([up], together)
    assert team.states() == (READY, TALKING)
    assert team.failures() == [(ALICE, Why.ELSEWHERE)]


def test_a_phone_still_busy_with_the_call_taken_elsewhere_does_not_pause_its_agent() -> None:
    team = Team()
    team.picks_up(BOB, ALICE)
    play = team.play
    second = play.caller_waits("13900139000", skills="zh:1")
    offer = play.offers[-1]
    play.hear(fx.Done(effect=offer), play.asterisk.is_called(second, offer.extension, offer.offer))
    play.hear(play.asterisk.refuses(play.asterisk.last, second, offer.offer))
    assert play.state(ALICE) is READY
    assert play.said(e.OfferFailed)[-1].why is Why.BUSY


@pytest.mark.parametrize("over", ["taken elsewhere", "rang in vain"])
def test_nor_does_one_of_which_asterisk_never_said_that_it_was_called_off(over: str) -> None:
    team = Team()
    asterisk, play = team.play.asterisk, team.play
    if over == "taken elsewhere":
        team.picks_up(BOB)
        caller = play.caller_waits("13900139000", skills="zh:1")
        offer: fx.OfferCall | fx.RingAll = play.offers[-1]
        name = offer.offer
    else:
        play.wait(20)
        for agent in (ALICE, BOB):
            play.hear(
                asterisk.does_not_answer(team.phones[agent], team.caller, team.ring.offer if agent is BOB else "")
            )
        caller, offer = team.caller, play.last(fx.RingAll)
        name = f"{offer.offer}.1001"
        asterisk.is_sent(caller, "cw-offer", f"all-{offer.offer}")
    play.hear(
        fx.Done(effect=offer), asterisk.is_called(caller, "1001", *([offer.offer] if offer in play.offers else []))
    )
    play.hear(asterisk.refuses(asterisk.last, caller, name))
    assert play.said(e.OfferFailed)[-1].why is Why.BUSY
    assert play.state(ALICE) is READY


@pytest.mark.parametrize("how", ["refuses", "declines"])
def test_who_says_no_leaves_only_his_own_ringing(how: str) -> None:
    team = Team()
    team.play.hear(getattr(team.play.asterisk, how)(team.phones[ALICE], team.caller))
    assert team.failures() == [(ALICE, Why.REJECTED)]
    assert team.states() == (PAUSED, RINGING)
    assert team.play.wanted(fx.WithdrawOffer) == []
    team.picks_up(BOB)
    assert team.states() == (PAUSED, TALKING)


def test_who_says_no_on_his_screen_has_his_phone_stopped_alone() -> None:
    team = Team()
    assert team.play.order(c.RejectOffer(agent=ALICE, call=team.play.call_of(team.caller))).ok
    assert [one.channel for one in team.play.wanted(fx.HangUpChannel)] == [team.phones[ALICE]]
    assert team.play.wanted(fx.WithdrawOffer) == []
    assert team.states() == (PAUSED, RINGING)
    assert team.play.order(c.RejectOffer(agent=BOB, call=team.play.call_of(team.caller))).ok
    assert [one.offer for one in team.play.wanted(fx.WithdrawOffer)] == [team.ring.offer]


def test_who_says_no_before_his_phone_rings_has_it_stopped_as_soon_as_it_does() -> None:
    team = Team(calls=False)
    assert team.play.order(c.RejectOffer(agent=ALICE, call=team.play.call_of(team.caller))).ok
    assert team.play.wanted(fx.HangUpChannel) == []
    team.asterisk_calls()
    assert [one.channel for one in team.play.wanted(fx.HangUpChannel)] == [team.phones[ALICE]]
    team.play.hear(team.play.asterisk.gone(team.phones[ALICE]))
    assert team.states() == (PAUSED, RINGING)


def test_nobody_answers_and_each_has_missed_it() -> None:
    team = Team()
    team.play.wait(20)
    asterisk = team.play.asterisk
    team.play.hear(asterisk.does_not_answer(team.phones[ALICE], team.caller))
    assert team.states() == (READY, RINGING)
    team.play.hear(asterisk.does_not_answer(team.phones[BOB], team.caller, team.ring.offer))
    assert team.failures() == [(ALICE, Why.NO_ANSWER), (BOB, Why.NO_ANSWER)]
    again = team.play.last(fx.RingAll)
    assert (again.extensions, again.offer != team.ring.offer) == (("1001", "1002"), True)
    team.asterisk_calls()
    team.play.wait(20)
    team.play.hear(asterisk.does_not_answer(team.phones[ALICE], team.caller))
    team.play.hear(asterisk.does_not_answer(team.phones[BOB], team.caller, again.offer))
    assert team.states() == (PAUSED, PAUSED), "one call alone would not have sent the whole team away"
    [row] = team.play.floor().waiting
    assert (row.call, row.offered_to) == (team.play.call_of(team.caller), None)


def _missed(team: Team, agent: AgentId) -> int:
    return next(row.missed for row in team.play.floor().agents if row.agent == agent)


def test_whose_phone_gave_up_before_somebody_answered_has_missed_nothing() -> None:
    team = Team()
    team.play.hear(team.play.asterisk.does_not_answer(team.phones[ALICE], team.caller))
    assert _missed(team, ALICE) == 1
    team.picks_up(BOB)
    assert team.states() == (READY, TALKING)
    assert _missed(team, ALICE) == 0


def test_a_phone_that_asterisk_cannot_call_sets_its_agent_free_at_once() -> None:
    """It does not say so while the other one rings."""
    team = Team(calls=False)
    team.asterisk_calls(ALICE)
    team.play.wait(0.6)
    assert team.failures() == [(BOB, Why.UNREACHABLE)]
    assert team.states() == (RINGING, READY)
    team.play.caller_waits("13900139000", skills="zh:1")
    assert team.play.offers == [], "his phone is left alone for a while"
    team.play.wait(20)
    team.play.hear(team.play.asterisk.does_not_answer(team.phones[ALICE], team.caller, team.ring.offer))
    assert (ALICE, Why.NO_ANSWER) in team.failures()


def test_an_asterisk_that_is_slow_to_call_anybody_is_waited_for() -> None:
    team = Team(calls=False)
    team.play.hear(fx.Done(effect=team.ring))
    team.play.wait(3)
    assert team.failures() == []
    team.asterisk_calls()
    team.play.wait(3)
    assert (team.failures(), team.states()) == ([], (RINGING, RINGING))


def test_the_dialplan_says_how_it_ended_for_phones_of_which_nothing_was_said() -> None:
    """One rang in vain; the other could not even be called, and has missed nothing."""
    team = Team(calls=False)
    team.asterisk_calls(ALICE)
    team.play.hear(team.play.asterisk.does_not_answer(team.phones[ALICE], team.caller, team.ring.offer))
    assert team.failures() == [(ALICE, Why.NO_ANSWER), (BOB, Why.UNREACHABLE)]


def test_no_word_for_too_long_ends_all_of_them_and_all_are_asked_again() -> None:
    team = Team()
    team.play.wait(26)
    assert team.failures() == [(ALICE, Why.NO_ANSWER), (BOB, Why.NO_ANSWER)]
    assert team.play.last(fx.RingAll).offer != team.ring.offer, "which takes him from the phones that may still ring"


def test_the_caller_hangs_up_and_everybody_is_free() -> None:
    team = Team()
    asterisk = team.play.asterisk
    for phone in team.phones.values():
        team.play.hear(asterisk.was_cancelled(phone, team.caller))
    team.play.hear(asterisk.hangs_up(team.caller))
    assert team.failures() == [(ALICE, Why.CALLER_GONE), (BOB, Why.CALLER_GONE)]
    assert team.states() == (READY, READY)


def test_a_next_caller_who_waits_rings_at_all_who_are_let_go() -> None:
    team = Team()
    play = team.play
    second = play.caller_waits("13900139000", skills="zh:1")
    play.hear(play.asterisk.hangs_up(team.caller))
    ring = play.last(fx.RingAll)
    assert (ring.channel, ring.extensions) == (second, ("1001", "1002"))
    assert team.failures() == [(ALICE, Why.CALLER_GONE), (BOB, Why.CALLER_GONE)]


def test_a_phone_that_is_gone_leaves_the_others_ringing() -> None:
    team = Team()
    team.play.hear(team.play.asterisk.unregisters("1001"))
    assert team.failures() == [(ALICE, Why.PHONE_GONE)]
    assert team.play.wanted(fx.WithdrawOffer) == []
    assert team.play.state(BOB) is RINGING


def test_a_refused_redirect_frees_everybody_and_is_tried_again() -> None:
    team = Team(calls=False)
    team.play.hear(fx.Failed(effect=team.ring, why=fx.Failure.REFUSED, text="Permission denied"))
    assert team.failures() == [(ALICE, Why.FAILED), (BOB, Why.FAILED)]
    assert team.states() == (READY, READY)
    team.play.wait(2)
    assert team.play.last(fx.RingAll).offer != team.ring.offer


def test_somebody_else_answers_for_the_caller_and_all_are_free() -> None:
    """A former phone was picked up just before the Redirect came."""
    team = Team()
    play = team.play
    play.hear(play.asterisk.is_called(team.caller, "1003"))
    carols = play.asterisk.last
    play.hear(play.asterisk.picks_up(carols, team.caller))
    assert team.states() == (READY, READY)
    assert [one.agent for one in play.said(e.CallConnected)] == [CAROL]


def test_the_line_is_cut_while_all_ring_and_they_ring_on() -> None:
    team = Team()
    play = team.play
    play.hear(e.LinkLost(at=play.asterisk.now, server=play.asterisk.server, why="cut"))
    play.hear(play.asterisk.snapshot())
    assert team.states() == (RINGING, RINGING)
    assert team.failures() == []
    team.picks_up(BOB, ALICE)
    assert team.states() == (READY, TALKING)


def test_of_the_phones_one_fell_silent_while_the_line_was_cut() -> None:
    team = Team()
    play = team.play
    play.hear(e.LinkLost(at=play.asterisk.now, server=play.asterisk.server, why="cut"))
    play.asterisk.gone(team.phones[ALICE])
    play.hear(play.asterisk.snapshot())
    assert team.failures() == [(ALICE, Why.LINE_LOST)]
    assert team.states() == (READY, RINGING)


def reborn(team: Team) -> Playbook:
    """Another process takes over, from the log."""
    again = Playbook(choosing(Strategy.RING_ALL), line=False)
    again.asterisk = team.play.asterisk
    again.hear_effects(again.switchboard.restore(team.play.told, again.asterisk.now))
    again.hear(again.asterisk.snapshot())
    return again


def test_a_restart_finds_all_phones_ringing() -> None:
    team = Team()
    again = reborn(team)
    assert (again.state(ALICE), again.state(BOB)) == (RINGING, RINGING)
    assert again.said(e.OfferFailed) == again.said(e.CallOffered) == []
    assert again.wanted(fx.RingAll) == again.offers == []
    team.play = again
    team.picks_up(ALICE, BOB)
    assert (again.state(ALICE), again.state(BOB)) == (TALKING, READY)
    assert team.failures() == [(BOB, Why.ELSEWHERE)]


def test_a_restart_finds_that_one_of_them_rings_no_more() -> None:
    team = Team()
    team.play.asterisk.gone(team.phones[BOB])
    again = reborn(team)
    assert [(one.agent, one.why) for one in again.said(e.OfferFailed)] == [(BOB, Why.LINE_LOST)]
    assert (again.state(ALICE), again.state(BOB)) == (RINGING, READY)


def test_a_restart_finds_that_one_of_them_talks() -> None:
    team = Team()
    team.play.asterisk.gone(team.phones[ALICE])
    team.play.asterisk.picks_up(team.phones[BOB], team.caller)
    again = reborn(team)
    assert (again.state(ALICE), again.state(BOB)) == (READY, TALKING)
    assert ALICE in [one.agent for one in again.said(e.OfferFailed)]


def test_a_restart_stops_the_one_phone_whose_agent_has_something_else_in_hand() -> None:
    """Who answers it all the same has the call, and nobody fetches the two apart later."""
    team = Team()
    ringing = next(t for t in team.play.told[::-1] if isinstance(t, e.AgentStateChanged) and t.agent == ALICE)
    team.play.told.append(replace(ringing, state=AgentState.WRAP_UP, call=CallId("another")))
    again = team.play = reborn(team)
    assert (again.state(ALICE), again.state(BOB)) == (AgentState.WRAP_UP, RINGING)
    assert [one.channel for one in again.wanted(fx.HangUpChannel)] == [team.phones[ALICE]]
    assert team.failures() == [(ALICE, Why.LINE_LOST)]
    team.picks_up(ALICE, BOB)
    assert (again.state(ALICE), again.state(BOB)) == (TALKING, READY)
    again.wait(60)
    assert again.wanted(fx.WithdrawOffer) == []
