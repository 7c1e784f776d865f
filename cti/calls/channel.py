"""One leg: a phone or a line taking part in a call, from its birth to its hang-up."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from crm_core.kernel.ids import CallId, OfferId
from cti.ami.vocabulary import Channel

if TYPE_CHECKING:
    from cti.calls.call import Call

_HELPERS = ("Surrogate/", "Announcer/", "CBAnn/", "CBRec/", "Recorder/", "Message/", "Snoop/", "Bridge/")
"""Channels that Asterisk makes for its own use: nobody sits behind them."""


def is_helper(channel: Channel) -> bool:
    return channel.name.startswith(_HELPERS)


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
    stamp: CallId | None = None
    """CW_CALL, since it was first seen."""
    withheld: bool = False
    """Its number must not be shown."""
    room: str | None = None
    """Id of the bridge it is in."""
    dialled: bool = False
    """We called it; it did not call us."""
    offer: OfferId | None = None
    """The offer it is called for, as its place said while it rang."""
    known_as: str = ""
    """The party as it was first told, so that it keeps one name."""
    cause: int = 0
    """Q.850, with which its far end wanted to go."""
    ringing: bool = False
    dial_over: bool = False
    holding: bool = False
    """Has put its other side on hold."""

    @property
    def party(self) -> str:
        """Who sits behind it: our extension, or the number outside."""
        return self.known_as or self.extension or self.last.caller_num or self.last.device.partition("/")[2]

    @property
    def name(self) -> str:
        """Asterisk's name of the channel right now."""
        return self.last.name
