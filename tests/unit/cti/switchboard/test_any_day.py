"""Any day at the call centre: whatever callers, agents, phones and lines do, and even if half of it is not heard, or
everything late. Two Asterisks do what the switchboard wants in their own time, so whatever can cross does.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from datetime import datetime

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from crm_core.kernel.ids import AgentId, CallId, ServerId
from crm_core.kernel.messages import CommandResult
from cti import commands as c
from cti import effects as fx
from cti import events as e
from cti.ami.vocabulary import AmiEvent
from cti.switchboard import FloorLoaded, Trusted
from routing.states import AgentState
from tests.unit.cti.calls.scenes import Asterisk
from tests.unit.cti.switchboard.playbook import ALICE, BOB, CAROL, EXTENSIONS, Playbook, floor_plan, known
from tests.unit.cti.switchboard.sites import Caller, Place, Site, extension_of

AGENTS = st.sampled_from([ALICE, BOB, CAROL])
SITES = st.integers(0, 1)
REACTIONS = st.sampled_from(["rings", "picks_up", "does_not_answer", "refuses", "declines"])
TOUCHING = ["transfer", "transfer", "consult", "complete", "cancel", "conference", "hang up"]
WAYS_OUT = ["colleague goes", "customer goes", "cancel", "complete", "conference"]
"""Of a consultation; the first three also while the colleague's phone rings."""
GOING = WAYS_OUT[:2]
COMMANDS = ["cancel", "complete", "conference"]
TARGETS = st.one_of(
    AGENTS.map(lambda agent: c.Target(kind=c.TargetKind.AGENT, value=agent)),
    st.sampled_from(["service", "vip"]).map(lambda queue: c.Target(kind=c.TargetKind.QUEUE, value=queue)),
    st.just(c.Target(kind=c.TargetKind.NUMBER, value="13900139000")),
)
SKILLS = st.sampled_from(["", "zh:1", "en:1", "repair:3"])
IN_A_CALL = (AgentState.RESERVED, AgentState.RINGING, AgentState.TALKING)
Which = Callable[[Caller], bool]


def is_called(caller: Caller) -> bool:
    return caller.phone is not None and caller.place is not Place.TALKING


def talks(caller: Caller) -> bool:
    return caller.place is Place.TALKING


def is_in_hold(caller: Caller) -> bool:
    return caller.place is Place.HOLD


def is_offered(caller: Caller) -> bool:
    return caller.place is Place.OFFER


def is_left_alone(caller: Caller) -> bool:
    return caller.place is Place.SAFETY and caller.phone is None


def with_one(which: Which) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Only while there is a caller of whom this is so."""
    return precondition(lambda self: any(which(caller) for caller in self.callers()))


class AnyDay(RuleBasedStateMachine):
    @initialize(deaf=st.sampled_from([0, 0, 0, 5]), wrap_up_s=st.sampled_from([0, 60]), sites=SITES)
    def begins(self, deaf: int, wrap_up_s: int, sites: int) -> None:
        self.wrap_up_s = wrap_up_s
        self.play = Playbook(floor_plan(wrap_up_s=wrap_up_s))
        self.told = self.play.told
        self.deaf = deaf
        """Every so-manieth event is not heard (0: all are), the next one twice."""
        here, there = self.play.asterisk, Asterisk(ServerId("pbx2"), self.play.asterisk.now)
        self.sites = [Site(here), Site(there)][: sites + 1]
        self.said = self.numbers = 0
        for site in self.sites[1:]:
            self.play.hear(site.asterisk.snapshot())
        for agent in (ALICE, BOB, CAROL):
            self.ready(agent, 0)

    # --- how the two hear of each other

    def goes_on(self) -> None:
        """What came of the last step: at once, except where something is stuck."""
        self.share_out()
        while any(site.can_be_heard or site.can_do for site in self.sites):
            for site in self.sites:
                if site.can_be_heard:
                    self.hear_one(site)
                elif site.can_do:
                    site.carry_out()

    def share_out(self) -> None:
        """Effects go to the Asterisk they are meant for, as far as there is a line to it."""
        while self.play.effects:
            effects, self.play.effects = self.play.effects, []
            for effect in effects:
                if isinstance(effect, fx.ChannelEffect):
                    self.hand_over(effect)

    def hand_over(self, effect: fx.ChannelEffect) -> None:
        site = next(site for site in self.sites if site.server == effect.server)
        if site.cut:
            self.play.hear(fx.Failed(effect=effect, why=fx.Failure.LINE_DOWN))
        else:
            site.wanted.append(effect)

    def hear_one(self, site: Site) -> None:
        heard = site.said.popleft()
        self.said += 1
        lost = self.deaf and isinstance(heard, AmiEvent)
        for _ in range({0: 0, 1: 2}.get(self.said % self.deaf, 1) if lost else 1):
            self.play.hear(heard)
        self.share_out()

    def hear_all(self, site: Site) -> None:
        while site.said:
            self.hear_one(site)

    @rule(which=SITES, what=st.sampled_from(["said", "wanted", "both"]))
    def things_get_stuck(self, which: int, what: str) -> None:
        """What this Asterisk says is on its way to us, or what we want of it on its way there."""
        site = self.site(which)
        site.is_heard_late |= what != "wanted"
        site.does_late |= what != "said"

    @rule(which=SITES, said=st.integers(0, 5), wanted=st.integers(0, 2))
    def a_little_comes_through(self, which: int, said: int, wanted: int) -> None:
        site = self.site(which)
        for _ in range(min(said, len(site.said))):
            self.hear_one(site)
        for _ in range(min(wanted, len(site.wanted))):
            site.carry_out()
        self.goes_on()

    @rule(which=SITES)
    def everything_comes_through(self, which: int) -> None:
        self.site(which).is_heard_late = self.site(which).does_late = False
        self.goes_on()

    @rule(which=SITES, why=st.sampled_from([fx.Failure.REFUSED, fx.Failure.TIMED_OUT]))
    def something_is_not_done(self, which: int, why: fx.Failure) -> None:
        """Who is not hung up, or rings on, is nobody's loss: it is seen, and asked for again."""
        site = self.site(which)
        if site.wanted and not isinstance(site.wanted[0], fx.WithdrawOffer | fx.HangUpChannel):
            site.said.append(fx.Failed(effect=site.wanted.popleft(), why=why))
            self.goes_on()

    def site(self, which: int) -> Site:
        return self.sites[which % len(self.sites)]

    def callers(self) -> list[Caller]:
        return [caller for site in self.sites for caller in site.callers.values()]

    def drawn(self, data: st.DataObject, which: Which) -> tuple[Site, Caller]:
        """One of the callers of whom this is so."""
        found = [(site, caller) for site in self.sites for caller in site.callers.values() if which(caller)]
        return data.draw(st.sampled_from(found))

    # --- callers

    @rule(which=SITES, skills=SKILLS, queue=st.sampled_from(["service", "vip"]))
    def somebody_calls(self, which: int, skills: str, queue: str) -> None:
        self.numbers += 1
        self.site(which).arrives(f"1380000{self.numbers:04}", queue, skills)
        self.goes_on()

    @with_one(lambda _: True)
    @rule(data=st.data())
    def a_caller_hangs_up(self, data: st.DataObject) -> None:
        site, caller = self.drawn(data, lambda _: True)
        site.hangs_up(caller)
        self.goes_on()

    @with_one(is_in_hold)
    @rule(data=st.data())
    def a_caller_falls_to_safety(self, data: st.DataObject) -> None:
        site, caller = self.drawn(data, is_in_hold)
        site.falls_to_safety(caller)
        self.goes_on()

    @with_one(is_left_alone)
    @rule(data=st.data(), agent=AGENTS)
    def asterisks_own_queue_rings(self, data: st.DataObject, agent: AgentId) -> None:
        site, caller = self.drawn(data, is_left_alone)
        extension = EXTENSIONS[agent]
        if extension in site.registered and not any(other.is_busy(extension) for other in self.sites):
            site.safety_rings(caller, extension)
            self.goes_on()

    @rule(which=SITES, skills=st.sampled_from(["", "zh:1", "en:1"]), seconds=st.integers(0, 9))
    def somebody_calls_and_is_served(self, which: int, skills: str, seconds: int) -> None:
        self.somebody_calls(which, skills, "service")
        self.time_passes(seconds)
        for site in self.sites:
            for caller in [caller for caller in site.callers.values() if caller.place is Place.OFFER]:
                site.picks_up(caller)
        self.goes_on()

    # --- phones

    @with_one(is_called)
    @rule(data=st.data(), how=REACTIONS)
    def a_called_phone(self, data: st.DataObject, how: str) -> None:
        site, caller = self.drawn(data, is_called)
        self.reacts(site, caller, how)
        self.goes_on()

    def reacts(self, site: Site, caller: Caller, how: str) -> None:
        match how:
            case "rings":
                site.rings(caller)
            case "picks_up":
                site.picks_up(caller)
            case _:
                site.is_not_taken(caller, how)

    @with_one(is_offered)
    @rule(data=st.data(), how=REACTIONS, again=st.booleans())
    def a_no_of_the_desk_crosses_what_the_phone_does(self, data: st.DataObject, how: str, again: bool) -> None:
        """We do not hear of it before we have decided anew; nor has Asterisk heard of our decision."""
        site, caller = self.drawn(data, is_offered)
        agent = next(agent for agent, extension in EXTENSIONS.items() if extension == caller.extension)
        site.is_heard_late = site.does_late = True
        self.reacts(site, caller, how)
        self.orders(agent, "reject")
        if again:
            self.ready(agent, self.sites.index(site))

    @with_one(talks)
    @rule(data=st.data(), what=st.sampled_from(["holds", "resumes", "hangs up", "hands on"]))
    def a_talking_phone(self, data: st.DataObject, what: str) -> None:
        site, caller = self.drawn(data, talks)
        match what:
            case "hangs up":
                site.phone_hangs_up(caller)
            case "hands on":
                site.is_handed_on_in_vain(caller)
            case _:
                site.holds(caller, what == "holds")
        self.goes_on()

    @rule(which=SITES, agent=AGENTS)
    def an_agent_dials_or_has_dialled_enough(self, which: int, agent: AgentId) -> None:
        site, extension = self.site(which), EXTENSIONS[agent]
        own = [phone for phone in site.own_calls if extension_of(phone) == extension]
        if own:
            site.dialled_enough(own[0])
        elif not any(other.is_busy(extension) for other in self.sites):
            site.dials(extension)
        self.goes_on()

    @rule(which=SITES, agent=AGENTS, registered=st.booleans())
    def a_phone_comes_or_goes(self, which: int, agent: AgentId, registered: bool) -> None:
        self.site(which).registers(EXTENSIONS[agent], registered)
        self.goes_on()

    # --- the desk

    @rule(agent=AGENTS, which=SITES)
    def ready(self, agent: AgentId, which: int) -> None:
        self.site(which).registers(EXTENSIONS[agent], True)
        self.goes_on()
        self.play.order(c.SetReady(agent=agent))
        self.goes_on()

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
        self.play.begin(commands[kind])
        self.goes_on()

    @with_one(lambda _: True)
    @rule(data=st.data(), agent=AGENTS, kind=st.sampled_from(TOUCHING), to=TARGETS)
    def somebody_touches_a_call(self, data: st.DataObject, agent: AgentId, kind: str, to: c.Target) -> None:
        """His own or another's."""
        self.touches(*self.drawn(data, lambda _: True), agent, kind, to)

    @with_one(talks)
    @rule(data=st.data(), kind=st.sampled_from(TOUCHING), to=TARGETS)
    def who_talks_hands_on(self, data: st.DataObject, kind: str, to: c.Target) -> None:
        site, caller = self.drawn(data, talks)
        agent = next((agent for agent, extension in EXTENSIONS.items() if extension == caller.extension), ALICE)
        self.touches(site, caller, agent, kind, to)

    def touches(self, site: Site, caller: Caller, agent: AgentId, kind: str, to: c.Target) -> None:
        """What is asked for because of it is done to that call alone, and to nobody's phone but his own."""
        call = site.call_of(caller)
        commands = {
            "transfer": c.Transfer(agent=agent, call=call, to=to),
            "consult": c.Consult(agent=agent, call=call, to=to),
            "complete": c.CompleteTransfer(agent=agent, call=call),
            "cancel": c.CancelTransfer(agent=agent, call=call),
            "conference": c.Conference(agent=agent, call=call),
            "hang up": c.HangUp(agent=agent, call=call),
        }
        self.play.forget()
        answer = self.play.begin(commands[kind])
        asked = [effect for effect in self.play.wanted(fx.ChannelEffect) if not isinstance(effect, fx.OfferCall)]
        for effect in asked:
            touched = site.asterisk.channels.get(effect.channel)
            assert touched is None or touched.call == call, f"{commands[kind]} touches {touched}"
            assert effect.channel == caller.channel or extension_of(effect.channel) == EXTENSIONS[agent]
        refused = isinstance(answer, CommandResult) and not answer.ok
        assert not (refused and asked), f"{answer} and {asked}"
        self.goes_on()

    @rule(which=SITES, to=AGENTS, answers=st.booleans(), then=st.sampled_from(WAYS_OUT), seconds=st.integers(0, 9))
    def a_colleague_is_asked(self, which: int, to: AgentId, answers: bool, then: str, seconds: int) -> None:
        """A whole consultation, in each of its ways, on any day; what comes in between is heard as it happens."""
        caller = self.consults(which, to, seconds)
        if caller is None:
            return
        site = self.site(which)
        call = site.call_of(caller)
        agent = next(agent for agent in EXTENSIONS if EXTENSIONS[agent] == caller.extension)
        assert caller.asked is not None
        asked = caller.asked.phone
        self.time_passes(seconds)
        if answers:
            site.colleague_answers(caller)
            self.goes_on()
            self.time_passes(seconds)
        self.ends_the_consultation(site, caller, agent, then if answers else WAYS_OUT[seconds % 3])
        assert caller.asked is None
        if caller.channel in site.callers:
            moved = answers and then in ("complete", "conference")
            assert caller.phone == (asked if moved else caller.phone)
            assert self.play.floor_of(call).phase in ("talking", "held")
            assert self.play.floor_of(call).agent == (to if moved else agent)

    def consults(self, which: int, to: AgentId, seconds: int) -> Caller | None:
        """Somebody calls, is served, and his agent calls a colleague for advice; None: nobody is free for it."""
        if self.deaf:
            return None
        self.settle()
        self.somebody_calls_and_is_served(which, "", seconds)
        site, extension = self.site(which), EXTENSIONS[to]
        talking = [caller for caller in site.callers.values() if talks(caller) and caller.extension != extension]
        if not talking:
            return None
        caller = talking[-1]
        site.registers(extension, True)
        self.orders(to, "pause")
        agent = next(agent for agent in EXTENSIONS if EXTENSIONS[agent] == caller.extension)
        site.consults = True
        target = c.Target(kind=c.TargetKind.AGENT, value=to)
        self.play.begin(c.Consult(agent=agent, call=site.call_of(caller), to=target))
        self.goes_on()
        site.consults = False
        return caller if caller.asked is not None else None

    @rule(
        which=SITES, to=AGENTS, how=st.sampled_from(COMMANDS), goes=st.sampled_from(WAYS_OUT[:2]), first=st.booleans()
    )
    def what_is_wanted_of_a_consultation_crosses_its_end(
        self, which: int, to: AgentId, how: str, goes: str, first: bool
    ) -> None:
        """The colleague or the customer goes while the command is on its way; `first`: and we hear of it before it
        is carried out."""
        caller = self.consults(which, to, 1)
        if caller is None:
            return
        site = self.site(which)
        agent = next(agent for agent in EXTENSIONS if EXTENSIONS[agent] == caller.extension)
        site.colleague_answers(caller)
        self.goes_on()
        site.is_heard_late = site.does_late = True
        self.ends_the_consultation(site, caller, agent, how)
        self.ends_the_consultation(site, caller, agent, goes)
        if first:
            self.hear_all(site)
        self.everything_comes_through(which)

    def ends_the_consultation(self, site: Site, caller: Caller, agent: AgentId, how: str) -> None:
        call = site.call_of(caller)
        match how:
            case "colleague goes":
                site.is_asked_no_more(caller)
            case "customer goes":
                site.leaves_those_who_consult(caller)
            case "cancel":
                self.play.begin(c.CancelTransfer(agent=agent, call=call))
            case "complete":
                self.play.begin(c.CompleteTransfer(agent=agent, call=call))
            case _:
                self.play.begin(c.Conference(agent=agent, call=call))
        self.goes_on()

    @rule(agent=AGENTS)
    def somebody_is_to_be_called(self, agent: AgentId) -> None:
        self.play.begin(c.PlaceCall(agent=agent, number="13900139000"))
        self.goes_on()

    @rule(without=st.sets(AGENTS, max_size=1))
    def the_floor_changes(self, without: set[AgentId]) -> None:
        """Between calls: who leaves in the middle of one has a test of his own."""
        if not any(caller.phone for site in self.sites for caller in site.callers.values()):
            self.play.hear(FloorLoaded(plan=floor_plan(without=without, wrap_up_s=self.wrap_up_s)))
            self.goes_on()

    @rule(seconds=st.sampled_from([1, 5, 30]))
    def time_passes(self, seconds: int) -> None:
        """A line on which nothing comes through for long is a lost one."""
        if seconds > 5:
            for which in range(len(self.sites)):
                self.everything_comes_through(which)
        self.play.wait(seconds)
        for site in self.sites:
            site.asterisk.now = self.play.asterisk.now
        self.goes_on()

    # --- lines

    @rule(which=SITES, chance=st.integers(0, 3))
    def a_line_is_lost(self, which: int, chance: int) -> None:
        if not chance:
            self.cut(self.site(which))

    def cut(self, site: Site) -> None:
        if not site.cut:
            site.cut = True
            site.said.clear()
            self.play.hear(e.LinkLost(at=site.asterisk.now, server=site.server))
            unanswered = list(site.wanted)
            site.wanted.clear()
            for effect in unanswered:
                self.play.hear(fx.Failed(effect=effect, why=fx.Failure.TIMED_OUT))
            self.share_out()

    @rule(which=SITES)
    def a_line_is_back(self, which: int) -> None:
        self.mend(self.site(which))

    def mend(self, site: Site) -> None:
        if site.cut:
            site.cut, site.has_missed_us = False, True
            self.play.hear(site.asterisk.snapshot())
            self.goes_on()

    @rule(which=SITES)
    def we_are_trusted(self, which: int) -> None:
        """By then everything said before was heard."""
        site = self.site(which)
        if not site.cut:
            self.hear_all(site)
            site.has_missed_us = False
            self.play.hear(Trusted(server=site.server))
            self.goes_on()

    @rule(chance=st.integers(0, 5))
    def we_start_anew(self, chance: int) -> None:
        """Our process dies and comes back with what its log knows; Asterisk has gone on without it."""
        if chance:
            return
        self.time_passes(1)
        again = Playbook(floor_plan(wrap_up_s=self.wrap_up_s), line=False)
        again.asterisk = self.play.asterisk
        again.hear_effects(again.switchboard.restore(known(self.told), self.play.asterisk.now))
        self.play = again
        for site in self.sites:
            site.cut = True
            site.said.clear()
            site.wanted.clear()
        again.told = self.told
        for site in self.sites:
            self.mend(site)

    # --- what always holds

    @invariant()
    def offers_go_to_free_callers_and_agents(self) -> None:
        if not hasattr(self, "play"):
            return
        floor = self.play.floor()
        offered = Counter(row.offered_to for row in floor.waiting if row.offered_to is not None)
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

    def settle(self) -> None:
        for which, site in enumerate(self.sites):
            self.mend(site)
            self.everything_comes_through(which)
            if site.has_missed_us:
                self.we_are_trusted(which)

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

    def check_nobody_is_kept(self, floor: c.Floor) -> None:
        for row in floor.agents:
            legs = [site for site in self.sites if site.is_busy(row.extension)]
            assert legs or row.state not in IN_A_CALL, f"{row.agent} is {row.state} and has no call"

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
        told = [event for event in self.told if isinstance(event, e.CallEvent) and event.call == call]
        return min(min(event.at, getattr(event, "since", None) or event.at) for event in told)


AnyDay.TestCase.settings = settings(max_examples=60, stateful_step_count=40, deadline=None)
TestAnyDay = AnyDay.TestCase
