"""REST: what the house knows, as articles with versions."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated

from pydantic import Field

from agent_console.api.models import Answer, PageOf
from agent_console.api.operations import PREFIX, Ask, ListQuery, Made, Operations, SearchText
from agent_console.articles import publish, read, rewrite, roll_back, states_read, withdraw
from agent_console.auth.permissions import May
from agent_console.inputs import WHOLE, ArticleInput, Id, Input
from crm_core.domain.articles import Article, ArticleFilter, ArticleState
from crm_core.kernel.ids import TicketId
from crm_core.kernel.language import Language

api = Operations("Knowledge")

Version = Annotated[int, Field(ge=1, le=1_000_000_000), WHOLE]


class ArticleSide(Answer):
    title: str
    body: str
    spoken: str


class KnowledgeArticle(Answer):
    id: str
    number: str
    sides: dict[Language, ArticleSide] = Field(description="At least one.")
    category: str
    keywords: str
    review_on: date | None
    state: ArticleState
    version: int = Field(description="To be sent with the next change.")
    helped: int = Field(description="How often an agent said that it was of use.")
    created_at: datetime
    updated_at: datetime
    updated_by: str | None


class KnowledgePage(PageOf[KnowledgeArticle]):
    pass


class KnowledgeVersion(Answer):
    version: int
    at: datetime
    by: str | None
    sides: dict[Language, ArticleSide]
    category: str
    keywords: str
    review_on: date | None


class KnowledgeVersions(Answer):
    items: list[KnowledgeVersion]


class ArticleQuery(ListQuery):
    q: SearchText = Field(default="", description="Those whose title fits come first.")
    state: ArticleState | None = Field(default=None, description="Agents read only what is published.")
    category: str | None = Field(default=None, max_length=60)
    ticket: Id | None = Field(default=None, description="Attached to this ticket.")


class ArticleChange(ArticleInput):
    version: Version = Field(description="The one that was changed.")


class ArticleRollBack(Input):
    to: Version
    version: Version = Field(description="The one that was looked at.")


class Attached(Input):
    ticket: Id


@api.add("GET", "/articles", "Find articles", answers=KnowledgePage, query=ArticleQuery)
async def list_articles(ask: Ask, query: ArticleQuery) -> KnowledgePage:
    states = (query.state,) if query.state else ()
    wanted = ArticleFilter(
        text=query.q,
        states=states_read(ask.request) or states,
        category=query.category,
        ticket=TicketId(query.ticket) if query.ticket else None,
    )
    page = await ask.services.articles.search(wanted, cursor=query.cursor, limit=query.limit)
    return KnowledgePage.model_validate(page)


@api.add(
    "POST",
    "/articles",
    "Write an article, as a draft",
    answers=KnowledgeArticle,
    status=201,
    body=ArticleInput,
    may=May.WRITE_ARTICLES,
)
async def write_article(ask: Ask, body: ArticleInput) -> Made:
    made = await ask.services.articles.write(**body.arguments(), by=ask.user.id)
    return Made(made=_told(made), location=f"{PREFIX}/articles/{made.number}")


@api.add("GET", "/articles/{article}", "An article, by its number or its id", answers=KnowledgeArticle)
async def get_article(ask: Ask) -> KnowledgeArticle:
    return _told(await _found(ask))


@api.add(
    "PUT",
    "/articles/{article}",
    "Its next version",
    answers=KnowledgeArticle,
    body=ArticleChange,
    may=May.WRITE_ARTICLES,
)
async def rewrite_article(ask: Ask, body: ArticleChange) -> KnowledgeArticle:
    """It holds at once, also for those who read or hear it."""
    return _told(await rewrite(ask.request, ask.path["article"], seen=body.version, **body.arguments()))


@api.add(
    "GET",
    "/articles/{article}/versions",
    "What it said, the newest first",
    answers=KnowledgeVersions,
    may=May.WRITE_ARTICLES,
)
async def list_article_versions(ask: Ask) -> KnowledgeVersions:
    found = await ask.services.articles.versions(ask.path["article"])
    return KnowledgeVersions(items=[KnowledgeVersion.model_validate(one) for one in found])


@api.add(
    "POST",
    "/articles/{article}/roll-back",
    "An earlier version becomes the next",
    answers=KnowledgeArticle,
    body=ArticleRollBack,
    may=May.WRITE_ARTICLES,
)
async def roll_back_article(ask: Ask, body: ArticleRollBack) -> KnowledgeArticle:
    return _told(await roll_back(ask.request, ask.path["article"], body.to, seen=body.version))


@api.add(
    "POST",
    "/articles/{article}/publish",
    "Agents read it, and menus may play it",
    answers=KnowledgeArticle,
    may=May.WRITE_ARTICLES,
    refusals=(409,),
)
async def publish_article(ask: Ask) -> KnowledgeArticle:
    return _told(await publish(ask.request, ask.path["article"]))


@api.add(
    "POST",
    "/articles/{article}/withdraw",
    "It is true no more",
    answers=KnowledgeArticle,
    may=May.WRITE_ARTICLES,
    refusals=(409,),
)
async def withdraw_article(ask: Ask) -> KnowledgeArticle:
    """Not while callers hear it in a published voice menu."""
    return _told(await withdraw(ask.request, ask.path["article"]))


@api.add("POST", "/articles/{article}/helped", "It was of use", answers=KnowledgeArticle)
async def article_helped(ask: Ask) -> KnowledgeArticle:
    return _told(await ask.services.articles.helped((await _found(ask)).id, by=ask.user.id))


@api.add("POST", "/articles/{article}/attach", "Attach it to a ticket", status=204, body=Attached)
async def attach_article(ask: Ask, body: Attached) -> None:
    await ask.services.articles.attach((await _found(ask)).id, TicketId(body.ticket), by=ask.user.id)


@api.add("POST", "/articles/{article}/detach", "Take it off a ticket", status=204, body=Attached)
async def detach_article(ask: Ask, body: Attached) -> None:
    await ask.services.articles.detach((await _found(ask)).id, TicketId(body.ticket), by=ask.user.id)


async def _found(ask: Ask) -> Article:
    return await read(ask.request, ask.path["article"])


def _told(article: Article) -> KnowledgeArticle:
    return KnowledgeArticle.model_validate(article)
