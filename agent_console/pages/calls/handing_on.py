"""Phones that ring beside the queue, advice, and transfers, as sentences. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final

from agent_console.pages.calls.cast import Cast
from agent_console.words import N_, Sentence, say
from crm_core.kernel.messages import Event
from cti.events import (
    CallAnswered,
    CallConnected,
    CallMissed,
    CallRinging,
    CallTransferred,
    OfferFailure,
    RingFor,
    TransferKind,
    TransferOutcome,
)

_RANG: Final[Mapping[RingFor, str]] = {
    RingFor.TRANSFER: N_("%(by)s gave the call to %(agent)s, whose phone rang."),
    RingFor.CONSULTATION: N_("%(by)s called %(agent)s for advice."),
    RingFor.RECALL: N_("Nobody took the call, so it came back to %(agent)s."),
}
_MISSED: Final[Mapping[OfferFailure, str]] = {
    OfferFailure.NO_ANSWER: N_("%(agent)s did not answer."),
    OfferFailure.BUSY: N_("%(agent)s was busy."),
    OfferFailure.REJECTED: N_("%(agent)s turned the call down."),
    OfferFailure.UNREACHABLE: N_("The phone of %(agent)s was not connected."),
    OfferFailure.PHONE_GONE: N_("The phone of %(agent)s was disconnected while it rang."),
    OfferFailure.CALLER_GONE: N_("The phone of %(agent)s stopped ringing before anybody answered."),
    OfferFailure.LINE_LOST: N_("The line to the telephone system broke while the phone of %(agent)s rang."),
    OfferFailure.FAILED: N_("%(agent)s could not be reached."),
    OfferFailure.ELSEWHERE: N_("The call was taken at another phone than that of %(agent)s."),
}
_DONE: Final[Mapping[TransferKind, str]] = {
    TransferKind.BLIND: N_("%(by)s transferred the call to %(to)s."),
    TransferKind.ATTENDED: N_("%(by)s transferred the call to %(to)s, after they had spoken."),
    TransferKind.BLOND: N_("%(by)s transferred the call to %(to)s while it still rang there."),
}
_IN_VAIN: Final[Mapping[TransferOutcome, str]] = {
    TransferOutcome.NO_ANSWER: N_("%(by)s wanted to transfer the call to %(to)s: nobody answered."),
    TransferOutcome.BUSY: N_("%(by)s wanted to transfer the call to %(to)s: busy, or turned down."),
    TransferOutcome.CANCELLED: N_("%(by)s wanted to transfer the call to %(to)s, and it did not come to that."),
    TransferOutcome.FAILED: N_("%(by)s wanted to transfer the call to %(to)s, who could not be reached."),
}
OUTCOMES: Final[Mapping[str, Sentence]] = {
    TransferOutcome.COMPLETED: say("done"),
    TransferOutcome.NO_ANSWER: say("nobody answered"),
    TransferOutcome.BUSY: say("busy, or turned down"),
    TransferOutcome.CANCELLED: say("given up"),
    TransferOutcome.FAILED: say("could not be reached"),
}
KINDS: Final[Mapping[str, Sentence]] = {
    TransferKind.BLIND: say("without a word before"),
    TransferKind.ATTENDED: say("with a consultation"),
    TransferKind.BLOND: say("while it still rang"),
}


def ringing(event: CallRinging, cast: Cast) -> Sentence:
    agent = cast.party(event.party, event.agent) if event.party else cast.agent(event.agent)
    if event.ring_for in _RANG and event.offer is None:
        return say(_RANG[event.ring_for], agent=agent, by=cast.party(event.by, event.by_agent))
    if event.agent is None:
        return say("It rang at %(number)s.", number=agent)
    return say("The phone of %(agent)s rang.", agent=agent)


def was_busy(ringing: CallRinging, then: Iterable[Event]) -> bool:
    """An exchange may let a number outside ring for a moment and say that it is busy: that alone is told then."""
    if ringing.agent is not None or not ringing.party:
        return False
    about_it = (CallMissed, CallRinging, CallAnswered, CallConnected)
    heard = next((event for event in then if isinstance(event, about_it) and event.party == ringing.party), None)
    return isinstance(heard, CallMissed) and heard.why is OfferFailure.BUSY


def missed(event: CallMissed, cast: Cast) -> Sentence:
    return say(_MISSED[event.why], agent=cast.party(event.party, event.agent))


def transferred(event: CallTransferred, cast: Cast) -> Sentence:
    done = event.outcome is TransferOutcome.COMPLETED
    text = _DONE[event.kind] if done else _IN_VAIN[event.outcome]
    return say(text, by=cast.party(event.by, event.by_agent), to=cast.party(event.to, event.to_agent))
