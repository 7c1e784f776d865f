"""The story of each call: what the tracker found out becomes events, and the engine hears of it."""

from __future__ import annotations

from datetime import datetime
from typing import assert_never

from crm_core.kernel.ids import AgentId, CallId, OfferId, QueueKey, ServerId
from cti import events as e
from cti.ami.vocabulary import DialStatus
from cti.calls import facts as f
from cti.calls import words
from cti.calls.story import Phase, Story
from cti.effects import Effect, Publish, SetVariables
from cti.switchboard.callbacks import Callbacks
from cti.switchboard.dispatch import Dispatch
from cti.switchboard.house import House
from cti.switchboard.listening import Listening
from cti.switchboard.offers import Offers, why_missed
from cti.switchboard.overflow import Overflows
from cti.switchboard.parking import Parking
from cti.switchboard.pausing import Pausing
from cti.switchboard.places import Places
from cti.switchboard.reach import Reach
from cti.switchboard.recording import Recordings
from cti.switchboard.waiting import Waiting
from routing import messages as m

CONSULTS = "CW_CONSULTS"
"""On the customer's channel: he waits while his agent talks with somebody else."""
AFTER = "CW_QUEUE_AFTER"
"""… and the menu that his queue has for him when his agent has hung up."""


class Calls:
    def __init__(
        self,
        house: House,
        *,
        dispatch: Dispatch,
        offers: Offers,
        recordings: Recordings,
        waiting: Waiting,
        places: Places,
        reach: Reach,
        pausing: Pausing,
        parking: Parking,
        listening: Listening,
        callbacks: Callbacks,
        overflows: Overflows,
    ) -> None:
        self._house = house
        self._dispatch = dispatch
        self._offers = offers
        self._recordings = recordings
        self._waiting = waiting
        self._places = places
        self._reach = reach
        self._pausing = pausing
        self._parking = parking
        self._listening = listening
        self._callbacks = callbacks
        self._overflows = overflows

    def hear(self, server: ServerId, fact: f.Fact, now: datetime) -> list[Effect]:  # noqa: PLR0911 - a table
        match fact:
            case f.Arrived():
                return self._arrived(server, fact, now)
            case f.PhoneReachable():
                return self._phone(server, fact, now)
            case f.ContactGone():
                return self._offers.phone_gone(server, fact.extension, fact.at, now)
            case f.ContactSeen():
                return self._reach.registers(server, fact)
            case f.LegBegan():
                return self._leg_began(fact, now)
            case f.LegGone():
                return self._leg_gone(fact, now)
            case f.Summoned():
                return [*self._listening.summoned(fact), *self._callbacks.summoned(fact, now)]
            case f.Odd():
                return [Publish(event=e.Anomaly(at=fact.at, what=fact.what, raw=fact.raw, call=fact.call))]
            case f.Stands():
                return []  # of interest to the resync only
            case _:
                story = self._house.stories.get(fact.call)
                return [] if story is None else self._goes_on(story, fact, now)

    def _goes_on(self, story: Story, fact: f.OfStory, now: datetime) -> list[Effect]:  # noqa: PLR0911, PLR0912 - a table
        match fact:
            case f.Stepped():
                stepped = e.CallStepped(
                    call=fact.call,
                    at=fact.at,
                    flow=fact.flow,
                    node=fact.node,
                    entered=fact.entered,
                    label=fact.label,
                )
                behind = self._recordings.waits_again(story, fact.at) if fact.label == words.AFTER_CALL else []
                return [self._house.tell(stepped), *behind]
            case f.Queued():
                unparked = self._parking.over(story, fact.at, e.UnparkedBy.TIME)
                return [*unparked, *self._waiting.queued(story, fact.waiting, fact.at, now)]
            case f.InQueue():
                return []  # nothing of ours: whom it calls and connects is told by itself
            case f.Ringing():
                return self._rings(story, fact, now)
            case f.DialEnded():
                return self._dial_ended(story, fact, now)
            case f.OfferEnded():
                return self._came_back(story, fact, now)
            case f.Joined():
                return self._joined(story, fact, now)
            case f.Left():
                return self.left(story, fact, now)
            case f.Held() | f.Resumed() | f.Consults() | f.Returned():
                return self._in_conversation(story, fact)
            case f.Transferred():
                return [self._transferred(fact)]
            case f.Parked():
                return self._parking.parked(story, fact)
            case f.Unparked():
                return self._parking.over(story, fact.at, e.UnparkedBy.TIME)
            case f.Barged():
                return self._listening.barged(story, self._house.agent_at(fact.extension))
            case f.Pressed():
                self._overflows.pressed(story, fact.key)
                return []
            case f.PhoneRings():
                return self._callbacks.phone_rings(story, fact.at, now)
            case f.PickedUp():
                return self._callbacks.waits_for_us(story, fact.at, now)
            case f.FellToSafety():
                return self.fell_to_safety(story, fact, now)
            case f.Ended():
                return self.ended(story, fact, now)
            case _:
                assert_never(fact)

    # --- arriving, waiting

    def _arrived(self, server: ServerId, fact: f.Arrived, now: datetime) -> list[Effect]:
        if fact.found:
            self._recordings.may_have_begun(fact.call)
        if fact.call in self._house.stories:
            return []
        arrived = e.CallArrived(
            call=fact.call,
            at=fact.at,
            server=server,
            direction=fact.direction,
            ani=fact.ani,
            ani_name=fact.ani_name,
            dnis=fact.dnis,
            agent=None if fact.direction is e.Direction.INBOUND else self._house.agent_at(fact.ani),
        )
        story = self._house.stories[fact.call] = Story.begins(arrived)
        ahead = [] if fact.found else self._waiting.arrived(story, now)
        return [Publish(event=arrived), *self._callbacks.arrived(story, fact.at, found=fact.found), *ahead]

    def fell_to_safety(self, story: Story, fact: f.FellToSafety, now: datetime) -> list[Effect]:
        """Asterisk's own queue serves him now; the engine must keep its hands off, if it is not just fetching him."""
        offer = self._house.offers.of_call(fact.call)
        if offer is not None and self._house.is_fetching(offer):
            offer.fell = fact
            return []
        fell = e.CallFellToSafety(call=fact.call, at=fact.at, queue=fact.queue)
        return [
            *self._drop_offer(story, e.OfferFailure.LINE_LOST, fact.at, now),
            self._house.tell(fell),
            *self._dispatch.tell(m.CallGone(call=fact.call, set_aside=True), now),
        ]

    def _came_back(self, story: Story, fact: f.OfferEnded, now: datetime) -> list[Effect]:
        """He is in the hold loop again, whether or not we knew of the offer; the engine must have him. (One who was
        sent on as soon as the phone rang no more may say so on his way.)"""
        effects = self._offers.came_back(fact, now)
        if self._house.offers.of_call(story.call) is not None or story.talking or story.gone_on is not None:
            return effects
        return [*effects, *self._waiting.waits_again(story, fact.at, now)]

    # --- ringing, talking

    def _rings(self, story: Story, fact: f.Ringing, now: datetime) -> list[Effect]:
        outside = [] if fact.extension is not None else self._callbacks.picked_up(story.call, fact.at, now)
        offer = self._house.offers.meant(story.call, fact.extension, fact.offer)
        if offer is not None:
            return self._offers.rings(offer, fact.at, now)
        if fact.offer:
            return self._offers.not_wanted(story.call, fact.extension, fact.offer)
        if self._is_fetched_away(story):
            story.rings_elsewhere(fact.at, fact.party)
            return []
        ringing = e.CallRinging(
            call=fact.call,
            at=fact.at,
            agent=self._house.agent_at(fact.extension),
            party=fact.party,
            ring_for=fact.ring_for,
            by=fact.by,
            by_agent=self._house.agent_at(fact.by),
        )
        return [*outside, self._house.tell(ringing)]

    def _dial_ended(self, story: Story, fact: f.DialEnded, now: datetime) -> list[Effect]:
        if fact.extension is not None and fact.status is DialStatus.CANCEL:
            self._house.called_off[fact.extension] = fact.at
        offer = self._house.offers.meant(story.call, fact.extension, fact.offer)
        if offer is not None:
            return self._offers.dial_ended(offer, fact, now)
        if fact.offer:
            return []
        story.dial_ended(fact.status, fact.cause, fact.at, fact.party)
        if self._is_fetched_away(story):
            return []
        agent = self._house.agent_at(fact.extension)
        if fact.status is not DialStatus.ANSWER:
            why, sip = why_missed(fact.status, fact.cause), fact.sip_cause
            missed = e.CallMissed(call=fact.call, at=fact.at, agent=agent, party=fact.party, why=why, sip_cause=sip)
            return [self._house.tell(missed)]
        if story.aside:
            return [self._house.tell(e.CallAnswered(call=fact.call, at=fact.at, agent=agent, party=fact.party))]
        return []  # who is connected is told in a moment

    def _joined(self, story: Story, fact: f.Joined, now: datetime) -> list[Effect]:
        house = self._house
        picked_up = self._callbacks.picked_up(story.call, fact.at, now)
        offer = house.offers.meant(story.call, fact.extension, fact.offer)
        agent = offer.agent if offer is not None else house.agent_at(fact.extension)
        if offer is None and self._is_fetched_away(story):
            return self._crosses(story, fact, agent, now)
        effects = [*picked_up, *(self._note_consultation(story, "") if story.has_consulted else [])]
        taken = offer.id if offer is not None else self._taken(story, fact, agent)
        if offer is not None:
            effects += self._offers.others_are_let_go(offer, fact.at, now)
            house.offers.close(offer)
        elif taken is None or taken not in story.offered:
            effects += self._drop_offer(story, e.OfferFailure.FAILED, fact.at, now)
        else:
            effects += self._offers.forgotten(story, e.OfferFailure.ELSEWHERE, fact.at, but=(taken,), by=agent)
        if fact.party not in story.talking:
            effects += self._connected(story, fact, agent, taken, now)
        return effects + self._engine_hears_joined(story, agent, now)

    def _taken(self, story: Story, fact: f.Joined, agent: AgentId | None) -> OfferId | None:
        """By which offer this phone came to be answered, if no open one: of our former life, or void meanwhile."""
        former = [one for one, to in story.offered.items() if to == agent]
        return fact.offer or (former[0] if former and self._house.offers.of_call(story.call) is None else None)

    def _connected(
        self, story: Story, fact: f.Joined, agent: AgentId | None, offer: OfferId | None, now: datetime
    ) -> list[Effect]:
        effects = self._fell_unheard(story, fact)
        effects += self._parking.over(story, fact.at, e.UnparkedBy.AGENT, agent)
        connected = e.CallConnected(
            call=story.call,
            at=fact.at,
            agent=agent,
            party=fact.party,
            offer=offer,
            by_safety_queue=fact.in_safety,
        )
        effects += [self._house.tell(connected), *self._callbacks.connected(story, agent, fact.at, now)]
        effects += self._recordings.joined(story)
        effects += [*self._listening.joined(story, agent, fact.at), *self._note_what_follows(story)]
        if story.queue_is_unheard_of and self._house.line_up(story.server):
            effects += self._waiting.ask(story)
        return effects

    def _is_fetched_away(self, story: Story) -> bool:
        """Our Redirect to the next phone is on its way: what an answer just began is cut at once."""
        offer = self._house.offers.of_call(story.call)
        return offer is not None and self._house.is_fetching(offer)

    def _crosses(self, story: Story, fact: f.Joined, agent: AgentId | None, now: datetime) -> list[Effect]:
        """Nothing to tell of, but that phone is busy until its leg is gone."""
        offer = self._house.offers.of_call(story.call)
        if offer is not None:
            offer.crossed = fact
        return [] if agent is None else self._dispatch.tell(m.OwnCallBegan(agent=agent, call=story.call), now)

    def never_fetched(self, call: CallId, offer_id: OfferId, now: datetime) -> list[Effect]:
        """This offer's Redirect came to nothing. Who answered before it keeps the caller, if somebody did."""
        offer, story = self._house.offers.of_call(call), self._house.stories.get(call)
        if offer is None or offer.said != offer_id or offer.crossed is None or story is None:
            return []
        effects = self._drop_offer(story, e.OfferFailure.FAILED, now, now)
        return [*effects, *self._joined(story, offer.crossed, now)]

    def _fell_unheard(self, story: Story, fact: f.Joined) -> list[Effect]:
        """Asterisk's own queue made this connection, and we were not there when the caller fell into it."""
        if not fact.in_safety or story.phase is Phase.SAFETY:
            return []
        queue = story.queue or QueueKey("")
        return [self._house.tell(e.CallFellToSafety(call=story.call, at=fact.at, queue=queue))]

    def _engine_hears_joined(self, story: Story, agent: AgentId | None, now: datetime) -> list[Effect]:
        """Between colleagues there is no customer; a call to the outside is work like one of a queue."""
        queue = QueueKey("") if story.direction is e.Direction.OUTBOUND and story.queue is None else story.queue
        if queue is None:
            return []
        if agent is None:
            return self._dispatch.tell(m.CallGone(call=story.call), now)
        return self._dispatch.tell(m.CallTaken(agent=agent, call=story.call, queue=queue), now)

    def _in_conversation(self, story: Story, fact: f.Held | f.Resumed | f.Consults | f.Returned) -> list[Effect]:
        if not story.talking:
            return []  # by somebody from whom he is just being fetched
        match fact:
            case f.Held():
                event: e.CallEvent = e.CallHeld(call=fact.call, at=fact.at, by=fact.by)
            case f.Resumed():
                event = e.CallResumed(call=fact.call, at=fact.at, by=fact.by)
            case f.Consults():
                agent = self._house.agent_at(fact.extension)
                event = e.CallConsulted(call=fact.call, at=fact.at, agent=agent, party=fact.party)
            case f.Returned():
                agent = self._house.agent_at(fact.extension)
                event = e.CallReturned(call=fact.call, at=fact.at, agent=agent, party=fact.party)
        told = [self._house.tell(event)]
        if isinstance(fact, f.Returned) and story.hold_ends_unsaid(fact.party):
            told.append(self._house.tell(e.CallResumed(call=fact.call, at=fact.at, by=fact.party)))
        return [*told, *self._another_peer(story, fact)]

    def _another_peer(self, story: Story, fact: f.Held | f.Resumed | f.Consults | f.Returned) -> list[Effect]:
        """For whoever listens to an agent who has stepped aside, or is back; and for the customer meanwhile."""
        match fact:
            case f.Consults():
                listens = self._listening.consults(story, self._house.agent_at(fact.extension), fact.at)
                return [*listens, *self._note_consultation(story, "1")]
            case f.Returned():
                return [*self._listening.joined(story, None, fact.at), *self._note_consultation(story, "")]
            case _:
                return []

    def _note_consultation(self, story: Story, value: str) -> list[Effect]:
        """At the customer's channel: should nobody come back to him out of it, the dialplan sends him into his line."""
        channel = self._house.customers_channel(story.call)
        if channel is None or not self._house.line_up(story.server):
            return []
        return [SetVariables(server=story.server, channel=channel, call=story.call, values={CONSULTS: value})]

    def _note_what_follows(self, story: Story) -> list[Effect]:
        """At the customer's channel: should his agent hang up, the dialplan leads him into this menu."""
        menu = self._house.seating.after_call.get(story.queue or QueueKey(""))
        channel = self._house.customers_channel(story.call)
        if menu is None or channel is None or not self._house.line_up(story.server):
            return []
        return [SetVariables(server=story.server, channel=channel, call=story.call, values={AFTER: menu})]

    def left(self, story: Story, fact: f.Left, now: datetime) -> list[Effect]:
        if fact.party not in story.talking:
            self._crossing_is_over(story, fact)
            return []
        agent = story.talking[fact.party]
        left = e.CallDisconnected(call=story.call, at=fact.at, agent=agent, party=fact.party)
        effects: list[Effect] = [self._house.tell(left), *self._pausing.left(story, agent)]
        effects += self._listening.left(story, agent, fact.at)
        if agent is not None and fact.extension is not None:
            effects += self._agent_is_done(story, agent, fact.extension, now)
        for colleague in [other for other in story.talking.values() if other is not None]:
            effects += self._engine_hears_joined(story, colleague, now)
        return effects

    def _crossing_is_over(self, story: Story, fact: f.Left) -> None:
        offer = self._house.offers.of_call(story.call)
        if offer is not None and offer.crossed is not None and offer.crossed.party == fact.party:
            offer.crossed = None

    def _agent_is_done(self, story: Story, agent: AgentId, extension: str, now: datetime) -> list[Effect]:
        """His part is over. As long as it keeps his phone he keeps being busy, whatever the wrap-up says."""
        effects: list[Effect] = []
        if self._house.keeps_busy(extension, story.call):
            effects += self._dispatch.tell(m.OwnCallBegan(agent=agent, call=story.call), now)
        return effects + self._dispatch.tell(m.CallFinished(agent=agent, call=story.call), now)

    def learns_queue(self, story: Story, waiting: f.Waiting, now: datetime) -> list[Effect]:
        """What the customer of a conversation had waited for, as his channel says: its terms hold from now on."""
        effects = [self._waiting.tell_queued(story, waiting, waiting.since), *self._note_what_follows(story)]
        return [*effects, *self.still_talking(story, now), *self._recordings.must_run(story)]

    def still_talking(self, story: Story, now: datetime) -> list[Effect]:
        """Found so when the line came back. An agent may have been let go of meanwhile: he is not free after all."""
        effects: list[Effect] = []
        for talking in [agent for agent in story.talking.values() if agent is not None]:
            effects += self._engine_hears_joined(story, talking, now)
        tracked = self._house.tracked(story.call)
        for leg in tracked.legs.values() if tracked is not None else ():
            agent = self._house.agent_at(leg.extension)
            if agent is not None and not self._is_given(story.call, agent):
                effects += self._dispatch.tell(m.OwnCallBegan(agent=agent, call=story.call), now)
        return effects

    # --- the end

    def ended(self, story: Story, fact: f.Ended, now: datetime) -> list[Effect]:
        why = e.OfferFailure.LINE_LOST if fact.cut else e.OfferFailure.CALLER_GONE
        effects = [*self._callbacks.phone_is_silent(story, fact, now), *self._drop_offer(story, why, fact.at, now)]
        effects += self._dispatch.tell(m.CallGone(call=story.call), now)
        still_talking = list(story.talking.values())
        effects += [*self._listening.ended(story, fact.at), *self._pausing.ended(story, fact.at)]
        effects += [*self._recordings.ended(story, fact.at), *self._places.ended(story, fact.at)]
        over = story.ends(
            at=fact.at,
            hung_up_by=fact.hung_up_by,
            cause=fact.cause,
            cut=fact.cut,
            into=fact.into,
            unheard=fact.unheard,
            sip_cause=fact.sip_cause,
        )
        effects.append(Publish(event=over))
        del self._house.stories[story.call]
        self._house.known.pop(story.call, None)
        for agent in still_talking:
            if agent is not None:
                effects += self._dispatch.tell(m.CallFinished(agent=agent, call=story.call), now)
        return [*effects, *self._callbacks.over(story, over, now, cut=fact.cut)]

    def _drop_offer(self, story: Story, why: e.OfferFailure, at: datetime, now: datetime) -> list[Effect]:
        """Whatever was being offered of this call is void: the caller is no longer to be had."""
        if self._house.offers.of_call(story.call) is None:
            return self._offers.forgotten(story, why, at)
        return self._offers.void(story.call, why, at, now)

    # --- phones

    def _phone(self, server: ServerId, fact: f.PhoneReachable, now: datetime) -> list[Effect]:
        gone = [] if fact.reachable else self._offers.phone_gone(server, fact.extension, fact.at, now)
        return [*gone, *self._reach.said(server, fact, now)]

    def _leg_began(self, fact: f.LegBegan, now: datetime) -> list[Effect]:
        """His phone has to do with a call: if it is not the one we gave him, he is busy with a call of his own."""
        agent = self._house.agent_at(fact.extension)
        if agent is None or self._is_given(fact.call, agent):
            return []
        return self._dispatch.tell(m.OwnCallBegan(agent=agent, call=fact.call), now)

    def _is_given(self, call: CallId, agent: AgentId) -> bool:
        at_work, story = self._house.engine.agents.get(agent), self._house.stories.get(call)
        in_hand = at_work is not None and at_work.hand is not None and at_work.hand.call == call
        return in_hand or (story is not None and agent in story.offered.values())

    def _leg_gone(self, fact: f.LegGone, now: datetime) -> list[Effect]:
        agent = self._house.agent_at(fact.extension)
        if agent is None:
            return []
        over = [*self._has_advised(fact, agent), *self._listening.leg_gone(agent, fact.at)]
        return over + self._dispatch.tell(m.OwnCallEnded(agent=agent, call=fact.call), now)

    def _has_advised(self, fact: f.LegGone, agent: AgentId) -> list[Effect]:
        """He was asked for advice, and is out of the call again without having spoken with the customer."""
        story = self._house.stories.get(fact.call)
        if story is None or fact.extension not in story.advising:
            return []
        left = e.CallDisconnected(call=fact.call, at=fact.at, agent=agent, party=fact.extension)
        return [self._house.tell(left)]

    def _transferred(self, fact: f.Transferred) -> Effect:
        to = fact.to.rpartition("*")[2]  # of our own transfers the dialplan's extension is <from>*<to>
        told = e.CallTransferred(
            call=fact.call,
            at=fact.at,
            kind=fact.kind,
            by=fact.by,
            to=to,
            outcome=fact.outcome,
            by_agent=self._house.agent_at(fact.by),
            to_agent=self._house.agent_at(to),
        )
        return self._house.tell(told)
