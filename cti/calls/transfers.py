"""What becomes of a transfer. Asterisk says only that one was asked for; whether it brought anybody together is known
when the next party joins the customer, or when there is nobody left to try."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from cti.ami.vocabulary import AttendedTransfer, BlindTransfer, DialStatus, ParkedCall
from cti.calls import facts, words
from cti.calls.call import Call, Transfer
from cti.calls.channel import Leg
from cti.calls.registry import Registry
from cti.calls.words import PARK
from cti.causes import REFUSALS
from cti.events import Direction, HungUpBy, RingFor, TransferKind, TransferOutcome

if TYPE_CHECKING:
    from cti.calls.conversation import Conversations

_SUCCESS, _THREE_WAY = "Success", "Threeway"


class Transfers:
    def __init__(self, registry: Registry, conversations: Conversations, tell: Callable[[facts.Fact], None]) -> None:
        self._registry = registry
        self._conversations = conversations
        self._tell = tell

    # --- what Asterisk says of it

    def blind(self, event: BlindTransfer) -> None:
        by = self._registry.leg(event.transferer, event.at)
        given = self._registry.leg(event.transferee, event.at)
        if by is None or by.gave_away == event.extension:
            return  # said twice
        by.gave_away = event.extension
        call = given.call if given is not None else by.call
        to = words.handed_on_to(event.context, event.extension)
        if not self._begin(call, Transfer(kind=TransferKind.BLIND, by=by.party, to=to), event):
            return
        if given is not None and call.customer is by:
            call.customer = given
            self._conversations.look_at(call, event.at)

    def attended(self, event: AttendedTransfer) -> None:
        """Two lines of one phone (or one line twice, by a feature of Asterisk's): the people at their other ends are
        brought together. Which of the two is the customer's is for the call to know, not for the order of the lines."""
        by, second, given, target = (
            self._registry.leg(one, event.at)
            for one in (event.transferer, event.second_transferer, event.transferee, event.target)
        )
        people = [leg for leg in (given, target) if leg is not None and not leg.wire]
        call = self._customers_call(people, by)
        if call is None or by is None or by.gave_away == event.second_transferer.uniqueid:
            return
        by.gave_away = event.second_transferer.uniqueid
        call.attended = True
        others = [leg for leg in people if leg is not call.customer]
        to = (others if len(people) > 1 else []) or self._called_by(call, by, second)
        name = self._asked_for(call, by, second) or (to[0].party if to else event.second_transferer.exten)
        kind = TransferKind.ATTENDED if to and (to[0].dial_over or not to[0].dialled) else TransferKind.BLOND
        transfer = Transfer(kind=kind, by=by.party, to=name)
        if event.dest_type == _THREE_WAY:
            call.threesome, call.consulted = transfer, None
        elif self._begin(call, transfer, event):
            if call.hung_up_by is HungUpBy.AGENT:
                call.hung_up_by = None  # not to end the call, but to hand it over
            self._bring_together(call, by, second, given, event.at)

    def _customers_call(self, people: Sequence[Leg], by: Leg | None) -> Call | None:
        hosts = [leg.call for leg in people if leg is leg.call.customer]
        first = min(hosts, key=lambda call: (call.direction is not Direction.INBOUND, call.began), default=None)
        return first or next((leg.call for leg in people), by.call if by is not None else None)

    def _asked_for(self, call: Call, by: Leg, second: Leg | None) -> str:
        """The number the transferer had dialled, by a feature of Asterisk's or on his second line."""
        maker = call.consulted.maker if call.consulted is not None else None
        if maker is not None and maker.wire:
            return maker.last.device.partition("/")[2].partition("@")[0]
        others = [line.call for line in (second, by) if line is not None and line.call is not call]
        return next((other.dnis for other in others if not other.over), call.asked_for)

    def _called_by(self, call: Call, by: Leg, second: Leg | None) -> list[Leg]:
        """Whom the transferer had called: what still rings, else whom he spoke with."""
        calls = dict.fromkeys((second.call, by.call, call) if second is not None else (call,))
        legs = [leg for one in calls for leg in one.legs.values() if leg.dialled and leg not in (by, second)]
        rings = [leg for leg in legs if not leg.dial_over]
        if rings:
            return rings
        consulted = call.consulted
        return [consulted] if consulted is not None and consulted.uniqueid in self._registry.legs else []

    def _bring_together(self, call: Call, by: Leg, second: Leg | None, given: Leg | None, at: datetime) -> None:
        """Whoever took part in the transferer's other call takes part in the customer's from now on."""
        if given is not None and call.customer in (by, second):
            call.customer = given
        for line in (by, second):
            other = line.call if line is not None else call
            if other is not call and not other.over and other.customer in (None, line):
                for leg in list(other.legs.values()):
                    self._conversations.moves(leg, call, at)
        self._conversations.look_at(call, at)
        transfer, call.consulted = call.transfer, None
        if transfer is not None and any(leg.party != transfer.by for leg in call.present.values()):
            self._is(call, TransferOutcome.COMPLETED, at)

    def _begin(self, call: Call, transfer: Transfer, event: BlindTransfer | AttendedTransfer) -> bool:
        """False when Asterisk refused it."""
        if call.over:
            return False
        self._resolve(call, event.at)
        call.transfer = transfer
        if event.result == _SUCCESS:
            return True
        self._is(call, TransferOutcome.FAILED, event.at)
        return False

    def parked(self, event: ParkedCall) -> None:
        """Handed to a parking lot, and so to nobody in particular."""
        leg = self._registry.leg(event.channel, event.at)
        if leg is None:
            return
        leg.call.transfer = None
        call = leg.call
        if leg is call.customer and call.told and not call.over and call.parked != event.space:
            call.parked, call.unparked = event.space, False
            self._conversations.is_alone(leg, event.at)
            by = leg.last.exten if leg.last.context == PARK else ""
            self._tell(facts.Parked(call=leg.call.id, at=event.at, place=event.space, by=by))

    # --- what happens then

    def gives_back(self, leg: Leg) -> Call | None:
        """The call for which Asterisk calls this phone of its own accord: nobody took the customer whom it gave away.
        Only our stamp tells for which; without it a phone has one such call at most, or we do not know."""
        if leg.extension is None:
            return None
        known = [leg.call] if leg.stamp is not None else self._registry.calls.values()
        calls = [call for call in known if self._comes_back(call, leg.extension)]
        return calls[0] if len(calls) == 1 else None

    def _comes_back(self, call: Call, extension: str) -> bool:
        transfer = call.transfer
        if transfer is None or transfer.kind is TransferKind.BLIND or call.present:
            return False
        return transfer.by == extension and transfer.tried is not None

    def why_rings(self, leg: Leg) -> tuple[RingFor, str]:
        """For what this phone rings, and who sent the call there."""
        call, transfer = leg.call, leg.call.transfer
        if transfer is not None:
            return (RingFor.RECALL if leg.party == transfer.by else RingFor.TRANSFER), transfer.by
        if leg is call.consulted and call.aside:
            return RingFor.CONSULTATION, next(iter(call.aside.values())).party
        return RingFor.CALL, ""

    def dial_ended(self, leg: Leg, status: DialStatus, cause: int, at: datetime) -> None:
        call, how = leg.call, DialStatus.BUSY if cause in REFUSALS else status
        if call.transfer is not None and leg.party != call.transfer.by:
            call.transfer.tried = how
        elif call.transfer is not None:
            call.transfer.tried = call.transfer.tried or DialStatus.UNREACHABLE  # he is called back
        if leg is call.consulted:
            call.advice = how
            if call.taken_back:
                self._taken_back(call, call.taken_back, at)

    def joined(self, call: Call, leg: Leg, at: datetime) -> None:
        party, transfer = leg.party, call.transfer
        if transfer is None:
            call.brought_together |= call.consulted is leg
            return
        if not (leg.dialled or leg.summoned) and transfer.kind is TransferKind.BLIND:
            self._conversations.odd("came_by_himself", call, at)
        if party != transfer.by:
            self._is(call, TransferOutcome.COMPLETED, at)
        elif transfer.tried is not None:
            self._resolve(call, at)  # called back: nobody had answered

    def in_his_line(self, call: Call, at: datetime) -> None:
        """Whoever was tried has not taken him. (Who was handed to the queue itself has tried nobody yet.)"""
        if call.transfer is not None and call.transfer.tried is not None:
            self._resolve(call, at)

    def left(self, call: Call, party: str, at: datetime) -> None:
        customer, consulted = call.customer, call.consulted
        if consulted is not None and (customer is None or customer.room is None) and party != consulted.party:
            self._taken_back(call, party, at)  # he did not wait for it
        elif consulted is not None and party != consulted.party and call.transfer is None and call.threesome is None:
            call.brought_together = True  # who goes in the middle of a consultation hands the customer over
        threesome = call.threesome
        if threesome is not None and party in (threesome.by, threesome.to):
            call.threesome = None
            stays = any(leg.party == threesome.to for leg in call.present.values())
            if party == threesome.by and stays and call.hung_up_by is None:
                call.transfer = threesome
                self._is(call, TransferOutcome.COMPLETED, at)

    def returned(self, call: Call, party: str, at: datetime) -> None:
        """The one who had stepped aside is back; whom he called is not with the customer."""
        consulted = call.consulted
        if consulted is None or consulted.uniqueid in call.present or call.transfer is not None:
            return
        call.taken_back = party
        if consulted.dial_over or consulted.uniqueid not in self._registry.legs:
            self._taken_back(call, party, at)

    def _taken_back(self, call: Call, party: str, at: datetime) -> None:
        consulted, advice = call.consulted, call.advice
        call.consulted, call.advice, call.taken_back = None, None, ""
        if consulted is not None and call.transfer is None:
            call.transfer = Transfer(kind=TransferKind.ATTENDED, by=party, to=consulted.party, tried=advice)
            self._is(call, self._came_to(call.transfer, gave_up=True), at)

    def ends(self, call: Call, at: datetime) -> None:
        if call.brought_together and not call.attended:
            self._conversations.odd("transfer_not_heard", call, at)
        if call.taken_back:
            self._taken_back(call, call.taken_back, at)
        self._resolve(call, at)

    def _resolve(self, call: Call, at: datetime) -> None:
        """There was one under way; it has come to nothing."""
        if call.transfer is not None:
            gave_up = call.hung_up_by is HungUpBy.CALLER
            self._is(call, self._came_to(call.transfer, gave_up=gave_up), at)

    def _came_to(self, transfer: Transfer, *, gave_up: bool) -> TransferOutcome:
        """`gave_up`: somebody put an end to it, before its own time was over."""
        match transfer.tried:
            case DialStatus.BUSY:
                return TransferOutcome.BUSY
            case DialStatus.NO_ANSWER:
                return TransferOutcome.NO_ANSWER
            case DialStatus.CANCEL | DialStatus.ANSWER | DialStatus.RINGING:
                return TransferOutcome.CANCELLED if gave_up else TransferOutcome.NO_ANSWER
            case None if gave_up:
                return TransferOutcome.CANCELLED
            case _:
                return TransferOutcome.FAILED

    def _is(self, call: Call, outcome: TransferOutcome, at: datetime) -> None:
        transfer, call.transfer = call.transfer, None
        if transfer is not None:
            told = facts.Transferred(
                call=call.id, at=at, kind=transfer.kind, by=transfer.by, to=transfer.to, outcome=outcome
            )
            self._tell(told)
