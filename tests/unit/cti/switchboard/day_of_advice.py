"""Consultations on a day at the call centre: a colleague is asked, and what then becomes of the customer."""

from __future__ import annotations

from hypothesis import strategies as st
from hypothesis.stateful import rule

from crm_core.kernel.ids import AgentId, CallId
from cti import commands as c
from cti import events as e
from cti.ami.vocabulary import DialStatus
from tests.unit.cti.switchboard.day import AGENTS, SITES
from tests.unit.cti.switchboard.day_of_work import DayOfWork, talks
from tests.unit.cti.switchboard.playbook import EXTENSIONS
from tests.unit.cti.switchboard.sites import Caller, Site

WAYS_OUT = ["colleague goes", "customer goes", "cancel", "complete", "conference"]
"""Of a consultation; the first three also while the colleague's phone rings."""
HANDED_OVER = ["colleague", "agent", "line", "customer goes"]
"""Who has the customer, to whom he was handed while a phone still rang."""
COMMANDS = ["cancel", "complete", "conference"]


class DayOfAdvice(DayOfWork):
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

    @rule(which=SITES, to=AGENTS, then=st.sampled_from(HANDED_OVER), refuses=st.booleans(), seconds=st.integers(0, 9))
    def a_customer_is_handed_over_while_the_colleagues_phone_rings(
        self, which: int, to: AgentId, then: str, refuses: bool, seconds: int
    ) -> None:
        """To the colleague, back to the agent, or into his line: somebody has him, and it is told what became of it."""
        caller = self.consults(which, to, seconds)
        if caller is None:
            return
        site = self.site(which)
        call, agent = site.call_of(caller), next(one for one in EXTENSIONS if EXTENSIONS[one] == caller.extension)
        site.is_handed_over_ringing(caller)
        self.passes(seconds)
        status = DialStatus.BUSY if refuses else DialStatus.NO_ANSWER
        match then:
            case "colleague":
                site.takes_over(caller)
            case "customer goes":
                site.leaves_while_handed_over(caller)
            case _:
                back = site.does_not_take_over(caller, status)
                self.passes(seconds)
                site.is_called_back(caller, back, then == "agent")
        self.passes(seconds)
        self.check_handed_over(call, then, {"colleague": to, "agent": agent}.get(then))
        came = [event for event in self.told if isinstance(event, e.CallTransferred) and event.call == call]
        tried = e.TransferOutcome.BUSY if refuses else e.TransferOutcome.NO_ANSWER
        became = {"colleague": e.TransferOutcome.COMPLETED, "customer goes": e.TransferOutcome.CANCELLED}.get(
            then, tried
        )
        assert [(one.kind, one.by, one.to, one.outcome) for one in came[-1:]] == [
            (e.TransferKind.BLOND, EXTENSIONS[agent], EXTENSIONS[to], became)
        ]

    def passes(self, seconds: int) -> None:
        self.goes_on()
        self.time_passes(seconds)

    def check_handed_over(self, call: CallId, then: str, has_him: AgentId | None) -> None:
        live = {one.call: one for one in self.play.floor().calls}
        match then:
            case "customer goes":
                assert call not in live
                assert [one.hung_up_by for one in self.told if isinstance(one, e.CallEnded)][-1] is e.HungUpBy.CALLER
            case "line":
                assert live[call].phase in ("waiting", "offered", "ringing")
            case _:
                assert (live[call].phase, live[call].agent) == ("talking", has_him)

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
