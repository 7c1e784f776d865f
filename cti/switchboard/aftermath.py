"""What became of effects, and timers that ran out."""

from __future__ import annotations

from datetime import datetime, timedelta

from crm_core.kernel.ids import AgentId, CallId, OfferId, ServerId
from cti import effects as fx
from cti.events import Anomaly, OfferFailure
from cti.switchboard.announcing import Announcing
from cti.switchboard.callbacks import AGAIN, LEG, Callbacks
from cti.switchboard.calls import Calls
from cti.switchboard.dispatch import AGAIN_S, Dispatch
from cti.switchboard.house import House
from cti.switchboard.in_call import InCall
from cti.switchboard.lines import Lines
from cti.switchboard.offers import Offers
from cti.switchboard.out_of_reach import WAKE
from cti.switchboard.overflow import Overflows
from cti.switchboard.pausing import Pausing
from cti.switchboard.promises import Promises
from cti.switchboard.reach import Reach
from cti.switchboard.recording import Recordings
from cti.switchboard.reservations import Reservations
from cti.switchboard.safety import Safety
from routing import messages as m


class Aftermath:
    def __init__(
        self,
        house: House,
        *,
        dispatch: Dispatch,
        offers: Offers,
        recordings: Recordings,
        safety: Safety,
        reach: Reach,
        lines: Lines,
        calls: Calls,
        promises: Promises,
        reservations: Reservations,
        pausing: Pausing,
        in_call: InCall,
        overflows: Overflows,
        announcing: Announcing,
        callbacks: Callbacks,
    ) -> None:
        self._house = house
        self._dispatch = dispatch
        self._offers = offers
        self._recordings = recordings
        self._safety = safety
        self._reach = reach
        self._lines = lines
        self._calls = calls
        self._promises = promises
        self._reservations = reservations
        self._pausing = pausing
        self._in_call = in_call
        self._overflows = overflows
        self._announcing = announcing
        self._callbacks = callbacks

    def done(self, done: fx.Done, now: datetime) -> list[fx.Effect]:
        return [*self._what_follows(done, now), *self._promises.done(done)]

    def _what_follows(self, done: fx.Done, now: datetime) -> list[fx.Effect]:  # noqa: PLR0911 - a table
        match done.effect:
            case fx.MuteRecording():
                return self._pausing.done(done.effect, now)
            case fx.MuteVoice() | fx.SendKeys():
                return self._in_call.done(done.effect, now)
            case fx.RecordingEffect():
                return self._recordings.done(done, done.effect, now)
            case fx.ReadVariables():
                return self._lines.answered(done, done.effect, now)
            case fx.Announce():
                return self._announcing.told(done.effect, now)
            case fx.RingAll(call=call, offer=offer):
                return [self._offers.look_who_is_called(call, offer, now)]
            case _:
                return []

    def failed(self, failed: fx.Failed, now: datetime) -> list[fx.Effect]:
        """The line's own loss is told by LinkLost; after a time-out the next sign (or its lack) decides."""
        effect, effects = failed.effect, list[fx.Effect]()
        if wait := self._in_a_moment(failed, now):
            return wait
        if failed.why is not fx.Failure.LINE_DOWN:
            effects.append(fx.Publish(event=_anomaly(failed, now)))
        if isinstance(effect, fx.ChannelEffect) and failed.why is fx.Failure.NO_CHANNEL:
            token = f"gone:{effect.server}:{effect.channel}"
            effects.append(fx.WakeMeAt(when=now + timedelta(seconds=AGAIN_S), token=token))
        match effect:
            case fx.OfferCall() | fx.RingAll() if failed.why is not fx.Failure.TIMED_OUT:
                effects += self._not_offered(effect, now)
            case fx.ReadVariables():
                effects.append(self._dispatch.try_again(effect.call, now))
            case fx.TakeBack() if failed.why is not fx.Failure.LINE_DOWN:
                effects.append(self._fetch_again(effect.call, now))
            case fx.GoOn() if failed.why is not fx.Failure.LINE_DOWN:
                effects += self._overflows.not_sent(effect, now)
            case fx.CallOut() if failed.why is not fx.Failure.TIMED_OUT:
                effects += self._callbacks.not_called(effect, now)
            case fx.CallPromised():
                self._callbacks.not_led(effect)
            case fx.MuteRecording():
                effects += self._pausing.failed(failed, effect, now)
            case fx.RecordingEffect():
                effects += self._recordings.failed(failed, effect, now)
            case _:
                pass
        return [*effects, *self._what_was_promised(failed, now)]

    def _in_a_moment(self, failed: fx.Failed, now: datetime) -> list[fx.Effect]:
        """It has not failed yet, and there is nothing to tell."""
        if isinstance(failed.effect, fx.OfferCall | fx.RingAll) and failed.why is fx.Failure.REFUSED:
            return self._announcing.in_the_way(failed.effect, now)
        return []

    def _what_was_promised(self, failed: fx.Failed, now: datetime) -> list[fx.Effect]:
        if isinstance(failed.effect, fx.HangUpChannel) and failed.why is fx.Failure.NO_CHANNEL:
            return self._promises.done(fx.Done(effect=failed.effect))  # it is hung up already
        return self._promises.failed(failed, now)

    def _not_offered(self, effect: fx.OfferCall | fx.RingAll, now: datetime) -> list[fx.Effect]:
        """The agent did no wrong and is free for others; the caller is looked at again in a moment."""
        kept = self._calls.never_fetched(effect.call, effect.offer, now)
        if kept:
            return kept
        offer = self._house.offers.of_call(effect.call)
        if offer is None or offer.said != effect.offer:
            return []
        effects = self._offers.void(effect.call, OfferFailure.FAILED, now, now)
        story = self._house.stories.get(effect.call)
        if offer.fell is None or story is None:
            return [*effects, self._dispatch.try_again(effect.call, now)]
        effects += self._calls.fell_to_safety(story, offer.fell, now)
        return [*effects, self._fetch_again(effect.call, now)]

    def _fetch_again(self, call: CallId, now: datetime) -> fx.Effect:
        return fx.WakeMeAt(when=now + timedelta(seconds=AGAIN_S), token=f"safety:{call}")

    def woken(self, woken: fx.Woken, now: datetime) -> list[fx.Effect]:  # noqa: PLR0911, PLR0912 - a table
        kind, _, what = woken.token.partition(":")
        match kind:
            case "offer":
                call, _, offer = what.rpartition(":")
                return self._no_sign(CallId(call), OfferId(offer), now)
            case "called":
                call, _, offer = what.rpartition(":")
                return self._offers.called_by_now(CallId(call), OfferId(offer), now)
            case "wrap_up" | "engine":
                return self._dispatch.tell(m.Tick(), now)
            case "again":
                return self._lines.again(CallId(what), now)
            case "announce":
                return self._announcing.due(CallId(what), now)
            case "lead":
                call, _, offer = what.rpartition(":")
                return self._announcing.lead_again(CallId(call), OfferId(offer))
            case "overflow":
                return self._overflows.too_long(CallId(what), now)
            case _ if kind == LEG:
                return self._callbacks.no_leg(CallId(what), now)
            case _ if kind == AGAIN:
                self._callbacks.again()
                return []
            case _ if kind == WAKE:
                self._house.look_who_is_served = True
                return []
            case "record":
                return self._recordings.must_run(self._house.stories.get(CallId(what)))
            case "pause":
                return self._pausing.time_over(CallId(what), now)
            case "unmute":
                return self._pausing.again(CallId(what))
            case "safety":
                return self._safety.fetch_again(CallId(what))
            case "phone":
                server, _, extension = what.rpartition(":")
                return self._reach.another_chance(ServerId(server), extension, now)
            case "gone":
                server, _, channel = what.partition(":")
                return self._is_gone(ServerId(server), channel, now)
            case "promise":
                return self._promises.too_late(what, now)
            case "reserved":
                call, _, agent = what.partition(":")
                return self._reservations.look(AgentId(agent), CallId(call), now)
            case _:
                return []

    def _no_sign(self, call: CallId, offer: OfferId, now: datetime) -> list[fx.Effect]:
        kept = self._calls.never_fetched(call, offer, now)
        return kept or self._offers.no_sign(call, offer, now)

    def _is_gone(self, server: ServerId, channel: str, now: datetime) -> list[fx.Effect]:
        facts = self._house.tracker(server).forget_channel(channel, now)
        return [effect for fact in facts for effect in self._calls.hear(server, fact, now)]


def _anomaly(failed: fx.Failed, now: datetime) -> Anomaly:
    call = getattr(failed.effect, "call", None)
    raw = f"{type(failed.effect).__name__} {failed.why}: {failed.text}"
    return Anomaly(at=now, what="effect_failed", raw=raw, call=call)
