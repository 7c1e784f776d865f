"""The commands: what each does, and with which code it is refused."""

from __future__ import annotations

import pytest

from crm_core.kernel.ids import AgentId, CallId
from crm_core.kernel.messages import Command, CommandResult
from cti import commands as c
from cti import effects as fx
from cti import events as e
from routing.explaining import NoCalls
from routing.reasons import WhyWaiting
from routing.states import AgentState
from tests.unit.cti.switchboard.playbook import ALICE, BOB, Playbook

NOBODY, NOTHING = AgentId("nobody"), CallId("nothing")


@pytest.mark.parametrize(
    "command",
    [
        c.SetReady(agent=NOBODY),
        c.SetPaused(agent=NOBODY, reason="x"),
        c.SignOff(agent=NOBODY),
        c.FinishWrapUp(agent=NOBODY, call=NOTHING),
        c.HangUp(agent=NOBODY, call=NOTHING),
        c.RejectOffer(agent=NOBODY, call=NOTHING),
        c.ForceAgentState(agent=NOBODY, state="ready"),
    ],
)
def test_strangers_are_refused(command: Command) -> None:
    assert Playbook().order(command).code == "agent.unknown"


def test_signing_in_pausing_and_signing_off() -> None:
    play = Playbook()
    play.hear(play.asterisk.registers("1001"))
    play.forget()
    for command in (c.SetReady(agent=ALICE), c.SetPaused(agent=ALICE, reason="break"), c.SignOff(agent=ALICE)):
        assert play.order(command).ok
    assert play.topics() == ["alice:ready", "alice:paused", "alice:offline"]
    assert play.said(e.AgentStateChanged)[1].reason == "break"


def test_nobody_is_ready_whose_phone_is_known_to_be_gone() -> None:
    play = Playbook()
    play.hear(play.asterisk.unregisters("1001"))
    assert play.order(c.SetReady(agent=ALICE)).code == "phone.unreachable"


def test_a_pause_needs_a_reason() -> None:
    play = Playbook()
    assert play.order(c.SetPaused(agent=ALICE, reason="  ")).code == "reason.missing"
    assert play.order(c.ForceAgentState(agent=ALICE, state="paused")).code == "reason.missing"


def test_nobody_signs_off_in_the_middle_of_a_call() -> None:
    play = Playbook()
    play.ready(ALICE)
    caller, phone = play.talks()
    call = play.call_of(caller)
    assert play.order(c.SignOff(agent=ALICE)).code == "agent.has_call"
    play.hear(play.asterisk.hangs_up(phone, caller))
    assert play.order(c.FinishWrapUp(agent=ALICE, call=NOTHING)).code == "agent.not_in_wrap_up"
    assert play.state(ALICE) is AgentState.WRAP_UP
    assert play.order(c.FinishWrapUp(agent=ALICE, call=call)).ok
    assert play.state(ALICE) is AgentState.READY


def test_signing_off_ends_all_paperwork_there_is() -> None:
    play = Playbook()
    play.ready(ALICE)
    first, phone = play.talks()
    finished = play.call_of(first)
    play.hear(play.asterisk.hangs_up(phone, first))
    other = safety_call(play)
    assert play.order(c.FinishWrapUp(agent=ALICE, call=other)).ok
    assert play.state(ALICE) is AgentState.WRAP_UP  # the first call's paperwork is in hand again
    assert play.order(c.FinishWrapUp(agent=ALICE, call=finished)).ok
    assert play.state(ALICE) is AgentState.READY
    play.talks("13700137000")
    play.hear(play.asterisk.hangs_up(play.asterisk.last))
    safety_call(play)
    assert play.order(c.SignOff(agent=ALICE)).ok
    assert play.state(ALICE) is AgentState.OFFLINE


def safety_call(play: Playbook) -> CallId:
    """In the middle of her paperwork Asterisk's own queue gives Alice a call; it is over."""
    caller = play.caller_waits("13900139000", skills="complaint:1")
    call = play.call_of(caller)
    play.hear(play.asterisk.falls_to_safety(caller), play.asterisk.is_called(caller, "1001"))
    phone = play.asterisk.last
    play.hear(play.asterisk.picks_up(phone, caller))
    assert play.state(ALICE) is AgentState.TALKING
    play.hear(play.asterisk.hangs_up(phone, caller))
    assert play.state(ALICE) is AgentState.WRAP_UP
    return call


def test_ready_does_not_end_a_wrap_up_but_signing_off_does() -> None:
    play = Playbook()
    play.ready(ALICE)
    caller, phone = play.talks()
    play.hear(play.asterisk.hangs_up(phone, caller))
    assert play.order(c.SetReady(agent=ALICE)).ok
    assert play.state(ALICE) is AgentState.WRAP_UP
    assert play.order(c.SignOff(agent=ALICE)).ok
    assert play.state(ALICE) is AgentState.OFFLINE


def test_a_pause_asked_for_during_a_call_comes_after_the_paperwork() -> None:
    play = Playbook()
    play.ready(ALICE)
    caller, phone = play.talks()
    call = play.call_of(caller)
    assert play.order(c.SetPaused(agent=ALICE, reason="lunch")).ok
    assert play.state(ALICE) is AgentState.TALKING
    play.hear(play.asterisk.hangs_up(phone, caller))
    play.order(c.FinishWrapUp(agent=ALICE, call=call))
    assert (play.state(ALICE), play.reason(ALICE)) == (AgentState.PAUSED, "lunch")


def test_hanging_up_ends_the_agents_own_leg() -> None:
    play = Playbook()
    play.ready(ALICE)
    caller, phone = play.talks()
    promise = play.promised(c.HangUp(agent=ALICE, call=play.call_of(caller)))
    [hang_up] = play.wanted(fx.HangUpChannel)
    assert (hang_up.channel, play.result(promise)) == (phone, None)
    play.hear(fx.Done(effect=hang_up))
    assert play.result(promise) == CommandResult(ok=True)
    assert play.order(c.HangUp(agent=BOB, call=play.call_of(caller))).code == "call.not_yours"
    assert play.order(c.HangUp(agent=ALICE, call=NOTHING)).code == "call.unknown"


@pytest.mark.parametrize(
    ("why", "code"),
    [
        (fx.Failure.NO_CHANNEL, ""),
        (fx.Failure.REFUSED, "command.failed"),
        (fx.Failure.TIMED_OUT, "command.timed_out"),
        (fx.Failure.LINE_DOWN, "link.down"),
    ],
)
def test_who_hangs_up_hears_what_came_of_it(why: fx.Failure, code: str) -> None:
    play = Playbook()
    play.ready(ALICE)
    caller, _ = play.talks()
    promise = play.promised(c.HangUp(agent=ALICE, call=play.call_of(caller)))
    play.hear(fx.Failed(effect=play.last(fx.HangUpChannel), why=why))
    assert play.result(promise) == CommandResult(ok=not code, code=code)


def test_who_hangs_up_over_a_line_gone_silent_hears_that_nobody_knows() -> None:
    play = Playbook()
    play.ready(ALICE)
    caller, _ = play.talks()
    promise = play.promised(c.HangUp(agent=ALICE, call=play.call_of(caller)))
    lost(play)
    assert play.result(promise) == CommandResult(ok=False, code="command.timed_out")
    assert play.state(ALICE) is AgentState.TALKING


def test_hanging_up_a_ringing_phone_is_saying_no() -> None:
    play = Playbook()
    play.ready(ALICE)
    caller = play.caller_waits()
    play.phone_rings(caller)
    assert play.order(c.HangUp(agent=ALICE, call=play.call_of(caller))).ok
    assert play.reason(ALICE) == "rejected"


def test_only_what_is_offered_can_be_rejected() -> None:
    play = Playbook()
    play.ready(ALICE)
    caller, _ = play.talks()
    call = play.call_of(caller)
    assert play.order(c.RejectOffer(agent=ALICE, call=call)).code == "call.not_yours"
    assert play.order(c.RejectOffer(agent=ALICE, call=NOTHING)).code == "call.unknown"


def test_calls_of_others_cannot_be_touched_over_a_lost_line() -> None:
    play = Playbook()
    play.ready(ALICE)
    caller = play.caller_waits()
    play.phone_rings(caller)
    lost(play)
    assert play.order(c.HangUp(agent=BOB, call=play.call_of(caller))).code == "link.down"
    assert play.order(c.RejectOffer(agent=BOB, call=play.call_of(caller))).code == "link.down"


@pytest.mark.parametrize("command", [c.HangUp, c.RejectOffer])
def test_who_was_rung_over_a_line_now_lost_frees_himself(command: type[c.HangUp | c.RejectOffer]) -> None:
    play = Playbook()
    play.ready(ALICE)
    caller = play.caller_waits()
    phone = play.phone_rings(caller)
    lost(play)
    assert play.order(command(agent=ALICE, call=play.call_of(caller))).ok
    assert play.state(ALICE) is AgentState.READY
    assert [failed.why for failed in play.said(e.OfferFailed)] == [e.OfferFailure.LINE_LOST]
    play.asterisk.picks_up(phone, caller)  # he did answer, only we could not hear it
    play.hear(play.asterisk.snapshot())
    assert play.state(ALICE) is AgentState.TALKING


def test_who_was_rung_over_a_line_now_lost_may_go_home() -> None:
    play = Playbook()
    play.ready(ALICE)
    play.phone_rings(play.caller_waits())
    lost(play)
    assert play.order(c.SignOff(agent=ALICE)).ok
    assert play.state(ALICE) is AgentState.OFFLINE


def lost(play: Playbook) -> None:
    play.hear(e.LinkLost(at=play.asterisk.now, server=play.asterisk.server))


def test_an_asterisk_that_died_for_good_does_not_keep_its_agents() -> None:
    play = Playbook()
    play.ready(ALICE)
    caller, _ = play.talks()
    lost(play)
    play.wait(60)
    assert play.state(ALICE) is AgentState.TALKING  # it may be back in a moment
    assert play.order(c.HangUp(agent=ALICE, call=play.call_of(caller))).ok
    assert play.wanted(fx.HangUpChannel) == []
    assert play.state(ALICE) is AgentState.WRAP_UP
    assert play.order(c.FinishWrapUp(agent=ALICE, call=play.call_of(caller))).ok
    assert play.state(ALICE) is AgentState.READY
    play.hear(play.asterisk.snapshot(restarted=True))
    assert play.said(e.CallEnded)[0].outcome is e.Outcome.FAILED
    assert play.state(ALICE) is AgentState.READY


@pytest.mark.parametrize("state", [AgentState.READY, AgentState.PAUSED, AgentState.OFFLINE])
def test_a_supervisor_frees_whoever_a_lost_line_holds(state: AgentState) -> None:
    play = Playbook()
    play.ready(ALICE)
    play.talks()
    lost(play)
    assert play.order(c.ForceAgentState(agent=ALICE, state=state, reason="x")).ok
    assert play.state(ALICE) is state


def test_a_supervisor_frees_whoever_was_rung_or_called_himself_over_a_line_now_lost() -> None:
    play = Playbook()
    play.ready(ALICE, BOB)
    play.hear(play.asterisk.dials("1002", "1003"))
    own = play.asterisk.last
    play.hear(play.asterisk.is_called(own, "1003"))
    play.phone_rings(play.caller_waits(skills="zh:1"))
    assert (play.state(ALICE), play.state(BOB)) == (AgentState.RINGING, AgentState.TALKING)
    lost(play)
    for agent in (ALICE, BOB):
        assert play.order(c.ForceAgentState(agent=agent, state="ready")).ok
        assert play.state(agent) is AgentState.READY
    assert [failed.why for failed in play.said(e.OfferFailed)] == [e.OfferFailure.LINE_LOST]


def test_a_line_that_returns_knows_better_who_is_free() -> None:
    play = Playbook()
    play.ready(ALICE, BOB)
    caller, phone = play.talks(skills="repair:1")
    play.hear(play.asterisk.dials("1002", "1003"))
    own = play.asterisk.last
    play.hear(play.asterisk.is_called(own, "1003"))
    play.hear(play.asterisk.picks_up(play.asterisk.last, own))
    lost(play)
    for agent in (ALICE, BOB):
        assert play.order(c.ForceAgentState(agent=agent, state="ready")).ok
    play.asterisk.arrives("13900139000")
    play.asterisk.queues(play.asterisk.last)
    offers = len(play.offers)
    play.hear(play.asterisk.snapshot())
    assert (play.state(ALICE), play.state(BOB)) == (AgentState.TALKING, AgentState.TALKING)
    assert len(play.offers) == offers
    play.hear(play.asterisk.hangs_up(phone, caller))
    assert play.state(ALICE) is AgentState.WRAP_UP


def test_a_supervisor_sets_states() -> None:
    play = Playbook()
    play.ready(ALICE)
    assert play.order(c.ForceAgentState(agent=ALICE, state="paused", reason="talk to me")).ok
    assert play.reason(ALICE) == "talk to me"
    assert play.order(c.ForceAgentState(agent=ALICE, state="ready")).ok
    assert play.state(ALICE) is AgentState.READY
    assert play.order(c.ForceAgentState(agent=ALICE, state="offline")).ok
    assert play.state(ALICE) is AgentState.OFFLINE
    assert play.order(c.ForceAgentState(agent=ALICE, state="dancing")).code == "state.unknown"


def test_a_supervisor_ends_paperwork_but_no_conversation() -> None:
    play = Playbook()
    play.ready(ALICE)
    caller, phone = play.talks()
    play.order(c.ForceAgentState(agent=ALICE, state="paused", reason="talk to me"))
    assert play.state(ALICE) is AgentState.TALKING
    play.hear(play.asterisk.hangs_up(phone, caller))
    play.order(c.ForceAgentState(agent=ALICE, state="ready"))
    assert play.state(ALICE) is AgentState.READY


def test_a_reload_asks_for_the_floor() -> None:
    play = Playbook()
    assert play.order(c.ReloadFloor()).ok
    assert play.wanted(fx.LoadFloor) == [fx.LoadFloor()]


def test_what_is_no_command_of_ours_is_refused() -> None:
    assert Playbook().order(Command()).code == "command.unknown"


def test_why_he_waits_and_why_she_gets_no_calls_is_answered() -> None:
    play = Playbook()
    play.ready(ALICE)
    waits = play.order(c.ExplainIdle(agent=ALICE))
    assert isinstance(waits, c.IdleExplained)
    assert waits.reason.code is NoCalls.NOBODY_WAITS
    caller, _ = play.talks()
    assert play.order(c.ExplainWait(call=play.call_of(caller))).code == "call.not_waiting"
    second = play.call_of(play.caller_waits("13800138001"))
    told = play.order(c.ExplainWait(call=second))
    assert isinstance(told, c.WaitExplained)
    assert told.reason.code is WhyWaiting.ALL_BUSY
    assert play.order(c.ExplainIdle(agent=NOBODY)).code == "agent.unknown"
