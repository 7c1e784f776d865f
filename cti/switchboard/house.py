"""What the parts of the switchboard know together: the floor, the calls, the offers, the lines to Asterisk."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Set
from dataclasses import dataclass
from datetime import datetime

from crm_core.domain.acquaintances import Acquaintance
from crm_core.domain.tickets import TicketWork
from crm_core.kernel.ids import AgentId, CallId, OfferId, QueueKey, ServerId, TicketId
from cti.calls.call import Call
from cti.calls.facts import FellToSafety, Joined
from cti.calls.story import Phase, Story
from cti.calls.tracker import Tracker, by_endpoint
from cti.calls.words import ALL, one_of_all
from cti.effects import Publish
from cti.events import (
    CallbackAccepted,
    CallbackPromised,
    CallbackTried,
    CallConnected,
    CallEvent,
    CallPlaceGivenBack,
    CallPlaceKept,
    InVain,
    Tried,
)
from cti.floor import Seating
from cti.switchboard.hourly import Hourly
from cti.switchboard.out_of_reach import OutOfReach
from routing.engine import Engine
from routing.lines import ANYWHERE, Place
from routing.messages import CallWaits
from routing.reasons import Because
from routing.urgency import place

_IN_A_QUEUE = (Phase.WAITING, Phase.OFFERED, Phase.RINGING, Phase.SAFETY)


@dataclass(slots=True, kw_only=True, eq=False)
class Offer:
    """One attempt to give one call to one agent, from the decision until it is taken or has failed."""

    id: OfferId
    call: CallId
    agent: AgentId
    extension: str
    queue: QueueKey
    ring_s: float
    rang: bool = False
    answered: bool = False
    """The phone was picked up; the conversation is about to begin."""
    crossed: Joined | None = None
    """While our Redirect is on its way to fetch the caller, somebody of a former offer has answered after all."""
    fell: FellToSafety | None = None
    """… or the caller has fallen to Asterisk's own queue, out of which it fetches him."""
    calls_back: CallId | None = None
    """It is no caller's: `call` is made for whoever was promised in this one to be called back …"""
    because: Because | None = None
    """… and why it is this agent."""
    together: OfferId | None = None
    """It is one of several that are made at once: their common name."""

    @property
    def said(self) -> OfferId:
        """By which name the dialplan knows it."""
        return self.together or self.id

    @property
    def waits(self) -> CallId:
        """By which name the engine knows him who waits."""
        return self.calls_back or self.call


@dataclass(slots=True, kw_only=True, eq=False)
class Promised:
    """Somebody who is to be called back."""

    event: CallbackPromised
    tries: int = 0
    """How often he was called and not reached …"""
    in_vain: tuple[InVain, ...] = ()
    """… of this life of ours at least."""
    not_before: datetime | None = None
    attempt: CallId | None = None
    """The call that is being made for him."""
    taken: CallbackAccepted | None = None
    """Its agent has picked up; the customer's phone may be called any moment."""
    remembered: bool = False
    """… in a former life of ours: what became of it since then was not heard."""
    led: bool = False
    """That phone is being led on to the customer, who would be called twice by a second time."""
    asked: tuple[Tried, ...] = ()
    """Who did not take him in this wait."""
    himself: CallId | None = None
    """The call in which he waits on the phone all the same."""

    @property
    def wish(self) -> CallWaits:
        promised = self.event
        return CallWaits(
            call=promised.call,
            queue=promised.queue,
            requires=promised.wish,
            priority=promised.priority,
            since=promised.since,
            server=ANYWHERE,
        )

    def was_tried(self, event: CallbackTried) -> None:
        vain = InVain(at=event.at, by=event.by, agent=event.agent, outcome=event.outcome)
        self.tries, self.in_vain = event.tries, (*self.in_vain, vain)
        self.not_before, self.attempt, self.taken, self.led = event.again_at, None, None, False


@dataclass(frozen=True, slots=True, kw_only=True)
class TicketOffer:
    """An agent is asked to take a ticket."""

    ticket: TicketId
    agent: AgentId
    until: datetime
    because: Because

    @property
    def token(self) -> str:
        """Of the timer after which it is too late; of a later offer it is another one."""
        return f"ticket:{self.ticket}:{self.agent}:{self.until.isoformat()}"


class OpenOffers:
    """All offers under way: an agent has one at most, and so has a call, unless several phones ring for it at once."""

    def __init__(self) -> None:
        self._of_call: dict[CallId, dict[OfferId, Offer]] = {}
        self._to_agent: dict[AgentId, Offer] = {}
        self._made = 0

    def __iter__(self) -> Iterator[Offer]:
        return iter([offer for offers in self._of_call.values() for offer in offers.values()])

    def open(self, *offers: Offer) -> None:
        """All that are made of one call."""
        self._of_call[offers[0].call] = {offer.id: offer for offer in offers}
        self._to_agent |= {offer.agent: offer for offer in offers}

    def close(self, offer: Offer) -> bool:
        """False when it was closed already."""
        offers = self._of_call.get(offer.call, {})
        if offers.get(offer.id) is not offer:
            return False
        del offers[offer.id]
        if self._to_agent.get(offer.agent) is offer:
            del self._to_agent[offer.agent]
        for other in list(offers.values())[:1]:  # what befell the caller is to be known as long as there is any
            other.crossed, other.fell = other.crossed or offer.crossed, other.fell or offer.fell
        if not offers:
            del self._of_call[offer.call]
        return True

    def of_call(self, call: CallId) -> Offer | None:
        """The first of them."""
        return next(iter(self._of_call.get(call, {}).values()), None)

    def all_of(self, call: CallId) -> list[Offer]:
        return list(self._of_call.get(call, {}).values())

    def said(self, call: CallId, name: OfferId) -> list[Offer]:
        """Those of the call that the dialplan means by this name."""
        return [offer for offer in self.all_of(call) if offer.said == name]

    def meant(self, call: CallId, extension: str | None, said: OfferId | None) -> Offer | None:
        """The open offer that a word about this phone is of: by its id when the word has one, else by the phone."""
        offers = self._of_call.get(call, {}).values()
        return next((one for one in offers if one.extension == extension and said in (None, one.id)), None)

    def to(self, agent: AgentId | None, call: CallId | None = None) -> Offer | None:
        """The open offer to this agent (of this call)."""
        offer = self._to_agent.get(agent) if agent is not None else None
        return offer if offer is not None and call in (None, offer.call) else None

    def at(self, extension: str) -> Offer | None:
        """The open offer for which this phone rings, or is to ring."""
        return next((offer for offer in self if offer.extension == extension), None)

    def new_id(self, now: datetime) -> OfferId:
        """Unique over restarts without a random source: the time, and a count of our own."""
        self._made += 1
        return OfferId(f"{int(now.timestamp() * 1000):x}x{self._made:x}")


class House:
    def __init__(self, seating: Seating, now: datetime) -> None:
        self.seating = seating
        self.engine = Engine(seating.floor, now)
        self.trackers: dict[ServerId, Tracker] = {}
        self.stories: dict[CallId, Story] = {}
        self.offers = OpenOffers()
        self.remembered_until: datetime | None = None
        """The last time of our former life that the event log knows of."""
        self.lines: dict[ServerId, bool] = {}
        """Server -> whether we hear and are heard."""
        self.registered: dict[tuple[ServerId, str], bool] = {}
        """Server and endpoint -> whether its phone is registered there, as that Asterisk said last."""
        self.contacts: dict[tuple[ServerId, str], str] = {}
        """Server and endpoint -> under which name of its own its phone registered there last."""
        self.hourly = Hourly()
        self.called_off: dict[str, datetime] = {}
        """Extension -> when Asterisk last gave up calling this phone, which may not have heard of it yet."""
        self._called = 0
        self.former: dict[str, AgentId] = {}
        """Extension -> who sat there until the floor was changed, as long as that phone is in a call of his."""
        self.known: dict[CallId, Acquaintance | None] = {}
        """Who knows the callers who came to a queue that wants to know; None: it was asked for."""
        self.places: dict[str, dict[CallId, CallPlaceKept]] = {}
        """Number -> the places kept for whoever was cut off while he waited, by the call in which he was."""
        self.wrapping_up: dict[AgentId, tuple[CallId, datetime]] = {}
        """Whose paperwork is in his hands now, and since when."""
        self.callbacks: dict[CallId, Promised] = {}
        """Those who are to be called back, by the call in which it was promised."""
        self.look_at_callbacks = False
        """One of them may have to stand in the line now, or to leave it."""
        self.tickets: dict[TicketId, TicketWork] = {}
        """Those that are work of some line, as we were told."""
        self.ticket_offers: dict[TicketId, TicketOffer] = {}
        self.out_of_reach = OutOfReach()
        self.look_who_is_served = False
        """Somebody's state has changed, or somebody stands in his line (again), since queues were last looked at that
        nobody may serve."""

    def tracker(self, server: ServerId) -> Tracker:
        if server not in self.trackers:
            self.trackers[server] = Tracker(server, by_endpoint(self.is_phone))
        return self.trackers[server]

    def line_up(self, server: ServerId) -> bool:
        return self.lines.get(server, False)

    # --- seats

    def is_phone(self, endpoint: str) -> bool:
        return endpoint in self.seating.agents or endpoint in self.former

    def agent_at(self, extension: str | None) -> AgentId | None:
        """Whose calls this phone's are."""
        if extension is None:
            return None
        return self.former.get(extension) or self.seating.agents.get(extension)

    def reseat(self, seating: Seating) -> None:
        """Who moves or leaves in the middle of a call has it at his former phone until it is over there."""
        in_a_call = [agent.id for agent in self.engine.agents.values() if agent.hand is not None]
        seating = seating.with_leavers(self.seating, in_a_call)
        sat = {extension: agent for extension in self._busy_phones() if (agent := self.agent_at(extension)) is not None}
        self.seating = seating
        self._keep_former(sat)

    def remember_former(self) -> None:
        """After a restart of ours: who talks, as the log knows, at a phone that is his no more."""
        self._keep_former(
            {party: agent for s in self.stories.values() for party, agent in s.talking.items() if agent is not None}
        )

    def _keep_former(self, sat: Mapping[str, AgentId]) -> None:
        self.former = {phone: agent for phone, agent in sat.items() if self.seating.agents.get(phone) != agent}

    def clear_former(self) -> bool:
        """Forgets former seats whose calls are over; whether there were any."""
        busy = self._busy_phones()
        over = [phone for phone in self.former if phone not in busy]
        for phone in over:
            del self.former[phone]
        return bool(over)

    def _busy_phones(self) -> Set[str]:
        with_legs = {phone for tracker in self.trackers.values() for phone in tracker.busy_phones()}
        talking = {party for story in self.stories.values() for party in story.talking}
        return with_legs | talking | {offer.extension for offer in self.offers}

    # --- phones

    def is_registered(self, server: ServerId, extension: str) -> bool:
        return self.registered.get((server, extension), False)

    def reached_by(self, agent: AgentId) -> Set[ServerId]:
        """The servers that can call his phone. With every line down: that could when we last heard of them."""
        extension = self.seating.extensions.get(agent, "")
        if self.agent_at(extension) != agent:
            return frozenset()
        deaf = not any(self.lines.values())
        return {
            server
            for server in self.trackers
            if self.is_registered(server, extension) and (deaf or self.line_up(server))
        }

    def is_known_to_be_gone(self, extension: str) -> bool:
        """Asterisk spoke of this phone, and nowhere is it registered, nor was where we hear nothing any more."""
        said = [self.registered[key] for server in self.trackers if (key := (server, extension)) in self.registered]
        return bool(said) and not any(said)

    # --- calls

    def tell(self, event: CallEvent) -> Publish:
        """Adds to the story of the call and tells everybody."""
        story = self.stories.get(event.call)
        if story is not None:
            if isinstance(event, CallConnected) and event.agent is not None and story.phase in _IN_A_QUEUE:
                self.hourly.answered(story.queue or QueueKey(""), event.at)
            story.hear(event)
        return Publish(event=event)

    def tracked(self, call: CallId) -> Call | None:
        """The legs of a call, as long as it lives."""
        story = self.stories.get(call)
        tracker = self.trackers.get(story.server) if story is not None else None
        return tracker.calls.get(call) if tracker is not None else None

    def customers_channel(self, call: CallId) -> str | None:
        tracked = self.tracked(call)
        return tracked.customer.name if tracked is not None and tracked.customer is not None else None

    def legs_at(self, extension: str, call: CallId) -> list[str]:
        """The channels by which this phone has to do with the call."""
        return [leg for tracker in self.trackers.values() for leg in tracker.legs_at(extension, call)]

    def keeps_busy(self, extension: str, call: CallId) -> bool:
        return any(tracker.keeps_busy(extension, call) for tracker in self.trackers.values())

    def legs_of(self, agent: AgentId, call: CallId) -> list[str]:
        """… and by which this agent has, wherever he sits or sat."""
        seat = self.seating.extensions.get(agent)
        phones = [*self.former, *([seat] if seat is not None and seat not in self.former else [])]
        return [leg for phone in phones if self.agent_at(phone) == agent for leg in self.legs_at(phone, call)]

    def call_shown(self, call: CallId | None) -> CallId | None:
        """For whom an agent is being asked: of a callback, the call that is made for it."""
        one = self.callbacks.get(call) if call is not None else None
        return one.attempt if one is not None and one.attempt is not None else call

    def new_leg(self, server: ServerId, now: datetime, mark: str = "-cw-") -> str:
        """The unique id of a leg that we will make: unique over restarts, as of an offer."""
        self._called += 1
        return f"{server}{mark}{int(now.timestamp() * 1000):x}.{self._called}"

    def is_fetching(self, offer: Offer) -> bool:
        """Whether our Redirect to the phone is still on its way: what befalls the caller now ends when it arrives.
        (What is found after a lost line is no crossing.)"""
        story = self.stories.get(offer.call)
        up = story is not None and self.line_up(story.server)
        return up and not any(one.rang or self.is_called_for(one) for one in self.offers.all_of(offer.call))

    def phones_called(self, call: CallId, extension: str, said: OfferId) -> dict[OfferId, str]:
        """Which phones the dialplan means to call by these words, each with the offer it is called for."""
        if extension != ALL:
            return {said: extension}
        tracked = self.tracked(call)
        legs = tracked.legs.values() if tracked is not None else ()
        called = [(leg.offer, leg.extension) for leg in legs if leg.offer is not None and leg.extension is not None]
        return {offer: phone for offer, phone in called if offer == one_of_all(said, phone)}

    def is_called_for(self, offer: Offer) -> bool:
        """Asterisk is calling its phone, as far as we have heard."""
        tracked = self.tracked(offer.call)
        legs = tracked.of_extension(offer.extension) if tracked is not None else ()
        return any(leg.offer == offer.id for leg in legs)

    def place_of(self, story: Story) -> Place:
        """Whom we serve first comes first; those of whom we do not know since when they wait, by their arrival."""
        wish = wish_of(story)
        if wish is None:
            return (0, story.since.timestamp(), 0)
        return place(self.seating.floor.queue(wish.queue), wish.priority, wish.since.timestamp())


def place_back_of(story: Story) -> CallPlaceGivenBack | None:
    """The place of a former call, if he has it in this wait: since an earlier one he was with somebody."""
    queued, back = story.queued, story.place_back
    this_wait = queued is not None and back is not None and back.instead_of == (queued.since or queued.at)
    return back if this_wait else None


def wish_of(story: Story) -> CallWaits | None:
    """What the caller waits for, in the engine's words; None when it is not known."""
    queued = story.queued
    if queued is None:
        return None
    since, back = queued.since or queued.at, place_back_of(story)
    return CallWaits(
        call=story.call,
        queue=queued.queue,
        requires=queued.wish,
        priority=queued.priority,
        since=back.since if back is not None else since,
        server=story.server,
        brought_s=back.brought_s if back is not None else 0.0,
    )
