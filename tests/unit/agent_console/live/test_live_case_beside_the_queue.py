"""Calls that came to a desk without an offer: given by a colleague, come back, asked about, called, dialled."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from agent_console.live.cases import Cases, DeskCase, Phase
from crm_core.kernel.ids import AgentId, CallId, QueueKey, ServerId
from crm_core.kernel.messages import Event
from cti.commands import Floor
from cti.events import (
    AgentStateChanged,
    CallAnswered,
    CallArrived,
    CallConnected,
    CallConsulted,
    CallDisconnected,
    CallEnded,
    CallHeld,
    CallMissed,
    CallQueued,
    CallResumed,
    CallReturned,
    CallRinging,
    CallTransferred,
    Direction,
    HungUpBy,
    LiveCall,
    OfferFailure,
    Outcome,
    RingFor,
    TransferKind,
    TransferOutcome,
)
from routing.states import AgentState

START = datetime(2026, 1, 5, 9, 0, tzinfo=UTC)
CALL, ADVICE = CallId("c1"), CallId("c2")
ALICE, BOB = AgentId("alice"), AgentId("bob")
SEATS = {ALICE: "1001", BOB: "1002"}


def at(seconds: int) -> datetime:
    return START + timedelta(seconds=seconds)


def arrived(direction: Direction = Direction.INBOUND, *, agent: AgentId | None = None, call: CallId = CALL) -> Event:
    ani, dnis = ("13800138000", "4008000") if direction is Direction.INBOUND else ("1001", "13700137000")
    return CallArrived(at=at(0), call=call, server=ServerId("s"), direction=direction, ani=ani, dnis=dnis, agent=agent)


def queued() -> Event:
    return CallQueued(at=at(1), call=CALL, queue=QueueKey("repair"), requires={})


def connected(agent: AgentId, second: int, call: CallId = CALL) -> Event:
    return CallConnected(at=at(second), call=call, agent=agent, party=SEATS[agent])


def left(agent: AgentId, second: int) -> Event:
    return CallDisconnected(at=at(second), call=CALL, agent=agent, party=SEATS[agent])


def rings(agent: AgentId, second: int, ring_for: RingFor = RingFor.TRANSFER, by: AgentId | None = ALICE) -> Event:
    return CallRinging(
        at=at(second),
        call=CALL,
        agent=agent,
        party=SEATS[agent],
        ring_for=ring_for,
        by=SEATS[by] if by else "",
        by_agent=by,
    )


def missed(agent: AgentId, second: int) -> Event:
    return CallMissed(at=at(second), call=CALL, agent=agent, party=SEATS[agent], why=OfferFailure.NO_ANSWER)


def transferred(outcome: TransferOutcome, second: int) -> Event:
    return CallTransferred(
        at=at(second), call=CALL, kind=TransferKind.BLIND, by="1001", to="1002", outcome=outcome, by_agent=ALICE,
        to_agent=BOB,
    )  # fmt: skip


def ended(second: int, *, call: CallId = CALL, into: CallId | None = None) -> Event:
    return CallEnded(at=at(second), call=call, outcome=Outcome.ANSWERED, hung_up_by=HungUpBy.CALLER, into=into)


def state(agent: AgentId, now: AgentState, second: int, call: CallId | None = None) -> Event:
    return AgentStateChanged(at=at(second), agent=agent, state=now, call=call)


def told(cases: Cases, *events: Event) -> list[tuple[str, Phase]]:
    return [(case.agent, case.phase) for event in events for case in cases.hear(event)]


def case_of(cases: Cases, agent: AgentId, call: CallId = CALL) -> DeskCase:
    found = cases.get(agent, call)
    assert found is not None
    return found


def alice_talks() -> Cases:
    cases = Cases()
    told(cases, arrived(), queued(), connected(ALICE, 10))
    return cases


def test_a_call_given_to_him_pops_while_it_rings_and_says_by_whom() -> None:
    cases = alice_talks()
    assert told(cases, left(ALICE, 30), rings(BOB, 31)) == [(ALICE, Phase.WRAP_UP), (BOB, Phase.RINGING)]
    bobs = case_of(cases, BOB)
    assert (bobs.rings_for, bobs.sent_by, bobs.sent_by_agent) == (RingFor.TRANSFER, "1001", ALICE)
    assert (bobs.facts.ani, bobs.facts.queue, bobs.offer) == ("13800138000", "repair", None)
    assert told(cases, connected(BOB, 35)) == [(BOB, Phase.TALKING)]
    assert set(told(cases, transferred(TransferOutcome.COMPLETED, 35))) == {
        (ALICE, Phase.WRAP_UP),
        (BOB, Phase.TALKING),
    }
    assert told(cases, ended(60)) == [(BOB, Phase.WRAP_UP)]
    assert told(cases, state(BOB, AgentState.READY, 70)) == [(BOB, Phase.DONE)]
    assert case_of(cases, ALICE).phase is Phase.WRAP_UP


def test_who_is_put_through_after_a_talk_learns_from_whom_when_it_is_done() -> None:
    cases = alice_talks()
    told(cases, connected(BOB, 30), left(ALICE, 30), transferred(TransferOutcome.COMPLETED, 30))
    assert (case_of(cases, BOB).phase, case_of(cases, BOB).sent_by_agent) == (Phase.TALKING, ALICE)


def test_a_call_he_does_not_take_is_missed_and_comes_back_to_the_one_who_gave_it() -> None:
    cases = alice_talks()
    told(cases, left(ALICE, 30), rings(BOB, 31))
    assert told(cases, missed(BOB, 45)) == [(BOB, Phase.MISSED)]
    assert told(cases, rings(ALICE, 46, RingFor.RECALL)) == [(ALICE, Phase.RINGING)]
    assert told(cases, transferred(TransferOutcome.NO_ANSWER, 50), connected(ALICE, 50)) == [
        (ALICE, Phase.RINGING),
        (ALICE, Phase.TALKING),
    ]
    assert case_of(cases, ALICE).connected_at == at(10)


def test_paperwork_is_not_lost_when_the_call_that_comes_back_is_not_taken() -> None:
    cases = alice_talks()
    told(cases, left(ALICE, 30), rings(ALICE, 46, RingFor.RECALL))
    assert told(cases, missed(ALICE, 60)) == [(ALICE, Phase.WRAP_UP)]


def test_who_is_asked_for_advice_sees_the_customer_and_has_no_paperwork() -> None:
    cases = alice_talks()
    consulted = CallConsulted(at=at(20), call=CALL, agent=ALICE, party="1001")
    assert told(cases, consulted, rings(BOB, 21, RingFor.CONSULTATION)) == [(ALICE, Phase.HELD), (BOB, Phase.RINGING)]
    assert case_of(cases, ALICE).advice
    answered = CallAnswered(at=at(25), call=CALL, agent=BOB, party="1002")
    assert told(cases, answered) == [(BOB, Phase.TALKING)]
    returned = CallReturned(at=at(40), call=CALL, agent=ALICE, party="1001")
    assert told(cases, left(BOB, 40), returned) == [(BOB, Phase.DONE), (ALICE, Phase.TALKING)]


def test_who_was_asked_and_got_the_customer_has_his_paperwork() -> None:
    cases = alice_talks()
    told(cases, rings(BOB, 21, RingFor.CONSULTATION), CallAnswered(at=at(25), call=CALL, agent=BOB, party="1002"))
    told(cases, connected(BOB, 30), left(ALICE, 30), transferred(TransferOutcome.COMPLETED, 30))
    assert told(cases, ended(60)) == [(BOB, Phase.WRAP_UP)]


def test_advice_on_hold_ends_on_hold() -> None:
    cases = alice_talks()
    held, resumed = CallHeld(at=at(15), call=CALL, by="1001"), CallResumed(at=at(50), call=CALL, by="1001")
    consulted = CallConsulted(at=at(20), call=CALL, agent=ALICE, party="1001")
    returned = CallReturned(at=at(40), call=CALL, agent=ALICE, party="1001")
    assert told(cases, held, consulted, returned, resumed) == [
        (ALICE, Phase.HELD),
        (ALICE, Phase.HELD),
        (ALICE, Phase.HELD),
        (ALICE, Phase.TALKING),
    ]


def test_a_call_he_dials_is_on_his_desk_until_he_says_it_is_done() -> None:
    cases = Cases()
    steps = (
        arrived(Direction.OUTBOUND, agent=ALICE),
        CallRinging(at=at(2), call=CALL, agent=None, party="13700137000"),
        connected(ALICE, 8),
        ended(60),
        state(ALICE, AgentState.READY, 60),
    )
    phases = [Phase.DIALLING, Phase.FAR_RINGING, Phase.TALKING, Phase.WRAP_UP]
    assert told(cases, *steps) == [(ALICE, phase) for phase in phases]
    assert case_of(cases, ALICE).facts.customers_number == "13700137000"
    assert [case.phase for case in cases.finish(ALICE, CALL, at(90))] == [Phase.DONE]
    assert cases.calls == {}


def test_paperwork_that_telephony_has_him_in_is_over_when_he_is_free() -> None:
    cases = Cases()
    told(cases, arrived(Direction.OUTBOUND, agent=ALICE), connected(ALICE, 8), left(ALICE, 60))
    told(cases, state(ALICE, AgentState.WRAP_UP, 60, CALL))
    assert told(cases, state(ALICE, AgentState.READY, 90)) == [(ALICE, Phase.DONE)]


def test_a_number_that_nobody_answers_may_be_written_about_too() -> None:
    cases = Cases()
    told(cases, arrived(Direction.OUTBOUND, agent=ALICE))
    assert told(cases, ended(30)) == [(ALICE, Phase.WRAP_UP)]
    assert told(cases, state(ALICE, AgentState.OFFLINE, 99)) == [(ALICE, Phase.DONE)]


@pytest.mark.parametrize(
    ("outcome", "cause", "unreached"),
    [
        (Outcome.BUSY, 17, "busy"),
        (Outcome.FAILED, 1, "no_such_number"),
        (Outcome.FAILED, 38, "failed"),
        (Outcome.CANCELLED, 0, ""),
        (Outcome.ANSWERED, 16, ""),
    ],
)
def test_why_nobody_came_to_the_phone_is_on_the_desk(outcome: Outcome, cause: int, unreached: str) -> None:
    cases = Cases()
    over = CallEnded(at=at(9), call=CALL, outcome=outcome, hung_up_by=HungUpBy.CALLER, cause=cause)
    told(cases, arrived(Direction.OUTBOUND, agent=ALICE), over)
    assert case_of(cases, ALICE).facts.unreached == unreached
    answered = Cases()
    told(answered, arrived(), queued(), connected(BOB, 5), over)
    assert case_of(answered, BOB).facts.unreached == "", "who called us came to the phone himself"


def test_colleagues_who_call_each_other_have_it_on_both_desks_and_no_paperwork() -> None:
    cases = Cases()
    told(cases, arrived(Direction.INTERNAL, agent=ALICE))
    assert told(cases, rings(BOB, 2, RingFor.CALL, by=None)) == [(ALICE, Phase.FAR_RINGING), (BOB, Phase.RINGING)]
    assert told(cases, connected(BOB, 5)) == [(ALICE, Phase.TALKING), (BOB, Phase.TALKING)]
    assert (case_of(cases, ALICE).colleague, case_of(cases, BOB).colleague) == (BOB, ALICE)
    assert set(told(cases, left(BOB, 20), ended(20))) == {(ALICE, Phase.DONE), (BOB, Phase.DONE)}


def test_a_consultation_that_became_a_part_of_another_call_is_over() -> None:
    cases = alice_talks()
    told(cases, arrived(Direction.INTERNAL, agent=ALICE, call=ADVICE), connected(BOB, 20, ADVICE))
    assert set(told(cases, ended(30, call=ADVICE, into=CALL))) == {(ALICE, Phase.DONE), (BOB, Phase.DONE)}
    assert told(cases, connected(BOB, 30)) == [(BOB, Phase.TALKING)]


def test_nothing_that_is_told_empty_blanks_what_is_known() -> None:
    cases = Cases()
    told(cases, arrived(), queued(), connected(ALICE, 10))
    told(cases, CallQueued(at=at(20), call=CALL, queue=QueueKey(""), requires={}))
    nameless = CallArrived(at=at(21), call=CALL, server=ServerId("s"), direction=Direction.INBOUND, ani="", dnis="")
    told(cases, nameless)
    facts = case_of(cases, ALICE).facts
    assert (facts.queue, facts.ani, facts.dnis) == ("repair", "13800138000", "4008000")


def test_a_full_picture_finds_every_desk_a_call_is_on() -> None:
    live = LiveCall(
        call=CALL, direction=Direction.INBOUND, ani="138", ani_name="", dnis="4008000", since=at(0), phase="held",
        queue=QueueKey("repair"), agent=ALICE, talking=(ALICE,), called=(BOB,),
    )  # fmt: skip
    dialled = LiveCall(
        call=ADVICE, direction=Direction.OUTBOUND, ani="1001", ani_name="", dnis="137", since=at(0),
        phase="far_ringing", made_by=ALICE,
    )  # fmt: skip
    cases = Cases()
    found = cases.seed(Floor(ok=True, calls=(live, dialled)), at(5))
    assert {(case.agent, case.call, case.phase) for case in found} == {
        (ALICE, CALL, Phase.HELD),
        (BOB, CALL, Phase.RINGING),
        (ALICE, ADVICE, Phase.FAR_RINGING),
    }


def test_a_full_picture_does_not_close_paperwork_that_keeps_nobody() -> None:
    cases = Cases()
    told(cases, arrived(Direction.OUTBOUND, agent=ALICE), connected(ALICE, 5), ended(30))
    assert cases.seed(Floor(ok=True), at(40)) == ()
    assert case_of(cases, ALICE).phase is Phase.WRAP_UP
