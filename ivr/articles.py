"""Which knowledge articles menus play, and what is wrong with a menu whose article cannot be heard. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from crm_core.domain.articles import Readable
from ivr.flow.errands import PlayArticle
from ivr.flow.loader import examine
from ivr.flow.model import Flow
from ivr.flow.problems import Problem, told
from ivr.shelf import Problems
from ivr.used import AtNode

Articles = Mapping[str, Readable]
"""By their numbers."""


def article_problems(name: str, document: str, articles: Articles) -> Problems:
    """Of a document that can be read. Callers of one that is published already go on by `error` there."""
    flow, faults = examine(document, name)
    return () if faults else tuple(_problems(_playing(flow), articles))


def articles_used(published: Mapping[str, str], drafts: Mapping[str, str]) -> Mapping[str, tuple[AtNode, ...]]:
    """By the articles' numbers, where callers hear them; drafts only where they say more."""
    found: dict[str, dict[AtNode, None]] = {}
    for draft, documents in ((False, published), (True, drafts)):
        for name, text in documents.items():
            for node in _playing(examine(text, name)[0]):
                places = found.setdefault(node.article, {})
                if not draft or AtNode(menu=name, node=node.id) not in places:
                    places[AtNode(menu=name, node=node.id, draft=draft)] = None
    return {number: tuple(places) for number, places in found.items()}


def articles_of(document: str) -> frozenset[str]:
    """The numbers of those that a menu tells."""
    return frozenset(node.article for node in _playing(examine(document, "")[0]))


def _playing(flow: Flow) -> Iterator[PlayArticle]:
    yield from (node for node in flow.nodes.values() if isinstance(node, PlayArticle))


def _problems(nodes: Iterator[PlayArticle], articles: Articles) -> Iterator[Problem]:
    for node in nodes:
        if says := _what_is_wrong(node.article, articles.get(node.article)):
            yield Problem(node=node.id, field="article", says=says)


def _what_is_wrong(number: str, found: Readable | None) -> str:
    if found is None:
        return told("there is no article “%(number)s”", number=number)
    if not found.published:
        return told("the article “%(number)s” is not published", number=number)
    if not found.spoken:
        return told("“%(number)s” is too long to be heard: give it a text for the telephone", number=number)
    return ""
