"""What is heard on the bus for the screens, and what it says in their terms. Pure."""

from __future__ import annotations

from typing import Final

from agent_console.auth.events import LoginChanged
from agent_console.live.case import CallFacts, Step, why_unreached
from agent_console.live.events import CallerNamed, CaseFinished
from agent_console.live.protocol import OwnState
from crm_core.domain.calls import CallRecord
from crm_core.kernel.messages import Event
from cti.events import (
    AgentOnFloor,
    AgentStateChanged,
    CallAnswered,
    CallArrived,
    CallbackAccepted,
    CallbackBegan,
    CallbackDone,
    CallbackGivenUp,
    CallbackPromised,
    CallbackTried,
    CallConnected,
    CallConsulted,
    CallDisconnected,
    CallEnded,
    CallEvent,
    CallFellToSafety,
    CallHeld,
    CallMissed,
    CallOffered,
    CallOverflowed,
    CallQueued,
    CallRelaxed,
    CallResumed,
    CallReturned,
    CallRinging,
    CallStepped,
    CallTransferred,
    Direction,
    LinkLost,
    LinkUp,
    OfferFailed,
    TicketOffered,
    TicketOfferEnded,
)

HEARD: Final[tuple[type[Event], ...]] = (
    CallArrived,
    CallStepped,
    CallQueued,
    CallRelaxed,
    CallOverflowed,
    CallbackPromised,
    CallbackBegan,
    CallbackAccepted,
    CallbackTried,
    CallbackDone,
    CallbackGivenUp,
    CallFellToSafety,
    CallOffered,
    CallRinging,
    OfferFailed,
    CallMissed,
    CallAnswered,
    CallConnected,
    CallHeld,
    CallResumed,
    CallConsulted,
    CallReturned,
    CallDisconnected,
    CallTransferred,
    CallEnded,
    AgentStateChanged,
    LinkUp,
    LinkLost,
    LoginChanged,
    CaseFinished,
    CallerNamed,
    TicketOffered,
    TicketOfferEnded,
)


def whose(event: Event) -> tuple[str, ...]:
    """The call, the agent or the ticket that this event is about."""
    match event:
        case CallEvent():
            return (event.call,)
        case AgentStateChanged():
            return (event.agent,)
        case TicketOffered() | TicketOfferEnded():
            return (event.ticket,)
        case _:
            return ()


def own_state(agent: AgentOnFloor) -> OwnState:
    return OwnState(
        state=agent.state,
        since=agent.since,
        reason=agent.reason,
        call=agent.call,
        reachable=agent.reachable,
        wrap_up_until=agent.wrap_up_until,
    )


def facts_of(record: CallRecord) -> CallFacts:
    return CallFacts(
        call=record.id,
        arrived_at=record.started_at,
        ani=record.ani,
        ani_name=record.ani_name,
        dnis=record.dnis,
        direction=Direction(record.direction.value),
        queue=record.queue,
        language=record.language,
        intent=record.intent,
        path=tuple(Step(node=one.node, entered=one.entered, label=one.label) for one in record.path),
        ended_at=record.ended_at,
        unreached=why_unreached(Direction(record.direction.value), record.outcome or "", record.cause or 0),
    )
