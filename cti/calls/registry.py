"""Which legs there are and to which call each belongs: by our stamp, else by whom the leg was made for."""

from __future__ import annotations

import re
from collections import OrderedDict, defaultdict
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime
from typing import TypeVar

from crm_core.kernel.ids import CallId, ServerId
from cti.ami.vocabulary import Channel
from cti.calls import words
from cti.calls.bridge import Rooms
from cti.calls.call import Call
from cti.calls.channel import Leg, is_dead, is_helper, is_wire
from cti.calls.facts import Fact, LegBegan, LegGone, Odd

_K = TypeVar("_K")
_V = TypeVar("_V")

_UNFIT = re.compile(r"[^A-Za-z0-9_-]")
"""Signs that the dialplan's stamp has none of."""
_REMEMBERED = 2_000
"""Legs and calls whose end is remembered, so that a late word about one does not bring it back to life."""

ExtensionOf = Callable[[Channel], str | None]
"""Whose phone this is: the extension, None for the outside world."""


class Registry:
    def __init__(self, server: ServerId, extension_of: ExtensionOf, tell: Callable[[Fact], None]) -> None:
        self.calls: dict[CallId, Call] = {}
        self.legs: dict[str, Leg] = {}
        self.at_phone: defaultdict[str, dict[str, Leg]] = defaultdict(dict)
        """Extension -> its legs, whatever their call."""
        self.rooms = Rooms()
        self._extension_of = extension_of
        self._server = server
        self._tell = tell
        self._wires: dict[str, Leg] = {}
        """Name of half a Local channel -> that half."""
        self._linked: defaultdict[str, dict[str, Leg]] = defaultdict(dict)
        """Linkedid -> the legs that had it when they were born."""
        self._dead: OrderedDict[str, None] = OrderedDict()
        self._over: OrderedDict[CallId, Call] = OrderedDict()

    def leg(self, channel: Channel | None, at: datetime, *, is_born: bool = False) -> Leg | None:
        """The leg this channel is, made when we never heard of it. None for helpers and for legs that have ended.
        `is_born`: it may be new; from anybody else we should have heard before."""
        if channel is None or channel.uniqueid in self._dead or is_helper(channel):
            return None
        leg = self.legs.get(channel.uniqueid)
        if leg is None:
            if is_dead(channel.name):
                return None
            leg = self._born(channel, at)
            if not is_born:
                self._tell(Odd(at=at, what="leg_without_beginning", raw=channel.name, call=leg.call.id))
        else:
            leg.last = channel
        if leg.offer is None and leg.extension is not None:
            leg.offer = words.offer_to(leg.extension, channel)
        if channel.call is not None and leg.stamp is None:
            leg.stamp = channel.call
            self.give(leg, self.call(channel.call, at), at)
        return leg

    def call(self, call_id: CallId, at: datetime) -> Call:
        found = self.calls.get(call_id) or self._over.get(call_id)
        if found is None:
            found = self.calls[call_id] = Call(id=call_id, began=at)
        return found

    def close(self, call: Call) -> None:
        call.over = True
        self.calls.pop(call.id, None)
        if call.told:
            _remember(self._over, call.id, call)

    def of_its_own(self, leg: Leg, at: datetime) -> Call:
        """A call that begins with this leg or with the one it was linked to when it was born, which we may not have
        heard of; named as the dialplan would have stamped it."""
        name = leg.linked if leg.linked.startswith(self._server) else f"{self._server}-{leg.linked}"
        name = free = _UNFIT.sub("-", name)
        number = 1
        while free in self._over:
            number += 1
            free = f"{name}-{number}"
        return self.call(CallId(free), at)

    def give(self, leg: Leg, call: Call, at: datetime) -> None:
        """The leg belongs to this call from now on."""
        old = leg.call
        if old is call:
            return
        self._begin(leg, call, at)
        self._part(leg, old, at)
        if leg.twin is not None:
            self.give(leg.twin, call, at)

    def drop(self, leg: Leg, at: datetime) -> None:
        """The leg is gone for good."""
        self.legs.pop(leg.uniqueid, None)
        self._unlink(leg)
        self._leave_phone(leg)
        self._cut_wire(leg)
        self.remember_dead(leg.uniqueid)
        self.rooms.leave(leg)
        self._part(leg, leg.call, at)

    def remember_dead(self, uniqueid: str) -> None:
        _remember(self._dead, uniqueid, None)

    def named(self, name: str) -> Iterator[Leg]:
        return (leg for leg in self.legs.values() if leg.name == name)

    # --- changing places

    def becomes(self, leg: Leg, name: str, at: datetime) -> None:
        """Asterisk put another phone (or wire) behind this leg; its part in the call stays what it was."""
        call = leg.call
        self._part(leg, call, at)
        self._leave_phone(leg)
        self._cut_wire(leg)
        leg.last = replace(leg.last, name=name)
        leg.extension = self._extension_of(leg.last)
        leg.known_as = ""
        self._be_wire(leg)
        self._come_to_phone(leg)
        self._begin(leg, call, at)

    def goes_on_as(self, old: Leg, uniqueid: str, name: str, at: datetime) -> Leg:
        """Somebody goes on under another unique id, with all that he was."""
        leg = replace(old, uniqueid=uniqueid, last=replace(old.last, uniqueid=uniqueid, name=name), room=None)
        self.legs[uniqueid] = self._linked[leg.linked][uniqueid] = leg
        self._come_to_phone(leg)
        self._begin(leg, leg.call, at)
        if leg.call.customer is old:
            leg.call.customer = leg
        if old.room is not None:
            self.rooms.enter(leg, old.room)
        self.drop(old, at)
        return leg

    # --- within

    def _born(self, channel: Channel, at: datetime) -> Leg:
        host = self._made_for(channel)
        leg = Leg(
            uniqueid=channel.uniqueid,
            last=channel,
            extension=self._extension_of(channel),
            born=at,
            call=host if host is not None else Call(id=CallId(""), began=at),
            linked=channel.linkedid or channel.uniqueid,
            dialled=channel.linkedid not in ("", channel.uniqueid),
        )
        self.legs[leg.uniqueid] = leg
        self._linked[leg.linked][leg.uniqueid] = leg
        self._be_wire(leg)
        self._come_to_phone(leg)
        if channel.call is not None:
            leg.stamp = channel.call
            host = self.call(channel.call, at)
        if host is None and leg.twin is not None and not leg.twin.call.over:
            host = leg.twin.call
        self._begin(leg, host if host is not None else self.of_its_own(leg, at), at)
        return leg

    def _made_for(self, channel: Channel) -> Call | None:
        """A leg that is not its own oldest was made for another, and so, as far as we know, for that one's call."""
        if channel.linkedid in ("", channel.uniqueid):
            return None
        maker = self.legs.get(channel.linkedid) or next(iter(self._linked.get(channel.linkedid, {}).values()), None)
        return None if maker is None or maker.call.over else maker.call

    def _begin(self, leg: Leg, call: Call, at: datetime) -> None:
        leg.call = call
        if leg.wire:
            return
        new_to_call = leg.extension is not None and not any(call.of_extension(leg.extension))
        call.legs[leg.uniqueid] = leg
        if call.customer is None and not leg.dialled:
            call.customer = leg
        if leg.extension is not None and new_to_call:
            self._tell(LegBegan(call=call.id, at=at, extension=leg.extension))

    def _part(self, leg: Leg, call: Call, at: datetime) -> None:
        call.legs.pop(leg.uniqueid, None)
        if call.customer is leg:
            call.customer = None
        if not leg.wire and leg.extension is not None and not any(call.of_extension(leg.extension)):
            self._tell(LegGone(call=call.id, at=at, extension=leg.extension))
        if not call.told and not call.legs and self.calls.get(call.id) is call and leg.call is not call:
            del self.calls[call.id]  # it was only the name of a leg that had not been stamped yet

    def _unlink(self, leg: Leg) -> None:
        linked = self._linked.get(leg.linked, {})
        linked.pop(leg.uniqueid, None)
        if not linked:
            self._linked.pop(leg.linked, None)

    def _be_wire(self, leg: Leg) -> None:
        leg.wire = is_wire(leg.name)
        if not leg.wire:
            return
        self._wires[leg.name] = leg
        twin = self._wires.get(leg.name[:-1] + ("2" if leg.name[-1] == "1" else "1"))
        if twin is not None:
            leg.twin, twin.twin = twin, leg

    def _cut_wire(self, leg: Leg) -> None:
        if leg.wire and self._wires.get(leg.name) is leg:
            del self._wires[leg.name]
        if leg.twin is not None:
            leg.twin.twin = None
            leg.twin = None
        leg.wire = False

    def _come_to_phone(self, leg: Leg) -> None:
        if leg.extension is not None:
            self.at_phone[leg.extension][leg.uniqueid] = leg

    def _leave_phone(self, leg: Leg) -> None:
        if leg.extension is not None:
            self.at_phone[leg.extension].pop(leg.uniqueid, None)


def _remember(ended: OrderedDict[_K, _V], key: _K, value: _V) -> None:
    ended[key] = value
    if len(ended) > _REMEMBERED:
        ended.popitem(last=False)
