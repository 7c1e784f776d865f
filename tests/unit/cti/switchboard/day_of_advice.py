"""Consultations on a day at the call centre: a colleague is asked, and what then becomes of the customer."""

from __future__ import annotations

from hypothesis import strategies as st
from hypothesis.stateful import rule

from crm_core.kernel.ids import AgentId
from cti import commands as c
from tests.unit.cti.switchboard.day import AGENTS, SITES
from tests.unit.cti.switchboard.day_of_work import DayOfWork, talks
from tests.unit.cti.switchboard.playbook import EXTENSIONS
from tests.unit.cti.switchboard.sites import Caller, Site

WAYS_OUT = ["colleague goes", "customer goes", "cancel", "complete", "conference"]
"""Of a consultation; the first three also while the colleague's phone rings."""
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
