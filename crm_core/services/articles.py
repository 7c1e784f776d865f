"""Knowledge articles: written, published, found, attached to tickets; every version is kept.

Whoever takes away what callers might hear stands in line with whoever publishes a menu that tells it.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import asdict
from datetime import date
from typing import Any, cast

from pydantic import TypeAdapter
from sqlalchemy import Column, ColumnElement, RowMapping, case, delete, func, literal, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from crm_core.domain import checks
from crm_core.domain.articles import (
    Article,
    ArticleFilter,
    ArticleState,
    ArticleVersion,
    Readable,
    Reading,
    Side,
    readable,
    reading,
)
from crm_core.domain.paging import Page
from crm_core.errors import ArticleChangedMeanwhile, ArticleGone, ArticleNotFound, FieldEmpty, TicketNotFound
from crm_core.kernel.clock import Clock
from crm_core.kernel.ids import ArticleId, TicketId, UserId, new_id
from crm_core.kernel.language import Language
from crm_core.persistence import tables as t
from crm_core.persistence.database import Database
from crm_core.persistence.log import audit
from crm_core.persistence.queries import contains, folded, from_row, in_line, insert_into, must_exist, page_of
from crm_core.persistence.types import keepable_json
from crm_core.services.menus_line import LINE as MENUS
from crm_core.services.menus_line import unless_others

Sides = Mapping[Language, Side]
Beside = Mapping[str, int] | None
"""Published versions of all menus, by their names; None: it does not matter what menus tell."""
_SIDES: TypeAdapter[dict[Language, Side]] = TypeAdapter(dict[Language, Side])
_DAY: TypeAdapter[date | None] = TypeAdapter(date | None)
_NUMBERS = "article numbers"
_OURS = "K-0000"
"""The number of what comes with the product."""


class Articles:
    def __init__(self, database: Database, clock: Clock) -> None:
        self._db, self._clock = database, clock

    async def write(
        self,
        *,
        sides: Sides,
        category: str = "",
        keywords: str = "",
        review_on: date | None = None,
        by: UserId | None = None,
    ) -> Article:
        """A new article, as a draft."""
        content = _content(sides, category, keywords, review_on)
        async with self._db.session() as connection:
            await in_line(connection, _NUMBERS)
            number = f"K-{await _last(connection) + 1:04}"
            return await self._first(connection, number, content, ArticleState.DRAFT, by)

    async def furnish(self, number: str, sides: Sides) -> None:
        """What comes with the product, published; whatever has become of it since, it stays so."""
        async with self._db.session() as connection:
            await in_line(connection, _NUMBERS)
            if await connection.scalar(select(t.article.c.id).where(t.article.c.number == number)) is None:
                await self._first(connection, number, _content(sides, "", "", None), ArticleState.PUBLISHED, None)

    async def rewrite(
        self,
        article: str,
        *,
        sides: Sides,
        category: str = "",
        keywords: str = "",
        review_on: date | None = None,
        seen: int,
        beside: Beside = None,
        by: UserId | None = None,
    ) -> Article:
        """Its next version, which holds at once. `seen`: the version the writer had before him; raises
        ArticleChangedMeanwhile. What changes nothing is no version. `beside`: the published menus of which somebody
        found out that none tells it, where it is not to be heard; raises FlowsChanged."""
        content = _content(sides, category, keywords, review_on)
        async with self._db.session() as connection:
            before = await _seen(connection, article, seen, beside)
            return await self._rewritten(connection, before, content, "article.rewritten", by)

    async def roll_back(
        self, article: str, version: int, *, seen: int, beside: Beside = None, by: UserId | None = None
    ) -> Article:
        """What it said in an earlier version becomes its next one. Otherwise as `rewrite`."""
        async with self._db.session() as connection:
            before = await _seen(connection, article, seen, beside)
            kept = select(t.article_version.c.content).where(
                t.article_version.c.article_id == before.id, t.article_version.c.version == version
            )
            content = await connection.scalar(kept)
            if content is None:
                raise ArticleNotFound(id=f"{before.number}, {version}")
            return await self._rewritten(connection, before, content, "article.rolled_back", by, to=version)

    async def put(
        self,
        article: str,
        state: ArticleState,
        *,
        seen: int | None = None,
        beside: Beside = None,
        by: UserId | None = None,
    ) -> Article:
        """Publish it, withdraw it, or take it back among the drafts. `seen`, `beside` as in `rewrite`, where it
        matters."""
        async with self._db.session() as connection:
            before = await _seen(connection, article, seen, beside)
            if before.state is state:
                return before
            await connection.execute(update(t.article).where(t.article.c.id == before.id).values(state=state))
            await audit(
                connection, f"article.{state}", before.id, at=self._clock.now(), by=by, number=before.number,
                version=before.version,
            )  # fmt: skip
            return await _one(connection, before.id)

    async def helped(self, article: str, *, by: UserId | None = None) -> Article:
        """An agent says that it was of use."""
        async with self._db.session() as connection:
            found = await _one(connection, article)
            more = update(t.article).where(t.article.c.id == found.id).values(helped=t.article.c.helped + 1)
            await connection.execute(more)
            await audit(connection, "article.helped", found.id, at=self._clock.now(), by=by, number=found.number)
            return await _one(connection, found.id)

    async def get(self, article: str) -> Article:
        """By its number or its id."""
        async with self._db.reading() as connection:
            return await _one(connection, article)

    async def versions(self, article: str) -> tuple[ArticleVersion, ...]:
        """The newest first."""
        async with self._db.reading() as connection:
            found = await _one(connection, article)
            query = select(t.article_version).where(t.article_version.c.article_id == found.id)
            rows = await connection.execute(query.order_by(t.article_version.c.version.desc()))
            return tuple(_version(row) for row in rows.mappings())

    async def categories(self, states: Collection[ArticleState] = ()) -> tuple[str, ...]:
        """Of articles in these states; of all of them where none is named."""
        async with self._db.reading() as connection:
            query = select(t.article.c.category).where(t.article.c.category != "").distinct()
            if states:
                query = query.where(t.article.c.state.in_(states))
            return tuple(sorted((await connection.scalars(query)).all()))

    async def search(
        self, filters: ArticleFilter | None = None, *, cursor: str | None = None, limit: int = 50
    ) -> Page[Article]:
        """Those whose title fits come before those whose text does; the newest first among them."""
        wanted = filters or ArticleFilter()
        place = case((contains(t.article.c.title_text, wanted.text), "1"), else_="0") if wanted.text else literal("1")
        ranked = select(t.article, place.label("place")).where(*_conditions(wanted)).subquery()
        async with self._db.reading() as connection:
            return await page_of(
                connection, select(ranked), _article, order=cast(Column[Any], ranked.c.place),
                tie=cast(Column[Any], ranked.c.number), cursor=cursor, limit=limit,
            )  # fmt: skip

    # ---- for voice menus

    async def readable(self) -> Mapping[str, Readable]:
        """By number, what menus have to know of all articles."""
        async with self._db.reading() as connection:
            rows = (await connection.execute(select(t.article.c.number, t.article.c.sides, t.article.c.state))).all()
        return {number: readable(_SIDES.validate_python(sides), state) for number, sides, state in rows}

    async def reading(self, number: str, language: Language) -> Reading | None:
        """What a caller is told; None when it is not published, or not there, or too long to be told."""
        async with self._db.reading() as connection:
            published = (t.article.c.number == number, t.article.c.state == ArticleState.PUBLISHED)
            sides = await connection.scalar(select(t.article.c.sides).where(*published))
        return reading(_SIDES.validate_python(sides), language) if sides is not None else None

    # ---- for tickets

    async def attach(self, article: str, ticket: TicketId, *, by: UserId | None = None) -> None:
        async with self._db.session() as connection:
            found = await _one(connection, article)
            await must_exist(connection, t.ticket.c.id, ticket, TicketNotFound)
            row = {"ticket_id": ticket, "article_id": found.id, "at": self._clock.now(), "by": by}
            await connection.execute(insert_into(connection, t.ticket_article).on_conflict_do_nothing(), row)
            await audit(
                connection, "article.attached", found.id, at=self._clock.now(), by=by, number=found.number,
                ticket=ticket,
            )  # fmt: skip

    async def detach(self, article: str, ticket: TicketId, *, by: UserId | None = None) -> None:
        async with self._db.session() as connection:
            found, beside = await _one(connection, article), t.ticket_article.c
            both = (beside.ticket_id == ticket, beside.article_id == found.id)
            await connection.execute(delete(t.ticket_article).where(*both))
            await audit(
                connection, "article.detached", found.id, at=self._clock.now(), by=by, number=found.number,
                ticket=ticket,
            )  # fmt: skip

    # ---- within

    async def _first(
        self,
        connection: AsyncConnection,
        number: str,
        content: Mapping[str, Any],
        state: ArticleState,
        by: UserId | None,
    ) -> Article:
        article, now = ArticleId(new_id("art")), self._clock.now()
        row = {
            "id": article,
            "number": number,
            "state": state,
            "version": 1,
            "helped": 0,
            "created_at": now,
            "updated_at": now,
            "updated_by": by,
        }
        await connection.execute(t.article.insert(), row | _columns(content, number))
        await self._keep_version(connection, article, 1, content, by)
        await audit(connection, "article.written", article, at=now, by=by, number=number)
        return await _one(connection, article)

    async def _rewritten(
        self,
        connection: AsyncConnection,
        before: Article,
        content: Mapping[str, Any],
        action: str,
        by: UserId | None,
        **details: Any,
    ) -> Article:
        if content == _content(before.sides, before.category, before.keywords, before.review_on):
            return before
        now, version = self._clock.now(), before.version + 1
        values = _columns(content, before.number) | {"version": version, "updated_at": now, "updated_by": by}
        await connection.execute(update(t.article).where(t.article.c.id == before.id).values(**values))
        await self._keep_version(connection, before.id, version, content, by)
        await audit(connection, action, before.id, at=now, by=by, number=before.number, version=version, **details)
        return await _one(connection, before.id)

    async def _keep_version(
        self,
        connection: AsyncConnection,
        article: ArticleId,
        version: int,
        content: Mapping[str, Any],
        by: UserId | None,
    ) -> None:
        row = {"article_id": article, "version": version, "at": self._clock.now(), "by": by, "content": content}
        await connection.execute(t.article_version.insert(), row)


def _content(sides: Sides, category: str, keywords: str, review_on: date | None) -> dict[str, Any]:
    """What a version keeps. Raises FieldInvalid."""
    written = {language: _side(language, side) for language, side in sides.items()}
    if not written:
        raise FieldEmpty(field="title")
    kept: dict[str, Any] = keepable_json(
        {
            "sides": {str(language): asdict(side) for language, side in written.items()},
            "category": checks.line("category", category, longest=60),
            "keywords": checks.line("keywords", keywords),
            "review_on": review_on.isoformat() if review_on else None,
        }
    )
    return kept


def _side(language: Language, side: Side) -> Side:
    return Side(
        title=checks.line(f"title_{language}", side.title, required=True),
        body=checks.paragraph(f"body_{language}", side.body, required=True),
        spoken=checks.paragraph(f"spoken_{language}", side.spoken, longest=2000),
    )


def _columns(content: Mapping[str, Any], number: str) -> dict[str, Any]:
    sides = content["sides"].values()
    titles = folded(number, *(side["title"] for side in sides), content["keywords"])
    return {
        "sides": content["sides"],
        "category": content["category"],
        "keywords": content["keywords"],
        "review_on": _DAY.validate_python(content["review_on"]),
        "title_text": titles,
        "search_text": folded(titles, content["category"], *(side["body"] for side in sides)),
    }


def _conditions(wanted: ArticleFilter) -> list[ColumnElement[bool]]:
    article, found = t.article.c, list[ColumnElement[bool]]()
    if wanted.text:
        found.append(contains(article.search_text, wanted.text))
    if wanted.states:
        found.append(article.state.in_(wanted.states))
    if wanted.category is not None:
        found.append(article.category == wanted.category)
    if wanted.review_before is not None:
        found.append(article.review_on <= wanted.review_before)
    if wanted.ticket is not None:
        beside = t.ticket_article.c
        found.append(article.id.in_(select(beside.article_id).where(beside.ticket_id == wanted.ticket)))
    return found


async def _last(connection: AsyncConnection) -> int:
    """Numbers are never given away twice, as no article is ever deleted; what came with the product counts not."""
    written = select(func.count()).select_from(t.article).where(t.article.c.number != _OURS)
    return int(await connection.scalar(written) or 0)


async def must_be_heard(connection: AsyncConnection, numbers: Collection[str]) -> None:
    """Raises ArticleGone. The caller stands in the line of those who publish menus."""
    query = select(t.article.c.number, t.article.c.sides, t.article.c.state).where(t.article.c.number.in_(numbers))
    rows = (await connection.execute(query)).all() if numbers else ()
    found = {number: readable(_SIDES.validate_python(sides), state) for number, sides, state in rows}
    for number in sorted(numbers):
        if number not in found or not (found[number].published and found[number].spoken):
            raise ArticleGone(number=number)


async def _seen(connection: AsyncConnection, article: str, seen: int | None, beside: Beside) -> Article:
    """To be changed now."""
    if beside is not None:
        await in_line(connection, MENUS)
        await unless_others(connection, beside)
    before = await _one(connection, article, locked=True)
    if seen is not None and before.version != seen:
        raise ArticleChangedMeanwhile(number=before.number, version=before.version)
    return before


async def _one(connection: AsyncConnection, article: str, *, locked: bool = False) -> Article:
    query = select(t.article).where((t.article.c.number == article) | (t.article.c.id == article))
    row = (await connection.execute(query.with_for_update() if locked else query)).mappings().first()
    if row is None:
        raise ArticleNotFound(id=article)
    return _article(row)


def _article(row: RowMapping) -> Article:
    return from_row(Article, row, sides=_SIDES.validate_python(row["sides"]))


def _version(row: RowMapping) -> ArticleVersion:
    content = row["content"]
    return ArticleVersion(
        version=row["version"],
        at=row["at"],
        by=row["by"],
        sides=_SIDES.validate_python(content["sides"]),
        category=content["category"],
        keywords=content["keywords"],
        review_on=_DAY.validate_python(content["review_on"]),
    )
