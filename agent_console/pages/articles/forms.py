"""The form of an article, and two of its versions side by side. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from difflib import SequenceMatcher
from typing import Any

from agent_console.inputs import ArticleInput, checked
from agent_console.words import Sentence, say
from crm_core.domain.articles import Article, ArticleVersion
from crm_core.kernel.language import Language

_OF_A_SIDE = ("title", "body", "spoken")


def read_article(form: Mapping[str, str]) -> ArticleInput:
    """A language of which nothing is written is left out. Raises Invalid."""
    sides: dict[str, Any] = {}
    for language in Language:
        side = {name: form.get(f"{name}_{language}", "").strip() for name in _OF_A_SIDE}
        if any(side.values()):
            sides[language] = side
    plain = {name: form.get(name, "") for name in ("category", "keywords")}
    return checked(ArticleInput, {**plain, "sides": sides, "review_on": form.get("review_on", "").strip() or None})


def beside_field(field: str) -> str:
    """`sides.zh.title` stands in the form as `title_zh`."""
    parts = field.split(".")
    if parts[0] != "sides":
        return field
    return f"{parts[2]}_{parts[1]}" if len(parts) == 3 else f"title_{Language.ZH}"


def as_form(article: Article | ArticleVersion) -> dict[str, str]:
    """What stands in the form at first."""
    written = ((language, side, name) for language, side in article.sides.items() for name in _OF_A_SIDE)
    sides = {f"{name}_{language}": str(getattr(side, name)) for language, side, name in written}
    day = article.review_on.isoformat() if isinstance(article.review_on, date) else ""
    return {**sides, "category": article.category, "keywords": article.keywords, "review_on": day}


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """Some lines: `same`, `gone`, or `new`."""

    kind: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldChange:
    field: Sentence
    pieces: tuple[Piece, ...]


def compared(before: ArticleVersion, after: ArticleVersion) -> tuple[FieldChange, ...]:
    """Each field that is different, line by line."""
    old, new = as_form(before), as_form(after)
    named = ((name, said) for name, said in _fields() if old.get(name, "") != new.get(name, ""))
    return tuple(
        FieldChange(field=said, pieces=tuple(_pieces(old.get(name, ""), new.get(name, "")))) for name, said in named
    )


def _pieces(before: str, after: str) -> Iterator[Piece]:
    old, new = before.splitlines(), after.splitlines()
    for what, a, b, c, d in SequenceMatcher(a=old, b=new, autojunk=False).get_opcodes():
        if what == "equal":
            yield Piece(kind="same", text="\n".join(old[a:b]))
            continue
        if old[a:b]:
            yield Piece(kind="gone", text="\n".join(old[a:b]))
        if new[c:d]:
            yield Piece(kind="new", text="\n".join(new[c:d]))


def _fields() -> Iterator[tuple[str, Sentence]]:
    yield "title_zh", say("Title in Chinese")
    yield "body_zh", say("Text in Chinese")
    yield "spoken_zh", say("Spoken in Chinese")
    yield "title_en", say("Title in English")
    yield "body_en", say("Text in English")
    yield "spoken_en", say("Spoken in English")
    yield "category", say("Category")
    yield "keywords", say("Keywords")
    yield "review_on", say("To be reviewed on")
