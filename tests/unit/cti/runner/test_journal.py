"""The journal on a real bus, before logs that are locked, away, or choke on one event."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime

import pytest
from structlog.testing import capture_logs

from crm_core.kernel.ids import CallId, ServerId
from crm_core.kernel.messages import Event
from crm_core.runtime.in_process_bus import InProcessBus
from cti.events import CallArrived, CallHeld, Direction, LinkLost
from cti.journal import TRIES, Journal

AT = datetime(2026, 1, 5, 9, 0, tzinfo=UTC)


class Away(Exception):
    """What a database says that is not there."""


class Logs:
    """Both logs of one database, which may be away for the next so many writes."""

    def __init__(self, *, away_for: int = 0, chokes_on: str | None = None) -> None:
        self.away_for, self._chokes_on = away_for, chokes_on
        self.calls: list[Event] = []
        self.raw: list[Event] = []
        self.tries = 0

    async def apply(self, event: Event) -> None:
        self.tries += 1
        self._take(event)

    def _take(self, event: Event) -> None:
        self._be_there()
        if self._chokes_on is not None and getattr(event, "call", None) == self._chokes_on:
            raise ValueError("no such story")
        self.calls.append(event)

    async def apply_all(self, events: Sequence[Event]) -> None:
        """All or nothing."""
        before = list(self.calls)
        try:
            for event in events:
                self._take(event)
        except BaseException:
            self.calls = before
            raise

    async def append(self, event: Event) -> bool:
        self._be_there()
        new = event not in self.raw
        if new:
            self.raw.append(event)
        return new

    def _be_there(self) -> None:
        if self.away_for > 0:
            self.away_for -= 1
            raise Away


def arrived(call: str) -> CallArrived:
    return CallArrived(at=AT, call=CallId(call), server=ServerId("pbx"), direction=Direction.INBOUND, ani="1")


async def journaled(logs: Logs, *events: Event) -> None:
    bus = InProcessBus(first_pause=0.0, longest_pause=0.0)
    with capture_logs():  # painting a traceback takes longer than all the rest
        async with Journal(bus, logs, logs):
            for event in events:
                bus.publish(event)
            async with asyncio.timeout(5):
                await bus.close()


EVENTS: list[Event] = [
    arrived("c1"), arrived("c2"), CallHeld(at=AT, call=CallId("c1"), by="1001"), LinkLost(at=AT, server=ServerId("p")),
]  # fmt: skip


async def test_everything_is_written_once_in_order() -> None:
    logs = Logs()
    await journaled(logs, *EVENTS)
    assert logs.calls == EVENTS


@pytest.mark.parametrize("away_for", [1, 2, 25])
async def test_a_database_that_is_away_for_a_while_loses_nothing(away_for: int) -> None:
    logs = Logs(away_for=away_for)
    await journaled(logs, *EVENTS)
    assert logs.calls == EVENTS


async def test_an_event_the_call_log_cannot_take_is_kept_raw_and_the_others_go_on() -> None:
    logs = Logs(chokes_on="c1")
    await journaled(logs, *EVENTS)
    assert logs.calls == [EVENTS[1], EVENTS[3]]
    assert logs.raw == [EVENTS[0], EVENTS[2]]
    assert logs.tries == 2 * TRIES + 2
