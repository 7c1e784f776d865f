"""Knowledge articles for the people who write them: where callers hear one, and what that forbids."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Mapping

from aiohttp import web

from agent_console.auth.permissions import May, allowed
from agent_console.errors import ArticleUnheard, ArticleUsed
from agent_console.keys import SETTINGS, current_user, services
from agent_console.prompts import menus_now
from crm_core.domain.articles import Article, ArticleState, Side, readable, reading
from crm_core.errors import ArticleNotFound
from crm_core.kernel.language import Language
from ivr.articles import articles_used
from ivr.prompts.errors import VoiceFailed, VoiceUnavailable
from ivr.prompts.narrator import Narrator
from ivr.used import AtNode


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


async def publish(request: web.Request, number: str) -> Article:
    article = await services(request).articles.get(number)
    await _must_be_heard(request, article, article.sides)
    made = await services(request).articles.put(number, ArticleState.PUBLISHED, by=current_user(request).id)
    await _spoken(request, made)
    return made


async def withdraw(request: web.Request, number: str) -> Article:
    """Raises ArticleUsed while a menu that callers hear plays it."""
    if places := await _heard_at(request, await services(request).articles.get(number)):
        raise ArticleUsed(where=places)
    return await services(request).articles.put(number, ArticleState.WITHDRAWN, by=current_user(request).id)


async def rewrite(request: web.Request, number: str, *, seen: int, **content: object) -> Article:
    """Raises ArticleUnheard when callers of a menu could hear nothing of it any more, and ArticleChangedMeanwhile."""
    articles = services(request).articles
    sides = content["sides"]
    assert isinstance(sides, Mapping)  # noqa: S101 - so the form and the interface have it
    await _must_be_heard(request, await articles.get(number), sides)
    made = await articles.rewrite(number, seen=seen, by=current_user(request).id, **content)  # type: ignore[arg-type]
    await _spoken(request, made)
    return made


async def roll_back(request: web.Request, number: str, version: int, *, seen: int) -> Article:
    """Raises ArticleUnheard and ArticleChangedMeanwhile."""
    articles = services(request).articles
    then = next((one for one in await articles.versions(number) if one.version == version), None)
    if then is None:
        raise ArticleNotFound(id=f"{number}, {version}")
    await _must_be_heard(request, await articles.get(number), then.sides)
    made = await articles.roll_back(number, version, seen=seen, by=current_user(request).id)
    await _spoken(request, made)
    return made


async def _heard_at(request: web.Request, article: Article) -> str:
    """The menus' names; empty: callers hear it nowhere."""
    places = (one for one in await used_at(request, article) if not one.draft)
    return ", ".join(dict.fromkeys(one.menu for one in places))


async def _must_be_heard(request: web.Request, article: Article, sides: Mapping[Language, Side]) -> None:
    if readable(sides, article.state).spoken:
        return
    if places := await _heard_at(request, article):
        raise ArticleUnheard(where=places)


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
