"""Customers put aside: parked, fetched, come back by themselves, found so after a lost line."""

from __future__ import annotations

from crm_core.kernel.ids import CallId
from crm_core.kernel.messages import CommandResult
from cti import commands as c
from cti import effects as fx
from cti import events as e
from routing.states import AgentState
from tests.unit.cti.switchboard.playbook import ALICE, BOB, CAROL, Playbook, known


def talking() -> tuple[Playbook, str, str, CallId]:
    play = Playbook()
    play.ready(ALICE)
    caller, phone = play.talks()
    return play, caller, phone, play.call_of(caller)


def parked() -> tuple[Playbook, str, CallId]:
    play, caller, phone, call = talking()
    promise = play.promised(c.Park(agent=ALICE, call=call))
    park = play.last(fx.ParkCaller)
    assert (park.channel, park.extension) == (caller, "1001")
    play.hear(fx.Done(effect=park))
    assert play.result(promise) is None
    play.hear(play.asterisk.parks(caller, "1001"))
    assert play.result(promise) == CommandResult(ok=True)
    play.hear(play.asterisk.gone(phone))
    play.hear(play.asterisk.registers("1002"))
    play.forget()
    return play, caller, call


def fetched(play: Playbook, caller: str, extension: str = "1002") -> None:
    """The phone that was called for him, or has dialled his number, is together with him."""
    phone = play.asterisk.last
    assert phone.startswith(f"PJSIP/{extension}")
    play.hear(play.asterisk.summoned(phone, "cw-retrieve", "701"), play.asterisk.together(caller, phone))


def over(play: Playbook) -> list[tuple[e.UnparkedBy, str | None]]:
    return [(told.by, told.agent) for told in play.said(e.CallUnparked)]


def test_he_is_on_the_floor_with_his_place_and_who_put_him_there() -> None:
    play, _, call = parked()
    [row] = play.floor().parked
    assert (row.call, row.lot, row.by, row.extension) == (call, "701", ALICE, "1001")
    assert play.floor().calls[0].phase == "parked"
    assert play.state(ALICE) is AgentState.WRAP_UP


def test_what_is_no_conversation_of_hers_is_not_parked() -> None:
    play, caller, _, call = talking()
    assert play.order(c.Park(agent=BOB, call=call)).code == "call.not_yours"
    assert play.order(c.Park(agent=ALICE, call=CallId("none"))).code == "call.unknown"
    play.hear(play.asterisk.is_called(caller, "1002"))
    bob = play.asterisk.last
    play.hear(play.asterisk.answered(bob), play.asterisk.enters(bob, play.asterisk.rooms[caller]))
    assert play.order(c.Park(agent=ALICE, call=call)).code == "call.in_conference"


def test_without_a_place_he_comes_straight_back_and_that_is_the_answer() -> None:
    play, caller, phone, call = talking()
    promise = play.promised(c.Park(agent=ALICE, call=call))
    play.asterisk.leaves(caller)
    play.hear(play.asterisk.is_not_fetched(caller, "1001"), play.asterisk.gone(phone))
    play.wait(4)
    assert play.result(promise) == CommandResult(ok=False, code="command.timed_out")
    assert play.said(e.CallParked) == []


def test_a_colleague_fetches_him_by_command() -> None:
    play, caller, call = parked()
    promise = play.promised(c.Retrieve(agent=BOB, call=call))
    wanted = play.last(fx.CallPhone)
    assert (wanted.channel, wanted.room, wanted.place, wanted.stamped) == ("PJSIP/1002", fx.Room.RETRIEVE, "701", True)
    play.hear(play.asterisk.summons("1002", wanted.channel_id, call=call), fx.Done(effect=wanted))
    assert play.result(promise) == CommandResult(ok=True)
    fetched(play, caller)
    assert over(play) == [(e.UnparkedBy.AGENT, BOB)]
    assert [told.agent for told in play.said(e.CallConnected)] == [BOB]
    assert play.floor().parked == ()
    assert play.floor().calls[0].phase == "talking"


def test_or_by_the_number_of_his_place() -> None:
    play, caller, _ = parked()
    play.hear(play.asterisk.dials("1002", "701"))
    fetched(play, caller)
    assert over(play) == [(e.UnparkedBy.AGENT, BOB)]
    assert len(play.said(e.CallArrived)) == 0


def test_whom_nobody_can_fetch() -> None:
    play, caller, call = parked()
    assert play.order(c.Retrieve(agent=CAROL, call=call)).code == "phone.unreachable"
    play.hear(play.asterisk.dials("1002", "1003"))
    assert play.order(c.Retrieve(agent=BOB, call=call)).code == "agent.has_call"
    play.hear(play.asterisk.hangs_up(caller))
    assert play.order(c.Retrieve(agent=BOB, call=call)).code == "call.unknown"


def test_he_who_is_being_called_to_fetch_gets_no_other_call_and_is_free_when_it_comes_to_nothing() -> None:
    play, _, call = parked()
    play.ready(BOB)
    play.promised(c.Retrieve(agent=BOB, call=call))
    assert play.state(BOB) is AgentState.TALKING
    play.hear(fx.Failed(effect=play.last(fx.CallPhone), why=fx.Failure.REFUSED))
    assert play.state(BOB) is AgentState.READY


def test_fetched_by_nobody_he_rings_at_who_parked_him() -> None:
    play, caller, call = parked()
    play.hear(play.asterisk.is_not_fetched(caller, "1001"), play.asterisk.is_called(caller, "1001"))
    assert over(play) == [(e.UnparkedBy.TIME, None)]
    play.hear(play.asterisk.picks_up(play.asterisk.last, caller))
    assert [told.agent for told in play.said(e.CallConnected)] == [ALICE]
    assert play.order(c.Retrieve(agent=BOB, call=call)).code == "call.not_parked"


def test_and_then_waits_in_his_line_at_his_old_place() -> None:
    play, caller, call = parked()
    first = next(told for told in play.told if isinstance(told, e.CallQueued))
    play.hear(play.asterisk.queues(caller, since=first.at.timestamp()))
    assert over(play) == [(e.UnparkedBy.TIME, None)]  # though nobody said so
    [waiting] = play.floor().waiting
    assert (waiting.call, waiting.since) == (call, first.at)


def test_parked_is_on_hold_and_not_talking() -> None:
    play, caller, _ = parked()
    play.wait(30)
    play.hear(play.asterisk.hangs_up(caller))
    [ended] = play.said(e.CallEnded)
    assert (ended.outcome, ended.hold_s) == (e.Outcome.ANSWERED, 30)
    assert play.floor().parked == ()


def test_parked_while_nobody_heard_he_is_found_so() -> None:
    play, caller, phone, call = talking()
    play.hear(e.LinkLost(server=play.asterisk.server, at=play.asterisk.now, why="cut"))
    play.asterisk.parks(caller, "1001")
    play.asterisk.gone(phone)
    play.hear(play.asterisk.snapshot())
    [row] = play.floor().parked
    assert (row.call, row.by, row.lot) == (call, ALICE, "")
    assert play.order(c.Retrieve(agent=ALICE, call=call)).code == "call.not_parked"  # the phone's own keys know better


def test_after_a_restart_of_ours_he_is_still_there() -> None:
    play, _, call = parked()
    again = Playbook(line=False)
    again.asterisk = play.asterisk
    again.hear_effects(again.switchboard.restore(known(play.told), again.asterisk.now))
    again.hear(again.asterisk.snapshot())
    [row] = again.floor().parked
    assert (row.call, row.lot) == (call, "701")
    assert again.said(e.CallParked) == []


def test_or_is_not_any_more() -> None:
    play, caller, _ = parked()
    play.asterisk.goes_back_to_hold(caller)
    again = Playbook(line=False)
    again.asterisk = play.asterisk
    again.hear_effects(again.switchboard.restore(known(play.told), again.asterisk.now))
    again.hear(again.asterisk.snapshot())
    assert over(again) == [(e.UnparkedBy.ELSEWHERE, None)]
    assert again.floor().parked == ()
    assert len(again.floor().waiting) == 1
