"""The lines to Asterisk: nothing is offered over a lost one, and after each return our story is made to fit what is.

While a line is lost, conversations go on and states are kept; waiting callers are taken out of the engine and put back
with their old places once they were found waiting.
"""

from __future__ import annotations

from datetime import datetime

from crm_core.kernel.ids import AgentId, CallId, QueueKey, ServerId
from cti import events as e
from cti.ami.vocabulary import Snapshot
from cti.calls import facts as f
from cti.calls import words
from cti.calls.story import Phase, Story
from cti.effects import Done, Effect, Publish, ReadVariables
from cti.switchboard.calls import Calls
from cti.switchboard.dispatch import Dispatch
from cti.switchboard.house import House, Offer, wish_of
from cti.switchboard.offers import Offers
from cti.switchboard.recording import Recordings
from routing import messages as m
from routing.agents import Stage
from routing.reasons import Because

_WAIT = "CW_WAIT"


class Lines:
    def __init__(self, house: House, dispatch: Dispatch, offers: Offers, recordings: Recordings, calls: Calls) -> None:
        self._house = house
        self._dispatch = dispatch
        self._offers = offers
        self._recordings = recordings
        self._calls = calls

    def lost(self, lost: e.LinkLost, now: datetime) -> list[Effect]:
        """Offers under way stay open: the phone may be answered while we do not hear it."""
        return [Publish(event=lost), *self._set_aside(lost.server, now)]

    def _set_aside(self, server: ServerId, now: datetime) -> list[Effect]:
        house = self._house
        house.lines[server] = False
        effects: list[Effect] = []
        for caller in list(house.engine.callers.values()):
            if caller.offered_to is None and self._is_on(caller.call, server):
                effects += self._dispatch.tell(m.CallGone(call=caller.call), now)
        return effects

    def up(self, snapshot: Snapshot, now: datetime) -> list[Effect]:
        house, server = self._house, snapshot.server
        up = e.LinkUp(at=now, server=server, asterisk_version=snapshot.asterisk_version, restarted=snapshot.restarted)
        effects: list[Effect] = [Publish(event=up), *self._set_aside(server, now)]
        found = house.tracker(server).hear(snapshot)
        for fact in found:
            effects += self._calls.hear(server, fact, now)
        effects += self._end_the_vanished(snapshot, now)
        house.lines[server] = True
        for stands in sorted((fact for fact in found if isinstance(fact, f.Stands)), key=self._in_line):
            effects += self._stands(stands, now)
        return effects

    def _is_on(self, call: CallId, server: ServerId) -> bool:
        story = self._house.stories.get(call)
        return story is not None and story.server == server

    def _in_line(self, stands: f.Stands) -> tuple[bool, int, datetime]:
        """Conversations and offers first, then the callers in their order: nobody overtakes while we put them back."""
        story = self._house.stories.get(stands.call)
        wish = wish_of(story) if story is not None else None
        if wish is None:
            return (stands.where is f.Where.WAITING, 0, stands.at)
        priority = wish.priority + self._house.seating.floor.queue(wish.queue).priority
        return (stands.where is f.Where.WAITING, -priority, wish.since)

    def _end_the_vanished(self, snapshot: Snapshot, now: datetime) -> list[Effect]:
        """Calls we know from the log only, which are no more; and agents whom such calls still held."""
        house = self._house
        alive = house.tracker(snapshot.server).calls
        effects: list[Effect] = []
        for story in list(house.stories.values()):
            if story.server == snapshot.server and story.call not in alive:
                over = f.Ended(
                    call=story.call, at=snapshot.at, hung_up_by=e.HungUpBy.SYSTEM, cause=0, cut=snapshot.restarted
                )
                effects += self._calls.ended(story, over, now)
        for agent in list(house.engine.agents.values()):
            if agent.hand is not None and agent.hand.stage is Stage.TALKING and agent.hand.call not in house.stories:
                effects += self._dispatch.tell(m.CallFinished(agent=agent.id, call=agent.hand.call), now)
        return effects

    def _stands(self, stands: f.Stands, now: datetime) -> list[Effect]:
        story = self._house.stories.get(stands.call)
        if story is None:
            return []
        offer = self._house.offers.of_call(story.call)
        if stands.where is f.Where.OFFERED and offer is not None and offer.id == stands.offer:
            return [self._dispatch.watch(offer, now)]
        if offer is not None and offer.crossed is not None and stands.where is f.Where.TALKING:
            return self._calls.never_fetched(story.call, offer.id, now)
        effects: list[Effect] = []
        if offer is not None:
            effects += self._offers.fail(offer, e.OfferFailure.LINE_LOST, stands.at, now, call_stays=False)
        match stands.where:
            case f.Where.OFFERED:
                effects += self._adopt(story, stands, now)
            case f.Where.WAITING:
                effects += self.ask_or_wait(story, now)
            case f.Where.SAFETY:
                effects += self._in_safety(story, stands, now)
            case f.Where.TALKING:
                effects += [*self._calls.still_talking(story, now), *self._recordings.must_run(story)]
            case f.Where.MENU | f.Where.ELSEWHERE:
                pass
        return effects

    def ask_or_wait(self, story: Story, now: datetime) -> list[Effect]:
        """Back into the line; the caller's own channel is asked when we do not know what he waits for."""
        if story.queued is not None:
            return self._calls.waits(story, now)
        channel = self._house.customers_channel(story.call)
        if channel is None:
            return []
        return [ReadVariables(server=story.server, channel=channel, call=story.call, names=(_WAIT,))]

    def answered(self, done: Done, effect: ReadVariables, now: datetime) -> list[Effect]:
        """The channel told what its caller waits for. If a phone already rings for him, that goes on."""
        story = self._house.stories.get(effect.call)
        packed = done.answer.get(_WAIT, "")
        if story is None or story.queued is not None or story.talking:
            return []
        if not packed:
            return [self._dispatch.try_again(effect.call, now)]
        waiting = words.waiting(words.unpack(packed), now)
        ringing = self._rings_for(story, now)
        if ringing is None:
            return self._calls.queued(story, waiting, now, now)
        return [self._calls.tell_queued(story, waiting, now), *self._adopt(story, ringing, now)]

    def _rings_for(self, story: Story, now: datetime) -> f.Stands | None:
        """The offer of our former life that is being made to him, if its phone still rings."""
        tracked = self._house.tracked(story.call)
        offered = (
            words.offer_of(tracked.customer.last) if tracked is not None and tracked.customer is not None else None
        )
        if offered is None or not self._house.legs_at(offered[0], story.call):
            return None
        extension, offer = offered
        return f.Stands(call=story.call, at=now, where=f.Where.OFFERED, offer=offer, extension=extension)

    def _in_safety(self, story: Story, stands: f.Stands, now: datetime) -> list[Effect]:
        if story.phase is Phase.SAFETY:
            return []
        queue = story.queue or QueueKey("")
        return self._calls.fell_to_safety(story, f.FellToSafety(call=story.call, at=stands.at, queue=queue), now)

    def _adopt(self, story: Story, stands: f.Stands, now: datetime) -> list[Effect]:
        """An offer of our former life is under way: let it ring, and be there for its end."""
        house, wish = self._house, wish_of(story)
        if wish is None:
            return self.ask_or_wait(story, now)
        at_work = house.engine.agents.get(house.agent_at(stands.extension) or AgentId(""))
        if stands.offer is None or at_work is None or at_work.hand is not None:
            return self._calls.waits(story, now)
        offer = Offer(
            id=stands.offer,
            call=story.call,
            agent=at_work.id,
            extension=house.seating.extensions[at_work.id],
            queue=wish.queue,
            ring_s=house.seating.floor.queue(wish.queue).ring_s,
            rang=True,
        )
        house.offers.open(offer)
        effects = self._tell_adopted(story, offer, now)
        effects += self._dispatch.tell(m.OfferFound(agent=offer.agent, caller=wish), now)
        return [*effects, self._dispatch.watch(offer, now)]

    def _tell_adopted(self, story: Story, offer: Offer, now: datetime) -> list[Effect]:
        """Says what was not said already in our former life."""
        effects: list[Effect] = []
        if story.offer != offer.id:
            offered = e.CallOffered(
                call=offer.call,
                at=now,
                agent=offer.agent,
                extension=offer.extension,
                offer=offer.id,
                queue=offer.queue,
                because=Because(rule="found_ringing"),
            )
            effects.append(self._house.tell(offered))
        if story.phase is not Phase.RINGING:
            ringing = e.CallRinging(call=offer.call, at=now, agent=offer.agent, offer=offer.id)
            effects.append(self._house.tell(ringing))
        return effects

    def again(self, call: CallId, now: datetime) -> list[Effect]:
        """A caller who was kept aside for a moment; whether he is still free to be offered, the engine knows."""
        story = self._house.stories.get(call)
        if story is None or not self._house.line_up(story.server):
            return []
        if story.queued is None or story.phase is Phase.WAITING:
            return self.ask_or_wait(story, now)
        return []
