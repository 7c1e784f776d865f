"""A day at the call centre as a machine of hypothesis: two Asterisks in front of one switchboard, how they hear of each
other, and what lines and time do. What people do comes in `day_of_work`, what always holds in `day_of_truth`.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import replace

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule

from crm_core.domain.floor import FloorPlan, Strategy
from crm_core.kernel.ids import AgentId, ServerId
from cti import commands as c
from cti import effects as fx
from cti import events as e
from cti.ami.vocabulary import AmiEvent
from cti.switchboard import Trusted
from tests.unit.cti.calls.scenes import Asterisk
from tests.unit.cti.switchboard.playbook import ALICE, BOB, CAROL, EXTENSIONS, Playbook, floor_plan, known
from tests.unit.cti.switchboard.sites import Caller, Site

AGENTS = st.sampled_from([ALICE, BOB, CAROL])
SITES = st.integers(0, 1)
Which = Callable[[Caller], bool]

PLACE_BACK_S = 120
"""So long the places are kept of whoever was cut off."""


def with_one(which: Which) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Only while there is a caller of whom this is so."""
    return precondition(lambda self: any(which(caller) for caller in self.callers()))


class Day(RuleBasedStateMachine):
    @initialize(
        deaf=st.sampled_from([0, 0, 0, 5]), wrap_up_s=st.sampled_from([0, 60]), sites=SITES, all_ring=st.booleans()
    )
    def begins(self, deaf: int, wrap_up_s: int, sites: int, all_ring: bool) -> None:
        self.wrap_up_s, self.strategy = wrap_up_s, Strategy.RING_ALL if all_ring else Strategy.BEST_SKILL
        self.play = Playbook(self.plan())
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

    def plan(self, without: Collection[AgentId] = ()) -> FloorPlan:
        """In the first queue all phones may ring at once."""
        plan = floor_plan(without=without, wrap_up_s=self.wrap_up_s, place_back_s=PLACE_BACK_S)
        service, *others = plan.queues
        return replace(plan, queues=(replace(service, strategy=self.strategy), *others))

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

    @rule(agent=AGENTS, which=SITES)
    def ready(self, agent: AgentId, which: int) -> None:
        self.site(which).registers(EXTENSIONS[agent], True)
        self.goes_on()
        self.play.order(c.SetReady(agent=agent))
        self.goes_on()

    # --- time and lines

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
        again = Playbook(self.plan(), line=False)
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

    def settle(self) -> None:
        for which, site in enumerate(self.sites):
            self.mend(site)
            self.everything_comes_through(which)
            if site.has_missed_us:
                self.we_are_trusted(which)
