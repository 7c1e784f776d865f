"""`callwright floor show` and `floor load FILE`: departments, skills, queues, numbers and dispositions as one JSON
document.

The document has the fields of `crm_core.domain.floor` and of a `DispositionEntry` by their own names. Loading makes
what is new and changes what is there; nothing is taken away.
"""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, fields, replace
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter, ValidationError

from crm_core.domain.calendars import SharedCalendar
from crm_core.domain.dispositions import Disposition, DispositionEntry
from crm_core.domain.floor import Department, Did, DidTarget, FloorPlan, HouseRules, Queue, Skill
from crm_core.domain.overflow import Overflow, OverflowKind
from crm_core.errors import OverflowLoop
from crm_core.kernel.errors import CallwrightError
from crm_core.kernel.language import Language
from crm_core.services.calendars import Calendars
from crm_core.services.dispositions import Dispositions
from crm_core.services.floor_plans import FloorPlans

_KINDS: Mapping[str, type[Any]] = {
    "departments": Department,
    "skills": Skill,
    "calendars": SharedCalendar,
    "queues": Queue,
    "dids": Did,
    "dispositions": DispositionEntry,
}
"""In the order in which they may speak of each other."""
RULES = "rules"
"""What holds for the whole house: one object."""


class FloorFileWrong(CallwrightError):
    """{file} cannot be loaded: {why}. `callwright floor show` prints a document of the right form."""

    code = "floor.file_wrong"


@dataclass(frozen=True, slots=True, kw_only=True)
class FloorDocument:
    departments: tuple[Department, ...] = ()
    skills: tuple[Skill, ...] = ()
    calendars: tuple[SharedCalendar, ...] = ()
    queues: tuple[Queue, ...] = ()
    dids: tuple[Did, ...] = ()
    dispositions: tuple[DispositionEntry, ...] = ()
    rules: HouseRules | None = None


def shown(plan: FloorPlan, tree: Iterable[Disposition]) -> str:
    present = FloorDocument(
        departments=plan.departments,
        skills=plan.skills,
        calendars=tuple(plan.calendars.values()),
        queues=plan.queues,
        dids=plan.dids,
        dispositions=tuple(_entry_of(one) for root in tree for one in root.walk()),
    )
    content = {kind: [asdict(one) for one in getattr(present, kind)] for kind in _KINDS}
    return json.dumps({**content, RULES: asdict(plan.rules)}, ensure_ascii=False, indent=2)


def read(file: Path, menus: Collection[str], prompts: Mapping[Language, Collection[str]]) -> FloorDocument:
    """Raises FloorFileWrong. `menus`: the voice menus there are for numbers to lead to; `prompts`: what can be said."""
    try:
        content = json.loads(file.read_text(encoding="utf-8"))
        _refuse_strangers("the document", content, (*_KINDS, RULES))
        rules = _fitting(RULES, HouseRules, content[RULES]) if RULES in content else None
        found = {kind: tuple(_entry(kind, one) for one in content.get(kind, ())) for kind in _KINDS}
    except OSError as error:
        raise FloorFileWrong(file=file, why=error.strerror or error) from None
    except (ValueError, TypeError) as error:
        raise FloorFileWrong(file=file, why=str(error).rstrip(".")) from None
    document = FloorDocument(**found, rules=rules)
    for did in document.dids:
        if why := _trouble(did, menus):
            raise FloorFileWrong(file=file, why=f"number {did.number} {why}")
    for queue, said in _said(document.queues):
        if missing := [language.value for language, there in prompts.items() if said not in there]:
            raise FloorFileWrong(file=file, why=f"queue {queue.key}: no prompt {said!r} in {', '.join(missing)}")
    for queue in document.queues:
        if silent := [name for name in queue.music if not any(name in there for there in prompts.values())]:
            raise FloorFileWrong(file=file, why=f"queue {queue.key}: no recording {silent[0]!r} for its music")
    return document


def _said(queues: Iterable[Queue]) -> Iterator[tuple[Queue, str]]:
    """Every prompt that callers of a queue may hear."""
    for queue in queues:
        yield from ((queue, step.to) for step in queue.overflow if _is_said(step))
        if queue.comfort:
            yield queue, queue.comfort


def _is_said(step: Overflow) -> bool:
    return step.kind is OverflowKind.MESSAGE


def _trouble(did: Did, menus: Collection[str]) -> str:
    if did.target is DidTarget.IVR and not {did.to, did.closed_to or did.to} <= set(menus):
        return f"leads to no menu we have ({', '.join(sorted(menus))})"
    if (did.open_hours is None and did.calendar is None) is not (did.closed_to is None):
        return 'has only one of "open_hours" (or "calendar") and "closed_to"'
    if did.target is DidTarget.IVR and not did.answer:
        return 'leads to a menu, which always answers: "answer": false is for numbers that lead into a queue'
    return ""


def _entry_of(one: Disposition) -> DispositionEntry:
    return DispositionEntry(
        code=one.code, names=one.names, parent=one.parent, position=one.position, retired=one.retired
    )


async def load(document: FloorDocument, plans: FloorPlans, dispositions: Dispositions, calendars: Calendars) -> None:
    """Raises what the service says to a value that cannot be. (A step may name a queue that stands further down.)"""
    there = {queue.key for queue in (await plans.load()).queues}
    new = [queue for queue in document.queues if queue.key not in there]
    circling: list[Queue] = []

    async def agree(queue: Queue) -> None:
        try:
            await plans.put_queue(queue)
        except OverflowLoop:  # with what others of the file have no longer, as a rule
            await plans.put_queue(_alone(queue))
            circling.append(queue)

    put: tuple[tuple[Callable[[Any], Awaitable[object]], Sequence[Any]], ...] = (
        (plans.put_department, document.departments),
        (plans.put_skill, document.skills),
        (calendars.put, document.calendars),
        (plans.put_queue, [_alone(queue) for queue in new]),
        (agree, document.queues),
        (plans.put_queue, circling),
        (plans.put_did, document.dids),
    )
    for put_one, entries in put:
        for entry in entries:
            await put_one(entry)
    if document.rules is not None:
        await plans.put_rules(document.rules)
    await dispositions.put(document.dispositions)


def _alone(queue: Queue) -> Queue:
    """Without what speaks of other queues, and what needs it."""
    alone = replace(queue, relaxing=(), overflow=(), overflow_when=(), max_waiting=0, max_per_hour=0, max_wait_s=0)
    return replace(alone, open_hours=None, calendar=None)


def _entry(kind: str, content: object) -> Any:
    return _fitting(kind, _KINDS[kind], content)


def _fitting(kind: str, cls: type[Any], content: object) -> Any:
    _refuse_strangers(f"one of {kind}", content, [field.name for field in fields(cls)])
    try:
        return TypeAdapter(cls).validate_python(content)
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(str(part) for part in first["loc"])
        raise ValueError(f"{kind}: {place}: {first['msg']}") from None


def _refuse_strangers(where: str, content: object, known: Collection[str]) -> None:
    if not isinstance(content, dict):
        raise TypeError(f"{where} should be an object in braces")
    strange = sorted(set(content) - set(known))
    if strange:
        raise ValueError(f"{where} knows no {', '.join(map(repr, strange))}; it knows {', '.join(known)}")
