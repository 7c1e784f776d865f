"""What the pure switchboard asks of the world, and what comes back to it.

The runner carries effects out in order and hands the results back as `Done` or `Failed`. An effect is a plain value,
so a test reads what the switchboard wanted without an Asterisk in sight.

| effect             | carried out as                                          | comes back                            |
|--------------------|---------------------------------------------------------|---------------------------------------|
| `OfferCall`        | Redirect `channel` to `cw-offer,<extension>-<offer>,1`  | `Done`; `Failed`: we decide again     |
| `RingAll`          | Setvar `CW_ALL`, Redirect to `cw-offer,all-<offer>,1`   | the same                              |
| `WithdrawOffer`    | Redirect `channel` to `cw-hold,back-<offer>,1`          | `Done`; `Failed`: the caller is gone  |
| `TakeBack`         | Redirect `channel` to `cw-queue,s,1`                    | `Done`; `Failed`: tried again         |
| `GoOn`             | Redirect `channel` to `cw-overflow-<kind>,0*<place>,1`  | `Done`; `Failed`: decided again       |
| `Announce`         | Setvar `CW_SAY`, Redirect `channel` to `cw-say,s,1`     | `Done`; `Failed`: he hears music      |
| `HangUpChannel`    | Hangup with `cause`                                     | `Done`; `Failed`                      |
| `TransferCall`     | BlindTransfer of whom `channel` talks with              | `Done`; `Failed`                      |
| `ConsultCall`      | Atxfer by `channel`                                     | `Done`: it was asked for; `Failed`    |
| `CancelConsult`    | CancelAtxfer by `channel`                               | `Done`: it was asked for; `Failed`    |
| `PressKeys`        | one PlayDTMF a key, as if `channel` had pressed them    | `Done`; `Failed`                      |
| `SetVariables`     | one Setvar each                                         | `Done`; `Failed`                      |
| `CallOut`          | Originate of `channel`, once, under an id of our own    | `Done`: it was begun; `Failed`        |
| `CallPromised`     | `taken` told, written down; Redirect to `cw-outbound`  | `Done`; `Failed`: nobody is dialled   |
| `StartRecording`   | MixMonitor on `channel` into `file`                     | `Done` with `MixMonitorID`; `Failed`  |
| `RestartRecording` | StopMixMonitor, 60 ms, MixMonitor with option `a`       | `Done` with `MixMonitorID`; `Failed`  |
| `StopRecording`    | StopMixMonitor                                          | nothing                               |
| `MuteRecording`    | MixMonitorMute: silence of equal length                 | `Done`; `Failed`                      |
| `MuteVoice`        | MuteAudio of what comes from this phone                 | `Done`; `Failed`                      |
| `SendKeys`         | the same, one by one, for a machine at the other end    | `Done` after the last; `Failed`       |
| `ParkCaller`       | Redirect `channel` to `cw-park,<extension>,1`           | `Done`; `Failed`: he is where he was  |
| `CallPhone`        | Originate a phone into a place of the dialplan          | `Done`: it is being called; `Failed`  |
| `SendPhone`        | Redirect a phone of `CallPhone` to such a place         | `Done`; `Failed`                      |
| `ReadVariables`    | one Getvar per name                                     | `Done` with name -> value; `Failed`   |
| `LoadFloor`        | `FloorPlans.load()`                                     | `FloorLoaded`                         |
| `AskWhoKnows`      | `Acquaintances.of(number, call)`                        | `WhoKnows`; nothing when that fails   |
| `Publish`          | `bus.publish(event)`                                    | nothing                               |
| `Reply`            | the promised answer goes to whoever gave the command    | nothing                               |
| `WakeMeAt`         | a timer                                                 | `Woken` with the token, then or later |

Timers are never cancelled: a `Woken` that no longer means anything is ignored. Setting the same token again moves it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from crm_core.domain.overflow import OverflowKind
from crm_core.kernel.ids import AgentId, CallId, OfferId, ServerId
from crm_core.kernel.messages import CommandResult, Event
from cti.events import CallbackAccepted, ResumedBy


@dataclass(frozen=True, slots=True, kw_only=True)
class Effect:
    """Root of everything the switchboard asks for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ChannelEffect(Effect):
    """Something done to one channel of one Asterisk."""

    server: ServerId
    channel: str
    """Asterisk's name of the channel, e.g. `PJSIP/trunk-0000002a`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OfferCall(ChannelEffect):
    """Let the agent's phone ring for this waiting caller. `Done` only says that the caller was sent there."""

    call: CallId
    offer: OfferId
    extension: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RingAll(ChannelEffect):
    """Let the phones of several agents ring at once; the first to answer has the caller, and the others are stopped."""

    call: CallId
    offer: OfferId
    """Of all of them together; each phone's own is `cti.calls.words.one_of_all`."""
    extensions: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class WithdrawOffer(ChannelEffect):
    """Stop the ringing; the caller goes back to the hold loop and says so: `CwOfferEnd` with the status CANCEL."""

    call: CallId
    offer: OfferId


@dataclass(frozen=True, slots=True, kw_only=True)
class TakeBack(ChannelEffect):
    """Out of Asterisk's own queue into our line, at his old place; the dialplan says `CwQueued` of him once more."""

    call: CallId


@dataclass(frozen=True, slots=True, kw_only=True)
class GoOn(ChannelEffect):
    """Out of his line, to a step of its chain."""

    call: CallId
    kind: OverflowKind
    place: str
    """Queue, digits or prompt."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Announce(ChannelEffect):
    """Tell a caller who waits where he stands."""

    call: CallId
    language: str
    position: int | None
    """In his queue, from 1 …"""
    wait_s: float | None
    """… and how long he will still wait; None: this is not to be told, or nobody knows."""
    comfort: str
    """A prompt of the house; empty: none."""
    callback_key: str = ""
    message_key: str = ""
    """What he may press to be called back, or to leave a message."""

    @property
    def says_something(self) -> bool:
        keys = self.callback_key or self.message_key
        return self.position is not None or self.wait_s is not None or bool(self.comfort or keys)


@dataclass(frozen=True, slots=True, kw_only=True)
class TransferCall(ChannelEffect):
    """Whoever talks with this phone goes to that place of the dialplan, which must exist; the phone is out."""

    call: CallId
    context: str
    exten: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ConsultCall(ChannelEffect):
    """This phone calls that place of the dialplan while its customer hears music."""

    call: CallId
    context: str
    exten: str
    """Keys of a telephone, the last a `#`: Asterisk waits for more otherwise."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CancelConsult(ChannelEffect):
    """This phone is back with its customer."""

    call: CallId


@dataclass(frozen=True, slots=True, kw_only=True)
class PressKeys(ChannelEffect):
    """The codes of features.conf, as if this phone had sent them."""

    call: CallId
    keys: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SetVariables(ChannelEffect):
    call: CallId
    values: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class CallOut(ChannelEffect):
    """Call this phone (`channel` is where to dial), and when it answers, the number outside."""

    call: CallId
    """Also the unique id of the phone's leg."""
    number: str
    asked_for: bool = True
    """By whose phone it is: it answers by itself. Else he may let it ring."""
    ring_s: float = 30.0


@dataclass(frozen=True, slots=True, kw_only=True)
class CallPromised(ChannelEffect):
    """Lead this agent's phone, which was picked up, on to whoever was promised a callback: after it was written down
    where the next life of ours reads it, so that nobody is called twice for one promise."""

    call: CallId
    number: str
    taken: CallbackAccepted


@dataclass(frozen=True, slots=True, kw_only=True)
class HangUpChannel(ChannelEffect):
    cause: int = 16
    """Q.850; 16 is a normal end, 21 a refusal."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordingEffect(ChannelEffect):
    call: CallId
    file: str
    """Relative to the recordings folder."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StartRecording(RecordingEffect):
    """Record both directions of the customer's channel."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RestartRecording(RecordingEffect):
    """The customer has a new peer, whose voice would be missing without stop, pause and start. Appends to `file`."""

    muted: bool = False
    """The recording is paused: silence from the first moment."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StopRecording(RecordingEffect):
    """The conversation is over while the customer's channel lives on."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MuteRecording(RecordingEffect):
    """Write silence in place of what is said, or what is said again."""

    muted: bool
    by: AgentId | None = None
    """Who wants it …"""
    why: ResumedBy | None = None
    """… and why it goes on."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MuteVoice(ChannelEffect):
    """Nobody hears the person at this phone (or again)."""

    call: CallId
    agent: AgentId
    muted: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class SendKeys(ChannelEffect):
    """Press these keys, as if on this phone."""

    call: CallId
    agent: AgentId
    digits: str = field(repr=False)
    kept: str
    """What the log says of them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ParkCaller(ChannelEffect):
    """Put the customer aside, on behalf of this extension. `ParkedCall` tells where."""

    call: CallId
    extension: str


class Room(StrEnum):
    """Where in the dialplan a phone is led to that we call by ourselves."""

    LISTEN = "cw-listen"
    """`<mode>-<unique id of an agent's leg>`: hears his conversation."""
    TAKE_OVER = "cw-takeover"
    """`<customer's channel>`: joins his conversation."""
    RETRIEVE = "cw-retrieve"
    """`<place>`: fetches who is parked there."""
    RECORD = "cw-record"
    """`<take>`: speaks a prompt."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ToRoom(ChannelEffect):
    call: CallId
    room: Room
    place: str
    """The extension there."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CallPhone(ToRoom):
    """Call this phone (`channel` is `PJSIP/<extension>`) and lead it there when it answers. It is accounted for by the
    customer's call, not by itself."""

    channel_id: str
    """The unique id its leg will have."""
    caller: str
    """Whom the phone shows, its number."""
    headers: Mapping[str, str] = field(default_factory=dict)
    """For the screen that rings."""
    stamped: bool = False
    """It takes part in the call from the start."""
    ring_s: float = 20.0


@dataclass(frozen=True, slots=True, kw_only=True)
class SendPhone(ToRoom):
    """Lead a phone that is up already there."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadVariables(ChannelEffect):
    """Ask a channel what it knows about its call, after a restart of ours. An unset variable is answered with ""."""

    call: CallId
    names: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class LoadFloor(Effect):
    """Read agents, skills, queues and numbers again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AskWhoKnows(Effect):
    """Who of us knows this caller?"""

    call: CallId
    number: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Publish(Effect):
    event: Event


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply(Effect):
    """What has become of a command that could not be answered at once."""

    promise: str
    result: CommandResult


@dataclass(frozen=True, slots=True, kw_only=True)
class WakeMeAt(Effect):
    when: datetime
    token: str


class Failure(StrEnum):
    """Why an effect was not carried out."""

    NO_CHANNEL = "no_channel"
    """Asterisk knows no such channel: it has gone and its Hangup event is on the way, or was lost."""
    REFUSED = "refused"
    """Asterisk answered with an error."""
    TIMED_OUT = "timed_out"
    """No answer in time: it may have happened or not."""
    LINE_DOWN = "line_down"
    """There is no connection to this server; nothing was sent."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Done:
    """An effect was carried out. `answer` as the table above says."""

    effect: Effect
    answer: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Failed:
    effect: Effect
    why: Failure
    text: str = ""
    """What Asterisk said, for the log."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Woken:
    token: str
