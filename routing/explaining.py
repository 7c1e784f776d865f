"""Why somebody still waits, and why somebody gets no calls: said of this moment, whenever anybody asks."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from itertools import islice, takewhile

from crm_core.kernel.ids import AgentId, CallId, QueueKey
from routing.agents import AtWork, Stage
from routing.because import not_free
from routing.floor import Floor
from routing.groups import Groups
from routing.lines import ONE_SERVER, Caller
from routing.queues import Queue
from routing.reasons import Exclusion, StepKind, StepTaken, WhyWaiting
from routing.relaxing import next_step
from routing.skills import missing
from routing.strategies import STRATEGIES, StrategyName

_NAMED = 8
"""So many people or kinds of callers are named; more would be no explanation."""
_HOPE = {
    "busy": WhyWaiting.ALL_BUSY,
    "wrap_up": WhyWaiting.ALL_BUSY,
    "ticket": WhyWaiting.ALL_BUSY,
    "desk_full": WhyWaiting.DESKS_FULL,
    "hour_full": WhyWaiting.HOUR_FULL,
    "paused": WhyWaiting.ALL_PAUSED,
    "other_server": WhyWaiting.OTHER_SERVER,
    "unreachable": WhyWaiting.NOBODY_REACHABLE,
    "no_tickets": WhyWaiting.NO_TICKETS,
    "offline": WhyWaiting.NOBODY_LOGGED_IN,
}
"""Why an agent gets nothing -> what that means for the caller; the most hopeful first."""


class NoCalls(StrEnum):
    """Why an agent gets no call at this moment: the first that holds."""

    OFFLINE = "offline"
    BEING_OFFERED = "being_offered"
    """His phone is being called just now."""
    TALKING = "talking"
    WRAP_UP = "wrap_up"
    PAUSED = "paused"
    HOUR_FULL = "hour_full"
    """He has had his calls for this hour."""
    TICKET = "ticket"
    """He works on a ticket, or is asked to take one, that comes before calls."""
    UNREACHABLE = "unreachable"
    """He is ready, but his phone is nowhere registered."""
    NO_QUEUE = "no_queue"
    """He serves no queue."""
    NOBODY_WAITS = "nobody_waits"
    NONE_TO_TAKE = "none_to_take"
    """Somebody waits, and nobody whom he may take."""


_OWN = {
    "offline": NoCalls.OFFLINE,
    "busy": NoCalls.TALKING,
    "paused": NoCalls.PAUSED,
    "hour_full": NoCalls.HOUR_FULL,
    "ticket": NoCalls.TICKET,
    "unreachable": NoCalls.UNREACHABLE,
}


class NotHis(StrEnum):
    """Why a caller who waits is not for this agent."""

    BEING_OFFERED = "being_offered"
    """A colleague's phone rings for him already."""
    OTHER_QUEUE = "other_queue"
    SKILL = "skill"
    KEPT = "kept"
    """He waits for a colleague who knows him."""
    OTHER_SERVER = "other_server"
    """The agent's phone is not registered at the Asterisk that holds the caller."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PassedBy:
    """Callers who wait and are not for this agent, all for the same reason."""

    why: NotHis
    callers: int
    queue: QueueKey | None = None
    lack: Exclusion | None = None
    """Of `skill`: which, and what he has of it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ComesFirst:
    """Colleagues who are free as well and come before an agent in one of his queues, by its own strategy."""

    queue: QueueKey
    strategy: StrategyName
    colleagues: int
    """Of `best_skill`: who has a higher level in something, or has been free for longer: which of them are before him
    depends on the call. Of `least_needed`: who has been free for longer, which decides between those who can be spared
    alike."""


@dataclass(frozen=True, slots=True, kw_only=True)
class IdleReason:
    """The answer to "why do I get no calls?"."""

    code: NoCalls
    pause: str = ""
    """The reason of the pause."""
    queues: tuple[QueueKey, ...] = ()
    """Those he serves."""
    waiting: int = 0
    """How many wait in the whole house …"""
    unasked: int = 0
    """… and for how many of them no phone rings."""
    free_longer: int = 0
    """How many colleagues of his queues are free as well, and have been so for longer."""
    passed_by: tuple[PassedBy, ...] = ()
    come_first: tuple[ComesFirst, ...] = ()
    """Who is asked before him when somebody comes, for each of his queues where anybody is."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ahead:
    """Callers, or tickets, who ask for something else and are served before: whoever could help is theirs first."""

    queue: QueueKey
    waiting: int
    urgent: int = 0
    """How many of them came later, and go first by what their queue or they themselves are worth."""
    tickets: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class WaitReason:
    """The answer to "why is he still waiting?"."""

    code: WhyWaiting
    ahead: int
    """How many are served before him who ask for the same …"""
    ahead_elsewhere: tuple[Ahead, ...] = ()
    """… and who else is, of those whom somebody could help who could help him."""
    offered_to: AgentId | None = None
    also_offered_to: tuple[AgentId, ...] = ()
    """Where all phones ring at once."""
    place_back: StepTaken | None = None
    """That he has the place of a former call, if he has."""
    able: int = 0
    """How many could take him, at work or not."""
    not_free: tuple[Exclusion, ...] = ()
    """Why each of the able does not, the most hopeful first."""
    next_step: StepTaken | None = None
    """What he will ask less for, if he still waits then …"""
    next_at: datetime | None = None
    """… and when."""


def code_of(caller: Caller, able: Iterable[AgentId], agents: Mapping[AgentId, AtWork]) -> WhyWaiting:
    """In one word, for the board."""
    if caller.offered_to is not None:
        return WhyWaiting.BEING_OFFERED
    if caller.kept_for is not None:
        return WhyWaiting.FOR_A_FAMILIAR
    found = {agents[agent].why_not(caller.server) for agent in able}
    nobody = WhyWaiting.HANDED_BACK if caller.circle and caller.is_ticket else WhyWaiting.NO_SKILL
    return next((hope for code, hope in _HOPE.items() if code in found), nobody)


def why_waiting(
    caller: Caller, floor: Floor, groups: Groups, agents: Mapping[AgentId, AtWork], line: Sequence[Caller]
) -> WaitReason:
    """`caller` waits or is being offered; `line`: all who do, the most urgent first."""
    group = groups.of_caller(caller)
    hopes = list(_HOPE)
    found = [(code, agent) for agent in group.able if (code := agents[agent].why_not(caller.server))]
    found.sort(key=lambda one: hopes.index(one[0]))
    step = _next(caller, floor)
    return WaitReason(
        code=code_of(caller, group.able, agents),
        ahead=group.line.before(caller),
        ahead_elsewhere=tuple(_others_first(caller, groups, line)) if caller.offered_to is None else (),
        offered_to=caller.offered_to,
        also_offered_to=caller.others,
        place_back=next((step for step in caller.steps if step.kind is StepKind.PLACE_BACK), None),
        able=len(group.able),
        not_free=tuple(not_free(agents[agent], code) for code, agent in islice(found, _NAMED)),
        next_step=step,
        next_at=caller.since + timedelta(seconds=step.after_s) if step is not None else None,
    )


def _others_first(caller: Caller, groups: Groups, line: Iterable[Caller]) -> Iterator[Ahead]:
    """By queue; the first in line first."""
    able, shares = groups.of_caller(caller).able, dict[object, bool]()
    waiting, urgent = Counter[tuple[QueueKey, bool]](), Counter[tuple[QueueKey, bool]]()
    for other in takewhile(lambda one: one is not caller, line):
        if other.offered_to is not None or other.wish == caller.wish:
            continue
        if other.wish not in shares:
            shares[other.wish] = not able.keys().isdisjoint(groups.of_caller(other).able)
        if shares[other.wish]:
            waiting[other.queue, other.is_ticket] += 1
            urgent[other.queue, other.is_ticket] += other.since > caller.since
    for (queue, tickets), count in islice(waiting.items(), _NAMED):
        yield Ahead(queue=queue, waiting=count, urgent=urgent[queue, tickets], tickets=tickets)


def _next(caller: Caller, floor: Floor) -> StepTaken | None:
    """The next step of his queue, or the end of waiting for somebody if that is sooner."""
    if caller.is_ticket:
        return None
    queue = floor.queue(caller.queue)
    step = next_step(caller, queue.steps)
    if caller.kept_for is None or (step is not None and step.after_s < queue.keep_s):
        return step
    return StepTaken(kind=StepKind.OPEN_UP, after_s=queue.keep_s, agent=caller.kept_for, tie=caller.tie)


def why_no_calls(
    agent: AtWork, callers: Mapping[CallId, Caller], floor: Floor, groups: Groups, agents: Mapping[AgentId, AtWork]
) -> IdleReason:
    queues = tuple(sorted(agent.profile.queues))
    code = _own_reason(agent)
    if code is not None:
        pause = agent.reason if code is NoCalls.PAUSED else ""
        return IdleReason(code=code, pause=pause, queues=queues, waiting=len(callers))
    passed_by = Counter(_passed_by(agent, callers.values(), groups))
    waiting = sum(caller.offered_to is None for caller in callers.values())
    code = NoCalls.NO_QUEUE if not queues else NoCalls.NONE_TO_TAKE if waiting else NoCalls.NOBODY_WAITS
    return IdleReason(
        code=code,
        queues=queues,
        waiting=len(callers),
        unasked=waiting,
        free_longer=sum(_free_longer(other, agent) for other in agents.values()),
        passed_by=tuple(
            PassedBy(why=why, callers=count, queue=queue, lack=lack)
            for (why, queue, lack), count in passed_by.most_common(_NAMED)
        ),
        come_first=tuple(_come_first(agent, floor, groups, agents)),
    )


def _own_reason(agent: AtWork) -> NoCalls | None:
    """What lies with himself."""
    if agent.hand is not None:
        if agent.hand.stage is Stage.WRAP_UP:
            return NoCalls.WRAP_UP
        return NoCalls.TALKING if agent.hand.stage is Stage.TALKING else NoCalls.BEING_OFFERED
    return _OWN.get(agent.why_not(next(iter(agent.servers), ONE_SERVER)))


Passing = tuple[NotHis, QueueKey | None, Exclusion | None]


def _passed_by(agent: AtWork, callers: Iterable[Caller], groups: Groups) -> Iterator[Passing]:
    for caller in callers:
        if caller.offered_to is not None:
            yield NotHis.BEING_OFFERED, None, None
        elif not groups.hears(agent.id, caller):
            yield NotHis.OTHER_QUEUE, caller.queue, None
        elif (lack := missing(agent.profile.skills, caller.requires)) is not None:
            yield (
                NotHis.SKILL,
                None,
                Exclusion(agent=agent.id, why="skill", skill=lack.skill, asked=lack.asked, has=lack.has),
            )
        elif caller.kept_for not in (None, agent.id):
            yield NotHis.KEPT, None, None
        elif not agent.is_at(caller.server):
            yield NotHis.OTHER_SERVER, None, None


def _come_first(agent: AtWork, floor: Floor, groups: Groups, agents: Mapping[AgentId, AtWork]) -> Iterator[ComesFirst]:
    """Where all are asked at once nobody is before him."""
    free = [one for one in agents.values() if one is not agent and one.available and one.servers & agent.servers]
    for queue in islice((floor.queue(key) for key in sorted(agent.profile.queues)), _NAMED):
        if queue.strategy is StrategyName.RING_ALL:
            continue
        before = sum(_before(one, agent, queue, groups) for one in free if queue.key in one.profile.queues)
        if before:
            yield ComesFirst(queue=queue.key, strategy=queue.strategy, colleagues=before)


def _before(other: AtWork, agent: AtWork, queue: Queue, groups: Groups) -> bool:
    has = other.profile.skills
    if queue.strategy is StrategyName.BEST_SKILL and any(
        has.get(skill, 0) > level for skill, level in agent.profile.skills.items()
    ):
        return True
    ranks = [
        (STRATEGIES[queue.strategy].rank(0, one.idle, groups.place(queue.key, one.id)), one.id)
        for one in (other, agent)
    ]
    return ranks[0] < ranks[1]


def _free_longer(other: AtWork, agent: AtWork) -> bool:
    return (
        other is not agent
        and other.available
        and other.idle_since < agent.idle_since
        and bool(other.profile.queues & agent.profile.queues)
    )
