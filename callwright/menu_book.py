"""The voice menus as the database has them: each call is asked for anew, so that what is published holds for the next.

A caller never waits for a database that is slow or away: after a moment the book goes on with what it knew last. A call
that is in a menu keeps the flow it began with.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from datetime import datetime

import structlog

from crm_core.domain.calendars import Calendars, by_key
from crm_core.domain.flows import FlowsStanding
from crm_core.services.flows import Flows
from ivr.book import found, leads_to
from ivr.errors import FlowRefused, FlowsUnreadable
from ivr.flow.model import Flow
from ivr.flow.validator import Sounds
from ivr.shelf import Shelf, shelf

_log = structlog.get_logger(__name__)

PATIENCE_S = 0.5
"""How long a caller hears nothing while the database is asked."""


class MenuBook:
    """`sounds`: which prompts there are, asked whenever flows are proved, and as long as one does not hold. `stamp` is
    asked for each caller: another one as soon as somebody has changed a prompt, for flows carry the words of those that
    have values in them."""

    def __init__(
        self,
        flows: Flows,
        sounds: Callable[[], Sounds],
        *,
        stamp: Callable[[], object] = lambda: None,
        patience_s: float = PATIENCE_S,
    ) -> None:
        self._flows = flows
        self._sounds = sounds
        self._stamp = stamp
        self._patience_s = patience_s
        self._standing: FlowsStanding | None = None
        self._proved: Mapping[str, int] = {}
        self._calendars: Calendars = {}
        self._heard: Sounds = {}
        self._stamped: object = None
        self._shelf = Shelf(flows={}, wrong={})
        self._turn = asyncio.Lock()
        self._looking: set[asyncio.Task[None]] = set()
        """Also those nobody waits for any more: what is late may still come in for the next caller."""

    async def open(self, name: str, dnis: str, now: datetime) -> Flow:
        looking = asyncio.create_task(self._look(), name="the menus' book")
        self._looking.add(looking)
        looking.add_done_callback(self._looked)
        await asyncio.wait({looking}, timeout=self._patience_s)
        if self._standing is None:
            raise FlowsUnreadable(why="the database does not answer")
        wanted = leads_to(self._standing.numbers.get(dnis), name, now, self._standing.calendars)
        if problems := self._shelf.wrong.get(wanted):
            raise FlowRefused(flow=wanted, problems="; ".join(map(str, problems)))
        return found(self._shelf.flows, wanted)

    async def _look(self) -> None:
        standing = await self._flows.standing()
        if self._is_old(standing):
            await self._prove()
        self._standing = standing

    def _is_old(self, now: FlowsStanding) -> bool:
        """A recording that was missing may have come meanwhile, and a calendar may say something else."""
        others = (now.versions, now.calendars, self._stamp()) != (self._proved, self._calendars, self._stamped)
        return others or (bool(self._shelf.wrong) and self._sounds() != self._heard)

    async def _prove(self) -> None:
        """Once for all who come meanwhile, and as it stands when their turn has come."""
        async with self._turn:
            now = await self._flows.standing()
            if not self._is_old(now):
                return
            versions, calendars, stamp = now.versions, by_key(now.calendars), self._stamp()
            documents = await self._flows.documents(versions)
            # in threads: calls are served meanwhile
            sounds = await asyncio.to_thread(self._sounds)
            self._shelf = await asyncio.to_thread(shelf, documents, sounds, versions, calendars)
            self._proved, self._calendars, self._heard = versions, now.calendars, sounds
            self._stamped = stamp
        for name, problems in self._shelf.wrong.items():
            _log.error("menu flow cannot be used", action="menu_book", flow=name, why="; ".join(map(str, problems)))
        _log.info("menu flows read", action="menu_book", versions=dict(versions))

    def _looked(self, looking: asyncio.Task[None]) -> None:
        self._looking.discard(looking)
        if not looking.cancelled() and (error := looking.exception()) is not None:
            _log.warning("menu flows not looked up", action="menu_book", why=str(error) or type(error).__name__)
