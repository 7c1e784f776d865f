"""Turns what Asterisk wrote into the values of `cti.ami.vocabulary`. Nothing here ever raises for what was written.

`parse_block` takes the text of one event, `parse_event` its headers (from a trace kept as JSON, say).
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime

from crm_core.kernel.ids import CallId, ServerId
from cti.ami import vocabulary as ami
from cti.ami.swift import swift
from cti.ami.vocabulary import Bridge, Channel, ChannelState, DeviceState, DialStatus, Headers

_CALL = "CW_CALL="

_channel_states = {state.value: state for state in ChannelState}
_dial_statuses = {status.value: status for status in DialStatus}
_device_states = {state.value: state for state in DeviceState}

_make_channel = swift(Channel)
_make_bridge = swift(Bridge)

# --- words


def time_of(stamp: str, otherwise: datetime) -> datetime:
    """`1795341784.237960` as an aware datetime."""
    try:
        return datetime.fromtimestamp(float(stamp), UTC) if stamp else otherwise
    except (ValueError, OverflowError, OSError):
        return otherwise


def device_state(word: str) -> DeviceState:
    return _device_states.get(word, DeviceState.UNKNOWN)


def parse_headers(text: str) -> dict[str, str]:
    """Every header of one message; empty ones are kept, values of repeated ones joined by a newline."""
    headers: dict[str, str] = {}
    for line in text.split("\r\n") if text else ():
        key, _, value = line.partition(":")
        if value[:1] == " ":
            value = value[1:]
        headers[key] = f"{headers[key]}\n{value}" if key in headers else value
    return headers


def _known(text: str) -> str:
    return "" if text == "<unknown>" else text


def _number(text: str) -> int:
    return int(text) if text.isdecimal() else 0


def _count(text: str) -> int | None:
    return int(text) if text.isdecimal() else None


def _withheld(presentation: str) -> bool:
    """`CID-CallingPres: 32 (…)`: bits 5 and 6 of the number say restricted or unavailable."""
    return bool(_number(presentation.partition(" ")[0]) & 0x60)


# --- legs and bridges


def _pattern_of_leg(prefix: str) -> re.Pattern[str]:
    """How Asterisk writes a leg. `<unknown>` is eaten; more than our own channel variable may be sent along."""
    value, ignored, known = r"([^\r\n]*)", r"[^\r\n]*", r"(?:<unknown>)?([^\r\n]*)"
    lines = [
        rf"Channel: {value}", rf"ChannelState: {ignored}", rf"ChannelStateDesc: {value}",
        rf"CallerIDNum: {known}", rf"CallerIDName: {known}",
        rf"ConnectedLineNum: {known}", rf"ConnectedLineName: {known}", rf"Language: {ignored}",
        rf"AccountCode: {value}", rf"Context: {value}", rf"Exten: {value}", rf"Priority: {value}",
        rf"Uniqueid: {value}", rf"Linkedid: {value}",
    ]  # fmt: skip
    other = rf"(?:\r\n{prefix}(?!ChanVariable: {_CALL})(?:ChanVariable|[Tt]enant[Ii][Dd]): {ignored})*"
    ours = rf"(?:\r\n{prefix}ChanVariable: {_CALL}{value})?"
    return re.compile("".join(rf"\r\n{prefix}{line}" for line in lines) + other + ours)


_PREFIXES = (
    "", "Dest", "Transferer", "Transferee", "OrigTransferer", "SecondTransferer", "TransferTarget",
    "LocalOne", "LocalTwo",
)  # fmt: skip
_legs = {prefix: _pattern_of_leg(prefix) for prefix in _PREFIXES}


def _leg_of_match(found: re.Match[str]) -> Channel:
    (
        name, state, number, caller, connected_number, connected, account,
        context, exten, priority, uniqueid, linkedid, call,
    ) = found.groups()  # fmt: skip
    return _make_channel(
        name,
        uniqueid,
        linkedid,
        _channel_states.get(state, ChannelState.UNKNOWN),
        number,
        caller,
        connected_number,
        connected,
        context,
        exten,
        int(priority) if priority.isdecimal() else 0,
        account,
        call or None,
    )


def _leg_of_headers(headers: Headers, prefix: str) -> Channel:
    """The slow way, for legs written otherwise: by another version, or kept as JSON."""

    def get(key: str) -> str:
        return headers.get(prefix + key, "")

    return Channel(
        name=headers[f"{prefix}Channel"],
        uniqueid=headers[f"{prefix}Uniqueid"],
        linkedid=get("Linkedid"),
        state=_channel_states.get(get("ChannelStateDesc"), ChannelState.UNKNOWN),
        caller_num=_known(get("CallerIDNum")),
        caller_name=_known(get("CallerIDName")),
        connected_num=_known(get("ConnectedLineNum")),
        connected_name=_known(get("ConnectedLineName")),
        context=get("Context"),
        exten=get("Exten"),
        priority=_number(get("Priority")),
        account=get("AccountCode"),
        call=_call_among(get("ChanVariable")),
    )


def _call_among(variables: str) -> CallId | None:
    values = (line[len(_CALL) :] for line in variables.split("\n") if line.startswith(_CALL))
    return CallId(next(values, "")) or None


class Said:
    """One message of Asterisk, read as little as is asked for: legs by one pattern each, single headers by search."""

    __slots__ = ("_headers", "_text")

    def __init__(self, text: str, headers: Headers | None = None) -> None:
        self._text, self._headers = text, headers

    @property
    def headers(self) -> Headers:
        if self._headers is None:
            self._headers = parse_headers(self._text)
        return self._headers

    def get(self, key: str) -> str:
        """The value of a header; empty when it is not there. (A repeated header: see `headers`.)"""
        if self._headers is not None:
            return self._headers.get(key, "")
        text = self._text
        mark = f"\r\n{key}: "
        found = text.find(mark)
        if found < 0:
            return ""
        begin = found + len(mark)
        end = text.find("\r\n", begin)
        return text[begin:] if end < 0 else text[begin:end]

    def need(self, key: str) -> str:
        """KeyError when it is not there."""
        return self.get(key) or self.headers[key]

    def after(self, key: str) -> Headers:
        """What is said below this header. (Of the dialplan's own words some are called like headers of the leg.)"""
        _, found, rest = self._text.partition(f"\r\n{key}: ")
        if found:
            return parse_headers(rest.partition("\r\n")[2])
        return {name: value.rpartition("\n")[2] for name, value in self.headers.items()}

    def leg(self, prefix: str = "") -> Channel:
        """KeyError when there is none."""
        found = _legs[prefix].search(self._text)
        return _leg_of_match(found) if found else _leg_of_headers(self.headers, prefix)

    def maybe_leg(self, prefix: str = "") -> Channel | None:
        found = _legs[prefix].search(self._text)
        if found:
            return _leg_of_match(found)
        return _leg_of_headers(self.headers, prefix) if f"{prefix}Uniqueid" in self.headers else None

    def bridge(self, prefix: str = "") -> Bridge:
        """KeyError when there is none."""
        return _make_bridge(
            self.need(f"{prefix}BridgeUniqueid"),
            self.get(f"{prefix}BridgeTechnology"),
            self.get(f"{prefix}BridgeType"),
            _known(self.get(f"{prefix}BridgeCreator")),
            _known(self.get(f"{prefix}BridgeName")),
            _number(self.get(f"{prefix}BridgeNumChannels")),
        )

    def maybe_bridge(self, prefix: str = "") -> Bridge | None:
        return self.bridge(prefix) if self.get(f"{prefix}BridgeUniqueid") else None


# --- events

_Parser = Callable[[Said, ServerId, datetime], ami.AmiEvent]


def _newchannel(said: Said, server: ServerId, at: datetime) -> ami.AmiEvent:
    return ami.Newchannel(server=server, at=at, channel=said.leg())


def _newstate(said: Said, server: ServerId, at: datetime) -> ami.AmiEvent:
    return ami.Newstate(server=server, at=at, channel=said.leg())


def _new_callerid(said: Said, server: ServerId, at: datetime) -> ami.AmiEvent:
    withheld = _withheld(said.get("CID-CallingPres"))
    return ami.NewCallerid(server=server, at=at, channel=said.leg(), withheld=withheld)


def _new_connected_line(said: Said, server: ServerId, at: datetime) -> ami.AmiEvent:
    return ami.NewConnectedLine(server=server, at=at, channel=said.leg())


def _rename(said: Said, server: ServerId, at: datetime) -> ami.AmiEvent:
    return ami.Rename(
        server=server,
        at=at,
        uniqueid=said.need("Uniqueid"),
        old_name=said.need("Channel"),
        new_name=said.need("Newname"),
    )


def _hangup_request(by_far_end: bool) -> _Parser:
    def parse(said: Said, server: ServerId, at: datetime) -> ami.AmiEvent:
        cause = _number(said.get("Cause"))
        return ami.HangupRequest(server=server, at=at, channel=said.leg(), by_far_end=by_far_end, cause=cause)

    return parse


def _hangup(said: Said, server: ServerId, at: datetime) -> ami.AmiEvent:
    return ami.Hangup(
        server=server,
        at=at,
        channel=said.leg(),
        cause=_number(said.get("Cause")),
        cause_text=said.get("Cause-txt"),
    )


def _dial_begin(said: Said, server: ServerId, at: datetime) -> ami.AmiEvent:
    return ami.DialBegin(
        server=server,
        at=at,
        channel=said.maybe_leg(),
        dest=said.leg("Dest"),
        dial_string=said.get("DialString"),
    )


def _dial_status(kind: type[ami.DialState] | type[ami.DialEnd]) -> _Parser:
    def parse(said: Said, server: ServerId, at: datetime) -> ami.AmiEvent:
        return kind(
            server=server,
            at=at,
            channel=said.maybe_leg(),
            dest=said.leg("Dest"),
            status=_dial_statuses.get(said.get("DialStatus"), DialStatus.UNKNOWN),
            forward=said.get("Forward"),
        )

    return parse


def _bridge_create(said: Said, server: ServerId, at: datetime) -> ami.AmiEvent:
    return ami.BridgeCreate(server=server, at=at, bridge=said.bridge())


def _bridge_enter(said: Said, server: ServerId, at: datetime) -> ami.AmiEvent:
    swap = said.get("SwapUniqueid") or None
    return ami.BridgeEnter(server=server, at=at, bridge=said.bridge(), channel=said.leg(), swap=swap)


def _bridge_leave(said: Said, server: ServerId, at: datetime) -> ami.AmiEvent:
    return ami.BridgeLeave(server=server, at=at, bridge=said.bridge(), channel=said.leg())


def _bridge_destroy(said: Said, server: ServerId, at: datetime) -> ami.AmiEvent:
    return ami.BridgeDestroy(server=server, at=at, bridge=said.bridge())


def _bridge_merge(said: Said, server: ServerId, at: datetime) -> ami.AmiEvent:
    return ami.BridgeMerge(server=server, at=at, into=said.bridge("To"), gone=said.bridge("From"))


def _hold(said: Said, server: ServerId, at: datetime) -> ami.AmiEvent:
    return ami.Hold(server=server, at=at, channel=said.leg(), music_class=said.get("MusicClass"))


def _unhold(said: Said, server: ServerId, at: datetime) -> ami.AmiEvent:
    return ami.Unhold(server=server, at=at, channel=said.leg())


def _blind_transfer(said: Said, server: ServerId, at: datetime) -> ami.AmiEvent:
    return ami.BlindTransfer(
        server=server,
        at=at,
        result=said.need("Result"),
        transferer=said.leg("Transferer"),
        transferee=said.maybe_leg("Transferee"),
        bridge=said.maybe_bridge(),
        context=said.get("Context"),
        extension=said.get("Extension"),
        external=said.get("IsExternal") == "Yes",
    )


def _attended_transfer(said: Said, server: ServerId, at: datetime) -> ami.AmiEvent:
    return ami.AttendedTransfer(
        server=server,
        at=at,
        result=said.need("Result"),
        transferer=said.leg("OrigTransferer"),
        second_transferer=said.leg("SecondTransferer"),
        bridge=said.maybe_bridge("Orig"),
        second_bridge=said.maybe_bridge("Second"),
        dest_type=said.get("DestType"),
        dest_bridge=said.get("DestBridgeUniqueid"),
        dest_app=said.get("DestApp"),
        dest_channel=said.get("DestTransfererChannel"),
        transferee=said.maybe_leg("Transferee"),
        target=said.maybe_leg("TransferTarget"),
        local_one=said.maybe_leg("LocalOne"),
        local_two=said.maybe_leg("LocalTwo"),
        external=said.get("IsExternal") == "Yes",
    )


def _local_bridge(said: Said, server: ServerId, at: datetime) -> ami.AmiEvent:
    return ami.LocalBridge(
        server=server,
        at=at,
        one=said.leg("LocalOne"),
        two=said.leg("LocalTwo"),
        context=said.get("Context"),
        exten=said.get("Exten"),
        optimised_away=said.get("LocalOptimization") == "Yes",
    )


def _originate_response(said: Said, server: ServerId, at: datetime) -> ami.AmiEvent:
    uniqueid = said.get("Uniqueid")
    return ami.OriginateResponse(
        server=server,
        at=at,
        action_id=said.get("ActionID"),
        success=said.need("Response") == "Success",
        channel=said.get("Channel"),
        uniqueid="" if uniqueid == "<null>" else uniqueid,
        reason=_number(said.get("Reason")),
        context=said.get("Context"),
        exten=said.get("Exten"),
    )


def _mix_monitor(kind: type[ami.MixMonitorStart] | type[ami.MixMonitorStop]) -> _Parser:
    def parse(said: Said, server: ServerId, at: datetime) -> ami.AmiEvent:
        return kind(server=server, at=at, channel=said.leg())

    return parse


def _user_event(said: Said, server: ServerId, at: datetime) -> ami.AmiEvent:
    name, leg = said.need("UserEvent"), said.maybe_leg()
    return ami.UserEvent(server=server, at=at, name=name, channel=leg, fields=said.after("UserEvent"))


def _device_state_change(said: Said, server: ServerId, at: datetime) -> ami.AmiEvent:
    state = device_state(said.get("State"))
    return ami.DeviceStateChange(server=server, at=at, device=said.need("Device"), state=state)


def _contact_status(said: Said, server: ServerId, at: datetime) -> ami.AmiEvent:
    return ami.ContactStatus(
        server=server,
        at=at,
        endpoint=said.get("EndpointName"),
        aor=said.need("AOR"),
        status=said.need("ContactStatus"),
        uri=said.get("URI"),
    )


def _queue_caller(kind: type[ami.QueueCallerJoin] | type[ami.QueueCallerLeave]) -> _Parser:
    def parse(said: Said, server: ServerId, at: datetime) -> ami.AmiEvent:
        return kind(
            server=server,
            at=at,
            channel=said.leg(),
            queue=said.need("Queue"),
            position=_number(said.get("Position")),
            count=_number(said.get("Count")),
        )

    return parse


def _agent_called(said: Said, server: ServerId, at: datetime) -> ami.AmiEvent:
    return ami.AgentCalled(
        server=server,
        at=at,
        channel=said.leg(),
        dest=said.leg("Dest"),
        queue=said.need("Queue"),
        interface=said.need("Interface"),
        member=said.get("MemberName"),
    )


def _agent_connect(said: Said, server: ServerId, at: datetime) -> ami.AmiEvent:
    return ami.AgentConnect(
        server=server,
        at=at,
        channel=said.leg(),
        dest=said.leg("Dest"),
        queue=said.need("Queue"),
        interface=said.need("Interface"),
        member=said.get("MemberName"),
        hold_s=_number(said.get("HoldTime")),
        ring_s=_number(said.get("RingTime")),
    )


def _agent_complete(said: Said, server: ServerId, at: datetime) -> ami.AmiEvent:
    return ami.AgentComplete(
        server=server,
        at=at,
        channel=said.leg(),
        dest=said.maybe_leg("Dest"),
        queue=said.need("Queue"),
        interface=said.need("Interface"),
        member=said.get("MemberName"),
        hold_s=_number(said.get("HoldTime")),
        talk_s=_number(said.get("TalkTime")),
        reason=said.get("Reason"),
    )


def _fully_booted(said: Said, server: ServerId, at: datetime) -> ami.AmiEvent:
    uptime, reload = _count(said.get("Uptime")), _count(said.get("LastReload"))
    return ami.FullyBooted(server=server, at=at, uptime_s=uptime, last_reload_s=reload)


def _shutdown(said: Said, server: ServerId, at: datetime) -> ami.AmiEvent:
    return ami.Shutdown(
        server=server, at=at, clean=said.get("Shutdown") != "Uncleanly", restart=said.get("Restart") == "True"
    )


_parsers: dict[str, _Parser] = {
    "Newchannel": _newchannel,
    "Newstate": _newstate,
    "NewCallerid": _new_callerid,
    "NewConnectedLine": _new_connected_line,
    "Rename": _rename,
    "HangupRequest": _hangup_request(by_far_end=True),
    "SoftHangupRequest": _hangup_request(by_far_end=False),
    "Hangup": _hangup,
    "DialBegin": _dial_begin,
    "DialState": _dial_status(ami.DialState),
    "DialEnd": _dial_status(ami.DialEnd),
    "BridgeCreate": _bridge_create,
    "BridgeEnter": _bridge_enter,
    "BridgeLeave": _bridge_leave,
    "BridgeDestroy": _bridge_destroy,
    "BridgeMerge": _bridge_merge,
    "Hold": _hold,
    "Unhold": _unhold,
    "BlindTransfer": _blind_transfer,
    "AttendedTransfer": _attended_transfer,
    "LocalBridge": _local_bridge,
    "OriginateResponse": _originate_response,
    "MixMonitorStart": _mix_monitor(ami.MixMonitorStart),
    "MixMonitorStop": _mix_monitor(ami.MixMonitorStop),
    "UserEvent": _user_event,
    "DeviceStateChange": _device_state_change,
    "ContactStatus": _contact_status,
    "QueueCallerJoin": _queue_caller(ami.QueueCallerJoin),
    "QueueCallerLeave": _queue_caller(ami.QueueCallerLeave),
    "AgentCalled": _agent_called,
    "AgentConnect": _agent_connect,
    "AgentComplete": _agent_complete,
    "FullyBooted": _fully_booted,
    "Shutdown": _shutdown,
}

WANTED: frozenset[str] = frozenset(_parsers)
"""The event names we understand; all others are dropped on the wire, before anything is parsed."""


def parse_block(text: str, *, server: ServerId, received: datetime) -> ami.AmiEvent:
    """One event's text as a typed value. `received` stands in for a missing Timestamp."""
    return _understand(Said(text), text[7 : text.find("\r\n")], server, received)


def parse_event(headers: Headers, *, server: ServerId, received: datetime) -> ami.AmiEvent:
    """One event's headers as a typed value."""
    return _understand(Said("", headers), headers.get("Event", ""), server, received)


def _understand(said: Said, name: str, server: ServerId, received: datetime) -> ami.AmiEvent:
    at = time_of(said.get("Timestamp"), received)
    parser = _parsers.get(name)
    try:
        if parser is not None:
            return parser(said, server, at)
    except KeyError:
        pass
    return ami.Unknown(server=server, at=at, name=name, fields=said.headers)
