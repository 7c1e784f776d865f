"""REST: what is agreed for queues, and what agents can. A change tells whoever serves callers, as on the screens."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import MISSING, fields
from dataclasses import Field as DataField
from datetime import date, datetime
from typing import Annotated, Any, Final, get_type_hints

from pydantic import BaseModel, BeforeValidator, Field, create_model

from agent_console.api import models
from agent_console.api.floor import in_every_language
from agent_console.api.models import Answer
from agent_console.api.operations import Ask, Operations, Query
from agent_console.auth.permissions import May, may_shape
from agent_console.errors import Forbidden
from agent_console.explained import names_of_floor
from agent_console.floor import reload_floor, tell_asterisk
from agent_console.inputs import Id, Input, SomeNames, whole
from agent_console.keys import BUS
from agent_console.menus import sounds_of
from agent_console.pages.queues.checks import doubt, doubts_among
from agent_console.pages.queues.terms import TERMS, Kind
from agent_console.pages.telling import of_asterisk
from agent_console.queue_removal import remove
from crm_core.domain.floor import FloorPlan, Queue, QueueVersion
from crm_core.domain.paging import KEEP
from crm_core.domain.queue_review import Doubt
from crm_core.domain.users import HIGHEST_LEVEL, LOWEST_LEVEL, Validity
from crm_core.errors import DaysReversed, QueueNotFound, SkillNotFound
from crm_core.kernel.ids import QueueKey, SkillKey, UserId
from crm_core.services.users import MOST_CALLS_PER_HOUR, MOST_TICKETS_AT_ONCE

api = Operations("Floor")
_COUNTS: Final = {term.field: term for term in TERMS if term.kind is Kind.COUNT}
_HINTS: Final = get_type_hints(Queue)


def _input(one: DataField[Any]) -> tuple[Any, Any]:
    """A field of a queue as it may be sent: with a name, and counts within the limits that the form has."""
    usual = Field(default_factory=one.default_factory) if one.default_factory is not MISSING else one.default
    default = ... if usual is MISSING else usual
    if one.name == "names":
        return SomeNames, default
    if one.name not in _COUNTS:
        return _HINTS[one.name], default
    term = _COUNTS[one.name]
    return Annotated[int, Field(ge=term.lowest, le=term.highest), BeforeValidator(whole)], default


_SENT: Final[dict[str, Any]] = {one.name: _input(one) for one in fields(Queue) if one.name != "key"}
TermsInput: Final[type[BaseModel]] = create_model("QueueTermsInput", __base__=Input, **_SENT)
"""Every field of a queue but its key; whatever is added to a queue can be sent as well."""


class QueueInput(Input):
    version: Annotated[int, Field(ge=0, le=2**31 - 1), BeforeValidator(whole)] = Field(
        description="The one you know, 0 for a new queue; the change is refused when the queue has moved on since."
    )
    terms: TermsInput  # type: ignore[valid-type]


class SkillInput(Input):
    level: Annotated[int, Field(ge=LOWEST_LEVEL, le=HIGHEST_LEVEL), BeforeValidator(whole)]
    first: date | None = Field(default=None, description="The day from which it holds; null: from ever.")
    last: date | None = Field(default=None, description="The last day; null: for ever.")


class AbilitiesDraft(Input):
    """All of it: what is not named the agent has not any more."""

    skills: dict[str, SkillInput]
    queues: list[Id]
    calls_per_hour: Annotated[int, Field(ge=1, le=MOST_CALLS_PER_HOUR), BeforeValidator(whole)] | None
    tickets_at_once: Annotated[int, Field(ge=0, le=MOST_TICKETS_AT_ONCE), BeforeValidator(whole)] | None = Field(
        default=None, description="Out of the line, on the desk at the same time. null: as it was."
    )


class AbilitiesInput(AbilitiesDraft):
    abilities: str | None = Field(
        default=None,
        description="Those you know: the change is refused when they are others by now. null: whatever.",
    )


class DeletionQuery(Query):
    version: Annotated[int, Field(ge=1, le=2**31 - 1)] = Field(description="The one you know.")


class QueueDoubt(Answer):
    """Not forbidden, and most likely not meant."""

    field: str
    code: Doubt
    sentence: dict[str, str] = Field(description="In each language.")


class QueueAgreed(Answer):
    version: int
    terms: Queue
    doubts: list[QueueDoubt]


class QueueThen(Answer):
    version: int
    at: datetime | None = Field(description="null: before changes were kept.")
    by: str | None
    terms: Queue


class QueueHistory(Answer):
    items: list[QueueThen]


@api.add("GET", "/queues/{queue}", "What is agreed for a queue", answers=QueueAgreed, may=May.SHAPE_FLOOR)
async def get_queue(ask: Ask) -> QueueAgreed:
    return _agreed(ask, await my_queue(ask), await ask.services.floor_plans.load())


@api.add(
    "GET",
    "/queues/{queue}/versions",
    "What was agreed before, the newest first",
    answers=QueueHistory,
    may=May.SHAPE_FLOOR,
)
async def list_queue_versions(ask: Ask) -> QueueHistory:
    now = await my_queue(ask)
    versions = await ask.services.floor_plans.queue_versions(now.queue.key)
    rows = [QueueThen(version=one.version, at=one.at, by=one.by, terms=one.queue) for one in versions]
    return QueueHistory(items=rows)


@api.add(
    "PUT",
    "/queues/{queue}",
    "Agree on something else, at once",
    answers=QueueAgreed,
    body=QueueInput,
    may=May.SHAPE_FLOOR,
)
async def put_queue(ask: Ask, body: QueueInput) -> QueueAgreed:
    plans, key = ask.services.floor_plans, QueueKey(ask.path["queue"])
    wanted = draft_of(key, body.terms)
    before = await my_queue(ask) if body.version else None
    if not may_shape(ask.user, wanted.department):
        raise Forbidden()
    await plans.put_queue(wanted, version=body.version, by=ask.user.id)
    bus = ask.request.config_dict[BUS]
    await reload_floor(bus)
    if before is None or of_asterisk(before.queue) != of_asterisk(wanted):
        await tell_asterisk(bus)
    return _agreed(ask, await plans.queue(key), await plans.load())


@api.add(
    "DELETE",
    "/queues/{queue}",
    "Take a queue away that nothing leads to",
    status=204,
    query=DeletionQuery,
    may=May.SHAPE_FLOOR,
    refusals=(409,),
)
async def delete_queue(ask: Ask, query: DeletionQuery) -> None:
    await remove(ask.request, (await my_queue(ask)).queue.key, query.version)


@api.add(
    "PUT",
    "/agents/{agent}/abilities",
    "Say what an agent can and serves",
    answers=models.Agent,
    body=AbilitiesInput,
    may=May.SHAPE_FLOOR,
)
async def put_abilities(ask: Ask, body: AbilitiesInput) -> models.Agent:
    person = await ask.services.users.get(UserId(ask.path["agent"]))
    if not may_shape(ask.user, person.department):
        raise Forbidden()
    days = {SkillKey(skill): Validity(first=one.first, last=one.last) for skill, one in body.skills.items()}
    changed = await ask.services.users.update(
        person.id,
        skills={SkillKey(skill): one.level for skill, one in body.skills.items()},
        validity={skill: one for skill, one in days.items() if one != Validity()},
        queues=[QueueKey(one) for one in body.queues],
        calls_per_hour=body.calls_per_hour,
        tickets_at_once=KEEP if body.tickets_at_once is None else body.tickets_at_once,
        abilities=body.abilities,
        by=ask.user.id,
    )
    bus = ask.request.config_dict[BUS]
    await reload_floor(bus)
    if set(changed.queues) != set(person.queues):
        await tell_asterisk(bus)
    return models.Agent.model_validate(changed)


def draft_of(key: QueueKey, terms: BaseModel) -> Queue:
    """The queue with what was sent of it."""
    return Queue(key=key, **{name: getattr(terms, name) for name in _SENT})


def abilities_of(
    body: AbilitiesDraft, plan: FloorPlan
) -> tuple[dict[SkillKey, int], dict[SkillKey, Validity], list[QueueKey]]:
    """Skills, their days and queues, all of which there are. Raises SkillNotFound, QueueNotFound, DaysReversed."""
    skills = {SkillKey(skill): one.level for skill, one in body.skills.items()}
    days = {SkillKey(skill): Validity(first=one.first, last=one.last) for skill, one in body.skills.items()}
    queues = [QueueKey(one) for one in body.queues]
    if strange := sorted(set(skills) - {one.key for one in plan.skills}):
        raise SkillNotFound(id=strange[0])
    if lost := sorted(set(queues) - {one.key for one in plan.queues}):
        raise QueueNotFound(id=lost[0])
    if any(one.first and one.last and one.last < one.first for one in days.values()):
        raise DaysReversed(field="skills")
    return skills, days, queues


async def my_queue(ask: Ask) -> QueueVersion:
    """Raises QueueNotFound, and Forbidden for one that others look after."""
    found = await ask.services.floor_plans.queue(QueueKey(ask.path["queue"]))
    if not may_shape(ask.user, found.queue.department):
        raise Forbidden()
    return found


def _agreed(ask: Ask, now: QueueVersion, plan: FloorPlan) -> QueueAgreed:
    return QueueAgreed(version=now.version, terms=now.queue, doubts=list(_doubts(ask, now.queue, plan)))


def _doubts(ask: Ask, queue: Queue, plan: FloorPlan) -> Iterable[QueueDoubt]:
    names = names_of_floor(plan)
    for one in doubts_among(queue, plan, sounds_of(ask.request)):
        (said,) = in_every_language(ask, [doubt(one, names)])
        yield QueueDoubt(field=one.field, code=one.doubt, sentence=said)
