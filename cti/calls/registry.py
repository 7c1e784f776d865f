"""Which legs there are and to which call each belongs: by our stamp, else by whom the leg was made for."""

from __future__ import annotations

import re
from collections import OrderedDict, defaultdict
from collections.abc import Callable
from datetime import datetime
from itertools import count
from typing import TypeVar

from crm_core.kernel.ids import CallId, ServerId
from cti.ami.vocabulary import Channel
from cti.calls import words
from cti.calls.bridge import Rooms
from cti.calls.call import Call
from cti.calls.channel import Leg, is_helper
from cti.calls.facts import Fact, LegBegan, LegGone

_K = TypeVar("_K")
_V = TypeVar("_V")

_REMEMBERED = 2_000
"""Legs and calls whose end is remembered, so that a late word about one does not bring it back to life."""


class Registry:
    def __init__(self, server: ServerId, is_phone: Callable[[str], bool], tell: Callable[[Fact], None]) -> None:
        self.calls: dict[CallId, Call] = {}
        self.legs: dict[str, Leg] = {}
        self.at_phone: defaultdict[str, dict[str, Leg]] = defaultdict(dict)
        """Extension -> its legs, whatever their call."""
        self.rooms = Rooms()
        self.is_phone = is_phone
        self._server = server
        self._tell = tell
        self._dead: OrderedDict[str, None] = OrderedDict()
        self._over: OrderedDict[CallId, Call] = OrderedDict()

    def leg(self, channel: Channel | None, at: datetime) -> Leg | None:
        """The leg this channel is, made when we never heard of it. None for helpers and for legs that have ended."""
        if channel is None or channel.uniqueid in self._dead or is_helper(channel):
            return None
        leg = self.legs.get(channel.uniqueid)
        if leg is None:
            leg = self._born(channel, at)
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
        """A call that begins with this leg, named as the dialplan would have stamped it."""
        name = leg.uniqueid if leg.uniqueid.startswith(self._server) else f"{self._server}-{leg.uniqueid}"
        name = re.sub(r"[^A-Za-z0-9_-]", "-", name)
        names = (CallId(name if number == 1 else f"{name}-{number}") for number in count(1))
        return self.call(next(free for free in names if free not in self._over), at)

    def give(self, leg: Leg, call: Call, at: datetime) -> None:
        """The leg belongs to this call from now on."""
        old = leg.call
        if old is call:
            return
        self._begin(leg, call, at)
        self._part(leg, old, at)

    def drop(self, leg: Leg, at: datetime) -> None:
        """The leg is gone for good."""
        self.legs.pop(leg.uniqueid, None)
        if leg.extension is not None:
            self.at_phone[leg.extension].pop(leg.uniqueid, None)
        self.remember_dead(leg.uniqueid)
        self.rooms.leave(leg)
        self._part(leg, leg.call, at)

    def remember_dead(self, uniqueid: str) -> None:
        _remember(self._dead, uniqueid, None)

    def extension(self, channel: Channel) -> str | None:
        endpoint = channel.device.partition("/")[2]
        return endpoint if self.is_phone(endpoint) else None

    def _born(self, channel: Channel, at: datetime) -> Leg:
        host = self._made_for(channel)
        leg = Leg(
            uniqueid=channel.uniqueid,
            last=channel,
            extension=self.extension(channel),
            born=at,
            call=host if host is not None else Call(id=CallId(""), began=at),
            dialled=channel.linkedid not in ("", channel.uniqueid),
        )
        self.legs[leg.uniqueid] = leg
        if leg.extension is not None:
            self.at_phone[leg.extension][leg.uniqueid] = leg
        if channel.call is not None:
            leg.stamp = channel.call
            host = self.call(channel.call, at)
        self._begin(leg, host if host is not None else self.of_its_own(leg, at), at)
        return leg

    def _made_for(self, channel: Channel) -> Call | None:
        """A leg that is not its own oldest was made for another, and so, as far as we know, for that one's call."""
        if channel.linkedid in ("", channel.uniqueid):
            return None
        maker = self.legs.get(channel.linkedid) or next(
            (leg for leg in self.legs.values() if leg.last.linkedid == channel.linkedid), None
        )
        return None if maker is None or maker.call.over else maker.call

    def _begin(self, leg: Leg, call: Call, at: datetime) -> None:
        new_to_call = leg.extension is not None and not any(call.of_extension(leg.extension))
        leg.call = call
        call.legs[leg.uniqueid] = leg
        if call.customer is None and not leg.dialled:
            call.customer = leg
        if leg.extension is not None and new_to_call:
            self._tell(LegBegan(call=call.id, at=at, extension=leg.extension))

    def _part(self, leg: Leg, call: Call, at: datetime) -> None:
        call.legs.pop(leg.uniqueid, None)
        if call.customer is leg:
            call.customer = None
        if not call.legs and not call.told and self.calls.get(call.id) is call:
            del self.calls[call.id]  # it was only the name of a leg that had not been stamped yet
        if leg.extension is not None and not any(call.of_extension(leg.extension)):
            self._tell(LegGone(call=call.id, at=at, extension=leg.extension))


def _remember(ended: OrderedDict[_K, _V], key: _K, value: _V) -> None:
    ended[key] = value
    if len(ended) > _REMEMBERED:
        ended.popitem(last=False)
