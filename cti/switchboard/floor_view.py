"""Everything live, right now: the answer to GetFloor."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from crm_core.kernel.ids import TicketId
from crm_core.kernel.requirements import packed
from cti.calls.story import Story
from cti.commands import Floor, QueueOnFloor
from cti.events import AgentOnFloor, ParkedCustomer, WaitingCall, WaitingTicket
from cti.switchboard.house import House, Promised
from routing.agents import AtWork
from routing.expecting import Expectation
from routing.lines import Caller
from routing.queues import Queue
from routing.states import AgentState

_ASKED = (AgentState.RESERVED, AgentState.RINGING)


def floor_now(house: House, now: datetime) -> Floor:
    in_turn = house.engine.in_turn()
    return Floor(
        ok=True,
        queues=tuple(_queue(house, queue, now) for queue in house.seating.floor.queues.values()),
        waiting=_line(house, [one for one in in_turn if not one.is_ticket]),
        agents=tuple(_agent(house, at_work) for at_work in house.engine.agents.values()),
        parked=_parked(house),
        tickets=_tickets(house, [one for one in in_turn if one.is_ticket]),
        calls=tuple(story.as_live_call() for story in house.stories.values()),
        links={str(server): up for server, up in house.lines.items()},
    )


def _queue(house: House, queue: Queue, now: datetime) -> QueueOnFloor:
    waits = [
        (now - caller.since).total_seconds()
        for caller in house.engine.callers.values()
        if caller.queue == queue.key and not caller.is_callback
    ]
    states = [a.look() for a in house.engine.agents.values() if queue.key in a.profile.queues]
    return QueueOnFloor(
        queue=queue.key,
        names=dict(queue.names),
        waiting=len(waits),
        longest_wait_s=max(waits, default=0.0),
        agents_ready=sum(look.state is AgentState.READY and look.reachable for look in states),
        agents_signed_in=sum(look.state is not AgentState.OFFLINE for look in states),
        strategy=queue.strategy,
        tickets=sum(ticket.queue == queue.key for ticket in house.engine.tickets.values()),
    )


def _line(house: House, callers: Iterable[Caller]) -> tuple[WaitingCall, ...]:
    """Everybody who waits, who is served first in front. Those who ask for the same wait for the same reason."""
    reasons: dict[object, str] = {}
    rows, expected = [], house.engine.expectations()
    for turn, caller in enumerate(callers, start=1):
        wish = (caller.wish, caller.offered_to is None)
        if wish not in reasons:
            reasons[wish] = house.engine.why_waiting(caller.call) or ""
        rows.append(_waiting(house, caller, reasons[wish], turn, expected.get(caller.call)))
    return tuple(rows)


def _waiting(house: House, caller: Caller, why: str, turn: int, expected: Expectation | None) -> WaitingCall:
    story, promised = house.stories.get(caller.call), house.callbacks.get(caller.call)
    return WaitingCall(
        call=caller.call,
        queue=caller.queue,
        since=caller.since,
        ani=_number(story, promised),
        priority=caller.priority,
        requires={str(skill): level for skill, level in caller.requires.levels.items()},
        offered_to=caller.offered_to,
        also_offered_to=caller.others,
        why_waiting=why,
        asks="" if caller.requires.plain else packed(caller.requires),
        steps=caller.steps,
        went_on=tuple(story.overflowed) if story is not None else (),
        tried=tuple(story.in_vain) if story is not None else promised.asked if promised is not None else (),
        turn=turn,
        position=expected.position if expected is not None else None,
        expected_s=expected.wait_s if expected is not None else None,
        callback=caller.is_callback,
        callback_tries=promised.tries if promised is not None else 0,
    )


def _number(story: Story | None, promised: Promised | None) -> str:
    if story is not None:
        return story.ani
    return promised.event.number if promised is not None else ""


def _tickets(house: House, tickets: Iterable[Caller]) -> tuple[WaitingTicket, ...]:
    """Those that wait, or that somebody is asked to take; the most urgent first."""
    rows = []
    for turn, waits in enumerate(tickets, start=1):
        known = house.tickets[TicketId(waits.call)]
        offer = house.ticket_offers.get(known.ticket)
        rows.append(
            WaitingTicket(
                ticket=known.ticket,
                number=known.number,
                subject=known.subject,
                queue=waits.queue,
                since=waits.since,
                priority=waits.priority,
                why_waiting=house.engine.why_waiting(waits.call) or "",
                offered_to=waits.offered_to,
                until=offer.until if offer is not None else None,
                because=offer.because if offer is not None else None,
                turn=turn,
            )
        )
    return tuple(rows)


def _agent(house: House, at_work: AtWork) -> AgentOnFloor:
    look = at_work.look()
    return AgentOnFloor(
        agent=at_work.id,
        extension=house.seating.extensions.get(at_work.id, ""),
        state=look.state,
        since=at_work.since,
        reason=look.reason,
        call=house.call_shown(look.call) if look.state in _ASKED else look.call,
        reachable=look.reachable,
        queues=tuple(sorted(at_work.profile.queues)),
        skills={str(skill): level for skill, level in at_work.profile.skills.items()},
        missed=at_work.missed,
        wrap_up_until=at_work.wrap_up_until,
    )


def _parked(house: House) -> tuple[ParkedCustomer, ...]:
    """Who is parked, the one who has been so for longest first."""
    parked = [story.parked for story in house.stories.values() if story.parked is not None]
    return tuple(
        ParkedCustomer(call=one.call, lot=one.lot, since=one.at, by=one.agent, extension=one.party)
        for one in sorted(parked, key=lambda one: one.at)
    )
