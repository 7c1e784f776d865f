"""A morning that was too busy for those who were able: as the log keeps it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta

from crm_core.kernel.ids import AgentId, CallId, OfferId, QueueKey, ServerId
from crm_core.kernel.messages import Event
from cti.events import (
    AgentStateChanged,
    CallArrived,
    CallConnected,
    CallDisconnected,
    CallEnded,
    CallOffered,
    CallQueued,
    CallWrappedUp,
    Direction,
    HungUpBy,
    Outcome,
)
from routing.reasons import Because
from routing.states import AgentState

_SERVICE = QueueKey("service")
OPENS, CLOSES = timedelta(hours=9), timedelta(hours=12)


def busy_morning(
    begins: datetime,
    takes: AgentId,
    others: Sequence[AgentId] = (),
    *,
    requires: Mapping[str, int] | None = None,
    calls: int = 36,
) -> list[Event]:
    """A caller a minute, each with a hundred seconds to talk; every third gave up, after half a minute and more."""
    events: list[Event] = []
    for agent in (takes, *others):
        events += _shift(begins, agent)
    for number in range(calls):
        call = CallId(f"past-{begins:%m%d}-{number}")
        at = begins + OPENS + timedelta(minutes=1 + number)
        events += _call(
            call, at, takes, dict(requires or {}), patience_s=30.0 + 15 * (number % 4) if number % 3 == 2 else None
        )
    return events


def _shift(begins: datetime, agent: AgentId) -> Iterator[Event]:
    ready, offline = AgentState.READY, AgentState.OFFLINE
    for at, before, state in ((OPENS, offline, ready), (CLOSES, ready, offline)):
        yield AgentStateChanged(at=begins + at, agent=agent, before=before, state=state, wish=state)


def _call(
    call: CallId, at: datetime, agent: AgentId, requires: dict[str, int], *, patience_s: float | None
) -> Iterator[Event]:
    def after(seconds: float) -> datetime:
        return at + timedelta(seconds=seconds)

    yield CallArrived(
        at=at, call=call, server=ServerId("past"), direction=Direction.INBOUND, ani="13800138000", dnis="4008000"
    )
    yield CallQueued(at=after(5), call=call, queue=_SERVICE, requires=requires)
    if patience_s is not None:
        gone = after(5 + patience_s)
        yield CallEnded(at=gone, call=call, outcome=Outcome.ABANDONED, hung_up_by=HungUpBy.CALLER, wait_s=patience_s)
        return
    yield CallOffered(
        at=after(20),
        call=call,
        agent=agent,
        extension="1001",
        offer=OfferId(f"{call}.1"),
        queue=_SERVICE,
        because=Because(rule="only_one"),
    )
    yield CallConnected(at=after(25), call=call, agent=agent, party="1001", offer=OfferId(f"{call}.1"))
    yield CallDisconnected(at=after(125), call=call, agent=agent, party="1001")
    yield CallEnded(
        at=after(125), call=call, outcome=Outcome.ANSWERED, hung_up_by=HungUpBy.CALLER, wait_s=20, agents=(agent,)
    )
    yield CallWrappedUp(at=after(140), call=call, agent=agent, wrap_up_s=15.0)
