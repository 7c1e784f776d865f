"""What becomes of an offer: it rings, is taken, or fails; and what each failure means for agent and caller."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta

from crm_core.kernel.ids import AgentId, CallId, OfferId, ServerId
from cti.ami.vocabulary import DialStatus
from cti.calls.facts import DialEnded, OfferEnded
from cti.calls.story import Story
from cti.calls.words import one_of_all
from cti.causes import ELSEWHERE, REFUSALS
from cti.causes import REJECTED as DECLINED
from cti.effects import Effect, HangUpChannel, WakeMeAt, WithdrawOffer
from cti.events import CallRinging, OfferFailed, OfferFailure, Tried
from cti.switchboard.dispatch import Dispatch
from cti.switchboard.house import House, Offer
from routing import messages as m

MISSED, REJECTED = "missed_call", "rejected"
"""Reasons of the pause an agent is put on who let it ring, or said no."""
DOUBT_S = 10.0
"""How long we leave a phone alone that is registered but could not be called."""
CALLED_S = 0.5
"""So soon after all phones are to ring Asterisk has begun to call each that it is able to call."""
CALLED_OFF_S, BREATH_S = 5.0, 1.0
"""So long after a call was called off a phone may not know yet and be busy with it; so long we wait each time."""

_PAUSE = {OfferFailure.NO_ANSWER: MISSED, OfferFailure.REJECTED: REJECTED}
_CALLED_OFF = (
    OfferFailure.ELSEWHERE,
    OfferFailure.CALLER_GONE,
    OfferFailure.NO_ANSWER,
    OfferFailure.LINE_LOST,
    OfferFailure.FAILED,
)
"""Not the phone has ended it: it is told to stop, and may not have heard that yet."""
_SILENCES = (0, 18, 19)
"""Q.850 causes of a phone that rang in vain: our own time was over, or the phone's was."""


def _why(status: DialStatus, cause: int) -> OfferFailure:
    """A DialEnd calls everything NOANSWER that it has no word for, so the cause has the first say."""
    if cause in REFUSALS or status is DialStatus.BUSY:
        return OfferFailure.REJECTED
    if status is DialStatus.NO_ANSWER and cause in _SILENCES:
        return OfferFailure.NO_ANSWER
    return OfferFailure.UNREACHABLE if status is DialStatus.UNREACHABLE else OfferFailure.FAILED


def why_missed(status: DialStatus, cause: int) -> OfferFailure:
    """The same for a phone that was called otherwise; one that stopped ringing was left by whoever called."""
    if cause == ELSEWHERE:
        return OfferFailure.ELSEWHERE
    if status is DialStatus.CANCEL:
        return OfferFailure.CALLER_GONE
    if cause == DECLINED:
        return OfferFailure.REJECTED
    return OfferFailure.BUSY if status is DialStatus.BUSY else _why(status, cause)


class Offers:
    def __init__(self, house: House, dispatch: Dispatch) -> None:
        self._house = house
        self._dispatch = dispatch

    def rings(self, offer: Offer, at: datetime, now: datetime) -> list[Effect]:
        if offer.rang:
            return []
        offer.rang = True
        ringing = CallRinging(call=offer.call, at=at, agent=offer.agent, offer=offer.id)
        return [self._house.tell(ringing), *self._dispatch.tell(m.OfferRang(agent=offer.agent, call=offer.waits), now)]

    def dial_ended(self, offer: Offer, ended: DialEnded, now: datetime) -> list[Effect]:
        """The agent's phone rings no more. Why a dial was cancelled is told by what comes next."""
        if ended.status is DialStatus.ANSWER:
            offer.answered = True
            return self.others_are_let_go(offer, ended.at, now)
        if ended.status is DialStatus.CANCEL:
            return []
        return self._not_taken(offer, ended, now)

    def came_back(self, ended: OfferEnded, now: datetime) -> list[Effect]:
        """The dialplan has the caller back from this offer."""
        effects: list[Effect] = []
        for offer in self._house.offers.said(ended.call, ended.offer):
            if offer.together is None or offer.rang:
                effects += self._not_taken(offer, ended, now)
            else:  # others rang: how that ended says nothing of this phone
                effects += self._phone_fails(offer, OfferFailure.UNREACHABLE, ended.at, now)
        return effects

    def called_by_now(self, call: CallId, name: OfferId, now: datetime) -> list[Effect]:
        """Of several phones that are to ring Asterisk says nothing of those it cannot call, while the others ring."""
        story = self._house.stories.get(call)
        if story is None or not self._house.line_up(story.server):
            return []  # what was not heard the snapshot tells
        offers = self._house.offers.said(call, name)
        waits = [one for one in offers if not (one.rang or one.answered or self._house.is_called_for(one))]
        if len(waits) == len(offers):
            return [self.look_who_is_called(call, name, now)] if offers else []
        return [effect for one in waits for effect in self._phone_fails(one, OfferFailure.UNREACHABLE, now, now)]

    def look_who_is_called(self, call: CallId, name: OfferId, now: datetime) -> Effect:
        return WakeMeAt(when=now + timedelta(seconds=CALLED_S), token=f"called:{call}:{name}")

    def others_are_let_go(self, taken: Offer, at: datetime, now: datetime) -> list[Effect]:
        """All phones rang, and this one was answered first: Asterisk stops the others, whose agents have missed
        nothing. (Who answers in the same moment is told so by his phone, which is hung up.)"""
        others = [offer for offer in self._house.offers.all_of(taken.call) if offer is not taken]
        effects: list[Effect] = [self._closed(one, OfferFailure.ELSEWHERE, at, by=taken.agent) for one in others]
        if others:
            effects += self._dispatch.tell(m.OfferAnswered(agent=taken.agent, call=taken.waits), now)
        return effects

    def void(self, call: CallId, why: OfferFailure, at: datetime, now: datetime) -> list[Effect]:
        """Nothing comes of any offer of this call: the caller is not to be had."""
        offers = self._house.offers.all_of(call)
        if len(offers) == 1:
            return self.fail(offers[0], why, at, now, call_stays=False)
        effects: list[Effect] = [self._closed(offer, why, at) for offer in offers]
        for waits in dict.fromkeys(offer.waits for offer in offers):
            effects += self._dispatch.tell(m.CallGone(call=waits, set_aside=True), now)
        return effects

    def _closed(
        self, offer: Offer, why: OfferFailure, at: datetime, *, sip_cause: int = 0, by: AgentId | None = None
    ) -> Effect:
        house = self._house
        house.offers.close(offer)
        if why in _CALLED_OFF:
            house.called_off[offer.extension] = at
        known = offer.call if offer.call in house.stories else offer.waits
        return house.tell(
            OfferFailed(call=known, at=at, agent=offer.agent, offer=offer.id, why=why, sip_cause=sip_cause, taken_by=by)
        )

    def not_wanted(self, call: CallId, extension: str | None, offer: OfferId) -> list[Effect]:
        """A phone begins to ring of several for which one has said no already: it alone shall stop."""
        story = self._house.stories.get(call)
        others = self._house.offers.all_of(call)
        if story is None or extension is None or all(one_of_all(one.said, extension) != offer for one in others):
            return []
        return self.hang_up_phone(story, extension)

    def hang_up_phone(self, story: Story, extension: str) -> list[Effect]:
        """It alone of all that ring for him."""
        legs = self._house.legs_at(extension, story.call)
        return [HangUpChannel(server=story.server, channel=leg) for leg in legs]

    def _not_taken(self, offer: Offer, ended: DialEnded | OfferEnded, now: datetime) -> list[Effect]:
        why = _why(ended.status, ended.cause)
        sip = ended.sip_cause if isinstance(ended, DialEnded) else 0
        match why:
            case OfferFailure.REJECTED if self._house.engine.agents[offer.agent].beside:
                return self.fail(offer, OfferFailure.BUSY, ended.at, now, sip_cause=sip)
            case OfferFailure.REJECTED if self._is_still_busy(offer, ended):
                return self._phone_fails(offer, OfferFailure.BUSY, ended.at, now, doubt_s=BREATH_S, sip_cause=sip)
            case OfferFailure.REJECTED | OfferFailure.NO_ANSWER:
                return self.fail(offer, why, ended.at, now, sip_cause=sip)
            case _:
                return self._phone_fails(offer, why, ended.at, now, sip_cause=sip)

    def _is_still_busy(self, offer: Offer, ended: DialEnded | OfferEnded) -> bool:
        """Not the agent said no but his phone, which did not even ring: with a call that was called off just before.
        (Asterisk's CANCEL waits for the phone's first answer, and our INVITE does not.)"""
        called_off = self._house.called_off.get(offer.extension)
        if offer.rang or ended.cause == DECLINED or called_off is None:
            return False
        return ended.at - called_off < timedelta(seconds=CALLED_OFF_S)

    def _phone_fails(
        self,
        offer: Offer,
        why: OfferFailure,
        at: datetime,
        now: datetime,
        *,
        withdraw: bool = False,
        doubt_s: float = DOUBT_S,
        sip_cause: int = 0,
    ) -> list[Effect]:
        """The phone could not be called: the next one. A phone that is registered all the same gets another chance."""
        effects = self.fail(offer, why, at, now, unreachable=True, withdraw=withdraw, sip_cause=sip_cause)
        for server in self._asked_of(offer):
            token = f"phone:{server}:{offer.extension}"
            effects.append(WakeMeAt(when=now + timedelta(seconds=doubt_s), token=token))
        return effects

    def _asked_of(self, offer: Offer) -> list[ServerId]:
        """Where the phone is registered all the same: at the caller's server, or wherever a callback could be made."""
        story = self._house.stories.get(offer.call)
        its = [story.server] if story is not None else []
        servers = its if offer.calls_back is None else list(self._house.trackers)
        return [server for server in servers if self._house.is_registered(server, offer.extension)]

    def fail(
        self,
        offer: Offer,
        why: OfferFailure,
        at: datetime,
        now: datetime,
        *,
        unreachable: bool = False,
        call_stays: bool = True,
        withdraw: bool = False,
        sip_cause: int = 0,
    ) -> list[Effect]:
        """The offer is over without a conversation. `withdraw`: Asterisk is still about it and must be told to stop."""
        house = self._house
        if offer not in house.offers.all_of(offer.call):
            return []
        effects = [self._closed(offer, why, at, sip_cause=sip_cause)]
        others = house.offers.of_call(offer.call) is not None
        stays = others or (self._is_still_to_be_had(offer, why) and call_stays)
        effects += self._dispatch.tell(
            m.OfferFailed(
                agent=offer.agent,
                call=offer.waits,
                pause=_PAUSE.get(why, ""),
                missed=why is OfferFailure.NO_ANSWER,
                unreachable=unreachable,
                call_stays=stays,
            ),
            now,
        )
        if withdraw and (others or house.offers.of_call(offer.call) is None):
            effects += self._withdraw(offer, others=others)
        return effects

    def _is_still_to_be_had(self, offer: Offer, why: OfferFailure) -> bool:
        """Who is to be called back always is; he is nobody's until the next one is chosen."""
        house, story = self._house, self._house.stories.get(offer.call)
        if offer.calls_back is None:
            return story is not None and house.line_up(story.server)
        one = house.callbacks.get(offer.calls_back)
        if one is not None:
            one.attempt, house.look_at_callbacks = None, True
            if why is not OfferFailure.CALLER_GONE:  # that he calls himself is nobody's refusal
                one.asked = (*one.asked[-7:], Tried(agent=offer.agent, why=why))
        return one is not None

    def cannot_be_called(self, offer: Offer, why: OfferFailure, at: datetime, now: datetime) -> list[Effect]:
        return self._phone_fails(offer, why, at, now)

    def forgotten(
        self, story: Story, why: OfferFailure, at: datetime, but: Collection[OfferId] = (), by: AgentId | None = None
    ) -> list[Effect]:
        """Offers of our former life that the log knows as open and nobody is making any more."""
        if self._house.offers.of_call(story.call) is not None:
            return []
        over = [(offer, agent) for offer, agent in story.offered.items() if offer not in but]
        return [
            self._house.tell(OfferFailed(call=story.call, at=at, agent=agent, offer=offer, why=why, taken_by=by))
            for offer, agent in over
        ]

    def no_sign(self, call: CallId, offer_id: OfferId, now: datetime) -> list[Effect]:
        """Ring time and more is over and Asterisk has not said how the offer ended."""
        story = self._house.stories.get(call)
        if story is None or not self._house.line_up(story.server):
            return []
        offers = self._house.offers.said(call, offer_id)
        return [effect for offer in offers for effect in self._no_sign(offer, now)]

    def _no_sign(self, offer: Offer, now: datetime) -> list[Effect]:
        if offer.answered:
            return [self._dispatch.watch(offer, now)]
        if offer.rang:
            return self.fail(offer, OfferFailure.NO_ANSWER, now, now, withdraw=True)
        return self._phone_fails(offer, OfferFailure.FAILED, now, now, withdraw=True)

    def phone_gone(self, server: ServerId, extension: str, at: datetime, now: datetime) -> list[Effect]:
        """The phone's registration at this Asterisk ended while it was to ring."""
        offer = self._house.offers.at(extension)
        story = self._house.stories.get(offer.call) if offer is not None else None
        if offer is None or offer.answered or story is None or story.server != server:
            return []
        return self._phone_fails(offer, OfferFailure.PHONE_GONE, at, now, withdraw=True)

    def _withdraw(self, offer: Offer, *, others: bool) -> list[Effect]:
        """`others`: phones that ring on."""
        story = self._house.stories.get(offer.call)
        if story is not None and others:
            return self.hang_up_phone(story, offer.extension)
        channel = self._house.customers_channel(offer.call)
        if story is None or channel is None:
            return []
        if offer.calls_back is not None:  # that is the agent's phone itself
            return [HangUpChannel(server=story.server, channel=channel)]
        return [WithdrawOffer(server=story.server, channel=channel, call=offer.call, offer=offer.said)]
