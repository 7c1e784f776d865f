"""Places kept for callers who were cut off while they waited, and given back to those who call again soon.

By their number alone, so whoever withholds it has none; of several the oldest goes first, and each is given once.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from crm_core.domain.overflow import OverflowKind
from crm_core.kernel.messages import Event
from cti import events as e
from cti.calls.story import Story
from cti.effects import Effect, Publish
from cti.switchboard.himself import Himself
from cti.switchboard.house import House, wish_of


class Places:
    def __init__(self, house: House, himself: Himself) -> None:
        self._house, self._himself = house, himself
        self._looked_at: datetime | None = None
        """When old places were last looked for."""

    def restored(self, told: Iterable[Event]) -> None:
        """After a restart of ours: what the log knows of places, in its order."""
        for event in told:
            match event:
                case e.CallPlaceKept():
                    self._keep(event)
                case e.CallPlaceGivenBack():
                    self._forget_call(event)
                case _:
                    pass

    def ended(self, story: Story, at: datetime) -> list[Effect]:
        """His call is over: is there a place to be kept for him?"""
        wish, limit_s = wish_of(story), self._limit_s(story)
        if wish is None or not limit_s or not _was_cut_off(story):
            return []
        queues = dict.fromkeys((*(one.queue for one in story.overflowed), wish.queue))
        kept = e.CallPlaceKept(
            call=story.call,
            at=at,
            ani=story.ani,
            queues=tuple(queues),
            since=wish.since,
            until=at + timedelta(seconds=limit_s),
        )
        self._keep(kept)
        return [Publish(event=kept)]

    def comes(self, story: Story, at: datetime, now: datetime) -> list[Effect]:
        """He is about to stand in his line: was he there before? (Whoever came before that place was lost is somebody
        else, though he has the same number.)"""
        wish = wish_of(story)
        if wish is None or story.ever_connected or story.place_back is not None:
            return []
        promised = self._himself.comes(story, wish, at, now)
        if promised or story.ani not in self._house.places:
            return promised
        fitting = [
            kept
            for kept in self._house.places[story.ani].values()
            if wish.queue in kept.queues and kept.at <= story.since <= kept.until and kept.since < wish.since
        ]
        if not fitting:
            return []
        kept = min(fitting, key=lambda kept: kept.since)
        back = e.CallPlaceGivenBack(
            call=story.call, at=at, former=kept.call, queue=wish.queue, since=kept.since, instead_of=wish.since
        )
        self._forget_call(back)
        return [self._house.tell(back)]

    def _limit_s(self, story: Story) -> int:
        limits = self._house.seating.limits.get(story.queue) if story.queue is not None else None
        return limits.place_back_s if limits is not None else 0

    def _keep(self, kept: e.CallPlaceKept) -> None:
        self._forget_old(kept.at)
        self._house.places.setdefault(kept.ani, {})[kept.call] = kept

    def _forget_call(self, back: e.CallPlaceGivenBack) -> None:
        for places in self._house.places.values():
            places.pop(back.former, None)

    def _forget_old(self, now: datetime) -> None:
        """Not for each of the thousands who are cut off at once: none too old is given to anybody."""
        if self._looked_at is not None and abs(now - self._looked_at) < _LOOK_EVERY:
            return
        self._looked_at = now
        for number, places in list(self._house.places.items()):
            left = {call: kept for call, kept in places.items() if kept.until + _IN_THE_MENU > now}
            if left:
                self._house.places[number] = left
            else:
                del self._house.places[number]


_IN_THE_MENU = timedelta(minutes=10)
"""Whoever called in time may be there for so long before he waits."""
_LOOK_EVERY = timedelta(minutes=1)


def _was_cut_off(story: Story) -> bool:
    """Nobody has talked with him, and nobody has bidden him good-bye, or promised to call him."""
    told = story.gone_on is not None and story.gone_on.kind is OverflowKind.MESSAGE
    known = story.direction is e.Direction.INBOUND and bool(story.ani)
    return known and not (story.ever_connected or told or story.promised)
