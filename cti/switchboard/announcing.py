"""What callers who wait are told: where they stand and for how much longer, at that moment, again and again.

He is sent to the announcement and waits there; the engine away, nobody is told anything and the music goes on.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from crm_core.domain.floor import Announced
from crm_core.kernel.ids import CallId, OfferId, QueueKey
from cti.calls.story import Phase, Story
from cti.effects import Announce, Effect, OfferCall, RingAll, WakeMeAt
from cti.events import CallToldWait
from cti.floor import Announcements
from cti.switchboard.dispatch import offering
from cti.switchboard.house import House

SETTLED_S = 5.0
"""He is told nothing so soon after a phone rang for him: he is still on his way back."""
LED_S, STEP_S = 1.0, 0.02
"""Asterisk leads nobody on whom it is just leading somewhere: so long after an announcement a refusal may mean
that, and so soon it is asked again."""
_COMING_BACK = (Phase.OFFERED, Phase.RINGING)


class Announcing:
    def __init__(self, house: House) -> None:
        self._house = house
        self._cared_for: set[CallId] = set()
        """Those whose timer runs: it goes on by itself while they wait, whatever becomes of offers."""
        self._led: dict[CallId, datetime] = {}
        """When each was led to his last announcement."""

    def begin(self, story: Story, now: datetime) -> list[Effect]:
        """He stands in his line (again)."""
        terms = self._terms(story.queue)
        if terms is None or story.in_queue_since is None or story.call in self._cared_for:
            return []
        self._cared_for.add(story.call)
        return [_wake(story.call, _next(terms, story.in_queue_since, now))]

    def drawn_anew(self, now: datetime) -> list[Effect]:
        """Other terms may hold from now on."""
        waiting = [self._house.stories.get(call) for call in self._house.engine.callers]
        return [effect for story in waiting if story is not None for effect in self.begin(story, now)]

    def due(self, call: CallId, now: datetime) -> list[Effect]:
        story = self._house.stories.get(call)
        terms = self._terms(story.queue) if story is not None else None
        if story is None or terms is None or call not in self._house.engine.callers:
            self._cared_for.discard(call)
            self._led.pop(call, None)
            return []
        if story.phase in _COMING_BACK or not self._is_settled(story, now):
            return [_wake(call, now + timedelta(seconds=SETTLED_S))]
        return [*self._announce(story, terms, now), _wake(call, now + timedelta(seconds=terms.every_s))]

    def told(self, announce: Announce, now: datetime) -> list[Effect]:
        """He hears it: how long he was told to wait is kept, so that it can be compared with what becomes of it."""
        story = self._house.stories.get(announce.call)
        if announce.wait_s is None or story is None or story.queue is None:
            return []
        wait_s = round(announce.wait_s, 1)
        told = CallToldWait(at=now, call=story.call, queue=story.queue, wait_s=wait_s, position=announce.position)
        return [self._house.tell(told)]

    def in_the_way(self, offer: OfferCall | RingAll, now: datetime) -> list[Effect]:
        """An offer was refused: is he just being led to an announcement? Then it is made in a moment."""
        led = self._led.get(offer.call)
        if led is None or now - led > timedelta(seconds=LED_S):
            return []
        return [WakeMeAt(when=now + timedelta(seconds=STEP_S), token=f"lead:{offer.call}:{offer.offer}")]

    def lead_again(self, call: CallId, offer_id: OfferId) -> list[Effect]:
        return offering(self._house, call) if self._house.offers.said(call, offer_id) else []

    def _announce(self, story: Story, terms: Announcements, now: datetime) -> list[Effect]:
        expected = self._house.engine.expectation(story.call)
        channel = self._house.customers_channel(story.call)
        away = story.phase is not Phase.WAITING or story.gone_on is not None
        if expected is None or channel is None or away or not self._house.line_up(story.server):
            return []
        announce = Announce(
            server=story.server,
            channel=channel,
            call=story.call,
            language=story.queued.language if story.queued is not None else "",
            position=expected.position if Announced.POSITION in terms.what else None,
            wait_s=expected.wait_s if Announced.WAIT in terms.what else None,
            comfort=terms.comfort,
            callback_key=terms.callback_key,
            message_key=terms.message_key,
        )
        if not announce.says_something:
            return []
        self._led[story.call] = now
        return [announce]

    def _is_settled(self, story: Story, now: datetime) -> bool:
        return story.offer_over_at is None or now - story.offer_over_at >= timedelta(seconds=SETTLED_S)

    def _terms(self, queue: QueueKey | None) -> Announcements | None:
        return self._house.seating.announcements.get(queue) if queue is not None else None


def _next(terms: Announcements, since: datetime, now: datetime) -> datetime:
    """By when he came, also for whom we find waiting: not all of a long line are told at the same moment."""
    first = since + timedelta(seconds=terms.first_s)
    if first > now:
        return first
    every = timedelta(seconds=terms.every_s)
    return first + every * ((now - first) // every + 1)


def _wake(call: CallId, when: datetime) -> Effect:
    return WakeMeAt(when=when, token=f"announce:{call}")
