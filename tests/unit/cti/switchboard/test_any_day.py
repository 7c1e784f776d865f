"""Any day at the call centre: whatever callers, agents, phones and lines do, and even if half of it is not heard."""

from __future__ import annotations

from collections import Counter
from datetime import datetime

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from crm_core.kernel.ids import AgentId, CallId
from cti import commands as c
from cti import effects as fx
from cti import events as e
from cti.ami.vocabulary import AmiEvent
from cti.switchboard import FloorLoaded
from routing.states import AgentState
from tests.unit.cti.switchboard.playbook import ALICE, BOB, CAROL, EXTENSIONS, Playbook, floor_plan

AGENTS = st.sampled_from([ALICE, BOB, CAROL])
IN_A_CALL = (AgentState.RESERVED, AgentState.RINGING, AgentState.TALKING)


class AnyDay(RuleBasedStateMachine):
    """Asterisk's side is played by hand: `ringing` and `talking` say which phones are at it."""

    @initialize(deaf=st.sampled_from([0, 0, 5]), wrap_up_s=st.sampled_from([0, 60]))
    def begins(self, deaf: int, wrap_up_s: int) -> None:
        self.play = Playbook(floor_plan(wrap_up_s=wrap_up_s))
        self.deaf = deaf
        """Every so-manieth event is not heard (0: all are), the next one twice."""
        self.callers: list[str] = []
        self.ringing: dict[str, tuple[str, str]] = {}
        """Phone -> (caller, offer)."""
        self.talking: dict[str, str] = {}
        """Phone -> caller."""
        self.carried_out = 0
        self.said = 0
        self.cut = False
        for agent in (ALICE, BOB, CAROL):
            self.ready(agent)

    def hear(self, events: list[AmiEvent]) -> None:
        if self.cut:
            return
        for event in events:
            self.said += 1
            times = 1 if not self.deaf else {0: 0, 1: 2}.get(self.said % self.deaf, 1)
            for _ in range(times):
                self.play.hear(event)

    # --- callers

    @rule(skills=st.sampled_from(["", "zh:1", "en:1", "repair:3"]), queue=st.sampled_from(["service", "vip"]))
    def somebody_calls(self, skills: str, queue: str) -> None:
        asterisk = self.play.asterisk
        self.hear(asterisk.arrives(f"1380000{len(self.callers):04}"))
        caller = asterisk.last
        self.callers.append(caller)
        self.hear(asterisk.queues(caller, queue, skills))

    @precondition(lambda self: self.callers)
    @rule(data=st.data())
    def a_caller_hangs_up(self, data: st.DataObject) -> None:
        caller = data.draw(st.sampled_from(self.callers))
        asterisk = self.play.asterisk
        self.hear(asterisk.says_goodbye(caller))
        for phone in [phone for phone, (whose, _) in self.ringing.items() if whose == caller]:
            del self.ringing[phone]
            self.hear(asterisk.was_cancelled(phone, caller))
        self.ends(caller)

    @precondition(lambda self: self.callers)
    @rule(data=st.data(), chance=st.integers(0, 2))
    def a_caller_falls_to_safety(self, data: st.DataObject, chance: int) -> None:
        if chance:
            return
        caller = data.draw(st.sampled_from(self.callers))
        if caller not in self.talking.values() and all(whose != caller for whose, _ in self.ringing.values()):
            self.hear(self.play.asterisk.falls_to_safety(caller))

    def ends(self, caller: str) -> None:
        self.callers.remove(caller)
        self.hear(self.play.asterisk.gone(caller))
        for phone in [phone for phone, whose in self.talking.items() if whose == caller]:
            del self.talking[phone]
            self.hear(self.play.asterisk.gone(phone))

    @rule(skills=st.sampled_from(["", "zh:1", "en:1"]), seconds=st.integers(0, 9))
    def somebody_calls_and_is_served(self, skills: str, seconds: int) -> None:
        self.somebody_calls(skills, "service")
        self.an_offer_is_carried_out()
        for phone in list(self.ringing):
            self.play.wait(seconds)
            if phone in self.ringing:
                self.picks_up(phone)

    def picks_up(self, phone: str) -> None:
        caller, _ = self.ringing.pop(phone)
        self.talking[phone] = caller
        self.hear(self.play.asterisk.picks_up(phone, caller))

    # --- Asterisk does what we want, or not

    def next_offer(self) -> fx.OfferCall | None:
        while self.carried_out < len(self.play.offers):
            offer = self.play.offers[self.carried_out]
            self.carried_out += 1
            free = offer.channel in self.callers and offer.channel not in self.talking.values()
            if free and offer.offer in {call.offer for call in self.play.floor().calls}:
                return offer
        return None

    @rule()
    def an_offer_is_carried_out(self) -> None:
        offer = self.next_offer()
        if offer is None or self.cut:
            return
        asterisk = self.play.asterisk
        for phone in [phone for phone, (whose, _) in self.ringing.items() if whose == offer.channel]:
            del self.ringing[phone]
            self.hear(asterisk.was_cancelled(phone, offer.channel))
        self.play.hear(fx.Done(effect=offer))
        self.hear(asterisk.is_called(offer.channel, offer.extension, offer.offer))
        phone = asterisk.last
        self.ringing[phone] = (offer.channel, offer.offer)
        self.hear(asterisk.rings(phone))

    @rule(why=st.sampled_from([fx.Failure.REFUSED, fx.Failure.TIMED_OUT, fx.Failure.NO_CHANNEL]))
    def an_offer_cannot_be_carried_out(self, why: fx.Failure) -> None:
        offer = self.next_offer()
        if offer is not None and (why is not fx.Failure.NO_CHANNEL or self.deaf):
            self.play.hear(fx.Failed(effect=offer, why=why))

    @rule()
    def nobody_is_registered_there(self) -> None:
        offer = self.next_offer()
        if offer is not None and not self.cut:
            self.play.hear(fx.Done(effect=offer))
            self.hear(self.play.asterisk.cannot_be_called(offer.channel, offer.offer))

    # --- phones

    @precondition(lambda self: self.ringing)
    @rule(data=st.data(), how=st.sampled_from(["picks_up", "does_not_answer", "refuses", "declines"]))
    def a_ringing_phone(self, data: st.DataObject, how: str) -> None:
        phone = data.draw(st.sampled_from(list(self.ringing)))
        if how == "picks_up":
            self.picks_up(phone)
            return
        caller, offer = self.ringing.pop(phone)
        asterisk = self.play.asterisk
        match how:
            case "refuses":
                self.hear(asterisk.refuses(phone, caller, offer))
            case "declines":
                self.hear(asterisk.declines(phone, caller, offer))
            case _:
                self.hear(asterisk.does_not_answer(phone, caller, offer))

    @precondition(lambda self: self.talking)
    @rule(data=st.data(), what=st.sampled_from(["holds", "resumes", "hangs up"]))
    def a_talking_phone(self, data: st.DataObject, what: str) -> None:
        phone = data.draw(st.sampled_from(list(self.talking)))
        asterisk = self.play.asterisk
        if what == "hangs up":
            self.hear(asterisk.says_goodbye(phone))
            caller = self.talking.pop(phone)
            self.hear(asterisk.gone(phone))
            self.ends(caller)
        else:
            self.hear(asterisk.holds(phone) if what == "holds" else asterisk.resumes(phone))

    @rule(agent=AGENTS, registered=st.booleans())
    def a_phone_comes_or_goes(self, agent: AgentId, registered: bool) -> None:
        asterisk = self.play.asterisk
        verb = asterisk.registers if registered else asterisk.unregisters
        self.hear(verb(EXTENSIONS[agent]))

    # --- the desk

    @rule(agent=AGENTS)
    def ready(self, agent: AgentId) -> None:
        self.hear(self.play.asterisk.registers(EXTENSIONS[agent]))
        self.play.order(c.SetReady(agent=agent))

    @rule(
        agent=AGENTS, kind=st.sampled_from(["pause", "off", "finish", "finish", "hang up", "reject", "force", "force"])
    )
    def orders(self, agent: AgentId, kind: str) -> None:
        row = next((row for row in self.play.floor().agents if row.agent == agent), None)
        call = row.call if row is not None and row.call is not None else CallId("nothing")
        commands = {
            "pause": c.SetPaused(agent=agent, reason="lunch"),
            "off": c.SignOff(agent=agent),
            "finish": c.FinishWrapUp(agent=agent, call=call),
            "hang up": c.HangUp(agent=agent, call=call),
            "reject": c.RejectOffer(agent=agent, call=call),
            "force": c.ForceAgentState(agent=agent, state="ready"),
        }
        self.play.order(commands[kind])

    @rule(without=st.sets(AGENTS, max_size=1))
    def the_floor_changes(self, without: set[AgentId]) -> None:
        """Between calls: who leaves in the middle of one has a test of his own."""
        if self.ringing or self.talking:
            return
        self.play.hear(FloorLoaded(plan=floor_plan(without=without)))

    @rule(seconds=st.sampled_from([1, 5, 30]))
    def time_passes(self, seconds: int) -> None:
        self.play.wait(seconds)

    # --- lines

    @rule(chance=st.integers(0, 3))
    def the_line_is_lost(self, chance: int) -> None:
        if chance:
            return
        self.cut = True
        self.play.hear(e.LinkLost(at=self.play.asterisk.now, server=self.play.asterisk.server))

    @rule()
    def the_line_is_back(self) -> None:
        self.cut = False
        self.play.hear(self.play.asterisk.snapshot())

    # --- what always holds

    @invariant()
    def offers_go_to_free_callers_and_agents(self) -> None:
        if not hasattr(self, "play") or self.deaf or self.cut:
            return
        floor = self.play.floor()
        offered = Counter(row.offered_to for row in floor.waiting if row.offered_to is not None)
        assert all(count == 1 for count in offered.values())
        busy = {phone.split("/")[1].split("-")[0] for phone in self.talking}
        for row in floor.agents:
            assert row.extension not in busy or row.state is not AgentState.READY, f"{row.agent} talks and is ready"
            if row.state is AgentState.READY and row.reachable:
                able = [w for w in floor.waiting if w.offered_to is None and self.is_able(row, w)]
                assert not able, f"{row.agent} idles, {able} waits"

    def is_able(self, row: e.AgentOnFloor, waiting: e.WaitingCall) -> bool:
        has = row.skills or {}
        return all(has.get(skill, 0) >= level for skill, level in waiting.requires.items())

    def teardown(self) -> None:
        """In the evening everybody has gone home: every call has ended once, nobody is still at one."""
        if not hasattr(self, "play"):
            return
        play = self.play
        for caller in list(self.callers):
            self.ends(caller)
        for name in list(play.asterisk.channels):
            play.asterisk.gone(name)
        play.hear(play.asterisk.snapshot())
        play.wait(60)
        floor = play.floor()
        assert floor.calls == floor.waiting == ()
        assert [row for row in floor.agents if row.state in IN_A_CALL] == []
        arrived = Counter(event.call for event in play.told if isinstance(event, e.CallArrived))
        ended = Counter(event.call for event in play.told if isinstance(event, e.CallEnded))
        assert arrived == ended
        assert all(count == 1 for count in ended.values())
        self.check_endings()

    def check_endings(self) -> None:
        for event in self.play.told:
            if isinstance(event, e.CallEnded):
                parts = (event.wait_s, event.talk_s, event.hold_s, event.consult_s)
                assert min(*parts, event.ring_s) >= 0
                assert sum(parts) <= (event.at - self.began(event.call)).total_seconds() + 0.01
                assert (event.outcome is e.Outcome.ANSWERED) == bool(event.agents)

    def began(self, call: CallId) -> datetime:
        """When he called, or, if that was before we heard of him, since when he has waited."""
        told = [event for event in self.play.told if isinstance(event, e.CallEvent) and event.call == call]
        return min(min(event.at, getattr(event, "since", None) or event.at) for event in told)


AnyDay.TestCase.settings = settings(max_examples=60, stateful_step_count=40, deadline=None)
TestAnyDay = AnyDay.TestCase
