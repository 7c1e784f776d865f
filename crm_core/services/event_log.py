"""The append-only log of everything that happened, and of who changed what."""

from __future__ import annotations

from crm_core.domain.log import LoggedEvent
from crm_core.kernel.ids import CallId, MessageId
from crm_core.kernel.messages import Event
from crm_core.persistence.database import Database


class EventLog:
    def __init__(self, database: Database) -> None:
        self._db = database

    async def append(self, event: Event, *, message_id: MessageId | None = None) -> bool:
        """False when it was there already. Without an id the content itself is the id: the same event twice is once."""
        raise NotImplementedError

    async def read(
        self, after: int = 0, limit: int = 100, topic: str | None = None, *, call: CallId | None = None
    ) -> tuple[LoggedEvent, ...]:
        """In order of position. `topic` may end in `*` (`call.*`)."""
        raise NotImplementedError
