"""A past day tried under other rules: found in the log, handed to a process of its own, and what is to be told."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from aiohttp import web

from agent_console.errors import (
    TrialBusy,
    TrialDayUnknown,
    TrialNobodyAnswered,
    TrialTooFewCalls,
    TrialTooManyCalls,
    TrialWithoutAgents,
)
from agent_console.keys import CLOCK, services
from agent_console.trials.child import Trial, compared
from agent_console.trials.facts import Taken, asked_by_queue, day_of, of_his_own, turns_of, visits_of
from agent_console.trials.rules import rules_of
from crm_core.domain.floor import FloorAgent, FloorPlan, Queue
from crm_core.domain.users import Validity
from crm_core.errors import QueueNotFound
from crm_core.kernel.ids import AgentId, QueueKey, SkillKey
from crm_core.kernel.requirements import Requirements
from crm_core.services.past_days import PastDays
from routing.agents import Wish
from routing.simulation.comparing import Comparison
from routing.simulation.day import Day, Turn, Visit

DAYS: Final = 14
"""So many past days can be chosen."""
FEWEST, MOST = 10, 10_000
"""Calls that asked for a person."""
_EVERY_DAY: Final = Validity()
_BEFORE: Final = timedelta(hours=24)
"""So far back it is looked what agents were when the day began."""

Asked = Mapping[QueueKey, Sequence[Requirements]]
"""What each queue asked for on that day."""

TRIALS: Final = web.AppKey("trials", asyncio.Lock)
"""One at a time: the machine serves callers, too."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PastDay:
    day: date
    calls: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Tried:
    """A day under the rules as they are and under the draft."""

    day: date
    calls: int
    gave_up: int
    answered: int
    gone: tuple[AgentId, ...]
    """Were there that day and are not on the floor any more."""
    slow: Mapping[QueueKey, int]
    """Queue of the draft -> so many of its callers were answered only after its phones would have stopped ringing."""
    sticky: bool
    """Some queue looks for the agent who knows the caller first, and nobody knows who that was."""
    comparison: Comparison


async def past_days(request: web.Request, plan: FloorPlan) -> list[PastDay]:
    """The newest first; those on which hardly anybody called are left out."""
    zone = ZoneInfo(plan.timezone)
    today = _today(request, plan)
    log, found = services(request).past_days, list[PastDay]()
    for back in range(1, DAYS + 1):
        day = today - timedelta(days=back)
        if (calls := await log.asked(*_bounds(day, zone))) >= FEWEST:
            found.append(PastDay(day=day, calls=calls))
    return found


async def tried(request: web.Request, day: date, plan: FloorPlan, draft: FloorPlan) -> Tried:
    """Nothing is kept. Raises a ConsoleError where it cannot be."""
    zone, log = ZoneInfo(plan.timezone), services(request).past_days
    today = _today(request, plan)
    if not today - timedelta(days=DAYS) <= day < today:
        raise TrialDayUnknown(most=DAYS)
    begins, ends = _bounds(day, zone)
    calls = await log.asked(begins, ends)
    if calls < FEWEST:
        raise TrialTooFewCalls(count=calls, least=FEWEST)
    if calls > MOST:
        raise TrialTooManyCalls(count=calls, most=MOST)
    lock = request.config_dict[TRIALS]
    if lock.locked():
        raise TrialBusy()
    async with lock:
        asked = await _asked(request, plan, begins, ends)
        past = await _read(log, asked, begins, ends)
        if not past.answered:
            raise TrialNobodyAnswered()
        if not any(turn.wish is Wish.READY for turn in past.turns):
            raise TrialWithoutAgents()
        now, later = rules_of(plan, begins, ends), rules_of(draft, begins, ends)
        found = await compared(Trial(day=past, now=now, draft=later))
    here = {agent.id for agent in plan.agents}
    were = dict.fromkeys(turn.agent for turn in past.turns if turn.wish is not Wish.OFFLINE)
    return Tried(
        day=day,
        calls=len(past.visits),
        gave_up=past.gave_up,
        answered=past.answered,
        gone=tuple(agent for agent in were if agent not in here),
        slow=_slow(past, draft),
        sticky=any(queue.sticky.value != "nobody" for queue in draft.queues),
        comparison=found,
    )


def in_place_of(plan: FloorPlan, calls_of: QueueKey, draft: Queue) -> Queue:
    """The draft as if that queue had these terms: its callers come into it, and its people serve them. Raises
    QueueNotFound."""
    if all(queue.key != calls_of for queue in plan.queues):
        raise QueueNotFound(id=calls_of)
    return replace(draft, key=calls_of)


def with_queue(plan: FloorPlan, draft: Queue) -> FloorPlan:
    """The plan as it would be with this queue."""
    if all(queue.key != draft.key for queue in plan.queues):
        return replace(plan, queues=(*plan.queues, draft))
    return replace(plan, queues=tuple(draft if queue.key == draft.key else queue for queue in plan.queues))


def with_abilities(
    request: web.Request,
    plan: FloorPlan,
    agent: AgentId,
    *,
    skills: Mapping[SkillKey, int],
    validity: Mapping[SkillKey, Validity],
    queues: Sequence[QueueKey],
    calls_per_hour: int | None,
) -> FloorPlan:
    """… and with somebody who can and serves this: of his skills those that hold today."""
    today = _today(request, plan)
    able = {skill: level for skill, level in skills.items() if validity.get(skill, _EVERY_DAY).holds_on(today)}
    able = dict(sorted(able.items()))

    def changed(one: FloorAgent) -> FloorAgent:
        serves = tuple(sorted(queues))
        return replace(one, skills=able, queues=serves, calls_per_hour=calls_per_hour)

    return replace(plan, agents=tuple(changed(one) if one.id == agent else one for one in plan.agents))


def _today(request: web.Request, plan: FloorPlan) -> date:
    return request.config_dict[CLOCK].now().astimezone(ZoneInfo(plan.timezone)).date()


async def _asked(request: web.Request, plan: FloorPlan, begins: datetime, ends: datetime) -> Asked:
    versions = services(request).floor_plans.queue_versions
    return {queue.key: asked_by_queue(await versions(queue.key), begins, ends) for queue in plan.queues}


async def _read(log: PastDays, asked: Asked, begins: datetime, ends: datetime) -> Day:
    visits: list[Visit] = []
    taken: set[Taken] = set()
    async for lines in log.calls(begins, ends):
        for visit, by in visits_of(lines, begins):
            visits.append(of_his_own(visit, asked.get(visit.queue, ())))
            taken |= {by} if by is not None else set()
    states = [line async for piece in log.states(begins - _BEFORE, ends) for line in piece]
    turns: list[Turn] = list(turns_of(states, begins, frozenset(taken)))
    return day_of(visits, turns, ends - begins)


def _slow(past: Day, draft: FloorPlan) -> dict[QueueKey, int]:
    rings = {queue.key: queue.ring_s for queue in draft.queues}
    found: dict[QueueKey, int] = {}
    for visit in past.visits:
        if visit.talk is not None and visit.talk.rang_s > rings.get(visit.queue, visit.talk.rang_s):
            found[visit.queue] = found.get(visit.queue, 0) + 1
    return found


def _bounds(day: date, zone: ZoneInfo) -> tuple[datetime, datetime]:
    """By the clocks of the house; a day may have 23 hours or 25."""
    begins, ends = (datetime.combine(one, time.min, zone) for one in (day, day + timedelta(days=1)))
    return begins.astimezone(UTC), ends.astimezone(UTC)
