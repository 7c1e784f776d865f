"""What there is to see of the engine: who is where, who waits for how long, and why. Asking changes nothing."""

from __future__ import annotations

from collections.abc import Mapping

from crm_core.kernel.ids import AgentId, CallId, QueueKey, ServerId
from routing.agents import AtWork
from routing.expecting import Expectation, Expecting
from routing.explaining import IdleReason, WaitReason, code_of, why_no_calls, why_waiting
from routing.floor import Floor
from routing.groups import Groups
from routing.lines import Caller
from routing.reasons import WhyWaiting
from routing.roster import Roster
from routing.skills import Requirements
from routing.tickets import Tickets


class View:
    _floor: Floor
    _groups: Groups
    _roster: Roster
    _callers: dict[CallId, Caller]
    _tickets: Tickets
    _expecting: Expecting

    @property
    def floor(self) -> Floor:
        return self._floor

    @property
    def agents(self) -> Mapping[AgentId, AtWork]:
        """Everybody on the floor; to look at only."""
        return self._roster.agents

    @property
    def callers(self) -> Mapping[CallId, Caller]:
        """Every call that waits or is being offered; to look at only."""
        return self._callers

    @property
    def tickets(self) -> Mapping[CallId, Caller]:
        """Every ticket that waits or that somebody is asked to take; to look at only."""
        return self._tickets.waiting

    def line(self) -> list[Caller]:
        """All of them, the most urgent first."""
        return sorted(self._callers.values(), key=self._groups.turn)

    def in_turn(self) -> list[Caller]:
        """Callers and tickets in the order in which they would be served now: as of `line`, but that the weights of
        queues and the crowds are thought through to the last of them."""
        return self._groups.in_turn([*self._callers.values(), *self.tickets.values()])

    def expectations(self) -> dict[CallId, Expectation]:
        """Where everybody stands who waits, and for how much longer."""
        return self._expecting.of_line(self.line(), self._groups, self.agents)

    def expectation(self, call: CallId) -> Expectation | None:
        """The same of one; None when he does not wait, or a phone rings for him."""
        caller = self._callers.get(call)
        if caller is None or caller.offered_to is not None:
            return None
        return self._expecting.of_caller(caller, self._callers.values(), self._groups, self.agents)

    def is_somebody_free(self, queue: QueueKey, requires: Requirements, server: ServerId) -> bool:
        """Whether whoever came and asked for this would not have to wait."""
        return len(self._groups.of(queue, requires, server).bench) > 0

    def why_waiting(self, call: CallId) -> WhyWaiting | None:
        """The stable code for the board; None when the call (or ticket) does not wait."""
        caller = self._callers.get(call) or self.tickets.get(call)
        return None if caller is None else code_of(caller, self._groups.of_caller(caller).able, self.agents)

    def explain_wait(self, call: CallId) -> WaitReason | None:
        """Everything there is to say about it; None when the call (or ticket) does not wait."""
        caller = self._callers.get(call) or self.tickets.get(call)
        return None if caller is None else why_waiting(caller, self._floor, self._groups, self.agents, self.in_turn())

    def explain_idle(self, agent: AgentId) -> IdleReason | None:
        """Why he gets no calls just now; None when nobody knows him."""
        at_work = self.agents.get(agent)
        return None if at_work is None else why_no_calls(at_work, self._callers, self._floor, self._groups, self.agents)
