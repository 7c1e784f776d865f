"""What can go wrong on one caller's line to Asterisk.

IvrError
└── LineError                    the session cannot go on
    ├── CallerHungUp             as callers do; no fault of anybody
    ├── PeerClosed               Asterisk (or whoever it was) closed the line
    ├── PeerSilent               no answer in time
    ├── PeerBroken               what came is not AGI, or too much of it
    ├── RequestRefused           it asks for something we do not have
    └── CommandFailed            this one command failed; the caller is still there and the line is in order
        └── CommandRefused       Asterisk does not know it, or we would not send it
"""

from __future__ import annotations

from ivr.errors import IvrError


class LineError(IvrError):
    """The line to Asterisk broke."""

    code = "ivr.line"


class CallerHungUp(LineError):
    """The caller hung up."""

    code = "ivr.caller_hung_up"


class PeerClosed(LineError):
    """The other side closed the line while {doing}."""

    code = "ivr.peer_closed"


class PeerSilent(LineError):
    """The other side said nothing for {seconds} seconds while {doing}."""

    code = "ivr.peer_silent"


class PeerBroken(LineError):
    """The other side does not keep to the protocol: {why}."""

    code = "ivr.peer_broken"


class RequestRefused(LineError):
    """This request is not for us: {why}."""

    code = "ivr.request_refused"


class CommandFailed(LineError):
    """Asterisk could not do this: {command}"""

    code = "ivr.command_failed"


class CommandRefused(CommandFailed):
    """This is no command for Asterisk: {command} ({why})"""

    code = "ivr.command_refused"
