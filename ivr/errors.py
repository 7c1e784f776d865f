"""What can go wrong in a voice menu before a caller is on the line; trouble on the line itself is in `fastagi.errors`.

CallwrightError
└── IvrError
    ├── FlowRefused
    ├── FlowUnknown
    ├── PlaceForgotten
    ├── FlowsUnreadable
    ├── NotAnswered
    └── AddressTaken
"""

from __future__ import annotations

from crm_core.kernel.errors import CallwrightError


class IvrError(CallwrightError):
    """Something went wrong in the voice menu."""

    code = "ivr.error"


class FlowRefused(IvrError):
    """The menu flow {flow} cannot be used: {problems}"""

    code = "ivr.flow_refused"


class FlowUnknown(IvrError):
    """There is no menu flow called {flow}."""

    code = "ivr.flow_unknown"


class PlaceForgotten(IvrError):
    """Where the caller stood in the menu {flow} is not known any more."""

    code = "ivr.place_forgotten"


class FlowsUnreadable(IvrError):
    """The menu flows cannot be read now: {why}"""

    code = "ivr.flows_unreadable"


class NotAnswered(IvrError):
    """The house could not answer the menu: {why}"""

    code = "ivr.not_answered"


class AddressTaken(IvrError):
    """The voice menu cannot listen on {address}: {why}. End the other program, or set CALLWRIGHT_FASTAGI to another."""

    code = "ivr.address_taken"


class WordsUnspoken(IvrError):
    """The words of a prompt could not be spoken in time."""

    code = "ivr.words_unspoken"
