"""Knowledge articles for the people who write them: where callers hear one, and what that forbids."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Mapping

from aiohttp import web

from agent_console.auth.permissions import May, allowed
from agent_console.errors import ArticleUnheard, ArticleUsed
from agent_console.keys import SETTINGS, current_user, services
from agent_console.prompts import menus_now
from crm_core.domain.articles import Article, ArticleState, Side, readable, reading
from crm_core.errors import ArticleNotFound, FlowsChanged
from crm_core.kernel.language import Language
from crm_core.services.articles import Beside
from ivr.articles import articles_used
from ivr.prompts.errors import VoiceFailed, VoiceUnavailable
from ivr.prompts.narrator import Narrator
from ivr.used import AtNode

Step = Callable[[Beside], Awaitable[Article]]
"""A change of an article, beside these published menus."""


def states_read(request: web.Request) -> tuple[ArticleState, ...]:
    """Which articles there are for this reader; empty: all of them, as he writes them."""
    return () if allowed(current_user(request), May.WRITE_ARTICLES) else (ArticleState.PUBLISHED,)


async def read(request: web.Request, number: str) -> Article:
    """By its number or its id. Raises ArticleNotFound also where it is not there for this reader."""
    article, states = await services(request).articles.get(number), states_read(request)
    if states and article.state not in states:
        raise ArticleNotFound(id=number)
    return article


async def used_at(request: web.Request, article: Article) -> tuple[AtNode, ...]:
    """Where callers hear it, or would by what is being drawn."""
    published, drafts = await menus_now(request)
    return (await asyncio.to_thread(articles_used, published, drafts)).get(article.number, ())


async def publish(request: web.Request, number: str, *, seen: int | None = None) -> Article:
    """`seen`: the version that somebody read before he said so; raises ArticleChangedMeanwhile, and ArticleUnheard."""
    articles, by = services(request).articles, current_user(request).id
    article = await articles.get(number)

    async def step(beside: Beside) -> Article:
        version = article.version if seen is None else seen
        return await articles.put(number, ArticleState.PUBLISHED, seen=version, beside=beside, by=by)

    made = await _unless_unheard(request, article, article.sides, step)
    await _spoken(request, made)
    return made


async def withdraw(request: web.Request, number: str, *, seen: int | None = None) -> Article:
    """Raises ArticleUsed while a menu that callers hear plays it, and ArticleChangedMeanwhile."""
    articles, by = services(request).articles, current_user(request).id

    async def step(beside: Beside) -> Article:
        return await articles.put(number, ArticleState.WITHDRAWN, seen=seen, beside=beside, by=by)

    return await _unless_heard(request, await articles.get(number), ArticleUsed, step)


async def rewrite(request: web.Request, number: str, *, seen: int, **content: object) -> Article:
    """Raises ArticleUnheard when callers of a menu could hear nothing of it any more, and ArticleChangedMeanwhile."""
    articles, by = services(request).articles, current_user(request).id
    sides = content["sides"]
    assert isinstance(sides, Mapping)  # noqa: S101 - so the form and the interface have it

    async def step(beside: Beside) -> Article:
        return await articles.rewrite(number, seen=seen, beside=beside, by=by, **content)  # type: ignore[arg-type]

    made = await _unless_unheard(request, await articles.get(number), sides, step)
    await _spoken(request, made)
    return made


async def roll_back(request: web.Request, number: str, version: int, *, seen: int) -> Article:
    """Raises ArticleUnheard and ArticleChangedMeanwhile."""
    articles, by = services(request).articles, current_user(request).id
    then = next((one for one in await articles.versions(number) if one.version == version), None)
    if then is None:
        raise ArticleNotFound(id=f"{number}, {version}")

    async def step(beside: Beside) -> Article:
        return await articles.roll_back(number, version, seen=seen, beside=beside, by=by)

    made = await _unless_unheard(request, await articles.get(number), then.sides, step)
    await _spoken(request, made)
    return made


async def _unless_unheard(
    request: web.Request, article: Article, sides: Mapping[Language, Side], step: Step
) -> Article:
    """`step` makes it say this; where that is nothing to be heard, only if no menu tells it."""
    if readable(sides, article.state).spoken:
        return await step(None)
    return await _unless_heard(request, article, ArticleUnheard, step)


async def _unless_heard(
    request: web.Request, article: Article, refused: type[ArticleUsed | ArticleUnheard], step: Step
) -> Article:
    """`step`, unless callers hear the article. A menu that is published in this moment is looked at as well."""
    flows = services(request).flows
    while True:
        beside = (await flows.standing()).versions
        told = await asyncio.to_thread(articles_used, await flows.documents(beside), {})
        if places := told.get(article.number):
            raise refused(where=", ".join(dict.fromkeys(one.menu for one in places)))
        with contextlib.suppress(FlowsChanged):
            return await step(beside)


async def speak_for(request: web.Request, menu: str, document: str) -> None:
    """What this menu tells, before its first caller comes."""
    articles = services(request).articles
    for number in await asyncio.to_thread(articles_used, {menu: document}, {}):
        with contextlib.suppress(ArticleNotFound):
            await _speak(request, await articles.get(number))


async def _spoken(request: web.Request, article: Article) -> None:
    if article.state is ArticleState.PUBLISHED and await used_at(request, article):
        await _speak(request, article)


async def _speak(request: web.Request, article: Article) -> None:
    """So that no caller has to wait for the voice. Where there is none, it is looked for again when he asks."""
    settings = request.config_dict[SETTINGS]
    if settings.sounds is None:
        return
    narrator = Narrator(settings.sounds, voice_command=settings.voice_command)
    for found in {reading(article.sides, language) for language in Language}:
        if found is not None:
            with contextlib.suppress(VoiceFailed, VoiceUnavailable, OSError):
                await narrator.sound(article.number, found.language, found.text)
