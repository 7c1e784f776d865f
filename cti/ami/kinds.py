"""Every kind of event we understand, as a table: its class, and of which parts of the text its fields are made.

What tells nothing about a call that others do not tell as well (that a bridge was made, a recording begun, a member of
Asterisk's own queue called) is not here, so that nobody reads it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields

from cti.ami import vocabulary as ami
from cti.ami.parts import (
    Part,
    bridge,
    constant,
    flag,
    leg,
    made_of,
    needed,
    number,
    number_or_none,
    text,
    text_or_none,
    word,
)
from cti.ami.swift import swift
from cti.ami.vocabulary import AmiEvent, DeviceState, DialStatus


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of event: its class, and what stands in its fields after `server` and `at`."""

    make: Callable[..., AmiEvent]
    parts: tuple[Part, ...]


def _kind(cls: type[AmiEvent], **parts: Part) -> Kind:
    order = [field.name for field in fields(cls)]
    if order != ["server", "at", *parts]:
        raise TypeError(f"{cls.__name__} has the fields {order}, not {list(parts)}")
    return Kind(swift(cls), tuple(parts.values()))


_STATUS = word("DialStatus", DialStatus, DialStatus.UNKNOWN)
_STATE = word("State", DeviceState, DeviceState.UNKNOWN)


def _is_withheld(presentation: str) -> bool:
    """`32 (Presentation Prohibited …)`: bits 5 and 6 say restricted or unavailable."""
    code = presentation.partition(" ")[0]
    return code.isdecimal() and bool(int(code) & 0x60)


def _dial(cls: type[AmiEvent]) -> Kind:
    return _kind(cls, channel=leg(may_lack=True), dest=leg("Dest"), status=_STATUS, forward=text("Forward"))


_SIP = number("TechCause")


def _asked_to_go(*, by_far_end: bool) -> Kind:
    parts = {"by_far_end": constant(by_far_end), "cause": number("Cause"), "sip_cause": _SIP}
    return _kind(ami.HangupRequest, channel=leg(), **parts)


KINDS: Mapping[str, Kind] = {
    "Newchannel": _kind(ami.Newchannel, channel=leg()),
    "Newstate": _kind(ami.Newstate, channel=leg()),
    "NewCallerid": _kind(ami.NewCallerid, channel=leg(), withheld=made_of("CID-CallingPres", _is_withheld)),
    "NewConnectedLine": _kind(ami.NewConnectedLine, channel=leg()),
    "Rename": _kind(ami.Rename, uniqueid=needed("Uniqueid"), old_name=needed("Channel"), new_name=needed("Newname")),
    "HangupRequest": _asked_to_go(by_far_end=True),
    "SoftHangupRequest": _asked_to_go(by_far_end=False),
    "Hangup": _kind(ami.Hangup, channel=leg(), cause=number("Cause"), cause_text=text("Cause-txt"), sip_cause=_SIP),
    "DialBegin": _kind(ami.DialBegin, channel=leg(may_lack=True), dest=leg("Dest"), dial_string=text("DialString")),
    "DialState": _dial(ami.DialState),
    "DialEnd": _dial(ami.DialEnd),
    "BridgeEnter": _kind(ami.BridgeEnter, bridge=bridge(), channel=leg(), swap=text_or_none("SwapUniqueid")),
    "BridgeLeave": _kind(ami.BridgeLeave, bridge=bridge(), channel=leg()),
    "BridgeDestroy": _kind(ami.BridgeDestroy, bridge=bridge()),
    "BridgeMerge": _kind(ami.BridgeMerge, into=bridge("To"), gone=bridge("From")),
    "Hold": _kind(ami.Hold, channel=leg(), music_class=text("MusicClass")),
    "Unhold": _kind(ami.Unhold, channel=leg()),
    "DTMFEnd": _kind(ami.KeyPressed, channel=leg(), key=needed("Digit"), received=flag("Direction", "Received")),
    "BlindTransfer": _kind(
        ami.BlindTransfer,
        result=needed("Result"),
        transferer=leg("Transferer"),
        transferee=leg("Transferee", may_lack=True),
        bridge=bridge(may_lack=True),
        context=text("Context"),
        extension=text("Extension"),
        external=flag("IsExternal", "Yes"),
    ),
    "AttendedTransfer": _kind(
        ami.AttendedTransfer,
        result=needed("Result"),
        transferer=leg("OrigTransferer"),
        second_transferer=leg("SecondTransferer"),
        bridge=bridge("Orig", may_lack=True),
        second_bridge=bridge("Second", may_lack=True),
        dest_type=text("DestType"),
        dest_bridge=text("DestBridgeUniqueid"),
        dest_app=text("DestApp"),
        dest_channel=text("DestTransfererChannel"),
        transferee=leg("Transferee", may_lack=True),
        target=leg("TransferTarget", may_lack=True),
        local_one=leg("LocalOne", may_lack=True),
        local_two=leg("LocalTwo", may_lack=True),
        external=flag("IsExternal", "Yes"),
    ),
    "ParkedCall": _kind(ami.ParkedCall, channel=leg("Parkee"), space=text("ParkingSpace")),
    "OriginateResponse": _kind(
        ami.OriginateResponse,
        action_id=text("ActionID"),
        success=flag("Response", "Success", need=True),
        channel=text("Channel"),
        uniqueid=made_of("Uniqueid", lambda value: "" if value == "<null>" else value),
        reason=number("Reason"),
        context=text("Context"),
        exten=text("Exten"),
    ),
    "DeviceStateChange": _kind(ami.DeviceStateChange, device=needed("Device"), state=_STATE),
    "ContactStatus": _kind(
        ami.ContactStatus,
        endpoint=text("EndpointName"),
        aor=needed("AOR"),
        status=needed("ContactStatus"),
        uri=text("URI"),
    ),
    "QueueCallerJoin": _kind(
        ami.QueueCallerJoin,
        channel=leg(),
        queue=needed("Queue"),
        position=number("Position"),
        count=number("Count"),
    ),
    "FullyBooted": _kind(
        ami.FullyBooted, uptime_s=number_or_none("Uptime"), last_reload_s=number_or_none("LastReload")
    ),
    "Shutdown": _kind(
        ami.Shutdown,
        clean=made_of("Shutdown", lambda value: value != "Uncleanly"),
        restart=flag("Restart", "True"),
    ),
}

USER_EVENT = "UserEvent"
"""Our dialplan's own words: of any shape, so not in the table."""
WANTED: frozenset[str] = frozenset({*KINDS, USER_EVENT})
"""The event names we understand; all others are dropped on the wire, before anything is parsed."""
