"""How long those who wait will still do so, as far as it can be told from how things stand and how late calls went.

With n before him, s people who take such calls and a mean handling time h, somebody waits for (n + 1) · h ÷ s.
(W. Whitt, Predicting Queueing Delays, Management Science 45, 1999.) Those who hang up shorten it: with a mean patience
p it is the sum over i = 0 … n of 1 ÷ (s ÷ h + i ÷ p). (QLm of R. Ibrahim and W. Whitt, Real-Time Delay Estimation in
Overloaded Multiserver Queues with Abandonments, Management Science 55, 2009.) Before him are those who ask for the
same; who serves others as well is counted in each line for the part it has among all who wait for him.
"""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from math import inf, log

from crm_core.kernel.ids import AgentId, CallId, QueueKey
from routing.agents import AtWork, Wish
from routing.groups import Groups
from routing.lines import Caller
from routing.messages import Remembered

_ENOUGH = 3
"""Of fewer calls nothing can be told."""
_LATELY = 100
_FADES = 0.99
"""What each wait counts when the next is over."""


def expected_wait_s(ahead: int, agents: float, handle_s: float, patience_s: float = inf) -> float:
    """QLm. Its sum is written as the first summand and an integral: a line of thousands costs what one of two does."""
    rate = agents / handle_s
    if patience_s == inf:
        return (ahead + 1) / rate
    leaving = 1 / patience_s
    return 1 / rate + log((rate + (ahead + 0.5) * leaving) / (rate + 0.5 * leaving)) / leaving


@dataclass(slots=True)
class Lately:
    """How a queue's calls went of late."""

    handled: deque[float] = field(default_factory=lambda: deque(maxlen=_LATELY))
    waited_s: float = 0.0
    left: float = 0.0

    def waits_no_more(self, waited_s: float, *, left: bool) -> None:
        self.waited_s = self.waited_s * _FADES + max(waited_s, 0.0)
        self.left = self.left * _FADES + left

    @property
    def handle_s(self) -> float | None:
        """Conversation and paperwork; None while nobody can tell."""
        return sum(self.handled) / len(self.handled) if len(self.handled) >= _ENOUGH else None

    @property
    def patience_s(self) -> float:
        """The mean of an exponential patience that would make as many leave."""
        return self.waited_s / self.left if self.left >= 1 and self.waited_s > 0 else inf


@dataclass(frozen=True, slots=True, kw_only=True)
class Expectation:
    position: int
    """In his queue, from 1."""
    wait_s: float | None
    """None: nobody takes such calls just now, or too few were taken to tell."""


class Expecting:
    def __init__(self) -> None:
        self._lately: defaultdict[QueueKey, Lately] = defaultdict(Lately)
        self._begun: dict[AgentId, tuple[CallId, QueueKey, datetime]] = {}

    def left(self, caller: Caller | None, now: datetime) -> None:
        if caller is not None:
            self._lately[caller.queue].waits_no_more((now - caller.since).total_seconds(), left=True)

    def taken(self, agent: AtWork, call: CallId, queue: QueueKey, caller: Caller | None, now: datetime) -> None:
        self._begun[agent.id] = (call, queue, now)
        if caller is not None:
            self._lately[queue].waits_no_more((now - caller.since).total_seconds(), left=False)

    def remember(self, told: Remembered) -> None:
        """Of the hours before a restart of ours."""
        for one in told.waited:
            self._lately[one.queue].waits_no_more(one.waited_s, left=one.left)
        for done in told.worked:
            if not done.queue:
                continue
            if done.until is None:
                self._begun[done.agent] = (done.call, done.queue, done.at)
            elif done.until > done.at:
                self._lately[done.queue].handled.append((done.until - done.at).total_seconds())

    def look(self, agent: AtWork, now: datetime) -> None:
        """Is he done with the call he took last, its paperwork included?"""
        begun = self._begun.get(agent.id)
        if begun is None:
            return
        call, queue, since = begun
        if (agent.hand is None or agent.hand.call != call) and not agent.wraps_up(call):
            del self._begun[agent.id]
            self._lately[queue].handled.append((now - since).total_seconds())

    def of_caller(
        self, caller: Caller, callers: Iterable[Caller], groups: Groups, agents: Mapping[AgentId, AtWork]
    ) -> Expectation:
        turn = groups.turn(caller)
        ahead = [c for c in callers if c.queue == caller.queue and c.offered_to is None and groups.turn(c) < turn]
        like_him = sum(other.wish == caller.wish for other in ahead)
        share = self._share(caller, groups, agents, {})
        return Expectation(position=len(ahead) + 1, wait_s=self._wait_s(caller.queue, like_him, share))

    def of_line(
        self, line: Iterable[Caller], groups: Groups, agents: Mapping[AgentId, AtWork]
    ) -> dict[CallId, Expectation]:
        """Of everybody who waits and for whom no phone rings; `line` in the order in which they are served."""
        before: dict[object, int] = defaultdict(int)
        shares: dict[object, float] = {}
        load: dict[AgentId, int] = {}
        found: dict[CallId, Expectation] = {}
        for caller in line:
            if caller.offered_to is not None:
                continue
            if caller.wish not in shares:
                shares[caller.wish] = self._share(caller, groups, agents, load)
            wait_s = self._wait_s(caller.queue, before[caller.wish], shares[caller.wish])
            before[caller.queue] += 1
            before[caller.wish] += 1
            found[caller.call] = Expectation(position=before[caller.queue], wait_s=wait_s)
        return found

    def _share(
        self, caller: Caller, groups: Groups, agents: Mapping[AgentId, AtWork], load: dict[AgentId, int]
    ) -> float:
        """How many people take calls like his: of each the part that those who ask for the same have among all who
        wait for him. `load` remembers how many those are."""
        group = groups.of_caller(caller)
        serving = [agent for agent in group.able if _takes_calls(agents[agent], caller)]
        for agent in serving:
            if agent not in load:
                load[agent] = groups.waiting_for(agent)
        return sum(len(group.line) / max(load[agent], 1) for agent in serving)

    def _wait_s(self, queue: QueueKey, ahead: int, agents: float) -> float | None:
        lately = self._lately[queue]
        handle_s = lately.handle_s
        return expected_wait_s(ahead, agents, handle_s, lately.patience_s) if handle_s and agents else None


def _takes_calls(agent: AtWork, caller: Caller) -> bool:
    return agent.wish is Wish.READY and agent.is_at(caller.server) and agent.full_until is None
