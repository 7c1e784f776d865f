"""Messages that never became a ticket: our process was killed while the caller spoke, or the database was away.

What he said is in the folder all the same; when nobody can be at it any more, it becomes a ticket as other messages do,
and what he said of a conversation is kept with its call.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import timedelta

import structlog

from crm_core.errors import CallNotFound
from crm_core.kernel.clock import Clock
from crm_core.kernel.ids import CallId
from crm_core.services.bundle import Services
from ivr.desk import COMMENTS, MESSAGES, Desk, message_of
from ivr.flow.asked import KeepComment, KeepMessage, Matter
from recordings.storage import RecordingFolder

LOOK_S = 300.0
OVER = timedelta(minutes=30)
"""Longer than any caller is in a menu."""
LONG_AGO = timedelta(days=7)
"""What is older is nobody's surprise any more; its call may have been cleared away since."""
SHORTEST_S = 2
SUBJECT = "语音留言 · voice message"
_log = structlog.get_logger(__name__)


class LostMessages:
    def __init__(self, services: Services, folder: RecordingFolder, desk: Desk, clock: Clock) -> None:
        self._services, self._folder, self._desk, self._clock = services, folder, desk, clock

    async def run(self) -> None:
        while True:
            await self.look()
            await asyncio.sleep(LOOK_S)

    async def look(self) -> None:
        for file in await self._lost():
            try:
                await self._keep(file)
            except Exception as error:
                _log.warning("a lost message was not kept", action="lost_messages", file=file, error=repr(error))

    async def _lost(self) -> Sequence[str]:
        now = self._clock.now()
        try:
            old = [
                file
                for folder in (MESSAGES, COMMENTS)
                for file in await asyncio.to_thread(self._folder.files_within, folder, now - LONG_AGO, now - OVER)
            ]
            return await self._services.recordings.of_no_ticket(old)
        except Exception as error:  # the database, most likely; we look again
            _log.warning("lost messages were not looked for", action="lost_messages", error=repr(error))
            return ()

    async def _keep(self, file: str) -> None:
        found = message_of(file)
        if found is None:
            return
        call, take = found
        if file.startswith(f"{COMMENTS}/"):
            answer = await self._desk.answer(call, KeepComment(take=take))
            _log.warning("a comment without a call", action="lost_messages", call=call, file=file, became=answer.way)
            return
        caller, customer = await self._who(call)
        said = KeepMessage(
            take=take, shortest_s=SHORTEST_S, matter=Matter.OTHER, subject=SUBJECT, caller=caller, customer=customer
        )
        answer = await self._desk.answer(call, said)
        _log.warning("a message without a ticket", action="lost_messages", call=call, file=file, became=answer.way)

    async def _who(self, call: CallId) -> tuple[str, str]:
        """His number, and who he is, as far as the call log knows."""
        try:
            told = await self._services.calls.get(call)
        except CallNotFound:
            return "", ""
        return told.ani, told.customer or ""
