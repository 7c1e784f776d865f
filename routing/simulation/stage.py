"""The engine itself on a floor that exists on paper only, with a clock that jumps from event to event.

Whoever lets callers come and people go plans it here: a scenario (`run.py`), or a day as it was (`replay.py`).
"""

from __future__ import annotations

from collections import Counter, defaultdict, deque
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime, timedelta
from heapq import heappop, heappush
from itertools import count
from math import inf

from crm_core.kernel.ids import AgentId, CallId, QueueKey, SkillKey
from routing import messages as m
from routing.engine import Engine
from routing.floor import Floor
from routing.lines import ONE_SERVER
from routing.queues import WrapUpKind
from routing.simulation.limits import NONE, Limits, Way, Why, why_not_served
from routing.simulation.measures import Tally
from routing.simulation.shifts import Busy
from routing.skills import Requirements, requirements
from routing.states import AgentState

BEGIN = datetime(2026, 1, 5, tzinfo=UTC)
AGAIN_S = 5.0
"""How soon it is looked again whether a step takes him who has waited for too long, when none did …"""
_STOPS_AFTER_S = 3600.0
"""… and until how long after the last caller came."""
_ASKED = 8
"""Of so many callers who wait one is asked for how long he would be told to."""
_HOUR_S = 3600.0
_GONE = frozenset({AgentState.PAUSED, AgentState.OFFLINE})
_WAITS, _OFFERED, _TALKS, _OVER = range(4)

Event = tuple[float, int, Callable[..., None], object]
"""When, in order of planning, what, with whom."""


class Caller:
    """One caller, with all that chance, or the record of a day, has in store for him."""

    __slots__ = (
        "after",
        "agent",
        "at",
        "counted",
        "expected",
        "id",
        "moved",
        "patience",
        "priority",
        "queue",
        "requires",
        "ring",
        "service",
        "since",
        "state",
        "tally",
        "visit",
        "within",
    )

    def __init__(
        self,
        *,
        number: int,
        at: float,
        queue: QueueKey,
        requires: Mapping[SkillKey, int] | Requirements,
        priority: int,
        service: float,
        after: float,
        patience: float,
        tally: Tally,
        within: float,
        counted: bool,
        since: float | None = None,
        ring: float | None = None,
    ) -> None:
        self.id, self.at, self.since = CallId(f"{number}"), at, at if since is None else since
        self.queue, self.requires, self.priority = queue, requires, priority
        self.service, self.after, self.patience, self.ring = service, after, patience, ring
        self.tally, self.within, self.counted = tally, within, counted
        self.agent, self.state = AgentId(""), _WAITS
        self.expected: float | None = None
        self.visit, self.moved = 0, False


class Stage:
    """Whoever is there, in motion. Plan, then `play()` once."""

    def __init__(
        self,
        floor: Floor,
        *,
        limits: Mapping[QueueKey, Limits],
        rings: Mapping[AgentId, float],
        counted: tuple[float, float],
        places: int | None = None,
        places_of: Mapping[QueueKey, int] | None = None,
    ) -> None:
        self.now = 0.0
        self._heap: list[Event] = []
        self._order = count()
        self._limits, self._rings = limits, rings
        self._places, self._places_of = places, places_of or {}
        self._until = counted[1]
        self._waiting: Counter[QueueKey] = Counter()
        self._answered: defaultdict[QueueKey, deque[float]] = defaultdict(deque)
        """When, of queues that may have so many an hour."""
        self._callers: dict[CallId, Caller] = {}
        self._with_paperwork = {one.key for one in floor.queues.values() if one.wrap_up.kind is not WrapUpKind.NONE}
        self._watched = [queue for queue, one in limits.items() if one.leaves_when]
        self._somebody_left = False
        self.busy = Busy(floor.agents, since=counted[0], until=counted[1])
        self._engine = Engine(floor, BEGIN)

    def play(self) -> int:
        """How many events it took."""
        events = 0
        while self._heap:
            self.now, _, happens, who = heappop(self._heap)
            happens(who)
            if self._somebody_left:
                self._left_alone()
            events += 1
        for caller in self._callers.values():
            caller.tally.left_waiting += caller.counted
        return events

    def plan(self, at: float, happens: Callable[..., None], who: object) -> None:
        heappush(self._heap, (at, next(self._order), happens, who))

    def tell(self, told: m.Input) -> None:
        for decision in self._engine.handle(told, BEGIN + timedelta(seconds=self.now)):
            match decision:
                case m.AgentChanged():
                    self.busy.changed(decision.agent, decision.state, self.now)
                    if self._watched and decision.state in _GONE:
                        self._somebody_left = True
                    if decision.wrap_up_until is not None:
                        self.plan((decision.wrap_up_until - BEGIN).total_seconds(), self.tell, m.Tick())
                case m.Assigned():
                    self._offer(self._callers[decision.call], decision.agent)
                case m.AssignedAll():
                    self._offer(self._callers[decision.call], min(decision.because, key=self._answers_after))
                case m.WakeAt():
                    self.plan((decision.when - BEGIN).total_seconds(), self.tell, m.Tick())
                case m.Relaxed() | m.TicketAssigned() | m.TicketWithdrawn():
                    pass

    # --- callers

    def comes(self, caller: Caller) -> None:
        self._callers[caller.id] = caller
        caller.tally.offered += caller.counted
        why = self._why_not_taken(caller.queue, caller.requires)
        if why is None or not self._go_on(caller, why):
            self._joins(caller)
        if caller.state is _WAITS and self._is_out_of_places(caller.queue):
            caller.tally.blocked += caller.counted
            self._leaves(caller)
            return
        self._expects(caller)
        if caller.state <= _OFFERED and caller.patience < inf:
            self.plan(caller.at + caller.patience, self._gives_up, caller)

    def _joins(self, caller: Caller) -> None:
        """The line of his queue, at the place he has by his waiting time."""
        caller.visit += 1
        self._waiting[caller.queue] += 1
        since = BEGIN + timedelta(seconds=caller.since)
        self.tell(
            m.CallWaits(
                call=caller.id, queue=caller.queue, requires=caller.requires, priority=caller.priority, since=since
            )
        )
        limit_s = self._limits.get(caller.queue, NONE).max_wait_s
        if limit_s and caller.state is _WAITS:
            self.plan(self.now + limit_s, self._waited_too_long, (caller, caller.visit))

    def _expects(self, caller: Caller) -> None:
        """What a caller who begins to wait would be told, of one in so many: to see how true it comes."""
        if caller.state is not _WAITS or not caller.counted or int(caller.id) % _ASKED:
            return
        found = self._engine.expectation(caller.id)
        caller.expected = found.wait_s if found is not None else None

    def _is_out_of_places(self, queue: QueueKey) -> bool:
        """Whether he who has just come to wait is one too many."""
        places = self._places_of.get(queue)
        if places is not None and self._waiting[queue] > places:
            return True
        return self._places is not None and self._waiting.total() > self._places

    def _gives_up(self, caller: Caller) -> None:
        if caller.state <= _OFFERED:
            if caller.counted:
                caller.tally.gave_up_after.append(caller.patience)
            self._leaves(caller)

    def _leaves(self, caller: Caller) -> None:
        self._steps_out(caller)
        caller.state = _OVER
        del self._callers[caller.id]

    def _steps_out(self, caller: Caller) -> None:
        if caller.state is _WAITS:
            self._waiting[caller.queue] -= 1
        self.tell(m.CallGone(call=caller.id))

    # --- callers who cannot wait, or not any longer

    def _why_not_taken(self, queue: QueueKey, asks: Mapping[SkillKey, int] | Requirements) -> Why | None:
        """Of whoever comes and asks for this. (Who waits when it closes is served.)"""
        limits = self._limits.get(queue, NONE)
        if not limits.open_at(self.now):
            return Why.CLOSED
        if why := self._why_not_served(queue):
            return why
        if limits.max_per_hour and self._this_hour(queue) >= limits.max_per_hour:
            return Why.HOUR_FULL
        return Why.FULL if self._is_full(queue, limits, asks) else None

    def _this_hour(self, queue: QueueKey) -> int:
        """Callers who were answered within the hour, and all who will be."""
        answered = self._answered[queue]
        while answered and self.now - answered[0] >= _HOUR_S:
            answered.popleft()
        ringing = sum(one.state is _OFFERED and one.queue == queue for one in self._callers.values())
        return len(answered) + self._waiting[queue] + ringing

    def _is_full(self, queue: QueueKey, limits: Limits, asks: Mapping[SkillKey, int] | Requirements) -> bool:
        """Who need not wait has a place in any line."""
        if not limits.max_waiting or self._waiting[queue] < limits.max_waiting:
            return False
        return not self._engine.is_somebody_free(queue, requirements(asks), ONE_SERVER)

    def _why_not_served(self, queue: QueueKey) -> Why | None:
        serving = (one for one in self._engine.agents.values() if queue in one.profile.queues)
        return why_not_served(self._limits.get(queue, NONE), serving)

    def _left_alone(self) -> None:
        """Whoever served these queues has gone, or is on pause."""
        self._somebody_left = False
        for queue in self._watched:
            why = self._why_not_served(queue)
            if why is not None:
                waiting = [one for one in self._engine.line() if one.queue == queue and one.offered_to is None]
                for one in waiting:
                    self._go_on(self._callers[one.call], why)

    def _waited_too_long(self, visit: tuple[Caller, int]) -> None:
        caller, number = visit
        if caller.state is not _WAITS or caller.visit != number or self._go_on(caller, Why.TOO_LONG):
            return
        if self.now < self._until + _STOPS_AFTER_S:
            self.plan(self.now + AGAIN_S, self._waited_too_long, visit)

    def _go_on(self, caller: Caller, why: Why) -> bool:
        """To the first step of his queue's chain that takes him; False when none does."""
        chain = self._limits.get(caller.queue, NONE).chain
        step = next((one for one in chain if one.holds_for(why) and self._takes(one.kind, one.to)), None)
        if step is None:
            return False
        if caller.visit:
            self._steps_out(caller)
        if step.kind is not Way.QUEUE:
            caller.tally.sent_away += caller.counted
            caller.state = _OVER
            del self._callers[caller.id]
            return True
        caller.tally.moved_on += caller.counted and not caller.moved
        caller.moved, caller.queue = True, QueueKey(step.to)
        caller.requires = self._limits.get(caller.queue, NONE).asks
        self._joins(caller)
        return True

    def _takes(self, kind: Way, to: str) -> bool:
        if kind is not Way.QUEUE:
            return True
        queue = QueueKey(to)
        if queue not in self._limits:
            return False
        return self._why_not_taken(queue, self._limits[queue].asks) is None

    # --- callers and agents

    def _offer(self, caller: Caller, agent: AgentId) -> None:
        self._waiting[caller.queue] -= 1
        caller.agent, caller.state = agent, _OFFERED
        ring_s = self._answers_after(agent) if caller.ring is None else caller.ring
        if ring_s > 0:
            self.plan(self.now + ring_s, self._answers, caller)
        else:
            self._answers(caller)

    def _answers_after(self, agent: AgentId) -> float:
        """Where all phones ring the quickest has the call."""
        return self._rings.get(agent, 0.0)

    def _answers(self, caller: Caller) -> None:
        if caller.state is not _OFFERED:
            return
        caller.state = _TALKS
        if self._limits.get(caller.queue, NONE).max_per_hour:
            self._answered[caller.queue].append(self.now)
        if caller.counted:
            wait = self.now - caller.at
            caller.tally.waits.append(wait)
            if caller.expected is not None:
                caller.tally.told.append(caller.expected)
                caller.tally.came.append(wait)
            caller.tally.in_time += wait <= caller.within
        self.tell(m.CallTaken(agent=caller.agent, call=caller.id, queue=caller.queue))
        self.plan(self.now + caller.service, self._ends, caller)

    def _ends(self, caller: Caller) -> None:
        caller.state = _OVER
        del self._callers[caller.id]
        self.tell(m.CallFinished(agent=caller.agent, call=caller.id))
        if caller.after > 0:
            self.plan(self.now + caller.after, self.tell, m.WrapUpFinished(agent=caller.agent, call=caller.id))
        elif caller.queue in self._with_paperwork:
            self.tell(m.WrapUpFinished(agent=caller.agent, call=caller.id))


def plan_all(stage: Stage, inputs: Iterable[tuple[float, m.Input]]) -> None:
    for at, told in inputs:
        stage.plan(at, stage.tell, told)
