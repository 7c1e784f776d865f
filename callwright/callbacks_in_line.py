"""A menu's caller who would rather be called back: does he keep a place in a line? Telephony knows."""

from __future__ import annotations

from datetime import timedelta

import structlog

from callwright.menu_desk import InLine
from crm_core.kernel.bus import Bus, NobodyServes, RequestTimedOut
from crm_core.kernel.clock import Clock
from crm_core.kernel.ids import CallId, QueueKey
from cti.commands import PromiseCallback
from ivr.flow.asked import NewCallback

PATIENCE_S = 2.0
"""Less than he waits for the whole of the answer."""
DECIDED_S = 1.5
"""By then telephony has promised, or does not any more: so he is never promised two."""

_log = structlog.get_logger(__name__)


def asking_telephony(bus: Bus, clock: Clock) -> InLine:
    async def in_line(call: CallId, asked: NewCallback) -> bool:
        """Where nobody answers he is called back all the same, by a promise that knows no line."""
        promise = PromiseCallback(
            call=call,
            number=asked.number,
            queue=QueueKey(asked.queue) if asked.queue else None,
            until=clock.now() + timedelta(seconds=DECIDED_S),
        )
        try:
            answer = await bus.request(promise, timeout=PATIENCE_S)
        except (NobodyServes, RequestTimedOut) as error:
            _log.warning("no place in a line", action="callbacks", call=call, why=str(error))
            return False
        return answer.ok

    return in_line
