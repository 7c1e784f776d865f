"""An invented past: calls as their events, tickets with their history, promises kept and still to keep. Pure.

What it makes is what the product itself would have written, had these weeks really happened.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from typing import TypeVar
from zoneinfo import ZoneInfo

from callwright.demo.world_menu import Deed, serves_himself, through_the_menu, wrong_key_before
from callwright.demo.world_words import COMMENTS, NOTES, PRODUCTS, REASONS, SUBJECTS, Pair
from crm_core.domain.callbacks import CallbackState
from crm_core.domain.floor import FloorAgent
from crm_core.domain.settings import MISSED_CALLBACK_AFTER_S
from crm_core.domain.tickets import TicketPriority, TicketStatus, TicketType
from crm_core.kernel.ids import AgentId, CallId, CustomerId, OfferId, QueueKey, ServerId, SkillKey, UserId
from crm_core.kernel.language import Language
from crm_core.kernel.messages import Event
from cti.events import (
    CallArrived,
    CallConnected,
    CallDisconnected,
    CallEnded,
    CallOffered,
    CallQueued,
    CallRinging,
    Direction,
    HungUpBy,
    OfferFailed,
    OfferFailure,
    Outcome,
)
from routing.reasons import Because
from routing.skills import mastery, matches, requirements

CALLS, TICKETS, CALLBACKS = 600, 200, 60
DAYS = 30
_REGULARS = 3
"""The first of the customers call often, so that their screens have something to show."""

_T = TypeVar("_T")
_INTENTS = ("consultation", "repair", "complaint", "operator")
_INTENT_WEIGHTS = (40, 35, 12, 13)
_DIGIT = {"consultation": "1", "repair": "2", "complaint": "3", "operator": "0"}
_BUSY_HOURS = (1, 3, 4, 4, 2, 2, 4, 4, 3, 2, 1)
"""How the calls of a day are spread from 8 to 19 o'clock."""

DISPOSITIONS = {
    "consultation": ("consultation.product", "consultation.price", "consultation.order", "consultation.other"),
    "repair": ("repair.booked", "repair.solved", "repair.spare_part"),
    "complaint": ("complaint.service", "complaint.quality", "complaint.delivery"),
    "operator": ("other.invoice", "other.wrong_number", "consultation.other"),
}


_OPENS, _CLOSES = 9, 18
_AROUND_NOW_H = 2
_GIVEN_UP_AFTER = timedelta(seconds=MISSED_CALLBACK_AFTER_S.default)


def at_work(at: datetime, zone: ZoneInfo, *, later: bool) -> datetime:
    """The moment itself during working hours; else the next working morning, or the last afternoon before it."""
    here = at.astimezone(zone)
    if _OPENS <= here.hour < _CLOSES:
        return at
    day = here.date()
    if later:
        day += timedelta(days=here.hour >= _CLOSES)
        return datetime.combine(day, time(_OPENS, here.minute, here.second), zone).astimezone(UTC)
    day -= timedelta(days=here.hour < _OPENS)
    return datetime.combine(day, time(_CLOSES - 1, here.minute, here.second), zone).astimezone(UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Caller:
    """A customer who calls; a stranger when he has no id."""

    number: str
    language: Language
    id: CustomerId | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PastCall:
    id: CallId
    caller: Caller
    intent: str
    agent: AgentId | None
    """Who took it; None when nobody did."""
    ended_at: datetime
    events: tuple[Event, ...]
    disposition: str | None = None
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class PastEntry:
    at: datetime
    by: UserId
    text: str = ""
    status: tuple[TicketStatus, TicketStatus] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PastTicket:
    call: PastCall
    at: datetime
    subject: str
    description: str
    type: TicketType
    priority: TicketPriority
    topic: str
    department: str
    assignee: UserId
    status: TicketStatus
    entries: tuple[PastEntry, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class PastCallback:
    customer: CustomerId
    number: str
    due_at: datetime
    made_at: datetime
    why: str
    state: CallbackState
    assignee: UserId | None
    made_by: UserId
    ticket: int | None
    """Which of the tickets, by place."""
    call: CallId | None = None
    """In which it was promised."""
    note: str = ""
    over_at: datetime | None = None
    """When it was kept, cancelled or given up."""
    over_by: UserId | None = None
    """None: nobody did anything, and it was given up by the house itself."""


class PastInventor:
    def __init__(self, dice: random.Random, now: datetime, zone: ZoneInfo, agents: Sequence[FloorAgent]) -> None:
        self._dice, self._now, self._zone, self._agents = dice, now, zone, agents

    # ---- calls

    def calls(self, callers: Sequence[Caller]) -> tuple[PastCall, ...]:
        return self.calls_at(sorted(self._time_of_a_call() for _ in range(CALLS)), callers)

    def calls_at(self, times: Sequence[datetime], callers: Sequence[Caller], first: int = 0) -> tuple[PastCall, ...]:
        """`first`: which number the first of them has."""
        return tuple(self._call(place, at, self._caller(callers)) for place, at in enumerate(times, start=first))

    def _time_of_a_call(self) -> datetime:
        """On some day of the last weeks, at working hours; never in the future."""
        while True:
            day = self._now.astimezone(self._zone).date() - timedelta(days=self._dice.randrange(DAYS))
            hour = self._dice.choices(range(8, 19), _BUSY_HOURS)[0]
            at = datetime.combine(day, time(hour, self._dice.randrange(60), self._dice.randrange(60)), self._zone)
            if at < self._now - timedelta(minutes=20) and not (at.weekday() >= 5 and self._dice.random() < 0.6):
                return at.astimezone(UTC)

    def _caller(self, callers: Sequence[Caller]) -> Caller:
        kind = self._dice.random()
        if kind < 0.04:
            return Caller(number="", language=Language.ZH)
        if kind < 0.14:
            return Caller(number=f"1{self._dice.choice('35')}{self._dice.randrange(10**9):09}", language=Language.ZH)
        return self._dice.choice(callers[:_REGULARS] if kind < 0.2 else callers)

    def _call(self, place: int, at: datetime, caller: Caller) -> PastCall:
        intent = self._dice.choices(_INTENTS, _INTENT_WEIGHTS)[0]
        story = _CallStory(CallId(f"demo-{at:%Y%m%d}.{place}"), at, caller, intent, self._dice, zone=self._zone)
        story.comes_in()
        able = [agent for agent in self._agents if _can(agent, story)]
        fate = self._dice.random()
        if fate < 0.17:
            story.ends_in_the_menu()
        elif fate < 0.26 or not able:
            story.hangs_up_waiting()
        else:
            if fate < 0.34 and len(able) > 1:
                story.is_missed_by(able.pop(self._dice.randrange(len(able))))
            story.talks_with(self._dice.sample(able, self._dice.randint(1, len(able))))
        answered = story.agent is not None
        disposed = answered and self._dice.random() < 0.92
        return PastCall(
            id=story.call,
            caller=caller,
            intent=intent,
            agent=story.agent,
            ended_at=story.at,
            events=tuple(story.events),
            disposition=self._dice.choice(DISPOSITIONS[intent]) if disposed else None,
            note=_in(caller.language, self._dice.choice(NOTES)) if disposed else "",
        )

    # ---- tickets

    def tickets(self, calls: Sequence[PastCall]) -> tuple[PastTicket, ...]:
        fitting = [call for call in calls if call.agent and call.caller.id and call.disposition]
        return tuple(self._ticket(call) for call in self._some(fitting, TICKETS))

    def _ticket(self, call: PastCall) -> PastTicket:
        kind = call.intent if call.intent in ("consultation", "repair", "complaint") else "other"
        product, subject = self._dice.choice(PRODUCTS), self._dice.choice(SUBJECTS[kind])
        language, opened = call.caller.language, call.ended_at - timedelta(seconds=20)
        by = UserId(call.agent or "")
        status, entries = self._work_on_it(opened, by, language)
        return PastTicket(
            call=call,
            at=opened,
            subject=_in(language, subject).format(_in(language, product)),
            description=_in(language, self._dice.choice(NOTES)),
            type=TicketType(kind),
            priority=self._dice.choices(tuple(TicketPriority), (15, 60, 20, 5))[0],
            topic=_in(language, product),
            department="sales" if kind == "consultation" else "service",
            assignee=by,
            status=status,
            entries=tuple(entries),
        )

    def _work_on_it(self, opened: datetime, by: UserId, language: Language) -> tuple[TicketStatus, Sequence[PastEntry]]:
        """The older a ticket, the further it has come."""
        entries, at, status = [], opened, TicketStatus.OPEN
        for _ in range(self._dice.randrange(4)):
            at = self._next_at_work(at, self._dice.uniform(0.3, 30))
            if at < self._now:
                entries.append(PastEntry(at=at, by=by, text=_in(language, self._dice.choice(COMMENTS))))
        for following in self._fate_of_a_ticket(opened):
            at = self._next_at_work(at, self._dice.uniform(0.1, 20))
            if at < self._now:
                entries.append(PastEntry(at=at, by=by, status=(status, following)))
                status = following
        return status, entries

    def _next_at_work(self, at: datetime, hours: float) -> datetime:
        return at_work(at + timedelta(hours=hours), self._zone, later=True)

    def _fate_of_a_ticket(self, opened: datetime) -> tuple[TicketStatus, ...]:
        age = (self._now - opened).days
        if age > 14:
            return self._dice.choice(((TicketStatus.SOLVED, TicketStatus.CLOSED), (TicketStatus.SOLVED,)))
        if age > 4:
            return self._dice.choice(((TicketStatus.SOLVED,), (TicketStatus.PENDING,), (TicketStatus.SOLVED,)))
        return self._dice.choice(((), (), (TicketStatus.PENDING,), (TicketStatus.SOLVED,)))

    # ---- callbacks

    def callbacks(self, tickets: Sequence[PastTicket]) -> tuple[PastCallback, ...]:
        """Around now: most of the past ones were kept, a few are overdue, and today and the next days have some."""
        places = self._some(range(len(tickets)), CALLBACKS)
        hours = [self._dice.uniform(-240, -2) for _ in range(CALLBACKS - 24)]
        hours += [-0.7, -0.3, 0.1, 0.4, 1, 1.5] + [self._dice.uniform(2, 72) for _ in range(18)]
        return tuple(self._callback(place, tickets[place], hour) for place, hour in zip(places, hours, strict=True))

    def _callback(self, place: int, ticket: PastTicket, hours: float) -> PastCallback:
        due = self._due(hours)
        about_it = ticket.at < due
        made_at = ticket.at if about_it else due - timedelta(hours=1)
        state = self._fate_of_a_callback(due) if hours < -_AROUND_NOW_H else CallbackState.SCHEDULED
        over_at = {
            CallbackState.DONE: due,
            CallbackState.CANCELLED: made_at + (due - made_at) / 2,
            CallbackState.MISSED: due + _GIVEN_UP_AFTER,
        }.get(state)
        language = ticket.call.caller.language
        note = _in(language, self._dice.choice(NOTES)) if state is CallbackState.DONE else ""
        return PastCallback(
            customer=ticket.call.caller.id or CustomerId(""),
            number=ticket.call.caller.number,
            due_at=due,
            made_at=made_at,
            why=_in(language, self._dice.choice(REASONS)),
            state=state,
            assignee=ticket.assignee if self._dice.random() < 0.75 else None,
            made_by=ticket.assignee,
            ticket=place if about_it else None,
            call=ticket.call.id if about_it else None,
            note=note,
            over_at=over_at,
            over_by=ticket.assignee if state in (CallbackState.DONE, CallbackState.CANCELLED) else None,
        )

    def _fate_of_a_callback(self, due: datetime) -> CallbackState:
        """Most were kept; the worker gives up those that nobody has made for a day."""
        fates = (CallbackState.DONE, CallbackState.CANCELLED, CallbackState.MISSED)
        fate = self._dice.choices(fates, (80, 8, 12))[0]
        too_early = fate is CallbackState.MISSED and due + _GIVEN_UP_AFTER > self._now
        return CallbackState.SCHEDULED if too_early else fate

    def _due(self, hours: float) -> datetime:
        """Those around now are due around now, whatever hour it is; people promise the others for working hours."""
        due = (self._now + timedelta(hours=hours)).replace(second=0, microsecond=0)
        if abs(hours) < _AROUND_NOW_H:
            return due
        return at_work(due.replace(minute=due.minute // 15 * 15), self._zone, later=hours > 0)

    def _some(self, of: Sequence[_T], count: int) -> list[_T]:
        """Different ones, in their order."""
        return [of[place] for place in sorted(self._dice.sample(range(len(of)), min(count, len(of))))]


class _CallStory:
    """Tells one call, step by step, as cti would have."""

    def __init__(
        self, call: CallId, at: datetime, caller: Caller, intent: str, dice: random.Random, *, zone: ZoneInfo
    ) -> None:
        self.call, self.at = call, at
        self._menu_dice, self._zone = random.Random(str(call)), zone  # noqa: S311 - nothing secret
        self._deeds: list[Deed] = []
        self.requires = {SkillKey(str(caller.language)): 1}
        if intent == "repair":  # as ivr/flows/main.json asks
            self.requires[SkillKey("repair")] = 1
        self.events: list[Event] = []
        self.agent: AgentId | None = None
        self._caller, self._intent, self._dice = caller, intent, dice
        self.queue = QueueKey("repair" if intent == "repair" else "service")
        self._queued_at, self._is_queued = at, False
        self._offers = 0

    def comes_in(self) -> None:
        language, dice = self._caller.language, self._dice
        self.events.append(
            CallArrived(
                at=self.at, call=self.call, server=ServerId("demo"), direction=Direction.INBOUND,
                ani=self._caller.number, dnis="4008000",
            )
        )  # fmt: skip
        self._pass(dice.uniform(3, 9))
        digit = "1" if language is Language.ZH else "2"
        self._deeds.append(Deed(at=self.at, keys=digit))
        self._pass(dice.uniform(4, 12))

    def ends_in_the_menu(self) -> None:
        self._deeds += serves_himself(self._deeds[-1].at, self._menu_dice)
        self._goes_through_the_menu()
        self._ended(Outcome.SELF_SERVICE, HungUpBy.CALLER)

    def hangs_up_waiting(self) -> None:
        self._enter_the_queue()
        self._pass(min(self._dice.expovariate(1 / 60), 300))
        self._ended(Outcome.ABANDONED, HungUpBy.CALLER)

    def is_missed_by(self, agent: FloorAgent) -> None:
        self._enter_the_queue()
        agent, offer = self._offer([agent])
        self._pass(20)
        self.events.append(
            OfferFailed(at=self.at, call=self.call, agent=agent.id, offer=offer, why=OfferFailure.NO_ANSWER)
        )

    def talks_with(self, free: Sequence[FloorAgent]) -> None:
        self._enter_the_queue()
        self._pass(min(self._dice.expovariate(1 / 25), 240))
        (agent, offer), rang_at = self._offer(free), self.at
        self._pass(self._dice.uniform(2, 9))
        self.agent, answered_at = agent.id, self.at
        self.events.append(
            CallConnected(at=self.at, call=self.call, agent=agent.id, party=agent.extension, offer=offer)
        )
        self._pass(self._dice.uniform(25, 90) + min(self._dice.expovariate(1 / 150), 600))
        self.events.append(CallDisconnected(at=self.at, call=self.call, agent=agent.id, party=agent.extension))
        by = self._dice.choice((HungUpBy.CALLER, HungUpBy.CALLER, HungUpBy.AGENT))
        self._ended(Outcome.ANSWERED, by, rang_at=rang_at, answered_at=answered_at)

    def _enter_the_queue(self) -> None:
        if self._is_queued:
            return
        self._is_queued = True
        self._deeds += wrong_key_before(self.at, self._deeds[-1].at, self._menu_dice)
        self._deeds.append(Deed(at=self.at, keys=_DIGIT[self._intent]))
        self._goes_through_the_menu()
        self._queued_at = self.at
        self.events.append(
            CallQueued(
                at=self.at,
                call=self.call,
                queue=self.queue,
                requires={str(skill): level for skill, level in self.requires.items()},
                language=str(self._caller.language),
                intent=self._intent,
            )
        )

    def _offer(self, free: Sequence[FloorAgent]) -> tuple[FloorAgent, OfferId]:
        """To the best of those who were free; of equals to one who had been for a while."""
        self._offers += 1
        offer, wanted = OfferId(f"{self.call}.{self._offers}"), requirements(self.requires)
        mastered = max(mastery(agent.skills, wanted) for agent in free)
        best = [agent for agent in free if mastery(agent.skills, wanted) == mastered]
        agent = self._dice.choice(best)
        why = Because(
            rule="only_one" if len(free) == 1 else "best_skill" if len(best) == 1 else "longest_idle",
            skills=matches(agent.skills, wanted),
            waited_s=round((self.at - self._queued_at).total_seconds(), 1),
            idle_s=round(self._dice.uniform(15, 600), 1) if len(best) > 1 else 0.0,
            candidates=len(free),
        )
        self.events.append(
            CallOffered(
                at=self.at, call=self.call, agent=agent.id, extension=agent.extension, offer=offer, queue=self.queue,
                because=why,
            )
        )  # fmt: skip
        self._pass(0.2)
        self.events.append(CallRinging(at=self.at, call=self.call, agent=agent.id, offer=offer))
        return agent, offer

    def _ended(
        self, outcome: Outcome, by: HungUpBy, *, rang_at: datetime | None = None, answered_at: datetime | None = None
    ) -> None:
        waited_until = answered_at or self.at
        queued = outcome is not Outcome.SELF_SERVICE
        self.events.append(
            CallEnded(
                at=self.at,
                call=self.call,
                outcome=outcome,
                hung_up_by=by,
                wait_s=_seconds(self._queued_at, waited_until) if queued else 0.0,
                ring_s=_seconds(rang_at, answered_at) if rang_at and answered_at else 0.0,
                talk_s=_seconds(answered_at, self.at) if answered_at else 0.0,
                agents=(self.agent,) if self.agent else (),
            )
        )

    def _goes_through_the_menu(self) -> None:
        went = through_the_menu(self.call, self.events[0].at, self._deeds, self._zone)
        self.events += [*went.steps, went.walked]
        self.at = went.left_at

    def _pass(self, seconds: float) -> None:
        self.at += timedelta(seconds=round(seconds, 2))


def _can(agent: FloorAgent, story: _CallStory) -> bool:
    able = all(agent.skills.get(skill, 0) >= level for skill, level in story.requires.items())
    return able and story.queue in agent.queues


def _in(language: Language, pair: Pair) -> str:
    return pair[1] if language is Language.EN else pair[0]


def _seconds(start: datetime, end: datetime) -> float:
    return round((end - start).total_seconds(), 2)
