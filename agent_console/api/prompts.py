"""REST: what callers are told, in both languages: its words, its sound, and where it is said."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from aiohttp import web
from pydantic import Field, StringConstraints

from agent_console.api.models import Answer
from agent_console.api.operations import PREFIX, Ask, Made, Operations
from agent_console.auth.permissions import May
from agent_console.errors import NotFound, PromptUnspoken
from agent_console.inputs import Input, NumberText
from agent_console.prompts import (
    example,
    language_of,
    make,
    prompts_of,
    record,
    speak,
    speak_if_nobody_recorded,
    take_away,
    told,
    used,
    write,
)
from agent_console.takes import call_for, end_take, take_of
from crm_core.kernel.language import Language
from ivr.flow.saying import Kind
from ivr.flow.wording import Place, wording
from ivr.prompts.house import LONGEST_TEXT, Side, Standing
from ivr.prompts.house import Prompt as HousePrompt
from ivr.takes.commands import Take, TakeState
from ivr.used import AtNode, Use

api = Operations("Prompts")
_AWAY = (409, 503, 504)

PromptName = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{1,39}$")]
PromptText = Annotated[str, StringConstraints(min_length=1, max_length=LONGEST_TEXT)]


class PromptValue(Answer):
    value: str = Field(description="The name of a value of the call.")
    kind: Kind | None = Field(description="How it is said; null: spoken as it is written.")
    otherwise: str | None = Field(
        description="Heard instead where it is not known; null: then none of the words are, and the menu goes on by "
        "`error`."
    )


class PromptSide(Answer):
    text: str = Field(description="Empty: nobody has written what it says. Values of the call stand in braces.")
    say: str = Field(description="What the synthesiser is given, where that is not the text.")
    values: list[PromptValue] = Field(
        description="Those in its words, in their order. Where it is recorded, callers hear the recording, and none."
    )
    standing: Standing
    seconds: float | None


class PromptUse(Answer):
    menu: str | None
    node: str = Field(description="Empty: the menu's apology, or a queue.")
    draft: bool = Field(description="Only in what is being written.")
    queue: str | None


class Prompt(Answer):
    key: str
    own: bool = Field(description="Made here; it did not come with the product.")
    piece: bool = Field(description="A part of which numbers, days, times and sums are put together.")
    languages: dict[str, PromptSide]
    uses: list[PromptUse]


class PromptTake(Answer):
    state: TakeState
    running: bool
    since: datetime = Field(description="Since when it is so.")
    by: str = Field(description="Who speaks.")
    number: str = Field(description="Empty: at his own phone.")
    reason: str = Field(description="Why what was said could not be kept.")


class PromptList(Answer):
    items: list[Prompt]


class PromptInput(Input):
    key: PromptName
    texts: dict[Language, PromptText]


class PromptTakeInput(Input):
    number: NumberText | None = Field(
        default=None, description="Another phone, as a person writes its number; without it one's own."
    )
    guidance: Language | None = Field(
        default=None, description="In which one is told what to do; without it in the prompt's."
    )


class PromptWordsInput(Input):
    text: PromptText
    say: Annotated[str, StringConstraints(max_length=LONGEST_TEXT)] = Field(
        default="", description="What the synthesiser is given instead: Chinese as pinyin with the number of each tone."
    )


@api.add("GET", "/prompts", "What callers are told", answers=PromptList, may=May.EDIT_MENUS, refusals=(409,))
async def list_prompts(ask: Ask) -> PromptList:
    places = await used(ask.request)
    return PromptList(items=[_prompt(one, places.get(one.key, ())) for one in await prompts_of(ask.request).all()])


@api.add("POST", "/prompts", "A new one", answers=Prompt, status=201, body=PromptInput, may=May.EDIT_MENUS)
async def make_prompt(ask: Ask, body: PromptInput) -> Made:
    """It is spoken at once, where there is a synthesiser."""
    await make(ask.request, body.key, body.texts)
    for language in body.texts:
        await _speak_new_words(ask.request, body.key, language)
    return Made(made=await _found(ask, body.key), location=f"{PREFIX}/prompts/{body.key}")


@api.add("GET", "/prompts/{key}", "One of them", answers=Prompt, may=May.EDIT_MENUS, refusals=(409,))
async def get_prompt(ask: Ask) -> Prompt:
    return await _found(ask, ask.path["key"])


@api.add("DELETE", "/prompts/{key}", "Take it away", status=204, may=May.EDIT_MENUS, refusals=(409,))
async def take_prompt_away(ask: Ask) -> None:
    """One that was made here, and that nothing says any more. What people recorded of it is kept."""
    await take_away(ask.request, ask.path["key"])


@api.add("PUT", "/prompts/{key}/{language}", "Other words", answers=Prompt, body=PromptWordsInput, may=May.EDIT_MENUS)
async def write_prompt(ask: Ask, body: PromptWordsInput) -> Prompt:
    """They are spoken at once, unless somebody has recorded it: a recording stays. `{ticket}`, `{due:date}` and
    `{customer_name|dear customer}` are values of the call; a brace that is none is written twice."""
    key, language = ask.path["key"], language_of(ask.path["language"])
    await write(ask.request, key, language, body.text, body.say)
    await _speak_new_words(ask.request, key, language)
    return await _found(ask, key)


@api.add(
    "GET",
    "/prompts/{key}/{language}/sound",
    "What callers hear",
    answers=bytes,
    may=May.EDIT_MENUS,
    refusals=(409,),
)
async def get_prompt_sound(ask: Ask) -> web.StreamResponse:
    with told():
        file = await prompts_of(ask.request).sound(ask.path["key"], language_of(ask.path["language"]))
    return web.FileResponse(file, headers={"Content-Type": "audio/wav"})


@api.add(
    "GET",
    "/prompts/{key}/{language}/example",
    "What callers hear of words that have values in them, with examples for these",
    answers=bytes,
    may=May.EDIT_MENUS,
    refusals=(409,),
)
async def get_prompt_example(ask: Ask) -> web.StreamResponse:
    data = await example(ask.request, ask.path["key"], language_of(ask.path["language"]))
    return web.Response(body=data, content_type="audio/wav")


@api.add("PUT", "/prompts/{key}/{language}/sound", "A recording", status=204, sound=True, may=May.EDIT_MENUS)
async def record_prompt(ask: Ask, sound: bytes) -> None:
    """wav, mp3, ogg, flac, m4a or webm, at any rate. The next caller hears it; the one before is kept."""
    await record(ask.request, ask.path["key"], language_of(ask.path["language"]), sound)


@api.add(
    "POST",
    "/prompts/{key}/{language}/phone",
    "Record it by phone: one's own phone rings, or the one that is named",
    answers=PromptTake,
    status=201,
    body=PromptTakeInput,
    may=May.EDIT_MENUS,
    refusals=_AWAY,
)
async def record_prompt_by_phone(ask: Ask, body: PromptTakeInput) -> Made:
    """On the phone one is told what to do: 1 keeps what was said, 2 records it again, * gives up."""
    key, language = ask.path["key"], language_of(ask.path["language"])
    take = await call_for(ask.request, key, language, number=body.number or "", guidance=body.guidance)
    return Made(made=_take(take), location=f"{PREFIX}/prompts/{key}/{language}/phone")


@api.add(
    "GET",
    "/prompts/{key}/{language}/phone",
    "How far the recording by phone has come",
    answers=PromptTake,
    may=May.EDIT_MENUS,
    refusals=_AWAY,
)
async def get_prompt_take(ask: Ask) -> PromptTake:
    """The last one, until telephony is started anew."""
    found = await take_of(ask.request, ask.path["key"], language_of(ask.path["language"]))
    if found is None:
        raise NotFound
    return _take(found)


@api.add(
    "DELETE",
    "/prompts/{key}/{language}/phone",
    "Hang up; nothing is kept",
    status=204,
    may=May.EDIT_MENUS,
    refusals=_AWAY,
)
async def end_prompt_take(ask: Ask) -> None:
    await end_take(ask.request, ask.path["key"], language_of(ask.path["language"]))


@api.add("POST", "/prompts/{key}/{language}/speak", "Back to the synthesiser", status=204, may=May.EDIT_MENUS)
async def speak_prompt(ask: Ask) -> None:
    await speak(ask.request, ask.path["key"], language_of(ask.path["language"]))


def _take(take: Take) -> PromptTake:
    return PromptTake(
        state=take.state, running=take.running, since=take.since, by=take.by, number=take.number, reason=take.reason
    )


async def _speak_new_words(request: web.Request, key: str, language: Language) -> None:
    try:
        await speak_if_nobody_recorded(request, key, language)
    except PromptUnspoken:
        return  # its `standing` tells


async def _found(ask: Ask, key: str) -> Prompt:
    with told():
        found = await prompts_of(ask.request).get(key)
    return _prompt(found, (await used(ask.request)).get(key, ()))


def _prompt(found: HousePrompt, places: tuple[Use, ...]) -> Prompt:
    return Prompt(
        key=found.key,
        own=found.own,
        piece=found.piece,
        languages={language: _side(side) for language, side in found.sides.items()},
        uses=[_use(one) for one in places],
    )


def _side(side: Side) -> PromptSide:
    text, say = (side.words.text, side.words.say) if side.words else ("", "")
    places = wording(text, say).places if side.words else ()
    return PromptSide(
        text=text,
        say="" if say == text else say,
        values=[_value(one) for one in places],
        standing=side.standing,
        seconds=side.seconds,
    )


def _value(place: Place) -> PromptValue:
    otherwise = None if place.otherwise is None else place.otherwise.text
    return PromptValue(value=place.value, kind=place.kind, otherwise=otherwise)


def _use(place: Use) -> PromptUse:
    if isinstance(place, AtNode):
        return PromptUse(menu=place.menu, node=place.node, draft=place.draft, queue=None)
    return PromptUse(menu=None, node="", draft=False, queue=place.queue)
