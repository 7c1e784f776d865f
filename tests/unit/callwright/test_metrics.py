"""Telephony's figures: what is there is looked up when asked, what happens is counted, and nothing stays behind."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from prometheus_client import CollectorRegistry
from prometheus_client.exposition import generate_latest

from callwright.metrics import JournalLag, spool_metrics, telephony_metrics
from crm_core.kernel.clock import ManualClock
from crm_core.kernel.ids import AgentId, CallId, OfferId, QueueKey
from crm_core.kernel.messages import Event
from crm_core.runtime.in_process_bus import InProcessBus
from crm_core.runtime.spool import Spool
from cti import events as e
from cti.commands import Floor, QueueOnFloor
from cti.journal import GROUP as JOURNAL
from ivr.service import IvrStats

AT = datetime(2026, 1, 5, 9, tzinfo=UTC)
SERVICE, VIP = QueueKey("service"), QueueKey("vip")


def live(phase: str, queue: QueueKey | None = SERVICE) -> e.LiveCall:
    return e.LiveCall(
        call=CallId(f"{phase}-{queue}"),
        direction=e.Direction.INBOUND,
        ani="",
        ani_name="",
        dnis="",
        since=AT,
        phase=phase,
        queue=queue,
    )


def queue(key: QueueKey) -> QueueOnFloor:
    return QueueOnFloor(queue=key, names={}, waiting=0, longest_wait_s=0, agents_ready=0, agents_signed_in=0)


@dataclass(slots=True)
class House:
    """Lines and menus in one, as they would answer now."""

    floor: Floor
    menus: IvrStats = field(
        default_factory=lambda: IvrStats(sessions_now=2, sessions_limit=9, sessions_total=7, errors={"ivr.full": 1})
    )

    def look(self) -> Floor:
        return self.floor

    def stats(self) -> IvrStats:
        return self.menus


async def until(true: Callable[[], bool]) -> None:
    async with asyncio.timeout(5):
        while not true():
            await asyncio.sleep(0)


async def test_what_is_there_and_what_happened() -> None:
    calls = (live("waiting"), live("ringing", VIP), live("talking"), live("held"), live("menu", None))
    house = House(Floor(ok=True, calls=calls, queues=(queue(SERVICE), queue(VIP)), links={"lab": True, "b:1": False}))
    registry, bus, clock = CollectorRegistry(), InProcessBus(), ManualClock()

    def told() -> list[str]:
        return generate_latest(registry).decode().splitlines()

    async with telephony_metrics(registry, bus, clock, house, house):
        assert 'callwright_offers_total{outcome="taken"} 0.0' in told()
        assert 'callwright_offers_total{outcome="no_answer"} 0.0' in told()
        call, alice, offer = CallId("c"), AgentId("alice"), OfferId("o")
        bus.publish(e.OfferFailed(call=call, at=AT, agent=alice, offer=offer, why=e.OfferFailure.NO_ANSWER))
        bus.publish(e.CallConnected(call=call, at=AT, agent=alice, party="1001", offer=offer))
        bus.publish(e.CallConnected(call=call, at=AT, agent=None, party="outside"))
        bus.publish(e.Anomaly(at=AT, what="unknown_event"))
        await until(lambda: 'callwright_anomalies_total{what="unknown_event"} 1.0' in told())
        for line in (
            'callwright_offers_total{outcome="taken"} 1.0',
            'callwright_offers_total{outcome="no_answer"} 1.0',
            'callwright_calls{phase="waiting"} 1.0',
            'callwright_calls{phase="talking"} 1.0',
            'callwright_calls{phase="safety"} 0.0',
            'callwright_calls_waiting{queue="service"} 1.0',
            'callwright_calls_waiting{queue="vip"} 1.0',
            'callwright_ami_link_up{server="lab"} 1.0',
            'callwright_ami_link_up{server="b:1"} 0.0',
            "callwright_ivr_sessions_now 2.0",
            "callwright_ivr_sessions_limit 9.0",
            "callwright_ivr_sessions_total 7.0",
            "callwright_ivr_turned_away_total 1.0",
            'callwright_ivr_errors_total{code="ivr.full"} 1.0',
            "callwright_journal_lag_seconds 0.0",
        ):
            assert line in told()
        house.floor = Floor(ok=True)
        assert 'callwright_calls{phase="talking"} 0.0' in told()
    assert told() == []
    await bus.close()


async def test_what_callers_were_told_of_their_wait_and_what_came() -> None:
    registry, bus, house = CollectorRegistry(), InProcessBus(), House(Floor(ok=True))
    queued = {"queue": SERVICE, "requires": {}}

    def told(call: str, wait_s: float, queue: QueueKey = SERVICE) -> None:
        bus.publish(e.CallToldWait(at=AT, call=CallId(call), queue=queue, wait_s=wait_s))

    def answered(call: str, after_s: float) -> None:
        then = AT + timedelta(seconds=after_s)
        bus.publish(e.CallConnected(at=then, call=CallId(call), agent=AgentId("a"), party="1001"))

    async with telephony_metrics(registry, bus, ManualClock(), house, house):
        told("true", 60)
        told("true", 5)
        bus.publish(e.CallQueued(at=AT, call=CallId("true"), **queued))
        answered("true", 100)
        answered("true", 300)
        told("gone", 60)
        bus.publish(e.CallEnded(at=AT, call=CallId("gone"), outcome=e.Outcome.ABANDONED, hung_up_by=e.HungUpBy.CALLER))
        told("elsewhere", 60, VIP)
        bus.publish(e.CallQueued(at=AT, call=CallId("elsewhere"), **queued))
        answered("gone", 400)
        answered("elsewhere", 400)
        told("short", 20)
        answered("short", 10)
        bus.publish(e.Anomaly(at=AT, what="last"))
        await until(lambda: 'what="last"' in generate_latest(registry).decode())
        lines = generate_latest(registry).decode().splitlines()
    for line in (
        'callwright_told_wait_error_seconds_bucket{le="15.0",queue="service"} 1.0',
        'callwright_told_wait_error_seconds_count{queue="service"} 2.0',
        'callwright_told_wait_error_seconds_sum{queue="service"} 50.0',
        'callwright_told_wait_seconds_total{queue="service"} 80.0',
        'callwright_told_wait_came_seconds_total{queue="service"} 110.0',
    ):
        assert line in lines
    assert not any('queue="vip"' in line and "told_wait" in line for line in lines)
    assert not generate_latest(registry)
    await bus.close()


def test_what_waits_in_the_spool(tmp_path: Path) -> None:
    now, registry = [1000.0], CollectorRegistry()
    spool = Spool(tmp_path, ("journal", "recordings"), now=lambda: now[0])
    spool.open()
    with spool_metrics(registry, spool):
        spool.append("call.held", b"{}")
        spool.done("recordings", spool.read("recordings", 1))
        now[0] += 30
        told = generate_latest(registry).decode().splitlines()
        for line in (
            'callwright_spool_events{reader="journal"} 1.0',
            'callwright_spool_events{reader="recordings"} 0.0',
            'callwright_spool_oldest_seconds{reader="journal"} 30.0',
            'callwright_spool_oldest_seconds{reader="recordings"} 0.0',
            f"callwright_spool_bytes {float(spool.size)}",
            "callwright_spool_held 0.0",
            "callwright_spool_lost_total 0.0",
        ):
            assert line in told
    assert not generate_latest(registry)
    spool.close()


async def test_a_log_that_is_behind_is_seen_while_it_is_behind(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("callwright.metrics.JOURNAL_LOOK_S", 0)
    bus, clock = InProcessBus(), ManualClock()
    free = asyncio.Event()

    async def slow(_: Event) -> None:
        await free.wait()

    async with bus.consume(JOURNAL, slow, e.Anomaly):
        lag = JournalLag(bus, clock)
        bus.publish(e.Anomaly(at=AT, what="x"))
        watching = asyncio.create_task(lag.watch())
        await asyncio.sleep(0)
        clock.advance(30)
        assert lag.seconds() == 30
        free.set()
        await until(lambda: lag.seconds() == 0)
        watching.cancel()
        await asyncio.gather(watching, return_exceptions=True)
    await bus.close()
