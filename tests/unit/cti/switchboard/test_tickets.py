"""Tickets in the line: asked for by events, answered through what the database says, never with two."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from crm_core.domain.tickets import TicketWork
from crm_core.kernel.ids import QueueKey, TicketId, UserId
from cti import commands as c
from cti import effects as fx
from cti import events as e
from cti.switchboard.dispatch import TICKET_ANSWER_S
from cti.switchboard.messages import FloorLoaded
from routing.states import AgentState
from tests.unit.cti.switchboard.playbook import ALICE, BOB, Playbook, floor_plan

ONE = TicketId("tkt_one")
SERVICE = QueueKey("service")


def work(play: Playbook, ticket: TicketId = ONE, **fields: object) -> TicketWork:
    waits = TicketWork(
        ticket=ticket, number="T-1", subject="The lift is stuck", queue=SERVICE, since=play.asterisk.now, in_line=True
    )
    return replace(waits, **fields)  # type: ignore[arg-type]


def put(play: Playbook, *tickets: TicketWork, whole: bool = False) -> None:
    assert play.order(c.PutTickets(tickets=tickets, whole=whole)).ok


def ends(play: Playbook) -> list[tuple[str, str]]:
    return [(one.agent, one.why.value) for one in play.said(e.TicketOfferEnded)]


def test_who_is_free_is_asked_and_the_floor_shows_it() -> None:
    play = Playbook()
    play.ready(ALICE)
    put(play, work(play))
    [offered] = play.said(e.TicketOffered)
    assert (offered.agent, offered.because.rule) == (ALICE, "only_one")
    floor = play.floor()
    [row] = floor.tickets
    assert (row.ticket, row.offered_to, row.until, row.because) == (ONE, ALICE, offered.until, offered.because)
    [service] = [one for one in floor.queues if one.queue == SERVICE]
    assert (service.tickets, service.waiting) == (1, 0)
    assert floor.waiting == ()


def test_taken_it_leaves_the_line_and_done_the_next_one_comes() -> None:
    play = Playbook()
    play.ready(ALICE)
    two = TicketId("tkt_two")
    put(play, work(play), work(play, two))
    put(play, work(play, assignee=UserId(ALICE)))
    assert ends(play) == [(ALICE, "taken")]
    assert [one.ticket for one in play.floor().tickets] == [two]
    put(play, work(play, in_line=False))
    assert [one.ticket for one in play.said(e.TicketOffered)] == [ONE, two]


def test_handed_back_somebody_else_is_asked() -> None:
    play = Playbook()
    play.ready(ALICE, BOB)
    put(play, work(play))
    first = play.said(e.TicketOffered)[0].agent
    put(play, work(play, since=play.floor().tickets[0].since, without=(UserId(first),)))
    assert ends(play) == [(first, "handed_back")]
    assert {one.agent for one in play.said(e.TicketOffered)} == {ALICE, BOB}


def test_a_call_goes_before_and_the_ticket_comes_again() -> None:
    play = Playbook()
    play.ready(ALICE)
    put(play, work(play))
    play.caller_waits()
    assert play.last(fx.OfferCall).extension == "1001"
    assert ends(play) == [(ALICE, "withdrawn")]
    assert play.floor().tickets[0].offered_to is None
    play.ready(BOB)
    assert play.said(e.TicketOffered)[-1].agent == BOB


def test_a_call_comes_while_she_works_on_it() -> None:
    play = Playbook()
    play.ready(ALICE)
    put(play, work(play, assignee=UserId(ALICE)))
    play.caller_waits()
    assert play.last(fx.OfferCall).extension == "1001"


def test_no_answer_in_time_is_a_pause_and_a_later_timer_means_nothing() -> None:
    play = Playbook()
    play.ready(ALICE)
    put(play, work(play))
    play.wait(TICKET_ANSWER_S + 1)
    assert ends(play) == [(ALICE, "missed")]
    changed = play.said(e.AgentStateChanged)[-1]
    assert (changed.state, changed.reason) == (AgentState.PAUSED, "missed_ticket")
    assert play.order(c.SetReady(agent=ALICE)).ok
    assert len(play.said(e.TicketOffered)) == 2
    put(play, work(play, assignee=UserId(ALICE)))
    play.wait(TICKET_ANSWER_S + 1)
    assert ends(play)[1:] == [(ALICE, "taken")]


def test_told_everything_what_is_not_named_is_no_work_any_more() -> None:
    play = Playbook()
    put(play, work(play))
    put(play, work(play, TicketId("tkt_two")), whole=True)
    assert [one.ticket for one in play.floor().tickets] == ["tkt_two"]


def test_why_a_ticket_waits_is_answered_by_its_own_id() -> None:
    play = Playbook()
    play.ready(ALICE)
    play.order_pause(ALICE)
    put(play, work(play))
    answer = play.order(c.ExplainWait(call=ONE))  # type: ignore[arg-type]
    assert isinstance(answer, c.WaitExplained)
    assert answer.reason.code == "all_paused"


def test_who_is_taken_off_the_floor_is_not_asked_any_more_and_his_tickets_are_his_when_he_is_back() -> None:
    play = Playbook()
    play.ready(ALICE)
    put(play, work(play))
    play.hear(FloorLoaded(plan=floor_plan(without=[ALICE])))
    assert ends(play) == [(ALICE, "withdrawn")]
    put(play, work(play, assignee=UserId(ALICE)))
    play.hear(FloorLoaded(plan=floor_plan()))
    play.ready(ALICE)
    put(play, work(play, TicketId("tkt_two"), since=play.asterisk.now - timedelta(minutes=1)))
    assert len(play.said(e.TicketOffered)) == 1, "she has one already"


def test_nobody_on_the_floor_has_it_then_it_waits_for_nobody() -> None:
    play = Playbook()
    play.ready(ALICE)
    put(play, work(play))
    put(play, work(play, assignee=UserId("sam")))
    assert ends(play) == [(ALICE, "withdrawn")]
    assert play.floor().tickets == ()
