"""Callers whom Asterisk's own queue took over because our heart was not felt: they come back when it is felt again."""

from __future__ import annotations

from crm_core.kernel.ids import CallId, ServerId
from cti.calls.story import Phase, Story
from cti.effects import Effect, TakeBack
from cti.switchboard.house import House


class Safety:
    def __init__(self, house: House) -> None:
        self._house = house
        self._due: dict[CallId, None] = {}
        """To be fetched as soon as no phone rings for them."""

    def trusted(self, server: ServerId) -> list[Effect]:
        """From now on nobody falls, and all who fell were heard of. They are fetched in the order of their places."""
        fallen = [s for s in self._house.stories.values() if s.server == server and s.phase is Phase.SAFETY]
        self._due |= {story.call: None for story in sorted(fallen, key=self._house.place_of)}
        return self.look()

    def look(self) -> list[Effect]:
        """Who is to be fetched now? For whom a phone rings, he may be answered any moment: not before it stops."""
        return [effect for call in list(self._due) for effect in self._fetch(call)]

    def fetch_again(self, call: CallId) -> list[Effect]:
        """Asterisk did not do it, or did not say."""
        self._due[call] = None
        return self._fetch(call)

    def _fetch(self, call: CallId) -> list[Effect]:
        story = self._house.stories.get(call)
        if story is not None and self._is_rung(story):
            return []
        del self._due[call]
        channel = self._house.customers_channel(call)
        if story is None or story.phase is not Phase.SAFETY or channel is None or not self._house.line_up(story.server):
            return []
        return [TakeBack(server=story.server, channel=channel, call=call)]

    def _is_rung(self, story: Story) -> bool:
        tracked = self._house.tracked(story.call)
        return tracked is not None and any(leg is not tracked.customer for leg in tracked.legs.values())
