"""The live board's rows, and what changed between two pictures of the floor. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from types import MappingProxyType
from typing import TypeVar

from agent_console.live.board_protocol import (
    BoardAgent,
    BoardCall,
    BoardLevel,
    BoardQueue,
    BoardTicket,
    BoardWaiting,
    FloorSaid,
)
from agent_console.live.control import parked_call
from agent_console.live.control_protocol import ParkedCall
from agent_console.live.screen_pop import Names
from crm_core.domain.service_level import ServiceLevel
from crm_core.kernel.ids import CallId, QueueKey
from crm_core.services.service_levels import QueueLevels
from cti.commands import Floor, QueueOnFloor
from cti.events import AgentOnFloor, ParkedCustomer, WaitingCall

_Row = TypeVar("_Row")


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """Every row of the board by its key."""

    queues: Mapping[str, BoardQueue]
    waiting: Mapping[str, BoardWaiting]
    agents: Mapping[str, BoardAgent]
    calls: Mapping[str, BoardCall]
    parked: Mapping[str, ParkedCall] = field(default_factory=dict)
    tickets: Mapping[str, BoardTicket] = field(default_factory=dict)


def picture(
    floor: Floor,
    *,
    shown: Callable[[str], Names],
    caller: Callable[[CallId], Names],
    levels: Mapping[QueueKey, QueueLevels] = MappingProxyType({}),
) -> Picture:
    """`shown` writes a number for people, `caller` knows the names of certain callers."""
    return Picture(
        queues={one.queue: _queue(one, floor.waiting, levels.get(one.queue)) for one in floor.queues},
        waiting={one.call: BoardWaiting.of(one, shown(one.ani), caller(one.call)) for one in floor.waiting},
        agents={one.agent: _agent(one) for one in floor.agents},
        calls={one.call: BoardCall.of(one, shown(one.ani), caller(one.call)) for one in floor.calls},
        parked={one.call: _parked(one, floor, shown, caller) for one in floor.parked},
        tickets={one.ticket: BoardTicket.of(one) for one in floor.tickets},
    )


def _parked(
    one: ParkedCustomer, floor: Floor, shown: Callable[[str], Names], caller: Callable[[CallId], Names]
) -> ParkedCall:
    ani = next((call.ani for call in floor.calls if call.call == one.call), "")
    return parked_call(one, shown(ani), caller(one.call))


def _queue(one: QueueOnFloor, waiting: Iterable[WaitingCall], levels: QueueLevels | None) -> BoardQueue:
    """The oldest by time, not by seconds waited: what does not change needs no message."""
    return BoardQueue(
        queue=one.queue,
        names=one.names,
        waiting=one.waiting,
        oldest=min((row.since for row in waiting if row.queue == one.queue and not row.callback), default=None),
        ready=one.agents_ready,
        signed_in=one.agents_signed_in,
        tickets=one.tickets,
        today=_level(levels.today) if levels is not None else None,
        lately=_level(levels.lately) if levels is not None else None,
    )


def _level(level: ServiceLevel) -> BoardLevel | None:
    if level.percent is None:
        return None
    return BoardLevel(percent=level.percent, in_time=level.in_time, offered=level.offered)


def _agent(one: AgentOnFloor) -> BoardAgent:
    return BoardAgent(
        agent=one.agent,
        extension=one.extension,
        state=one.state,
        since=one.since,
        reason=one.reason,
        call=one.call,
        reachable=one.reachable,
        queues=one.queues,
        missed=one.missed,
    )


def everything(now: Picture, at: datetime) -> FloorSaid:
    return FloorSaid(
        at=at,
        full=True,
        queues=tuple(now.queues.values()),
        waiting=tuple(now.waiting.values()),
        agents=tuple(now.agents.values()),
        calls=tuple(now.calls.values()),
        parked=tuple(now.parked.values()),
        tickets=tuple(now.tickets.values()),
    )


def difference(before: Picture, now: Picture, at: datetime) -> FloorSaid | None:
    """Only the rows that changed and the keys that are gone; None when nothing did."""
    said = FloorSaid(
        at=at,
        full=False,
        queues=_changed(before.queues, now.queues),
        waiting=_changed(before.waiting, now.waiting),
        agents=_changed(before.agents, now.agents),
        calls=_changed(before.calls, now.calls),
        parked=_changed(before.parked, now.parked),
        tickets=_changed(before.tickets, now.tickets),
        gone_queues=_gone(before.queues, now.queues),
        gone_waiting=_gone(before.waiting, now.waiting),
        gone_agents=_gone(before.agents, now.agents),
        gone_calls=_gone(before.calls, now.calls),
        gone_parked=_gone(before.parked, now.parked),
        gone_tickets=_gone(before.tickets, now.tickets),
    )
    return None if said == FloorSaid(at=at, full=False) else said


def _changed(before: Mapping[str, _Row], now: Mapping[str, _Row]) -> tuple[_Row, ...]:
    return tuple(row for key, row in now.items() if before.get(key) != row)


def _gone(before: Mapping[str, object], now: Mapping[str, object]) -> tuple[str, ...]:
    return tuple(key for key in before if key not in now)
