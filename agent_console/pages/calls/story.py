"""A call told step by step: what happened, who was asked and why. Pure: from the log's events to sentences."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from agent_console.pages.calls.reasons import abilities, passed_over, why_chosen
from agent_console.words import N_, Dialled, Duration, Named, Sentence, names_of, say
from crm_core.domain.call_story import without_guesses
from crm_core.domain.floor import FloorPlan
from crm_core.domain.log import LoggedEvent
from crm_core.domain.users import User
from crm_core.kernel.ids import AgentId, QueueKey, SkillKey, UserId
from crm_core.kernel.messages import Event, Message, UnknownTopic, from_json
from cti.events import (
    CallArrived,
    CallConnected,
    CallDisconnected,
    CallEnded,
    CallFellToSafety,
    CallHeld,
    CallOffered,
    CallQueued,
    CallResumed,
    CallRinging,
    CallStepped,
    ClosedBy,
    Direction,
    HungUpBy,
    OfferFailed,
    OfferFailure,
    Outcome,
    RecordingStarted,
    RecordingStopped,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Cast:
    """Who and what the ids in a story are called."""

    people: Mapping[UserId, User] = field(default_factory=dict)
    queues: Mapping[QueueKey, Named] = field(default_factory=dict)
    skills: Mapping[SkillKey, Named] = field(default_factory=dict)

    def agent(self, agent: AgentId | None, party: str = "") -> Named | Sentence:
        user = self.people.get(UserId(agent)) if agent else None
        if user:
            return names_of(user)
        return Named(names={"": party}) if party else say("a colleague who has left")

    def queue(self, key: QueueKey) -> Named:
        return self.queues.get(key) or Named(names={"": key})

    def skill(self, key: SkillKey) -> Named:
        return self.skills.get(key) or Named(names={"": key})


def cast_of(people: Mapping[UserId, User], plan: FloorPlan) -> Cast:
    return Cast(
        people=people,
        queues={queue.key: Named(names=queue.names) for queue in plan.queues},
        skills={skill.key: Named(names=skill.names) for skill in plan.skills},
    )


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
    not_asked: tuple[Sentence, ...] = ()
    """Smallest print: who was passed over, and for what reason."""


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
}


_FAILED: Final[Mapping[OfferFailure, str]] = {
    OfferFailure.NO_ANSWER: N_("%(agent)s did not answer."),
    OfferFailure.BUSY: N_("The phone of %(agent)s was busy."),
    OfferFailure.REJECTED: N_("%(agent)s passed the call on."),
    OfferFailure.UNREACHABLE: N_("The phone of %(agent)s was not connected."),
    OfferFailure.CALLER_GONE: N_("The caller hung up before %(agent)s could answer."),
    OfferFailure.LINE_LOST: N_("The line to the telephone system broke while the phone of %(agent)s rang."),
    OfferFailure.FAILED: N_("The phone of %(agent)s could not be reached."),
}
_ENDED: Final[Mapping[Outcome, Sentence]] = {
    Outcome.ABANDONED: say("The caller hung up before anybody answered."),
    Outcome.SELF_SERVICE: say("The caller found what he needed in the menu."),
    Outcome.NO_ANSWER: say("Nobody answered."),
    Outcome.BUSY: say("The line was busy."),
    Outcome.FAILED: say("The call failed."),
}
_UNHEARD: Final[Mapping[ClosedBy | None, tuple[Sentence, ...]]] = {
    ClosedBy.RECONCILIATION: (
        say("Nobody heard the end of this call. It was closed afterwards, at the last time it was known."),
    )
}
_HUNG_UP: Final[Mapping[HungUpBy, Sentence]] = {
    HungUpBy.CALLER: say("The caller hung up."),
    HungUpBy.AGENT: say("Our side hung up."),
    HungUpBy.SYSTEM: say("The telephone system ended the call."),
}


def story(logged: Iterable[LoggedEvent], cast: Cast) -> tuple[Beat, ...]:
    """The call from its first event to its last. What this program does not know is left out."""
    events = [event for event in map(_event, without_guesses(logged)) if isinstance(event, Event)]
    return tuple(
        Beat(at=event.at, since_start=(event.at - events[0].at).total_seconds(), told=told)
        for event, told in zip(events, _all_told(events, cast), strict=True)
        if told is not None
    )


def _all_told(events: Iterable[Event], cast: Cast) -> Iterator[Told | None]:
    """One for each event; whoever comes a second time has come back (a page that was reloaded, a phone that fell)."""
    were_there: set[str] = set()
    for event in events:
        if isinstance(event, CallConnected) and event.party in were_there:
            yield _came_back(event, cast)
        elif tell := _TOLD.get(type(event)):
            yield tell(event, cast)
        else:
            yield None
        if isinstance(event, CallConnected):
            were_there.add(event.party)


def _event(line: LoggedEvent) -> Message | None:
    try:
        return from_json(line.topic, json.dumps(line.body))
    except (UnknownTopic, ValueError):
        return None


def _arrived(event: CallArrived, _cast: Cast) -> Told:
    return Told(mark="arrived", sentence=_how_arrived(event))


def _how_arrived(event: CallArrived) -> Sentence:
    match event.direction:
        case Direction.OUTBOUND:
            return say("We called %(number)s.", number=Dialled(raw=event.dnis))
        case Direction.INTERNAL:
            return say("A colleague called from extension %(number)s.", number=event.ani)
        case Direction.INBOUND if not event.ani:
            return say("A call arrived for %(dialled)s; the caller's number is withheld.", dialled=event.dnis)
        case Direction.INBOUND:
            return say("%(number)s called %(dialled)s.", number=Dialled(raw=event.ani), dialled=event.dnis)


def _stepped(event: CallStepped, _cast: Cast) -> Told:
    choice = _CHOICES.get(event.label) or Named(names={"": event.label})
    if event.entered and event.label:
        sentence = say("In the menu the caller pressed %(key)s: %(choice)s.", key=event.entered, choice=choice)
    elif event.entered:
        sentence = say("In the menu the caller pressed %(key)s, which means nothing there.", key=event.entered)
    elif event.label:
        sentence = say("The menu went on to: %(choice)s.", choice=choice)
    else:
        sentence = say("In the menu the caller pressed nothing.")
    return Told(mark="menu", sentence=sentence)


def _queued(event: CallQueued, cast: Cast) -> Told:
    asked = tuple(
        say("Asked for: %(skill)s, level %(level)s or better", skill=cast.skill(SkillKey(skill)), level=level)
        for skill, level in event.requires.items()
    )
    queue = cast.queue(event.queue)
    return Told(
        mark="queued", sentence=say("The caller began to wait in the queue %(queue)s.", queue=queue), aside=asked
    )


def _offered(event: CallOffered, cast: Cast) -> Told:
    agent = cast.agent(event.agent)
    return Told(
        mark="offered",
        sentence=say("The call was offered to %(agent)s.", agent=agent),
        why=why_chosen(event.because, agent),
        aside=tuple(abilities(event.because, cast.skill)),
        not_asked=tuple(passed_over(event.because, cast.agent, cast.skill)),
    )


def _ringing(event: CallRinging, cast: Cast) -> Told:
    return Told(mark="ringing", sentence=say("The phone of %(agent)s rang.", agent=cast.agent(event.agent)))


def _offer_failed(event: OfferFailed, cast: Cast) -> Told:
    return Told(mark="failed", sentence=say(_FAILED[event.why], agent=cast.agent(event.agent)))


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


def _ended(event: CallEnded, _cast: Cast) -> Told:
    sentence = _ENDED.get(event.outcome) or _HUNG_UP[event.hung_up_by]
    return Told(mark="ended", sentence=sentence, aside=(*_durations(event), *_UNHEARD.get(event.closed_by, ())))


def _durations(event: CallEnded) -> Iterator[Sentence]:
    if event.wait_s:
        yield say("Waited %(time)s", time=Duration(seconds=event.wait_s))
    if event.talk_s:
        yield say("Talked %(time)s", time=Duration(seconds=event.talk_s))
    if event.hold_s:
        yield say("On hold %(time)s", time=Duration(seconds=event.hold_s))


def _always(mark: str, sentence: Sentence) -> Callable[[Any, Cast], Told]:
    return lambda _event, _cast: Told(mark=mark, sentence=sentence)


_TOLD: Final[Mapping[type[Event], Callable[[Any, Cast], Told]]] = {
    CallArrived: _arrived,
    CallStepped: _stepped,
    CallQueued: _queued,
    CallOffered: _offered,
    CallRinging: _ringing,
    OfferFailed: _offer_failed,
    CallConnected: _connected,
    CallHeld: _always("held", say("The caller was put on hold.")),
    CallResumed: _always("talking", say("The conversation went on.")),
    CallDisconnected: _left,
    CallFellToSafety: _always(
        "safety", say("Our engine was away, so the telephone system itself looked for a colleague.")
    ),
    RecordingStarted: _always("recording", say("The recording began.")),
    RecordingStopped: _always("recording", say("The recording ended.")),
    CallEnded: _ended,
}
"""How each kind of event is told; what is not here is left out."""
