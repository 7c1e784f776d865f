"""Tickets in the line: who is asked, who goes first, and what a call does to it."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from crm_core.kernel.ids import AgentId, CallId, QueueKey, SkillKey, TicketId
from routing import messages as m
from routing.explaining import NoCalls
from routing.floor import Floor
from routing.reasons import WhyWaiting
from routing.states import AgentState
from tests.unit.routing.floors import AGENTS, ALICE, BOB, QUEUES, SERVICE, Shift, pairs

ONE, TWO = TicketId("one"), TicketId("two")


def house(*, at_once: int = 1, yield_s: float = 3600.0, undisturbed: bool = False) -> Shift:
    agents = [replace(one, tickets_at_once=at_once) for one in AGENTS]
    queues = [replace(one, ticket_yield_s=yield_s, tickets_undisturbed=undisturbed) for one in QUEUES]
    return Shift(Floor.of(agents, queues))


def ticket(
    shift: Shift,
    which: TicketId = ONE,
    *,
    waited_s: float = 0,
    priority: int = 0,
    without: tuple[AgentId, ...] = (),
    **asks: int,
) -> m.TicketWaits:
    return m.TicketWaits(
        ticket=which,
        queue=SERVICE,
        requires={SkillKey(skill): level for skill, level in asks.items()},
        priority=priority,
        since=shift.now - timedelta(seconds=waited_s),
        without=without,
    )


def taken(which: TicketId, agent: AgentId, queue: QueueKey = SERVICE) -> m.TicketTaken:
    return m.TicketTaken(ticket=which, agent=agent, queue=queue)


def asked(decisions: list[m.Decision]) -> list[tuple[str, str]]:
    return [(one.ticket, one.agent) for one in decisions if isinstance(one, m.TicketAssigned)]


def withdrawn(decisions: list[m.Decision]) -> list[tuple[str, str]]:
    return [(one.ticket, one.agent) for one in decisions if isinstance(one, m.TicketWithdrawn)]


def test_a_ticket_goes_to_the_best_who_is_free_and_the_reason_is_kept() -> None:
    shift = house()
    shift.ready(BOB, ALICE)
    [offer] = shift.tell(ticket(shift, repair=3))
    assert isinstance(offer, m.TicketAssigned)
    assert (offer.agent, offer.because.rule) == (ALICE, "only_one")
    assert shift.state(ALICE) is AgentState.READY, "being asked keeps nobody from calls"


def test_whoever_becomes_free_takes_the_call_before_the_ticket() -> None:
    shift = house()
    shift.tell(ticket(shift, waited_s=600))
    shift.waits("call")
    decisions = shift.ready(ALICE)
    assert pairs(decisions) == [("call", ALICE)]
    assert asked(decisions) == []


def test_a_ticket_that_has_given_way_for_long_enough_comes_before_the_calls_and_is_not_pushed_aside() -> None:
    shift = house(yield_s=300)
    shift.tell(ticket(shift, waited_s=600))
    shift.waits("call")
    decisions = shift.ready(ALICE)
    assert (asked(decisions), pairs(decisions)) == ([(ONE, ALICE)], [])
    reason = shift.engine.explain_idle(ALICE)
    assert reason is not None
    assert reason.code is NoCalls.TICKET
    assert pairs(shift.tell(taken(ONE, ALICE))) == [("call", ALICE)], "it is in her hands now, and calls may come"


def test_a_call_takes_her_away_from_a_ticket_she_is_only_asked_about() -> None:
    shift = house()
    shift.ready(ALICE)
    shift.tell(ticket(shift))
    decisions = shift.waits("call")
    assert pairs(decisions) == [("call", ALICE)]
    assert withdrawn(decisions) == [(ONE, ALICE)]
    assert asked(shift.ready(BOB)) == [(ONE, BOB)]


def test_a_call_comes_while_she_works_on_a_ticket() -> None:
    shift = house()
    shift.ready(ALICE)
    shift.tell(ticket(shift), taken(ONE, ALICE))
    assert pairs(shift.waits("call")) == [("call", ALICE)]
    shift.talks("call", ALICE)
    assert asked(shift.tell(ticket(shift, TWO))) == []


def test_where_it_is_agreed_so_no_call_comes_while_she_works_on_a_ticket() -> None:
    shift = house(undisturbed=True)
    shift.ready(ALICE)
    shift.tell(ticket(shift), taken(ONE, ALICE))
    assert pairs(shift.waits("call")) == []
    assert shift.engine.why_waiting(CallId("call")) is WhyWaiting.ALL_BUSY
    assert pairs(shift.tell(m.TicketGone(ticket=ONE))) == [("call", ALICE)]


def test_nobody_is_asked_about_more_than_he_may_have_and_the_next_comes_when_one_is_done() -> None:
    shift = house(at_once=2)
    shift.ready(ALICE)
    assert asked(shift.tell(ticket(shift), ticket(shift, TWO))) == [(ONE, ALICE)], "one at a time"
    assert asked(shift.tell(taken(ONE, ALICE))) == [(TWO, ALICE)]
    three = TicketId("three")
    assert asked(shift.tell(taken(TWO, ALICE), ticket(shift, three))) == []
    assert shift.engine.why_waiting(CallId(three)) is WhyWaiting.DESKS_FULL
    assert asked(shift.tell(m.TicketGone(ticket=ONE))) == [(three, ALICE)]


def test_who_handed_it_back_is_not_asked_again() -> None:
    shift = house()
    shift.ready(ALICE)
    shift.tell(ticket(shift, repair=1))
    assert asked(shift.tell(ticket(shift, repair=1, without=(ALICE,)))) == []
    assert shift.engine.why_waiting(CallId(ONE)) is WhyWaiting.HANDED_BACK
    assert asked(shift.tell(ticket(shift, TWO))) == [(TWO, ALICE)]


def test_who_does_not_answer_is_put_on_pause_and_somebody_else_is_asked() -> None:
    shift = house()
    shift.ready(ALICE, BOB)
    [(_, first)] = asked(shift.tell(ticket(shift, zh=3)))
    other = BOB if first == ALICE else ALICE
    decisions = shift.tell(m.TicketMissed(ticket=ONE, agent=AgentId(first), pause="missed_ticket"))
    assert asked(decisions) == [(ONE, other)]
    assert shift.state(AgentId(first)) is AgentState.PAUSED


def test_taken_by_hand_it_leaves_the_line_and_whoever_was_asked_is_not_any_more() -> None:
    shift = house()
    shift.ready(ALICE, BOB)
    [(_, first)] = asked(shift.tell(ticket(shift)))
    other = BOB if first == ALICE else ALICE
    assert withdrawn(shift.tell(taken(ONE, other))) == [(ONE, first)]
    assert dict(shift.engine.tickets) == {}


def test_somebody_who_has_had_his_calls_for_this_hour_still_gets_tickets() -> None:
    alice = replace(AGENTS[0], tickets_at_once=1, calls_per_hour=1)
    shift = Shift(Floor.of([alice], QUEUES))
    shift.ready(ALICE)
    shift.waits("call")
    shift.talks("call", ALICE)
    shift.tell(m.CallFinished(agent=ALICE, call=CallId("call")))
    decisions = shift.tell(m.WrapUpFinished(agent=ALICE, call=CallId("call")), ticket(shift))
    assert asked(decisions) == [(ONE, ALICE)]
    assert pairs(shift.waits("another")) == []


def test_the_more_urgent_ticket_goes_first_and_none_of_them_before_fresh_calls() -> None:
    shift = house()
    shift.tell(ticket(shift, waited_s=60), ticket(shift, TWO, priority=2))
    shift.waits("call")
    assert pairs(shift.ready(ALICE)) == [("call", ALICE)]
    assert asked(shift.ready(BOB)) == [(TWO, BOB)]


def test_a_changed_floor_keeps_what_is_on_desks() -> None:
    shift = house()
    shift.ready(ALICE)
    shift.tell(ticket(shift), taken(ONE, ALICE))
    undisturbed = house(undisturbed=True).engine.floor
    shift.tell(m.FloorChanged(floor=undisturbed))
    assert pairs(shift.waits("call")) == []
    assert asked(shift.tell(ticket(shift, TWO))) == []
