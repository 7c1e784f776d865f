"""What the designer's page brings along: what everything is called, and what there is to choose from."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from enum import StrEnum
from typing import Any, Final

from aiohttp import web

from agent_console.calendars import choices
from agent_console.keys import services, words
from agent_console.labels import LABELS
from agent_console.menus import menu_names
from agent_console.pages.menus.names import FIELDS, HINTS, KINDS, VALUES, WORDS
from agent_console.words import Sentence, Words
from crm_core.domain.articles import ArticleFilter, ArticleState
from crm_core.domain.customers import CustomerLevel
from crm_core.domain.orders import OrderKind, OrderState
from crm_core.domain.tickets import TicketStatus
from crm_core.kernel.language import Language
from ivr.flow.loader import examine
from ivr.flow.model import values_written

POSSIBLE: Final[Mapping[str, type[StrEnum]]] = {
    "language": Language,
    "customer_language": Language,
    "customer_level": CustomerLevel,
    "ticket_status": TicketStatus,
    "order_kind": OrderKind,
    "order_state": OrderState,
}
"""What a value can be, where the house says so."""
_CALENDARS: Final = {"fields": FIELDS, "hints": HINTS}


async def names_for_designer(request: web.Request) -> Mapping[str, Any]:
    floor, published = await services(request).floor_plans.load(), await services(request).flows.published()
    here = words(request)
    labels = {str(one): said for kind in POSSIBLE.values() for one, said in LABELS[kind].items()}
    return {
        "kinds": _spoken(KINDS, here),
        "fields": _spoken(FIELDS, here),
        "hints": _spoken(HINTS, here),
        "words": _spoken({**labels, **WORDS}, here),
        "values": _spoken(VALUES, here),
        "possible": {value: [str(one) for one in kind] for value, kind in POSSIBLE.items()},
        "queues": {queue.key: here.named(queue.names) for queue in floor.queues},
        "skills": {skill.key: here.named(skill.names) for skill in floor.skills},
        "calendars": choices(floor.calendars, here),
        "menus": await menu_names(request, heard=True),
        "articles": await _articles(request, here),
        "given": await asyncio.to_thread(given_by, published),
    }


async def _articles(request: web.Request, here: Words) -> dict[str, str]:
    """Those that callers may hear, by their numbers."""
    wanted = ArticleFilter(states=(ArticleState.PUBLISHED,))
    found = (await services(request).articles.search(wanted, limit=200)).items
    titles = ((one, {str(language): side.title for language, side in one.sides.items()}) for one in found)
    return {one.number: f"{one.number} {here.named(names)}" for one, names in titles}


def names_of_calendars(here: Words) -> Mapping[str, Any]:
    """For the hours of a number, which have the same form."""
    parts = ("week", "holidays", "working_days")
    return {kind: _spoken({one: of[one] for one in parts if one in of}, here) for kind, of in _CALENDARS.items()}


def _spoken(said: Mapping[str, Sentence], here: Words) -> dict[str, str]:
    return {name: here.speak(one) for name, one in said.items()}


def given_by(published: Mapping[str, str]) -> list[str]:
    """Values that some menu gives: a call may come through several, and they share them."""
    flows = (examine(text, name)[0] for name, text in published.items())
    return sorted({name for flow in flows for node in flow.nodes.values() for _, name in values_written(node) if name})
