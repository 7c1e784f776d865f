"""What may go wrong between us and Asterisk; each with a stable code and a sentence to fill.

CallwrightError
├── AmiError
│   ├── LineTrouble          the line cannot be had, or broke
│   │   ├── NotReached       nothing answers there
│   │   ├── NotAsterisk      somebody else answers there
│   │   ├── LoginRefused     wrong user or secret
│   │   ├── NotReady         it does not finish starting, or keeps things from us
│   │   ├── TooOld           an Asterisk we do not understand
│   │   ├── NameTaken        two Asterisks call themselves the same
│   │   └── LineLost         it was there and broke
│   └── ActionFailed         one action was not carried out, or we do not know
│       ├── LineDown         nothing was sent
│       ├── UnsafeValue      nothing was sent
│       ├── Unanswered       it may have happened or not
│       └── Refused          Asterisk said no
│           └── NoSuchChannel
└── UnsafeFolder             recordings cannot be kept there
"""

from __future__ import annotations

from crm_core.kernel.errors import CallwrightError


class AmiError(CallwrightError):
    """Something went wrong on the line to Asterisk."""

    code = "link.error"


class LineTrouble(AmiError):
    """There is no line to Asterisk."""

    code = "link.trouble"


class NotReached(LineTrouble):
    """No Asterisk answers at {address}: {why}. Is it running, and is its manager interface enabled?"""

    code = "link.not_reached"


class NotAsterisk(LineTrouble):
    """What answers at {address} is no Asterisk manager: it said {said}."""

    code = "link.not_asterisk"


class LoginRefused(LineTrouble):
    """Asterisk at {address} does not let {user} in: {why}. Check the secret in its manager.conf and in our settings."""

    code = "link.login_refused"


class NotReady(LineTrouble):
    """Asterisk at {address} is not ready for us: {why}."""

    code = "link.not_ready"


class TooOld(LineTrouble):
    """Asterisk {version} at {address} is too old: install version {oldest} or newer there."""

    code = "link.too_old"


class NameTaken(LineTrouble):
    """Asterisk at {address} calls itself {server}, as another one does. Give each its own systemname."""

    code = "link.name_taken"


class LineLost(LineTrouble):
    """The line to Asterisk at {address} broke: {why}."""

    code = "link.lost"


class ActionFailed(AmiError):
    """{action} was not carried out."""

    code = "link.action_failed"


class LineDown(ActionFailed):
    """{action} was not sent: there is no line to Asterisk."""

    code = "link.down"


class UnsafeValue(ActionFailed):
    """{action} was not sent: its {header} holds a line break, which Asterisk would take for another command."""

    code = "link.unsafe_value"


class Unanswered(ActionFailed):
    """Asterisk did not answer {action} ({why}): it may have happened or not."""

    code = "link.unanswered"


class Refused(ActionFailed):
    """Asterisk refused {action}: {why}."""

    code = "link.refused"


class NoSuchChannel(Refused):
    """Asterisk knows no such channel for {action}: {why}."""

    code = "link.no_channel"


class UnsafeFolder(CallwrightError):
    """Recordings cannot be kept in {folder}: Asterisk would not understand the comma or line break in its name."""

    code = "recordings.unsafe_folder"
