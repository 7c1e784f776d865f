"""A past day as the log has it: the calls that asked for a person, and what agents were. For whoever tries other rules
on it.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Select, func, literal_column, select, tuple_

from crm_core.domain.log import LoggedEvent
from crm_core.kernel.ids import CallId
from crm_core.persistence import tables as t
from crm_core.persistence.database import Database
from crm_core.persistence.queries import from_row
from crm_core.persistence.tables import AGENT_STATES

WAY_OF_A_CALL = (
    "call.queued",
    "call.place_given_back",
    "call.overflowed",
    "call.callback_promised",
    "call.offered",
    "call.connected",
    "call.disconnected",
    "call.ended",
    "call.wrapped_up",
)
LONGEST_CALL = timedelta(hours=12)
"""Before it asks for a person."""
_CALLS_AT_ONCE, _LINES_AT_ONCE = 100, 1000
"""Small pieces: other people's pages are served between them."""


class PastDays:
    def __init__(self, database: Database) -> None:
        self._db = database

    async def asked(self, since: datetime, until: datetime) -> int:
        """How many calls asked for a person."""
        async with self._db.reading() as connection:
            return int(await connection.scalar(_asked(since, until, func.count())) or 0)

    async def calls(self, since: datetime, until: datetime) -> AsyncIterator[Sequence[LoggedEvent]]:
        """What was told of their way, call by call, each in order; several calls at once."""
        line = t.event_log.c
        async with self._db.reading() as connection:
            ids = list((await connection.execute(_asked(since, until, t.call.c.id))).scalars())
        for first in range(0, len(ids), _CALLS_AT_ONCE):
            some = line.call_id.in_(ids[first : first + _CALLS_AT_ONCE])
            query = select(t.event_log).where(some, line.topic.in_(WAY_OF_A_CALL))
            for told in _by_call(await self._lines(query.order_by(line.call_id, line.at, line.position))):
                yield told

    async def states(self, since: datetime, until: datetime) -> AsyncIterator[Sequence[LoggedEvent]]:
        """What agents were, in order of time, piece by piece."""
        line = t.event_log.c
        of_agents = line.topic == literal_column(
            f"'{AGENT_STATES}'"
        )  # in these words the index is found by SQLite, too
        query = select(t.event_log).where(of_agents, line.at >= since, line.at < until)
        query = query.order_by(line.at, line.position).limit(_LINES_AT_ONCE)
        after: tuple[datetime, int] | None = None
        while True:
            following = query if after is None else query.where(tuple_(line.at, line.position) > after)
            found = await self._lines(following)
            yield found
            if len(found) < _LINES_AT_ONCE:
                return
            after = (found[-1].at, found[-1].position)

    async def _lines(self, query: Select[Any]) -> list[LoggedEvent]:
        async with self._db.reading() as connection:
            return [from_row(LoggedEvent, row) for row in (await connection.execute(query)).mappings()]


def _asked(since: datetime, until: datetime, what: Any) -> Select[Any]:
    call = t.call.c
    begun = (call.started_at >= since - LONGEST_CALL, call.started_at < until)
    return select(what).select_from(t.call).where(*begun, call.queued_at >= since, call.queued_at < until)


def _by_call(lines: Sequence[LoggedEvent]) -> list[list[LoggedEvent]]:
    found: dict[CallId | None, list[LoggedEvent]] = {}
    for line in lines:
        found.setdefault(line.call, []).append(line)
    return list(found.values())
