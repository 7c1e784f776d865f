"""Knowledge articles: found, read, written, published; their versions compared and taken back."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Mapping

from aiohttp import web

from agent_console.articles import publish, read, rewrite, roll_back, states_read, used_at, withdraw
from agent_console.auth.permissions import May, allowed
from agent_console.auth.rules import needs
from agent_console.errors import ArticleUnheard, ArticleUsed, Invalid
from agent_console.faults import by_field
from agent_console.forms import fields
from agent_console.keys import current_user, services, words
from agent_console.pages.articles.forms import as_form, beside_field, compared, read_article
from agent_console.pages.people import everybody
from agent_console.query import chosen, text
from agent_console.render import flash, now_of, redirect, render
from agent_console.words import Sayable, say
from crm_core.domain.articles import LONGEST_SPOKEN, Article, ArticleFilter, ArticleState, ArticleVersion, Side
from crm_core.errors import ArticleChangedMeanwhile, ArticleNotFound, Refused
from crm_core.kernel.language import Language

_PAGE = 25
_VERSIONS = 10
routes = web.RouteTableDef()


@routes.get("/articles")
@needs(May.WORK)
async def listing(request: web.Request) -> web.Response:
    """Who does not write them sees what is published."""
    states = states_read(request) or chosen(request, "state", ArticleState)
    due = _writes(request) and request.query.get("review") == "due"
    wanted = ArticleFilter(
        text=text(request, "q"),
        states=states,
        category=text(request, "category") or None,
        review_before=words(request).local(now_of(request)).date() if due else None,
    )
    found = services(request).articles
    template = "articles/_list.html" if request.headers.get("HX-Target") == "list" else "articles/list.html"
    return render(
        request,
        template,
        page=await found.search(wanted, cursor=text(request, "cursor") or None, limit=_PAGE),
        categories=await found.categories(states_read(request)),
        side=lambda article: _side(request, article)[1],
        today=words(request).local(now_of(request)).date(),
    )


@routes.get("/articles/new")
@needs(May.WRITE_ARTICLES)
async def new(request: web.Request) -> web.Response:
    return await _form(request, None, {})


@routes.post("/articles/new")
@needs(May.WRITE_ARTICLES)
async def create(request: web.Request) -> web.Response:
    form = await fields(request)
    try:
        typed = read_article(form)
        made = await services(request).articles.write(**typed.arguments(), by=current_user(request).id)
    except Invalid as error:
        return await _form(request, None, form, _faults(error))
    flash(request, say("The draft is kept. Publish it when it is right."))
    return redirect(f"/articles/{made.number}")


@routes.get("/articles/{article}")
@needs(May.WORK)
async def page(request: web.Request) -> web.Response:
    return await _page(request, await _found(request))


@routes.get("/articles/{article}/edit")
@needs(May.WRITE_ARTICLES)
async def edit(request: web.Request) -> web.Response:
    article = await _found(request)
    return await _form(request, article, as_form(article))


@routes.post("/articles/{article}/edit")
@needs(May.WRITE_ARTICLES)
async def change(request: web.Request) -> web.Response:
    article, form = await _found(request), await fields(request)
    try:
        typed = read_article(form)
        await rewrite(request, article.number, seen=_number(form.get("version", "")), **typed.arguments())
    except Invalid as error:
        return await _form(request, article, form, _faults(error))
    except (ArticleChangedMeanwhile, ArticleUnheard, Refused) as error:
        return await _form(request, article, form, {"": error}, status=409)
    flash(request, say("Saved."))
    return redirect(f"/articles/{article.number}")


@routes.post("/articles/{article}/publish")
@needs(May.WRITE_ARTICLES)
async def publish_it(request: web.Request) -> web.Response:
    article, seen = await _found(request), _seen(await fields(request))
    said = say("Agents find it now, and menus may tell it.")
    return await _after(request, article, publish(request, article.number, seen=seen), said, ArticleUnheard, Refused)


@routes.post("/articles/{article}/withdraw")
@needs(May.WRITE_ARTICLES)
async def withdraw_it(request: web.Request) -> web.Response:
    article, seen = await _found(request), _seen(await fields(request))
    said = say("It is withdrawn: agents find it no more.")
    return await _after(request, article, withdraw(request, article.number, seen=seen), said, ArticleUsed, Refused)


@routes.post("/articles/{article}/versions/{version}/again")
@needs(May.WRITE_ARTICLES)
async def again(request: web.Request) -> web.Response:
    article, form = await _found(request), await fields(request)
    version = _number(request.match_info["version"])
    step = roll_back(request, article.number, version, seen=_number(form.get("version", "")))
    said = say("It says again what version %(number)s said.", number=version)
    return await _after(request, article, step, said, ArticleUnheard, Refused)


@routes.post("/articles/{article}/helped")
@needs(May.WORK)
async def it_helped(request: web.Request) -> web.Response:
    article = await _found(request)
    await services(request).articles.helped(article.id, by=current_user(request).id)
    flash(request, say("Thank you: that is noted."))
    return redirect(f"/articles/{article.number}")


@routes.get("/articles/{article}/compare")
@needs(May.WRITE_ARTICLES)
async def compare(request: web.Request) -> web.Response:
    article = await _found(request)
    versions = {one.version: one for one in await services(request).articles.versions(article.id)}
    after = _version(versions, request.query.get("b", ""), article.version)
    before = _version(versions, request.query.get("a", ""), after.version - 1)
    return render(
        request,
        "articles/compare.html",
        article=article,
        title=_side(request, article)[1].title,
        before=before,
        after=after,
        changes=await asyncio.to_thread(compared, before, after),  # of long texts it takes a while
    )


def _version(versions: Mapping[int, ArticleVersion], typed: str, usual: int) -> ArticleVersion:
    number = _number(typed) if typed else usual
    if number not in versions:
        raise ArticleNotFound(id=number)
    return versions[number]


async def _found(request: web.Request) -> Article:
    return await read(request, request.match_info["article"])


async def _after(
    request: web.Request,
    article: Article,
    step: Awaitable[object],
    said: Sayable,
    *refusals: type[ArticleUnheard | ArticleUsed | Refused],
) -> web.Response:
    """The article's page once the step is done, or with the reason why not."""
    try:
        await step
    except refusals as error:
        return await _page(request, article, error)
    flash(request, said)
    return redirect(f"/articles/{article.number}")


async def _page(request: web.Request, article: Article, fault: Sayable | None = None) -> web.Response:
    writes, (language, side) = _writes(request), _side(request, article)
    return render(
        request,
        "articles/page.html",
        status=409 if fault else 200,
        article=article,
        language=language,
        side=side,
        others=[(one, article.sides[one]) for one in article.sides if one != language],
        people=await everybody(request),
        versions=(await services(request).articles.versions(article.id))[:_VERSIONS] if writes else (),
        places=await used_at(request, article) if allowed(current_user(request), May.EDIT_MENUS) else (),
        fault=fault,
        due=article.review_on is not None and article.review_on <= words(request).local(now_of(request)).date(),
    )


async def _form(
    request: web.Request,
    article: Article | None,
    form: Mapping[str, str],
    faults: Mapping[str, Sayable] | None = None,
    *,
    status: int = 422,
) -> web.Response:
    return render(
        request,
        "articles/form.html",
        status=status if faults else 200,
        article=article,
        form=form,
        faults=faults or {},
        categories=await services(request).articles.categories(),
        longest=LONGEST_SPOKEN,
    )


def _faults(error: Invalid) -> dict[str, Sayable]:
    return {beside_field(field): fault for field, fault in by_field(error.faults).items()}


def _side(request: web.Request, article: Article) -> tuple[Language, Side]:
    """In the reader's language, or in the other one."""
    mine = words(request).language
    return (mine, article.sides[mine]) if mine in article.sides else next(iter(article.sides.items()))


def _writes(request: web.Request) -> bool:
    return allowed(current_user(request), May.WRITE_ARTICLES)


def _seen(form: Mapping[str, str]) -> int | None:
    """The version that stood on the page."""
    return _number(form["version"]) if "version" in form else None


def _number(typed: str) -> int:
    return int(typed) if typed.isascii() and typed.isdecimal() and len(typed) < 10 else 0
