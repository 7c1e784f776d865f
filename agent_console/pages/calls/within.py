"""What was done within a call, in words: its recording paused, the customer parked, a supervisor in the conversation.

Pure, and beside `story.py`, which tells the rest.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from agent_console.pages.calls.story import Cast, Told, event_of
from agent_console.words import N_, Duration, Sentence, say
from crm_core.domain.log import LoggedEvent
from crm_core.kernel.ids import AgentId
from crm_core.kernel.messages import Event
from cti.events import (
    CallMonitored,
    CallMuted,
    CallParked,
    CallTakenOver,
    CallUnparked,
    DigitsSent,
    MonitorMode,
    RecordingPaused,
    RecordingResumed,
    RecordingStarted,
    RecordingStopped,
    ResumedBy,
    UnparkedBy,
)

Telling = Mapping[type[Event], Callable[[Any, Cast], Told]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Gap:
    """A stretch of a recording in which nothing was kept; in seconds of the file."""

    begins_s: float
    ends_s: float | None
    """None: it is still paused."""
    said: Sentence


def gaps(logged: Iterable[LoggedEvent], cast: Cast) -> tuple[Gap, ...]:
    """Where the recording of a call is silent on purpose. While it was stopped its file did not grow."""
    tape, found = _Tape(), list[Gap]()
    paused: tuple[float, AgentId] | None = None
    for event in (event_of(line) for line in logged):
        match event:
            case RecordingStarted():
                tape.runs(event.at)
            case RecordingStopped():
                tape.stops(event.at)
            case RecordingPaused():
                paused = (tape.at(event.at), event.agent)
            case RecordingResumed() if paused is not None:
                found.append(_gap(paused, tape.at(event.at), cast))
                paused = None
            case _:
                pass
    if paused is not None:
        found.append(_gap(paused, None, cast))
    return tuple(found)


def _gap(paused: tuple[float, AgentId], ends_s: float | None, cast: Cast) -> Gap:
    begins_s, agent = paused
    said = say("Paused by %(agent)s: nothing that was said is in here.", agent=cast.agent(agent))
    return Gap(begins_s=begins_s, ends_s=ends_s, said=said)


@dataclass(slots=True)
class _Tape:
    """How far a file has come that grows only while it runs."""

    so_far_s: float = 0.0
    since: datetime | None = None

    def runs(self, at: datetime) -> None:
        self.since = self.since or at

    def stops(self, at: datetime) -> None:
        self.so_far_s, self.since = self.at(at), None

    def at(self, moment: datetime) -> float:
        running = (moment - self.since).total_seconds() if self.since is not None else 0.0
        return self.so_far_s + max(running, 0.0)


_WENT_ON: Final[Mapping[ResumedBy, Sentence]] = {
    ResumedBy.AGENT: say("The recording went on."),
    ResumedBy.TIME: say("The recording went on by itself: its pause had lasted long enough."),
    ResumedBy.CONVERSATION: say("The recording went on: who had paused it left the conversation."),
}
_HEARS: Final[Mapping[MonitorMode, str]] = {
    MonitorMode.LISTEN: N_("%(supervisor)s listened to the conversation of %(agent)s."),
    MonitorMode.WHISPER: N_("%(supervisor)s spoke to %(agent)s without the caller hearing it."),
    MonitorMode.BARGE: N_("%(supervisor)s joined the conversation of %(agent)s and was heard by both."),
}


def _paused(event: RecordingPaused, cast: Cast) -> Told:
    sentence = say("%(agent)s paused the recording.", agent=cast.agent(event.agent))
    return Told(mark="recording", sentence=sentence)


def _resumed(event: RecordingResumed, _cast: Cast) -> Told:
    return Told(mark="recording", sentence=_WENT_ON[event.by])


def _parked(event: CallParked, cast: Cast) -> Told:
    agent = cast.agent(event.agent, event.party)
    if not event.lot:
        return Told(mark="held", sentence=say("%(agent)s parked the caller.", agent=agent))
    return Told(mark="held", sentence=say("%(agent)s parked the caller at %(lot)s.", agent=agent, lot=event.lot))


def _unparked(event: CallUnparked, cast: Cast) -> Told:
    match event.by:
        case UnparkedBy.AGENT:
            sentence = say("%(agent)s fetched the parked caller.", agent=cast.agent(event.agent))
        case UnparkedBy.TIME:
            sentence = say("Nobody fetched the parked caller in time: he went back to who had parked him.")
        case UnparkedBy.ELSEWHERE:
            sentence = say("The caller was parked no more.")
    return Told(mark="talking", sentence=sentence)


def _muted(event: CallMuted, cast: Cast) -> Told:
    text = N_("%(agent)s was muted.") if event.muted else N_("%(agent)s could be heard again.")
    return Told(mark="talking", sentence=say(text, agent=cast.agent(event.agent)))


def _digits(event: DigitsSent, cast: Cast) -> Told:
    agent = cast.agent(event.agent)
    return Told(mark="talking", sentence=say("%(agent)s pressed %(digits)s.", agent=agent, digits=event.digits))


def _taken_over(event: CallTakenOver, cast: Cast) -> Told:
    supervisor, agent = cast.agent(event.by), cast.agent(event.of)
    return Told(
        mark="talking",
        sentence=say("%(supervisor)s took the caller over from %(agent)s.", supervisor=supervisor, agent=agent),
    )


def _monitored(event: CallMonitored, cast: Cast) -> Told:
    supervisor, agent = cast.agent(event.by), cast.agent(event.of)
    sentence = say(_HEARS[event.mode], supervisor=supervisor, agent=agent)
    if event.until is None:
        return Told(mark="listening", sentence=sentence)
    lasted = Duration(seconds=(event.until - event.since).total_seconds())
    over = say("%(supervisor)s did so for %(time)s.", supervisor=supervisor, time=lasted)
    return Told(mark="listening", sentence=over)


FOR_EVERYBODY: Final[Telling] = {
    RecordingPaused: _paused,
    RecordingResumed: _resumed,
    CallParked: _parked,
    CallUnparked: _unparked,
    CallMuted: _muted,
    DigitsSent: _digits,
    CallTakenOver: _taken_over,
}
FOR_SUPERVISORS: Final[Telling] = {**FOR_EVERYBODY, CallMonitored: _monitored}
"""Who listened to whom is for them alone to see."""
