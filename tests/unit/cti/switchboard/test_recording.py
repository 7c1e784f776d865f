"""A recording that could not begin: it gets another chance, and whoever looks at the call is told the truth."""

from __future__ import annotations

from dataclasses import replace

import pytest

from crm_core.domain.floor import HouseRules
from cti import commands as c
from cti import effects as fx
from cti import events as e
from tests.unit.cti.switchboard.playbook import ALICE, Playbook, floor_plan


def talking() -> tuple[Playbook, str, fx.StartRecording]:
    play = Playbook()
    play.ready(ALICE)
    caller, _ = play.talks()
    start = play.last(fx.StartRecording)
    play.forget()
    return play, caller, start


@pytest.mark.parametrize("why", [fx.Failure.REFUSED, fx.Failure.TIMED_OUT])
def test_it_is_tried_once_more(why: fx.Failure) -> None:
    play, caller, start = talking()
    play.hear(fx.Failed(effect=start, why=why))
    play.wait(1)
    assert play.wanted(fx.RecordingEffect) == []
    play.wait(1)
    [again] = play.wanted(fx.RecordingEffect)
    assert isinstance(again, fx.RestartRecording)  # after a time-out it may run all the same
    assert (again.channel, again.file) == (caller, start.file)
    play.hear(fx.Done(effect=again, answer={"MixMonitorID": "0x1"}))
    assert [started.file for started in play.said(e.RecordingStarted)] == [start.file]


def test_and_not_for_ever() -> None:
    play, _, start = talking()
    play.hear(fx.Failed(effect=start, why=fx.Failure.REFUSED))
    play.wait(2)
    play.hear(fx.Failed(effect=play.last(fx.RestartRecording), why=fx.Failure.REFUSED))
    play.wait(60)
    assert len(play.wanted(fx.RecordingEffect)) == 1


def test_a_call_that_is_over_by_then_is_left_alone() -> None:
    play, caller, start = talking()
    play.hear(fx.Failed(effect=start, why=fx.Failure.REFUSED), play.asterisk.hangs_up(caller))
    play.wait(10)
    assert play.wanted(fx.RecordingEffect) == []


@pytest.mark.parametrize("why", [fx.Failure.LINE_DOWN, fx.Failure.TIMED_OUT])
def test_lost_with_the_line_it_is_asked_for_when_the_line_is_back(why: fx.Failure) -> None:
    play, caller, start = talking()
    play.hear(
        e.LinkLost(server=play.asterisk.server, at=play.asterisk.now, why="cut"), fx.Failed(effect=start, why=why)
    )
    play.wait(1)
    play.hear(play.asterisk.snapshot())
    assert [effect.channel for effect in play.wanted(fx.RecordingEffect)] == [caller]
    play.wait(10)
    assert len(play.wanted(fx.RecordingEffect)) == 1


def test_what_runs_is_not_begun_again_when_the_line_is_back() -> None:
    play, _, start = talking()
    play.hear(fx.Done(effect=start))
    play.hear(e.LinkLost(server=play.asterisk.server, at=play.asterisk.now, why="cut"), play.asterisk.snapshot())
    assert play.wanted(fx.RecordingEffect) == []


def test_a_recording_that_ended_with_its_peer_and_did_not_begin_anew_has_stopped() -> None:
    play, caller, start = talking()
    play.hear(fx.Done(effect=start), play.asterisk.leaves(caller))
    play.hear(play.asterisk.is_called(caller, "1002"))
    play.hear(play.asterisk.picks_up(play.asterisk.last, caller))
    play.hear(fx.Failed(effect=play.last(fx.RestartRecording), why=fx.Failure.REFUSED))
    assert [stopped.file for stopped in play.said(e.RecordingStopped)] == [start.file]
    play.wait(2)
    assert len(play.wanted(fx.RestartRecording)) == 2


def test_a_queue_may_go_unrecorded() -> None:
    play = Playbook(floor_plan(recorded=False))
    play.ready(ALICE)
    play.talks()
    assert play.wanted(fx.RecordingEffect) == []
    play.wait(60)
    assert play.wanted(fx.RecordingEffect) == []
    assert play.said(e.RecordingStarted) == []


@pytest.mark.parametrize("kept", [True, False])
def test_calls_to_the_outside_are_recorded_as_the_house_wants(kept: bool) -> None:
    play = Playbook(replace(floor_plan(), rules=HouseRules(outbound_recorded=kept)))
    play.ready(ALICE)
    play.promised(c.PlaceCall(agent=ALICE, number="13900139000"))
    out, asterisk = play.last(fx.CallOut), play.asterisk
    play.hear(asterisk.is_called_out(out.call, "1001", out.number))
    phone = asterisk.last
    play.hear(asterisk.rings(phone), asterisk.is_led_outside(phone, out.number))
    line = asterisk.last
    play.hear(asterisk.rings(line), asterisk.picks_up(line, phone))
    assert [effect.channel for effect in play.wanted(fx.RecordingEffect)] == ([line] if kept else [])
    play.hear(asterisk.hangs_up(line, phone))
    play.order(c.FinishWrapUp(agent=ALICE, call=out.call))
    play.forget()
    caller, _ = play.talks()
    assert [effect.channel for effect in play.wanted(fx.RecordingEffect)] == [caller]  # of a queue
