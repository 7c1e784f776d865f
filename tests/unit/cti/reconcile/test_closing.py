"""What the log is told of a call that nobody heard: all that Asterisk's account knows, marked, and nothing more."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

from crm_core.kernel.ids import AgentId, ServerId
from cti import events as e
from cti.reconcile import Account, Known, Logged, entries

ALICE, BOB = AgentId("usr_alice"), AgentId("usr_bob")
AGENTS = {"1001": ALICE, "1002": BOB}
SERVED = Account(
    call="pbx-1-2", server="pbx", start=100.0, end=130.0, answered=True, caller="139", parties=("1001",), asked=True
)
QUITTER = replace(SERVED, answered=False, parties=())
LOGGED = Logged(call="pbx-1-2", server="pbx", start=100.02, end=130.01, answered=True)
OPEN = replace(LOGGED, end=None, last=120.0)


def at(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)


def told(account: Account, known: Known | None = None) -> tuple[e.CallEvent, ...]:
    return entries(account, known, AGENTS)


def end(account: Account, known: Known | None = None) -> e.CallEnded:
    last = told(account, known)[-1]
    assert isinstance(last, e.CallEnded)
    return last


def test_a_caller_who_was_served_while_nobody_heard_it() -> None:
    arrived, ended = told(SERVED)
    assert arrived == e.CallArrived(
        call=ended.call, at=at(100), server=ServerId("pbx"), direction=e.Direction.INBOUND, ani="139",
        entered_by=e.ClosedBy.RECONCILIATION,
    )  # fmt: skip
    assert ended == e.CallEnded(
        call=arrived.call, at=at(130), outcome=e.Outcome.ANSWERED, hung_up_by=e.HungUpBy.SYSTEM, cause=0,
        wait_s=None, ring_s=None, talk_s=None, hold_s=None, consult_s=None, agents=(ALICE,),
        closed_by=e.ClosedBy.RECONCILIATION,
    )  # fmt: skip


def test_that_asterisks_own_queue_had_him_is_told() -> None:
    _, fell, _ = told(replace(SERVED, safety=True))
    assert isinstance(fell, e.CallFellToSafety)


def test_who_gave_up_waiting_and_who_left_a_menu() -> None:
    waited, left = end(QUITTER), end(replace(QUITTER, asked=False))
    assert (waited.outcome, waited.talk_s, waited.wait_s) == (e.Outcome.ABANDONED, 0.0, None)
    assert (left.outcome, left.talk_s, left.wait_s) == (e.Outcome.FAILED, 0.0, 0.0)


def test_whom_a_colleague_called_answers_himself_so_ring_and_talk_are_known() -> None:
    call = replace(SERVED, asked=False, caller="1002", dialled="13800138000", parties=("1002",), talked_from=107.5)
    arrived, ended = told(replace(call, outbound=True))
    assert isinstance(arrived, e.CallArrived)
    assert (arrived.direction, arrived.agent, arrived.dnis) == (e.Direction.OUTBOUND, BOB, "13800138000")
    assert isinstance(ended, e.CallEnded)
    assert (ended.ring_s, ended.talk_s, ended.wait_s, ended.agents) == (7.5, 22.5, 0.0, (BOB,))
    first = told(replace(call, internal=True, dialled="1001", parties=("1001",)))[0]
    assert isinstance(first, e.CallArrived)
    assert (first.direction, first.agent, first.dnis) == (e.Direction.INTERNAL, BOB, "1001")


def test_a_call_that_the_log_has_to_its_end_is_told_nothing_of() -> None:
    assert told(SERVED, Known(logged=LOGGED)) == ()
    assert told(replace(SERVED, answered=False), Known(logged=LOGGED)) == ()
    assert told(SERVED, Known(logged=replace(LOGGED, end=200.0))) == ()


def test_an_open_call_is_closed_by_what_both_know() -> None:
    known = Known(logged=OPEN, queued_at=at(101), connected_at=at(110), agents=(BOB,))
    ended = end(SERVED, known)
    assert (ended.outcome, ended.wait_s, ended.talk_s, ended.agents) == (e.Outcome.ANSWERED, 9.0, 20.0, (BOB, ALICE))
    assert ended.closed_by is e.ClosedBy.RECONCILIATION
    waited = end(QUITTER, Known(logged=replace(OPEN, answered=False), queued_at=at(101)))
    assert (waited.outcome, waited.wait_s, waited.talk_s) == (e.Outcome.ABANDONED, 29.0, 0.0)
    assert len(told(SERVED, known)) == 1


def test_an_open_call_of_which_more_was_heard_after_its_last_row_goes_on() -> None:
    assert told(SERVED, Known(logged=replace(OPEN, last=140.0))) == ()


def test_a_guess_that_knew_of_no_answer_is_corrected_and_a_true_end_never() -> None:
    wrong = replace(LOGGED, answered=False)
    assert told(SERVED, Known(logged=wrong)) == ()
    corrected = end(SERVED, Known(logged=replace(wrong, guessed=True), queued_at=at(101)))
    assert (corrected.outcome, corrected.wait_s, corrected.talk_s) == (e.Outcome.ANSWERED, None, None)
