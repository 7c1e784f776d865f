"""REST: voice menus as documents with versions, their draft, and the numbers that lead into them."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, RootModel, StringConstraints

from agent_console.api.models import Answer
from agent_console.api.operations import PREFIX, Ask, Made, Operations, Query
from agent_console.auth.permissions import May
from agent_console.errors import Invalid
from agent_console.faults import Fault
from agent_console.inputs import WHOLE, Input, Line
from agent_console.keys import words
from agent_console.menus import doubtful, publish, roll_back, sounds_of, told, what_is_wrong, written
from agent_console.words import Words, say
from crm_core.domain.floor import Did
from crm_core.domain.flows import FlowDraft, FlowEntry, FlowVersion
from crm_core.domain.opening import OpeningHours
from ivr.flow.loader import document_in, is_shallow
from ivr.flow.problems import Problem
from ivr.flow.schema import flow_schema

api = Operations("Voice menus")

FlowName = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,31}$")]
Revision = Annotated[int, Field(ge=0, le=1_000_000_000), WHOLE]


class MenuEntry(Answer):
    name: str
    published: int = Field(description="The version callers hear; 0: none yet.")
    published_at: datetime | None
    draft_at: datetime | None


class MenuList(Answer):
    items: list[MenuEntry]


class MenuVersion(Answer):
    flow: str
    number: int
    at: datetime
    by: str | None
    note: str
    shipped: bool = Field(description="Came with the product.")


class MenuVersions(Answer):
    items: list[MenuVersion]


class WholeMenuVersion(MenuVersion):
    document: dict[str, Any] = Field(description="See `GET /flows/schema`.")


class MenuFinding(Answer):
    """Something that is wrong with a document."""

    node: str = Field(description="Empty when it is about the whole.")
    field: str
    detail: str = Field(description="In the reader's language.")


class MenuDraft(Answer):
    flow: str
    revision: int = Field(description="To be sent with the next saving; 0: there is no draft.")
    based_on: int
    at: datetime | None
    by: str | None
    document: dict[str, Any]
    text: str = Field(description="What is kept, where it is no JSON object; else empty.")
    findings: list[MenuFinding] = Field(description="With these it is not published.")
    doubts: list[MenuFinding] = Field(description="To think of; they forbid nothing.")


class MenuSchema(RootModel[dict[str, Any]]):
    """JSON Schema 2020-12."""


class MenuPrompts(Answer):
    """The prompts there are, by language."""

    items: dict[str, list[str]]


class MenuNumber(Answer):
    number: str
    names: dict[str, str]
    to: str
    open_hours: OpeningHours | None
    calendar: str | None
    closed_to: str | None


class MenuNumbers(Answer):
    items: list[MenuNumber]


class DraftInput(Input):
    document: dict[str, Any]
    revision: Revision = Field(description="Of the draft it was made from; 0 where there was none.")
    based_on: Revision | None = Field(default=None, description="Of that draft, so that no other is taken for it.")


class PublishInput(Input):
    revision: Revision
    note: Line = ""


class RollBackInput(Input):
    version: Annotated[int, Field(ge=1, le=1_000_000_000), WHOLE]
    note: Line = ""


class HoursInput(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    week: dict[str, list[str]]
    holidays: dict[str, str] = {}
    working_days: dict[str, list[str]] = {}

    def hours(self) -> OpeningHours:
        return OpeningHours(week=_spans(self.week), holidays=self.holidays, working_days=_spans(self.working_days))


class NumberInput(Input):
    to: FlowName
    open_hours: HoursInput | None = Field(default=None, description="Only together with `closed_to`.")
    calendar: FlowName | None = Field(default=None, description="Instead of `open_hours`: one of `/calendars`.")
    closed_to: FlowName | None = Field(
        default=None,
        description="Where callers go outside of the hours; only together with hours or a `calendar`.",
    )


class DiscardQuery(Query):
    revision: Revision


def _spans(days: dict[str, list[str]]) -> dict[str, tuple[str, ...]]:
    return {day: tuple(spans) for day, spans in days.items()}


@api.add("GET", "/flows", "The voice menus", answers=MenuList, may=May.EDIT_MENUS)
async def list_flows(ask: Ask) -> MenuList:
    return MenuList(items=[_flow(one) for one in await ask.services.flows.list()])


@api.add("GET", "/flows/schema", "The JSON schema of a document", answers=MenuSchema, may=May.EDIT_MENUS)
async def get_flow_schema(ask: Ask) -> MenuSchema:
    del ask
    return MenuSchema(flow_schema())


@api.add("GET", "/flows/prompts", "What can be said", answers=MenuPrompts, may=May.EDIT_MENUS)
async def list_flow_prompts(ask: Ask) -> MenuPrompts:
    return MenuPrompts(items={str(language): sorted(keys) for language, keys in sounds_of(ask.request).items()})


@api.add("GET", "/flows/{flow}/versions", "Versions, the newest first", answers=MenuVersions, may=May.EDIT_MENUS)
async def list_flow_versions(ask: Ask) -> MenuVersions:
    found = await ask.services.flows.versions(ask.path["flow"])
    return MenuVersions(items=[MenuVersion.model_validate(one) for one in found])


@api.add("GET", "/flows/{flow}/versions/{version}", "One of them", answers=WholeMenuVersion, may=May.EDIT_MENUS)
async def get_flow_version(ask: Ask) -> WholeMenuVersion:
    number = ask.path["version"]
    if not (number.isascii() and number.isdecimal() and len(number) < 10):
        number = "0"
    return _whole(await ask.services.flows.version(ask.path["flow"], int(number)))


@api.add("GET", "/flows/{flow}/draft", "The draft, or what one begins as", answers=MenuDraft, may=May.EDIT_MENUS)
async def get_flow_draft(ask: Ask) -> MenuDraft:
    flows, name = ask.services.flows, ask.path["flow"]
    draft = await flows.draft(name)
    if draft is not None:
        return await _draft(ask, draft)
    version = await flows.version(name, (await flows.get(name)).published)
    begun = FlowDraft(
        flow=name, document=version.document, revision=0, based_on=version.number, at=version.at, by=version.by
    )
    return await _draft(ask, begun)


@api.add("PUT", "/flows/{flow}/draft", "Save the draft", answers=MenuDraft, body=DraftInput, may=May.EDIT_MENUS)
async def save_flow_draft(ask: Ask, body: DraftInput) -> MenuDraft:
    """Whatever is wrong with it: the answer tells. Saved only by who has seen the last saving."""
    if not is_shallow(body.document):
        raise Invalid((Fault(field="document", code="field.too_deep", sentence=say("This is nested too deeply.")),))
    saved = await ask.services.flows.save_draft(
        ask.path["flow"], written(body.document), revision=body.revision, based_on=body.based_on, by=ask.user.id
    )
    return await _draft(ask, saved)


@api.add(
    "DELETE",
    "/flows/{flow}/draft",
    "Discard the draft",
    status=204,
    query=DiscardQuery,
    may=May.EDIT_MENUS,
    refusals=(409,),
)
async def discard_flow_draft(ask: Ask, query: DiscardQuery) -> None:
    await ask.services.flows.discard_draft(ask.path["flow"], revision=query.revision, by=ask.user.id)


@api.add(
    "POST",
    "/flows/{flow}/publish",
    "The draft becomes what the next caller hears",
    answers=MenuVersion,
    status=201,
    body=PublishInput,
    may=May.EDIT_MENUS,
)
async def publish_flow(ask: Ask, body: PublishInput) -> Made:
    return _made(await publish(ask.request, ask.path["flow"], body.revision, body.note))


@api.add(
    "POST",
    "/flows/{flow}/roll-back",
    "An earlier version becomes what the next caller hears",
    answers=MenuVersion,
    status=201,
    body=RollBackInput,
    may=May.EDIT_MENUS,
)
async def roll_back_flow(ask: Ask, body: RollBackInput) -> Made:
    return _made(await roll_back(ask.request, ask.path["flow"], body.version, body.note))


@api.add("GET", "/flow-numbers", "The numbers that lead into voice menus", answers=MenuNumbers, may=May.EDIT_MENUS)
async def list_flow_numbers(ask: Ask) -> MenuNumbers:
    return MenuNumbers(items=[_number(one) for one in (await ask.services.flows.standing()).numbers.values()])


@api.add(
    "PUT", "/flow-numbers/{number}", "Where its next caller goes", status=204, body=NumberInput, may=May.EDIT_MENUS
)
async def lead_flow_number(ask: Ask, body: NumberInput) -> None:
    """Hours (its own or a calendar's) without `closed_to`, and `closed_to` without hours, are refused with 409,
    `calendar.hours_incomplete`."""
    hours = body.open_hours.hours() if body.open_hours else None
    await ask.services.flows.lead(
        ask.path["number"],
        body.to,
        open_hours=hours,
        closed_to=body.closed_to,
        calendar=body.calendar,
        by=ask.user.id,
    )


def _flow(entry: FlowEntry) -> MenuEntry:
    return MenuEntry.model_validate(entry)


def _number(did: Did) -> MenuNumber:
    return MenuNumber.model_validate(did)


def _made(version: FlowVersion) -> Made:
    location = f"{PREFIX}/flows/{version.flow}/versions/{version.number}"
    return Made(made=MenuVersion.model_validate(version), location=location)


def _whole(version: FlowVersion) -> WholeMenuVersion:
    plain = MenuVersion.model_validate(version)
    return WholeMenuVersion(**plain.model_dump(), document=_object(version.document) or {})


async def _draft(ask: Ask, draft: FlowDraft) -> MenuDraft:
    problems = await what_is_wrong(ask.request, draft.flow, draft.document)
    doubts = await doubtful(ask.request, draft.flow, draft.document)
    document = _object(draft.document)
    return MenuDraft(
        flow=draft.flow,
        revision=draft.revision,
        based_on=draft.based_on,
        at=draft.at,
        by=draft.by,
        document=document or {},
        text="" if document is not None else draft.document,
        findings=[_finding(one, words(ask.request)) for one in problems],
        doubts=[_finding(one, words(ask.request)) for one in doubts],
    )


def _finding(problem: Problem, speak: Words) -> MenuFinding:
    return MenuFinding(node=problem.node, field=problem.field, detail=speak.speak(told(problem)))


def _object(text: str) -> dict[str, Any] | None:
    found = document_in(text)
    return found if isinstance(found, dict) else None
