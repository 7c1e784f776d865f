"""What Asterisk says, as typed values: station 2 of a call's way, the only food of the tracker.

Names of classes are Asterisk's own; `cti.ami.parsing` makes them.
`Snapshot` is the one that we put together ourselves, out of several lists. (When the line is lost, the runner tells
`cti.events.LinkLost`.)
A known event that lacks what it must carry, and an event nobody here knows, becomes `Unknown`: never an exception.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
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
    sip_cause: int = 0
    """Status of SIP behind the cause (TechCause); 0 when there is none, as for a good-bye, and in older Asterisks."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Hangup(FromAsterisk):
    """The leg is gone."""

    channel: Channel
    cause: int = 0
    """Q.850; 0 when none was given (for instance the caller gave up while a phone rang)."""
    cause_text: str = ""
    sip_cause: int = 0
    """Status of SIP behind the cause: what the phone answered, or, of one that called us, was answered."""


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
class KeyPressed(FromAsterisk):
    """The person at `channel` has pressed a key, or (not `received`) we have sent one there."""

    channel: Channel
    key: str = field(repr=False)
    received: bool = True


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
class ParkedCall(FromAsterisk):
    """The leg waits in a parking lot, until somebody dials its space."""

    channel: Channel
    space: str = ""


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
class UserEvent(FromAsterisk):
    """A word from our own dialplan: CwArrived, CwMenu, CwQueued, CwOfferEnd, CwSafety, …."""

    name: str
    channel: Channel | None
    fields: Mapping[str, str]
    """What the dialplan said, by the names it gave: `Call`, `Queue`, `Priority` …"""


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
class FullyBooted(FromAsterisk):
    """Said after each log-in; carries no Timestamp. The line keeps it to itself: what it tells is in the Snapshot."""

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
    | BridgeEnter
    | BridgeLeave
    | BridgeDestroy
    | BridgeMerge
    | Hold
    | Unhold
    | KeyPressed
    | BlindTransfer
    | AttendedTransfer
    | ParkedCall
    | OriginateResponse
    | UserEvent
    | DeviceStateChange
    | ContactStatus
    | QueueCallerJoin
    | FullyBooted
    | Shutdown
    | Snapshot
    | Unknown
)
"""Everything the tracker can be fed."""
