"""Supervisors who listen, whisper, barge in and take over: what is asked of Asterisk, and what the log keeps of it."""

from __future__ import annotations

import pytest

from crm_core.kernel.ids import CallId
from crm_core.kernel.messages import CommandResult
from cti import commands as c
from cti import effects as fx
from cti import events as e
from routing.states import AgentState
from tests.unit.cti.switchboard.playbook import ALICE, BOB, CAROL, Playbook, known

LISTEN, WHISPER, BARGE = e.MonitorMode.LISTEN, e.MonitorMode.WHISPER, e.MonitorMode.BARGE
DIGIT = {LISTEN: "1", WHISPER: "2", BARGE: "3"}


def talking() -> tuple[Playbook, str, str, CallId]:
    """Alice talks; carol's phone is there."""
    play = Playbook()
    play.ready(ALICE)
    caller, phone = play.talks()
    play.hear(play.asterisk.registers("1003"))
    play.hear(fx.Done(effect=play.last(fx.StartRecording)))
    play.forget()
    return play, caller, phone, play.call_of(caller)


def uniqueid(play: Playbook, channel: str) -> str:
    return play.asterisk.channels[channel].uniqueid


def listening(mode: e.MonitorMode = LISTEN) -> tuple[Playbook, str, str, str]:
    """… and carol hears them: the caller's channel, alice's and carol's."""
    play, caller, phone, _ = talking()
    promise = play.promised(c.Monitor(agent=CAROL, of=ALICE, mode=mode))
    wanted = play.last(fx.CallPhone)
    place = f"{DIGIT[mode]}-{uniqueid(play, phone)}"
    assert (wanted.channel, wanted.room, wanted.place) == ("PJSIP/1003", fx.Room.LISTEN, place)
    assert wanted.headers["X-CW-Monitor"] == mode
    assert not wanted.stamped
    play.hear(play.asterisk.summons("1003", wanted.channel_id), fx.Done(effect=wanted))
    assert play.result(promise) == CommandResult(ok=True)
    ear = play.asterisk.last
    play.hear(play.asterisk.summoned(ear, "cw-listen", place))
    if mode is BARGE:
        play.hear(play.asterisk.enters(ear, play.asterisk.rooms[caller]))
    return play, caller, phone, ear


def told(play: Playbook) -> list[tuple[str, bool]]:
    """Every listening ever told: its mode, and whether it began (or ended)."""
    return [(one.mode.value, one.until is None) for one in play.told if isinstance(one, e.CallMonitored)]


def changes_to(play: Playbook, mode: e.MonitorMode) -> None:
    play.forget()
    promise = play.promised(c.Monitor(agent=CAROL, of=ALICE, mode=mode))
    send = play.last(fx.SendPhone)
    assert send.place.startswith(DIGIT[mode])
    play.hear(fx.Done(effect=send))
    assert play.result(promise) == CommandResult(ok=True)


def test_listening_begins_when_her_phone_is_answered_and_is_no_call() -> None:
    play, caller, _, _ = listening()
    [begun] = play.said(e.CallMonitored)
    assert (begun.call, begun.by, begun.of, begun.mode) == (play.call_of(caller), CAROL, ALICE, LISTEN)
    assert play.floor().calls[0].monitored == (begun,)
    assert play.said(e.CallArrived) == []
    assert play.said(e.CallConnected) == []


@pytest.mark.parametrize("wish", [c.Monitor(agent=CAROL, of=ALICE, mode=LISTEN), c.TakeOver(agent=CAROL, of=ALICE)])
def test_she_gets_no_call_while_her_phone_is_about_to_ring(wish: c.Monitor | c.TakeOver) -> None:
    """Asterisk may take a moment; a phone that is called twice would ring for two."""
    play = Playbook()
    play.ready(ALICE, CAROL)
    play.talks(skills="zh:1")
    play.forget()
    play.promised(wish)
    wanted = play.last(fx.CallPhone)
    play.caller_waits("13900139000", skills="en:5")
    assert [one.extension for one in play.offers] == ["1001"], "only the call she listens to"
    play.hear(fx.Failed(effect=wanted, why=fx.Failure.REFUSED))
    assert [one.extension for one in play.offers] == ["1001", "1003"]


def test_she_gets_no_call_meanwhile() -> None:
    play, _, _, ear = listening()
    assert play.order(c.SetReady(agent=CAROL)).ok
    assert play.state(CAROL) is AgentState.TALKING
    play.hear(play.asterisk.hangs_up(ear))
    assert play.state(CAROL) is AgentState.READY
    assert told(play) == [("listen", True), ("listen", False)]


def test_the_mode_changes_where_she_is() -> None:
    play, _, _, _ = listening()
    for mode in (WHISPER, BARGE, LISTEN):
        changes_to(play, mode)
    assert told(play) == [
        ("listen", True), ("listen", False), ("whisper", True), ("whisper", False), ("barge", True), ("barge", False),
        ("listen", True),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("why", "code"), [(fx.Failure.REFUSED, "command.failed"), (fx.Failure.TIMED_OUT, "command.timed_out")]
)
def test_a_mode_that_asterisk_did_not_change_is_told_as_it_was(why: fx.Failure, code: str) -> None:
    play, _, _, ear = listening()
    promise = play.promised(c.Monitor(agent=CAROL, of=ALICE, mode=BARGE))
    play.hear(fx.Failed(effect=play.last(fx.SendPhone), why=why))
    assert play.result(promise) == CommandResult(ok=False, code=code)
    assert [one.mode for one in play.floor().calls[0].monitored] == [LISTEN]
    play.hear(play.asterisk.hangs_up(ear))
    assert play.floor().calls[0].monitored == ()
    assert told(play) == [
        ("listen", True), ("listen", False), ("barge", True), ("barge", False), ("listen", True), ("listen", False)
    ]  # fmt: skip


def test_who_is_heard_by_both_is_recorded_and_still_no_part_of_the_call() -> None:
    play, caller, _, ear = listening(BARGE)
    assert play.said(e.CallConnected) == []
    assert len(play.wanted(fx.RestartRecording)) == 1
    play.hear(fx.Done(effect=play.last(fx.RestartRecording)))
    play.asterisk.is_sent(ear, "cw-listen", "1-x")
    play.hear(play.asterisk.leaves(ear))
    assert len(play.wanted(fx.RestartRecording)) == 2
    play.hear(play.asterisk.hangs_up(caller))
    [ended] = play.said(e.CallEnded)
    assert ended.agents == (ALICE,)


def test_with_the_customer_gone_nobody_is_left_with_a_barging_supervisor() -> None:
    play, caller, _, ear = listening(BARGE)
    play.hear(play.asterisk.hangs_up(caller))
    assert [effect.channel for effect in play.wanted(fx.HangUpChannel)] == [ear]
    assert told(play) == [("barge", True), ("barge", False)]


def test_who_only_listens_is_let_go_by_asterisk_when_the_agent_leaves() -> None:
    play, caller, phone, _ = listening()
    play.hear(play.asterisk.hangs_up(phone, caller))
    assert play.wanted(fx.HangUpChannel) == []
    assert told(play) == [("listen", True), ("listen", False)]
    assert play.order(c.StopMonitoring(agent=CAROL)).code == "monitor.none"


def test_a_new_peer_is_heard_by_beginning_anew() -> None:
    play, caller, _, ear = listening(WHISPER)
    play.forget()
    play.hear(play.asterisk.is_called(caller, "1002"))
    bob = play.asterisk.last
    play.hear(play.asterisk.answered(bob), play.asterisk.enters(bob, play.asterisk.rooms[caller]))
    send = play.last(fx.SendPhone)
    assert (send.channel, send.place[0]) == (ear, "2")


def test_she_stops() -> None:
    play, _, _, ear = listening()
    promise = play.promised(c.StopMonitoring(agent=CAROL))
    assert [effect.channel for effect in play.wanted(fx.HangUpChannel)] == [ear]
    play.hear(fx.Done(effect=play.last(fx.HangUpChannel)))
    assert play.result(promise) is None
    play.hear(play.asterisk.gone(ear))
    assert play.result(promise) == CommandResult(ok=True)


def test_what_cannot_be_listened_to() -> None:
    play, _, _, _ = talking()
    for command, code in (
        (c.Monitor(agent=CAROL, of=CAROL), "target.self"),
        (c.Monitor(agent=CAROL, of=BOB), "call.not_talking"),
        (c.Monitor(agent=BOB, of=ALICE), "phone.unreachable"),
        (c.TakeOver(agent=CAROL, of=BOB), "call.not_talking"),
        (c.TakeOver(agent=BOB, of=ALICE), "phone.unreachable"),
        (c.StopMonitoring(agent=CAROL), "monitor.none"),
    ):
        assert play.order(command).code == code
    play.hear(play.asterisk.dials("1003", "1002"))
    assert play.order(c.Monitor(agent=CAROL, of=ALICE)).code == "agent.has_call"
    play.hear(e.LinkLost(server=play.asterisk.server, at=play.asterisk.now, why="cut"))
    assert play.order(c.Monitor(agent=CAROL, of=ALICE)).code == "link.down"


def test_a_phone_that_is_not_answered_hears_nothing_and_may_be_called_again() -> None:
    play, _, _, _ = talking()
    play.promised(c.Monitor(agent=CAROL, of=ALICE))
    wanted = play.last(fx.CallPhone)
    play.hear(play.asterisk.summons("1003", wanted.channel_id))
    assert play.order(c.Monitor(agent=CAROL, of=ALICE)).code == "agent.has_call"
    play.hear(play.asterisk.summoned_in_vain(play.asterisk.last))
    assert told(play) == []
    play.promised(c.Monitor(agent=CAROL, of=ALICE))
    assert len(play.wanted(fx.CallPhone)) == 2


def test_she_takes_over_with_the_phone_she_listens_by() -> None:
    play, caller, phone, ear = listening()
    promise = play.promised(c.TakeOver(agent=CAROL, of=ALICE))
    send = play.last(fx.SendPhone)
    assert (send.channel, send.room, send.place) == (ear, fx.Room.TAKE_OVER, caller)
    play.hear(fx.Done(effect=send))
    assert play.result(promise) is None
    taken_over(play, caller, phone, ear)
    assert play.result(promise) == CommandResult(ok=True)
    assert told(play) == [("listen", True), ("listen", False)]


def test_or_her_phone_is_called_and_until_it_is_answered_nothing_changes() -> None:
    play, caller, phone, call = talking()
    promise = play.promised(c.TakeOver(agent=CAROL, of=ALICE))
    wanted = play.last(fx.CallPhone)
    assert (wanted.room, wanted.place, wanted.stamped) == (fx.Room.TAKE_OVER, caller, True)
    play.hear(play.asterisk.summons("1003", wanted.channel_id, call=call), fx.Done(effect=wanted))
    assert play.result(promise) == CommandResult(ok=True)
    assert play.wanted(fx.HangUpChannel) == []
    ear = play.asterisk.last
    play.hear(play.asterisk.summoned(ear, "cw-takeover", caller))
    taken_over(play, caller, phone, ear)


def taken_over(play: Playbook, caller: str, phone: str, ear: str) -> None:
    """Carol comes in, alice is let go and does her paperwork."""
    play.asterisk.is_sent(ear, "cw-takeover", caller)
    play.hear(play.asterisk.enters(ear, play.asterisk.rooms[caller]))
    [taken] = play.said(e.CallTakenOver)
    assert (taken.by, taken.of) == (CAROL, ALICE)
    assert [effect.channel for effect in play.wanted(fx.HangUpChannel)] == [phone]
    play.hear(play.asterisk.gone(phone))
    assert play.state(ALICE) is AgentState.WRAP_UP
    [live] = play.floor().calls
    assert (live.agent, live.monitored) == (CAROL, ())
    play.hear(play.asterisk.hangs_up(caller, ear))
    [ended] = play.said(e.CallEnded)
    assert ended.agents == (ALICE, CAROL)


def test_a_take_over_that_is_not_answered_leaves_the_two_together() -> None:
    play, caller, _, _ = talking()
    play.promised(c.TakeOver(agent=CAROL, of=ALICE))
    wanted = play.last(fx.CallPhone)
    play.hear(play.asterisk.summons("1003", wanted.channel_id, call=play.call_of(caller)))
    play.hear(play.asterisk.summoned_in_vain(play.asterisk.last))
    assert play.wanted(fx.HangUpChannel) == []
    assert play.state(ALICE) is AgentState.TALKING
    assert play.said(e.CallTakenOver) == []


def test_of_two_who_take_over_the_same_customer_the_first_has_him() -> None:
    play, caller, _, _ = talking()
    play.ready(BOB)
    play.promised(c.TakeOver(agent=CAROL, of=ALICE))
    assert play.order(c.TakeOver(agent=BOB, of=ALICE)).code == "call.being_taken_over"
    wanted = play.last(fx.CallPhone)
    play.hear(fx.Done(effect=wanted), play.asterisk.summons("1003", wanted.channel_id, call=play.call_of(caller)))
    assert play.order(c.TakeOver(agent=BOB, of=ALICE)).code == "call.being_taken_over"
    play.hear(play.asterisk.summoned_in_vain(play.asterisk.last))
    play.promised(c.TakeOver(agent=BOB, of=ALICE))
    assert play.last(fx.CallPhone).channel == "PJSIP/1002"


@pytest.mark.parametrize("still_there", [True, False])
def test_after_a_restart_of_ours_who_listens_is_found_and_who_does_not_is_told(still_there: bool) -> None:
    play, _, _, ear = listening(WHISPER)
    if not still_there:
        play.asterisk.gone(ear)
    again = Playbook(line=False)
    again.asterisk = play.asterisk
    again.hear_effects(again.switchboard.restore(known(play.told), again.asterisk.now))
    again.hear(again.asterisk.snapshot())
    assert told(again) == ([] if still_there else [("whisper", False)])
    assert again.said(e.CallConnected) == []
    assert [one.by for one in again.floor().calls[0].monitored] == ([CAROL] if still_there else [])
    if still_there:
        changes_to(again, LISTEN)


def test_who_began_to_listen_while_nobody_heard_is_found() -> None:
    play, _, phone, _ = talking()
    play.promised(c.Monitor(agent=CAROL, of=ALICE))
    wanted = play.last(fx.CallPhone)
    play.hear(play.asterisk.summons("1003", wanted.channel_id))
    play.hear(e.LinkLost(server=play.asterisk.server, at=play.asterisk.now, why="cut"))
    play.asterisk.summoned(play.asterisk.last, "cw-listen", f"1-{uniqueid(play, phone)}")
    play.hear(play.asterisk.snapshot())
    assert told(play) == [("listen", True)]
    assert play.said(e.CallArrived) == []
