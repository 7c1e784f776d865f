"""What people do on a day at the call centre: callers, phones, and those who sit at the desks."""

from __future__ import annotations

from hypothesis import strategies as st
from hypothesis.stateful import rule

from crm_core.kernel.ids import AgentId, CallId
from crm_core.kernel.messages import CommandResult
from cti import commands as c
from cti import effects as fx
from cti.switchboard import FloorLoaded
from tests.unit.cti.switchboard.day import AGENTS, SITES, Day, with_one
from tests.unit.cti.switchboard.playbook import ALICE, EXTENSIONS
from tests.unit.cti.switchboard.sites import Caller, Place, Site, extension_of

REACTIONS = st.sampled_from(["rings", "picks_up", "does_not_answer", "refuses", "declines"])
HANDING_ON = ["transfer", "transfer", "consult", "complete", "cancel", "conference", "hang up"]
TOUCHING = [
    *HANDING_ON, "park", "retrieve", "pause recording", "resume recording", "mute", "send digits", "monitor",
    "stop monitoring", "take over", "answer", "hold",
]  # fmt: skip
OFFERS = (fx.OfferCall, fx.RingAll)
PHONES = (fx.CallPhone, fx.CallOut)
"""What calls a phone: its channel is yet to be."""
TARGETS = st.one_of(
    AGENTS.map(lambda agent: c.Target(kind=c.TargetKind.AGENT, value=agent)),
    st.sampled_from(["service", "vip"]).map(lambda queue: c.Target(kind=c.TargetKind.QUEUE, value=queue)),
    st.just(c.Target(kind=c.TargetKind.NUMBER, value="13900139000")),
)
PHONE = st.integers(0, 2)
"""Which of those that ring."""
SKILLS = st.sampled_from(["", "zh:1", "en:1", "repair:3"])


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


class DayOfWork(Day):
    # --- callers

    @rule(which=SITES, skills=SKILLS, queue=st.sampled_from(["service", "vip"]))
    def somebody_calls(self, which: int, skills: str, queue: str) -> None:
        """Now and then it is somebody who has called before."""
        self.numbers += 1
        self.site(which).arrives(f"1380000{self.numbers % 6:04}", queue, skills)
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

    @rule(which=SITES, callers=st.integers(1, 2))
    def somebody_calls_a_team_that_is_free(self, which: int, callers: int) -> None:
        """Where all phones ring, many do."""
        for site in self.sites:
            for caller in [one for one in site.callers.values() if talks(one) and one.asked is None]:
                site.phone_hangs_up(caller)
            for phone in list(site.own_calls):
                site.dialled_enough(phone)
        self.goes_on()
        for agent in EXTENSIONS:
            self.ready(agent, which)
            self.orders(agent, "force")
        for _ in range(callers):
            self.somebody_calls(which, "", "service")

    # --- phones

    @with_one(is_called)
    @rule(data=st.data(), how=REACTIONS, which=PHONE)
    def a_called_phone(self, data: st.DataObject, how: str, which: int) -> None:
        site, caller = self.drawn(data, is_called)
        caller.turns_to(which)
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
    @rule(data=st.data(), how=REACTIONS, which=PHONE, again=st.booleans())
    def a_no_of_the_desk_crosses_what_the_phone_does(
        self, data: st.DataObject, how: str, which: int, again: bool
    ) -> None:
        """We do not hear of it before we have decided anew; nor has Asterisk heard of our decision."""
        site, caller = self.drawn(data, is_offered)
        caller.turns_to(which)
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
        self.play.forget()
        self.play.begin(commands[kind])
        for effect in self.asked():
            self.check_is_his(effect, call, agent)
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
        has_him = next((one for one, extension in EXTENSIONS.items() if extension == caller.extension), agent)
        commands = {
            "transfer": c.Transfer(agent=agent, call=call, to=to),
            "consult": c.Consult(agent=agent, call=call, to=to),
            "complete": c.CompleteTransfer(agent=agent, call=call),
            "cancel": c.CancelTransfer(agent=agent, call=call),
            "conference": c.Conference(agent=agent, call=call),
            "hang up": c.HangUp(agent=agent, call=call),
            "park": c.Park(agent=agent, call=call),
            "retrieve": c.Retrieve(agent=agent, call=call),
            "pause recording": c.PauseRecording(agent=agent, call=call),
            "resume recording": c.ResumeRecording(agent=agent, call=call),
            "mute": c.Mute(agent=agent, call=call, muted=True),
            "send digits": c.SendDigits(agent=agent, call=call, digits="12#"),
            "monitor": c.Monitor(agent=agent, of=has_him),
            "stop monitoring": c.StopMonitoring(agent=agent),
            "take over": c.TakeOver(agent=agent, of=has_him),
            "answer": c.AnswerCall(agent=agent, call=call),
            "hold": c.HoldCall(agent=agent, call=call, held=True),
        }
        self.play.forget()
        answer = self.play.begin(commands[kind])
        asked = self.asked()
        for effect in asked:
            self.check_is_his(effect, call, agent)
            his = isinstance(effect, PHONES) or extension_of(effect.channel) == EXTENSIONS[agent]
            assert his or effect.channel == caller.channel
        refused = isinstance(answer, CommandResult) and not answer.ok
        assert not (refused and asked), f"{answer} and {asked}"
        self.goes_on()

    def asked(self) -> list[fx.ChannelEffect]:
        """What a command wanted since `forget`; but whoever is free after it gets the next call of the line."""
        return [effect for effect in self.play.wanted(fx.ChannelEffect) if not isinstance(effect, OFFERS)]

    def check_is_his(self, effect: fx.ChannelEffect, call: CallId, agent: AgentId) -> None:
        """It calls his own phone, or concerns a channel there is, or was, and of this call."""
        if isinstance(effect, PHONES):
            assert effect.channel == f"PJSIP/{EXTENSIONS[agent]}", effect
            return
        asterisk = next(site.asterisk for site in self.sites if site.server == effect.server)
        touched = asterisk.channels.get(effect.channel) or asterisk.gone_ones.get(effect.channel)
        assert touched is not None, f"there never was {effect}"
        assert touched.call == call, f"{effect} touches {touched}"

    @rule(agent=AGENTS)
    def somebody_is_to_be_called(self, agent: AgentId) -> None:
        self.play.forget()
        self.play.begin(c.PlaceCall(agent=agent, number="13900139000"))
        asked = self.asked()
        assert len(asked) <= 1
        assert all(isinstance(effect, fx.CallOut) and effect.number == "13900139000" for effect in asked)
        for effect in asked:
            self.check_is_his(effect, CallId("nothing"), agent)
        self.goes_on()

    @rule(without=st.sets(AGENTS, max_size=1))
    def the_floor_changes(self, without: set[AgentId]) -> None:
        """Between calls: who leaves in the middle of one has a test of his own."""
        if not any(caller.phone for site in self.sites for caller in site.callers.values()):
            self.play.hear(FloorLoaded(plan=self.plan(without)))
            self.goes_on()
