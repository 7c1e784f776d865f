"""Telephony's figures for Prometheus, on the registry whose console answers `/metrics`.

What there is now (calls, agents, lines, menus) is looked up when somebody asks; what happens is counted from the bus.
"""

from __future__ import annotations

import asyncio
from collections import Counter as Tally
from collections.abc import AsyncIterator, Iterable, Iterator, Mapping
from contextlib import AbstractContextManager, asynccontextmanager, contextmanager
from typing import Protocol

from prometheus_client import CollectorRegistry, Counter, Histogram
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from callwright.duty import Duty
from callwright.reconciler import Reconciler
from crm_core.kernel.bus import Bus, Subscription
from crm_core.kernel.clock import Clock
from crm_core.kernel.ids import CallId
from crm_core.kernel.messages import Event
from crm_core.runtime.spool import Spool
from cti.commands import Floor
from cti.events import (
    Anomaly,
    CallConnected,
    CallEnded,
    CallOverflowed,
    CallQueued,
    CallToldWait,
    LiveCall,
    OfferFailed,
    OfferFailure,
    Outcome,
)
from cti.journal import GROUP as JOURNAL
from ivr.service import IvrStats

PHASES = ("menu", "waiting", "offered", "ringing", "talking", "held", "safety")
WAITING = ("waiting", "offered", "ringing", "safety")
"""Not with a person yet, and out of the menu."""
TAKEN = "taken"
JOURNAL_LOOK_S = 5.0
JOURNAL_PATIENCE_S = 3600.0
"""For one question: asked anew it would be about what was said meanwhile too, and a log that is a little behind all the
time would seem to fall behind ever more."""
_COUNTED = (CallToldWait, CallQueued, CallOverflowed, CallConnected, CallEnded, OfferFailed, Anomaly)
_ERRORS_S = (15, 30, 60, 120, 300, 600)


class Lines(Protocol):
    """`cti.telephony.Telephony`."""

    def look(self) -> Floor: ...


class Menus(Protocol):
    """`ivr.service.IvrServer`."""

    def stats(self) -> IvrStats: ...


@asynccontextmanager
async def telephony_metrics(
    registry: CollectorRegistry, bus: Bus, clock: Clock, lines: Lines, menus: Menus
) -> AsyncIterator[None]:
    """Until the block ends."""
    journal = JournalLag(bus, clock)
    looks, counts = Looks(lines, menus, journal), Counts(registry)
    registry.register(looks)
    async with bus.subscribe(*_COUNTED) as happened:
        at_work = [asyncio.create_task(counts.count(happened)), asyncio.create_task(journal.watch())]
        try:
            yield
        finally:
            registry.unregister(looks)
            counts.forget(registry)
            for task in at_work:
                task.cancel()
            await asyncio.gather(*at_work, return_exceptions=True)


class Counts:
    """What happened since the start. Every outcome is there from the beginning, so that its first time is seen."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self._offers = Counter(
            "callwright_offers", "Offers to agents by what came of them", ("outcome",), registry=registry
        )
        self._ended = Counter("callwright_calls_ended", "Calls by their outcome", ("outcome",), registry=registry)
        self._anomalies = Counter(
            "callwright_anomalies", "What Asterisk said that did not fit", ("what",), registry=registry
        )
        self._told_error = Histogram(
            "callwright_told_wait_error_seconds",
            "How far what callers were told of their wait was from what came",
            ("queue",),
            buckets=_ERRORS_S,
            registry=registry,
        )
        self._told = Counter(
            "callwright_told_wait_seconds", "Waits as callers were told them", ("queue",), registry=registry
        )
        self._came = Counter("callwright_told_wait_came_seconds", "… and as they came", ("queue",), registry=registry)
        self._waiting: dict[CallId, CallToldWait] = {}
        """What each who waits still was told first."""
        for outcome in (TAKEN, *OfferFailure):
            self._offers.labels(outcome)
        for ending in Outcome:
            self._ended.labels(ending)

    async def count(self, happened: Subscription) -> None:
        async for event in happened:
            self._compare(event)
            match event:
                case CallConnected(offer=offer) if offer is not None:
                    self._offers.labels(TAKEN).inc()
                case OfferFailed(why=why):
                    self._offers.labels(why).inc()
                case CallEnded(outcome=outcome):
                    self._ended.labels(outcome).inc()
                case Anomaly(what=what):
                    self._anomalies.labels(what).inc()
                case _:
                    pass

    def _compare(self, event: Event) -> None:
        """Once for each stay in a queue, as `crm_core/domain/told_waits.py` says."""
        match event:
            case CallToldWait():
                self._waiting.setdefault(event.call, event)
            case CallQueued(queue=queue) if (told := self._waiting.get(event.call)) and told.queue == queue:
                pass  # back at his place
            case CallConnected() if (told := self._waiting.pop(event.call, None)) is not None:
                self._came_true(told, max((event.at - told.at).total_seconds(), 0.0))
            case CallQueued() | CallOverflowed() | CallEnded():
                self._waiting.pop(event.call, None)
            case _:
                pass

    def _came_true(self, told: CallToldWait, waited_s: float) -> None:
        self._told_error.labels(told.queue).observe(abs(told.wait_s - waited_s))
        self._told.labels(told.queue).inc(told.wait_s)
        self._came.labels(told.queue).inc(waited_s)

    def forget(self, registry: CollectorRegistry) -> None:
        for one in (self._offers, self._ended, self._anomalies, self._told_error, self._told, self._came):
            registry.unregister(one)


class JournalLag:
    """How long the call log needs to take what has been said."""

    def __init__(self, bus: Bus, clock: Clock) -> None:
        self._bus, self._clock = bus, clock
        self._asked: float | None = None
        self._needed = 0.0

    async def watch(self) -> None:
        while True:
            self._asked = self._clock.monotonic()
            while not await self._bus.caught_up(JOURNAL, within=JOURNAL_PATIENCE_S):
                await asyncio.sleep(1.0)  # a bus that is away says so at once
            self._needed, self._asked = self._clock.monotonic() - self._asked, None
            await asyncio.sleep(JOURNAL_LOOK_S)

    def seconds(self) -> float:
        """While it is behind this grows."""
        behind = self._clock.monotonic() - self._asked if self._asked is not None else 0.0
        return max(self._needed, behind)


class Looks(Collector):
    """What there is right now."""

    def __init__(self, lines: Lines, menus: Menus, journal: JournalLag) -> None:
        self._lines, self._menus, self._journal = lines, menus, journal

    def describe(self) -> Iterable[Metric]:
        """Nothing is looked at before somebody asks."""
        return ()

    def collect(self) -> Iterable[Metric]:
        floor = self._lines.look()
        yield _gauge("callwright_calls", "Calls in progress by where they are", "phase", _phases(floor.calls))
        yield _gauge("callwright_calls_waiting", "Callers who wait for an agent", "queue", _waiting(floor))
        yield _gauge("callwright_agents", "Agents by state", "state", Tally(agent.state for agent in floor.agents))
        yield _gauge(
            "callwright_ami_link_up", "1 when this Asterisk is heard and hears us", "server", floor.links or {}
        )
        yield from self._of_menus()
        lag = GaugeMetricFamily("callwright_journal_lag_seconds", "How far the call log is behind")
        lag.add_metric((), self._journal.seconds())
        yield lag

    def _of_menus(self) -> Iterable[Metric]:
        stats = self._menus.stats()
        yield GaugeMetricFamily("callwright_ivr_sessions_now", "Callers in a voice menu", value=stats.sessions_now)
        yield GaugeMetricFamily("callwright_ivr_sessions_limit", "So many at most", value=stats.sessions_limit)
        yield CounterMetricFamily("callwright_ivr_sessions", "Visits to a voice menu", value=stats.sessions_total)
        yield CounterMetricFamily(
            "callwright_ivr_turned_away",
            "Callers who came to a person without a menu, as the menus were full",
            value=stats.errors.get("ivr.full", 0),
        )
        errors = CounterMetricFamily("callwright_ivr_errors", "Visits that ended in trouble", labels=("code",))
        for code, count in stats.errors.items():
            errors.add_metric((code,), count)
        yield errors


def spool_metrics(registry: CollectorRegistry, spool: Spool) -> AbstractContextManager[None]:
    """Until the block ends."""
    return _registered(registry, SpoolLooks(spool))


class SpoolLooks(Collector):
    """What is on its way into the database, by who has to take it."""

    def __init__(self, spool: Spool) -> None:
        self._spool = spool

    def describe(self) -> Iterable[Metric]:
        return ()

    def collect(self) -> Iterable[Metric]:
        spool = self._spool
        waiting = {reader: float(spool.waiting(reader)) for reader in spool.readers}
        behind = {reader: spool.behind_s(reader) for reader in spool.readers}
        yield _gauge("callwright_spool_events", "Events that wait to be taken", "reader", waiting)
        yield _gauge("callwright_spool_oldest_seconds", "For how long the next of them waits", "reader", behind)
        yield GaugeMetricFamily("callwright_spool_bytes", "Size of the spool on disk", value=spool.size)
        held = "Events in memory only, as the disk takes none"
        yield GaugeMetricFamily("callwright_spool_held", held, value=spool.held)
        yield CounterMetricFamily("callwright_spool_lost", "Events for which there was no room", value=spool.lost)


def duty_metrics(registry: CollectorRegistry, duty: Duty) -> AbstractContextManager[None]:
    """Until the block ends."""
    return _registered(registry, DutyLooks(duty))


class DutyLooks(Collector):
    """Whether this process serves telephony, or stands by."""

    def __init__(self, duty: Duty) -> None:
        self._duty = duty

    def describe(self) -> Iterable[Metric]:
        return ()

    def collect(self) -> Iterable[Metric]:
        about = "1 while this process serves telephony, 0 while it stands by"
        yield GaugeMetricFamily("callwright_on_duty", about, value=float(self._duty.serves))


def reconciling_metrics(registry: CollectorRegistry, reconciler: Reconciler) -> AbstractContextManager[None]:
    """Until the block ends."""
    return _registered(registry, ReconcilingLooks(reconciler))


class ReconcilingLooks(Collector):
    """What Asterisk's own account had to be asked for."""

    def __init__(self, reconciler: Reconciler) -> None:
        self._reconciler = reconciler

    def describe(self) -> Iterable[Metric]:
        return ()

    def collect(self) -> Iterable[Metric]:
        tally = self._reconciler.tally
        calls = CounterMetricFamily(
            "callwright_reconciled_calls", "Calls nobody heard (to their end)", labels=("what",)
        )
        calls.add_metric(("entered",), tally.entered)
        calls.add_metric(("closed",), tally.closed)
        yield calls
        yield CounterMetricFamily(
            "callwright_cdr_rubbish", "Lines of Asterisk's account that are none", value=tally.rubbish
        )
        waiting = "Calls of Asterisk's account that live or cannot be judged yet"
        yield GaugeMetricFamily("callwright_reconcile_waiting", waiting, value=self._reconciler.waiting)
        readable = {str(file): float(not why) for file, why in tally.troubles.items()}
        yield _gauge("callwright_cdr_readable", "1 when this file of Asterisk's can be read", "file", readable)


def _gauge(name: str, about: str, label: str, values: Mapping[str, float]) -> Metric:
    family = GaugeMetricFamily(name, about, labels=(label,))
    for value in values:
        family.add_metric((value,), values[value])
    return family


def _phases(calls: Iterable[LiveCall]) -> Mapping[str, float]:
    found = Tally(call.phase for call in calls)
    return {phase: found[phase] for phase in PHASES}


def _waiting(floor: Floor) -> Mapping[str, float]:
    found = Tally(call.queue for call in floor.calls if call.phase in WAITING)
    return {one.queue: found[one.queue] for one in floor.queues}


@contextmanager
def _registered(registry: CollectorRegistry, looks: Collector) -> Iterator[None]:
    registry.register(looks)
    try:
        yield
    finally:
        registry.unregister(looks)
