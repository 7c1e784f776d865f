"""The lines to Asterisk: nothing is offered over a lost one, and after each return our story is made to fit what is.

While a line is lost, conversations go on and states are kept; waiting callers are taken out of the engine and put back
with their old places once they were found waiting.
"""

from __future__ import annotations

from collections.abc import Set
from dataclasses import replace
from datetime import datetime

from crm_core.kernel.ids import AgentId, CallId, OfferId, QueueKey, ServerId
from cti import events as e
from cti.ami.vocabulary import Snapshot
from cti.calls import facts as f
from cti.calls import words
from cti.calls.story import Phase, Story
from cti.effects import Done, Effect, Publish, ReadVariables, WithdrawOffer
from cti.switchboard.callbacks import Callbacks
from cti.switchboard.calls import Calls
from cti.switchboard.dispatch import Dispatch
from cti.switchboard.house import House, Offer, wish_of
from cti.switchboard.listening import Listening
from cti.switchboard.offers import Offers
from cti.switchboard.parking import Parking
from cti.switchboard.pausing import Pausing
from cti.switchboard.reach import Reach
from cti.switchboard.recording import Recordings
from cti.switchboard.waiting import WAIT, Waiting
from routing import messages as m
from routing.agents import AtWork, Stage
from routing.lines import Place
from routing.reasons import Because


class Lines:
    def __init__(
        self,
        house: House,
        *,
        dispatch: Dispatch,
        offers: Offers,
        recordings: Recordings,
        waiting: Waiting,
        reach: Reach,
        calls: Calls,
        pausing: Pausing,
        parking: Parking,
        listening: Listening,
        callbacks: Callbacks,
    ) -> None:
        self._house = house
        self._dispatch = dispatch
        self._offers = offers
        self._recordings = recordings
        self._waiting = waiting
        self._reach = reach
        self._calls = calls
        self._pausing = pausing
        self._parking = parking
        self._listening = listening
        self._callbacks = callbacks

    def lost(self, lost: e.LinkLost, now: datetime) -> list[Effect]:
        """Offers under way stay open: the phone may be answered while we do not hear it."""
        effects = [Publish(event=lost), *self._set_aside(lost.server, now)]
        self._callbacks.line_changed()
        return effects + self._look_who_is_reached(now)

    def _set_aside(self, server: ServerId, now: datetime) -> list[Effect]:
        """Also callers whose offer the engine alone knows of: it was decided, and a fault of ours lost it."""
        house = self._house
        house.lines[server] = False
        effects: list[Effect] = []
        for caller in list(house.engine.callers.values()):
            if caller.server == server and house.offers.of_call(caller.call) is None:
                effects += self._dispatch.tell(m.CallGone(call=caller.call, set_aside=True), now)
        return effects

    def _look_who_is_reached(self, now: datetime) -> list[Effect]:
        """While no line at all is up nobody's phone is said to be gone: we would not know."""
        return self._reach.look_again(now) if any(self._house.lines.values()) else []

    def up(self, snapshot: Snapshot, now: datetime) -> list[Effect]:
        house, server = self._house, snapshot.server
        up = e.LinkUp(at=now, server=server, asterisk_version=snapshot.asterisk_version, restarted=snapshot.restarted)
        effects: list[Effect] = [Publish(event=up), *self._set_aside(server, now)]
        found = [_unheard(fact) for fact in house.tracker(server).hear(snapshot)]
        for fact in found:
            effects += self._calls.hear(server, fact, now)
        effects += self._end_the_vanished(snapshot, now)
        if not any(house.lines.values()):
            effects += house.out_of_reach.hears_again(now)
        house.lines[server] = True
        effects += self._look_who_is_reached(now)
        for stands in sorted((fact for fact in found if isinstance(fact, f.Stands)), key=self._in_line):
            effects += self._stands(stands, now)
        for agent in list(house.engine.agents.values()):
            effects += self._let_go_of_what_is_over(agent, server, now)
        self._callbacks.line_changed()
        return [*effects, *self._pausing.line_up(server, now), *self._listening.line_up(server, snapshot.at)]

    def _in_line(self, stands: f.Stands) -> tuple[bool, Place]:
        """Conversations and offers first, then the callers in their order: nobody overtakes while we put them back."""
        story = self._house.stories.get(stands.call)
        place = self._house.place_of(story) if story is not None else (0.0, stands.at.timestamp(), 0)
        return (stands.where is f.Where.WAITING, place)

    def named(self, servers: Set[ServerId], now: datetime) -> list[Effect]:
        """Of an Asterisk that is none of ours any more the log may know calls; nobody will ever tell how they ended."""
        effects: list[Effect] = []
        for story in list(self._house.stories.values()):
            if story.server not in servers:
                effects += self._vanishes(story, now, now)
        return effects

    def _end_the_vanished(self, snapshot: Snapshot, now: datetime) -> list[Effect]:
        """Calls we know from the log only, which are no more."""
        alive = self._house.tracker(snapshot.server).calls
        effects: list[Effect] = []
        for story in list(self._house.stories.values()):
            if story.server == snapshot.server and story.call not in alive:
                effects += self._vanishes(story, snapshot.at, now, cut=snapshot.restarted)
        return effects

    def _vanishes(self, story: Story, found: datetime, now: datetime, *, cut: bool = False) -> list[Effect]:
        """The last that is known of him is what our former life said."""
        over = f.Ended(
            call=story.call,
            at=min(self._house.remembered_until or found, found),
            hung_up_by=e.HungUpBy.SYSTEM,
            cause=0,
            cut=cut,
            unheard=True,
        )
        return self._calls.ended(story, over, now)

    def _let_go_of_what_is_over(self, agent: AtWork, server: ServerId, now: datetime) -> list[Effect]:
        """An agent may still be in a conversation, or have a call of his own, that ended while nobody told us."""
        house, hand, effects = self._house, agent.hand, list[Effect]()
        if hand is not None and hand.stage is Stage.TALKING:
            story = house.stories.get(hand.call)
            if story is None or (story.server == server and agent.id not in story.talking.values()):
                effects += self._dispatch.tell(m.CallFinished(agent=agent.id, call=hand.call), now)
        for call in sorted(agent.beside):
            if not house.legs_of(agent.id, call):
                effects += self._dispatch.tell(m.OwnCallEnded(agent=agent.id, call=call), now)
        return effects

    def _stands(self, stands: f.Stands, now: datetime) -> list[Effect]:
        story = self._house.stories.get(stands.call)
        if story is None:
            return []
        effects = [*self._left_unheard(story, stands.at, now), *self._parking.found(story, stands)]
        offer = self._house.offers.of_call(story.call)
        if stands.where is f.Where.OFFERED and offer is not None and offer.said == stands.offer:
            return [*effects, *self._fell_silent(story, stands, now), self._dispatch.watch(offer, now)]
        made = self._callbacks.found(story, stands.at, now) if stands.where is f.Where.ELSEWHERE else None
        if made is not None:
            return [*effects, *made]  # of an agent's phone that rings nothing else is to be known
        if offer is not None and offer.crossed is not None and stands.where is f.Where.TALKING:
            return [*effects, *self._calls.never_fetched(story.call, offer.id, now)]
        if offer is not None:
            effects += self._offers.void(story.call, e.OfferFailure.LINE_LOST, stands.at, now)
        else:
            effects += self._offers.forgotten(story, e.OfferFailure.LINE_LOST, stands.at, but=self._phones(stands))
        match stands.where:
            case f.Where.OFFERED:
                effects += self._adopt(story, stands, now)
            case f.Where.WAITING:
                effects += self._waiting.waits_again(story, stands.at, now)
            case f.Where.SAFETY:
                effects += self._in_safety(story, stands, now)
            case f.Where.TALKING:
                effects += self._talks(story, now)
            case f.Where.MENU | f.Where.PARKED | f.Where.ELSEWHERE:
                pass
        return effects

    def _phones(self, stands: f.Stands) -> dict[OfferId, str]:
        """Which ring for him, each with its offer."""
        if stands.offer is None or stands.extension is None:
            return {}
        return self._house.phones_called(stands.call, stands.extension, stands.offer)

    def _fell_silent(self, story: Story, stands: f.Stands, now: datetime) -> list[Effect]:
        """Of several phones some may have stopped ringing unheard; nobody knows why."""
        offers, rings = self._house.offers.all_of(story.call), self._phones(stands)
        silent = [offer for offer in offers if offer.id not in rings]
        effects: list[Effect] = []
        for offer in silent if len(silent) < len(offers) else ():
            effects += self._offers.fail(offer, e.OfferFailure.LINE_LOST, stands.at, now)
        return effects

    def _left_unheard(self, story: Story, at: datetime, now: datetime) -> list[Effect]:
        """Whoever was talking with the customer in our former life, and is with him no more."""
        tracked = self._house.tracked(story.call)
        legs = {**tracked.present, **tracked.aside} if tracked is not None else {}
        present = {leg.party for leg in legs.values()}
        effects: list[Effect] = []
        for party in [party for party in story.talking if party not in present]:
            extension = party if self._house.is_phone(party) else None
            effects += self._calls.left(story, f.Left(call=story.call, at=at, party=party, extension=extension), now)
        return effects

    def _talks(self, story: Story, now: datetime) -> list[Effect]:
        effects = [*self._calls.still_talking(story, now), *self._recordings.must_run(story)]
        return [*effects, *self._waiting.ask(story)] if story.queue_is_unheard_of else effects

    def answered(self, done: Done, effect: ReadVariables, now: datetime) -> list[Effect]:
        """The channel told what its caller waits (or waited) for. If a phone already rings for him, that goes on."""
        story = self._house.stories.get(effect.call)
        packed = done.answer.get(WAIT, "")
        if story is None or (story.queued is not None and story.gone_on is None) or story.phase is Phase.SAFETY:
            return []  # who comes back from there, or is answered there, tells it then
        if not packed:
            return [] if story.talking else [self._dispatch.try_again(effect.call, now)]
        waiting = words.waiting(words.unpack(packed), now)
        if story.talking:
            return self._calls.learns_queue(story, waiting, now)
        ringing = self._rings_for(story, now)
        if ringing is None:
            return self._waiting.queued(story, waiting, now, now)
        return [self._waiting.tell_queued(story, waiting, now), *self._adopt(story, ringing, now)]

    def _rings_for(self, story: Story, now: datetime) -> f.Stands | None:
        """The offer of our former life that is being made to him, if its phone still rings."""
        tracked = self._house.tracked(story.call)
        offered = (
            words.offer_of(tracked.customer.last) if tracked is not None and tracked.customer is not None else None
        )
        extension, offer = offered or ("", OfferId(""))
        called = self._house.phones_called(story.call, extension, offer) if offered is not None else {}
        if not any(self._house.legs_at(phone, story.call) for phone in called.values()):
            return None
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
            return self._waiting.ask(story)
        phones = self._phones(stands)
        offers = [self._found(story, stands, phone, offer, wish) for offer, phone in phones.items()]
        found = {offer.id: offer for offer in offers if offer is not None}
        if not found:
            return self._disown(story, stands, now)
        effects = self._offers.forgotten(story, e.OfferFailure.LINE_LOST, stands.at, but=found)
        for phone in [phone for offer, phone in phones.items() if offer not in found]:
            effects += self._offers.hang_up_phone(story, phone)
        house.offers.open(*found.values())
        effects += [effect for offer in found.values() for effect in self._tell_adopted(story, offer, now)]
        first, *others = found.values()
        told = m.OfferFound(agent=first.agent, caller=wish, others=tuple([offer.agent for offer in others]))
        return [*effects, *self._dispatch.tell(told, now), self._dispatch.watch(first, now)]

    def _found(self, story: Story, stands: f.Stands, phone: str, offer: OfferId, wish: m.CallWaits) -> Offer | None:
        """None: his phone rings for another by now, or he works here no more."""
        house = self._house
        at_work = house.engine.agents.get(house.agent_at(phone) or AgentId(""))
        if at_work is None or at_work.hand is not None:
            return None
        return Offer(
            id=offer,
            call=story.call,
            agent=at_work.id,
            extension=house.seating.extensions[at_work.id],
            queue=wish.queue,
            ring_s=house.seating.floor.queue(wish.queue).ring_s,
            rang=True,
            together=stands.offer if stands.offer != offer else None,
        )

    def _disown(self, story: Story, stands: f.Stands, now: datetime) -> list[Effect]:
        """Nobody is there for whose phone it rings: somebody else, or at least that phone stops."""
        effects = self._offers.forgotten(story, e.OfferFailure.LINE_LOST, stands.at)
        effects += self._waiting.waits(story, now)
        channel = self._house.customers_channel(story.call)
        if stands.offer is not None and channel is not None and self._house.offers.of_call(story.call) is None:
            effects.append(WithdrawOffer(server=story.server, channel=channel, call=story.call, offer=stands.offer))
        return effects

    def _tell_adopted(self, story: Story, offer: Offer, now: datetime) -> list[Effect]:
        """Says what was not said already in our former life."""
        effects: list[Effect] = []
        if offer.id not in story.offered:
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
        if story.queued is None:
            return self._waiting.ask(story)
        return self._waiting.waits(story, now) if story.phase is Phase.WAITING else []


def _unheard(fact: f.Fact) -> f.Fact:
    """An end among what a snapshot tells was not heard, only found."""
    return replace(fact, unheard=True) if isinstance(fact, f.Ended) else fact
