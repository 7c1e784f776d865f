"""Station 3 of a call's way: channels and bridges become calls. `hear(event)` answers with what it means, as facts.

One tracker per Asterisk. Whatever comes late, twice or not at all gives a sensible story and perhaps an `Odd`, never
an exception. Calls are known by our own stamp (CW_CALL); legs without one make calls of their own.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import datetime

from crm_core.kernel.ids import CallId, ServerId
from cti.ami import vocabulary as ami
from cti.calls import facts
from cti.calls.bridge import is_conversation
from cti.calls.call import Call
from cti.calls.channel import Leg, is_between_names, is_dead
from cti.calls.conversation import Conversations
from cti.calls.dialplan import Dialplan
from cti.calls.registry import ExtensionOf, Registry
from cti.calls.resync import take_stock
from cti.causes import ELSEWHERE, REFUSALS

UNREACHABLE = (ami.DeviceState.UNAVAILABLE, ami.DeviceState.INVALID, ami.DeviceState.UNKNOWN)


def looks_like_extension(endpoint: str) -> bool:
    """For traces of an Asterisk whose phones we do not know: short numbers are phones, everything else is outside."""
    return endpoint.isdecimal() and len(endpoint) <= 5


def by_endpoint(is_phone: Callable[[str], bool]) -> ExtensionOf:
    """Phones whose endpoint is called as their extension, as our own Asterisks have them."""

    def extension(channel: ami.Channel) -> str | None:
        endpoint = channel.device.partition("/")[2]
        return endpoint if is_phone(endpoint) else None

    return extension


_REGISTERS = ("Created", "Updated", "Reachable", "NonQualified")
_USER = re.compile(r"sips?:([^@;]+)@")
_LIKE_EXTENSIONS = by_endpoint(looks_like_extension)


class Tracker:
    def __init__(
        self,
        server: ServerId,
        extension_of: ExtensionOf = _LIKE_EXTENSIONS,
        *,
        every_call: bool = False,
    ) -> None:
        self.server = server
        self._facts: list[facts.Fact] = []
        self._extension_of, self._every_call = extension_of, every_call
        self._registry = Registry(server, extension_of, self._tell)
        self._conversations = Conversations(self._registry, self._tell, every_call=every_call)
        self._dialplan = Dialplan(self._registry, self._conversations, self._tell)
        self._reachable: dict[str, bool] = {}
        self._last_originated: ami.OriginateResponse | None = None

    @property
    def calls(self) -> Mapping[CallId, Call]:
        """Every call of this server that is not over; to look at only."""
        return self._registry.calls

    def legs_at(self, extension: str, call: CallId) -> list[str]:
        """The channels by which this phone has to do with the call, even if that is over."""
        legs = self._registry.at_phone.get(extension, {}).values()
        return [leg.name for leg in legs if leg.call.id == call]

    def keeps_busy(self, extension: str, call: CallId) -> bool:
        """Whether the call still takes up this phone: it has not said good-bye."""
        legs = self._registry.at_phone.get(extension, {}).values()
        return any(leg.call.id == call and not leg.said_bye for leg in legs)

    def channel_of(self, uniqueid: str) -> str | None:
        """The name of a leg, as long as it lives."""
        leg = self._registry.legs.get(uniqueid)
        return leg.name if leg is not None else None

    def listeners(self) -> list[Leg]:
        """Phones of supervisors who hear a conversation, as far as their place is known."""
        return [leg for leg in self._registry.legs.values() if leg.listens]

    def legs_in(self, context: str) -> list[Leg]:
        """Those that are there in the dialplan, as far as it is known."""
        return [leg for leg in self._registry.legs.values() if leg.last.context == context]

    def legs_named(self, mark: str) -> list[Leg]:
        """Those that have it in their unique id."""
        return [leg for uniqueid, leg in self._registry.legs.items() if mark in uniqueid]

    def leg_of(self, uniqueid: str) -> Leg | None:
        return self._registry.legs.get(uniqueid)

    def busy_phones(self) -> list[str]:
        """Extensions with any leg at all."""
        return [extension for extension, legs in self._registry.at_phone.items() if legs]

    def hear(self, event: ami.AmiEvent) -> list[facts.Fact]:
        self._understand(event)
        told, self._facts = self._facts, []
        return told

    def forget_channel(self, name: str, at: datetime) -> list[facts.Fact]:
        """Asterisk says there is no such channel though we never heard it end: it has ended now."""
        for leg in list(self._registry.named(name)):
            self._conversations.gone(leg, 0, at)
        told, self._facts = self._facts, []
        return told

    def breaks_off(self) -> list[facts.Fact]:
        """Nothing more will be heard: also who has reached nobody so far is told of."""
        for call in list(self._registry.calls.values()):
            self._conversations.tell_silent(call)
            for leg in list(call.legs.values()):
                self._conversations.tell_programmed(leg)
        told, self._facts = self._facts, []
        return told

    def _tell(self, fact: facts.Fact) -> None:
        self._facts.append(fact)

    def _understand(self, event: ami.AmiEvent) -> None:  # noqa: PLR0912 - a table
        self._conversations.time_passes(event.at)
        match event:
            case (
                ami.Newchannel()
                | ami.NewConnectedLine()
                | ami.NewCallerid()
                | ami.Newstate()
                | ami.Rename()
                | ami.HangupRequest()
                | ami.Hangup()
            ):
                self._leg(event)
            case ami.DialBegin() | ami.DialState() | ami.DialEnd():
                self._dial(event)
            case (
                ami.BridgeEnter()
                | ami.BridgeLeave()
                | ami.BridgeMerge()
                | ami.BridgeDestroy()
                | ami.Hold()
                | ami.Unhold()
            ):
                self._together(event)
            case ami.KeyPressed():
                self._pressed(event)
            case ami.BlindTransfer():
                self._conversations.transfers.blind(event)
            case ami.AttendedTransfer():
                self._conversations.transfers.attended(event)
            case ami.ParkedCall():
                self._conversations.transfers.parked(event)
            case ami.UserEvent():
                self._dialplan.says(event)
            case ami.QueueCallerJoin():
                self._queue(event)
            case ami.OriginateResponse():
                self._originated(event)
            case ami.DeviceStateChange():
                self._device(event.device, event.state, event.at)
            case ami.ContactStatus():
                self._contact(event)
            case ami.Snapshot():
                take_stock(event, self._registry, self._conversations, self._tell)
                for device, state in event.devices.items():
                    self._device(device, state, event.at)
            case ami.Unknown():
                self._tell(facts.Odd(at=event.at, what="unknown_event", raw=event.name))
            case ami.FullyBooted() | ami.Shutdown():
                pass

    def _leg(
        self,
        event: ami.Newchannel
        | ami.NewConnectedLine
        | ami.NewCallerid
        | ami.Newstate
        | ami.Rename
        | ami.HangupRequest
        | ami.Hangup,
    ) -> None:
        if isinstance(event, ami.Hangup):
            self._hangup(event)
            return
        if isinstance(event, ami.Rename):
            self._renamed(event)
            return
        leg = self._registry.leg(event.channel, event.at, is_born=isinstance(event, ami.Newchannel))
        if leg is None:
            return
        match event:
            case ami.Newchannel():
                leg.asked = leg.asked or event.channel.exten
            case ami.NewCallerid():
                leg.withheld = event.withheld
            case ami.Newstate():
                if event.channel.state is ami.ChannelState.RINGING:
                    self._conversations.rings(leg, event.at)
            case ami.HangupRequest():
                leg.going = True
                self._conversations.settle(leg, event.at)
                if event.by_far_end and not _was_told_no(leg, event):
                    leg.said_bye, leg.cause, leg.sip_cause = True, event.cause, event.sip_cause
                    leg.call.says_goodbye(leg)
            case _:
                pass  # that it was heard of is all there is to it

    def _renamed(self, event: ami.Rename) -> None:
        """Two channels change their places: the one keeps its part in the call and gets the other's phone, the other
        is left over and dies. A helper that gets somebody's name is that somebody from now on."""
        leg, name = self._registry.legs.get(event.uniqueid), event.new_name
        if is_between_names(name):
            return
        if is_dead(name):
            self._left_over(event.uniqueid, event.at)
        elif leg is None:
            self._goes_on(event.uniqueid, name, event.at)
        elif leg.name != name:
            rings = leg.ringing
            self._conversations.picked_up(leg.call, event.at)
            self._registry.becomes(leg, name, event.at)
            leg.dial_over = leg.dial_over and not rings  # that was the other phone's

    def _goes_on(self, uniqueid: str, name: str, at: datetime) -> None:
        for old in list(self._registry.named(name)):
            self._registry.goes_on_as(old, uniqueid, name, at)

    def _left_over(self, uniqueid: str, at: datetime) -> None:
        leg = self._registry.legs.get(uniqueid)
        if leg is not None:
            self._conversations.gone(leg, 0, at)

    def _hangup(self, event: ami.Hangup) -> None:
        leg = self._registry.legs.get(event.channel.uniqueid)
        if leg is None and self._every_call:
            leg = self._registry.leg(event.channel, event.at)
        if leg is None:
            self._registry.remember_dead(event.channel.uniqueid)
            return
        if leg.room is not None and leg.leaving is None:
            self._odd("hung_up_in_a_bridge", leg, event.at)
        if leg.maker is not None and not (leg.dial_over or leg.wire or leg.call.over or event.cause == ELSEWHERE):
            self._odd("dial_without_end", leg, event.at)
        leg.sip_cause = leg.sip_cause or event.sip_cause
        self._conversations.gone(leg, event.cause, event.at)

    def _dial(self, event: ami.DialBegin | ami.DialState | ami.DialEnd) -> None:
        source = self._registry.leg(event.channel, event.at)
        dest = self._registry.leg(event.dest, event.at)
        if dest is None:
            return
        if source is not None and dest.maker is None and not isinstance(event, ami.DialBegin) and not dest.call.over:
            if isinstance(event, ami.DialEnd) and dest.call.customer is dest and not source.call.over:
                self._conversations.picked_up(source.call, event.at)
            else:
                self._odd("dial_without_beginning", dest, event.at)
            self._dial_begins(source, dest, event.at)
        called = dest.wire or dest.summoned or dest.maker is not None or dest.call.over
        if event.channel is None and not (called or isinstance(event, ami.DialBegin)):
            self._conversations.odd("dial_without_beginning", dest.call, event.at)
            self._dial_begins(None, dest, event.at)
        match event:
            case ami.DialBegin():
                dest.is_called(event.dial_string)
                self._dial_begins(source, dest, event.at)
            case ami.DialState():
                if event.status is ami.DialStatus.RINGING:
                    self._conversations.rings(dest, event.at)
            case ami.DialEnd():
                self._conversations.dial_ended(dest, event.status, dest.cause, event.at)

    def _dial_begins(self, source: Leg | None, dest: Leg, at: datetime) -> None:
        if source is not None:
            self._conversations.settle(source, at)
            if source.call.over:
                self._registry.give(source, self._registry.of_its_own(source, at), at)
        self._conversations.dials(source, dest, at)

    def _together(
        self,
        event: ami.BridgeEnter | ami.BridgeLeave | ami.BridgeMerge | ami.BridgeDestroy | ami.Hold | ami.Unhold,
    ) -> None:
        if isinstance(event, ami.BridgeDestroy):
            self._conversations.closed(event.bridge.id, event.at)
            return
        if isinstance(event, ami.BridgeMerge):
            self._conversations.merged(event.into.id, event.gone.id, event.at)
            return
        leg = self._registry.leg(event.channel, event.at)
        if leg is None:
            return
        match event:
            case ami.BridgeEnter():
                self._conversations.enters(leg, event.bridge, event.at, event.swap)
            case ami.BridgeLeave():
                if leg.room is None and leg.was_in != event.bridge.id and is_conversation(event.bridge):
                    self._unseen(leg, event.bridge, event.at)
                    self._conversations.enters(leg, event.bridge, event.at)
                self._conversations.leaves(leg, event.bridge.id, event.at)
            case ami.Hold():
                self._conversations.holds(leg, True, event.at)
            case ami.Unhold():
                self._conversations.holds(leg, False, event.at)

    def _unseen(self, leg: Leg, bridge: ami.Bridge, at: datetime) -> None:
        """It was in this bridge, and whoever else is there was with it unheard."""
        self._odd("left_without_entering", leg, at)
        for other in self._registry.rooms.inside(bridge.id):
            if other.call is not leg.call:
                self._conversations.odd("left_without_entering", other.call, at)

    def _pressed(self, event: ami.KeyPressed) -> None:
        """Of interest is what the customer of a call wants."""
        leg = self._registry.legs.get(event.channel.uniqueid)
        if event.received and leg is not None and leg.call.told and leg is leg.call.customer:
            self._tell(facts.Pressed(call=leg.call.id, at=event.at, key=event.key))

    def _queue(self, event: ami.QueueCallerJoin) -> None:
        leg = self._registry.leg(event.channel, event.at)
        if leg is None or leg.call.over or leg.call.in_safety or leg.call.in_queue == event.queue:
            return
        self._conversations.queues(leg, event.queue, event.at)

    def _originated(self, event: ami.OriginateResponse) -> None:
        if event != self._last_originated:
            self._last_originated = event
            self._tell(facts.Summoned(at=event.at, leg=event.uniqueid, answered=event.success))

    def _device(self, device: str, state: ami.DeviceState, at: datetime) -> None:
        technology, _, endpoint = device.partition("/")
        reachable = state not in UNREACHABLE
        if technology == "PJSIP" and self._reachable.get(endpoint) is not reachable:
            self._reachable[endpoint] = reachable
            self._tell(facts.PhoneReachable(at=at, extension=endpoint, reachable=reachable))

    def _contact(self, event: ami.ContactStatus) -> None:
        endpoint = event.endpoint or event.aor
        if event.status == "Removed" and self._is_phone(endpoint):
            self._tell(facts.ContactGone(at=event.at, extension=endpoint))
        elif event.status in _REGISTERS and self._is_phone(endpoint) and (name := _USER.match(event.uri)):
            self._tell(facts.ContactSeen(at=event.at, extension=endpoint, contact=name[1]))

    def _odd(self, what: str, leg: Leg, at: datetime) -> None:
        self._tell(facts.Odd(at=at, what=what, raw=leg.name, call=leg.call.id))

    def _is_phone(self, endpoint: str) -> bool:
        return self._extension_of(ami.Channel(name=f"PJSIP/{endpoint}-0", uniqueid="")) is not None


def _was_told_no(leg: Leg, event: ami.HangupRequest) -> bool:
    """Who called and was never answered does not go by himself when his line is refused: he was hung up on."""
    calls = not (leg.dialled or leg.summoned) and event.channel.state is not ami.ChannelState.UP
    return calls and event.cause in REFUSALS
