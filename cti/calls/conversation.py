"""Who calls whom, who talks with the customer, and when it is over: compares what is with what was told before.

Nothing here counts events. After each change the room the customer is in is looked at again, and only the difference
is told; so a doubled event tells nothing and a missing one is made good by the next.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from cti.ami.vocabulary import Bridge, DialStatus
from cti.calls import facts
from cti.calls.bridge import is_conversation
from cti.calls.call import Call
from cti.calls.channel import Leg
from cti.calls.registry import Registry
from cti.calls.words import CONTEXTS, SAFETY
from cti.events import Direction, HungUpBy

_WITHHELD = ("anonymous", "unavailable", "restricted", "unknown", "private")
"""What lines write in place of a number that is withheld."""
_NORMAL = 16
"""Q.850 of a caller who simply hangs up; Asterisk gives none while it plays to him."""
_BY_CAUSE = {17: DialStatus.BUSY, 21: DialStatus.BUSY, 18: DialStatus.NO_ANSWER, 19: DialStatus.NO_ANSWER}


class Conversations:
    def __init__(self, registry: Registry, tell: Callable[[facts.Fact], None]) -> None:
        self._registry = registry
        self._tell = tell

    # --- arriving and dialling

    def tell_arrival(self, call: Call, at: datetime, *, dnis: str = "", found: bool = False) -> None:
        """Tells of the call, once."""
        if call.told:
            return
        call.told = True
        caller = next(iter(call.legs.values()), call.customer)
        ani, name, dialled = _who(caller) if caller is not None else ("", "", "")
        self._tell(
            facts.Arrived(
                call=call.id,
                at=at,
                direction=call.direction,
                ani=ani,
                ani_name=name,
                dnis=dnis or dialled,
                found=found,
            )
        )

    def dials(self, source: Leg, dest: Leg, at: datetime) -> None:
        """On behalf of `source` the phone or line `dest` is being called."""
        call, left = source.call, dest.call
        self._registry.give(dest, call, at)
        if left is not call:
            self.look_at(left, at)
        if not call.told:
            call.direction = _direction(source, dest)
        if call.direction is Direction.OUTBOUND and dest.extension is None and not call.connected:
            call.customer = dest
        self.tell_arrival(call, at)
        dest.dialled, dest.known_as = True, dest.party

    def rings(self, leg: Leg, at: datetime) -> None:
        if not leg.dialled or leg.ringing or leg.dial_over or leg.call.over:
            return
        leg.ringing = True
        self.tell_arrival(leg.call, at)
        self._tell(facts.Ringing(call=leg.call.id, at=at, party=leg.party, extension=leg.extension, offer=leg.offer))

    def dial_ended(self, leg: Leg, status: DialStatus, cause: int, at: datetime) -> None:
        if leg.dial_over or not leg.dialled or leg.call.over:
            return
        leg.ringing, leg.dial_over = False, True
        self.tell_arrival(leg.call, at)
        self._tell(
            facts.DialEnded(
                call=leg.call.id,
                at=at,
                party=leg.party,
                extension=leg.extension,
                status=status,
                cause=cause,
                offer=leg.offer,
            )
        )

    # --- talking

    def enters(self, leg: Leg, bridge: Bridge, at: datetime) -> None:
        if is_conversation(bridge):
            self._registry.rooms.enter(leg, bridge.id)
            self.look_into(bridge.id, at)

    def leaves(self, leg: Leg, room: str, at: datetime) -> None:
        if leg.room == room:
            self._registry.rooms.leave(leg)
            self.look_into(room, at)
            self.look_at(leg.call, at)

    def is_alone(self, customer: Leg, at: datetime) -> None:
        """The dialplan has the customer to itself: if we think him in a conversation, we did not hear how it ended."""
        if customer.room is not None and customer is customer.call.customer:
            self.leaves(customer, customer.room, at)

    def closed(self, room: str, at: datetime) -> None:
        """The bridge is gone: whoever we think is still inside is not."""
        for leg in self._registry.rooms.together(room):
            self.leaves(leg, room, at)

    def holds(self, leg: Leg, holding: bool, at: datetime) -> None:
        if leg.holding is holding:
            return
        leg.holding = holding
        call = leg.call
        if call.present and call.concerns(leg):
            kind = facts.Held if holding else facts.Resumed
            self._tell(kind(call=call.id, at=at, by=leg.party))

    def gone(self, leg: Leg, cause: int, at: datetime) -> None:
        """The leg was hung up."""
        call, room = leg.call, leg.room
        if leg.dialled and leg.known_as:
            self.dial_ended(leg, _BY_CAUSE.get(cause, DialStatus.CANCEL), cause, at)
        if leg is call.customer:
            call.cause = cause
        self._registry.rooms.leave(leg)
        if room is not None:
            self.look_into(room, at)
        self.look_at(call, at, leaving=leg)
        self._registry.drop(leg, at)
        self.close_if_over(call, at)

    # --- looking

    def look_into(self, room: str, at: datetime) -> None:
        """Somebody came or went: whose conversation is it, and who takes part?"""
        inside = self._registry.rooms.together(room)
        hosts = [leg.call for leg in inside if leg is leg.call.customer and not leg.call.over]
        host = min(hosts, key=lambda call: (call.direction is not Direction.INBOUND, call.began), default=None)
        for leg in inside:
            if host is not None and leg.call is not host and not self._stands_for_itself(leg):
                left = leg.call
                self._registry.give(leg, host, at)
                self.look_at(left, at)
                self.close_if_over(left, at)
        for call in hosts:
            self.look_at(call, at)

    def _stands_for_itself(self, leg: Leg) -> bool:
        """A caller from outside stays the customer of his own call, whomever a transfer brings him together with."""
        return leg is leg.call.customer and leg.call.told and leg.call.direction is Direction.INBOUND

    def look_at(self, call: Call, at: datetime, leaving: Leg | None = None) -> None:
        """Tells who joined the customer and who left him since we last looked."""
        if call.over:
            return
        customer = call.customer
        inside = self._registry.rooms.together(customer.room) if customer not in (None, leaving) else []
        now = {leg.uniqueid: leg for leg in inside if leg is not customer}
        before, call.present = call.present, now
        parties_before = {leg.party: leg for leg in before.values()}
        in_safety = customer is not None and customer.last.context == SAFETY
        parties_now = {leg.party: leg for leg in now.values()}
        for party, leg in parties_before.items():
            if party not in parties_now:
                self._tell(facts.Left(call=call.id, at=at, party=party, extension=leg.extension))
        for party, leg in parties_now.items():
            if party not in parties_before:
                self.tell_arrival(call, at)
                leg.known_as = party
                call.connected, call.waiting, call.in_safety, call.hung_up_by = True, None, False, None
                self._tell(
                    facts.Joined(
                        call=call.id,
                        at=at,
                        party=party,
                        extension=leg.extension,
                        in_safety=in_safety,
                        offer=leg.offer,
                    )
                )

    # --- the end

    def close_if_over(self, call: Call, at: datetime) -> None:
        if not call.over and not self._lives(call, at):
            self.close(call, at)

    def close(self, call: Call, at: datetime, *, cut: bool = False) -> None:
        self._registry.close(call)
        if call.told:
            by = HungUpBy.SYSTEM if cut or call.hung_up_by is None else call.hung_up_by
            cause = call.cause or (_NORMAL if by is HungUpBy.CALLER else 0)
            self._tell(facts.Ended(call=call.id, at=at, hung_up_by=by, cause=cause, cut=cut))

    def _lives(self, call: Call, at: datetime) -> bool:
        """A call lives as long as its customer does; without him only while others still talk, or carry on for him."""
        legs = call.legs
        if call.customer is not None and call.customer.uniqueid in legs:
            return True
        if not call.told:
            return bool(legs)
        if call.direction is Direction.INBOUND:
            rooms = [leg.room for leg in legs.values() if leg.room is not None]
            return len(rooms) > len(set(rooms))
        if len(legs) < (2 if call.connected else 1):
            return False
        call.customer = next(iter(legs.values()))
        self.look_at(call, at)
        return True


def _who(caller: Leg) -> tuple[str, str, str]:
    """Number, name and dialled number of the one who called; a withheld number is no number."""
    last = caller.last
    dialled = last.exten if last.context not in CONTEXTS and last.exten not in ("s", "h", "i", "t") else ""
    if caller.extension is not None:
        return caller.extension, last.caller_name, dialled
    if caller.withheld or last.caller_num.lower() in _WITHHELD:
        return "", "", dialled
    return last.caller_num, last.caller_name, dialled


def _direction(source: Leg, dest: Leg) -> Direction:
    if source.extension is None:
        return Direction.INBOUND
    return Direction.OUTBOUND if dest.extension is None else Direction.INTERNAL
