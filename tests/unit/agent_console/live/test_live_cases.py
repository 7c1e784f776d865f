"""The story of a call as a desk tells it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from agent_console.live.case_message import case_message
from agent_console.live.cases import CallFacts, Cases, DeskCase, Phase
from crm_core.kernel.ids import AgentId, CallId, OfferId, QueueKey, ServerId
from crm_core.kernel.messages import Event
from cti.commands import Floor
from cti.events import (
    AgentOnFloor,
    AgentStateChanged,
    CallArrived,
    CallConnected,
    CallDisconnected,
    CallEnded,
    CallHeld,
    CallOffered,
    CallQueued,
    CallResumed,
    CallRinging,
    CallStepped,
    Direction,
    HungUpBy,
    LiveCall,
    OfferFailed,
    OfferFailure,
    Outcome,
)
from routing.reasons import Because, Candidate
from routing.states import AgentState

START = datetime(2026, 1, 5, 9, 0, tzinfo=UTC)
CALL, ALICE, BOB = CallId("c1"), AgentId("alice"), AgentId("bob")
WHY = Because(rule="only_one")


def at(seconds: int) -> datetime:
    return START + timedelta(seconds=seconds)


def arrived(call: CallId = CALL) -> Event:
    return CallArrived(
        at=at(0), call=call, server=ServerId("s"), direction=Direction.INBOUND, ani="13800138000", dnis="4008000"
    )


def offered(agent: AgentId = ALICE, second: int = 10, call: CallId = CALL) -> CallOffered:
    return CallOffered(
        at=at(second), call=call, agent=agent, extension="1001", offer=OfferId(f"o{second}"), queue=QueueKey("repair"),
        because=WHY,
    )  # fmt: skip


def connected(agent: AgentId = ALICE, second: int = 15) -> Event:
    return CallConnected(at=at(second), call=CALL, agent=agent, party="1001")


def ended(second: int = 60) -> Event:
    return CallEnded(at=at(second), call=CALL, outcome=Outcome.ANSWERED, hung_up_by=HungUpBy.CALLER)


def state(agent: AgentId, now: AgentState, second: int) -> Event:
    return AgentStateChanged(at=at(second), agent=agent, state=now)


def told(cases: Cases, *events: Event) -> list[tuple[str, Phase]]:
    return [(case.agent, case.phase) for event in events for case in cases.hear(event)]


def test_a_call_from_offer_to_the_end_of_its_paperwork() -> None:
    cases = Cases()
    said = told(
        cases,
        arrived(),
        CallStepped(at=at(1), call=CALL, flow="main", node="language", entered="1", label="zh"),
        CallQueued(at=at(5), call=CALL, queue=QueueKey("repair"), requires={"zh": 1}, language="zh", intent="repair"),
        offered(),
        CallRinging(at=at(11), call=CALL, agent=ALICE, offer=OfferId("o10")),
        connected(),
        CallHeld(at=at(20), call=CALL, by="1001"),
        CallResumed(at=at(25), call=CALL, by="1001"),
        ended(),
        state(ALICE, AgentState.WRAP_UP, 60),
        state(ALICE, AgentState.READY, 90),
    )
    assert [phase for _, phase in said] == [
        Phase.OFFERED, Phase.RINGING, Phase.TALKING, Phase.HELD, Phase.TALKING, Phase.WRAP_UP, Phase.DONE,
    ]  # fmt: skip
    assert not cases.of_agent(ALICE)
    assert not cases.calls


def test_the_pop_carries_the_way_through_the_menu_and_the_reason() -> None:
    cases = Cases()
    told(
        cases,
        arrived(),
        CallStepped(at=at(1), call=CALL, flow="main", node="choice", entered="2", label="repair"),
        CallQueued(at=at(5), call=CALL, queue=QueueKey("repair"), requires={}, intent="repair"),
    )
    (case,) = cases.hear(offered())
    assert [step.label for step in case.facts.path] == ["repair"]
    assert (case.facts.ani, case.facts.intent, case.because) == ("13800138000", "repair", WHY)


def test_a_missed_offer_is_one_desks_end_and_the_next_desks_beginning() -> None:
    cases = Cases()
    told(cases, arrived(), offered(ALICE))
    missed = OfferFailed(at=at(30), call=CALL, agent=ALICE, offer=OfferId("o10"), why=OfferFailure.NO_ANSWER)
    (over,) = cases.hear(missed)
    assert (over.phase, over.why_missed) == (Phase.MISSED, "no_answer")
    assert told(cases, offered(BOB, 31)) == [(BOB, Phase.OFFERED)]
    assert cases.calls[CALL].ani == "13800138000"


def test_where_all_phones_ring_the_others_learn_who_was_quicker() -> None:
    cases = Cases()
    assert told(cases, arrived(), offered(ALICE), offered(BOB))[-2:] == [(ALICE, Phase.OFFERED), (BOB, Phase.OFFERED)]
    why, alices = OfferFailure.ELSEWHERE, OfferId("o10")
    (over,) = cases.hear(OfferFailed(at=at(12), call=CALL, agent=ALICE, offer=alices, why=why, taken_by=BOB))
    assert (over.phase, over.why_missed, over.taken_by) == (Phase.MISSED, "elsewhere", BOB)
    assert told(cases, connected(BOB)) == [(BOB, Phase.TALKING)]


def test_a_start_while_all_phones_ring_finds_them_on_every_desk() -> None:
    cases = Cases()
    ringing = replace(live("ringing"), offer=OfferId("o.1"), offers={ALICE: OfferId("o.1"), BOB: OfferId("o.2")})
    seeded = cases.seed(Floor(ok=True, calls=(ringing,)), at(100))
    assert [(case.agent, case.phase, case.offer) for case in seeded] == [
        (ALICE, Phase.RINGING, "o.1"),
        (BOB, Phase.RINGING, "o.2"),
    ]


def test_a_caller_who_hangs_up_while_it_rings() -> None:
    cases = Cases()
    said = told(cases, arrived(), offered(), ended(12))
    assert said[-1] == (ALICE, Phase.MISSED)
    assert not cases.calls


def test_leaving_a_call_that_goes_on_is_wrap_up_for_the_one_who_left() -> None:
    cases = Cases()
    told(cases, arrived(), offered(ALICE), connected(ALICE), connected(BOB, 40))
    said = told(cases, CallDisconnected(at=at(50), call=CALL, agent=ALICE, party="1001"))
    assert said == [(ALICE, Phase.WRAP_UP)]
    assert [case.phase for case in cases.of_agent(BOB)] == [Phase.TALKING]


def test_whoever_let_go_of_a_call_beyond_a_lost_line_has_its_paperwork() -> None:
    cases = Cases()
    told(cases, arrived(), offered(), connected())
    let_go = AgentStateChanged(at=at(60), agent=ALICE, state=AgentState.WRAP_UP, call=CALL)
    assert told(cases, let_go) == [(ALICE, Phase.WRAP_UP)]
    assert told(cases, state(ALICE, AgentState.READY, 90)) == [(ALICE, Phase.DONE)]
    assert told(cases, ended(200)) == []


def test_a_call_that_comes_during_paperwork_does_not_end_it() -> None:
    cases = Cases()
    told(cases, arrived(), offered(), connected(), ended())
    second = CallId("c2")
    told(cases, arrived(second), offered(call=second, second=70), state(ALICE, AgentState.RINGING, 70))
    assert [case.phase for case in cases.of_agent(ALICE)] == [Phase.WRAP_UP, Phase.OFFERED]


def test_a_late_word_changes_nothing() -> None:
    cases = Cases()
    told(cases, arrived(), offered(), connected(), ended())
    assert told(cases, CallRinging(at=at(61), call=CALL, agent=ALICE, offer=OfferId("o10")), ended()) == []


def test_a_call_by_the_safety_queue_has_no_offer_and_is_a_case_all_the_same() -> None:
    cases = Cases()
    event = CallConnected(at=at(15), call=CALL, agent=ALICE, party="1001", by_safety_queue=True)
    (case,) = [*cases.hear(arrived()), *cases.hear(event)]
    assert (case.phase, case.by_safety_queue) == (Phase.TALKING, True)


def live(phase: str, agent: AgentId | None = ALICE) -> LiveCall:
    return LiveCall(
        call=CALL, direction=Direction.INBOUND, ani="13800138000", ani_name="", dnis="4008000", since=at(0),
        phase=phase, agent=agent, path=("zh", "repair"),
    )  # fmt: skip


def test_a_start_in_the_middle_finds_the_calls_under_way() -> None:
    cases = Cases()
    (case,) = cases.seed(Floor(ok=True, calls=(live("talking"),)), at(100))
    assert case.phase is Phase.TALKING
    assert [step.label for step in case.facts.path] == ["zh", "repair"]


def on_floor(state: AgentState) -> AgentOnFloor:
    return AgentOnFloor(agent=ALICE, extension="1001", state=state, since=at(60), call=CALL)


def test_what_ended_while_we_were_deaf_becomes_paperwork_or_is_over() -> None:
    cases = Cases()
    told(cases, arrived(), offered(), connected())
    (case,) = cases.seed(Floor(ok=True, agents=(on_floor(AgentState.WRAP_UP),)), at(100))
    assert case.phase is Phase.WRAP_UP
    (case,) = cases.seed(Floor(ok=True, agents=(on_floor(AgentState.READY),)), at(110))
    assert case.phase is Phase.DONE
    assert not cases.calls


def test_an_offer_that_died_while_we_were_deaf_is_missed() -> None:
    cases = Cases()
    told(cases, arrived(), offered())
    (case,) = cases.seed(Floor(ok=True), at(100))
    assert case.phase is Phase.MISSED


def test_the_same_picture_twice_says_nothing_new() -> None:
    cases = Cases()
    floor = Floor(ok=True, calls=(live("talking"),))
    cases.seed(floor, at(100))
    assert cases.seed(floor, at(101)) == ()


def test_what_was_heard_while_the_picture_was_on_its_way_is_newer() -> None:
    cases = Cases()
    told(cases, arrived(), offered(), connected())
    assert cases.seed(Floor(ok=True), at(100), fresh={CALL}) == ()
    assert cases.seed(Floor(ok=True, calls=(live("held"),)), at(100), fresh={CALL}) == ()
    assert [case.phase for case in cases.of_agent(ALICE)] == [Phase.TALKING]


def test_a_call_without_an_end_is_forgotten_after_a_day_shift() -> None:
    cases = Cases()
    told(cases, arrived())
    cases.forget_old(at(0) + timedelta(hours=11))
    assert CALL in cases.calls
    cases.forget_old(at(0) + timedelta(hours=13))
    assert CALL not in cases.calls


def test_cases_come_oldest_first() -> None:
    cases = Cases()
    second = CallId("c2")
    told(cases, arrived(second), arrived(), offered(call=CALL, second=20), offered(call=second, second=10))
    found: tuple[DeskCase, ...] = cases.of_agent(ALICE)
    assert [case.call for case in found] == [second, CALL]


def test_an_offer_of_before_our_time_is_recalled_once() -> None:
    cases = Cases()
    facts = CallFacts(call=CALL, arrived_at=at(0))
    adopted = cases.adopt_wrap_up(ALICE, facts, at(60))
    assert cases.unexplained() == (adopted,)
    (case,) = cases.recall(offered())
    assert (case.phase, case.because, case.offered_at) == (Phase.WRAP_UP, WHY, at(10))
    assert (cases.unexplained(), cases.recall(offered()), cases.recall(offered(BOB))) == ((), (), ())


def test_how_colleagues_stood_beside_him_is_not_sent_to_his_desk() -> None:
    cases = Cases()
    seen = (Candidate(agent=ALICE, idle_s=9, busy=0.1), Candidate(agent=BOB, idle_s=2, busy=0.8))
    cases.hear(arrived())
    cases.hear(replace(offered(), because=replace(WHY, compared=seen)))
    case = cases.get(ALICE, CALL)
    assert case is not None
    assert case_message(case, shown=lambda number: {"": number}, pop=None, draft=None, notes=()).because == WHY
