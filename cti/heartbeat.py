"""Tells each Asterisk once a second that we are there and well. When it stops, the dialplan gives waiting callers to
Asterisk's own queue; so it must stop whenever we could not serve them, and only then.

It beats on the same loop that serves the callers: a loop that hangs does not beat. `stumbled` counts what went wrong
inside us; too often of late, and the heart stands still until it was calm for a while.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Sequence

import structlog

from crm_core.kernel.clock import Clock
from cti.ami.connection import AmiLink, LinkState
from cti.ami.wire import Response

VARIABLE = "CW_HEARTBEAT"
BEAT_S = 1.0
SICK_AFTER, SICK_FOR_S = 3, 30.0
"""So many stumbles within so long."""

_log = structlog.get_logger(__name__)


class Heart:
    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._stumbles: deque[float] = deque(maxlen=SICK_AFTER)

    def stumbled(self) -> None:
        self._stumbles.append(self._clock.monotonic())

    @property
    def sick(self) -> bool:
        return len(self._stumbles) == SICK_AFTER and self._clock.monotonic() - self._stumbles[0] < SICK_FOR_S

    async def run(self, links: Sequence[AmiLink]) -> None:
        while True:
            for link in links:
                self.beat(link)
            await asyncio.sleep(BEAT_S)

    def beat(self, link: AmiLink) -> None:
        if self.sick or link.status.state is not LinkState.UP:
            return
        now = int(link.asterisk_time().timestamp())
        link.setvar(VARIABLE, str(now)).add_done_callback(_look_at)


def _look_at(answer: asyncio.Future[Response]) -> None:
    if not answer.cancelled() and (error := answer.exception()) is not None:
        _log.warning("a heartbeat was not taken", action="cti.heartbeat", error=str(error))
