"""The call log as who proves it reads it: a few columns of very many calls, piece by piece."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, func, select, tuple_

from crm_core.domain.call_story import ARRIVAL, END, GUESSED
from crm_core.domain.calls import CallOutcome
from crm_core.kernel.ids import AgentId, CallId
from crm_core.persistence import tables as t
from crm_core.persistence.database import Database
from crm_core.persistence.queries import from_row

PIECE = 5000
_IDS = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class CallInBrief:
    id: CallId
    server: str
    started_at: datetime
    queued_at: datetime | None
    connected_at: datetime | None
    ended_at: datetime | None
    agents: tuple[AgentId, ...]
    outcome: CallOutcome | None
    closed_by: str


class CallProof:
    def __init__(self, database: Database) -> None:
        self._db = database

    async def begun(self, since: datetime, until: datetime) -> AsyncIterator[Sequence[CallInBrief]]:
        """All calls that began in this time, in its order."""
        call, after = t.call.c, None
        query = _brief().where(call.started_at >= since, call.started_at <= until)
        query = query.order_by(call.started_at, call.id).limit(PIECE)
        while True:
            following = query if after is None else query.where(tuple_(call.started_at, call.id) > after)
            found = await self._found(following)
            yield found
            if len(found) < PIECE:
                return
            after = tuple_(found[-1].started_at, found[-1].id)

    async def of_ids(self, ids: Sequence[str]) -> AsyncIterator[Sequence[CallInBrief]]:
        """Those of them that are there."""
        for first in range(0, len(ids), _IDS):
            yield await self._found(_brief().where(t.call.c.id.in_(ids[first : first + _IDS])))

    async def last_told(self, ids: Sequence[str]) -> Mapping[str, datetime]:
        """When something was told of each of these calls last."""
        line, found = t.event_log.c, dict[str, datetime]()
        async with self._db.reading() as connection:
            for first in range(0, len(ids), _IDS):
                some = ids[first : first + _IDS]
                query = select(line.call_id, func.max(line.at)).where(line.call_id.in_(some)).group_by(line.call_id)
                found |= {row[0]: row[1] for row in (await connection.execute(query)).all()}
        return found

    async def told_twice(self, since: datetime, until: datetime) -> AsyncIterator[tuple[str, str, int]]:
        """Call, topic, how often: of beginnings and of ends that were heard more than once."""
        line = t.event_log.c
        query = select(line.call_id, line.topic, func.count()).where(line.topic.in_((ARRIVAL, END)))
        heard = (line.body[mark].as_string().is_(None) for mark in GUESSED.values())
        query = query.where(line.at >= since, line.at <= until, *heard)
        query = query.group_by(line.call_id, line.topic).having(func.count() > 1)
        async with self._db.reading() as connection:
            for row in (await connection.execute(query)).all():
                yield row[0], row[1], row[2]

    async def _found(self, query: Select[Any]) -> Sequence[CallInBrief]:
        async with self._db.reading() as connection:
            rows = (await connection.execute(query)).mappings()
            return [from_row(CallInBrief, row, agents=tuple(row["agents"])) for row in rows]


def _brief() -> Select[Any]:
    call = t.call.c
    times = (call.started_at, call.queued_at, call.connected_at, call.ended_at)
    return select(call.id, call.server, *times, call.agents, call.outcome, call.closed_by)
