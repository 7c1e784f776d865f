"""Callers who hung up and shall be called back: they wait in the line as if they were still there, by their own time.

Whoever is chosen has his phone called first; picking up is accepting, and when that is written down the customer is
called. Who is not reached stands in the line again after a while, and leaves it after so many tries. All of it is told,
so it can be told again from the log; nothing of it lives in Asterisk. Whose call ended while we were away after it was
taken may have been reached: no machine calls him again, somebody looks.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from crm_core.kernel.ids import AgentId, CallId, ServerId
from crm_core.kernel.messages import CommandResult, Event
from crm_core.kernel.requirements import packed
from cti import commands as c
from cti import effects as fx
from cti import events as e
from cti.ami.vocabulary import ChannelState
from cti.calls import facts as f
from cti.calls.story import Story
from cti.calls.words import PICKED_UP
from cti.causes import REFUSALS
from cti.dialling import DialRules
from cti.floor import CallbackTerms
from cti.switchboard.dispatch import AGAIN_S, Dispatch
from cti.switchboard.himself import Himself
from cti.switchboard.house import House, Offer, Promised, wish_of
from cti.switchboard.offers import Offers
from cti.switchboard.promises import Answer, refused
from cti.switchboard.reservations import ON_ITS_WAY_S
from routing import messages as m
from routing.skills import requirements

LEG, AGAIN = "callback_leg", "callback"
"""Timers: an agent's phone should be being called by now; whoever was promised a callback is to be looked at again."""
PROMISED_FOR = timedelta(days=7)
"""Whom nobody could call back for so long leaves the line, as one who was not reached."""


class Callbacks:
    def __init__(self, house: House, dispatch: Dispatch, offers: Offers, rules: DialRules, himself: Himself) -> None:
        self._house, self._dispatch, self._offers, self._rules = house, dispatch, offers, rules
        self._himself = himself
        dispatch.call_back = self._assigned

    # --- the promise

    def promise(self, command: c.PromiseCallback, now: datetime) -> Answer:
        """Said twice it is one promise, for the number that was said last; and it is one promise if he called twice."""
        if command.until is not None and now > command.until:
            return refused("command.timed_out")  # he has been promised another by now, that knows no line
        story = self._house.stories.get(command.call)
        if story is None:
            return refused("call.unknown", call=command.call)
        digits = self._rules.digits(command.number)
        refusal = self._rules.refusal(digits)
        if refusal is not None:
            return refused(refusal, number=command.number)
        wish = self._wish(story, command, now)
        if wish is None or wish.queue not in self._house.seating.callbacks:
            return refused("callback.not_here", call=command.call)
        asks, before = requirements(wish.requires), self._himself.anew(story, digits, wish.queue)
        event = e.CallbackPromised(
            call=story.call,
            at=now,
            number=digits,
            queue=wish.queue,
            since=min([wish.since, *(one.event.since for one in before)]),
            requires={str(skill): level for skill, level in asks.levels.items()},
            asks="" if asks.plain else packed(asks),
            priority=wish.priority,
            language=command.language or story.language,
            intent=story.queued.intent if story.queued is not None else "",
        )
        self._house.callbacks[story.call] = Promised(event=event)
        told: list[fx.Effect] = [self._house.tell(event), _until_too_old(event)]
        for one in before:
            told += self._himself.done(one, story, None, now, now)
        return CommandResult(ok=True), told

    def _wish(self, story: Story, command: c.PromiseCallback, now: datetime) -> m.CallWaits | None:
        """Where he stands; of who has not waited yet, in the queue that is named, by the time his call began: what he
        spent in the menu is no waiting of those who came after him."""
        stands = wish_of(story)
        if stands is not None and command.queue in (None, stands.queue):
            return stands
        asks = self._house.seating.asks.get(command.queue) if command.queue is not None else None
        if asks is None or command.queue is None:
            return None
        return m.CallWaits(call=story.call, queue=command.queue, requires=asks, since=story.since)

    # --- in the line

    def look(self, now: datetime) -> list[fx.Effect]:
        """Who shall stand in the line, and does not yet, or must not any more?"""
        if not self._house.look_at_callbacks:
            return []
        self._house.look_at_callbacks = False
        up = any(self._house.lines.values())
        return [effect for one in list(self._house.callbacks.values()) for effect in self._look_at(one, up, now)]

    def _look_at(self, one: Promised, up: bool, now: datetime) -> list[fx.Effect]:
        """Nobody is called at night: while his queue is closed he is in no line."""
        call, hours = one.event.call, self._house.seating.standing(one.event.queue, now)
        if one.attempt is not None or call in self._house.stories:
            return []
        stands, due = call in self._house.engine.callers, one.not_before is None or one.not_before <= now
        if now >= one.event.at + PROMISED_FOR:
            return [*self._out_of_line(one, now), self._given_up(one, now)]
        effects: list[fx.Effect] = []
        if hours.until is not None:
            effects.append(fx.WakeMeAt(when=hours.until, token=f"{AGAIN}:{call}:hours"))
        if not (up and hours.open) or one.himself in self._house.stories:
            return [*effects, *self._out_of_line(one, now)]
        return [*effects, *self._dispatch.tell(one.wish, now)] if due and not stands else effects

    def _out_of_line(self, one: Promised, now: datetime) -> list[fx.Effect]:
        if one.event.call not in self._house.engine.callers:
            return []
        return self._dispatch.tell(m.CallGone(call=one.event.call, set_aside=True), now)

    def line_changed(self) -> None:
        self._house.look_at_callbacks = True

    def again(self) -> None:
        """Time has passed, of which `look` makes what follows."""
        self._house.look_at_callbacks = True

    # --- his turn

    def _assigned(self, assigned: m.Assigned, now: datetime) -> list[fx.Effect]:
        """The agent's phone first, at whichever of our Asterisks has it."""
        house, one = self._house, self._house.callbacks[assigned.call]
        server = self._server(assigned)
        if server is None:
            return self._put_back(one, assigned, now)
        call = CallId(f"{assigned.call}{ATTEMPT}{int(now.timestamp() * 1000):x}")
        offer = Offer(
            id=house.offers.new_id(now),
            call=call,
            agent=assigned.agent,
            extension=house.seating.extensions[assigned.agent],
            queue=assigned.queue,
            ring_s=assigned.ring_s,
            calls_back=assigned.call,
            because=assigned.because,
        )
        house.offers.open(offer)
        one.attempt, one.taken, one.remembered, one.led = call, None, False, False
        out = fx.CallOut(
            server=server,
            channel=f"PJSIP/{offer.extension}",
            call=call,
            number=one.event.number,
            ring_s=offer.ring_s,
            asked_for=False,
        )
        look = fx.WakeMeAt(when=now + timedelta(seconds=ON_ITS_WAY_S), token=f"{LEG}:{call}")
        return [out, self._dispatch.watch(offer, now), look]

    def _server(self, assigned: m.Assigned) -> ServerId | None:
        return min(filter(self._house.line_up, self._house.reached_by(assigned.agent)), default=None)

    def _put_back(self, one: Promised, assigned: m.Assigned, now: datetime) -> list[fx.Effect]:
        put_back = m.OfferFailed(agent=assigned.agent, call=assigned.call, call_stays=False)
        return [*self._dispatch.tell(put_back, now), *self._later(one, now + timedelta(seconds=AGAIN_S))]

    def _later(self, one: Promised, when: datetime) -> list[fx.Effect]:
        one.not_before = when
        return [fx.WakeMeAt(when=when, token=f"{AGAIN}:{one.event.call}")]

    def arrived(self, story: Story, at: datetime, *, found: bool) -> list[fx.Effect]:
        """A call of ours begins: is it made for somebody who waits to be called back?"""
        offer, promised = self._house.offers.of_call(story.call), promised_in(story.call)
        if promised is None or story.made_by is None:
            return []
        one = self._house.callbacks.get(promised)
        if one is None or one.attempt not in (None, story.call) or one.himself in self._house.stories:
            return [] if found else self._too_late(story)
        one.attempt = story.call  # after a restart of ours it may be found
        began = e.CallbackBegan(
            call=story.call,
            at=at,
            of=one.event.call,
            promised_at=one.event.at,
            since=one.event.since,
            queue=one.event.queue,
            number=one.event.number,
            agent=story.made_by,
            tries=one.tries,
        )
        told: list[fx.Effect] = [self._house.tell(began)]
        if offer is None or offer.because is None:
            return told
        offered = e.CallOffered(
            call=story.call,
            at=at,
            agent=offer.agent,
            extension=offer.extension,
            offer=offer.id,
            queue=offer.queue,
            because=offer.because,
        )
        return [*told, self._house.tell(offered)]

    def _too_late(self, story: Story) -> list[fx.Effect]:
        """Asterisk took so long that somebody else was asked, or that there is nobody to be called any more."""
        channel = self._house.customers_channel(story.call)  # of a call that we make that is the agent's phone
        return [] if channel is None else [fx.HangUpChannel(server=story.server, channel=channel)]

    # --- the agent's phone

    def phone_rings(self, story: Story, at: datetime, now: datetime) -> list[fx.Effect]:
        offer = self._open(story.call)
        return [] if offer is None else self._offers.rings(offer, at, now)

    def summoned(self, fact: f.Summoned, now: datetime) -> list[fx.Effect]:
        """A phone that we called was answered, or was not; of that its leg tells more."""
        return self.picked_up(CallId(fact.leg), fact.at, now) if fact.answered else []

    def picked_up(self, call: CallId, at: datetime, now: datetime) -> list[fx.Effect]:
        """He is busy with that call before the line has no callback to give any more: he gets nothing in between."""
        story, offer = self._house.stories.get(call), self._open(call)
        one = self._of_attempt(story) if story is not None else None
        if one is None or one.taken is not None or story is None or story.made_by is None:
            return []
        one.taken = e.CallbackAccepted(call=call, at=at, of=one.event.call, agent=story.made_by)
        accepted = self._house.tell(one.taken)
        if offer is None:  # it was made in our former life
            return [accepted]
        self._house.offers.close(offer)
        busy = self._dispatch.tell(m.OwnCallBegan(agent=offer.agent, call=call), now)
        taken = m.OfferFailed(agent=offer.agent, call=one.event.call, call_stays=False)
        return [accepted, *busy, *self._dispatch.tell(taken, now)]

    def waits_for_us(self, story: Story, at: datetime, now: datetime) -> list[fx.Effect]:
        """The phone is picked up and nobody is dialled yet. Where he is not to be called any more it is hung up. (A
        snapshot may show it waiting, and the word that it does come behind.)"""
        one, channel = self._of_attempt(story), self._house.customers_channel(story.call)
        if one is None or story.made_by is None or one.himself in self._house.stories:
            return self._too_late(story)
        effects = self.picked_up(story.call, at, now)
        if channel is None or one.taken is None or one.led:
            return effects
        one.led = True
        call_him = fx.CallPromised(
            server=story.server, channel=channel, call=story.call, number=one.event.number, taken=one.taken
        )
        return [*effects, call_him]

    def not_led(self, effect: fx.CallPromised) -> None:
        """Where it waits still, the next snapshot of the line finds it."""
        story = self._house.stories.get(effect.call)
        one = self._of_attempt(story) if story is not None else None
        if one is not None:
            one.led = False

    def found(self, story: Story, at: datetime, now: datetime) -> list[fx.Effect] | None:
        """After a lost line or life, and nothing but the agent's phone is known of: is it a call that is made for
        somebody? It may wait for us. None: it is none."""
        if self._of_attempt(story) is None:
            return None
        tracked = self._house.tracked(story.call)
        leg = tracked.customer if tracked is not None else None
        waits = leg is not None and leg.last.context == PICKED_UP and leg.last.state is ChannelState.UP
        return self.waits_for_us(story, at, now) if waits else []

    def phone_is_silent(self, story: Story, fact: f.Ended, now: datetime) -> list[fx.Effect]:
        """The call is over, and the agent never picked up."""
        offer = self._open(story.call)
        if offer is None:
            return []
        if fact.cut:
            return self._offers.fail(offer, e.OfferFailure.LINE_LOST, fact.at, now)
        if fact.cause in REFUSALS:
            return self._offers.fail(offer, e.OfferFailure.REJECTED, fact.at, now)
        if offer.rang:
            return self._offers.fail(offer, e.OfferFailure.NO_ANSWER, fact.at, now)
        return self._offers.cannot_be_called(offer, e.OfferFailure.UNREACHABLE, fact.at, now)

    def no_leg(self, call: CallId, now: datetime) -> list[fx.Effect]:
        """By now his phone should be being called."""
        offer = self._open(call)
        if offer is None or call in self._house.stories or self._house.legs_of(offer.agent, call):
            return []
        return self._offers.cannot_be_called(offer, e.OfferFailure.UNREACHABLE, now, now)

    def not_called(self, effect: fx.CallOut, now: datetime) -> list[fx.Effect]:
        """Asterisk refused, or does not hear us: he is looked at again in a moment, and nobody did wrong."""
        offer = self._open(effect.call)
        one = self._house.callbacks.get(offer.calls_back) if offer is not None and offer.calls_back else None
        if offer is None or one is None:
            return []
        failed = self._offers.fail(offer, e.OfferFailure.FAILED, now, now, call_stays=False)
        return [*failed, *self._later(one, now + timedelta(seconds=AGAIN_S))]

    def _open(self, call: CallId) -> Offer | None:
        offer = self._house.offers.of_call(call)
        return offer if offer is not None and offer.calls_back is not None else None

    # --- the customer

    def connected(self, story: Story, agent: AgentId | None, at: datetime, now: datetime) -> list[fx.Effect]:
        """They can hear each other: the promise is kept."""
        one = self._house.callbacks.get(promised_in(story.call) or CallId(""))
        if one is None:
            return self._himself.talks(story, agent, at, now)
        done = self._reached(one, story, at)
        return [done] if one.attempt == story.call else [done, *self._himself.leave_alone(one, at, now)]

    def _reached(self, one: Promised, story: Story, at: datetime) -> fx.Effect:
        del self._house.callbacks[one.event.call]
        return self._house.tell(e.CallbackDone(call=one.event.call, at=at, by=story.call, agent=story.made_by))

    def over(self, story: Story, ended: e.CallEnded, now: datetime, *, cut: bool) -> list[fx.Effect]:
        """A call is over: whoever was promised a callback in it waits for that now; for whom it was made, he was not
        reached."""
        promised = self._house.callbacks
        self._house.look_at_callbacks |= story.call in promised or any(
            one.himself == story.call for one in promised.values()
        )
        one = self._of_attempt(story)
        if one is None:
            return []
        one.attempt, self._house.look_at_callbacks = None, True
        if story.ever_connected:
            return [self._reached(one, story, ended.at)]
        if one.taken is None or (cut and not one.remembered):  # that Asterisk died was no try
            return []
        if ended.closed_by is e.ClosedBy.RECONCILIATION:
            return [self._nobody_knows(one, story.call, ended.at)]
        terms, tries = self._terms(one), one.tries + 1
        again_at = None if tries >= terms.tries else self._when_open(one, ended.at + timedelta(seconds=terms.retry_s))
        tried = e.CallbackTried(
            call=one.event.call,
            at=ended.at,
            by=story.call,
            agent=story.made_by,
            outcome=ended.outcome,
            tries=tries,
            again_at=again_at,
        )
        one.was_tried(tried)
        then = self._later(one, again_at) if again_at is not None else [self._given_up(one, ended.at)]
        return [self._house.tell(tried), *then]

    def _when_open(self, one: Promised, at: datetime) -> datetime:
        """Then; or when his queue opens next."""
        hours = self._house.seating.standing(one.event.queue, at)
        return at if hours.open or hours.until is None else hours.until.astimezone(at.tzinfo)

    def _nobody_knows(self, one: Promised, attempt: CallId, at: datetime) -> fx.Effect:
        """It was taken, and is over unheard: he may have been reached, and is not dialled again by us."""
        return self._given_up(one, at, unsure=attempt)

    def _given_up(self, one: Promised, at: datetime, *, unsure: CallId | None = None) -> fx.Effect:
        del self._house.callbacks[one.event.call]
        given_up = e.CallbackGivenUp(
            call=one.event.call,
            at=at,
            number=one.event.number,
            queue=one.event.queue,
            promised_at=one.event.at,
            language=one.event.language,
            in_vain=one.in_vain,
            unsure=unsure,
        )
        return self._house.tell(given_up)

    def _terms(self, one: Promised) -> CallbackTerms:
        """Of a queue that makes no promises any more, those that hold where none are agreed."""
        return self._house.seating.callbacks.get(one.event.queue, CallbackTerms())

    def _of_attempt(self, story: Story) -> Promised | None:
        one = self._house.callbacks.get(promised_in(story.call) or CallId(""))
        return one if one is not None and one.attempt == story.call else None

    # --- after a restart of ours

    def restored(self, told: Iterable[Event], now: datetime) -> list[fx.Effect]:
        """What the log knows of promises, in its order. An attempt that is over without a word of it reached nobody as
        long as it was not taken: he stands in the line again."""
        found = self._house.callbacks
        for event in told:
            match event:
                case e.CallbackPromised():  # of two the later one; told twice, all that followed is told twice as well
                    found[event.call] = Promised(event=event)
                case e.CallbackBegan() if event.of in found and found[event.of].attempt != event.call:
                    found[event.of].attempt, found[event.of].taken = event.call, None
                case e.CallbackAccepted() if event.of in found:
                    found[event.of].attempt, found[event.of].taken = event.call, event
                case e.CallbackTried() if event.call in found:
                    found[event.call].was_tried(event)
                case e.CallbackDone() | e.CallbackGivenUp():
                    found.pop(event.call, None)
                case _:
                    pass
        self._house.look_at_callbacks = True
        effects: list[fx.Effect] = []
        for back in [event for event in told if isinstance(event, e.CallPlaceGivenBack) and event.former in found]:
            found[back.former].himself = back.call
        for one in list(found.values()):
            one.remembered = one.taken is not None
            if one.attempt is not None and one.attempt not in self._house.stories:
                if one.taken is not None:
                    effects.append(self._nobody_knows(one, one.attempt, now))
                    continue
                one.attempt = None
            effects.append(_until_too_old(one.event))
            if one.not_before is not None:
                effects += self._later(one, max(one.not_before, now))
        return effects


def _until_too_old(event: e.CallbackPromised) -> fx.Effect:
    return fx.WakeMeAt(when=event.at + PROMISED_FOR, token=f"{AGAIN}:{event.call}:too_old")


ATTEMPT = "-cb-"


def promised_in(call: CallId) -> CallId | None:
    """The name of a call that is made for somebody says in which one it was promised."""
    of, attempt, _ = call.rpartition(ATTEMPT)
    return CallId(of) if attempt else None
