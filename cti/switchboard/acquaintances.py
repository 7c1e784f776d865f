"""Who knows a caller: asked of the CRM before he stands in a line that wants to know, and not for long.

Asked as soon as he comes, wherever some queue may want to know: by the time he waits, the answer is mostly there.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from crm_core.domain.acquaintances import Acquaintance
from crm_core.domain.floor import Sticky
from crm_core.kernel.ids import CallId
from cti.calls.story import Phase, Story
from cti.effects import AskWhoKnows, Effect, WakeMeAt
from cti.events import Direction
from cti.switchboard.house import House
from routing.messages import CallWaits
from routing.reasons import Tie

PATIENCE_S = 0.5
"""After so long he is given to anybody: a slow database must not keep a caller waiting."""


class Acquaintances:
    def __init__(self, house: House) -> None:
        self._house = house

    def ask(self, story: Story, wish: CallWaits, now: datetime) -> list[Effect] | None:
        """What is wanted before he can stand in his line; empty when it was asked for, None when nothing is."""
        house = self._house
        if wish.queue not in house.seating.sticky or house.known.get(story.call) is not None:
            return None
        if story.call in house.known:
            return []
        return self._asked(story, now)

    def ahead(self, story: Story, now: datetime) -> list[Effect]:
        """He comes; where he will wait is not known yet."""
        wanted = bool(self._house.seating.sticky) and story.direction is Direction.INBOUND
        return self._asked(story, now) if wanted else []

    def not_in_time(self, story: Story) -> bool:
        """Whether he has to do without. Who does not wait yet does not: it is asked once more when he does."""
        if story.phase is Phase.WAITING:
            return True
        if self._house.known.get(story.call) is None:
            self._house.known.pop(story.call, None)
        return False

    def learned(self, call: CallId, found: Acquaintance) -> Story | None:
        """Whose call can stand in its line now; None when nobody waits for the answer any more."""
        house = self._house
        if call not in house.known or house.known[call] is not None:
            return None
        house.known[call] = found
        return house.stories.get(call)

    def named(self, story: Story, wish: CallWaits) -> CallWaits:
        """With whom he knows, if the queue cares. Whoever talked with him in this very call is not meant."""
        found, sticky = self._house.known.get(story.call), self._house.seating.sticky.get(wish.queue)
        if found is None or sticky is None:
            return wish
        if sticky is Sticky.OWNER and found.owner is not None and found.owner not in story.agents:
            return replace(wish, familiar=found.owner, tie=Tie.OWNER)
        if found.last is not None and found.last not in story.agents:
            return replace(wish, familiar=found.last, tie=Tie.LAST_AGENT)
        return wish

    def _asked(self, story: Story, now: datetime) -> list[Effect]:
        self._house.known[story.call] = None
        asked = AskWhoKnows(call=story.call, number=story.ani)
        return [asked, WakeMeAt(when=now + timedelta(seconds=PATIENCE_S), token=f"known:{story.call}")]
