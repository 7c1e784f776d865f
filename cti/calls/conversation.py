"""Who calls whom, who talks with the customer, and when it is over: compares what is with what was told before.

Nothing here counts events. After each change the room the customer is in is looked at again, and only the difference
is told; so a doubled event tells nothing and a missing one is made good by the next.

A leg that leaves a bridge without having said good-bye may be on its way to another: Asterisk moves people between
bridges (transfers, consultations, Local channels that become superfluous) by a leave and an enter. Until something else
is heard of the leg it counts as still there.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

from cti.ami.vocabulary import Bridge, ChannelState, DialStatus
from cti.calls import facts
from cti.calls.bridge import is_conversation
from cti.calls.call import Call
from cti.calls.channel import Leg
from cti.calls.registry import Registry
from cti.calls.transfers import Transfers
from cti.calls.words import CONTEXTS, NO_OFFER, SAFETY
from cti.causes import ELSEWHERE, NOT_TO_BE_HAD, REFUSALS
from cti.events import Direction, HungUpBy

_WITHHELD = ("anonymous", "unavailable", "restricted", "unknown", "private")
"""What lines write in place of a number that is withheld."""
_NORMAL = 16
"""Q.850 of a caller who simply hangs up; Asterisk gives none while it plays to him."""
_BY_CAUSE = {17: DialStatus.BUSY, 21: DialStatus.BUSY, 18: DialStatus.NO_ANSWER, 19: DialStatus.NO_ANSWER}
_SAID_NO = (*REFUSALS, *NOT_TO_BE_HAD)
_CONFERENCE = "ConfBridge"
"""Who made a room that everybody dials into for himself."""
_MOVE = timedelta(seconds=0.5)
"""How long a leg may be between two bridges."""
_NO_NUMBERS = ("", "s", "h", "i", "t")
"""Extensions of a dialplan that nobody dials."""


class Conversations:
    def __init__(self, registry: Registry, tell: Callable[[facts.Fact], None], *, every_call: bool = False) -> None:
        """`every_call`: also those who called and reached nobody, of which no dialplan of ours told."""
        self._registry = registry
        self._tell = tell
        self._every_call = every_call
        self.transfers = Transfers(registry, self, tell)
        self._leaving: dict[str, Leg] = {}

    # --- arriving and dialling

    def tell_arrival(
        self, call: Call, at: datetime, *, dnis: str = "", otherwise: str = "", found: bool = False
    ) -> None:
        """Tells of the call, once. `dnis` was dialled; `otherwise`, if his own leg does not say what."""
        if call.told:
            return
        call.told = True
        caller = next(iter(call.legs.values()), call.customer)
        ani, name, dialled = _who(caller) if caller is not None else ("", "", "")
        call.dnis = dnis or dialled or otherwise
        self._tell(
            facts.Arrived(
                call=call.id,
                at=at,
                direction=call.direction,
                ani=ani,
                ani_name=name,
                dnis=call.dnis,
                found=found,
            )
        )
        if caller is not None:
            self._look_at_phone(caller, at)

    def tell_silent(self, call: Call) -> None:
        """Of a call nobody was dialled for: its caller reached a menu, or nothing at all. Or somebody outside was
        dialled and talked, of whose beginning nothing was heard."""
        caller = call.customer
        if call.told or caller is None:
            return
        talked = caller.extension is None and (caller.room or caller.was_in) is not None
        if talked or not (caller.dialled or caller.summoned):
            inwards = Direction.INBOUND if caller.extension is None else Direction.INTERNAL
            call.direction = Direction.OUTBOUND if caller.dialled and talked else inwards
            self.tell_arrival(call, call.began)

    def dials(self, source: Leg | None, dest: Leg, at: datetime) -> None:
        """On behalf of `source` the phone or line `dest` is being called; of None: by Asterisk itself."""
        if source is None:
            self._summons(dest, at)
            return
        if dest.maker is source:
            return  # said twice
        call, caller = source.call, source.behind or self._at_the_end_of(source)
        dest.maker, dest.offer = source, dest.offer or NO_OFFER
        self.moves(dest, call, at)
        if dest.wire:
            return
        if source is call.customer:
            self._goes_on_by_himself(call, at)
        if caller is None and call.connected:
            caller = next(iter([*call.aside.values(), *call.present.values()]), None)
            call.consulted = dest
        if caller is not None:
            self._dials_somebody(call, caller, dest, at)

    def _goes_on_by_himself(self, call: Call, at: datetime) -> None:
        """Who has talked with somebody is led on, and neither a good-bye nor a transfer was told."""
        told = call.hung_up_by is not None or call.transfer is not None or call.parked is not None or call.unparked
        if self._every_call and call.connected and not (told or call.present or call.waiting):
            self.odd("transfer_not_heard", call, at)

    def odd(self, what: str, call: Call, at: datetime) -> None:
        """Told of recordings only; where we listen ourselves, the line tells when something was lost."""
        if self._every_call:
            self._tell(facts.Odd(at=at, what=what, call=call.id))

    def queues(self, leg: Leg, queue: str, at: datetime) -> None:
        """A queue of Asterisk's own has him."""
        call = leg.call
        call.in_queue = queue
        self.tell_arrival(call, call.began)
        if leg is call.customer:
            self._goes_on_by_himself(call, at)
        self._tell(facts.InQueue(call=call.id, at=at, queue=queue))

    def _summons(self, leg: Leg, at: datetime) -> None:
        leg.summoned = True
        call = self.transfers.gives_back(leg)
        if call is None:
            self._tell_called_for(leg, at)
            if leg.last.state is ChannelState.RINGING:
                self.rings(leg, at)
            return
        leg.dialled, leg.offer, leg.known_as = True, NO_OFFER, leg.party
        self.moves(leg, call, at)
        if leg.last.state is ChannelState.RINGING:
            self.rings(leg, at)

    def _tell_called_for(self, leg: Leg, at: datetime) -> None:
        """Click to call: our phone is called first, as from the number that it is to be connected with."""
        if leg.stamp is not None and leg.extension is not None and not leg.call.told:
            leg.call.direction = Direction.OUTBOUND
            self.tell_arrival(leg.call, at, otherwise=leg.last.caller_num)

    def _dials_somebody(self, call: Call, caller: Leg, dest: Leg, at: datetime) -> None:
        if not call.told:
            call.direction = _direction(caller, dest)
        if call.direction is Direction.OUTBOUND and dest.extension is None and not call.connected:
            call.customer = dest
        self.tell_arrival(call, at, otherwise=dest.last.caller_num or dest.last.exten)
        dest.dialled, dest.known_as = True, dest.party
        if dest.last.state is ChannelState.RINGING:
            self.rings(dest, at)  # told before the dial was

    def _at_the_end_of(self, wire: Leg) -> Leg | None:
        """Nobody called into this wire, but somebody was called through it: for him Asterisk calls the next."""
        ends = (wire, wire.twin)
        return next((leg for leg in wire.call.legs.values() if leg.maker is not None and leg.maker in ends), None)

    def tell_programmed(self, leg: Leg) -> bool:
        """Asterisk calls our phone to connect it with somebody, of which nothing came so far."""
        wanted = leg.last.caller_num
        if leg.call.told or leg.listens or not leg.summoned or leg.extension in (None, wanted) or not wanted:
            return False
        leg.call.direction, leg.dialled = Direction.OUTBOUND, True
        self.tell_arrival(leg.call, leg.call.began, otherwise=wanted)
        return True

    def _tell_summoned(self, leg: Leg, cause: int, at: datetime) -> None:
        """Asterisk called our phone to connect it with somebody, and it came to nothing."""
        if self.tell_programmed(leg):
            self.dial_ended(leg, _BY_CAUSE.get(cause, DialStatus.CANCEL), cause, at)

    def rings(self, leg: Leg, at: datetime) -> None:
        call = leg.call
        if leg.summoned and leg.stamp is not None and not (leg.dialled or leg.ringing or call.over):
            self._rings_by_itself(leg, at)
            return
        if leg.wire or not leg.dialled or leg.ringing or leg.dial_over or call.over:
            return
        if not call.told and call.customer is None:
            return  # on whose behalf is not known yet
        leg.ringing = True
        if not call.told and call.customer is not None:
            self._dials_somebody(call, call.customer, leg, at)  # the dial itself will be told in a moment
        ring_for, by = self.transfers.why_rings(leg)
        self._tell(
            facts.Ringing(
                call=leg.call.id,
                at=at,
                party=leg.party,
                extension=leg.extension,
                offer=leg.offer,
                ring_for=ring_for,
                by=by,
            )
        )

    def _rings_by_itself(self, leg: Leg, at: datetime) -> None:
        """The phone that was called first, of a call we make for somebody."""
        if leg.call.told and leg.extension is not None:
            leg.ringing = True
            self._tell(facts.PhoneRings(call=leg.call.id, at=at, extension=leg.extension))

    def dial_ended(self, leg: Leg, status: DialStatus, cause: int, at: datetime) -> None:
        if leg.wire or leg.dial_over or not leg.dialled or leg.call.over:
            return
        leg.ringing, leg.dial_over = False, True
        if not leg.call.told and leg.call.customer is None:
            return
        self.tell_arrival(leg.call, at)
        leg.call.refused = leg.sip_cause
        leg.call.picked_up |= status is DialStatus.ANSWER
        self._tell(
            facts.DialEnded(
                call=leg.call.id,
                at=at,
                party=leg.party,
                extension=leg.extension,
                status=status,
                cause=cause,
                offer=leg.offer,
                sip_cause=leg.sip_cause,
            )
        )
        self.transfers.dial_ended(leg, status, cause, at)

    def picked_up(self, call: Call, at: datetime) -> None:
        """Somebody takes the call at another phone than those that ring."""
        for leg in list(call.legs.values()):
            if leg.maker is not None and leg.ringing:
                self.dial_ended(leg, DialStatus.CANCEL, ELSEWHERE, at)

    # --- talking

    def enters(self, leg: Leg, bridge: Bridge, at: datetime, swap: str | None = None) -> None:
        """`swap`: the unique id of the leg whose place it takes."""
        if not is_conversation(bridge):
            self.settle(leg, at)
            return
        self._stays(leg)
        leg.comes_in()
        if leg.listens and leg.room == bridge.id:
            return
        self._registry.rooms.enter(leg, bridge.id)
        call = leg.call
        if leg.listens:
            self._barged(leg, bridge.id, at)
            return
        if self._every_call and bridge.creator == _CONFERENCE and leg is call.customer:
            self.tell_silent(call)
        if leg is call.customer:
            call.aside.clear()
            self.look_into(bridge.id, at)
        else:
            steps = leg if leg.uniqueid in call.present and not self._hears_customer(leg) else None
            self.look_at(call, at, steps=steps)
            self.look_into(bridge.id, at)
            self.look_at(leg.call, at)
        swapped = self._registry.legs.get(swap) if swap is not None else None
        if swapped is not None:
            self.leaves_for_good(swapped, at)

    def leaves(self, leg: Leg, room: str, at: datetime) -> None:
        if room not in (leg.room, leg.merged_from):
            return
        if leg.going or leg.listens:
            self.leaves_for_good(leg, at)
        else:
            leg.leaving = at
            self._leaving[leg.uniqueid] = leg

    def leaves_for_good(self, leg: Leg, at: datetime) -> None:
        self._stays(leg)
        room = leg.room
        if room is None:
            return
        self._registry.rooms.leave(leg)
        if leg.listens:
            self._barged(leg, room, at)
            return
        self.look_into(room, at)
        self.look_at(leg.call, at)

    def _barged(self, listener: Leg, room: str, at: datetime) -> None:
        """Those in the bridge can hear a supervisor now, or no longer."""
        for leg in self._registry.rooms.together(room):
            if leg is leg.call.customer and leg.call.told:
                self._tell(facts.Barged(call=leg.call.id, at=at, extension=listener.extension))

    def settle(self, leg: Leg, at: datetime) -> None:
        """Something was heard of the leg: if it had left its bridge, then not for another one."""
        if leg.leaving is not None:
            self.leaves_for_good(leg, min(at, leg.leaving))

    def time_passes(self, at: datetime) -> None:
        """Nobody is between two bridges for long."""
        if not self._leaving:
            return
        for leg in [leg for leg in self._leaving.values() if leg.leaving is None or at - leg.leaving > _MOVE]:
            self.settle(leg, at)

    def _stays(self, leg: Leg) -> None:
        leg.leaving = leg.merged_from = None
        self._leaving.pop(leg.uniqueid, None)

    def is_alone(self, customer: Leg, at: datetime) -> None:
        """The dialplan has the customer to itself: if we think him in a conversation, we did not hear how it ended."""
        if customer.room is not None and customer is customer.call.customer:
            self.leaves_for_good(customer, at)

    def closed(self, room: str, at: datetime) -> None:
        """The bridge is gone: whoever we think is still inside is not."""
        for leg in self._registry.rooms.inside(room):
            if leg.room == room:
                self.leaves_for_good(leg, at)

    def merged(self, into: str, gone: str, at: datetime) -> None:
        """Two bridges became one; that everybody leaves the one and enters the other is told afterwards."""
        for leg in self._registry.rooms.inside(gone):
            if not leg.going:
                self._stays(leg)
                self._registry.rooms.enter(leg, into)
                leg.merged_from = gone
        self.look_into(into, at)

    def holds(self, leg: Leg, holding: bool, at: datetime) -> None:
        if leg.holding is holding:
            return
        leg.holding = holding
        call = leg.call
        if call.present and call.concerns(leg):
            if holding:
                self._tell(facts.Held(call=call.id, at=at, by=leg.party))
            self._look_at_phone(leg, at)
            if not holding:
                self._tell(facts.Resumed(call=call.id, at=at, by=leg.party))

    def _look_at_phone(self, one: Leg, at: datetime) -> None:
        """Who holds the customer and has called somebody on another line of his phone asks for advice."""
        lines = list(self._registry.at_phone.get(one.extension or "", {}).values())
        if any(line.gave_away for line in lines):
            return  # how that ends is told by who is with the customer
        for line in lines:
            call = line.call
            if call.over or line.uniqueid not in call.present or line is call.customer:
                continue
            asks = line.holding and any(_calls_beside(other, line) for other in lines)
            if asks and line.party not in call.on_second_line:
                call.on_second_line.add(line.party)
                self._tell(facts.Consults(call=call.id, at=at, party=line.party, extension=line.extension))
            elif not asks and line.party in call.on_second_line:
                call.on_second_line.discard(line.party)
                self._tell(facts.Returned(call=call.id, at=at, party=line.party, extension=line.extension))

    def gone(self, leg: Leg, cause: int, at: datetime) -> None:
        """The leg was hung up."""
        left_at = min(at, leg.leaving) if leg.leaving is not None else at
        self._stays(leg)
        call, room = leg.call, leg.room
        if self._every_call and leg.dial_over and not (leg.cause or leg.was_in) and cause in _SAID_NO:
            leg.dial_over = False  # older Asterisks say only now that the phone had said no
        if leg.dialled and leg.known_as and room is None and leg.was_in is None:  # who was in a bridge has answered
            self.dial_ended(leg, _BY_CAUSE.get(cause, DialStatus.CANCEL), cause, at)
        if self._every_call and call.customer is None and leg.extension is None and not (call.told or leg.wire):
            call.customer = leg
        if leg is call.customer:
            call.cause, call.sip_cause = cause, leg.sip_cause or call.sip_cause
            call.answered = call.answered or leg.last.state is ChannelState.UP
        if self._every_call and leg is call.customer:
            self.tell_silent(call)
            self._tell_summoned(leg, cause, at)
        self._registry.rooms.leave(leg)
        if room is not None:
            self.look_into(room, left_at)
        self.look_at(call, left_at, leaving=leg)
        self._registry.drop(leg, at)
        self.close_if_over(call, at)
        self._look_at_phone(leg, at)

    # --- looking

    def look_into(self, room: str, at: datetime) -> None:
        """Somebody came or went: whose conversation is it, and who takes part?"""
        inside = self._registry.rooms.together(room)
        hosts = [leg.call for leg in inside if leg is leg.call.customer and not leg.call.over]
        if self._every_call and len(inside) > 1 and not hosts:
            hosts = self._unheard_of(inside)
        host = min(hosts, key=lambda call: (call.direction is not Direction.INBOUND, call.began), default=None)
        for leg in inside:
            if host is not None and leg.call is not host and not self._stands_for_itself(leg, host):
                self.moves(leg, host, at)
        for call in hosts:
            self.look_at(call, at)

    def _unheard_of(self, inside: list[Leg]) -> list[Call]:
        """They talk, and who of them called whom was said before the recording began."""
        strangers = [leg for leg in inside if leg.call.customer is None and not leg.call.told]
        one = next((leg for leg in strangers if leg.extension is None), next(iter(strangers), None))
        if one is None:
            return []
        other = next(leg for leg in inside if leg is not one)
        one.call.customer, one.call.direction = one, _direction(*((other, one) if one.dialled else (one, other)))
        return [one.call]

    def moves(self, leg: Leg, host: Call, at: datetime) -> None:
        """The leg takes part in another call from now on; its own is a part of that one if nobody is left in it."""
        left = leg.call
        if left is host:
            return
        if left.told and not left.over and host.told and leg.dialled:
            host.brought_together = True
        self._registry.give(leg, host, at)
        self.look_at(left, at)
        if not left.over and not self._lives(left, at):
            self.close(left, at, into=host)

    def _stands_for_itself(self, leg: Leg, host: Call) -> bool:
        """Who called of his own accord stays the customer of his own call, whomever a transfer brings him together
        with; but the second call by which a colleague asked for advice is a part of the first."""
        call = leg.call
        if leg is not call.customer or not call.told or leg.dialled:
            return False
        return call.direction is Direction.INBOUND or leg.extension is None or not any(host.of_extension(leg.extension))

    def _hears_customer(self, leg: Leg) -> bool:
        customer = leg.call.customer
        return customer is not None and customer in self._registry.rooms.together(leg.room)

    def look_at(self, call: Call, at: datetime, *, leaving: Leg | None = None, steps: Leg | None = None) -> None:
        """Tells who joined the customer, who left him and who stepped aside (`steps`) since we last looked."""
        if call.over or (call.customer is not None and call.customer.listens):
            return
        customer = call.customer if call.customer is not leaving else None
        inside = self._registry.rooms.together(customer.room) if customer is not None else []
        now = {leg.uniqueid: leg for leg in inside if leg is not customer}
        aside = self._aside(call, customer, now, leaving, steps) if call.aside or steps is not None else {}
        if now == call.present and not (aside or call.aside):
            return
        before, before_aside = _parties({**call.present, **call.aside}), _parties(call.aside)
        call.present, call.aside = now, aside
        in_safety = customer is not None and customer.last.context == SAFETY
        after, after_aside, with_him = _parties({**aside, **now}), _parties(aside), _parties(now)
        for party, leg in before.items():
            if party not in after:
                call.on_second_line.discard(party)
                self._tell(facts.Left(call=call.id, at=at, party=party, extension=leg.extension))
                self.transfers.left(call, party, at)
        for party, leg in after.items():
            if party not in before:
                self._joins(call, leg, at, in_safety=in_safety)
            elif party in after_aside and party not in before_aside and party not in with_him:
                self._tell(facts.Consults(call=call.id, at=at, party=party, extension=leg.extension))
        for party, leg in before_aside.items():
            if party in with_him:
                self._tell(facts.Returned(call=call.id, at=at, party=party, extension=leg.extension))
                self.transfers.returned(call, party, at)

    def _aside(
        self, call: Call, customer: Leg | None, now: dict[str, Leg], leaving: Leg | None, steps: Leg | None
    ) -> dict[str, Leg]:
        """Those who were with the customer and will be again, as long as he sits where they left him."""
        if customer is None or customer.room is None:
            return {}
        stepped = {**call.aside, **({steps.uniqueid: steps} if steps is not None else {})}
        return {
            key: leg
            for key, leg in stepped.items()
            if key not in now and leg is not leaving and leg.call is call and leg.room is not None
        }

    def _joins(self, call: Call, leg: Leg, at: datetime, *, in_safety: bool) -> None:
        self.tell_arrival(call, at)
        leg.known_as = leg.party
        call.parked = None
        call.connected, call.waiting, call.in_safety, call.hung_up_by = True, None, False, None
        call.refused = 0
        self._tell(
            facts.Joined(
                call=call.id,
                at=at,
                party=leg.party,
                extension=leg.extension,
                in_safety=in_safety,
                offer=leg.offer,
            )
        )
        self.transfers.joined(call, leg, at)

    # --- the end

    def close_if_over(self, call: Call, at: datetime) -> None:
        if not call.over and not self._lives(call, at):
            self.close(call, at)

    def close(self, call: Call, at: datetime, *, cut: bool = False, into: Call | None = None) -> None:
        if call.told and not call.over:
            self.transfers.ends(call, at)
            if into is None and not cut:
                self._miss_ends(call, at)
        self._registry.close(call)
        if into is not None:
            into.asked_for = call.dnis
        if call.told:
            by = HungUpBy.SYSTEM if cut or into is not None or call.hung_up_by is None else call.hung_up_by
            cause = call.cause or (_NORMAL if by is HungUpBy.CALLER else 0)
            merged = into.id if into is not None else None
            self._tell(
                facts.Ended(
                    call=call.id,
                    at=at,
                    hung_up_by=by,
                    cause=cause,
                    cut=cut,
                    into=merged,
                    answered=call.answered,
                    sip_cause=0 if cut or into is not None else call.why_over(by),
                )
            )

    def _miss_ends(self, call: Call, at: datetime) -> None:
        """A dial ends before the call of whoever dialled, and whoever answers is brought together with somebody."""
        if call.picked_up and not call.connected:
            self.odd("answer_without_conversation", call, at)
        for leg in call.legs.values():
            if leg.maker is not None and not (leg.dial_over or leg.wire):
                self._tell(facts.Odd(at=at, what="dial_without_end", raw=leg.name, call=call.id))

    def _lives(self, call: Call, at: datetime) -> bool:
        """A call lives as long as its customer does; without him only while others still talk, or carry on for him."""
        legs = call.legs
        if call.customer is not None and call.customer.uniqueid in legs:
            return True
        if not call.told:
            return bool(legs)
        if call.direction is Direction.INBOUND:
            return self._still_talk(call)
        if len(legs) < (2 if call.connected else 1):
            return False
        call.customer = next(iter(legs.values()))
        self.look_at(call, at)
        return True

    def _still_talk(self, call: Call) -> bool:
        for leg in call.legs.values():
            with_him = [other for other in self._registry.rooms.together(leg.room) if other.uniqueid in call.legs]
            if len(with_him) > 1:
                return True
        return False


def _calls_beside(other: Leg, line: Leg) -> bool:
    """This other line of the phone is in a call that it made itself."""
    call = other.call
    return call is not line.call and call.told and not (call.over or other.dialled or other.summoned or other.going)


def _parties(legs: dict[str, Leg]) -> dict[str, Leg]:
    return {leg.party: leg for leg in legs.values()}


def _who(caller: Leg) -> tuple[str, str, str]:
    """Number, name and dialled number of the one who called; a withheld number is no number."""
    last = caller.last
    now = last.exten if last.context not in CONTEXTS else ""
    dialled = next((number for number in (caller.asked, now) if number not in _NO_NUMBERS), "")
    if caller.extension is not None:
        return caller.extension, last.caller_name, dialled
    if caller.withheld or last.caller_num.lower() in _WITHHELD:
        return "", "", dialled
    return last.caller_num, last.caller_name, dialled


def _direction(source: Leg, dest: Leg) -> Direction:
    if source.extension is None:
        return Direction.INBOUND
    return Direction.OUTBOUND if dest.extension is None else Direction.INTERNAL
