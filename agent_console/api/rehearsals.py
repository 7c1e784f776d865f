"""REST: a voice menu talked through without a telephone. Nothing is changed by it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, ConfigDict, Field, StringConstraints, model_validator
from pydantic_core import PydanticCustomError

from agent_console.api.flows import MenuFinding
from agent_console.api.models import Answer
from agent_console.api.operations import Ask, Operations
from agent_console.auth.permissions import May
from agent_console.explained import names_of_floor
from agent_console.inputs import WHOLE, Input, Line, Moment
from agent_console.keys import words
from agent_console.menus import told, written
from agent_console.pages.calls.cast import Cast
from agent_console.rehearsal_words import (
    HEARS_THE_MESSAGE,
    SPEAKS,
    SPEAKS_A_MESSAGE,
    asked,
    done,
    ended,
    outcome,
)
from agent_console.rehearsing import flow_to_rehearse, rehearsed, zone_of
from agent_console.words import N_, Sentence, Words
from crm_core.kernel.language import Language
from ivr.flow.messages import Known
from ivr.flow.model import Flow
from ivr.rehearsal import transcript as t
from ivr.rehearsal.deeds import DEED, deed
from ivr.rehearsal.heard import Spoken
from ivr.shelf import Problems

api = Operations("Voice menus")
_MOST_DEEDS = 300
_EARLIEST = datetime(2000, 1, 1, tzinfo=UTC)
_LATEST = datetime(2099, 12, 31, tzinfo=UTC)


def _of_these_days(at: datetime) -> datetime:
    """Calendars are counted through day by day, which at the ends of the calendar comes to an end."""
    return max(_EARLIEST, min(at, _LATEST))


DeedText = Annotated[
    str,
    StringConstraints(pattern=DEED),
    Field(description="A key; `silence`; `hang_up`; or, where an outcome is waited for, `way:` and one of `outcomes`."),
]


class RehearsalInput(Input):
    """Either a document or the number of a version."""

    model_config = ConfigDict(
        json_schema_extra={
            "oneOf": [
                {
                    "required": ["document"],
                    "properties": {"document": {"type": "object"}, "version": {"type": "null"}},
                },
                {
                    "required": ["version"],
                    "properties": {"version": {"type": "integer"}, "document": {"type": "null"}},
                },
            ]
        }
    )

    document: dict[str, Any] | None = Field(default=None, description="See `GET /flows/schema`.")
    version: Annotated[int, Field(ge=1, le=1_000_000_000), WHOLE] | None = None
    caller: Line = Field(default="", description="The number he calls from; empty: withheld.")
    dialled: Line = Field(default="", description="The number he has dialled.")
    at: Annotated[Moment, AfterValidator(_of_these_days)] | None = Field(
        default=None, description="When he calls, in the years 2000 to 2099; without it: now."
    )
    deeds: list[DeedText] = Field(default=[], max_length=_MOST_DEEDS, description="All he does, from the beginning.")

    @model_validator(mode="after")
    def _one_of_them(self) -> RehearsalInput:
        if (self.document is None) is (self.version is None):
            raise PydanticCustomError("rehearsal.which", N_("Either a document or a version, please."))
        return self


class RehearsalLine(Answer):
    kind: Literal["node", "heard", "done", "house", "told", "end"]
    text: str = Field(description="What is heard, in the language of the call; all else in the reader's.")
    language: Language | None = Field(description="Of what is heard.")
    flow: str = Field(description="Of a node he comes to: its menu, …")
    node: str = Field(description="… its name, …")
    drawn: str = Field(description="… and the node of the menu itself, where that is another's he goes through.")


class RehearsalOutcome(Answer):
    deed: str
    text: str


class MenuRehearsal(Answer):
    """What a caller comes through who does just this."""

    findings: list[MenuFinding] = Field(description="With these it cannot be talked through.")
    at: datetime
    lines: list[RehearsalLine]
    used: int = Field(description="So many deeds were of use; the next one does not fit.")
    waits: Literal["key", "outcome", ""] = Field(description="What is to be said next; empty: it is over.")
    outcomes: list[RehearsalOutcome] = Field(description="How it may have gone for the house.")


@api.add(
    "POST",
    "/flows/{flow}/rehearsal",
    "Talk it through without a telephone",
    answers=MenuRehearsal,
    body=RehearsalInput,
    may=May.EDIT_MENUS,
)
async def rehearse_flow(ask: Ask, body: RehearsalInput) -> MenuRehearsal:
    """Nothing is changed: what a menu would do is told, and `deeds` say how it went."""
    at = (body.at or ask.clock.now()).astimezone(zone_of(ask.request))
    found = await flow_to_rehearse(ask.request, ask.path["flow"], await _document(ask, body))
    if not isinstance(found, Flow):
        return _wrong(found, at, words(ask.request))
    known = Known(ani=body.caller.strip(), dnis=body.dialled.strip(), at=at)
    deeds = tuple(one for one in map(deed, body.deeds) if one is not None)
    names = names_of_floor(await ask.services.floor_plans.load())
    return _answer(await rehearsed(ask.request, found, known, deeds), at, words(ask.request), names)


async def _document(ask: Ask, body: RehearsalInput) -> str:
    flows, name = ask.services.flows, ask.path["flow"]
    await flows.get(name)
    if body.version is not None:
        return (await flows.version(name, body.version)).document
    return written(body.document or {})


def _wrong(problems: Problems, at: datetime, speak: Words) -> MenuRehearsal:
    findings = [MenuFinding(node=one.node, field=one.field, detail=speak.speak(told(one))) for one in problems]
    return MenuRehearsal(findings=findings, at=at, lines=[], used=0, waits="", outcomes=[])


def _answer(found: t.Transcript, at: datetime, speak: Words, names: Cast) -> MenuRehearsal:
    waits: Literal["key", "outcome", ""] = ""
    if found.waits is not None:
        waits = "outcome" if isinstance(found.waits, t.AnOutcome) else "key"
    ways = found.waits.ways if isinstance(found.waits, t.AnOutcome) else ()
    return MenuRehearsal(
        findings=[],
        at=at,
        lines=[line for one in found.lines for line in _lines(one, speak, names)],
        used=found.used,
        waits=waits,
        outcomes=[RehearsalOutcome(deed=f"way:{way}", text=speak.speak(outcome(way))) for way in ways],
    )


def _lines(one: t.Line, speak: Words, names: Cast) -> Iterator[RehearsalLine]:
    match one:
        case t.Entered(flow=flow, node=node, drawn=drawn):
            yield RehearsalLine(kind="node", text="", language=None, flow=flow, node=node, drawn=drawn)
        case Spoken(language=language, text=text):
            yield RehearsalLine(kind="heard", text=text, language=language, flow="", node="", drawn="")
        case t.Done(deed=what):
            yield _line("done", speak.speak(done(what)))
        case t.Speaks(language=language):
            yield _line("told", speak.speak(SPEAKS[language]))
        case t.Message(heard=heard):
            yield _line("told", speak.speak(HEARS_THE_MESSAGE if heard else SPEAKS_A_MESSAGE))
        case t.Asked():
            yield from _each("house", asked(one), speak)
        case t.Ended():
            yield from _each("end", ended(one, names), speak)


def _each(kind: Literal["house", "end"], said: Iterator[Sentence], speak: Words) -> Iterator[RehearsalLine]:
    yield from (_line(kind, speak.speak(one)) for one in said)


def _line(kind: Literal["done", "house", "told", "end"], text: str) -> RehearsalLine:
    return RehearsalLine(kind=kind, text=text, language=None, flow="", node="", drawn="")
