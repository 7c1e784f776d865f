"""REST: skills and departments, by which people and queues are told apart. A change holds at once."""

from __future__ import annotations

from pydantic import Field

from agent_console.api.models import Answer
from agent_console.api.operations import Ask, Operations
from agent_console.auth.permissions import May
from agent_console.house_terms import put, remove
from agent_console.inputs import Input, SomeNames
from crm_core.domain.house_terms import HouseTerm, TermKind

api = Operations("Floor")


class TermInput(Input):
    new: bool = Field(default=False, description="There shall be none of this key yet.")
    names: SomeNames


class Term(Answer):
    key: str
    names: dict[str, str]
    people: int = Field(description="Who have the skill, on whatever days, or belong to the department.")
    queues: list[str] = Field(description="Those that speak of it.")
    tickets: int = Field(description="That are the department's, be they closed; of a skill 0.")


class TermList(Answer):
    items: list[Term]


@api.add("GET", "/skills", "The skills there are", answers=TermList, may=May.SHAPE_FLOOR)
async def list_skills(ask: Ask) -> TermList:
    return await _list(ask, TermKind.SKILL)


@api.add("PUT", "/skills/{skill}", "Make a skill, or name it anew", answers=Term, body=TermInput, may=May.SHAPE_FLOOR)
async def put_skill(ask: Ask, body: TermInput) -> Term:
    return _term(await put(ask.request, TermKind.SKILL, ask.path["skill"], body.names, new=body.new))


@api.add(
    "DELETE", "/skills/{skill}", "Delete one that nothing asks for", status=204, may=May.SHAPE_FLOOR, refusals=(409,)
)
async def delete_skill(ask: Ask) -> None:
    await remove(ask.request, TermKind.SKILL, ask.path["skill"])


@api.add("GET", "/departments", "The departments there are", answers=TermList, may=May.SHAPE_FLOOR)
async def list_departments(ask: Ask) -> TermList:
    return await _list(ask, TermKind.DEPARTMENT)


@api.add(
    "PUT",
    "/departments/{department}",
    "Make a department, or name it anew",
    answers=Term,
    body=TermInput,
    may=May.SHAPE_FLOOR,
)
async def put_department(ask: Ask, body: TermInput) -> Term:
    return _term(await put(ask.request, TermKind.DEPARTMENT, ask.path["department"], body.names, new=body.new))


@api.add(
    "DELETE",
    "/departments/{department}",
    "Delete one that nobody and no ticket belongs to",
    status=204,
    may=May.SHAPE_FLOOR,
    refusals=(409,),
)
async def delete_department(ask: Ask) -> None:
    await remove(ask.request, TermKind.DEPARTMENT, ask.path["department"])


async def _list(ask: Ask, kind: TermKind) -> TermList:
    return TermList(items=[_term(one) for one in await ask.services.house_terms.all(kind)])


def _term(one: HouseTerm) -> Term:
    return Term(key=one.key, names=dict(one.names), people=one.people, queues=list(one.queues), tickets=one.tickets)
