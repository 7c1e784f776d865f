"""Callbacks in the line as a call's page tells them: on the page of the call in which one was promised, and on that of
the call that was made for it. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from agent_console.pages.calls.cast import Cast
from agent_console.words import N_, Dialled, Duration, Sentence, say
from cti.events import (
    CallbackAccepted,
    CallbackBegan,
    CallbackDone,
    CallbackGivenUp,
    CallbackPromised,
    CallbackTried,
    Outcome,
)

_HOW: Final[Mapping[Outcome, Sentence]] = {
    Outcome.BUSY: say("the line was busy"),
    Outcome.NO_ANSWER: say("nobody answered"),
    Outcome.REJECTED: say("the call was declined"),
    Outcome.CANCELLED: say("we hung up first"),
}
_OTHERWISE: Final = say("the call could not be put through")


def promised(event: CallbackPromised, cast: Cast) -> Sentence:
    text = N_("Promised a callback at %(number)s: the place in the queue %(queue)s is kept.")
    return say(text, number=Dialled(raw=event.number), queue=cast.queue(event.queue))


def began(event: CallbackBegan, cast: Cast) -> Sentence:
    waited = Duration(seconds=(event.at - event.promised_at).total_seconds())
    if event.tries:
        text = N_("Called back for the queue %(queue)s, as was asked for %(time)s before; in vain so far: %(tries)s.")
        return say(text, queue=cast.queue(event.queue), time=waited, tries=event.tries)
    text = N_("Called back for the queue %(queue)s, as was asked for %(time)s before.")
    return say(text, queue=cast.queue(event.queue), time=waited)


def accepted(event: CallbackAccepted, cast: Cast) -> Sentence:
    return say("%(agent)s picked up; now the customer's phone was called.", agent=cast.agent(event.agent))


def tried(event: CallbackTried, cast: Cast) -> Sentence:
    how, agent = _HOW.get(event.outcome, _OTHERWISE), cast.agent(event.agent)
    if event.again_at is None:
        return say("%(agent)s called back, in vain: %(how)s.", agent=agent, how=how)
    time = Duration(seconds=(event.again_at - event.at).total_seconds())
    text = N_("%(agent)s called back, in vain: %(how)s. It is tried again after %(time)s.")
    return say(text, agent=agent, how=how, time=time)


def done(event: CallbackDone, cast: Cast) -> Sentence:
    if event.himself and event.agent is None:
        return say("The customer called again and was promised a callback then: this one is part of it.")
    if event.himself and event.by == event.call:
        text = N_("%(agent)s talked with the customer after all: there is no need to call back.")
        return say(text, agent=cast.agent(event.agent))
    if event.himself:
        text = N_("The customer called again and talked with %(agent)s: there is no need to call back.")
        return say(text, agent=cast.agent(event.agent))
    return say("%(agent)s called back and reached the customer.", agent=cast.agent(event.agent))


def given_up(event: CallbackGivenUp, _cast: Cast) -> Sentence:
    if event.unsure is not None:
        return say(
            "The system was away while the customer was called back, and nobody knows whether they talked: it stays "
            "among the callbacks that are due."
        )
    if not event.in_vain:
        return say("Nobody could call back for a week: it stays among the callbacks that are due.")
    text = N_("Called back in vain %(tries)s times: it stays among the callbacks that are due.")
    return say(text, tries=len(event.in_vain))
