"""What the desk tells an agent when something was refused: a sentence for every stable code of telephony."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from agent_console import errors
from agent_console.words import Sayable, Sentence, Words, say
from crm_core.kernel.bus import NobodyServes, RequestTimedOut
from crm_core.kernel.errors import CallwrightError
from crm_core.kernel.messages import CommandResult

_REFUSALS: Final[Mapping[str, Sentence]] = {
    "agent.unknown": say("You have no extension, so no calls can be given to you. An administrator can set one."),
    "agent.has_call": say("You still have a call. Finish it first."),
    "agent.not_in_wrap_up": say("The paperwork of this call is finished already."),
    "agent.paperwork_first": say("Say what came of your last call first, then you can go offline."),
    "call.unknown": say("This call is over."),
    "call.not_yours": say("This call is with somebody else now."),
    "phone.unreachable": say("Your phone is not connected, so no call could reach you."),
    "link.down": say("The line to the telephone system is down. It is being restored; please try again in a moment."),
    "reason.missing": say("Please choose a reason for the pause."),
    "demo.busy": say("As many test calls are under way as the demo can carry. Please try again in a moment."),
    "demo.no_callers": say("The demo's callers are not running."),
}
_OTHER: Final = say("The telephone system refused this (%(code)s).")
_AWAY: Final = say(
    "The telephone part of Callwright does not answer right now. Calls go on; please try again in a moment."
)


def refusal(code: str, words: Words) -> str:
    found = _REFUSALS.get(code)
    error = errors.refusal(CommandResult(ok=False, code=code))
    if found is None and error.code == code:
        return words.error(error)
    return words.speak(found or say(_OTHER.text, code=code))


def told_of(error: CallwrightError) -> Sayable:
    """For people: of the bus they know nothing."""
    return _AWAY if isinstance(error, NobodyServes | RequestTimedOut) else error


def error_sentence(error: CallwrightError, words: Words) -> str:
    return words.speak(told_of(error))
