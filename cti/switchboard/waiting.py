"""Callers in their line: put into it, put back into it, and asked what they wait for when we do not know."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from crm_core.domain.acquaintances import Acquaintance
from crm_core.kernel.ids import CallId
from cti import events as e
from cti.calls import facts as f
from cti.calls.story import Phase, Story, is_another_wait
from cti.effects import Effect, ReadVariables
from cti.switchboard.acquaintances import Acquaintances
from cti.switchboard.announcing import Announcing
from cti.switchboard.dispatch import Dispatch
from cti.switchboard.house import House, wish_of
from cti.switchboard.overflow import Overflows
from cti.switchboard.places import Places
from cti.switchboard.recording import Recordings

WAIT = "CW_WAIT"
"""The channel's own word for what its caller waits for."""


class Waiting:
    def __init__(
        self,
        house: House,
        dispatch: Dispatch,
        *,
        recordings: Recordings,
        overflows: Overflows,
        places: Places,
        announcing: Announcing,
    ) -> None:
        self._house = house
        self._places = places
        self._announcing = announcing
        self._overflows = overflows
        self._dispatch = dispatch
        self._recordings = recordings
        self._acquaintances = Acquaintances(house)

    def queued(self, story: Story, waiting: f.Waiting, at: datetime, now: datetime) -> list[Effect]:
        before, step = story.queued, story.gone_on
        effects = [*self._recordings.waits_again(story, at), self.tell_queued(story, waiting, at)]
        effects += self._places.comes(story, at, now)
        if is_another_wait(before, story.queued) or step is not None:
            effects += self._overflows.came(story, step, now)
        return [*effects, *self.waits(story, now)]

    def tell_queued(self, story: Story, waiting: f.Waiting, at: datetime) -> Effect:
        queued = e.CallQueued(
            call=story.call,
            at=at,
            queue=waiting.queue,
            requires={str(skill): level for skill, level in waiting.requires.items()},
            priority=waiting.priority,
            language=waiting.language,
            intent=waiting.intent,
            since=waiting.since,
            asks=waiting.asks,
        )
        return self._house.tell(queued)

    def waits(self, story: Story, now: datetime) -> list[Effect]:
        """The caller stands in his line (again): somebody may be free."""
        if story.gone_on is not None or not self._house.line_up(story.server):
            return []
        back = self._places.comes(story, now, now)
        wish = wish_of(story)
        if wish is None:
            return []
        asked = self._acquaintances.ask(story, wish, now)
        if asked is not None:
            return [*back, *asked]
        told = self._dispatch.tell(self._acquaintances.named(story, wish), now)
        self._house.look_who_is_served = True
        return [*back, *told, *self._overflows.watch(story, now), *self._announcing.begin(story, now)]

    def arrived(self, story: Story, now: datetime) -> list[Effect]:
        return self._acquaintances.ahead(story, now)

    def nobody_knows_in_time(self, call: CallId, now: datetime) -> list[Effect]:
        story = self._house.stories.get(call)
        if story is not None and self._acquaintances.not_in_time(story):
            self._acquaintances.learned(call, Acquaintance())
        return self._come_in(now)

    def who_knows(self, call: CallId, found: Acquaintance, now: datetime) -> list[Effect]:
        self._acquaintances.learned(call, found)
        return self._come_in(now)

    def _come_in(self, now: datetime) -> list[Effect]:
        """It is known who knows them, or took too long to find out, and of all before them as well."""
        return [effect for story in self._acquaintances.come_in() for effect in self._stands_in_line(story, now)]

    def _stands_in_line(self, story: Story, now: datetime) -> list[Effect]:
        """If he still waits."""
        if story.phase is not Phase.WAITING or story.call in self._house.engine.callers:
            return []
        late = [] if story.gone_on is not None else self._overflows.came_late(story, now)
        return [*late, *self.waits(story, now)]

    def waits_again(self, story: Story, at: datetime, now: datetime) -> list[Effect]:
        """Found in the hold loop. Whoever was told to be talking, or in Asterisk's own queue, is told to be here."""
        if story.queued is None or story.gone_on is not None:
            return self.ask(story)
        effects: list[Effect] = []
        if story.phase is Phase.SAFETY or story.wait.since is None:
            again = replace(story.queued, at=at)
            effects = [*self._recordings.waits_again(story, at), self._house.tell(again)]
        return [*effects, *self.waits(story, now)]

    def ask(self, story: Story) -> list[Effect]:
        """The caller's own channel knows what he waits for, or waited for until he was answered."""
        channel = self._house.customers_channel(story.call)
        if channel is None:
            return []
        return [ReadVariables(server=story.server, channel=channel, call=story.call, names=(WAIT,))]
