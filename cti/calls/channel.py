"""One leg: a phone or a line taking part in a call, from its birth to its hang-up."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from crm_core.kernel.ids import CallId, OfferId
from cti.ami.vocabulary import Channel

if TYPE_CHECKING:
    from cti.calls.call import Call

_HELPERS = ("Surrogate/", "Announcer/", "CBAnn/", "CBRec/", "Recorder/", "Message/", "Snoop/", "Bridge/", "AsyncGoto/")
"""Channels that Asterisk makes for its own use: nobody sits behind them."""
LISTEN = "cw-listen"
"""Context in which a supervisor's phone hears a conversation."""
_ON_THE_WAY, _DEAD = "<MASQ>", "<ZOMBIE>"
"""What Asterisk writes behind a name while two channels change their places, and behind the one left over."""


def is_helper(channel: Channel) -> bool:
    return channel.name.startswith(_HELPERS)


def is_wire(name: str) -> bool:
    """One half of a Local channel: what goes in here comes out at its twin."""
    return name.startswith("Local/") and name[-2:] in (";1", ";2")


def is_between_names(name: str) -> bool:
    return name.endswith(_ON_THE_WAY)


def is_dead(name: str) -> bool:
    return name.endswith(_DEAD)


@dataclass(slots=True, kw_only=True, eq=False)
class Leg:
    uniqueid: str
    last: Channel
    """How Asterisk described it last."""
    extension: str | None
    """Of our phones; None for the outside world."""
    call: Call
    """The call it belongs to now; a transfer can give it to another."""
    born: datetime
    asked: str = ""
    """The extension it came for when it was born: the number dialled, of a leg that called us."""
    linked: str = ""
    """Linkedid when it was born; it changes in mid-life."""
    stamp: CallId | None = None
    """CW_CALL, since it was first seen."""
    withheld: bool = False
    """Its number must not be shown."""
    wire: bool = False
    """Half of a Local channel: nobody sits behind it."""
    twin: Leg | None = None
    """Of a wire: its other half."""
    maker: Leg | None = None
    """On whose behalf it was dialled; of a wire, who called into it."""
    room: str | None = None
    """Id of the bridge it is in."""
    was_in: str | None = None
    """… and of the one it left last."""
    merged_from: str | None = None
    """The bridge that became a part of its own, as long as it was not told to have gone over."""
    leaving: datetime | None = None
    """It left its bridge without a good-bye: until something else is heard of it, it may be on its way to another."""
    going: bool = False
    """It was hung up, or asked to be; whatever it leaves now it leaves for good."""
    said_bye: bool = False
    """… by itself: its phone is free for the next call, while Asterisk still takes the channel down."""
    dialled: bool = False
    """We called it; it did not call us."""
    summoned: bool = False
    """Asterisk called it of its own accord: for an Originate, or to give a transferred caller back."""
    offer: OfferId | None = None
    """The offer it is called for, as its place said while it rang; empty: for none. None: we do not know."""
    gave_away: str = ""
    """Where it transferred the call to: the number, or the unique id of its other line."""
    known_as: str = ""
    """The party as it was first told, so that it keeps one name."""
    cause: int = 0
    """Q.850, with which its far end wanted to go …"""
    sip_cause: int = 0
    """… and the status of SIP behind it."""
    ringing: bool = False
    dial_over: bool = False
    holding: bool = False
    """Has put its other side on hold."""
    overhears: bool = False
    """It came into its bridge to listen; a late word about its place before that does not make it take part."""

    def is_called(self, dial_string: str) -> None:
        """A line to the outside has the number that was dialled, whatever else it shows to the one called."""
        if self.extension is None and not self.wire and not self.known_as:
            number = _OUTSIDE.match(dial_string)
            self.known_as = number[1] if number is not None else ""

    def comes_in(self) -> None:
        """Into a bridge, from the place where it was heard of last."""
        self.overhears = self.last.context == LISTEN

    @property
    def party(self) -> str:
        """Who sits behind it: our extension, or the number outside."""
        return self.known_as or self.extension or self.last.caller_num or self.last.device.partition("/")[2]

    @property
    def name(self) -> str:
        """Asterisk's name of the channel right now."""
        return self.last.name

    @property
    def was_placed(self) -> bool:
        """We called this phone to connect it with somebody: its unique id is the call's own."""
        return self.stamp is not None and self.stamp == self.uniqueid

    @property
    def listens(self) -> bool:
        """A supervisor who hears a conversation, perhaps is heard in it, and takes no part."""
        return self.last.context == LISTEN or (self.overhears and self.room is not None)

    @property
    def behind(self) -> Leg | None:
        """Who really calls: itself, or whoever called into the wire it is half of."""
        leg: Leg | None = self
        for _ in range(_LONGEST_CHAIN):
            if leg is None or not leg.wire:
                return leg
            leg = leg.maker or (leg.twin.maker if leg.twin is not None else None)
        return None


_LONGEST_CHAIN = 32
"""Wires behind wires that we follow."""
_OUTSIDE = re.compile(r"(\+?[0-9*#]+)@")
"""A number at a line, as `Dial` is told whom to call."""
