"""What is agreed for a queue, told to a person: in the list, and as what a change has changed. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from agent_console.good_byes import PROMPTS
from agent_console.labels import LABELS
from agent_console.pages.calls.cast import Cast
from agent_console.pages.queues.terms import TERMS, Kind, Term
from agent_console.words import Dialled, Duration, Named, Sentence, say
from crm_core.domain.floor import Announced, Queue, Relaxation, RelaxationKind
from crm_core.domain.hours import WEEKDAYS
from crm_core.domain.opening import OpeningHours
from crm_core.domain.overflow import Overflow, OverflowKind, OverflowWhy
from crm_core.kernel.ids import QueueKey, SkillKey

Lines = tuple[Sentence, ...]
DAYS: Final = dict(
    zip(
        WEEKDAYS,
        (
            say("Monday"),
            say("Tuesday"),
            say("Wednesday"),
            say("Thursday"),
            say("Friday"),
            say("Saturday"),
            say("Sunday"),
        ),
        strict=True,
    )
)
_YES, _NO, _NOTHING = say("yes"), say("no"), Sentence(text="–")


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    label: Sentence
    before: Lines
    after: Lines


def changes(before: Queue, after: Queue, names: Cast) -> tuple[Change, ...]:
    """What is another thing now; fields that nobody sees on the page are not told."""
    return tuple(
        Change(label=term.label, before=told(term, before, names), after=told(term, after, names))
        for term in TERMS
        if getattr(before, term.field) != getattr(after, term.field)
    )


def told(term: Term, queue: Queue, names: Cast) -> Lines:
    return tuple(_lines(term, queue, names)) or (_NOTHING,)


def _lines(term: Term, queue: Queue, names: Cast) -> Iterator[Sentence]:  # noqa: PLR0912 - a table
    value = getattr(queue, term.field)
    match term.kind:
        case Kind.NAMES:
            yield from (Sentence(text=name) for _, name in sorted(queue.names.items()))
        case Kind.DEPARTMENT if queue.department:
            yield _named(names.department(queue.department))
        case Kind.COUNT:
            yield Sentence(text=str(value))
        case Kind.CHOICE if isinstance(value, StrEnum):
            yield LABELS[type(value)][value]
        case Kind.YES_NO:
            yield _YES if value else _NO
        case Kind.WISH | Kind.PROMPT | Kind.MENU | Kind.KEY if value:
            yield Sentence(text=value)
        case Kind.LEVELS:
            for skill, level in sorted(queue.skills.items()):
                yield say("%(skill)s, level %(level)s", skill=names.skill(skill), level=level)
        case Kind.ORDER | Kind.PROMPTS if value:
            yield Sentence(text=", ".join(value))
        case Kind.ANNOUNCED:
            yield from (LABELS[Announced][one] for one in queue.announce)
        case Kind.REASONS:
            yield from (LABELS[OverflowWhy][why] for why in queue.overflow_when)
        case Kind.HOURS:
            yield from _hours(queue.open_hours)
        case Kind.CALENDAR:
            yield say("the calendar %(name)s", name=queue.calendar) if queue.calendar else say("hours of its own")
        case Kind.CHAIN:
            yield from onward(queue, names)
        case Kind.STEPS:
            yield from (_step(one, names) for one in queue.relaxing)
        case _:
            return


def _named(name: Named) -> Sentence:
    return Sentence(text="%(name)s", params={"name": name})


def _hours(hours: OpeningHours | None) -> Iterator[Sentence]:
    if hours is None:
        yield say("always open")
        return
    for day in WEEKDAYS:
        if spans := hours.week.get(day):
            yield say("%(day)s %(hours)s", day=DAYS[day], hours=", ".join(spans))
    for days, name in sorted(hours.holidays.items()):
        yield say("closed %(days)s %(name)s", days=days, name=name)
    for days, spans in sorted(hours.working_days.items()):
        yield say("%(day)s %(hours)s", day=days, hours=", ".join(spans))


def onward(queue: Queue, names: Cast) -> Iterator[Sentence]:
    """Where callers go who cannot wait, a line for each step."""
    for step in queue.overflow:
        to = _to(step, names)
        yield say("%(to)s, when %(why)s", to=to, why=_either(step.when)) if step.when else to


def _either(whys: tuple[OverflowWhy, ...]) -> Sentence:
    first, *others = (LABELS[OverflowWhy][why] for why in whys)
    for other in others:
        first = say("%(one)s or %(other)s", one=first, other=other)
    return first


def _to(step: Overflow, names: Cast) -> Sentence:
    match step.kind:
        case OverflowKind.QUEUE:
            return say("to the queue %(queue)s", queue=names.queue(QueueKey(step.to)))
        case OverflowKind.NUMBER:
            return say("to the number %(number)s", number=Dialled(raw=step.to))
        case OverflowKind.MESSAGE:
            said = PROMPTS.get(step.to) or Sentence(text=step.to)
            return say("announcement “%(message)s”", message=said)
        case OverflowKind.CALLBACK:
            return say("a callback at the same place in the line")
        case OverflowKind.VOICEMAIL:
            return say("a voice message")


def _step(step: Relaxation, names: Cast) -> Sentence:
    time, skill = Duration(seconds=step.after_s), names.skill(step.skill or SkillKey(""))
    match step.kind:
        case RelaxationKind.LOWER:
            return say(
                "after %(time)s level %(level)s of %(skill)s is enough", time=time, level=step.level, skill=skill
            )
        case RelaxationKind.DROP:
            return say("after %(time)s %(skill)s is not asked for", time=time, skill=skill)
        case RelaxationKind.WIDEN:
            queue = names.queue(step.queue or QueueKey(""))
            return say("after %(time)s the colleagues of %(queue)s as well", time=time, queue=queue)
        case RelaxationKind.CALL_IN:
            department = names.department(step.department or "")
            return say("after %(time)s the department %(department)s as well", time=time, department=department)
