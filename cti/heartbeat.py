"""Tells each Asterisk once a second that we are there and well. When it stops, the dialplan gives waiting callers to
Asterisk's own queue; so it must stop whenever we could not serve them, and only then.

It beats on the same loop that serves the callers: a loop that hangs does not beat. `stumbled` counts what went wrong
inside us; too often of late, and the heart stands still until it was calm for a while.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Sequence
from functools import partial

import structlog

from crm_core.kernel.clock import Clock
from cti.ami.connection import AmiLink, LinkState
from cti.ami.wire import Response
from cti.errors import Refused

VARIABLE = "CW_HEARTBEAT"
BEAT_S = 1.0
SICK_AFTER, SICK_FOR_S = 3, 30.0
"""So many stumbles within so long."""

_log = structlog.get_logger(__name__)


class Heart:
    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._stumbles: deque[float] = deque(maxlen=SICK_AFTER)
        self._refused: dict[str, str] = {}
        """Address -> why Asterisk does not take our beats, as long as it does not."""

    def stumbled(self) -> None:
        self._stumbles.append(self._clock.monotonic())

    @property
    def sick(self) -> bool:
        return len(self._stumbles) == SICK_AFTER and self._clock.monotonic() - self._stumbles[0] < SICK_FOR_S

    def trouble(self) -> str | None:
        """Why callers would not be left to us although the lines are up."""
        if self.sick:
            return "The switchboard failed several times in the last half minute; see the log."
        return " ".join(self._refused.values()) or None

    async def run(self, links: Sequence[AmiLink]) -> None:
        while True:
            for link in links:
                self.beat(link)
            await asyncio.sleep(BEAT_S)

    def beat(self, link: AmiLink) -> None:
        if self.sick or link.status.state is not LinkState.UP:
            return
        now = int(link.asterisk_time().timestamp())
        link.setvar(VARIABLE, str(now)).add_done_callback(partial(self._felt, link.address))

    def _felt(self, address: str, answer: asyncio.Future[Response]) -> None:
        """A beat that got lost with its line is the line's trouble; one that is refused is ours."""
        error = None if answer.cancelled() else answer.exception()
        if isinstance(error, Refused):
            if address not in self._refused:
                _log.error("Asterisk does not take the heartbeat", action="cti.heartbeat", why=str(error))
            self._refused[address] = f"At {address}: {error} Waiting callers go to Asterisk's own queue."
        elif error is None:
            self._refused.pop(address, None)
