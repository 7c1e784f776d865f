"""A recording is paused and goes on: by whom, until when, over changes of the peer, lost lines and restarts of ours."""

from __future__ import annotations

from dataclasses import replace

import pytest

from crm_core.domain.floor import HouseRules
from crm_core.kernel.ids import CallId
from crm_core.kernel.messages import CommandResult
from cti import commands as c
from cti import effects as fx
from cti import events as e
from tests.unit.cti.switchboard.playbook import ALICE, BOB, Playbook, floor_plan, known

PAUSE_S = 60


def recorded(play: Playbook | None = None) -> tuple[Playbook, str, str, CallId]:
    """Alice talks with a caller and is recorded."""
    play = play or Playbook()
    play.ready(ALICE)
    caller, phone = play.talks()
    play.hear(fx.Done(effect=play.last(fx.StartRecording), answer={"MixMonitorID": "0x1"}))
    play.forget()
    return play, caller, phone, play.call_of(caller)


def paused() -> tuple[Playbook, str, str, CallId]:
    play, caller, phone, call = recorded()
    promise = play.promised(c.PauseRecording(agent=ALICE, call=call))
    mute = play.last(fx.MuteRecording)
    assert (mute.channel, mute.muted) == (caller, True)
    play.hear(fx.Done(effect=mute))
    assert play.result(promise) == CommandResult(ok=True)
    return play, caller, phone, call


def reasons(play: Playbook) -> list[e.ResumedBy]:
    return [told.by for told in play.said(e.RecordingResumed)]


def test_it_is_paused_when_asterisk_has_done_it_and_told_until_when() -> None:
    play, _, _, call = paused()
    [told] = play.said(e.RecordingPaused)
    assert (told.call, told.agent, (told.until - told.at).total_seconds()) == (call, ALICE, PAUSE_S)
    assert play.floor().calls[0].recording_paused_until == told.until
    assert play.order(c.PauseRecording(agent=ALICE, call=call)).ok
    assert len(play.wanted(fx.MuteRecording)) == 1


def test_it_goes_on_by_itself_after_the_time_the_house_has_set() -> None:
    play, _, _, call = recorded(Playbook(replace(floor_plan(), rules=HouseRules(recording_pause_s=20))))
    play.promised(c.PauseRecording(agent=ALICE, call=call))
    play.hear(fx.Done(effect=play.last(fx.MuteRecording)))
    play.wait(19)
    assert len(play.wanted(fx.MuteRecording)) == 1
    play.wait(1)
    unmute = play.last(fx.MuteRecording)
    assert not unmute.muted
    play.hear(fx.Done(effect=unmute))
    assert reasons(play) == [e.ResumedBy.TIME]
    assert play.floor().calls[0].recording_paused_until is None


def test_and_when_she_says_so() -> None:
    play, _, _, call = paused()
    promise = play.promised(c.ResumeRecording(agent=ALICE, call=call))
    play.hear(fx.Done(effect=play.last(fx.MuteRecording)))
    assert play.result(promise) == CommandResult(ok=True)
    assert reasons(play) == [e.ResumedBy.AGENT]
    assert play.order(c.ResumeRecording(agent=ALICE, call=call)).ok
    play.wait(PAUSE_S)
    assert len(play.wanted(fx.MuteRecording)) == 2


def test_a_new_peer_is_recorded_with_the_same_silence() -> None:
    play, caller, _, _ = paused()
    play.hear(play.asterisk.is_called(caller, "1002"))
    bob = play.asterisk.last
    play.hear(play.asterisk.answered(bob), play.asterisk.enters(bob, play.asterisk.rooms[caller]))
    assert play.last(fx.RestartRecording).muted
    assert reasons(play) == []


def test_a_hold_is_no_reason_and_leaving_is_one() -> None:
    play, caller, phone, _ = paused()
    play.hear(play.asterisk.holds(phone), play.asterisk.resumes(phone))
    assert len(play.wanted(fx.MuteRecording)) == 1
    play.hear(play.asterisk.is_called(caller, "1002"))
    bob = play.asterisk.last
    play.hear(play.asterisk.answered(bob), play.asterisk.enters(bob, play.asterisk.rooms[caller]))
    play.hear(play.asterisk.hangs_up(phone))
    unmute = play.last(fx.MuteRecording)
    assert not unmute.muted
    play.hear(fx.Done(effect=unmute))
    assert reasons(play) == [e.ResumedBy.CONVERSATION]


def test_with_the_call_the_pause_is_over() -> None:
    play, caller, phone, _ = paused()
    play.hear(play.asterisk.hangs_up(caller, phone))
    assert reasons(play) == [e.ResumedBy.CONVERSATION]
    topics = play.topics()
    assert topics.index("recording.resumed") < topics.index("recording.stopped") < topics.index("call.ended")


def test_only_who_talks_pauses_and_only_what_is_recorded() -> None:
    play, _, _, call = recorded()
    assert play.order(c.PauseRecording(agent=BOB, call=call)).code == "call.not_yours"
    assert play.order(c.PauseRecording(agent=ALICE, call=CallId("none"))).code == "call.unknown"
    play = Playbook(floor_plan(recorded=False))
    play.ready(ALICE)
    caller, _ = play.talks()
    assert play.order(c.PauseRecording(agent=ALICE, call=play.call_of(caller))).code == "recording.none"
    assert play.order(c.ResumeRecording(agent=ALICE, call=play.call_of(caller))).code == "recording.none"


def test_while_it_rings_there_is_nothing_to_pause() -> None:
    play = Playbook()
    play.ready(ALICE)
    caller = play.caller_waits()
    play.phone_rings(caller)
    assert play.order(c.PauseRecording(agent=ALICE, call=play.call_of(caller))).code == "call.not_talking"


@pytest.mark.parametrize(
    ("why", "code"), [(fx.Failure.REFUSED, "command.failed"), (fx.Failure.TIMED_OUT, "command.timed_out")]
)
def test_what_asterisk_does_not_do_is_not_told_as_done(why: fx.Failure, code: str) -> None:
    play, _, _, call = recorded()
    promise = play.promised(c.PauseRecording(agent=ALICE, call=call))
    play.hear(fx.Failed(effect=play.last(fx.MuteRecording), why=why))
    assert play.result(promise) == CommandResult(ok=False, code=code)
    assert play.said(e.RecordingPaused) == []
    may_be_muted = [effect for effect in play.wanted(fx.MuteRecording) if not effect.muted]
    assert len(may_be_muted) == (why is fx.Failure.TIMED_OUT)


def test_a_recording_that_would_not_go_on_is_asked_again() -> None:
    play, _, _, _ = paused()
    play.wait(PAUSE_S)
    play.hear(fx.Failed(effect=play.last(fx.MuteRecording), why=fx.Failure.TIMED_OUT))
    assert reasons(play) == []
    play.wait(2)
    play.hear(fx.Done(effect=play.last(fx.MuteRecording)))
    assert reasons(play) == [e.ResumedBy.TIME]


def test_what_ran_out_while_the_line_was_lost_is_made_good() -> None:
    play, _, _, _ = paused()
    play.hear(e.LinkLost(server=play.asterisk.server, at=play.asterisk.now, why="cut"))
    play.wait(PAUSE_S)
    play.hear(fx.Failed(effect=play.last(fx.MuteRecording), why=fx.Failure.LINE_DOWN))
    play.forget()
    play.hear(play.asterisk.snapshot())
    [unmute] = play.wanted(fx.MuteRecording)
    play.hear(fx.Done(effect=unmute))
    assert reasons(play) == [e.ResumedBy.TIME]


@pytest.mark.parametrize("away_s", [10, PAUSE_S + 10])
def test_after_a_restart_of_ours_it_is_still_paused_and_goes_on_in_time(away_s: float) -> None:
    play, _, _, _ = paused()
    play.asterisk.wait(away_s)
    again = Playbook(line=False)
    again.asterisk = play.asterisk
    again.hear_effects(again.switchboard.restore(known(play.told), again.asterisk.now))
    again.hear(again.asterisk.snapshot())
    late = away_s > PAUSE_S
    assert bool(again.wanted(fx.MuteRecording)) is late
    again.wait(PAUSE_S - away_s if not late else 0)
    unmute = again.last(fx.MuteRecording)
    assert not unmute.muted
    again.hear(fx.Done(effect=unmute))
    assert reasons(again) == [e.ResumedBy.TIME]
