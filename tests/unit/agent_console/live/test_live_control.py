"""What is under way in a call beside the conversation, as the desks are told."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from agent_console.live.control import Consult, Controls, control_message
from crm_core.kernel.ids import AgentId, CallId
from cti import events as e
from cti.commands import Floor, Target, TargetKind

NOW = datetime(2026, 1, 5, 9, 0, tzinfo=UTC)
CALL, ALICE, BOB = CallId("call-1"), AgentId("alice"), AgentId("bob")
TO_REPAIR = Target(kind=TargetKind.QUEUE, value="repair")
CONSULTED = e.CallConsulted(at=NOW, call=CALL, agent=ALICE, party="1001")
BOB_RINGS = e.CallRinging(
    at=NOW, call=CALL, agent=BOB, party="1002", ring_for=e.RingFor.CONSULTATION, by="1001", by_agent=ALICE
)
BOB_ANSWERS = e.CallAnswered(at=NOW, call=CALL, agent=BOB, party="1002")
RETURNED = e.CallReturned(at=NOW, call=CALL, agent=ALICE, party="1001")


def _connected(agent: AgentId | None, party: str) -> e.CallConnected:
    return e.CallConnected(at=NOW, call=CALL, agent=agent, party=party)


def _heard(*events: e.CallEvent) -> Controls:
    controls = Controls()
    for event in events:
        controls.hear(event)
    return controls


def test_of_a_queue_it_is_told_who_is_asked_whichever_is_heard_first() -> None:
    by_wish_first, by_event_first = _heard(CONSULTED), _heard(CONSULTED, BOB_RINGS)
    by_wish_first.begun(ALICE, CALL, TO_REPAIR, NOW)
    assert by_wish_first.consults[CALL].to == TO_REPAIR
    by_wish_first.hear(BOB_RINGS)
    by_event_first.begun(ALICE, CALL, TO_REPAIR, NOW)
    for controls in (by_wish_first, by_event_first):
        assert controls.consults[CALL].to == Target(kind=TargetKind.AGENT, value=BOB)
        assert controls.hear(BOB_ANSWERS)
        assert controls.consults[CALL].answered


def test_a_consultation_ends_when_its_agent_is_back_or_out() -> None:
    left = e.CallDisconnected(at=NOW, call=CALL, agent=ALICE, party="1001")
    ended = e.CallEnded(at=NOW, call=CALL, outcome=e.Outcome.ANSWERED, hung_up_by=e.HungUpBy.CALLER)
    for end in (RETURNED, left, ended):
        assert not _heard(_connected(ALICE, "1001"), CONSULTED, BOB_RINGS, end).consults


def test_three_are_a_conference_until_one_leaves() -> None:
    controls = _heard(_connected(ALICE, "1001"), CONSULTED, RETURNED, _connected(BOB, "1002"))
    assert controls.is_conference(CALL)
    assert controls.hear(e.CallDisconnected(at=NOW, call=CALL, agent=BOB, party="1002"))
    assert not controls.is_conference(CALL)


def test_only_he_who_asks_is_told_of_his_consultation() -> None:
    controls = _heard(CONSULTED, BOB_RINGS)

    def told(agent: AgentId) -> object:
        return (
            control_message(controls, agent, [CALL], written=lambda _: {}, of_call=lambda _: ({}, {})).calls[0].consult
        )

    assert told(ALICE) is not None
    assert told(BOB) is None


def test_what_changes_nothing_is_not_told() -> None:
    controls = _heard(CONSULTED, BOB_RINGS)
    assert not controls.hear(BOB_RINGS)
    assert not controls.hear(replace(RETURNED, call=CallId("another")))


def test_a_full_picture_knows_who_is_parked_and_what_is_paused() -> None:
    controls = _heard(CONSULTED)
    live = e.LiveCall(
        call=CallId("call-2"), direction=e.Direction.INBOUND, ani="", ani_name="", dnis="", since=NOW, phase="talking",
        recording_paused_until=NOW + timedelta(seconds=60),
    )  # fmt: skip
    parked = e.ParkedCustomer(call=CallId("call-3"), lot="701", since=NOW, by=ALICE, extension="1001")
    controls.seed(Floor(ok=True, calls=(live,), parked=(parked,)))
    assert not controls.consults
    assert controls.paused == {live.call: NOW + timedelta(seconds=60)}
    assert controls.parked == {parked.call: parked}


def test_a_full_picture_knows_of_consultations_and_conferences() -> None:
    asks = e.Consultation(party="1001", agent=ALICE, since=NOW, asked="1002", asked_agent=BOB, answered=True)
    live = e.LiveCall(
        call=CALL, direction=e.Direction.INBOUND, ani="", ani_name="", dnis="", since=NOW, phase="held",
        parties=("1001",), consultation=asks,
    )  # fmt: skip
    controls = Controls()
    controls.seed(Floor(ok=True, calls=(live,)))
    assert controls.consults[CALL] == Consult(
        agent=ALICE, since=NOW, to=Target(kind=TargetKind.AGENT, value=BOB), answered=True
    )
    controls.seed(Floor(ok=True, calls=(replace(live, parties=("1001", "1002"), consultation=None),)))
    assert not controls.consults
    assert controls.is_conference(CALL)


def test_a_number_outside_stays_the_one_that_was_chosen() -> None:
    controls = Controls()
    number = Target(kind=TargetKind.NUMBER, value="13900139008")
    controls.begun(ALICE, CALL, number, NOW)
    controls.hear(replace(BOB_RINGS, agent=None, party="anonymous"))
    assert controls.consults[CALL].to == number


def test_a_full_picture_leaves_the_number_as_it_was_chosen() -> None:
    controls = Controls()
    number = Target(kind=TargetKind.NUMBER, value="13900139008")
    controls.begun(ALICE, CALL, number, NOW)
    live = e.LiveCall(
        call=CALL, direction=e.Direction.INBOUND, ani="", ani_name="", dnis="", since=NOW, phase="held",
        parties=("1001",), consultation=e.Consultation(party="1001", agent=ALICE, since=NOW, asked="anonymous"),
    )  # fmt: skip
    controls.seed(Floor(ok=True, calls=(live,)))
    assert controls.consults[CALL].to == number
