"""What Asterisk says, as typed values: station 2 of a call's way, the only food of the tracker.

`parse_event` turns the headers of one AMI event into one of the classes below. Names of classes are Asterisk's own.
`Snapshot` is the one that we put together ourselves, out of several lists. (When the line is lost, the runner tells
`cti.events.LinkLost`.)
A known event that lacks what it must carry, and an event nobody here knows, becomes `Unknown`: never an exception.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum

from crm_core.kernel.ids import CallId, ServerId

Headers = Mapping[str, str]
"""Header -> value as on the wire. A header that came several times has its values joined by a newline."""


class ChannelState(StrEnum):
    DOWN = "Down"
    """Just made; nothing rings yet."""
    RESERVED = "Rsrvd"
    OFF_HOOK = "OffHook"
    DIALING = "Dialing"
    RING = "Ring"
    """A call that comes in to us and has not been answered by the dialplan."""
    RINGING = "Ringing"
    """A phone that we called rings."""
    UP = "Up"
    """Answered."""
    BUSY = "Busy"
    DIALING_OFF_HOOK = "Dialing Offhook"
    PRE_RING = "Pre-ring"
    UNKNOWN = "Unknown"


class DialStatus(StrEnum):
    RINGING = "RINGING"
    """Only in DialState: the phone rings."""
    PROCEEDING = "PROCEEDING"
    """Only in DialState."""
    PROGRESS = "PROGRESS"
    """Only in DialState: early media."""
    ANSWER = "ANSWER"
    BUSY = "BUSY"
    """Busy, or the person pressed «reject» (486 or 603)."""
    NO_ANSWER = "NOANSWER"
    CANCEL = "CANCEL"
    """The caller was taken away before an answer: he hung up, or we redirected him."""
    CONGESTION = "CONGESTION"
    UNREACHABLE = "CHANUNAVAIL"
    """The phone is not registered."""
    DO_NOT_CALL = "DONTCALL"
    TORTURE = "TORTURE"
    ABORT = "ABORT"
    GOTO = "GOTO"
    CONTINUE = "CONTINUE"
    UNKNOWN = ""
    """A word not known to us."""


class DeviceState(StrEnum):
    NOT_IN_USE = "NOT_INUSE"
    IN_USE = "INUSE"
    BUSY = "BUSY"
    RINGING = "RINGING"
    RING_IN_USE = "RINGINUSE"
    ON_HOLD = "ONHOLD"
    UNAVAILABLE = "UNAVAILABLE"
    """No phone is registered."""
    INVALID = "INVALID"
    """There is no such device."""
    UNKNOWN = "UNKNOWN"


@dataclass(frozen=True, slots=True, kw_only=True)
class Channel:
    """One leg as it was when the event was said. `<unknown>` of the wire is an empty string here."""

    name: str
    """`PJSIP/1001-00000002`; changes on masquerade (see Rename)."""
    uniqueid: str
    """The leg's key, for life."""
    linkedid: str = ""
    """The uniqueid of the oldest leg it was ever bridged with. Changes in mid-life: a hint, never a key."""
    state: ChannelState = ChannelState.UNKNOWN
    caller_num: str = ""
    """The number of the party on this leg (of the one who dialled it, until the dialled party is known)."""
    caller_name: str = ""
    connected_num: str = ""
    """Whom the phone shows as the other side."""
    connected_name: str = ""
    context: str = ""
    """Where in the dialplan, e.g. `cw-hold`."""
    exten: str = ""
    priority: int = 0
    account: str = ""
    call: CallId | None = None
    """Our own conversation id (`CW_CALL`); None as long as the leg does not carry it. An agent's leg inherits it just
    after its Newchannel: the first DialBegin has it."""

    @property
    def device(self) -> str:
        """`PJSIP/1001` of `PJSIP/1001-00000002`."""
        return self.name.rpartition("-")[0] or self.name


@dataclass(frozen=True, slots=True, kw_only=True)
class Bridge:
    """A bridge as it was when the event was said."""

    id: str
    technology: str = ""
    """`simple_bridge`, `native_rtp`, `softmix`, `holding_bridge` …"""
    kind: str = ""
    """`basic` (Dial, Queue) · `base` (BridgeWait, ConfBridge …) · `stasis` · `multiplexed`."""
    creator: str = ""
    name: str = ""
    channels: int = 0
    """How many legs are in it, the event's own effect included."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FromAsterisk:
    """Root of everything Asterisk says."""

    server: ServerId
    at: datetime
    """Aware, UTC: the event's own Timestamp; when it carries none, the moment we read it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Newchannel(FromAsterisk):
    """A leg came into being. Its CW_CALL is not there yet: expect it on later events of the same uniqueid."""

    channel: Channel


@dataclass(frozen=True, slots=True, kw_only=True)
class Newstate(FromAsterisk):
    """A leg began to ring or was answered: see `channel.state`."""

    channel: Channel


@dataclass(frozen=True, slots=True, kw_only=True)
class NewCallerid(FromAsterisk):
    channel: Channel
    withheld: bool = False
    """The number must not be shown, or there is none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NewConnectedLine(FromAsterisk):
    """The leg was told who its other side is now (after transfers)."""

    channel: Channel


@dataclass(frozen=True, slots=True, kw_only=True)
class Rename(FromAsterisk):
    """The leg kept its uniqueid and changed its name."""

    uniqueid: str
    old_name: str
    new_name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class HangupRequest(FromAsterisk):
    """Somebody wants this leg to end; Hangup follows. Tells who hung up."""

    channel: Channel
    by_far_end: bool
    """True: the phone (or trunk) itself said good-bye. False: something inside Asterisk asked (SoftHangupRequest)."""
    cause: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Hangup(FromAsterisk):
    """The leg is gone."""

    channel: Channel
    cause: int = 0
    """Q.850; 0 when none was given (for instance the caller gave up while a phone rang)."""
    cause_text: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class DialBegin(FromAsterisk):
    """A phone is being called. Comes about when the INVITE leaves."""

    channel: Channel | None
    """On whose behalf; None for an Originate."""
    dest: Channel
    dial_string: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class DialState(FromAsterisk):
    """The called phone rings or proceeds."""

    channel: Channel | None
    dest: Channel
    status: DialStatus
    forward: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class DialEnd(FromAsterisk):
    """How calling the phone ended. May come twice for one dial (seen when app_queue is interrupted): idempotent."""

    channel: Channel | None
    dest: Channel
    status: DialStatus
    forward: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class BridgeCreate(FromAsterisk):
    bridge: Bridge


@dataclass(frozen=True, slots=True, kw_only=True)
class BridgeEnter(FromAsterisk):
    bridge: Bridge
    channel: Channel
    swap: str | None = None
    """Uniqueid of the leg whose place it takes (transfers, Local optimisation); that one leaves right after."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BridgeLeave(FromAsterisk):
    bridge: Bridge
    channel: Channel


@dataclass(frozen=True, slots=True, kw_only=True)
class BridgeDestroy(FromAsterisk):
    bridge: Bridge


@dataclass(frozen=True, slots=True, kw_only=True)
class BridgeMerge(FromAsterisk):
    """All legs of `gone` move into `into`; leave and enter events of each follow."""

    into: Bridge
    gone: Bridge


@dataclass(frozen=True, slots=True, kw_only=True)
class Hold(FromAsterisk):
    """The phone on `channel` put its other side on hold."""

    channel: Channel
    music_class: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Unhold(FromAsterisk):
    channel: Channel


@dataclass(frozen=True, slots=True, kw_only=True)
class BlindTransfer(FromAsterisk):
    result: str
    """`Success`, `Fail`, `Invalid` or `Not Permitted`."""
    transferer: Channel
    transferee: Channel | None
    """None when more than two were in the bridge."""
    bridge: Bridge | None
    context: str
    extension: str
    external: bool = False
    """By the phone (REFER); False for a feature code or AMI."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AttendedTransfer(FromAsterisk):
    result: str
    """`Success`, `Fail`, `Invalid` or `Not Permitted`."""
    transferer: Channel
    """The transferer's leg to the customer."""
    second_transferer: Channel
    """The transferer's leg to the new party."""
    bridge: Bridge | None
    """Where the customer was; None when he was in no bridge."""
    second_bridge: Bridge | None
    """Where the new party was; None for a blond transfer (it still rang)."""
    dest_type: str = ""
    """`Bridge`, `App`, `Link`, `Threeway` or `Fail`."""
    dest_bridge: str = ""
    """Uniqueid of the bridge that survived (dest_type Bridge or Threeway)."""
    dest_app: str = ""
    dest_channel: str = ""
    """dest_type Threeway: the name of the leg by which the transferer stays."""
    transferee: Channel | None = None
    target: Channel | None = None
    local_one: Channel | None = None
    local_two: Channel | None = None
    external: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class LocalBridge(FromAsterisk):
    """The two halves of a Local channel were tied together."""

    one: Channel
    two: Channel
    context: str = ""
    exten: str = ""
    optimised_away: bool = False
    """It may vanish: its neighbours will be bridged directly."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OriginateResponse(FromAsterisk):
    """How an asynchronous Originate ended."""

    action_id: str
    success: bool
    channel: str
    """Name, or the dial string when no leg came to be."""
    uniqueid: str = ""
    reason: int = 0
    """Asterisk's control frame number: 4 answered, 5 busy, 3 rang, 8 congestion, 0 anything (even busy): do not trust
    it, ask DialEnd and Hangup."""
    context: str = ""
    exten: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class MixMonitorStart(FromAsterisk):
    channel: Channel


@dataclass(frozen=True, slots=True, kw_only=True)
class MixMonitorStop(FromAsterisk):
    channel: Channel


@dataclass(frozen=True, slots=True, kw_only=True)
class UserEvent(FromAsterisk):
    """A word from our own dialplan: CwArrived, CwMenu, CwQueued, CwOfferEnd, CwSafety."""

    name: str
    channel: Channel | None
    fields: Mapping[str, str]
    """Every header of it, by the names the dialplan gave: `Call`, `Queue`, `Offer` … (the channel's headers too)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DeviceStateChange(FromAsterisk):
    device: str
    """`PJSIP/1001`, `Queue:cw-service` …"""
    state: DeviceState


@dataclass(frozen=True, slots=True, kw_only=True)
class ContactStatus(FromAsterisk):
    """A phone registered, went, or (un)answered a qualify."""

    endpoint: str
    aor: str
    status: str
    """`Created`, `Updated`, `Removed`, `Reachable`, `Unreachable`, `NonQualified`, `Unknown`."""
    uri: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class QueueCallerJoin(FromAsterisk):
    channel: Channel
    queue: str
    """With our prefix: `cw-service`."""
    position: int = 0
    count: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class QueueCallerLeave(FromAsterisk):
    channel: Channel
    queue: str
    position: int = 0
    count: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class AgentCalled(FromAsterisk):
    """app_queue rings a member."""

    channel: Channel
    dest: Channel
    queue: str
    interface: str
    """`PJSIP/1001`."""
    member: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class AgentConnect(FromAsterisk):
    """A member took a call of app_queue."""

    channel: Channel
    dest: Channel
    queue: str
    interface: str
    member: str = ""
    hold_s: int = 0
    ring_s: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class AgentComplete(FromAsterisk):
    """A conversation made by app_queue is over."""

    channel: Channel
    dest: Channel | None
    queue: str
    interface: str
    member: str = ""
    hold_s: int = 0
    talk_s: int = 0
    reason: str = ""
    """`caller`, `agent` or `transfer`: who ended it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FullyBooted(FromAsterisk):
    """Said after each log-in and after each start; carries no Timestamp."""

    uptime_s: int | None = None
    last_reload_s: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Shutdown(FromAsterisk):
    """Asterisk is going down."""

    clean: bool = True
    restart: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Unknown(FromAsterisk):
    """Something we have no word for, or a known event that lacks what it must carry."""

    name: str
    fields: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class LiveChannel:
    """A leg found alive when the line came up."""

    channel: Channel
    bridge: str | None = None
    """The id of the bridge it is in."""
    application: str = ""
    """What the dialplan does with it now: `Dial`, `MusicOnHold`, `AppDial` (a called phone's leg) …"""
    age_s: int = 0
    """Whole seconds since it was made."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Snapshot(FromAsterisk):
    """Everything there is, asked for whenever the line comes up; live events go on from here.

    Replaces whatever was known of this server. An event stamped before `at` is in it already and is not told again; of
    those stamped after, some may be in it as well (a Newchannel or BridgeEnter of a leg found here): idempotent.
    """

    channels: tuple[LiveChannel, ...]
    bridges: tuple[Bridge, ...]
    devices: Mapping[str, DeviceState]
    """`PJSIP/1001` -> state; every device Asterisk knows."""
    asterisk_version: str = ""
    restarted: bool = False
    """Asterisk itself was started anew since our last snapshot: whatever lived then is gone."""


AmiEvent = (
    Newchannel
    | Newstate
    | NewCallerid
    | NewConnectedLine
    | Rename
    | HangupRequest
    | Hangup
    | DialBegin
    | DialState
    | DialEnd
    | BridgeCreate
    | BridgeEnter
    | BridgeLeave
    | BridgeDestroy
    | BridgeMerge
    | Hold
    | Unhold
    | BlindTransfer
    | AttendedTransfer
    | LocalBridge
    | OriginateResponse
    | MixMonitorStart
    | MixMonitorStop
    | UserEvent
    | DeviceStateChange
    | ContactStatus
    | QueueCallerJoin
    | QueueCallerLeave
    | AgentCalled
    | AgentConnect
    | AgentComplete
    | FullyBooted
    | Shutdown
    | Snapshot
    | Unknown
)
"""Everything the tracker can be fed."""

_CALL_VARIABLE = "CW_CALL="
_channel_states = {state.value: state for state in ChannelState}
_dial_statuses = {status.value: status for status in DialStatus}
_device_states = {state.value: state for state in DeviceState}


def _known(text: str) -> str:
    return "" if text == "<unknown>" else text


def _number(text: str) -> int:
    return int(text) if text.isdigit() else 0


def _call(variables: str) -> CallId | None:
    """Our conversation id among the channel variables the manager sends along."""
    for line in variables.split("\n"):
        if line.startswith(_CALL_VARIABLE):
            return CallId(line[len(_CALL_VARIABLE) :]) or None
    return None


def _channel_reader(prefix: str) -> Callable[[Headers], Channel]:
    name, uniqueid, linkedid, state = (prefix + key for key in ("Channel", "Uniqueid", "Linkedid", "ChannelStateDesc"))
    number, caller, connected_number, connected = (
        prefix + key for key in ("CallerIDNum", "CallerIDName", "ConnectedLineNum", "ConnectedLineName")
    )
    context, exten, priority, account, variables = (
        prefix + key for key in ("Context", "Exten", "Priority", "AccountCode", "ChanVariable")
    )

    def read(h: Headers) -> Channel:
        get = h.get
        return Channel(
            name=h[name],
            uniqueid=h[uniqueid],
            linkedid=get(linkedid, ""),
            state=_channel_states.get(get(state, ""), ChannelState.UNKNOWN),
            caller_num=_known(get(number, "")),
            caller_name=_known(get(caller, "")),
            connected_num=_known(get(connected_number, "")),
            connected_name=_known(get(connected, "")),
            context=get(context, ""),
            exten=get(exten, ""),
            priority=_number(get(priority, "")),
            account=get(account, ""),
            call=_call(get(variables, "")),
        )

    return read


_channel = _channel_reader("")
_dest = _channel_reader("Dest")
_readers = {
    prefix: _channel_reader(prefix)
    for prefix in (
        "Transferer",
        "Transferee",
        "OrigTransferer",
        "SecondTransferer",
        "TransferTarget",
        "LocalOne",
        "LocalTwo",
    )
}


def _maybe(h: Headers, prefix: str) -> Channel | None:
    return _readers[prefix](h) if f"{prefix}Uniqueid" in h else None


def _caller(h: Headers) -> Channel | None:
    return _channel(h) if "Uniqueid" in h else None


def _bridge(h: Headers, prefix: str = "") -> Bridge:
    return Bridge(
        id=h[f"{prefix}BridgeUniqueid"],
        technology=h.get(f"{prefix}BridgeTechnology", ""),
        kind=h.get(f"{prefix}BridgeType", ""),
        creator=_known(h.get(f"{prefix}BridgeCreator", "")),
        name=_known(h.get(f"{prefix}BridgeName", "")),
        channels=_number(h.get(f"{prefix}BridgeNumChannels", "")),
    )


def _maybe_bridge(h: Headers, prefix: str = "") -> Bridge | None:
    return _bridge(h, prefix) if f"{prefix}BridgeUniqueid" in h else None


def _status(h: Headers) -> DialStatus:
    return _dial_statuses.get(h.get("DialStatus", ""), DialStatus.UNKNOWN)


def _withheld(presentation: str) -> bool:
    """`CID-CallingPres: 32 (…)`: bits 5 and 6 of the number say restricted or unavailable."""
    return bool(_number(presentation.partition(" ")[0]) & 0x60)


def _uptime(text: str | None) -> int | None:
    return int(text) if text is not None and text.isdigit() else None


_Parser = Callable[[Headers, ServerId, datetime], AmiEvent]

_parsers: dict[str, _Parser] = {
    "Newchannel": lambda h, s, t: Newchannel(server=s, at=t, channel=_channel(h)),
    "Newstate": lambda h, s, t: Newstate(server=s, at=t, channel=_channel(h)),
    "NewCallerid": lambda h, s, t: NewCallerid(
        server=s, at=t, channel=_channel(h), withheld=_withheld(h.get("CID-CallingPres", ""))
    ),
    "NewConnectedLine": lambda h, s, t: NewConnectedLine(server=s, at=t, channel=_channel(h)),
    "Rename": lambda h, s, t: Rename(
        server=s, at=t, uniqueid=h["Uniqueid"], old_name=h["Channel"], new_name=h["Newname"]
    ),
    "HangupRequest": lambda h, s, t: HangupRequest(
        server=s, at=t, channel=_channel(h), by_far_end=True, cause=_number(h.get("Cause", ""))
    ),
    "SoftHangupRequest": lambda h, s, t: HangupRequest(
        server=s, at=t, channel=_channel(h), by_far_end=False, cause=_number(h.get("Cause", ""))
    ),
    "Hangup": lambda h, s, t: Hangup(
        server=s, at=t, channel=_channel(h), cause=_number(h.get("Cause", "")), cause_text=h.get("Cause-txt", "")
    ),
    "DialBegin": lambda h, s, t: DialBegin(
        server=s, at=t, channel=_caller(h), dest=_dest(h), dial_string=h.get("DialString", "")
    ),
    "DialState": lambda h, s, t: DialState(
        server=s, at=t, channel=_caller(h), dest=_dest(h), status=_status(h), forward=h.get("Forward", "")
    ),
    "DialEnd": lambda h, s, t: DialEnd(
        server=s, at=t, channel=_caller(h), dest=_dest(h), status=_status(h), forward=h.get("Forward", "")
    ),
    "BridgeCreate": lambda h, s, t: BridgeCreate(server=s, at=t, bridge=_bridge(h)),
    "BridgeEnter": lambda h, s, t: BridgeEnter(
        server=s, at=t, bridge=_bridge(h), channel=_channel(h), swap=h.get("SwapUniqueid") or None
    ),
    "BridgeLeave": lambda h, s, t: BridgeLeave(server=s, at=t, bridge=_bridge(h), channel=_channel(h)),
    "BridgeDestroy": lambda h, s, t: BridgeDestroy(server=s, at=t, bridge=_bridge(h)),
    "BridgeMerge": lambda h, s, t: BridgeMerge(server=s, at=t, into=_bridge(h, "To"), gone=_bridge(h, "From")),
    "Hold": lambda h, s, t: Hold(server=s, at=t, channel=_channel(h), music_class=h.get("MusicClass", "")),
    "Unhold": lambda h, s, t: Unhold(server=s, at=t, channel=_channel(h)),
    "BlindTransfer": lambda h, s, t: BlindTransfer(
        server=s,
        at=t,
        result=h["Result"],
        transferer=_readers["Transferer"](h),
        transferee=_maybe(h, "Transferee"),
        bridge=_maybe_bridge(h),
        context=h.get("Context", ""),
        extension=h.get("Extension", ""),
        external=h.get("IsExternal") == "Yes",
    ),
    "AttendedTransfer": lambda h, s, t: AttendedTransfer(
        server=s,
        at=t,
        result=h["Result"],
        transferer=_readers["OrigTransferer"](h),
        second_transferer=_readers["SecondTransferer"](h),
        bridge=_maybe_bridge(h, "Orig"),
        second_bridge=_maybe_bridge(h, "Second"),
        dest_type=h.get("DestType", ""),
        dest_bridge=h.get("DestBridgeUniqueid", ""),
        dest_app=h.get("DestApp", ""),
        dest_channel=h.get("DestTransfererChannel", ""),
        transferee=_maybe(h, "Transferee"),
        target=_maybe(h, "TransferTarget"),
        local_one=_maybe(h, "LocalOne"),
        local_two=_maybe(h, "LocalTwo"),
        external=h.get("IsExternal") == "Yes",
    ),
    "LocalBridge": lambda h, s, t: LocalBridge(
        server=s,
        at=t,
        one=_readers["LocalOne"](h),
        two=_readers["LocalTwo"](h),
        context=h.get("Context", ""),
        exten=h.get("Exten", ""),
        optimised_away=h.get("LocalOptimization") == "Yes",
    ),
    "OriginateResponse": lambda h, s, t: OriginateResponse(
        server=s,
        at=t,
        action_id=h.get("ActionID", ""),
        success=h["Response"] == "Success",
        channel=h.get("Channel", ""),
        uniqueid="" if h.get("Uniqueid") == "<null>" else h.get("Uniqueid", ""),
        reason=_number(h.get("Reason", "")),
        context=h.get("Context", ""),
        exten=h.get("Exten", ""),
    ),
    "MixMonitorStart": lambda h, s, t: MixMonitorStart(server=s, at=t, channel=_channel(h)),
    "MixMonitorStop": lambda h, s, t: MixMonitorStop(server=s, at=t, channel=_channel(h)),
    "UserEvent": lambda h, s, t: UserEvent(server=s, at=t, name=h["UserEvent"], channel=_caller(h), fields=h),
    "DeviceStateChange": lambda h, s, t: DeviceStateChange(
        server=s, at=t, device=h["Device"], state=_device_states.get(h.get("State", ""), DeviceState.UNKNOWN)
    ),
    "ContactStatus": lambda h, s, t: ContactStatus(
        server=s,
        at=t,
        endpoint=h.get("EndpointName", ""),
        aor=h["AOR"],
        status=h["ContactStatus"],
        uri=h.get("URI", ""),
    ),
    "QueueCallerJoin": lambda h, s, t: QueueCallerJoin(
        server=s,
        at=t,
        channel=_channel(h),
        queue=h["Queue"],
        position=_number(h.get("Position", "")),
        count=_number(h.get("Count", "")),
    ),
    "QueueCallerLeave": lambda h, s, t: QueueCallerLeave(
        server=s,
        at=t,
        channel=_channel(h),
        queue=h["Queue"],
        position=_number(h.get("Position", "")),
        count=_number(h.get("Count", "")),
    ),
    "AgentCalled": lambda h, s, t: AgentCalled(
        server=s,
        at=t,
        channel=_channel(h),
        dest=_dest(h),
        queue=h["Queue"],
        interface=h["Interface"],
        member=h.get("MemberName", ""),
    ),
    "AgentConnect": lambda h, s, t: AgentConnect(
        server=s,
        at=t,
        channel=_channel(h),
        dest=_dest(h),
        queue=h["Queue"],
        interface=h["Interface"],
        member=h.get("MemberName", ""),
        hold_s=_number(h.get("HoldTime", "")),
        ring_s=_number(h.get("RingTime", "")),
    ),
    "AgentComplete": lambda h, s, t: AgentComplete(
        server=s,
        at=t,
        channel=_channel(h),
        dest=_dest(h) if "DestUniqueid" in h else None,
        queue=h["Queue"],
        interface=h["Interface"],
        member=h.get("MemberName", ""),
        hold_s=_number(h.get("HoldTime", "")),
        talk_s=_number(h.get("TalkTime", "")),
        reason=h.get("Reason", ""),
    ),
    "FullyBooted": lambda h, s, t: FullyBooted(
        server=s, at=t, uptime_s=_uptime(h.get("Uptime")), last_reload_s=_uptime(h.get("LastReload"))
    ),
    "Shutdown": lambda h, s, t: Shutdown(
        server=s, at=t, clean=h.get("Shutdown") != "Uncleanly", restart=h.get("Restart") == "True"
    ),
}

WANTED: frozenset[str] = frozenset(_parsers)
"""The event names we understand; all others are dropped on the wire, before anything is parsed."""


def _time(stamp: str | None, received: datetime) -> datetime:
    try:
        return datetime.fromtimestamp(float(stamp), UTC) if stamp else received
    except (ValueError, OverflowError, OSError):
        return received


def parse_event(headers: Headers, *, server: ServerId, received: datetime) -> AmiEvent:
    """One event's headers as a typed value. `received` stands in for a missing Timestamp."""
    name = headers.get("Event", "")
    at = _time(headers.get("Timestamp"), received)
    parser = _parsers.get(name)
    if parser is None:
        return Unknown(server=server, at=at, name=name, fields=headers)
    try:
        return parser(headers, server, at)
    except KeyError:
        return Unknown(server=server, at=at, name=name, fields=headers)
