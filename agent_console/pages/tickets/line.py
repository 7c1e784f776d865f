"""A ticket in the line of its queue: why it still waits, who was asked to take it and why, and what came of it."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime

from agent_console.explained import ticket_waits, wait_reason
from agent_console.pages.calls.cast import Cast
from agent_console.pages.calls.reasons import abilities, passed_over, why_asked
from agent_console.words import Sentence, say
from crm_core.domain.log import LoggedEvent
from crm_core.domain.tickets import IN_LINE, Ticket
from crm_core.kernel.bus import Bus, NobodyServes, RequestTimedOut
from crm_core.kernel.errors import CallwrightError
from crm_core.kernel.ids import AgentId, CallId
from crm_core.kernel.messages import from_json
from cti.events import TicketOffered, TicketOfferEnd, TicketOfferEnded

_ENDS = {
    TicketOfferEnd.TAKEN: say("Took it."),
    TicketOfferEnd.HANDED_BACK: say("Handed it back."),
    TicketOfferEnd.MISSED: say("Did not answer in time."),
    TicketOfferEnd.WITHDRAWN: say("Was not asked any longer: a call came, or it went elsewhere."),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """Somebody was asked to take it."""

    at: datetime
    agent: AgentId
    why: TicketOffered
    ended_at: datetime | None = None
    end: TicketOfferEnd | None = None
    """None: he still is."""

    def said(self, names: Cast) -> Iterable[Sentence]:
        """Why he, who else was not, and what he did."""
        yield why_asked(self.why.because, names.agent(self.agent))
        yield from abilities(self.why.because, names.skill)
        yield from passed_over(self.why.because, names.agent, names.skill, of_ticket=True)
        if self.end is not None:
            yield _ENDS[self.end]


def asked(lines: Iterable[LoggedEvent]) -> tuple[Asked, ...]:
    """Out of the log of this ticket; the last who was asked comes first. Pure."""
    found: list[Asked] = []
    for line in lines:
        if line.topic not in (TicketOffered.topic, TicketOfferEnded.topic):
            continue
        event = from_json(line.topic, json.dumps(line.body))
        if isinstance(event, TicketOffered):
            found[-1:] = [_over(one, event.at) for one in found[-1:]]
            found.append(Asked(at=event.at, agent=event.agent, why=event))
        elif isinstance(event, TicketOfferEnded) and found and found[-1].agent == event.agent:
            found[-1] = replace(found[-1], ended_at=event.at, end=event.why)
    return tuple(reversed(found))


def _over(one: Asked, at: datetime) -> Asked:
    """Of whom no end was told, as telephony began anew meanwhile: somebody is asked again now."""
    return one if one.end is not None else replace(one, ended_at=at, end=TicketOfferEnd.WITHDRAWN)


def waits(ticket: Ticket) -> bool:
    return ticket.queue is not None and ticket.assignee is None and ticket.status in IN_LINE


async def why_waits(bus: Bus, ticket: Ticket, names: Cast) -> tuple[Sentence, ...]:
    """The first sentence says it; nothing when it does not wait."""
    if not waits(ticket):
        return ()
    try:
        return tuple(ticket_waits(await wait_reason(bus, CallId(ticket.id)), names))
    except (NobodyServes, RequestTimedOut):
        return (say("The telephone side is away at the moment; nobody is asked meanwhile."),)
    except CallwrightError:  # written a moment ago, or just taken
        return (say("Just arrived"),)
