"""The append-only log of everything that happened, and of who changed what."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from sqlalchemy import func, select

from crm_core.domain.log import LoggedEvent
from crm_core.kernel.ids import CallId, MessageId
from crm_core.kernel.messages import Event
from crm_core.persistence import tables as t
from crm_core.persistence.database import Database
from crm_core.persistence.log import logged, write_log
from crm_core.persistence.queries import from_row

LONGEST_READING = 1000


class EventLog:
    def __init__(self, database: Database) -> None:
        self._db = database

    async def append(self, event: Event, *, message_id: MessageId | None = None) -> bool:
        """False when it was there already. Without an id the content itself is the id: the same event twice is once."""
        async with self._db.session() as connection:
            return await write_log(connection, [logged(event, message_id)]) > 0

    async def read(
        self, after: int = 0, limit: int = 100, topic: str | None = None, *, call: CallId | None = None
    ) -> tuple[LoggedEvent, ...]:
        """In order of position. `topic` may end in `*` (`call.*`)."""
        line = t.event_log.c
        query = select(t.event_log).where(line.position > after).order_by(line.position)
        if topic is not None:
            kind, star, _ = topic.partition("*")
            query = query.where(line.topic.startswith(kind, autoescape=True) if star else line.topic == kind)
        if call is not None:
            query = query.where(line.call_id == call)
        async with self._db.reading() as connection:
            rows = await connection.execute(query.limit(max(1, min(limit, LONGEST_READING))))
            return tuple(from_row(LoggedEvent, row) for row in rows.mappings())

    async def last(self) -> int:
        """The position of the last line; 0: there is none."""
        async with self._db.reading() as connection:
            return await connection.scalar(select(func.max(t.event_log.c.position))) or 0

    async def of_subject(self, subject: str, *, limit: int = 200) -> tuple[LoggedEvent, ...]:
        """Who changed this thing, and what; oldest first. Of a very long history the latest part."""
        line = t.event_log.c
        query = select(t.event_log).where(line.subject == subject).order_by(line.position.desc())
        async with self._db.reading() as connection:
            rows = await connection.execute(query.limit(max(1, min(limit, LONGEST_READING))))
            return tuple(reversed([from_row(LoggedEvent, row) for row in rows.mappings()]))

    async def latest_of_each(
        self, topic: str, field: str, *, after: int = 0, where: Mapping[str, Collection[str]] | None = None
    ) -> tuple[LoggedEvent, ...]:
        """Of this topic the last line for each value of `field` in the events; in order of position. `where`: of those
        alone whose fields have one of these values.

        The database picks them: of a day's thousands of lines only these are read.
        """
        line = t.event_log.c
        lines = select(func.max(line.position)).where(line.topic == topic, line.position > after)
        for name, values in (where or {}).items():
            lines = lines.where(line.body[name].as_string().in_([str(value) for value in values]))
        last = lines.group_by(line.body[field].as_string())
        query = select(t.event_log).where(line.position.in_(last)).order_by(line.position)
        async with self._db.reading() as connection:
            return tuple(from_row(LoggedEvent, row) for row in (await connection.execute(query)).mappings())
