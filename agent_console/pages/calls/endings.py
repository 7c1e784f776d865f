"""How a call ended: what came of it, who hung up and why, and how long everything took. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from agent_console.words import N_, Duration, Sentence, say
from cti.events import CallEnded, ClosedBy, Direction, HungUpBy, Outcome

_ENDED: Final[Mapping[Outcome, Sentence]] = {
    Outcome.CALLBACK: say("The caller hung up, to be called back."),
    Outcome.SELF_SERVICE: say("The call ended in the menu; the caller asked for nobody."),
    Outcome.NO_ANSWER: say("Nobody answered."),
    Outcome.BUSY: say("The line was busy."),
    Outcome.REJECTED: say("The call was turned down."),
    Outcome.CANCELLED: say("The call was given up before anybody answered."),
    Outcome.FAILED: say("The call failed."),
}
_IN_VAIN: Final = (Outcome.NO_ANSWER, Outcome.BUSY, Outcome.REJECTED, Outcome.FAILED)
_GAVE_UP: Final = say("The caller hung up before anybody answered.")
_OVER: Final = say("The call ended before anybody answered.")
_BECAME_ANOTHER: Final = say("The consultation ended in a transfer; the conversation goes on in the customer's call.")
_HUNG_UP: Final[Mapping[HungUpBy, Sentence]] = {
    HungUpBy.CALLER: say("The caller hung up."),
    HungUpBy.AGENT: say("Our side hung up."),
    HungUpBy.SYSTEM: say("The telephone system ended the call."),
}
_CUSTOMER_HUNG_UP: Final = say("The customer hung up.")
_UNHEARD: Final = say("Nobody heard the end of this call. It was closed afterwards, at the last time it was known.")
_OVER_UNHEARD: Final = say("The conversation is over; nobody heard who hung up.")
_CALLED_HUNG_UP: Final = say("The colleague who was called hung up.")

CAUSES: Final[Mapping[int, Sentence]] = {
    0: say("none given"),
    1: say("no such number"),
    2: say("no route to that network"),
    3: say("no route to that number"),
    5: say("wrong prefix"),
    16: say("a normal end"),
    17: say("busy"),
    18: say("the phone did not respond"),
    19: say("no answer"),
    20: say("the phone is switched off or not connected"),
    21: say("turned down"),
    22: say("the number has changed"),
    26: say("answered at another phone"),
    27: say("the phone at the other end is out of order"),
    28: say("the number is incomplete"),
    29: say("the other side does not offer this"),
    31: say("a normal end, no reason given"),
    34: say("no line free"),
    38: say("the network is out of order"),
    41: say("a passing fault of the network"),
    42: say("the network is overloaded"),
    43: say("the network lost information"),
    44: say("the line asked for is not available"),
    47: say("the network has no means left"),
    50: say("not part of the contract for this line"),
    52: say("outgoing calls are barred"),
    54: say("incoming calls are barred"),
    57: say("not permitted"),
    58: say("not available at the moment"),
    65: say("the other side cannot do this"),
    79: say("the other side does not know this service"),
    88: say("the two ends do not understand each other"),
    102: say("no reply in time"),
    111: say("a fault in the signalling"),
    127: say("another network ended it, no reason given"),
}
"""Q.850, as people say it; SIP's answers become these (RFC 3398)."""
SIP: Final[Mapping[int, Sentence]] = {
    302: say("302 Moved Temporarily"),
    400: say("400 Bad Request"),
    401: say("401 Unauthorized"),
    403: say("403 Forbidden"),
    404: say("404 Not Found"),
    408: say("408 Request Timeout"),
    410: say("410 Gone"),
    415: say("415 Unsupported Media Type"),
    420: say("420 Bad Extension"),
    480: say("480 Temporarily Unavailable"),
    481: say("481 Call/Transaction Does Not Exist"),
    483: say("483 Too Many Hops"),
    484: say("484 Address Incomplete"),
    486: say("486 Busy Here"),
    487: say("487 Request Terminated"),
    488: say("488 Not Acceptable Here"),
    500: say("500 Server Internal Error"),
    501: say("501 Not Implemented"),
    502: say("502 Bad Gateway"),
    503: say("503 Service Unavailable"),
    504: say("504 Server Time-out"),
    600: say("600 Busy Everywhere"),
    603: say("603 Decline"),
    604: say("604 Does Not Exist Anywhere"),
    606: say("606 Not Acceptable"),
}
"""What a phone or line answered, as RFC 3261 calls it and the one who looks after it knows it."""
_WORTH_SAYING_S: Final = 0.5
_SAYS_NOTHING: Final = (0, 16)
_CALLED_OFF: Final = 487


def cause_said(cause: int) -> Sentence:
    return CAUSES.get(cause) or say("reason %(number)s", number=cause)


def sip_said(status: int) -> Sentence:
    return SIP.get(status) or say("status %(number)s", number=status)


def reason_said(cause: int, sip: int) -> Sentence | None:
    """The line's reason, and SIP's beside it; None where there is nothing to know: a good-bye, a call called off."""
    if sip == _CALLED_OFF or (cause in _SAYS_NOTHING and not sip):
        return None
    if not sip:
        return cause_said(cause)
    return say("%(cause)s (SIP: %(sip)s)", cause=cause_said(cause), sip=sip_said(sip))


def answered_with(sip: int) -> tuple[Sentence, ...]:
    """What a phone said that did not take the call."""
    return (say("SIP: %(sip)s", sip=sip_said(sip)),) if sip else ()


def how_it_ended(event: CallEnded, direction: Direction) -> Sentence:
    if event.into is not None:
        return _BECAME_ANOTHER
    if event.outcome is Outcome.ABANDONED:
        return _GAVE_UP if event.hung_up_by is HungUpBy.CALLER else _OVER
    if said := _ENDED.get(event.outcome):
        return said
    if event.closed_by is not None and event.hung_up_by is HungUpBy.SYSTEM:
        return _OVER_UNHEARD
    return who_hung_up(event.hung_up_by, direction)


def who_ended(by: HungUpBy, direction: Direction, outcome: str | None) -> Sentence:
    """Who was called and never came to the phone has not hung up."""
    if direction is Direction.OUTBOUND and by is HungUpBy.CALLER and outcome in list(_IN_VAIN):
        return _ENDED[Outcome(outcome)]
    return who_hung_up(by, direction)


def who_hung_up(by: HungUpBy, direction: Direction) -> Sentence:
    """The customer is who was called, of a call that we made."""
    match direction, by:
        case Direction.OUTBOUND, HungUpBy.CALLER:
            return _CUSTOMER_HUNG_UP
        case Direction.INTERNAL, HungUpBy.AGENT:
            return _CALLED_HUNG_UP
        case _:
            return _HUNG_UP[by]


def small_print(event: CallEnded) -> Iterator[Sentence]:
    """How long everything took, and what the line said."""
    lengths = (
        (event.wait_s, N_("Waited %(time)s")),
        (event.ring_s, N_("Rang %(time)s")),
        (event.talk_s, N_("Talked %(time)s")),
        (event.hold_s, N_("On hold %(time)s")),
        (event.consult_s, N_("Alone during consultations %(time)s")),
    )
    for seconds, text in lengths:
        if seconds is not None and seconds >= _WORTH_SAYING_S:
            yield say(text, time=Duration(seconds=seconds))
    reason = reason_said(event.cause, event.sip_cause) if event.into is None else None
    if reason is not None:
        yield say("The line's reason: %(cause)s", cause=reason)
    if event.closed_by is ClosedBy.RECONCILIATION:
        yield _UNHEARD
