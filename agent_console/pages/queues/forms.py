"""The form of a queue: what stands in it for a queue, and the queue it was filled in for. Pure.

Rows come as `overflow-0-way`, `relaxing-1-what`; a row in which nothing is chosen is no row. A field that the form has
not stays as it was.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import fields, replace
from typing import Any, Final

from agent_console.errors import Invalid
from agent_console.faults import Fault
from agent_console.pages.queues.hours import FIELDS as HOURS_FIELDS
from agent_console.pages.queues.hours import hours_of, hours_values
from agent_console.pages.queues.rows import chain_of, chain_values, steps_of, steps_values
from agent_console.pages.queues.terms import TERMS, Kind, Term
from agent_console.pages.queues.wishes import asks_of
from agent_console.words import Sentence, say
from crm_core.domain.floor import Announced, FloorPlan, Queue
from crm_core.domain.overflow import OverflowWhy
from crm_core.domain.users import HIGHEST_LEVEL, LOWEST_LEVEL
from crm_core.kernel.language import Language

Form = Mapping[str, str]
REASONS: Final = (OverflowWhy.NOBODY, OverflowWhy.PAUSED)
"""For which callers go on only if it is said so."""
_LONGEST_NAME = 200
_PROMPT = re.compile(r"[a-z][a-z0-9_]{1,40}")


def values_of(queue: Queue) -> dict[str, str]:
    """The form as it opens for a queue."""
    found: dict[str, str] = {"key": queue.key}
    for term in TERMS:
        found |= _values(term, queue)
    return found


def _values(term: Term, queue: Queue) -> dict[str, str]:  # noqa: PLR0911 - a table
    value: Any = getattr(queue, term.field)
    match term.kind:
        case Kind.NAMES:
            return {f"name-{language}": name for language, name in queue.names.items()}
        case Kind.YES_NO:
            return {term.field: "1" if value else ""}
        case Kind.LEVELS:
            return {f"skill-{skill}": str(level) for skill, level in queue.skills.items()}
        case Kind.ORDER | Kind.PROMPTS:
            return {term.field: ", ".join(value)}
        case Kind.ANNOUNCED:
            return {f"announce-{one}": "1" for one in queue.announce}
        case Kind.REASONS:
            return {f"when-{why}": "1" for why in queue.overflow_when}
        case Kind.HOURS:
            return hours_values(queue.open_hours)
        case Kind.CHAIN:
            return chain_values(queue.overflow)
        case Kind.STEPS:
            return steps_values(queue.relaxing)
        case _:
            return {term.field: str(value or "") if value is None or isinstance(value, str) else str(value)}


def read_queue(form: Form, before: Queue, plan: FloorPlan) -> Queue:
    """Raises Invalid with everything that is wrong."""
    wanted: dict[str, Any] = {}
    faults: list[Fault] = []
    for term in TERMS:
        try:
            wanted[term.field] = _read(term, form, plan)
        except Invalid as error:
            faults.extend(error.faults)
    if faults:
        raise Invalid(tuple(faults))
    return replace(before, **wanted)


def _read(term: Term, form: Form, plan: FloorPlan) -> Any:  # noqa: PLR0911, PLR0912 - a table
    text = form.get(term.field, "").strip()
    match term.kind:
        case Kind.NAMES:
            return _names(form)
        case Kind.DEPARTMENT:
            return text or None
        case Kind.WISH:
            return asks_of(text, plan)
        case Kind.COUNT:
            return _count(term, text)
        case Kind.CHOICE if term.choices is not None:
            return _choice(term, text)
        case Kind.YES_NO:
            return text == "1"
        case Kind.LEVELS:
            return _levels(form, plan)
        case Kind.ORDER:
            return _order(term, text)
        case Kind.ANNOUNCED:
            return tuple(one for one in Announced if form.get(f"announce-{one}") == "1")
        case Kind.PROMPT:
            return _prompt(term, text)
        case Kind.MENU:
            return text
        case Kind.CALENDAR:
            return _calendar(text, form)
        case Kind.KEY:
            return _key(term, text, form)
        case Kind.PROMPTS:
            return tuple(dict.fromkeys(_prompt(term, one) for one in _listed(text)))
        case Kind.REASONS:
            return tuple(why for why in REASONS if form.get(f"when-{why}") == "1")
        case Kind.HOURS:
            return hours_of(form)
        case Kind.CHAIN:
            return chain_of(form)
        case _:
            return steps_of(form)


def _names(form: Form) -> dict[str, str]:
    found = {language.value: " ".join(form.get(f"name-{language}", "").split()) for language in Language}
    if not any(found.values()):
        raise fault(f"name-{Language.ZH}", "field.empty", say("Please give the queue a name."))
    if long := [language for language, name in found.items() if len(name) > _LONGEST_NAME]:
        most = say("At most %(bound)s characters, please.", bound=_LONGEST_NAME)
        raise fault(f"name-{long[0]}", "field.too_long", most)
    return {language: name for language, name in found.items() if name}


def _count(term: Term, text: str) -> int:
    number = int(text) if text.removeprefix("-").isdecimal() and text.isascii() and len(text) < 10 else None
    if number is None or not term.lowest <= number <= term.highest:
        wanted = say("A number from %(lowest)s to %(highest)s, please.", lowest=term.lowest, highest=term.highest)
        raise fault(term.field, "field.out_of_range", wanted)
    return number


def _choice(term: Term, text: str) -> Any:
    found = {str(one): one for one in term.choices or ()}
    if text not in found:
        raise fault(term.field, "enum", say("Please choose one of the possible values."))
    return found[text]


def _prompt(term: Term, text: str) -> str:
    if text and not _PROMPT.fullmatch(text):
        wanted = say("“%(written)s” is no name of a prompt: small letters, digits and underscores.", written=text)
        raise fault(term.field, "queue.prompt_unusable", wanted)
    return text


def _key(term: Term, text: str, form: Form) -> str:
    """One key means one thing."""
    if text and not (len(text) == 1 and text.isascii() and text.isdecimal()):
        raise fault(term.field, "queue.key_unusable", say("A digit from 0 to 9, please, or nothing."))
    if text and term.field == "message_key" and text == form.get("callback_key", "").strip():
        raise fault(term.field, "queue.key_unusable", say("This key is for being called back already."))
    return text


def _calendar(text: str, form: Form) -> str | None:
    """Instead of hours of its own."""
    if text and any(form.get(field, "").strip() for field in HOURS_FIELDS):
        wanted = say("Choose a calendar or write hours of its own, not both.")
        raise fault("calendar", "calendar.hours_twice", wanted)
    return text or None


def _levels(form: Form, plan: FloorPlan) -> dict[str, int]:
    levels = {skill.key: form.get(f"skill-{skill.key}", "") for skill in plan.skills}
    possible = {str(level): level for level in range(LOWEST_LEVEL, HIGHEST_LEVEL + 1)}
    return {skill: possible[level] for skill, level in levels.items() if level in possible}


def _order(term: Term, text: str) -> tuple[str, ...]:
    found = _listed(text)
    if strange := [one for one in found if not (one.isdecimal() and one.isascii() and 2 <= len(one) <= 8)]:
        wanted = say("“%(written)s” is no extension. Write them like 1003, 1001.", written=strange[0])
        raise fault(term.field, "user.extension_unusable", wanted)
    return tuple(dict.fromkeys(found))


def _listed(text: str) -> list[str]:
    return text.replace("，", ",").replace("、", ",").replace(",", " ").split()


def merged(opened: Queue, mine: Queue, theirs: Queue) -> tuple[Queue, tuple[str, ...]]:
    """What both have changed since it was opened, mine going before; and the fields in which they differ."""
    changed = {field.name for field in fields(Queue) if getattr(mine, field.name) != getattr(opened, field.name)}
    both = [name for name in changed if getattr(theirs, name) not in (getattr(opened, name), getattr(mine, name))]
    return replace(theirs, **{name: getattr(mine, name) for name in changed}), tuple(sorted(both))


def fault(field: str, code: str, sentence: Sentence) -> Invalid:
    return Invalid((Fault(field=field, code=code, sentence=sentence),))
