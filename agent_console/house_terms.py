"""Skills and departments: which voice menus ask for a skill, and telephony told when something has changed."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping

from aiohttp import web

from agent_console.floor import reload_floor
from agent_console.keys import BUS, current_user, services
from agent_console.prompts import menus_now
from crm_core.domain.house_terms import HouseTerm, TermKind
from ivr.staffed import asked_for


async def menus_asking(request: web.Request, term: HouseTerm) -> tuple[str, ...]:
    """The keys of the menus that ask for it, also those whose draft does."""
    if term.kind is not TermKind.SKILL:
        return ()
    published, drafts = await menus_now(request)
    return await asyncio.to_thread(_asking, term.key, (published, drafts))  # of many menus it takes a while


def _asking(skill: str, menus: Iterable[Mapping[str, str]]) -> tuple[str, ...]:
    found = {name for texts in menus for name, text in texts.items() if skill in asked_for(name, text)}
    return tuple(sorted(found))


async def put(request: web.Request, kind: TermKind, key: str, names: Mapping[str, str], *, new: bool) -> HouseTerm:
    saved = await services(request).house_terms.put(kind, key, names, new=new, by=current_user(request).id)
    await reload_floor(request.config_dict[BUS])
    return saved


async def remove(request: web.Request, kind: TermKind, key: str) -> None:
    """Raises TermUsed."""
    terms = services(request).house_terms
    also = [f"menu {name}" for name in await menus_asking(request, await terms.get(kind, key))]
    await terms.delete(kind, key, also=also, by=current_user(request).id)
    await reload_floor(request.config_dict[BUS])
