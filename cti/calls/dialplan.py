"""What our own dialplan says about a call in its UserEvents: it arrived, was queued, came back from an offer …"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime

from crm_core.kernel.ids import CallId, OfferId, QueueKey
from cti.ami.vocabulary import UserEvent
from cti.calls import facts, words
from cti.calls.call import Call
from cti.calls.channel import Leg
from cti.calls.conversation import Conversations
from cti.calls.registry import Registry
from cti.events import Direction

_ARRIVED = "CwArrived"
_directions = {direction.value: direction for direction in Direction}


class Dialplan:
    def __init__(self, registry: Registry, conversations: Conversations, tell: Callable[[facts.Fact], None]) -> None:
        self._registry = registry
        self._conversations = conversations
        self._tell = tell

    def says(self, event: UserEvent) -> None:
        if not event.name.startswith("Cw"):
            return
        said = words.lowered(event.fields)
        stamp = CallId(said.get("call", ""))
        leg = self._speaker(event, stamp)
        if leg is not None:
            self._conversations.settle(leg, event.at)
        call = leg.call if leg is not None else self._registry.calls.get(stamp)
        if call is None or call.over:
            self._tell(facts.Odd(at=event.at, what="word_without_call", raw=f"{event.name} {stamp}"))
        elif event.name == _ARRIVED:
            self._arrived(call, leg, said, event.at)
        else:
            if not call.told:
                self._tell(facts.Odd(at=event.at, what="missed_arrival", raw=event.name, call=call.id))
                self._conversations.tell_arrival(call, event.at)
            if leg is not None:
                self._conversations.is_alone(leg, event.at)
            self._goes_on(call, event, said)

    def _speaker(self, event: UserEvent, stamp: CallId) -> Leg | None:
        channel = event.channel
        if channel is not None and channel.call is None and stamp:
            channel = replace(channel, call=stamp)
        return self._registry.leg(channel, event.at)

    def _arrived(self, call: Call, leg: Leg | None, said: Mapping[str, str], at: datetime) -> None:
        if call.told:
            return  # a transfer led him past the same door again
        if leg is not None:
            call.customer = leg
        call.direction = _directions.get(said.get("direction", ""), call.direction)
        self._conversations.tell_arrival(call, at, dnis=said.get("dnis", ""))

    def _goes_on(self, call: Call, event: UserEvent, said: Mapping[str, str]) -> None:
        match event.name:
            case "CwMenu":
                self._stepped(call, event, said)
            case "CwQueued":
                self._queued(call, said, event.at)
            case "CwOfferEnd":
                self._offer_ended(call, said, event.at)
            case "CwUnparked":
                self._unparked(call, event.at)
            case "CwOverflow":
                call.waiting = None  # should he come back into his line, that is news
            case "CwPickedUp":
                self._tell(facts.PickedUp(call=call.id, at=event.at))
            case "CwSafety":
                self._fell_to_safety(call, QueueKey(said.get("queue", "")), event.at)
            case _:
                self._tell(facts.Odd(at=event.at, what="unknown_word", raw=event.name, call=call.id))

    def _stepped(self, call: Call, event: UserEvent, said: Mapping[str, str]) -> None:
        if call.last_step == event:
            return
        call.last_step = event
        self._tell(
            facts.Stepped(
                call=call.id,
                at=event.at,
                flow=said.get("flow", ""),
                node=said.get("node", ""),
                entered=said.get("input", ""),
                label=said.get("label", ""),
            )
        )

    def _queued(self, call: Call, said: Mapping[str, str], at: datetime) -> None:
        waiting = words.waiting(said, at)
        self._conversations.transfers.in_his_line(call, at)
        if call.waiting != waiting:
            call.waiting, call.in_safety = waiting, False
            self._tell(facts.Queued(call=call.id, at=at, waiting=waiting))

    def _unparked(self, call: Call, at: datetime) -> None:
        if not call.unparked:
            call.parked, call.unparked = None, True
            self._tell(facts.Unparked(call=call.id, at=at))

    def _fell_to_safety(self, call: Call, queue: QueueKey, at: datetime) -> None:
        if not call.in_safety:
            call.falls_to_safety()
            self._tell(facts.FellToSafety(call=call.id, at=at, queue=queue))

    def _offer_ended(self, call: Call, said: Mapping[str, str], at: datetime) -> None:
        call.in_safety = False
        self._tell(
            facts.OfferEnded(
                call=call.id,
                at=at,
                offer=OfferId(said.get("offer", "")),
                status=words.status(said.get("status", "")),
                cause=words.whole(said.get("cause", "")),
            )
        )
