"""Voice menus for the people who draw them: what is wrong with a document, in the reader's words; publishing."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode

from aiohttp import web

from agent_console.articles import speak_for
from agent_console.errors import FlowRefused
from agent_console.keys import SETTINGS, current_user, services, words
from agent_console.pages.menus.names import field_name
from agent_console.pages.queues.wishes import unreadable
from agent_console.prompts import menus_now
from agent_console.words import Sentence, say
from crm_core.domain.calendars import by_key
from crm_core.domain.flows import FlowEntry, FlowsStanding, FlowVersion
from crm_core.errors import FlowDraftChanged, FlowDraftNotFound
from crm_core.kernel.requirements_text import Unreadable
from ivr.articles import article_problems, articles_of
from ivr.flow.loader import kinds_in, names_in
from ivr.flow.problems import Problem, Told
from ivr.flow.validator import Sounds
from ivr.prompts.wordings import sounds_in
from ivr.shelf import Problems, doubts, findings, shelf, unsayable
from ivr.staffed import staff_doubts, staff_problems
from ivr.used import calendars_of

NOTHING_YET = {
    "start": "welcome",
    "language": "zh",
    "languages": ["zh", "en"],
    "apology": "trouble",
    "error": "person",
    "nodes": {
        "welcome": {"kind": "play", "prompts": ["zh:welcome", "en:welcome"], "next": "person"},
        "person": {"kind": "queue"},
    },
}
"""What a new menu begins as: a greeting, then a person."""


def written(document: Mapping[str, Any]) -> str:
    """As it is kept: the same document is always the same text."""
    text = json.dumps(document, ensure_ascii=False, indent=2)
    return text.encode("utf-8", "replace").decode()  # half a character, which JSON can write and no database keeps


def told(problem: Problem) -> Sentence:
    """The finding without its place."""
    return _sentence(problem.says)


def _sentence(says: str) -> Sentence:
    if isinstance(says, Told):
        return Sentence(text=says.template, params={name: _said(value) for name, value in says.values.items()})
    return Sentence(text=says)


def _said(value: object) -> object:
    match value:
        case Problem():
            return placed(value)
        case Told():
            return _sentence(value)
        case Unreadable():
            return unreadable(value)
        case _:
            return value


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """A finding as it stands in a list."""

    text: Sentence
    at: str
    """Of the designer's address: the node and the field."""


def shown(name: str, document: str, problems: Problems) -> list[Shown]:
    kinds = kinds_in(document)
    return [Shown(text=placed(one, kinds.get(one.node, "")), at=_designer(name, one)) for one in problems]


def _designer(name: str, problem: Problem) -> str:
    place = {"at": problem.node, "field": problem.field}
    return f"/menus/{quote(name)}/draft?{urlencode({key: one for key, one in place.items() if one} or {'at': ''})}"


def placed(problem: Problem, kind: str = "") -> Sentence:
    """The finding with its place, which is a node of this kind."""
    if problem.node and problem.field:
        field = field_name(problem.field, kind)
        return say("%(node)s, %(field)s: %(says)s", node=problem.node, field=field, says=told(problem))
    if problem.node or problem.field:
        place = problem.node or field_name(problem.field, "whole")
        return say("%(node)s: %(says)s", node=place, says=told(problem))
    return told(problem)


def sounds_of(request: web.Request) -> Sounds:
    return sounds_in(request.config_dict[SETTINGS].sounds or Path())


async def what_is_wrong(request: web.Request, name: str, document: str) -> Problems:
    """Among all that is published now. In a thread: a large document takes a moment, and calls are served beside it."""
    return await _wrong_beside(request, name, document, await services(request).flows.standing())


async def _wrong_beside(request: web.Request, name: str, document: str, now: FlowsStanding) -> Problems:
    published = await services(request).flows.documents(now.versions)
    calendars = by_key(now.calendars)
    found = await asyncio.to_thread(findings, name, document, published, sounds_of(request), calendars)
    return (
        *found,
        *article_problems(name, document, await services(request).articles.readable()),
        *staff_problems(name, document, await services(request).floor_plans.load()),
    )


async def doubtful(request: web.Request, name: str, document: str) -> Problems:
    """What its writer should know and what forbids nothing."""
    plan = await services(request).floor_plans.load()
    said = await asyncio.to_thread(lambda: doubts(name, document, sounds_of(request)))
    return (*staff_doubts(name, document, plan), *said)


async def menu_names(request: web.Request, *, heard: bool = False) -> dict[str, str]:
    """What every menu is called, in the reader's language, by its key; where its writers gave it no name, its key.
    `heard`: only of those that are published."""
    if heard:
        texts: Mapping[str, str] = await services(request).flows.published()
    else:
        published, drafts = await menus_now(request)
        texts = {**drafts, **published}
    named = await asyncio.to_thread(lambda: {key: names_in(text) for key, text in texts.items()})
    here = words(request)
    return {key: here.named(names) if names else key for key, names in sorted(named.items())}


async def menu_title(request: web.Request, menu: FlowEntry) -> str:
    """What this one is called, as `menu_names` has it."""
    flows = services(request).flows
    found = await (flows.version(menu.name, menu.published) if menu.published else flows.draft(menu.name))
    names = await asyncio.to_thread(names_in, found.document) if found else {}
    return words(request).named(names) if names else menu.name


async def unusable(request: web.Request) -> Mapping[str, Problems]:
    """What is wrong by now with menus that are published: their callers hear an apology, and a person takes them."""
    return (await _heard(request))[0]


async def unsaid(request: web.Request) -> Mapping[str, Problems]:
    """Words that published menus cannot say by now: their callers go on by `error` there."""
    return (await _heard(request))[1]


async def _heard(request: web.Request) -> tuple[Mapping[str, Problems], Mapping[str, Problems]]:
    published, calendars = await services(request).flows.published(), await services(request).calendars.all()

    def look() -> tuple[Mapping[str, Problems], Mapping[str, Problems]]:
        sounds = sounds_of(request)
        found = shelf(published, sounds, calendars=by_key(calendars))
        return found.wrong, unsayable(found, sounds)

    return await asyncio.to_thread(look)


async def publish(request: web.Request, name: str, revision: int, note: str) -> FlowVersion:
    """The draft, if nothing is wrong with it. Raises FlowRefused."""
    flows = services(request).flows
    draft = await flows.draft(name)
    if draft is None:
        raise FlowDraftNotFound(id=name)
    if draft.revision != revision:
        raise FlowDraftChanged(flow=name)
    beside = await _proved(request, name, draft.document)
    by, leans_on = current_user(request).id, await _leans_on(draft.document)
    version = await flows.publish(name, revision=revision, beside=beside, note=note, by=by, **leans_on)
    await speak_for(request, name, draft.document)
    return version


async def roll_back(request: web.Request, name: str, number: int, note: str) -> FlowVersion:
    """To an earlier version, if it holds today. Raises FlowRefused."""
    flows = services(request).flows
    version = await flows.version(name, number)
    beside = await _proved(request, name, version.document)
    by, leans_on = current_user(request).id, await _leans_on(version.document)
    again = await flows.publish_again(name, number, beside=beside, note=note, by=by, **leans_on)
    await speak_for(request, name, version.document)
    return again


async def _leans_on(document: str) -> dict[str, Collection[str]]:
    """What must still be there in the moment of publishing."""
    return {
        "calendars": await asyncio.to_thread(calendars_of, document),
        "articles": await asyncio.to_thread(articles_of, document),
    }


async def _proved(request: web.Request, name: str, document: str) -> Mapping[str, int]:
    """The versions beside which nothing is wrong with it. Raises FlowRefused."""
    now = await services(request).flows.standing()
    if problems := await _wrong_beside(request, name, document, now):
        raise FlowRefused(flow=name, count=len(problems))
    return now.versions
