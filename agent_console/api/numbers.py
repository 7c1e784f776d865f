"""REST: the numbers that callers dial, and where each leads. A change holds from the next call on."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from pydantic import Field, StringConstraints

from agent_console.api.flows import HoursInput
from agent_console.api.models import Answer, OpeningHours
from agent_console.api.operations import Ask, Operations, Query
from agent_console.auth.permissions import May
from agent_console.calendars import house_time
from agent_console.inputs import Input, Names
from agent_console.numbers import holds_now, put, remove
from crm_core.domain.dids import seal
from crm_core.domain.floor import Did, DidTarget

api = Operations("Floor")
Version = Annotated[str, StringConstraints(pattern=r"^([0-9a-f]{16})?$")]
Key = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_-]{0,31}$")]


class HouseNumberInput(Input):
    version: Version = Field(
        description="The one you know, empty for a new number; the change is refused when it has moved on since."
    )
    target: DidTarget
    to: Key = Field(description="The voice menu's name, or the queue's key.")
    names: Names = Field(default={})
    answer: bool = Field(
        default=True, description="Of a queue: take the call at once. Otherwise it rings until an agent answers."
    )
    open_hours: HoursInput | None = Field(default=None, description="Of a voice menu, together with `closed_to`.")
    calendar: Key | None = Field(default=None, description="Instead of `open_hours`: one of `/calendars`.")
    closed_to: Key | None = Field(default=None, description="The voice menu outside of the hours.")


class DeletionQuery(Query):
    version: Version = Field(description="The one you know.")


class HouseNumber(Answer):
    number: str
    version: str = Field(description="Another one as soon as anything of it is changed.")
    target: DidTarget
    to: str
    names: dict[str, str]
    answer: bool
    open_hours: OpeningHours | None
    calendar: str | None
    closed_to: str | None
    now_to: str = Field(description="Where its next caller goes.")
    open: bool | None = Field(description="Now; null: it has no hours.")
    until: datetime | None = Field(description="When that changes; null: never.")


class HouseNumbers(Answer):
    items: list[HouseNumber]


@api.add("GET", "/numbers", "The numbers that callers dial", answers=HouseNumbers, may=May.EDIT_MENUS)
async def list_numbers(ask: Ask) -> HouseNumbers:
    return HouseNumbers(items=[await _now(ask, one) for one in await ask.services.numbers.all()])


@api.add("GET", "/numbers/{number}", "One of them", answers=HouseNumber, may=May.EDIT_MENUS)
async def get_number(ask: Ask) -> HouseNumber:
    return await _now(ask, await ask.services.numbers.get(ask.path["number"]))


@api.add(
    "PUT",
    "/numbers/{number}",
    "Where its next caller goes",
    answers=HouseNumber,
    body=HouseNumberInput,
    may=May.EDIT_MENUS,
)
async def put_number(ask: Ask, body: HouseNumberInput) -> HouseNumber:
    wanted = Did(
        number=ask.path["number"],
        target=body.target,
        to=body.to,
        names=dict(body.names),
        answer=body.answer or body.target is DidTarget.IVR,
        open_hours=body.open_hours.hours() if body.open_hours else None,
        calendar=body.calendar,
        closed_to=body.closed_to,
    )
    await put(ask.request, wanted, body.version)
    return await _now(ask, await ask.services.numbers.get(wanted.number))


@api.add(
    "DELETE",
    "/numbers/{number}",
    "Nobody reaches us by it any more",
    status=204,
    query=DeletionQuery,
    may=May.EDIT_MENUS,
    refusals=(409,),
)
async def delete_number(ask: Ask, query: DeletionQuery) -> None:
    await remove(ask.request, ask.path["number"], query.version)


async def _now(ask: Ask, did: Did) -> HouseNumber:
    now = holds_now(did, house_time(ask.request), await ask.services.calendars.all())
    return HouseNumber(
        number=did.number,
        version=seal(did),
        target=did.target,
        to=did.to,
        names=dict(did.names),
        answer=did.answer,
        open_hours=OpeningHours.model_validate(did.open_hours) if did.open_hours else None,
        calendar=did.calendar,
        closed_to=did.closed_to,
        now_to=now.to,
        open=now.standing.open if now.standing else None,
        until=now.standing.until if now.standing else None,
    )
