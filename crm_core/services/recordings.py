"""The catalogue of recorded sound."""

from __future__ import annotations

from datetime import datetime

from crm_core.domain.recordings import Recording
from crm_core.kernel.clock import Clock
from crm_core.kernel.ids import CallId, RecordingId, UserId
from crm_core.persistence.database import Database


class Recordings:
    def __init__(self, database: Database, clock: Clock) -> None:
        self._db, self._clock = database, clock

    async def start(self, call: CallId, file: str, at: datetime) -> Recording:
        """Twice is once (by file). `Calls.apply` does it as well when it hears `recording.started`."""
        raise NotImplementedError

    async def finish(
        self, file: str, at: datetime, *, duration_s: float | None = None, size_bytes: int | None = None
    ) -> Recording:
        raise NotImplementedError

    async def of_call(self, call: CallId) -> tuple[Recording, ...]:
        raise NotImplementedError

    async def get(self, recording: RecordingId) -> Recording:
        raise NotImplementedError

    async def mark_deleted(self, recording: RecordingId, *, by: UserId | None = None) -> Recording:
        raise NotImplementedError
