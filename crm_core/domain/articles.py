"""Knowledge articles: the house's answers to questions that come again, for agents to read and callers to hear."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum

from crm_core.kernel.ids import ArticleId, TicketId, UserId
from crm_core.kernel.language import Language


class ArticleState(StrEnum):
    DRAFT = "draft"
    """Read by those who write articles."""
    PUBLISHED = "published"
    """Read by every agent, and heard by callers where a menu plays it."""
    WITHDRAWN = "withdrawn"
    """True no more; its versions are kept."""


LONGEST_SPOKEN: Mapping[Language, int] = {Language.ZH: 600, Language.EN: 1500}
"""Characters that take about two minutes: nobody listens longer, and a menu has five."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Side:
    """An article in one language."""

    title: str
    body: str
    spoken: str = ""
    """What callers hear, where the text for the screen is no good to listen to; empty: the body."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Article:
    id: ArticleId
    number: str
    """`K-0007`: what people and menus call it."""
    sides: Mapping[Language, Side]
    """At least one."""
    category: str = ""
    keywords: str = ""
    review_on: date | None = None
    """From this day on somebody should look whether it is true yet."""
    state: ArticleState = ArticleState.DRAFT
    version: int = 1
    helped: int = 0
    """How often an agent said that it was of use."""
    created_at: datetime
    updated_at: datetime
    updated_by: UserId | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ArticleVersion:
    """What an article said once."""

    version: int
    at: datetime
    by: UserId | None
    sides: Mapping[Language, Side]
    category: str = ""
    keywords: str = ""
    review_on: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ArticleFilter:
    text: str = ""
    states: tuple[ArticleState, ...] = ()
    category: str | None = None
    review_before: date | None = None
    """To be reviewed on this day or earlier."""
    ticket: TicketId | None = None
    """Attached to this ticket."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """What a caller is told of an article."""

    language: Language
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Readable:
    """What a menu has to know of an article that it plays."""

    published: bool
    spoken: frozenset[Language] = field(default_factory=frozenset)
    """The languages in which there is something to hear."""


def reading(sides: Mapping[Language, Side], language: Language) -> Reading | None:
    """In this language, else in another one. None: there is nothing to hear, for all of it is too long."""
    for one in (language, *(other for other in Language if other is not language)):
        if (side := sides.get(one)) is not None and (text := spoken_text(one, side)):
            return Reading(language=one, text=text)
    return None


def spoken_text(language: Language, side: Side) -> str:
    """Empty: the body is too long to be listened to, and there is no other text."""
    text = " ".join((side.spoken or side.body).split())
    return text if len(text) <= LONGEST_SPOKEN[language] else ""


def readable(sides: Mapping[Language, Side], state: ArticleState) -> Readable:
    spoken = frozenset(language for language, side in sides.items() if spoken_text(language, side))
    return Readable(published=state is ArticleState.PUBLISHED, spoken=spoken)
