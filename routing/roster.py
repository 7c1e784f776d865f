"""Everybody on the floor, what each is doing, and the telling of it: one AgentChanged for each visible change."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from heapq import heappop, heappush
from typing import assert_never

from crm_core.kernel.ids import AgentId, CallId
from routing import messages as m
from routing.agents import Agent, AtWork, Hand, Shown, Stage, Wish, wish_behind
from routing.floor import Floor
from routing.occupancy import Occupancy
from routing.queues import Queue, WrapUpKind
from routing.states import AgentState

_STATES = {wish: AgentState(wish.value) for wish in Wish}
_OFFERED = (AgentState.RESERVED, AgentState.RINGING)
_HOUR = timedelta(hours=1)
_BUSY = (AgentState.TALKING, AgentState.WRAP_UP)
"""Work; a phone that rings is none."""


class Roster:
    def __init__(self, floor: Floor, now: datetime) -> None:
        self.agents: dict[AgentId, AtWork] = {agent.id: _arrives(agent, now) for agent in floor.agents.values()}
        self._full: list[tuple[datetime, AgentId]] = []
        self._wrap_ups: list[tuple[datetime, AgentId, CallId]] = []

    def tell(self, agent: AtWork, now: datetime) -> list[m.Decision]:
        """What changed in the eyes of the others since it was last told."""
        before, look = agent.shown, agent.look()
        if look == before:
            return []
        if look.state is not before.state or look.reason != before.reason:
            agent.since = now
        if look.state is not before.state:
            agent.occupancy.passed(now, busy=before.state in _BUSY)
        if look.state is AgentState.READY and before.state not in (AgentState.READY, *_OFFERED):
            agent.idle_since = now
        agent.shown = look
        return [_changed(agent, before)]

    def note(self, fact: m.AgentFact, agent: AtWork) -> None:
        """Writes down one fact about an agent."""
        match fact:
            case m.Ready():
                agent.wants(Wish.READY)
                agent.missed = 0
            case m.Paused():
                agent.wants(Wish.PAUSED, fact.reason)
            case m.SignedOff():
                agent.wants(Wish.OFFLINE)
            case m.Reachable():
                agent.servers |= {fact.server}
            case m.Unreachable():
                agent.servers -= {fact.server}
            case m.WrapUpFinished():
                self.finish_wrap_up(agent, fact.call)
            case m.OwnCallBegan():
                agent.beside.add(fact.call)
            case m.OwnCallEnded():
                agent.beside.discard(fact.call)
            case _:
                assert_never(fact)

    def let_go(self, agent: AtWork, queue: Queue, now: datetime) -> None:
        """The conversation in his hands is over: paperwork as the queue wants it, or nothing more."""
        hand = agent.hand
        if hand is None or queue.wrap_up.kind is WrapUpKind.NONE or agent.wish is Wish.OFFLINE:
            self._take_up_again(agent)
        else:
            agent.hand = self._wrap_up(agent, Hand(call=hand.call, stage=Stage.WRAP_UP, queue=hand.queue), queue, now)

    def finish_wrap_up(self, agent: AtWork, call: CallId) -> bool:
        if not agent.wraps_up(call):
            return False
        if agent.holds(call, Stage.WRAP_UP):
            self._take_up_again(agent)
        else:
            agent.put_aside = [hand for hand in agent.put_aside if hand.call != call]
        return True

    def _take_up_again(self, agent: AtWork) -> None:
        """His hands are free, for the wrap-up that was put aside last, if there is one."""
        agent.hand = agent.put_aside.pop() if agent.put_aside else None

    def overdue(self, now: datetime) -> Iterator[AtWork]:
        """Frees those whose wrap-up is over its limit, one by one."""
        while self._wrap_ups and self._wrap_ups[0][0] <= now:
            until, agent_id, call = heappop(self._wrap_ups)
            agent = self.agents.get(agent_id)
            if agent is not None and any(hand.call == call and hand.until == until for hand in agent.wrap_ups):
                self.finish_wrap_up(agent, call)
                yield agent

    def took(self, agent: AtWork, now: datetime) -> None:
        """He talks with a caller from a queue."""
        agent.turn = now
        agent.taken.append(now)
        self._count(agent, now)

    def _count(self, agent: AtWork, now: datetime) -> None:
        """Whether he has had his calls for this hour, and until when."""
        while agent.taken and agent.taken[0] + _HOUR <= now:
            agent.taken.popleft()
        most, agent.full_until = agent.profile.calls_per_hour, None
        if most is not None and len(agent.taken) >= most:
            agent.full_until = agent.taken[-most] + _HOUR
            heappush(self._full, (agent.full_until, agent.id))

    @property
    def next_rested(self) -> datetime | None:
        """When somebody may get calls again who has had too many."""
        return self._full[0][0] if self._full else None

    def rested(self, now: datetime) -> Iterator[AtWork]:
        """Those who may, one by one."""
        while self._full and self._full[0][0] <= now:
            until, agent_id = heappop(self._full)
            agent = self.agents.get(agent_id)
            if agent is not None and agent.full_until == until:
                self._count(agent, now)
                yield agent

    def remember(self, told: m.Remembered, now: datetime) -> None:
        """What each did before a restart of ours: the calls of this hour, those missed, how busy he was."""
        done: list[m.Worked | m.Missed] = [*told.worked, *told.missed]
        spans: defaultdict[AgentId, list[tuple[datetime, datetime]]] = defaultdict(list)
        for one in sorted(done, key=lambda one: one.at):
            agent = self.agents.get(one.agent)
            if agent is None:
                continue
            if isinstance(one, m.Missed):
                agent.missed += 1
                continue
            spans[agent.id].append((one.at, min(one.until or now, now)))
            if one.queue:
                agent.missed = 0
                agent.taken.append(min(one.at, now))
        for agent_id, worked in spans.items():
            self.agents[agent_id].occupancy.remembers(worked, now)
            self._count(self.agents[agent_id], now)

    def restore(self, agent: AtWork, told: m.Restored, queue: Queue) -> None:
        """Takes up where he was before a restart of ours, without telling anybody: nothing has changed for them."""
        state = told.state
        if told.wish is not None:
            agent.wants(wish_behind(told.wish), told.wish_reason)
        else:
            agent.wants(wish_behind(state), told.reason if state is AgentState.PAUSED else "")
        agent.since = agent.idle_since = told.since
        agent.turn = agent.taken[-1] if agent.taken else told.since
        if told.call is not None and state in (AgentState.TALKING, AgentState.WRAP_UP):
            agent.hand = Hand(call=told.call, stage=Stage(state.value), queue=told.queue)
            if state is AgentState.WRAP_UP:
                agent.hand = self._wrap_up(agent, agent.hand, queue, told.since)
        agent.shown = agent.look()._replace(state=state, reason=told.reason, call=told.call)

    def redraw(self, floor: Floor, now: datetime) -> list[m.Decision]:
        """The floor was changed: newcomers arrive, those no longer on it leave (after the call in their hands)."""
        for profile in floor.agents.values():
            known = self.agents.get(profile.id)
            if known is None:
                self.agents[profile.id] = _arrives(profile, now)
            else:
                known.profile, known.leaving = profile, False
                self._count(known, now)
        told: list[m.Decision] = []
        for agent in [agent for agent in self.agents.values() if agent.id not in floor.agents]:
            agent.profile, agent.leaving = Agent(id=agent.id), True
            self._count(agent, now)
            agent.wants(Wish.OFFLINE)
            for hand in agent.wrap_ups:
                self.finish_wrap_up(agent, hand.call)
            told += self.tell(agent, now)
            self.forget_if_left(agent)
        return told

    def forget_if_left(self, agent: AtWork) -> None:
        if agent.leaving and agent.hand is None:
            self.agents.pop(agent.id, None)

    def _wrap_up(self, agent: AtWork, hand: Hand, queue: Queue, begun: datetime) -> Hand:
        """With its limit, if the queue has one."""
        if queue.wrap_up.kind is not WrapUpKind.MANDATORY or queue.wrap_up.limit_s <= 0:
            return hand
        until = begun + timedelta(seconds=queue.wrap_up.limit_s)
        heappush(self._wrap_ups, (until, agent.id, hand.call))
        return replace(hand, until=until)


def _arrives(profile: Agent, now: datetime) -> AtWork:
    return AtWork(profile=profile, since=now, idle_since=now, turn=now, occupancy=Occupancy(at=now), shown=Shown())


def _changed(agent: AtWork, before: Shown) -> m.AgentChanged:
    look = agent.shown
    return m.AgentChanged(
        agent=agent.id,
        before=before.state,
        state=look.state,
        reason=look.reason,
        call=look.call,
        reachable=look.reachable,
        wish=_STATES[look.wish],
        wish_reason=look.wish_reason,
        wrap_up_until=agent.wrap_up_until,
    )
