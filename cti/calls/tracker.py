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

    def _understand(self, event: ami.AmiEvent) -> None:  # noqa: PLR0912 - one line per event
        match event:
            case ami.Newchannel() | ami.NewConnectedLine():
                self._registry.leg(event.channel, event.at)
            case ami.NewCallerid():
                self._caller_id(event)
            case ami.Newstate():
                leg = self._registry.leg(event.channel, event.at)
                if leg is not None and event.channel.state is ami.ChannelState.RINGING:
                    self._conversations.rings(leg, event.at)
            case ami.Rename():
                renamed = self._registry.legs.get(event.uniqueid)
                if renamed is not None:
                    renamed.last = replace(renamed.last, name=event.new_name)
            case ami.HangupRequest():
                leg = self._registry.leg(event.channel, event.at)
                if leg is not None and event.by_far_end:
                    leg.call.says_goodbye(leg)
            case ami.Hangup():
                self._hangup(event)
            case ami.DialBegin():
                self._dial_begin(event)
            case ami.DialState():
                leg = self._registry.leg(event.dest, event.at)
                if leg is not None and event.status is ami.DialStatus.RINGING:
                    self._conversations.rings(leg, event.at)
            case ami.DialEnd():
                leg = self._registry.leg(event.dest, event.at)
                if leg is not None:
                    self._conversations.dial_ended(leg, event.status, 0, event.at)
            case ami.BridgeEnter():
                self._conversations.enters(self._registry.leg(event.channel, event.at), event.bridge, event.at)
            case ami.BridgeLeave():
                self._conversations.leaves(self._registry.leg(event.channel, event.at), event.bridge.id, event.at)
            case ami.BridgeDestroy():
                self._conversations.closed(event.bridge.id, event.at)
            case ami.Hold():
                self._conversations.holds(self._registry.leg(event.channel, event.at), True, event.at)
            case ami.Unhold():
                self._conversations.holds(self._registry.leg(event.channel, event.at), False, event.at)
            case ami.UserEvent():
                self._dialplan.says(event)
            case ami.DeviceStateChange():
                self._device(event.device, event.state, event.at)
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
                | ami.ContactStatus()
                | ami.QueueCallerJoin()
                | ami.QueueCallerLeave()
                | ami.AgentCalled()
                | ami.AgentConnect()
                | ami.AgentComplete()
                | ami.FullyBooted()
                | ami.Shutdown()
            ):
                pass  # what they mean for a call is told by the channels and bridges themselves

    # --- legs

    def _caller_id(self, event: ami.NewCallerid) -> None:
        leg = self._registry.leg(event.channel, event.at)
        if leg is not None:
            leg.withheld = event.withheld

    def _hangup(self, event: ami.Hangup) -> None:
        leg = self._registry.legs.get(event.channel.uniqueid)
        if leg is None:
            self._registry.remember_dead(event.channel.uniqueid)
        else:
            self._conversations.gone(leg, event.cause, event.at)

    def _dial_begin(self, event: ami.DialBegin) -> None:
        source = self._registry.leg(event.channel, event.at)
        dest = self._registry.leg(event.dest, event.at)
        if source is None or dest is None:
            return
        if source.call.over:
            self._registry.give(source, self._registry.of_its_own(source, event.at), event.at)
        self._conversations.dials(source, dest, event.at)

    def _device(self, device: str, state: ami.DeviceState, at: datetime) -> None:
        technology, _, extension = device.partition("/")
        reachable = state not in UNREACHABLE
        if technology == "PJSIP" and self._reachable.get(extension) is not reachable:
            self._reachable[extension] = reachable
            self._tell(facts.PhoneReachable(at=at, extension=extension, reachable=reachable))
