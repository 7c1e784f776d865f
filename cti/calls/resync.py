"""After the line came up: what lives now is compared with what we knew, and only the difference is told."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

from cti.ami.vocabulary import ChannelState, LiveChannel, Snapshot
from cti.calls import facts, words
from cti.calls.bridge import is_conversation
from cti.calls.call import Call
from cti.calls.channel import Leg
from cti.calls.conversation import Conversations
from cti.calls.registry import Registry
from cti.events import Direction

_WHERE = {
    words.MENU: facts.Where.MENU,
    words.AFTER: facts.Where.MENU,
    words.QUEUE: facts.Where.WAITING,
    words.HOLD: facts.Where.WAITING,
    words.SAY: facts.Where.WAITING,
    words.OFFER: facts.Where.OFFERED,
    words.SAFETY: facts.Where.SAFETY,
    words.PARK: facts.Where.PARKED,
}


def take_stock(
    snapshot: Snapshot, registry: Registry, conversations: Conversations, tell: Callable[[facts.Fact], None]
) -> None:
    if snapshot.restarted:
        _cut_everything(registry, conversations, snapshot.at)
    _bury_the_dead(snapshot, registry, conversations)
    _meet_the_living(snapshot, registry, conversations)
    for call in list(registry.calls.values()):
        _find_who_stepped_aside(call)
        conversations.look_at(call, snapshot.at)
        conversations.close_if_over(call, snapshot.at)
    waits = {live.channel.uniqueid for live in snapshot.channels if live.application in words.WAITS}
    for call in registry.calls.values():
        if call.told and call.customer is not None:
            stands = _stands(call, call.customer, snapshot.at, waits=call.customer.uniqueid in waits)
            _remember(call, stands.where)
            tell(stands)


def _cut_everything(registry: Registry, conversations: Conversations, at: datetime) -> None:
    for call in list(registry.calls.values()):
        conversations.close(call, at, cut=True)
    for leg in list(registry.legs.values()):
        registry.drop(leg, at)


def _bury_the_dead(snapshot: Snapshot, registry: Registry, conversations: Conversations) -> None:
    alive = {live.channel.uniqueid for live in snapshot.channels}
    for leg in [leg for leg in registry.legs.values() if leg.uniqueid not in alive]:
        conversations.gone(leg, 0, snapshot.at)


def _meet_the_living(snapshot: Snapshot, registry: Registry, conversations: Conversations) -> None:
    """Legs that called us before those we called, the older before the younger: so every leg finds its call."""
    talking = {bridge.id for bridge in snapshot.bridges if is_conversation(bridge)}
    met: list[tuple[LiveChannel, Leg]] = []
    for live in sorted(snapshot.channels, key=lambda live: (_was_dialled(live), -live.age_s)):
        known = live.channel.uniqueid in registry.legs
        leg = registry.leg(live.channel, snapshot.at - timedelta(seconds=live.age_s), is_born=True)
        if leg is not None:
            leg.dialled = leg.dialled if known else _was_dialled(live)
            met.append((live, leg))
    for live, leg in met:
        if live.bridge in talking and live.bridge is not None:
            leg.comes_in()
            registry.rooms.enter(leg, live.bridge)
        else:
            registry.rooms.leave(leg)
    for call in registry.calls.values():
        _introduce(call, conversations)
    for room in dict.fromkeys(leg.room for _, leg in met if leg.room is not None):
        conversations.look_into(room, snapshot.at)
    for live, leg in met:
        if live.channel.state is ChannelState.RINGING:
            conversations.rings(leg, snapshot.at)


def _was_dialled(live: LiveChannel) -> bool:
    """A called phone's leg runs no dialplan of its own: Asterisk names its place `AppDial` (or `AppQueue`)."""
    return live.application in ("AppDial", "AppDial2", "AppQueue")


def _find_who_stepped_aside(call: Call) -> None:
    """A customer who sits in his bridge by himself was left there by an agent who consults somebody: the phone that has
    been with the call for longest, of those that talk elsewhere. Whom it talks with, it has called."""
    customer = call.customer
    if customer is None or customer.room is None or call.present or call.aside:
        return
    elsewhere = [
        leg for leg in call.legs.values() if leg.room not in (None, customer.room) and leg.extension is not None
    ]
    if any(leg.room == customer.room for leg in call.legs.values() if leg is not customer):
        return
    first = min(elsewhere, key=lambda leg: leg.born, default=None)
    if first is not None:
        call.aside[first.uniqueid] = first
        call.consulted = next((leg for leg in call.legs.values() if leg not in (customer, first)), None)


def _introduce(call: Call, conversations: Conversations) -> None:
    """A call nobody has heard of. A leg by itself, without our stamp, may be anything and is not told."""
    outside = next((leg for leg in call.legs.values() if leg.extension is None), None)
    if call.told:
        _meet_whom_it_called(call, outside)
        return
    if len(call.legs) < 2 and all(leg.stamp is None for leg in call.legs.values()):
        return
    wanted = ""
    if call.customer is not None and call.customer.extension is not None:
        called_for = outside is None and (call.customer.dialled or call.customer.was_placed)
        wanted = call.customer.last.caller_num if called_for else ""
        outwards = outside is not None or called_for or call.customer.last.context in words.OUTWARDS
        call.direction = Direction.OUTBOUND if outwards else Direction.INTERNAL
        call.customer = outside or call.customer
    conversations.tell_arrival(call, call.began, otherwise=wanted, found=True)


def _meet_whom_it_called(call: Call, outside: Leg | None) -> None:
    """Our phone was led on to the number while we did not hear it: who is called there is whom the call is about."""
    if call.direction is Direction.OUTBOUND and not call.connected and outside is not None:
        call.customer = outside


def _remember(call: Call, where: facts.Where) -> None:
    """Whether he fell to Asterisk's own queue, or came back from it, while we heard nothing."""
    if where is facts.Where.SAFETY:
        call.falls_to_safety()
    else:
        call.in_safety = False


def _stands(call: Call, customer: Leg, at: datetime, *, waits: bool) -> facts.Stands:
    if call.present or call.aside:
        return facts.Stands(call=call.id, at=at, where=facts.Where.TALKING)
    where = _WHERE.get(customer.last.context, facts.Where.ELSEWHERE)
    if where is facts.Where.OFFERED and waits:  # the offer is over; the dialplan is in no hurry to lead him on
        return facts.Stands(call=call.id, at=at, where=facts.Where.WAITING)
    extension, offer = words.offer_of(customer.last) or (None, None)
    if where is facts.Where.PARKED:
        extension = customer.last.exten
    return facts.Stands(call=call.id, at=at, where=where, offer=offer, extension=extension)
