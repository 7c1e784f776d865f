"""Station 3 of a call's way: channels and bridges become calls. `hear(event)` answers with what it means, as facts.

One tracker per Asterisk. Whatever comes late, twice or not at all gives a sensible story and perhaps an `Odd`, never
an exception. Calls are known by our own stamp (CW_CALL); legs without one make calls of their own.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime

from crm_core.kernel.ids import CallId, ServerId
from cti.ami import vocabulary as ami
from cti.calls import facts
from cti.calls.call import Call
from cti.calls.channel import Leg
from cti.calls.conversation import Conversations
from cti.calls.dialplan import Dialplan
from cti.calls.registry import Registry
from cti.calls.resync import take_stock

UNREACHABLE = (ami.DeviceState.UNAVAILABLE, ami.DeviceState.INVALID, ami.DeviceState.UNKNOWN)


def looks_like_extension(endpoint: str) -> bool:
    """For traces of an Asterisk whose phones we do not know: short numbers are phones, everything else is outside."""
    return endpoint.isdecimal() and len(endpoint) <= 5


class Tracker:
    def __init__(self, server: ServerId, is_phone: Callable[[str], bool] = looks_like_extension) -> None:
        self._facts: list[facts.Fact] = []
        self._registry = Registry(server, is_phone, self._tell)
        self._conversations = Conversations(self._registry, self._tell)
        self._dialplan = Dialplan(self._registry, self._conversations, self._tell)
        self._reachable: dict[str, bool] = {}

    @property
    def calls(self) -> Mapping[CallId, Call]:
        """Every call of this server that is not over; to look at only."""
        return self._registry.calls

    def legs_at(self, extension: str, call: CallId) -> list[str]:
        """The channels by which this phone has to do with the call, even if that is over."""
        legs = self._registry.at_phone.get(extension, {}).values()
        return [leg.name for leg in legs if leg.call.id == call]

    def busy_phones(self) -> list[str]:
        """Extensions with any leg at all."""
        return [extension for extension, legs in self._registry.at_phone.items() if legs]

    def hear(self, event: ami.AmiEvent) -> list[facts.Fact]:
        self._understand(event)
        told, self._facts = self._facts, []
        return told

    def forget_channel(self, name: str, at: datetime) -> list[facts.Fact]:
        """Asterisk says there is no such channel though we never heard it end: it has ended now."""
        for leg in [leg for leg in self._registry.legs.values() if leg.name == name]:
            self._conversations.gone(leg, 0, at)
        told, self._facts = self._facts, []
        return told

    def _tell(self, fact: facts.Fact) -> None:
        self._facts.append(fact)

    def _understand(self, event: ami.AmiEvent) -> None:
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
            case ami.BridgeEnter() | ami.BridgeLeave() | ami.BridgeDestroy() | ami.Hold() | ami.Unhold():
                self._together(event)
            case ami.UserEvent():
                self._dialplan.says(event)
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
            case (
                ami.BridgeCreate()
                | ami.BridgeMerge()
                | ami.BlindTransfer()
                | ami.AttendedTransfer()
                | ami.LocalBridge()
                | ami.OriginateResponse()
                | ami.MixMonitorStart()
                | ami.MixMonitorStop()
                | ami.QueueCallerJoin()
                | ami.QueueCallerLeave()
                | ami.AgentCalled()
                | ami.AgentConnect()
                | ami.AgentComplete()
                | ami.FullyBooted()
                | ami.Shutdown()
            ):
                pass  # what they mean for a call is told by the channels and bridges themselves

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
        leg = self._registry.leg(event.channel, event.at)
        if leg is None:
            return
        match event:
            case ami.NewCallerid():
                leg.withheld = event.withheld
            case ami.Newstate():
                if event.channel.state is ami.ChannelState.RINGING:
                    self._conversations.rings(leg, event.at)
            case ami.HangupRequest():
                if event.by_far_end:
                    leg.cause = event.cause
                    leg.call.says_goodbye(leg)
            case _:
                pass  # that it was heard of is all there is to it

    def _renamed(self, event: ami.Rename) -> None:
        leg = self._registry.legs.get(event.uniqueid)
        if leg is not None:
            leg.last = replace(leg.last, name=event.new_name)

    def _hangup(self, event: ami.Hangup) -> None:
        leg = self._registry.legs.get(event.channel.uniqueid)
        if leg is None:
            self._registry.remember_dead(event.channel.uniqueid)
        else:
            self._conversations.gone(leg, event.cause, event.at)

    def _dial(self, event: ami.DialBegin | ami.DialState | ami.DialEnd) -> None:
        source = self._registry.leg(event.channel, event.at)
        dest = self._registry.leg(event.dest, event.at)
        if dest is None:
            return
        match event:
            case ami.DialBegin():
                if source is not None:
                    self._dial_begins(source, dest, event.at)
            case ami.DialState():
                if event.status is ami.DialStatus.RINGING:
                    self._conversations.rings(dest, event.at)
            case ami.DialEnd():
                self._conversations.dial_ended(dest, event.status, dest.cause, event.at)

    def _dial_begins(self, source: Leg, dest: Leg, at: datetime) -> None:
        if source.call.over:
            self._registry.give(source, self._registry.of_its_own(source, at), at)
        self._conversations.dials(source, dest, at)

    def _together(self, event: ami.BridgeEnter | ami.BridgeLeave | ami.BridgeDestroy | ami.Hold | ami.Unhold) -> None:
        if isinstance(event, ami.BridgeDestroy):
            self._conversations.closed(event.bridge.id, event.at)
            return
        leg = self._registry.leg(event.channel, event.at)
        if leg is None:
            return
        match event:
            case ami.BridgeEnter():
                self._conversations.enters(leg, event.bridge, event.at)
            case ami.BridgeLeave():
                self._conversations.leaves(leg, event.bridge.id, event.at)
            case ami.Hold():
                self._conversations.holds(leg, True, event.at)
            case ami.Unhold():
                self._conversations.holds(leg, False, event.at)

    def _device(self, device: str, state: ami.DeviceState, at: datetime) -> None:
        technology, _, endpoint = device.partition("/")
        reachable = state not in UNREACHABLE
        if technology == "PJSIP" and self._reachable.get(endpoint) is not reachable:
            self._reachable[endpoint] = reachable
            self._tell(facts.PhoneReachable(at=at, extension=endpoint, reachable=reachable))

    def _contact(self, event: ami.ContactStatus) -> None:
        endpoint = event.endpoint or event.aor
        if event.status == "Removed" and self._registry.is_phone(endpoint):
            self._tell(facts.ContactGone(at=event.at, extension=endpoint))
