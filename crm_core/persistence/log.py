"""Writing into the append-only log, within the transaction of what is logged.

The log is written last in a transaction. On PostgreSQL the writers of the log stand in line, so that positions become
visible in order and a reader who goes on from a position misses nothing.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from crm_core.domain.audit import Audited
from crm_core.domain.log import LoggedEvent
from crm_core.kernel.ids import CallId, MessageId, UserId, new_id
from crm_core.kernel.messages import Event, to_dict
from crm_core.persistence.queries import insert_into
from crm_core.persistence.tables import event_log
from crm_core.persistence.types import keepable_json


def logged(event: Event, message_id: MessageId | None = None) -> LoggedEvent:
    """An event as a line of the log, not yet in its place (position 0)."""
    body: dict[str, Any] = keepable_json(to_dict(event))
    call = body.get("call")
    subject = body["subject"] if isinstance(event, Audited) else body.get("ticket")
    return LoggedEvent(
        position=0,
        message_id=message_id or _digest(event.topic, body),
        topic=event.topic,
        at=event.at.astimezone(UTC),
        call=CallId(call) if isinstance(call, str) and call else None,
        subject=subject if isinstance(subject, str) else None,
        body=body,
    )


def _digest(topic: str, body: Mapping[str, Any]) -> MessageId:
    """The same content is the same message, however often and through whichever process it comes."""
    content = json.dumps([topic, body], sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return MessageId(hashlib.sha256(content.encode()).hexdigest())


async def write_log(connection: AsyncConnection, lines: Sequence[LoggedEvent]) -> int:
    """How many of them were new."""
    if not lines:
        return 0
    if connection.dialect.name == "postgresql":
        await connection.execute(text("SELECT pg_advisory_xact_lock(4207002)"))
    statement = insert_into(connection, event_log).on_conflict_do_nothing(index_elements=["message_id"])
    rows = [
        {
            "message_id": line.message_id,
            "topic": line.topic,
            "at": line.at,
            "call_id": line.call,
            "subject": line.subject,
            "body": line.body,
        }
        for line in lines
    ]
    done = await connection.execute(statement, rows if len(rows) > 1 else rows[0])
    return int(done.rowcount)


async def audit(
    connection: AsyncConnection,
    action: str,
    subject: str,
    /,
    *,
    at: datetime,
    by: UserId | None = None,
    **details: Any,
) -> None:
    """Two equal changes are two entries: each gets an id of its own."""
    entry = Audited(at=at, action=action, subject=subject, by=by, details=keepable_json(details))
    await write_log(connection, [logged(entry, MessageId(new_id("msg")))])
