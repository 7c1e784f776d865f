"""What always holds on a day at the call centre, and what must be true once everything was heard and done."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from datetime import datetime

from hypothesis.stateful import invariant, rule

from crm_core.kernel.ids import CallId
from cti import commands as c
from cti import events as e
from routing.states import AgentState
from tests.unit.cti.switchboard.day import Day
from tests.unit.cti.switchboard.sites import Caller, Place, extension_of

IN_A_CALL = (AgentState.RESERVED, AgentState.RINGING, AgentState.TALKING)


class DayOfTruth(Day):
    @invariant()
    def offers_go_to_free_callers_and_agents(self) -> None:
        if not hasattr(self, "play"):
            return
        floor = self.play.floor()
        rows = [row for row in floor.waiting if row.offered_to is not None]
        offered = Counter(agent for row in rows for agent in (row.offered_to, *row.also_offered_to))
        assert all(count == 1 for count in offered.values())
        if not self.deaf and not any(site.said or site.wanted for site in self.sites):
            self.check_agents(floor)

    def check_agents(self, floor: c.Floor) -> None:
        """Nobody is free who is not; nobody idles while somebody waits whom he could serve."""
        up = [site for site in self.sites if not site.cut]
        talking = {caller.extension for site in up for caller in site.callers.values() if caller.place is Place.TALKING}
        for row in floor.agents:
            assert row.extension not in talking or row.state is not AgentState.READY, f"{row.agent} talks and is ready"
            if row.state is AgentState.READY and row.reachable:
                able = [waiting for waiting in floor.waiting if self.could_serve(row, waiting)]
                assert not able, f"{row.agent} idles, {able} waits"

    def could_serve(self, row: e.AgentOnFloor, waiting: e.WaitingCall) -> bool:
        has = row.skills or {}
        site = next(site for site in self.sites if waiting.call.startswith(site.server))
        in_doubt = self.play.switchboard._house.engine.agents[row.agent].servers
        able = all(has.get(skill, 0) >= level for skill, level in waiting.requires.items())
        return able and waiting.offered_to is None and site.server in in_doubt

    @rule()
    def everything_is_heard_and_done(self) -> None:
        """Then what the switchboard thinks is what there is."""
        if self.deaf:
            return
        for _ in range(3):
            self.settle()
            self.time_passes(12)
        self.settle()
        self.check_truth()

    def check_truth(self) -> None:
        floor = self.play.floor()
        calls = {call.call: call for call in floor.calls}
        waiting = {row.call: row for row in floor.waiting}
        agents = {row.extension: row for row in floor.agents}
        for site in self.sites:
            for caller in site.callers.values():
                call = calls[site.call_of(caller)]
                here = agents.get(caller.extension or "")
                match caller.place:
                    case Place.HOLD:
                        assert waiting[call.call].offered_to is None, f"{call} waits, and is thought to be offered"
                        assert call.phase == "waiting"
                    case Place.OFFER if caller.all_ring:
                        self.check_all_ring(caller, call, agents)
                    case Place.OFFER:
                        assert (call.offer, call.agent) == (caller.offer, here and here.agent)
                        assert here is None or here.state in (AgentState.RESERVED, AgentState.RINGING)
                    case Place.SAFETY:
                        assert caller.phone is not None, f"{call} is left to Asterisk's own queue"
                        assert call.phase == "safety"
                    case Place.HANDED_ON:
                        assert call.call not in waiting
                        assert here is None or here.state in (AgentState.TALKING, AgentState.WRAP_UP)
                    case Place.TALKING:
                        assert call.phase in ("talking", "held")
                        assert here is None or here.state is AgentState.TALKING
        there = {site.call_of(caller) for site in self.sites for caller in site.callers.values()}
        assert {call.call for call in floor.calls if call.direction is e.Direction.INBOUND} == there
        self.check_nobody_is_kept(floor)
        self.check_agents(floor)

    def check_all_ring(self, caller: Caller, call: e.LiveCall, agents: Mapping[str | None, e.AgentOnFloor]) -> None:
        """It is offered to those whose phones ring, and at most to those whose phones nobody could call."""
        rings = {extension_of(phone) for phone in caller.phones}
        offers = {str(offer): agent for agent, offer in call.offers.items()}
        by_phone = {offer.removeprefix(f"{caller.offer}."): agent for offer, agent in offers.items()}
        assert rings <= by_phone.keys() <= rings | caller.uncalled, f"{rings} ring, it is offered to {by_phone}"
        for extension in rings:
            assert agents[extension].agent == by_phone[extension]
            assert agents[extension].state in (AgentState.RESERVED, AgentState.RINGING)

    def check_nobody_is_kept(self, floor: c.Floor) -> None:
        for row in floor.agents:
            legs = [site for site in self.sites if site.is_busy(row.extension)]
            uncalled = [one for one in self.callers() if row.extension in one.uncalled]
            assert legs or uncalled or row.state not in IN_A_CALL, f"{row.agent} is {row.state} and has no call"

    def teardown(self) -> None:
        """In the evening everybody has gone home: every call has ended once, nobody is still at one."""
        if not hasattr(self, "play"):
            return
        for site in self.sites:
            for caller in list(site.callers.values()):
                site.hangs_up(caller)
            for phone in list(site.own_calls):
                site.dialled_enough(phone)
            self.cut(site)
        for site in self.sites:
            self.mend(site)
        self.settle()
        self.time_passes(60)
        self.settle()
        floor = self.play.floor()
        assert floor.calls == floor.waiting == ()
        assert [row for row in floor.agents if row.state in IN_A_CALL] == []
        arrived = Counter(event.call for event in self.told if isinstance(event, e.CallArrived))
        ended = Counter(event.call for event in self.told if isinstance(event, e.CallEnded))
        assert arrived == ended
        assert all(count == 1 for count in ended.values())
        self.check_endings()
        self.check_places()

    def check_places(self) -> None:
        """Each was given back once at most, to somebody who had none, and nobody talked with whoever lost it."""
        kept = {event.call: event for event in self.told if isinstance(event, e.CallPlaceKept)}
        back = [event for event in self.told if isinstance(event, e.CallPlaceGivenBack)]
        assert len({event.former for event in back}) == len({event.call for event in back}) == len(back)
        assert all(kept[event.former].since == event.since < event.instead_of for event in back)
        assert not kept.keys() & {event.call for event in self.told if isinstance(event, e.CallConnected)}

    def check_endings(self) -> None:
        answered = {event.call for event in self.told if isinstance(event, e.CallConnected)}
        for event in self.told:
            if isinstance(event, e.CallEnded):
                parts = (event.wait_s, event.talk_s, event.hold_s, event.consult_s)
                assert min(*parts, event.ring_s) >= 0
                assert sum(parts) <= (event.at - self.began(event.call)).total_seconds() + 0.01
                assert (event.outcome is e.Outcome.ANSWERED) == (event.call in answered)

    def began(self, call: CallId) -> datetime:
        """When he called, or, if that was before we heard of him, since when he has waited."""
        places = e.CallPlaceKept | e.CallPlaceGivenBack  # which tell of other calls' times
        told = [event for event in self.told if isinstance(event, e.CallEvent) and event.call == call]
        told = [event for event in told if not isinstance(event, places)]
        return min(min(event.at, getattr(event, "since", None) or event.at) for event in told)
