"""The call log made complete by Asterisk's own account: calls that came and went while nobody of ours heard them, and
ends that nobody heard, are written down by themselves, marked as reconciliation's.

It looks after each start and after each return of a line, and now and then. It never writes of a call that lives, or of
which something may still be on its way: the line's word comes first. Nothing here holds up the line.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Protocol

import structlog

from callwright.cdr_tail import CdrTail
from callwright.known_calls import extensions, known_calls
from crm_core.domain.settings import COMPLETE_UNTIL
from crm_core.kernel.bus import Bus, Subscription
from crm_core.kernel.clock import Clock
from crm_core.kernel.ids import ServerId
from crm_core.services.bundle import Services
from crm_core.services.call_proof import CallProof
from cti.events import CallArrived, CallEnded, CallEvent, LinkUp
from cti.journal import GROUP as JOURNAL
from cti.reconcile import Account, Ledger, Site, entries
from cti.reconcile.ledger import GRACE_S

RIPE_S = GRACE_S + 5.0
"""After so long what had ended just before can be judged; the line is asked for its time every few seconds."""
AGAIN_S = 15.0
"""Until the next try when something could not be looked at: the log is behind, the database away, a line down."""
OVERLAP_S = 120.0
"""What was complete is looked at once more for so long, at the start."""
FIRST_LOOK = timedelta(days=1)
"""How far back a log is made complete that never was."""
CATCH_UP_S = 10.0

_log = structlog.get_logger(__name__)


class Lines(Protocol):
    """`cti.telephony.Telephony`."""

    def site(self, server: ServerId) -> Site | None: ...

    def servers(self) -> frozenset[ServerId] | None: ...


@dataclass(slots=True, kw_only=True)
class Tally:
    """What was done since the start, and how it is: for figures."""

    entered: int = 0
    closed: int = 0
    rubbish: int = 0
    """Lines that are no rows."""
    troubles: dict[Path, str]
    """Why a file cannot be read; empty when it can."""


class Reconciler:
    """`run` it as long as telephony lives."""

    def __init__(
        self,
        files: Sequence[Path],
        services: Services,
        bus: Bus,
        clock: Clock,
        lines: Lines,
        *,
        every_s: float,
    ) -> None:
        self._files, self._services, self._bus, self._clock, self._lines = files, services, bus, clock, lines
        self._every_s = every_s
        self._log_of_calls = CallProof(services.database)
        self._tails: dict[Path, _Following] = {}
        self._kept: dict[str, float] = {}
        self.tally = Tally(troubles=dict.fromkeys(files, ""))

    async def run(self) -> None:
        try:
            async with self._bus.subscribe(LinkUp) as ups:
                done, pause = await self.look(), RIPE_S
                while True:
                    await self._until_next(ups, pause if done else min(AGAIN_S, pause))
                    done, pause = await self.look(), self._every_s
        finally:
            for one in self._tails.values():
                one.tail.close()

    @property
    def waiting(self) -> int:
        """Calls of Asterisk's account that are not settled yet: most of them live."""
        return sum(len(one.ledger) for one in self._tails.values())

    async def look(self) -> bool:
        """Once through all files. False: something could not be done now."""
        try:
            if not self._tails:
                self._tails = await self._begin()
            return all([await self._look_at(path, one) for path, one in self._tails.items()])
        except Exception as error:  # the database, most likely; whatever it is, callers must not feel it
            _log.warning("the call log cannot be made complete now", action="reconcile", error=repr(error))
            return False

    async def _until_next(self, ups: Subscription, pause: float) -> None:
        """A line that is back has told of what lives; what ended just before must first be old enough."""
        try:
            async with asyncio.timeout(pause):
                await anext(ups)
        except TimeoutError:
            return
        await asyncio.sleep(RIPE_S)

    # ---- reading

    async def _begin(self) -> dict[Path, _Following]:
        self._kept = await self._services.settings.get(COMPLETE_UNTIL)
        first = await self._services.event_log.read(0, 1)
        earliest = max(self._clock.now() - FIRST_LOOK, first[0].at if first else self._clock.now())
        since = {path: self._kept.get(str(path), earliest.timestamp()) - OVERLAP_S for path in self._files}
        return {path: _Following(tail=CdrTail(path, since=since[path]), ledger=Ledger()) for path in self._files}

    async def _look_at(self, path: Path, one: _Following) -> bool:
        readable = await self._read(path, one)
        if (servers := self._lines.servers()) is not None:
            one.ledger.keep_only(servers)
        settled = await self._settle(one.ledger)
        await self._keep(path, one)
        return readable and settled

    async def _read(self, path: Path, one: _Following) -> bool:
        """A thread reads; a piece at a time comes here."""
        pieces = one.tail.read()
        why = ""
        try:
            while (piece := await asyncio.to_thread(next, pieces, None)) is not None:
                one.ledger.add(piece.rows)
                now = self._clock.now().timestamp()
                one.until = max([one.until, *(row.end for row in piece.rows if row.end <= now)])
                self.tally.rubbish += piece.rubbish
        except OSError as error:
            why = error.strerror or str(error)
        if one.ledger.given_up > one.told_given_up:
            given_up, one.told_given_up = one.ledger.given_up, one.ledger.given_up
            _log.error(
                "too many calls wait to be judged; see `callwright reconcile`", action="reconcile", lost=given_up
            )
        if why and why != self.tally.troubles[path]:
            _log.warning("Asterisk's account cannot be read", action="reconcile", file=str(path), why=why)
        self.tally.troubles[path] = why
        return not why

    # ---- writing

    async def _settle(self, ledger: Ledger) -> bool:
        """Who has ended by now was told of before: the log takes that first."""
        while over := ledger.over(self._lines.site):
            if not await self._bus.caught_up(JOURNAL, within=CATCH_UP_S):
                _log.info("the log is behind: the line's word comes first", action="reconcile", calls=len(over))
                return False
            known = await known_calls(self._log_of_calls, [one.call for one in over])
            agents = await extensions(self._services.floor_plans)
            over = self._still_over(over)
            told = [event for one in over for event in entries(one, known.get(one.call), agents)]
            if told:
                await self._services.calls.apply_all(told)
                self._tell(told)
            ledger.settle(over)
        return True

    def _still_over(self, accounts: Sequence[Account]) -> list[Account]:
        """As far as nothing was heard of them, and the line is there, up to this moment."""
        sites = {server: self._lines.site(ServerId(server)) for server in {one.server for one in accounts}}
        return [one for one in accounts if (site := sites[one.server]) is not None and site.is_over(one)]

    def _tell(self, events: Sequence[CallEvent]) -> None:
        entered = {event.call for event in events if isinstance(event, CallArrived)}
        for event in events:
            if isinstance(event, CallEnded):
                what = "entered" if event.call in entered else "closed"
                _log.info(f"{what} by Asterisk's account", action="reconcile", call=event.call, outcome=event.outcome)
                self.tally.entered += event.call in entered
                self.tally.closed += event.call not in entered

    async def _keep(self, path: Path, one: _Following) -> None:
        """From where a later life of ours has to look."""
        until = one.ledger.complete_until(one.until)
        if until > self._kept.get(str(path), 0.0):
            self._kept = self._kept | {str(path): until}
            await self._services.settings.note(COMPLETE_UNTIL, self._kept)


@dataclass(slots=True, kw_only=True)
class _Following:
    tail: CdrTail
    ledger: Ledger
    until: float = 0.0
    """The last end that was read."""
    told_given_up: int = 0
