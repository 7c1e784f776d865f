"""Who gets this call: station 5 of a call's way. `handle(input, now)` answers with decisions and talks to nobody.

What always holds: no agent has two queue calls and no call two agents; no agent who is ready, reachable and able sits
idle while a call he may take waits; of two calls that ask for the same, the more urgent goes first, then the older.
Tickets wait in the same line: none is with two agents, and nobody has more of them than he may.
"""

from __future__ import annotations

from datetime import datetime

from crm_core.kernel.ids import AgentId, CallId, QueueKey
from routing import messages as m
from routing.agents import AtWork, Hand, Stage, Wish
from routing.because import why
from routing.expecting import Expecting
from routing.familiars import Familiars, until
from routing.floor import Floor
from routing.groups import Group, Groups, Spare
from routing.lines import Caller
from routing.reasons import StepKind, StepTaken
from routing.relaxing import Relaxing
from routing.roster import Roster
from routing.skills import requirements
from routing.tickets import Hands, Tickets
from routing.together import Together
from routing.urgency import place
from routing.view import View

_OFFERED = (Stage.RESERVED, Stage.RINGING)

Decisions = list[m.Decision]


class Engine(View):
    """The floor in motion. Feed it everything in order; carry out what it answers in order."""

    def __init__(self, floor: Floor, now: datetime) -> None:
        self._floor = floor
        self._groups = Groups(floor)
        self._roster = Roster(floor, now)
        self._callers: dict[CallId, Caller] = {}
        self._tickets = Tickets(
            self._roster.agents,
            floor,
            self._groups,
            Hands(seek_agent=self._seek_agent, seek_caller=self._seek_caller, settle=self._settle, sit=self._sit),
        )
        self._together = Together(self._roster, self._groups, settle=self._settle, withdraw=self._tickets.withdraw)
        self._relaxing = Relaxing(self._callers)
        self._familiars = Familiars()
        self._expecting = Expecting()
        self._talking: dict[CallId, AgentId] = {}
        self._order = 0

    def handle(self, told: m.Input, now: datetime) -> Decisions:
        decisions = self._handle(told, now)
        wake_at = self._relaxing.wake_at(now, self._roster.next_rested)
        return decisions if wake_at is None else [*decisions, m.WakeAt(when=wake_at)]

    def _handle(self, told: m.Input, now: datetime) -> Decisions:  # noqa: PLR0911 - a table
        match told:
            case m.CallWaits():
                return self._call_waits(told, now)
            case m.CallGone():
                if not told.set_aside:
                    self._expecting.left(self._callers.get(told.call), now)
                return self._call_gone(told.call, now)
            case m.TicketWaits() | m.TicketTaken() | m.TicketGone() | m.TicketMissed():
                return self._tickets.hear(told, now)
            case m.FloorChanged():
                return self._floor_changed(told.floor, now)
            case m.Remembered():
                self._roster.remember(told, now)
                self._expecting.remember(told)
                return []
            case m.Tick():
                return self._time_passed(now)
            case _:
                agent = self.agents.get(told.agent)
                return [] if agent is None else self._about(told, agent, now)

    def _about(self, told: m.AgentInput, agent: AtWork, now: datetime) -> Decisions:  # noqa: PLR0911 - a table
        match told:
            case m.OfferRang():
                return self._rang(agent, told.call, now)
            case m.OfferAnswered():
                return self._answered(agent, told.call, now)
            case m.OfferFailed():
                return self._offer_failed(agent, told, now)
            case m.CallFinished():
                return self._finished(agent, told.call, now)
            case m.OfferFound():
                return self._offer_found([agent.id, *told.others], told.caller, now)
            case m.CallTaken():
                return self._taken(agent, told, now)
            case m.Restored():
                self._groups.rise(agent.id)
                self._roster.restore(agent, told, self._floor.queue(told.queue))
                self._remember_conversation(agent)
                return [*self._tickets.restored(agent, now), *self._open_up(agent, now)]
            case m.Reachable() | m.Unreachable():
                self._roster.note(told, agent)
                self._groups.rise(agent.id)  # others may find him now, or none of those he sat with
                return self._settle(agent, now)
            case _:
                self._roster.note(told, agent)
                return self._settle(agent, now)

    # --- callers

    def _call_waits(self, told: m.CallWaits, now: datetime) -> Decisions:
        if told.call in self._callers:
            return []
        decisions = self._end_conversation(told.call, now)
        caller = self._callers[told.call] = self._caller(told)
        return decisions + self._relax_anew(caller, now) + self._seek_agent(caller, now)

    def _call_gone(self, call: CallId, now: datetime) -> Decisions:
        caller = self._callers.pop(call, None)
        if caller is None:
            return []
        if caller.offered_to is None:
            self._groups.leave(caller)
            self._familiars.let_go(caller)
            return []
        return self._together.let_go(caller.offered, now)

    def _caller(self, told: m.CallWaits) -> Caller:
        self._order += 1
        queue = self._floor.queue(told.queue)
        asked = requirements(told.requires)
        return Caller(
            call=told.call,
            queue=told.queue,
            asked=asked,
            requires=asked,
            priority=told.priority,
            since=told.since,
            place=place(queue, told.priority, told.since.timestamp(), self._order),
            server=told.server,
            familiar=told.familiar,
            tie=told.tie,
            steps=_brought(told.brought_s),
        )

    # --- offers

    def _rang(self, agent: AtWork, call: CallId, now: datetime) -> Decisions:
        if agent.hand is None or not agent.holds(call, Stage.RESERVED):
            return []
        agent.hand = Hand(call=call, stage=Stage.RINGING, queue=agent.hand.queue)
        return self._roster.tell(agent, now)

    def _answered(self, agent: AtWork, call: CallId, now: datetime) -> Decisions:
        caller = self._callers.get(call)
        if caller is None or not agent.holds(call, *_OFFERED):
            return []
        return self._together.answered(caller, agent.id, now)

    def _offer_failed(self, agent: AtWork, told: m.OfferFailed, now: datetime) -> Decisions:
        caller = self._callers.get(told.call)
        if caller is None or not agent.holds(told.call, *_OFFERED):
            return []
        agent.hand = None
        caller.not_taken_by(agent.id)
        enough = not told.missed or self._together.missed(agent, caller, self._floor.queue(caller.queue))
        if told.pause and enough and agent.wish is Wish.READY:
            agent.wants(Wish.PAUSED, told.pause, over=told.call if told.missed and caller.together else None)
        if told.unreachable:
            agent.servers = frozenset() if caller.is_callback else agent.servers - {caller.server}
        if (told.pause or told.unreachable) and agent.id not in caller.missed_by:
            caller.missed_by.append(agent.id)
        if agent.id == caller.familiar:
            caller.familiar = None  # he had his chance
        if not told.call_stays:
            del self._callers[caller.call]
            return self._together.let_go((agent.id, *caller.offered), now)
        if caller.offered_to is not None:
            return self._settle(agent, now)  # other phones still ring for him
        return self._both_free(agent, caller, now)

    def _both_free(self, agent: AtWork, caller: Caller, now: datetime) -> Decisions:
        """Each looks around anew; the agent first, as somebody more urgent may have come while his phone rang."""
        relaxed = self._relax(caller, now)
        self._groups.join(caller)
        first = self._groups.first_for(agent.id, agent.reach) if agent.may_sit else None
        if first is None or first is caller:
            self._groups.leave(caller)
            decisions = self._roster.tell(agent, now)
            if agent.may_sit:
                self._sit(agent)
            decisions += self._seek_agent(caller, now)
            if self._groups.idle(agent.id):
                self._groups.rise(agent.id)
        else:
            decisions = self._settle(agent, now)
            self._groups.leave(caller)
            decisions += self._seek_agent(caller, now)
        return [*relaxed, *decisions, *self._settle(agent, now)]

    def _offer_found(self, found: list[AgentId], told: m.CallWaits, now: datetime) -> Decisions:
        if told.call in self._callers or told.call in self._talking:
            return []
        ringing = [a for a in self.agents.values() if a.id in found and a.hand is None]
        if not ringing:
            return self._call_waits(told, now)
        caller = self._callers[told.call] = self._caller(told)
        caller.offer_to(agent.id for agent in ringing)
        caller.together = len(found) > 1
        decisions = self._relax_anew(caller, now)
        for agent in ringing:
            agent.beside.discard(told.call)
            agent.hand = Hand(call=told.call, stage=Stage.RINGING, queue=told.queue)
            self._groups.rise(agent.id)
        return decisions + [decision for agent in ringing for decision in self._settle(agent, now)]

    # --- conversations

    def _taken(self, agent: AtWork, told: m.CallTaken, now: datetime) -> Decisions:
        if agent.hand is not None and agent.holds(told.call, *_OFFERED):
            caller, queue = self._callers[told.call], agent.hand.queue
            caller.not_taken_by(agent.id)
            back = self._together.forgive(caller)
            return self._talks(agent, told.call, queue, now) + self._together.let_go(caller.offered, now, back)
        if agent.holds(told.call, Stage.TALKING):
            return []
        if told.call in self._talking or agent.holds_another():
            agent.beside.add(told.call)
            return self._settle(agent, now)
        put_back = self._empty_hand(agent, told.call)
        self._groups.rise(agent.id)  # whoever is set free by this must not be given to him
        decisions = self._call_gone(told.call, now)
        decisions += self._talks(agent, told.call, told.queue, now)
        if put_back is not None:
            put_back.not_taken_by(agent.id)
        if put_back is not None and put_back.offered_to is None:
            decisions += self._relax(put_back, now) + self._seek_agent(put_back, now)
        return decisions

    def _empty_hand(self, agent: AtWork, call: CallId) -> Caller | None:
        """For this conversation: other wrap-ups wait until it is over. Answers with the caller he was being offered."""
        agent.put_aside = [hand for hand in agent.wrap_ups if hand.call != call]
        hand, agent.hand = agent.hand, None
        return self._callers.get(hand.call) if hand is not None and hand.stage in _OFFERED else None

    def _talks(self, agent: AtWork, call: CallId, queue: QueueKey, now: datetime) -> Decisions:
        caller = self._callers.pop(call, None)
        agent.beside.discard(call)
        agent.hand = Hand(call=call, stage=Stage.TALKING, queue=queue)
        if queue:  # a call to the outside is none that he was given
            self._roster.took(agent, now)
            agent.missed = 0
            self._expecting.taken(agent, call, queue, caller, now)
        self._remember_conversation(agent)
        return self._settle(agent, now)

    def _remember_conversation(self, agent: AtWork) -> None:
        if agent.hand is not None and agent.hand.stage is Stage.TALKING:
            self._talking[agent.hand.call] = agent.id

    def _finished(self, agent: AtWork, call: CallId, now: datetime) -> Decisions:
        if agent.hand is not None and agent.holds(call, Stage.TALKING):
            self._talking.pop(call, None)
            self._roster.let_go(agent, self._floor.queue(agent.hand.queue), now)
        return self._settle(agent, now)

    def _end_conversation(self, call: CallId, now: datetime) -> Decisions:
        """A call that waits (again) has left whoever it was with."""
        agent = self.agents.get(self._talking.get(call, AgentId("")))
        return [] if agent is None else self._finished(agent, call, now)

    # --- looking for each other

    def _settle(self, agent: AtWork, now: datetime) -> Decisions:
        """After any change: tell it, and let the agent sit down, stand up or take the first who waits for him."""
        decisions = self._roster.tell(agent, now)
        self._expecting.look(agent, now)
        if agent.offered is not None and not agent.is_free:
            decisions += self._tickets.withdraw(agent, now)
        self._roster.forget_if_left(agent)
        if not agent.may_sit:
            self._groups.rise(agent.id)
        elif not self._groups.idle(agent.id):
            decisions += self._seek_caller(agent, now)
        return [*decisions, *self._open_up(agent, now)] if agent.id in self._familiars else decisions

    def _seek_caller(self, agent: AtWork, now: datetime) -> Decisions:
        caller = self._groups.first_for(agent.id, agent.reach)
        if caller is None:
            self._sit(agent)
            return []
        self._groups.takes_turn(caller)
        rule, group = "familiar" if caller.kept_for == agent.id else "only_one", self._groups.of_caller(caller)
        if group.rings_all and rule == "only_one":
            self._sit(agent)
            return self._ring_all(caller, group, now)
        return self._assign(caller, agent, group, rule, now)

    def _sit(self, agent: AtWork) -> None:
        self._groups.sit(agent.id, agent.idle, agent.reach)

    def _seek_agent(self, caller: Caller, now: datetime) -> Decisions:
        group = self._groups.of_caller(caller)
        if caller.familiar is not None and (familiar := self._seek_familiar(caller, group, now)) is not None:
            return familiar
        if group.rings_all and group.bench:
            return self._ring_all(caller, group, now)
        if caller.missed_by:
            return self._seek_another(caller, group, now)
        first, second = group.bench.first(), group.bench.second()
        if first is None:
            self._groups.join(caller)
            return []
        if group.looks_around and (spare := self._groups.least_needed(group)) is not None:
            return self._assign(caller, self.agents[next(iter(spare))], group, "least_needed", now, spare=spare)
        rule = "only_one" if second is None else group.rule(first[0], second[0])
        return self._assign(caller, self.agents[first[1]], group, rule, now)

    def _ring_all(self, caller: Caller, group: Group, now: datetime) -> Decisions:
        """Who did not take him before is asked again, if he is free after that: with one more chance he was left."""
        seats = self._together.seats(group)
        if len(seats) == 1:
            return self._assign(caller, seats[0], group, "only_one", now)
        self._groups.leave(caller)
        self._familiars.let_go(caller)
        return self._together.ring(caller, seats, group, self._floor.queue(caller.queue), now)

    def _seek_another(self, caller: Caller, group: Group, now: datetime) -> Decisions:
        """Who did not take him is asked again when nobody else is free."""
        seats = group.bench.but(caller.missed_by)
        if not seats:
            self._groups.join(caller)
            return []
        rule = "only_one" if len(seats) == 1 else group.rule(seats[0][0], seats[1][0])
        return self._assign(caller, self.agents[seats[0][1]], group, rule, now)

    def _seek_familiar(self, caller: Caller, group: Group, now: datetime) -> Decisions | None:
        """Whoever knows him if he is free, or the wait for him; None when there is nobody worth waiting for."""
        agent, queue = self.agents.get(caller.familiar or AgentId("")), self._floor.queue(caller.queue)
        if agent is None or agent.id not in group.able:
            return None
        if self._groups.idle(agent.id) and agent.takes_calls and agent.is_at(caller.server):
            return self._assign(caller, agent, group, "familiar", now)
        if now >= until(caller, queue) or not agent.is_busy_at(caller.server):
            return None
        steps = self._familiars.keep(caller, agent.id, queue)
        self._groups.join(caller)
        self._relaxing.watch(caller, queue.steps)
        return _told(caller, steps)

    def _open_up(self, agent: AtWork, now: datetime) -> Decisions:
        """Whoever waits for him alone, when he is not to be had in sight any more, waits for anybody."""
        waiting = [caller for caller in self._familiars.of(agent.id) if not agent.is_busy_at(caller.server)]
        decisions: Decisions = []
        for caller in waiting:
            self._groups.leave(caller)
            decisions += _told(caller, self._familiars.open_up(caller, now)) + self._relax(caller, now)
        return decisions + [decision for caller in waiting for decision in self._seek_agent(caller, now)]

    def _assign(
        self, caller: Caller, agent: AtWork, group: Group, rule: str, now: datetime, *, spare: Spare | None = None
    ) -> Decisions:
        because = why(caller, agent, group, rule=rule, colleagues=self.agents, now=now, spare=spare)
        self._groups.rise(agent.id)
        self._groups.leave(caller)
        if caller.is_ticket:
            return self._tickets.ask(caller, agent, because, now)
        self._familiars.let_go(caller)
        caller.offer_to([agent.id])
        caller.together, caller.rang_out = False, []
        agent.hand = Hand(call=caller.call, stage=Stage.RESERVED, queue=caller.queue)
        ring_s = self._floor.queue(caller.queue).ring_s
        assigned = m.Assigned(call=caller.call, agent=agent.id, queue=caller.queue, ring_s=ring_s, because=because)
        told = [*self._roster.tell(agent, now), assigned]
        return told if agent.offered is None else [*told, *self._tickets.withdraw(agent, now)]

    # --- time

    def _time_passed(self, now: datetime) -> Decisions:
        """Of all whose wish is relaxed in the same moment the first in line looks for somebody first."""
        decisions = [decision for agent in self._roster.overdue(now) for decision in self._settle(agent, now)]
        for agent in self._roster.rested(now):
            decisions += self._tickets.look_around(agent, now)
        waiting = [caller for caller in self._relaxing.due(now) if caller.offered_to is None]
        for caller in waiting:
            self._groups.leave(caller)
            if caller.kept_until is not None and caller.kept_until <= now:
                decisions += _told(caller, self._familiars.open_up(caller, now))
            self._familiars.let_go(caller)
            decisions += self._relax(caller, now)
        for caller in sorted(waiting, key=self._groups.turn):
            decisions += self._seek_agent(caller, now)
        return decisions

    def _relax(self, caller: Caller, now: datetime) -> Decisions:
        """Whatever is due by now; he stands in no line just then. (While a phone rings for him he asks for nothing.)"""
        return _told(caller, self._relaxing.go_on(caller, self._floor.queue(caller.queue).steps, now))

    def _relax_anew(self, caller: Caller, now: datetime) -> Decisions:
        return _told(caller, self._relaxing.begin(caller, self._floor.queue(caller.queue).steps, now))

    # --- the floor

    def _floor_changed(self, floor: Floor, now: datetime) -> Decisions:
        self._floor, self._groups = floor, Groups(floor)
        decisions = self._roster.redraw(floor, now)
        self._together.redraw(self._groups)
        decisions += self._tickets.redraw(floor, self._groups)
        for agent in self.agents.values():
            if agent.may_sit:
                self._sit(agent)
        for caller in self._callers.values():
            self._familiars.let_go(caller)
            queue = floor.queue(caller.queue)
            caller.goes_to(place(queue, caller.priority, caller.since.timestamp(), caller.place[2]))
            decisions += self._relax_anew(caller, now)
        for caller in sorted([*self._callers.values(), *self.tickets.values()], key=self._groups.turn):
            if caller.offered_to is None:
                decisions += self._seek_agent(caller, now)
        return decisions


def _brought(seconds: float) -> tuple[StepTaken, ...]:
    return (StepTaken(kind=StepKind.PLACE_BACK, after_s=0.0, for_s=seconds),) if seconds > 0 else ()


def _told(caller: Caller, steps: tuple[StepTaken, ...]) -> Decisions:
    return [m.Relaxed(call=caller.call, queue=caller.queue, step=step, requires=caller.requires) for step in steps]
