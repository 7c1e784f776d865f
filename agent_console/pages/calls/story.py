"""A call told step by step: what happened, who was asked and why. Pure: from the log's events to sentences."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final

from agent_console.pages.calls import called_back, handing_on
from agent_console.pages.calls.cast import Cast, cast_of
from agent_console.pages.calls.compared import Compared, who_was_free
from agent_console.pages.calls.endings import answered_with, how_it_ended, small_print
from agent_console.pages.calls.reasons import (
    abilities,
    asked_for,
    passed_over,
    place_back,
    relaxed,
    went_on,
    why_chosen,
)
from agent_console.pages.calls.walked import the_way, which_versions
from agent_console.words import N_, Dialled, Duration, Named, Sentence, say
from crm_core.domain.call_story import without_guesses
from crm_core.domain.log import LoggedEvent
from crm_core.domain.told_waits import minutes_told
from crm_core.kernel.messages import Event, Message, UnknownTopic, from_json
from cti.events import (
    CallAnswered,
    CallArrived,
    CallbackAccepted,
    CallbackBegan,
    CallbackDone,
    CallbackGivenUp,
    CallbackPromised,
    CallbackTried,
    CallConnected,
    CallConsulted,
    CallDisconnected,
    CallEnded,
    CallFellToSafety,
    CallHeld,
    CallMissed,
    CallOffered,
    CallOverflowed,
    CallPlaceGivenBack,
    CallPlaceKept,
    CallQueued,
    CallRelaxed,
    CallResumed,
    CallReturned,
    CallRinging,
    CallStepped,
    CallToldWait,
    CallTransferred,
    CallWalked,
    CallWrappedUp,
    Direction,
    OfferFailed,
    OfferFailure,
    RecordingStarted,
    RecordingStopped,
)

__all__ = ["Beat", "Cast", "Told", "cast_of", "story"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What one event says to a person."""

    mark: str
    """Which picture goes with it: `arrived`, `menu`, `queued`, `offered`, `failed`, `talking`, `held`, `ended` …"""
    sentence: Sentence
    why: Sentence | None = None
    """Why this agent: what decided."""
    aside: tuple[Sentence, ...] = ()
    """Smaller print: what was asked for, durations."""
    free: Compared | None = None
    """Who else was free, and what counted for each."""
    not_asked: tuple[Sentence, ...] = ()
    """Smallest print: who was passed over, and for what reason."""

    @property
    def in_words(self) -> Told:
        """Without the figures of those who were free as well."""
        return self if self.free is None else replace(self, free=self.free.names_only())


@dataclass(frozen=True, slots=True, kw_only=True)
class Beat:
    """One step of the story."""

    at: datetime
    since_start: float
    told: Told


_CHOICES: Final[Mapping[str, Sentence]] = {
    "zh": say("Chinese"),
    "en": say("English"),
    "consultation": say("Consultation"),
    "consult": say("Consultation"),
    "repair": say("Repair"),
    "complaint": say("Complaint"),
    "operator": say("Operator"),
    "repeat": say("Listen again"),
    "ticket_status": say("Progress of a ticket"),
    "order_progress": say("Progress of an order or repair"),
    "callback": say("Callback wanted"),
    "voicemail": say("Voice message"),
    "article": say("Common questions"),
    "survey": say("Survey"),
    "score": say("Rating"),
    "after_call": say("After the conversation"),
    "this_number": say("At this number"),
    "keep_waiting": say("Keep waiting"),
    "other_number": say("At another number"),
    "main_menu": say("Back to the menu"),
}
_DONE: Final[Mapping[str, Sentence]] = {
    "caller_found": say("caller recognised"),
    "caller_several": say("several customers share the number"),
    "caller_unknown": say("caller not recognised"),
    "pin_found": say("caller proved who he is"),
    "pin_wrong": say("wrong account number or PIN"),
    "pin_locked": say("too many wrong PINs"),
    "ticket_told": say("told how the ticket stands"),
    "ticket_unknown": say("ticket not found, or another customer's"),
    "order_told": say("told how far the order is"),
    "order_unknown": say("order not found, or another customer's"),
    "ticket_opened": say("ticket opened"),
    "callback_promised": say("callback promised"),
    "callback_unusable": say("number cannot be called back"),
    "elsewhere_answered": say("answer fetched from elsewhere"),
    "elsewhere_refused": say("the other system refused"),
    "transfer_agent": say("led to a colleague's phone"),
    "transfer_queue": say("led to another queue"),
    "transfer_number": say("led to a number outside"),
    "transfer_unusable": say("nobody to be led to at that number"),
    "transfer_failed": say("nobody took the call"),
    "message_kept": say("message left, ticket opened"),
    "message_empty": say("no message left"),
    "survey_rated": say("rating kept"),
    "survey_commented": say("spoken comment kept"),
    "survey_declined": say("no rating given"),
    "not_answered": say("no answer from our system"),
}
"""What the menu had our house do."""
_ENTERED_AS_ASKED: Final = "entered"
"""The label of an entry that was accepted, where the flow gives it no word of its own."""


_FAILED: Final[Mapping[OfferFailure, str]] = {
    OfferFailure.NO_ANSWER: N_("%(agent)s did not answer."),
    OfferFailure.BUSY: N_("The phone of %(agent)s was busy."),
    OfferFailure.REJECTED: N_("%(agent)s passed the call on."),
    OfferFailure.UNREACHABLE: N_("The phone of %(agent)s was not connected."),
    OfferFailure.PHONE_GONE: N_("The phone of %(agent)s was disconnected while it rang."),
    OfferFailure.CALLER_GONE: N_("The caller hung up before %(agent)s could answer."),
    OfferFailure.LINE_LOST: N_("The line to the telephone system broke while the phone of %(agent)s rang."),
    OfferFailure.FAILED: N_("The phone of %(agent)s could not be reached."),
    OfferFailure.ELSEWHERE: N_("The call was taken at another phone than that of %(agent)s."),
}


_ENTERED: Final = say(
    "Nobody heard this call: it was entered afterwards from the telephone system's own account, which knows nothing of "
    "the menu, the queue and who hung up."
)


def story(
    logged: Iterable[LoggedEvent],
    cast: Cast,
    also: Mapping[type[Event], Callable[[Any, Cast], Told]] | None = None,
    *,
    figures: bool = True,
) -> tuple[Beat, ...]:
    """The call from its first event to its last. What this program does not know is left out, and what is told by
    others (`also`) unless it is given. Without `figures` nothing is told of how colleagues stood beside each other."""
    events = [event for event in map(event_of, without_guesses(logged)) if isinstance(event, Event)]
    cast = cast.of_call(events)
    return tuple(
        Beat(
            at=event.at, since_start=(event.at - events[0].at).total_seconds(), told=told if figures else told.in_words
        )
        for event, told in zip(events, _all_told(events, cast, {**(also or {}), **_TOLD}), strict=True)
        if told is not None
    )


def _all_told(
    events: Iterable[Event], cast: Cast, telling: Mapping[type[Event], Callable[[Any, Cast], Told]]
) -> Iterator[Told | None]:
    """One for each event; whoever comes a second time has come back (a page that was reloaded, a phone that fell)."""
    were_there: set[str] = set()
    events = list(events)
    for place, event in enumerate(events):
        if isinstance(event, CallRinging) and handing_on.was_busy(event, events[place + 1 :]):
            yield None
        elif isinstance(event, CallConnected) and event.party in were_there:
            yield _came_back(event, cast)
        elif tell := telling.get(type(event)):
            yield tell(event, cast)
        else:
            yield None
        if isinstance(event, CallConnected):
            were_there.add(event.party)


def event_of(line: LoggedEvent) -> Message | None:
    try:
        return from_json(line.topic, json.dumps(line.body))
    except (UnknownTopic, ValueError):
        return None


def _arrived(event: CallArrived, cast: Cast) -> Told:
    mark = "arrived" if event.direction is Direction.INBOUND else "dialled"
    return Told(mark=mark, sentence=_how_arrived(event, cast), aside=(_ENTERED,) if event.entered_by else ())


def _how_arrived(event: CallArrived, cast: Cast) -> Sentence:
    match event.direction:
        case Direction.OUTBOUND if event.agent is None:
            return say("We called %(number)s.", number=Dialled(raw=event.dnis))
        case Direction.OUTBOUND:
            return say("%(agent)s called %(number)s.", agent=cast.agent(event.agent), number=Dialled(raw=event.dnis))
        case Direction.INTERNAL if event.agent is None and event.ani not in cast.extensions:
            return say("A colleague called from extension %(number)s.", number=event.ani)
        case Direction.INTERNAL:
            caller, called = cast.party(event.ani, event.agent), cast.party(event.dnis)
            return say("%(agent)s called %(number)s.", agent=caller, number=called)
        case Direction.INBOUND:
            return _from_outside(event)


def _from_outside(event: CallArrived) -> Sentence:
    number = Dialled(raw=event.ani)
    match bool(event.ani), bool(event.dnis):
        case True, True:
            return say("%(number)s called %(dialled)s.", number=number, dialled=event.dnis)
        case True, False:
            return say("%(number)s called.", number=number)
        case False, True:
            return say("A call arrived for %(dialled)s; the caller's number is withheld.", dialled=event.dnis)
        case _:
            return say("A call arrived; the caller's number is withheld.")


def _stepped(event: CallStepped, _cast: Cast) -> Told:
    choice = _CHOICES.get(event.label) or Named(names={"": event.label})
    typed = len(event.entered) > 1
    if event.entered and event.label == _ENTERED_AS_ASKED:
        sentence = say("In the menu the caller typed %(key)s.", key=event.entered)
    elif typed and event.label:
        sentence = say("In the menu the caller typed %(key)s: %(choice)s.", key=event.entered, choice=choice)
    elif typed:
        sentence = say("In the menu the caller typed %(key)s, which was not accepted.", key=event.entered)
    elif event.entered and event.label:
        sentence = say("In the menu the caller pressed %(key)s: %(choice)s.", key=event.entered, choice=choice)
    elif event.entered:
        sentence = say("In the menu the caller pressed %(key)s, which means nothing there.", key=event.entered)
    elif event.label in _DONE:
        sentence = say("In the menu: %(what)s.", what=_DONE[event.label])
    elif event.label:
        sentence = say("The menu went on to: %(choice)s.", choice=choice)
    else:
        sentence = say("In the menu the caller pressed nothing.")
    return Told(mark="menu", sentence=sentence)


def _walked(event: CallWalked, _cast: Cast) -> Told:
    return Told(mark="menu", sentence=the_way(event), aside=(which_versions(event),))


def _queued(event: CallQueued, cast: Cast) -> Told:
    asked = tuple(asked_for(event.wish, cast.skill))
    queue = cast.queue(event.queue)
    return Told(
        mark="queued", sentence=say("The caller began to wait in the queue %(queue)s.", queue=queue), aside=asked
    )


def _told_wait(event: CallToldWait, _cast: Cast) -> Told:
    wait = Duration(seconds=60 * minutes_told(event.wait_s))
    if event.position is None:
        sentence = say("The caller was told to wait for about %(time)s more.", time=wait)
    else:
        text = N_("The caller was told to wait for about %(time)s more, as number %(place)s in the line.")
        sentence = say(text, time=wait, place=event.position)
    return Told(mark="queued", sentence=sentence)


def _place_kept(event: CallPlaceKept, _cast: Cast) -> Told:
    text = N_("The place in line is kept for %(time)s, should the caller call again.")
    return Told(mark="queued", sentence=say(text, time=Duration(seconds=(event.until - event.at).total_seconds())))


def _place_given_back(event: CallPlaceGivenBack, _cast: Cast) -> Told:
    return Told(mark="queued", sentence=place_back(event.brought_s))


def _relaxed(event: CallRelaxed, cast: Cast) -> Told:
    return Told(mark="queued", sentence=relaxed(event.step, cast))


def _overflowed(event: CallOverflowed, cast: Cast) -> Told:
    return Told(mark="queued", sentence=went_on(event, cast))


def _called_back(tell: Callable[[Any, Cast], Sentence], mark: str) -> Callable[[Any, Cast], Told]:
    return lambda event, cast: Told(mark=mark, sentence=tell(event, cast))


def _offered(event: CallOffered, cast: Cast) -> Told:
    agent = cast.agent(event.agent)
    return Told(
        mark="offered",
        sentence=say("The call was offered to %(agent)s.", agent=agent),
        why=why_chosen(event.because, agent),
        aside=(
            *abilities(event.because, cast.skill),
            *(relaxed(step, cast) for step in event.because.steps),
        ),
        free=who_was_free(event.because, cast),
        not_asked=tuple(passed_over(event.because, cast.agent, cast.skill)),
    )


def _ringing(event: CallRinging, cast: Cast) -> Told:
    return Told(mark="ringing", sentence=handing_on.ringing(event, cast))


def _missed(event: CallMissed, cast: Cast) -> Told:
    return Told(mark="failed", sentence=handing_on.missed(event, cast), aside=answered_with(event.sip_cause))


def _offer_failed(event: OfferFailed, cast: Cast) -> Told:
    if event.taken_by is not None:
        by, agent = cast.agent(event.taken_by), cast.agent(event.agent)
        return Told(mark="left", sentence=say("%(by)s was quicker than %(agent)s.", by=by, agent=agent))
    sentence = say(_FAILED[event.why], agent=cast.agent(event.agent))
    return Told(mark="failed", sentence=sentence, aside=answered_with(event.sip_cause))


def _connected(event: CallConnected, cast: Cast) -> Told:
    agent = cast.agent(event.agent, event.party)
    if event.by_safety_queue:
        sentence = say("%(agent)s answered; the telephone system itself had made the connection.", agent=agent)
    else:
        sentence = say("%(agent)s answered: both could talk.", agent=agent)
    return Told(mark="talking", sentence=sentence)


def _came_back(event: CallConnected, cast: Cast) -> Told:
    agent = cast.agent(event.agent, event.party)
    return Told(mark="talking", sentence=say("%(agent)s is back in the conversation.", agent=agent))


def _left(event: CallDisconnected, cast: Cast) -> Told:
    agent = cast.agent(event.agent, event.party)
    return Told(mark="left", sentence=say("%(agent)s left the conversation.", agent=agent))


def _held(event: CallHeld, cast: Cast) -> Told:
    """By either side."""
    if event.by in cast.extensions:
        sentence = say("%(agent)s put the other side on hold.", agent=cast.party(event.by))
    elif event.by and event.by == cast.customer:
        sentence = say("The customer put us on hold.")
    else:
        sentence = say("The caller was put on hold.")
    return Told(mark="held", sentence=sentence)


def _consulted(event: CallConsulted, cast: Cast) -> Told:
    agent = cast.party(event.party, event.agent)
    return Told(mark="consulted", sentence=say("%(agent)s asked somebody else; the customer heard music.", agent=agent))


def _answered(event: CallAnswered, cast: Cast) -> Told:
    agent = cast.party(event.party, event.agent)
    return Told(mark="consulted", sentence=say("%(agent)s answered, and was asked.", agent=agent))


def _returned(event: CallReturned, cast: Cast) -> Told:
    agent = cast.party(event.party, event.agent)
    return Told(mark="talking", sentence=say("%(agent)s turned to the customer again.", agent=agent))


def _transferred(event: CallTransferred, cast: Cast) -> Told:
    return Told(mark="transferred", sentence=handing_on.transferred(event, cast))


def _ended(event: CallEnded, cast: Cast) -> Told:
    return Told(mark="ended", sentence=how_it_ended(event, cast.direction), aside=tuple(small_print(event)))


def _wrapped_up(event: CallWrappedUp, cast: Cast) -> Told:
    time = Duration(seconds=event.wrap_up_s)
    done = say("%(agent)s finished the paperwork in %(time)s.", agent=cast.agent(event.agent), time=time)
    return Told(mark="paperwork", sentence=done)


def _always(mark: str, sentence: Sentence) -> Callable[[Any, Cast], Told]:
    return lambda _event, _cast: Told(mark=mark, sentence=sentence)


_TOLD: Final[Mapping[type[Event], Callable[[Any, Cast], Told]]] = {
    CallArrived: _arrived,
    CallStepped: _stepped,
    CallWalked: _walked,
    CallQueued: _queued,
    CallPlaceGivenBack: _place_given_back,
    CallPlaceKept: _place_kept,
    CallbackPromised: _called_back(called_back.promised, "queued"),
    CallbackBegan: _called_back(called_back.began, "dialled"),
    CallbackAccepted: _called_back(called_back.accepted, "ringing"),
    CallbackTried: _called_back(called_back.tried, "failed"),
    CallbackDone: _called_back(called_back.done, "talking"),
    CallbackGivenUp: _called_back(called_back.given_up, "failed"),
    CallToldWait: _told_wait,
    CallRelaxed: _relaxed,
    CallOverflowed: _overflowed,
    CallOffered: _offered,
    CallRinging: _ringing,
    OfferFailed: _offer_failed,
    CallMissed: _missed,
    CallConnected: _connected,
    CallHeld: _held,
    CallConsulted: _consulted,
    CallAnswered: _answered,
    CallReturned: _returned,
    CallTransferred: _transferred,
    CallResumed: _always("talking", say("The conversation went on.")),
    CallDisconnected: _left,
    CallFellToSafety: _always(
        "safety", say("Our engine was away, so the telephone system itself looked for a colleague.")
    ),
    RecordingStarted: _always("recording", say("The recording began.")),
    RecordingStopped: _always("recording", say("The recording ended.")),
    CallEnded: _ended,
    CallWrappedUp: _wrapped_up,
}
"""How each kind of event is told; what is not here is left out."""
