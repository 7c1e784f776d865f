"""Whoever was promised a callback and calls again himself: nobody is called while he waits on the phone, nor
whoever has been talked with.

By his number and the queue of the promise, so a colleague who calls from the same line about something else takes
nothing away.
"""

from __future__ import annotations

from datetime import datetime

from crm_core.kernel.ids import AgentId, QueueKey
from cti import effects as fx
from cti import events as e
from cti.calls.story import Story
from cti.dialling import DialRules
from cti.switchboard.dispatch import Dispatch
from cti.switchboard.house import House, Promised
from cti.switchboard.offers import Offers
from routing import messages as m


class Himself:
    def __init__(self, house: House, dispatch: Dispatch, offers: Offers, rules: DialRules) -> None:
        self._house, self._dispatch, self._offers, self._rules = house, dispatch, offers, rules

    def comes(self, story: Story, wish: m.CallWaits, at: datetime, now: datetime) -> list[fx.Effect]:
        """He is about to stand in his line: at the place that was promised to him. His phone is called no more."""
        promised = self._promised_to(story, wish.queue)
        effects: list[fx.Effect] = []
        for one in promised:
            one.himself, self._house.look_at_callbacks = story.call, True
            effects += self.leave_alone(one, at, now)
        first = min(promised, key=lambda one: one.event.since, default=None)
        if first is None or first.event.since >= wish.since:
            return effects
        back = e.CallPlaceGivenBack(
            call=story.call,
            at=at,
            former=first.event.call,
            queue=wish.queue,
            since=first.event.since,
            instead_of=wish.since,
        )
        return [*effects, self._house.tell(back)]

    def talks(self, story: Story, agent: AgentId | None, at: datetime, now: datetime) -> list[fx.Effect]:
        """Somebody of ours has him on the line: there is nothing left to be called back for."""
        if agent is None or story.queue is None:
            return []
        found, own = self._promised_to(story, story.queue), self._house.callbacks.get(story.call)
        if own is not None and own.event.queue == story.queue:  # promised, and put through all the same
            found = [*found, own]
        return [effect for one in found for effect in self.done(one, story, agent, at, now)]

    def anew(self, story: Story, number: str, queue: QueueKey) -> list[Promised]:
        """What he was promised before, in other calls."""
        found = self._house.callbacks.values()
        return [
            one
            for one in found
            if (one.event.number, one.event.queue) == (number, queue) and one.event.call != story.call
        ]

    def done(self, one: Promised, story: Story, agent: AgentId | None, at: datetime, now: datetime) -> list[fx.Effect]:
        """A phone that is being called for him stops; whoever has picked up already hears that the line is busy."""
        del self._house.callbacks[one.event.call]
        told = self._house.tell(e.CallbackDone(call=one.event.call, at=at, by=story.call, agent=agent, himself=True))
        return [told, *self.leave_alone(one, at, now)]

    def leave_alone(self, one: Promised, at: datetime, now: datetime) -> list[fx.Effect]:
        offer = self._house.offers.of_call(one.attempt) if one.attempt is not None else None
        if offer is not None:
            return self._offers.fail(offer, e.OfferFailure.CALLER_GONE, at, now, call_stays=False, withdraw=True)
        if one.event.call not in self._house.engine.callers:
            return []
        return self._dispatch.tell(m.CallGone(call=one.event.call, set_aside=True), now)

    def _promised_to(self, story: Story, queue: QueueKey) -> list[Promised]:
        if not self._house.callbacks or story.direction is not e.Direction.INBOUND or not story.ani:
            return []
        return self.anew(story, self._rules.digits(story.ani), queue)
