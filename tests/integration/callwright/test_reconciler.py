"""The call log made complete by itself, on both databases: beside a line and a journal that come and go."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from datetime import UTC, datetime
from pathlib import Path

import pytest
import pytest_asyncio
from prometheus_client import CollectorRegistry
from prometheus_client.exposition import generate_latest

from callwright.metrics import reconciling_metrics
from callwright.reconciler import Reconciler
from crm_core.domain.calls import CallRecord
from crm_core.errors import CallNotFound
from crm_core.kernel.clock import ManualClock
from crm_core.kernel.ids import CallId, ServerId
from crm_core.kernel.messages import Event
from crm_core.persistence.database import Database
from crm_core.runtime.in_process_bus import InProcessBus
from crm_core.runtime.spooled_bus import SpooledBus
from crm_core.services.bundle import Services, make_services
from cti import events as e
from cti.journal import GROUP, KEPT, Journal
from cti.reconcile import Site

NOW = 1767603600.0
"""Nine o'clock."""


class Switchboard:
    """What lives at which Asterisk, as telephony would say it."""

    def __init__(self) -> None:
        self.alive: set[str] = set()
        self.up = True

    def site(self, server: ServerId) -> Site | None:
        return Site(now=NOW, alive=frozenset(map(CallId, self.alive))) if self.up and server == "pbx" else None

    def servers(self) -> frozenset[ServerId] | None:
        return frozenset({ServerId("pbx")})


class House:
    def __init__(self, services: Services, bus: SpooledBus, cdr: Path) -> None:
        self.services, self.bus, self.cdr, self.lines = services, bus, cdr, Switchboard()
        self.clock = ManualClock(at(0))
        self.reconciler = self.begun_anew()

    def begun_anew(self) -> Reconciler:
        """Another life."""
        self.reconciler = Reconciler([self.cdr], self.services, self.bus, self.clock, self.lines, every_s=5)
        return self.reconciler

    def accounts(self, number: int, start: float, end: float, *, server: str = "pbx", party: str = "") -> None:
        unique = f"{server}-1767603000.{number}"
        said = "ANSWERED" if party else "NO ANSWER"
        fields = (
            f"{NOW + start:.6f}", f"{NOW + start:.6f}", f"{NOW + end:.6f}", "139", "139", "s", "cw-hold",
            "PJSIP/trunk-1", party, "Dial", "1", "1", said, unique, unique, "1", unique.replace(".", "-"),
        )  # fmt: skip
        with self.cdr.open("a") as file:
            file.write(",".join(f'"{field}"' for field in fields) + "\n")

    def hears(self, *events: Event) -> None:
        for event in events:
            self.bus.publish(event)

    async def call(self, number: int, server: str = "pbx") -> CallRecord | None:
        try:
            return await self.services.calls.get(call_id(number, server))
        except CallNotFound:
            return None

    async def topics(self, number: int) -> list[str]:
        return [line.topic for line in await self.services.calls.events(call_id(number))]


def call_id(number: int, server: str = "pbx") -> CallId:
    return CallId(f"{server}-1767603000-{number}")


def at(seconds: float) -> datetime:
    return datetime.fromtimestamp(NOW + seconds, UTC)


def heard(number: int, start: float, end: float | None) -> Sequence[Event]:
    call = call_id(number)
    arrived = e.CallArrived(
        at=at(start), call=call, server=ServerId("pbx"), direction=e.Direction.INBOUND, ani="139", dnis="4008002"
    )
    if end is None:
        return (arrived,)
    over = e.CallEnded(at=at(end), call=call, outcome=e.Outcome.ABANDONED, hung_up_by=e.HungUpBy.CALLER)
    return (arrived, over)


@pytest_asyncio.fixture
async def house(tmp_path: Path, database_url: str) -> AsyncIterator[House]:
    database = Database(database_url)
    services = make_services(database, ManualClock(at(0)))
    inner = InProcessBus()
    async with SpooledBus(inner, tmp_path / "spool", [GROUP], *KEPT) as bus:
        yield House(services, bus, tmp_path / "calls.csv")
    await inner.close()
    await database.close()


async def test_what_nobody_heard_is_entered_once_and_marked(house: House) -> None:
    async with Journal(house.bus, house.services.calls, house.services.event_log):
        house.hears(*heard(1, -500, -450))
        assert await house.bus.caught_up(GROUP)
        house.accounts(1, -500, -450)
        house.accounts(2, -400, -300)
        house.accounts(3, -350, -310)
        house.accounts(3, -310, -200, party="PJSIP/1001-0000001a")
        assert await house.reconciler.look()
        assert await house.begun_anew().look()
    gone, served = await house.call(2), await house.call(3)
    assert gone is not None
    assert served is not None
    assert (gone.outcome, gone.closed_by, gone.ani, gone.started_at) == ("abandoned", "reconciliation", "139", at(-400))
    assert (served.outcome, served.started_at, served.ended_at, served.talk_s) == ("answered", at(-350), at(-200), None)
    assert await house.topics(2) == ["call.arrived", "call.ended"]
    heard_by_us = await house.call(1)
    assert heard_by_us is not None
    assert (heard_by_us.closed_by, await house.topics(1)) == ("", ["call.arrived", "call.ended"])


async def test_who_lives_is_left_alone_until_he_is_gone(house: House) -> None:
    async with Journal(house.bus, house.services.calls, house.services.event_log):
        house.hears(*heard(9, -600, -590), *heard(1, -400, None))
        assert await house.bus.caught_up(GROUP)
        house.accounts(1, -400, -300)
        house.accounts(2, -400, -300)
        house.lines.alive = {call_id(1), call_id(2)}
        assert await house.reconciler.look()
        assert (await house.topics(1), await house.call(2), house.reconciler.waiting) == (["call.arrived"], None, 2)
        house.lines.alive = set()
        assert await house.reconciler.look()
    one, other = await house.call(1), await house.call(2)
    assert one is not None
    assert other is not None
    assert (one.closed_by, one.ended_at, one.dnis) == ("reconciliation", at(-300), "4008002")
    assert (other.closed_by, house.reconciler.waiting) == ("reconciliation", 0)
    assert (house.reconciler.tally.entered, house.reconciler.tally.closed) == (1, 1)


async def test_what_waits_in_the_spool_comes_first(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    await house.services.calls.apply_all(heard(9, -600, -590))
    house.hears(*heard(1, -400, -300))
    house.accounts(1, -400, -300)
    stuck = asyncio.Event()

    async def slow(_: Sequence[Event]) -> None:
        await stuck.wait()

    with monkeypatch.context() as hurried:
        hurried.setattr("callwright.reconciler.CATCH_UP_S", 0.05)
        async with house.bus.consume_batches(GROUP, slow, *KEPT):
            assert not await house.reconciler.look()
    assert await house.call(1) is None
    async with Journal(house.bus, house.services.calls, house.services.event_log):
        assert await house.reconciler.look()
    one = await house.call(1)
    assert one is not None
    assert (one.closed_by, await house.topics(1)) == ("", ["call.arrived", "call.ended"])


async def test_a_line_that_is_down_and_a_strangers_asterisk(house: House) -> None:
    await house.services.calls.apply_all(heard(9, -600, -590))
    house.accounts(1, -400, -300)
    house.accounts(2, -400, -300, server="other")
    house.lines.up = False
    assert await house.reconciler.look()
    assert await house.call(1) is None
    house.lines.up = True
    assert await house.reconciler.look()
    assert await house.call(1) is not None
    assert await house.call(2, "other") is None
    assert house.reconciler.waiting == 0


async def test_what_was_before_the_log_is_none_of_its_calls(house: House) -> None:
    """A new database beside an Asterisk that has an old account."""
    house.accounts(1, -9000, -8000)
    await house.services.calls.apply_all(heard(2, -400, -350))
    house.accounts(3, -300, -200)
    assert await house.reconciler.look()
    assert await house.call(1) is None
    assert await house.call(3) is not None


async def test_a_file_that_cannot_be_read_is_said_and_the_rest_is_done(house: House, tmp_path: Path) -> None:
    await house.services.calls.apply_all(heard(9, -600, -590))
    house.accounts(1, -400, -300)
    absent = tmp_path / "none" / "calls.csv"
    reconciler = Reconciler([absent, house.cdr], house.services, house.bus, house.clock, house.lines, every_s=5)
    assert not await reconciler.look()
    assert reconciler.tally.troubles == {absent: "No such file or directory", house.cdr: ""}
    assert await house.call(1) is not None


async def test_what_was_done_is_counted(house: House) -> None:
    await house.services.calls.apply_all([*heard(9, -600, -590), *heard(1, -400, None)])
    for number in (1, 2, 3):
        house.accounts(number, -400, -300)
    house.lines.alive = {call_id(3)}
    house.cdr.write_text(f"rubbish\n{house.cdr.read_text()}")
    registry = CollectorRegistry()
    with reconciling_metrics(registry, house.reconciler):
        assert await house.reconciler.look()
        said = generate_latest(registry).decode().splitlines()
    assert {
        'callwright_reconciled_calls_total{what="entered"} 1.0',
        'callwright_reconciled_calls_total{what="closed"} 1.0',
        "callwright_reconcile_waiting 1.0",
        "callwright_cdr_rubbish_total 1.0",
        f'callwright_cdr_readable{{file="{house.cdr}"}} 1.0',
    } <= set(said)
    assert generate_latest(registry) == b""


async def test_a_true_beginning_and_end_take_the_place_of_what_was_entered(house: House) -> None:
    await house.services.calls.apply_all(heard(9, -600, -590))
    house.accounts(1, -400, -300)
    assert await house.reconciler.look()
    await house.services.calls.apply_all(heard(1, -401, -299))
    one = await house.call(1)
    assert one is not None
    assert (one.started_at, one.ended_at, one.closed_by, one.dnis) == (at(-401), at(-299), "", "4008002")
    assert await house.begun_anew().look()
    assert len(await house.topics(1)) == 4
