"""The calls of a recording, each as one report: the tracker's facts summed up, and what did not fit."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime

from crm_core.kernel.ids import AgentId, CallId
from cti import events as e
from cti.calls import facts as f
from cti.calls.story import Story
from cti.calls.tracker import Tracker
from cti.causes import cause_in_words, sip_in_words
from cti.replay.phones import Phones
from cti.replay.reading import Recording

ANONYMOUS = "anonymous"


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """One call. Times in seconds since the epoch, lengths in seconds; None when the recording tells no times."""

    call: CallId
    direction: e.Direction
    caller: str
    dialed: str
    talked_to: tuple[str, ...]
    """Every party the customer's side was really connected with, in order."""
    transfers: tuple[f.Transferred, ...]
    outcome: e.Outcome
    began: float | None
    answered: float | None
    ended: float | None
    ring_s: float | None
    wait_s: float | None
    talk_s: float | None
    hold_s: float | None
    consult_s: float | None
    queue: str
    hung_up_by: e.HungUpBy
    cause: int
    cause_text: str
    sip_cause: int
    """Status of SIP behind the cause; 0: there was none, or this Asterisk does not say."""
    sip_text: str
    anomalies: tuple[str, ...]


def replay(recording: Recording) -> Iterator[Report]:
    """The calls, in the order of their end; those that go on when the recording ends come last."""
    teller = _Teller(recording)
    for place, event in enumerate(recording.events):
        if place in recording.repeated:
            teller.repeated(event.at)
        for fact in teller.tracker.hear(event):
            yield from teller.hear(fact)
    yield from teller.breaks_off()


@dataclass(slots=True, kw_only=True)
class _Told:
    story: Story
    talked_to: list[str] = field(default_factory=list)
    transfers: list[f.Transferred] = field(default_factory=list)
    queue: str = ""
    answered: datetime | None = None
    last: datetime
    """When something was heard of it last."""
    anomalies: dict[str, None] = field(default_factory=dict)


class _Teller:
    def __init__(self, recording: Recording) -> None:
        self._timed = recording.timed
        self.tracker = Tracker(recording.server, Phones(recording.events), every_call=True)
        self._calls: dict[CallId, _Told] = {}
        self._odd: list[f.Odd] = []

    def repeated(self, at: datetime) -> None:
        self._is_odd(f.Odd(at=at, what="repeated_event"))

    def hear(self, fact: f.Fact) -> Iterable[Report]:
        match fact:
            case f.Arrived():
                self._arrived(fact)
            case f.Odd():
                self._is_odd(fact)
            case f.LegBegan() | f.LegGone() | f.Summoned() | f.Stands():
                pass
            case f.PhoneReachable() | f.ContactGone() | f.ContactSeen():
                pass
            case f.Ended():
                return self._ended(fact)
            case _:
                told = self._calls.get(fact.call)
                if told is not None:
                    told.last = fact.at
                    self._goes_on(told, fact)
        return ()

    def breaks_off(self) -> Iterator[Report]:
        """The recording is over; whoever still calls or talks is told as far as we know."""
        for fact in self.tracker.breaks_off():
            yield from self.hear(fact)
        for call, told in list(self._calls.items()):
            told.anomalies["end_not_recorded"] = None
            by = e.HungUpBy.SYSTEM
            yield from self._ended(f.Ended(call=call, at=told.last, hung_up_by=by, cause=0))

    def _arrived(self, fact: f.Arrived) -> None:
        arrived = e.CallArrived(
            call=fact.call,
            at=fact.at,
            server=self.tracker.server,
            direction=fact.direction,
            ani=fact.ani,
            ani_name=fact.ani_name,
            dnis=fact.dnis,
        )
        told = self._calls[fact.call] = _Told(story=Story.begins(arrived), last=fact.at)
        his, self._odd = self._odd, [odd for odd in self._odd if self._is_of_another(odd, fact.call)]
        for odd in his:
            if odd not in self._odd:
                told.anomalies[odd.what] = None

    def _is_of_another(self, odd: f.Odd, call: CallId) -> bool:
        """Of a call that lives and may still be told."""
        return odd.call not in (None, call) and odd.call in self.tracker.calls

    def _is_odd(self, fact: f.Odd) -> None:
        """What belongs to no call is told with the next one, or with all that are there."""
        told = self._calls.get(fact.call) if fact.call is not None else None
        if told is not None:
            told.anomalies[fact.what] = None
        elif fact.call is None and self._calls:
            for each in self._calls.values():
                each.anomalies[fact.what] = None
        else:
            self._odd.append(fact)

    def _goes_on(self, told: _Told, fact: f.OfStory) -> None:  # noqa: PLR0912 - a table
        story, agent = told.story, _agent(fact)
        match fact:
            case f.Queued():
                story.hear(e.CallQueued(call=fact.call, at=fact.at, queue=fact.waiting.queue, requires={}))
                told.queue = fact.waiting.queue
            case f.InQueue():
                story.waits_elsewhere(fact.at)
                told.queue = told.queue or fact.queue
            case f.Ringing():
                story.rings_elsewhere(fact.at, fact.party)
            case f.DialEnded():
                story.dial_ended(fact.status, fact.cause, fact.at, fact.party)
            case f.Joined():
                story.hear(e.CallConnected(call=fact.call, at=fact.at, agent=agent, party=fact.party))
                told.answered = told.answered or fact.at
                if fact.party not in told.talked_to:
                    told.talked_to.append(fact.party)
            case f.Left():
                story.hear(e.CallDisconnected(call=fact.call, at=fact.at, agent=agent, party=fact.party))
            case f.Held():
                story.hear(e.CallHeld(call=fact.call, at=fact.at, by=fact.by))
            case f.Resumed():
                story.hear(e.CallResumed(call=fact.call, at=fact.at, by=fact.by))
            case f.Consults():
                story.hear(e.CallConsulted(call=fact.call, at=fact.at, agent=agent, party=fact.party))
            case f.Returned():
                story.hear(e.CallReturned(call=fact.call, at=fact.at, agent=agent, party=fact.party))
                if story.hold_ends_unsaid(fact.party):
                    story.hear(e.CallResumed(call=fact.call, at=fact.at, by=fact.party))
            case f.Transferred():
                told.transfers.append(fact)
            case _:
                pass  # of the menu, the offers and the safety queue nothing is summed up

    def _ended(self, fact: f.Ended) -> Iterable[Report]:
        told = self._calls.pop(fact.call, None)
        if told is None or fact.into is not None:
            return ()
        story = told.story
        over = story.ends(at=fact.at, hung_up_by=fact.hung_up_by, cause=fact.cause, sip_cause=fact.sip_cause)
        return (
            Report(
                call=fact.call,
                direction=story.direction,
                caller=story.ani or ANONYMOUS,
                dialed=story.dnis,
                talked_to=tuple(told.talked_to),
                transfers=tuple(told.transfers),
                outcome=_outcome(over, fact),
                began=self._time(story.since),
                answered=self._time(told.answered),
                ended=self._time(fact.at),
                ring_s=self._length(over.ring_s),
                wait_s=self._length(over.wait_s),
                talk_s=self._length(over.talk_s),
                hold_s=self._length(over.hold_s),
                consult_s=self._length(over.consult_s),
                queue=told.queue,
                hung_up_by=over.hung_up_by,
                cause=over.cause,
                cause_text=cause_in_words(over.cause),
                sip_cause=over.sip_cause,
                sip_text=sip_in_words(over.sip_cause),
                anomalies=tuple(told.anomalies),
            ),
        )

    def _time(self, at: datetime | None) -> float | None:
        return round(at.timestamp(), 3) if at is not None and self._timed else None

    def _length(self, seconds: float | None) -> float | None:
        return seconds if self._timed else None


def _agent(fact: f.OfStory) -> AgentId | None:
    extension = getattr(fact, "extension", None)
    return AgentId(extension) if extension is not None else None


def _outcome(over: e.CallEnded, fact: f.Ended) -> e.Outcome:
    """Who listened to a menu and hung up has spoken with nobody; who was turned away had nowhere to go."""
    if over.outcome is not e.Outcome.SELF_SERVICE:
        return over.outcome
    return e.Outcome.ABANDONED if fact.answered or over.hung_up_by is e.HungUpBy.CALLER else e.Outcome.FAILED
