"""Who knows a caller: asked of the CRM before he stands in a line that wants to know, and not for long.

Asked as soon as he comes, wherever some queue may want to know: by the time he waits, the answer is mostly there. When
we come back, or take over, it is asked about many at once and answered in any order; nobody overtakes by that.
"""

from __future__ import annotations

import itertools
from dataclasses import replace
from datetime import datetime, timedelta
from heapq import heappop, heappush

from crm_core.domain.acquaintances import Acquaintance
from crm_core.domain.floor import Sticky
from crm_core.kernel.ids import CallId, QueueKey
from cti.calls.story import Phase, Story
from cti.effects import AskWhoKnows, Effect, WakeMeAt
from cti.events import Direction
from cti.switchboard.house import House
from routing.lines import Place
from routing.messages import CallWaits
from routing.reasons import Tie

PATIENCE_S = 0.5
"""After so long he is given to anybody: a slow database must not keep a caller waiting."""


class Acquaintances:
    def __init__(self, house: House) -> None:
        self._house = house
        self._coming: dict[QueueKey, list[tuple[Place, int, CallId]]] = {}
        """Line -> heap of those who were asked for and do not stand in it yet."""
        self._numbers = itertools.count()

    def ask(self, story: Story, wish: CallWaits, now: datetime) -> list[Effect] | None:
        """What is wanted before he can stand in his line; empty when it was asked for, or is of somebody who stands
        before him; None when nothing is."""
        known = self._house.known
        if wish.queue not in self._house.seating.sticky:
            return None
        if known.get(story.call) is not None and not self._stands_behind(story, wish.queue):
            return None
        asked = self._asked(story, now) if story.call not in known else []
        coming = self._coming.setdefault(wish.queue, [])
        heappush(coming, (self._house.place_of(story), next(self._numbers), story.call))
        return asked

    def _stands_behind(self, story: Story, queue: QueueKey) -> bool:
        coming = self._coming.get(queue)
        return coming is not None and coming[0][0] < self._house.place_of(story)

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

    def learned(self, call: CallId, found: Acquaintance) -> None:
        if call in self._house.known and self._house.known[call] is None:
            self._house.known[call] = found

    def come_in(self) -> list[Story]:
        """Whose calls can stand in their lines now, in their order: it may be none, or many."""
        return [story for queue in list(self._coming) for story in self._come_in(queue)]

    def _come_in(self, queue: QueueKey) -> list[Story]:
        """All before the first who is still asked for. Who is gone meanwhile holds up nobody."""
        house, coming = self._house, self._coming[queue]
        came: list[Story] = []
        while coming and (coming[0][2] not in house.known or house.known[coming[0][2]] is not None):
            _, _, call = heappop(coming)
            if call in house.stories:
                came.append(house.stories[call])
        if not coming:
            del self._coming[queue]
        return came

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
