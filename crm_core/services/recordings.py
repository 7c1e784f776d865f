"""The catalogue of recorded sound."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from crm_core.domain import checks
from crm_core.domain.recordings import Recording
from crm_core.errors import RecordingNotFound
from crm_core.kernel.clock import Clock
from crm_core.kernel.ids import CallId, RecordingId, TicketId, new_id
from crm_core.persistence import tables as t
from crm_core.persistence.database import Database
from crm_core.persistence.queries import from_row, insert_into
from crm_core.services.calls import QUESTION_OF, expect_call


class Recordings:
    def __init__(self, database: Database, clock: Clock) -> None:
        self._db, self._clock = database, clock

    async def start(self, call: CallId, file: str, at: datetime, *, comment: bool = False) -> Recording:
        """Twice is once (by file). `Calls.apply` does it as well when it hears `recording.started`."""
        row = {
            "id": new_id("rec"),
            "call_id": call,
            "file": file,
            "started_at": checks.aware("at", at),
            "comment": comment,
        }
        async with self._db.session() as connection:
            await expect_call(connection, call, at)
            room = insert_into(connection, t.recording).on_conflict_do_nothing(index_elements=["file"])
            await connection.execute(room, row)
            return await _one(connection, t.recording.c.file == file, file)

    async def finish(
        self, file: str, at: datetime, *, duration_s: float | None = None, size_bytes: int | None = None
    ) -> Recording:
        known = {"duration_s": duration_s, "size_bytes": size_bytes}
        values = {name: value for name, value in known.items() if value is not None} | {"ended_at": at}
        async with self._db.session() as connection:
            await connection.execute(update(t.recording).where(t.recording.c.file == file).values(**values))
            return await _one(connection, t.recording.c.file == file, file)

    async def belongs_to(self, file: str, ticket: TicketId) -> Recording:
        """A message that became this ticket."""
        async with self._db.session() as connection:
            await connection.execute(update(t.recording).where(t.recording.c.file == file).values(ticket_id=ticket))
            return await _one(connection, t.recording.c.file == file, file)

    async def of_ticket(self, ticket: TicketId) -> tuple[Recording, ...]:
        """Messages, in order of time."""
        query = select(t.recording).where(t.recording.c.ticket_id == ticket).order_by(t.recording.c.started_at)
        async with self._db.reading() as connection:
            return tuple(from_row(Recording, row) for row in (await connection.execute(query)).mappings())

    async def of_no_ticket(self, files: Sequence[str]) -> tuple[str, ...]:
        """Those of these messages that did not become one, be they in the catalogue or not. A comment becomes none."""
        done: set[str] = set()
        settled = or_(
            t.recording.c.ticket_id.is_not(None), t.recording.c.deleted_at.is_not(None), t.recording.c.comment
        )
        async with self._db.reading() as connection:
            for first in range(0, len(files), QUESTION_OF):
                query = select(t.recording.c.file).where(
                    t.recording.c.file.in_(files[first : first + QUESTION_OF]), settled
                )
                done |= set(await connection.scalars(query))
        return tuple(file for file in files if file not in done)

    async def of_call(self, call: CallId) -> tuple[Recording, ...]:
        """In order of time."""
        query = select(t.recording).where(t.recording.c.call_id == call).order_by(t.recording.c.started_at)
        async with self._db.reading() as connection:
            return tuple(from_row(Recording, row) for row in (await connection.execute(query)).mappings())

    async def get(self, recording: RecordingId) -> Recording:
        async with self._db.reading() as connection:
            return await _one(connection, t.recording.c.id == recording, recording)


async def _one(connection: AsyncConnection, condition: ColumnElement[bool], name: str) -> Recording:
    row = (await connection.execute(select(t.recording).where(condition))).mappings().first()
    if row is None:
        raise RecordingNotFound(id=name)
    return from_row(Recording, row)
