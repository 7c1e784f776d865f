"""Tells the routing engine what happened and turns its decisions into events and effects."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

from crm_core.kernel.ids import CallId
from crm_core.kernel.requirements import packed
from cti.calls.words import one_of_all
from cti.effects import Effect, OfferCall, Publish, RingAll, WakeMeAt
from cti.events import (
    AgentStateChanged,
    CallOffered,
    CallRelaxed,
    CallWrappedUp,
    TicketOffered,
    TicketOfferEnd,
    TicketOfferEnded,
)
from cti.switchboard.house import House, Offer, TicketOffer
from routing import messages as m
from routing.reasons import Because
from routing.states import AgentState

GRACE_S = 5.0
"""How much longer than the ring time we wait for a sign before we take an offer back."""
TICKET_ANSWER_S = 90.0
"""So long somebody has time to take a ticket that he is asked to take."""
TICK = "engine:"
"""Of the timer after which the engine is told that time has passed."""
AGAIN_S = 2.0
"""How long a caller is kept aside after Asterisk refused to do with him what we wanted."""


class Dispatch:
    def __init__(self, house: House) -> None:
        self._house = house
        self.call_back: Callable[[m.Assigned, datetime], list[Effect]] | None = None
        """Of whoever does not hold the line: who gives him to an agent."""

    def tell(self, told: m.Input, now: datetime) -> list[Effect]:
        effects: list[Effect] = []
        for decision in self._house.engine.handle(told, now):
            match decision:
                case m.AgentChanged():
                    effects += self._agent_changed(decision, now)
                case m.Assigned():
                    effects += self._assigned(decision, now)
                case m.AssignedAll():
                    effects += self._assigned_all(decision, now)
                case m.TicketAssigned():
                    effects += self._ticket_assigned(decision, now)
                case m.TicketWithdrawn():
                    effects += self._ticket_withdrawn(decision, now)
                case m.Relaxed():
                    effects += self._relaxed(decision, now)
                case m.WakeAt():
                    effects.append(WakeMeAt(when=decision.when, token=TICK))
        return effects

    def try_again(self, call: CallId, now: datetime) -> Effect:
        """Look at this caller once more in a moment."""
        return WakeMeAt(when=now + timedelta(seconds=AGAIN_S), token=f"again:{call}")

    def watch(self, offer: Offer, now: datetime) -> Effect:
        """Take the offer back when nothing is heard of it for too long."""
        return WakeMeAt(when=now + timedelta(seconds=offer.ring_s + GRACE_S), token=f"offer:{offer.call}:{offer.said}")

    def _agent_changed(self, changed: m.AgentChanged, now: datetime) -> list[Effect]:
        event = AgentStateChanged(
            at=now,
            agent=changed.agent,
            state=changed.state,
            reason=changed.reason,
            call=self._call_shown(changed),
            reachable=changed.reachable,
            before=changed.before,
            wish=changed.wish,
            wish_reason=changed.wish_reason,
            wrap_up_until=changed.wrap_up_until,
        )
        self._house.look_who_is_served = True
        effects: list[Effect] = [Publish(event=event), *self._paperwork(changed, now)]
        if changed.wrap_up_until is not None:
            effects.append(WakeMeAt(when=changed.wrap_up_until, token=f"wrap_up:{changed.agent}"))
        expected = changed.wish is AgentState.READY or changed.state is AgentState.WRAP_UP
        reached = changed.reachable
        return effects + self._house.out_of_reach.look(changed.agent, now, expected=expected, reachable=reached)

    def _call_shown(self, changed: m.AgentChanged) -> CallId | None:
        asked = changed.state in (AgentState.RESERVED, AgentState.RINGING)
        return self._house.call_shown(changed.call) if asked else changed.call

    def _paperwork(self, changed: m.AgentChanged, now: datetime) -> list[Effect]:
        """What he did until now was the paperwork of a call, and is so no more: how long it took."""
        begun = self._house.wrapping_up.get(changed.agent)
        call = changed.call if changed.state is AgentState.WRAP_UP else None
        if begun is not None and begun[0] == call:
            return []
        self._house.wrapping_up.pop(changed.agent, None)
        if call is not None:
            self._house.wrapping_up[changed.agent] = (call, now)
        if begun is None:
            return []
        took = round(max((now - begun[1]).total_seconds(), 0.0), 3)
        return [Publish(event=CallWrappedUp(call=begun[0], at=now, agent=changed.agent, wrap_up_s=took))]

    def _relaxed(self, relaxed: m.Relaxed, now: datetime) -> list[Effect]:
        """After a restart of ours the engine takes the steps anew; the call's story knows which were told."""
        story = self._house.stories.get(relaxed.call)
        if story is None or relaxed.step in story.relaxed:
            return []
        asks = packed(relaxed.requires)
        told = CallRelaxed(call=relaxed.call, at=now, queue=relaxed.queue, step=relaxed.step, asks=asks)
        return [self._house.tell(told)]

    def _ticket_assigned(self, assigned: m.TicketAssigned, now: datetime) -> list[Effect]:
        offer = TicketOffer(
            ticket=assigned.ticket,
            agent=assigned.agent,
            until=now + timedelta(seconds=TICKET_ANSWER_S),
            because=assigned.because,
        )
        self._house.ticket_offers[offer.ticket] = offer
        offered = TicketOffered(
            at=now,
            ticket=offer.ticket,
            agent=offer.agent,
            queue=assigned.queue,
            because=offer.because,
            until=offer.until,
        )
        return [Publish(event=offered), WakeMeAt(when=offer.until, token=offer.token)]

    def _ticket_withdrawn(self, withdrawn: m.TicketWithdrawn, now: datetime) -> list[Effect]:
        """Unless what he answered was told before."""
        offer = self._house.ticket_offers.get(withdrawn.ticket)
        if offer is None or offer.agent != withdrawn.agent:
            return []
        del self._house.ticket_offers[withdrawn.ticket]
        why = TicketOfferEnd.WITHDRAWN
        return [Publish(event=TicketOfferEnded(at=now, ticket=offer.ticket, agent=offer.agent, why=why))]

    def _assigned(self, assigned: m.Assigned, now: datetime) -> list[Effect]:
        house = self._house
        if self.call_back is not None and assigned.call in house.callbacks and assigned.call not in house.stories:
            return self.call_back(assigned, now)
        story = house.stories.get(assigned.call)
        channel = house.customers_channel(assigned.call)
        if story is None or channel is None:
            put_back = m.OfferFailed(agent=assigned.agent, call=assigned.call, call_stays=False)
            return [*self.tell(put_back, now), self.try_again(assigned.call, now)]
        offer = Offer(
            id=house.offers.new_id(now),
            call=assigned.call,
            agent=assigned.agent,
            extension=house.seating.extensions[assigned.agent],
            queue=assigned.queue,
            ring_s=assigned.ring_s,
        )
        house.offers.open(offer)
        told = house.tell(_offered(offer, assigned.because, now))
        return [told, *offering(house, assigned.call), self.watch(offer, now)]

    def _assigned_all(self, assigned: m.AssignedAll, now: datetime) -> list[Effect]:
        """Every screen pops before any phone rings."""
        house = self._house
        if house.customers_channel(assigned.call) is None:
            put_back = m.CallGone(call=assigned.call, set_aside=True)
            return [*self.tell(put_back, now), self.try_again(assigned.call, now)]
        together = house.offers.new_id(now)
        offers = []
        for agent in assigned.because:
            extension = house.seating.extensions[agent]
            one = Offer(
                id=one_of_all(together, extension),
                call=assigned.call,
                agent=agent,
                extension=extension,
                queue=assigned.queue,
                ring_s=assigned.ring_s,
                together=together,
            )
            offers.append(one)
        house.offers.open(*offers)
        told = [house.tell(_offered(offer, assigned.because[offer.agent], now)) for offer in offers]
        return [*told, *offering(house, assigned.call), self.watch(offers[0], now)]


def offering(house: House, call: CallId) -> list[Effect]:
    """What makes the phones ring to which this call is being offered."""
    offers, story, channel = house.offers.all_of(call), house.stories.get(call), house.customers_channel(call)
    if not offers or story is None or channel is None:
        return []
    first, server = offers[0], story.server
    if first.together is None:
        return [OfferCall(server=server, channel=channel, call=call, offer=first.id, extension=first.extension)]
    extensions = tuple([offer.extension for offer in offers])
    return [RingAll(server=server, channel=channel, call=call, offer=first.together, extensions=extensions)]


def _offered(offer: Offer, because: Because, now: datetime) -> CallOffered:
    return CallOffered(
        call=offer.call,
        at=now,
        agent=offer.agent,
        extension=offer.extension,
        offer=offer.id,
        queue=offer.queue,
        because=because,
    )
