"""Tells each Asterisk once a second that we are there and well. When it stops, the dialplan gives waiting callers to
Asterisk's own queue; so it must stop whenever we could not serve them, and only then.

It beats on the same loop that serves the callers: a loop that hangs does not beat. `stumbled` counts what went wrong
inside us; too often of late, and the heart stands still until it was calm for a while. Over a line whose story may be
wrong since then it does not beat before that line has begun anew.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Sequence
from functools import partial

import structlog

from crm_core.kernel.clock import Clock
from crm_core.kernel.ids import ServerId
from cti.ami.connection import AmiLink, LinkState
from cti.ami.wire import Response
from cti.errors import Refused

VARIABLE = "CW_HEARTBEAT"
BEAT_S = 1.0
SICK_AFTER, SICK_FOR_S = 3, 30.0
"""So many stumbles within so long."""
SILENCE_S = 3.0
"""After so long without a beat the dialplan may soon take us for dead, or has done so."""

_log = structlog.get_logger(__name__)


class Heart:
    """`on_trusted(server)` is called when an Asterisk has felt us (again) for a second: since the first beat nobody
    falls to its own queue any more, and of all who fell before we have heard by then."""

    def __init__(self, clock: Clock, on_trusted: Callable[[ServerId], None] = lambda _: None) -> None:
        self._clock, self._on_trusted = clock, on_trusted
        self._stumbles: deque[float] = deque(maxlen=SICK_AFTER)
        self._doubtful: set[AmiLink] = set()
        """Lines over which something of the story was lost by a fault of ours."""
        self._felt: dict[AmiLink, tuple[float, float]] = {}
        """Line -> since when our beats are taken there without a gap, and when the last was."""
        self._refused: dict[str, str] = {}
        """Address -> why Asterisk does not take our beats, as long as it does not."""

    def stumbled(self, *over: AmiLink) -> None:
        """These lines must begin anew: now, or when we are no longer sick, lest one bad event keep us calling."""
        self._stumbles.append(self._clock.monotonic())
        self._doubtful.update(over)
        for link in over:
            self.beat(link)

    @property
    def sick(self) -> bool:
        return len(self._stumbles) == SICK_AFTER and self._clock.monotonic() - self._stumbles[0] < SICK_FOR_S

    def is_sound(self, link: AmiLink) -> bool:
        """Nothing of the story over this line was lost by a fault of ours."""
        return link not in self._doubtful

    def is_felt(self, link: AmiLink) -> bool:
        """Asterisk has taken a beat since it told us how things stand there. Until then a caller who comes to wait
        falls to its own queue."""
        return link in self._felt

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

    def understood(self, link: AmiLink) -> None:
        """A snapshot: whatever was lost over this line before is made good, and who waits there waits for a beat."""
        self._doubtful.discard(link)
        self._felt.pop(link, None)
        self.beat(link)

    def beat(self, link: AmiLink) -> None:
        if self.sick or link.status.state is not LinkState.UP:
            return
        if link in self._doubtful:
            link.begin_anew()
            return
        now = int(link.asterisk_time().timestamp())
        link.setvar(VARIABLE, str(now)).add_done_callback(partial(self._answered, link))

    def _answered(self, link: AmiLink, answer: asyncio.Future[Response]) -> None:
        """A beat that got lost with its line is the line's trouble; one that is refused is ours."""
        error = None if answer.cancelled() else answer.exception()
        if isinstance(error, Refused):
            if link.address not in self._refused:
                _log.error("Asterisk does not take the heartbeat", action="cti.heartbeat", why=str(error))
            self._refused[link.address] = f"At {link.address}: {error} Waiting callers go to Asterisk's own queue."
        elif error is None and not answer.cancelled():
            self._refused.pop(link.address, None)
            self._was_felt(link)

    def _was_felt(self, link: AmiLink) -> None:
        now = self._clock.monotonic()
        since, last = self._felt.get(link, (now, now))
        if now - last > SILENCE_S:
            since = last = now
        self._felt[link] = (since, now)
        if last - since < BEAT_S <= now - since and link.server is not None:
            self._on_trusted(link.server)
