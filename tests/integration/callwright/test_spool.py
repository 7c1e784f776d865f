"""The call log through its spool, on real databases, buses and disks that go away, and in a process that is killed."""

from __future__ import annotations

import asyncio
import random
import shutil
import signal
import sqlite3
import subprocess
import sys
import threading
from collections.abc import AsyncIterator, Iterable, Iterator, Sequence
from contextlib import asynccontextmanager, closing, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy.engine import make_url
from structlog.testing import capture_logs

from callwright.callback_keeper import CallbackKeeper
from callwright.doctor import examine_installation
from callwright.product import SPOOL_READERS
from callwright.settings import Settings
from crm_core.kernel.bus import Bus
from crm_core.kernel.clock import SystemClock
from crm_core.kernel.ids import CallId, ServerId
from crm_core.kernel.messages import Event
from crm_core.persistence.database import Database
from crm_core.runtime.in_process_bus import InProcessBus
from crm_core.runtime.redis_bus import RedisBus
from crm_core.runtime.retrying import Pauses
from crm_core.runtime.spool import Spool
from crm_core.runtime.spooled_bus import STANDS_STILL_S, SpooledBus
from crm_core.services.bundle import Services, make_services
from cti import events as e
from cti.journal import GROUP as JOURNAL
from cti.journal import KEPT, Journal
from recordings.catalogue import GROUP as CATALOGUE
from recordings.catalogue import RecordingCatalogue
from tests.support.databases import running_postgres
from tests.support.ports import free_tcp_port
from tests.support.waiting import eventually

AT = datetime(2026, 1, 5, 9, tzinfo=UTC)
CALLS = tuple(CallId(f"pbx-1-{number}") for number in range(30))


def story(call: CallId) -> Sequence[Event]:
    arrived = e.CallArrived(at=AT, call=call, server=ServerId("pbx"), direction=e.Direction.INBOUND, ani="1")
    later = AT + timedelta(seconds=30)
    ended = e.CallEnded(at=later, call=call, outcome=e.Outcome.ABANDONED, hung_up_by=e.HungUpBy.CALLER, wait_s=30)
    return (arrived, e.RecordingStarted(at=AT, call=call, file=f"{call}.wav"), ended)


def tell(bus: Bus, *calls: CallId) -> None:
    for call in calls:
        for event in story(call):
            bus.publish(event)


@asynccontextmanager
async def life(home: Path, services: Services, *, bus: Bus | None = None) -> AsyncIterator[SpooledBus]:
    """One life of ours, as `callwright.product.telephony` composes it."""
    own, pauses = bus or InProcessBus(), Pauses(first=0.01, longest=0.1)
    async with (
        SpooledBus(own, home / "spool", SPOOL_READERS, *KEPT, pauses=pauses) as spooled,
        Journal(spooled, services.calls, services.event_log),
        RecordingCatalogue(spooled, services.recordings, home / "recordings", pauses=()),
        CallbackKeeper(spooled, services, SystemClock(), UTC),
    ):
        yield spooled


async def complete(services: Services, *calls: CallId) -> bool:
    """Each is in the log, once, over, its recording in the catalogue; nothing else is."""
    page = await services.calls.search(limit=200)
    assert {call.id for call in page.items} == set(calls)
    assert all(call.outcome == "abandoned" and call.wait_s == 30 and not call.closed_by for call in page.items)
    topics = [line.topic for line in await services.event_log.read(limit=1000)]
    assert [topics.count(topic) for topic in ("call.arrived", "call.ended")] == [len(calls)] * 2
    for call in calls:
        [recording] = await services.recordings.of_call(call)
        assert recording.ended_at is not None
    return True


@pytest.fixture(autouse=True)
def _quiet() -> Iterator[None]:
    with capture_logs():  # painting tracebacks takes longer than all the rest
        yield


async def test_a_locked_sqlite_and_our_end_before_it_is_free(sqlite_url: str, tmp_path: Path) -> None:
    file = make_url(sqlite_url).database
    assert file is not None
    away, threads = Database(sqlite_url), set(threading.enumerate())
    with closing(sqlite3.connect(file, isolation_level=None)) as locker:
        locker.execute("BEGIN EXCLUSIVE")
        async with life(tmp_path, make_services(away, SystemClock())) as bus:
            tell(bus, *CALLS)
        assert bus.spool.waiting(JOURNAL) == 3 * len(CALLS)
        assert bus.spool.waiting(CATALOGUE) >= 3 * len(CALLS) - 1  # the first tells of no recording
    for line in _lines(set(threading.enumerate()) - threads):  # they waited for the lock, and tell this loop of it
        await asyncio.to_thread(line.join)
    await away.close()
    database = Database(sqlite_url)
    services = make_services(database, SystemClock())
    async with life(tmp_path, services) as bus:
        assert await bus.caught_up(JOURNAL, within=20)
        assert await bus.caught_up(CATALOGUE, within=20)
    assert await complete(services, *CALLS)
    await database.close()


def _lines(threads: Iterable[threading.Thread]) -> list[threading.Thread]:
    """Those of connections to SQLite."""
    return [thread for thread in threads if "connection_worker" in thread.name]


@pytest.mark.postgres
async def test_a_postgresql_that_stops_and_starts(tmp_path: Path) -> None:
    with running_postgres() as server:
        database = Database(await server.create("spooled"))
        await database.upgrade()
        services = make_services(database, SystemClock())
        async with life(tmp_path, services) as bus:
            tell(bus, *CALLS[:10])
            assert await bus.caught_up(JOURNAL)
            server.process.stop()
            tell(bus, *CALLS[10:20])
            assert not await bus.caught_up(JOURNAL, within=0.3)
            server.start_again()
            tell(bus, *CALLS[20:])
            await eventually("the log to be complete", lambda: complete(services, *CALLS))
        await database.close()


@pytest.mark.redis
async def test_without_redis_the_log_goes_on(sqlite_database: Database, tmp_path: Path) -> None:
    services, bus = make_services(sqlite_database, SystemClock()), RedisBus(f"redis://127.0.0.1:{free_tcp_port()}/0")
    async with life(tmp_path, services, bus=bus) as spooled:
        tell(spooled, *CALLS)
        await eventually("the log to be complete", lambda: complete(services, *CALLS))
        assert await spooled.healthy() is not None
        assert await spooled.kept_up() is None
    await bus.close()


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    disk = tmp_path / "small"
    disk.mkdir()
    if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=64k", "none", disk], check=False).returncode != 0:
        pytest.skip("a small file system cannot be mounted here; the spool's unit tests have a limit instead")
    yield disk
    subprocess.run(["umount", disk], check=True)


def fill(file: Path) -> None:
    with file.open("wb", buffering=0) as filler, suppress(OSError):
        while True:
            filler.write(bytes(4096))


async def test_a_full_disk(sqlite_database: Database, small_disk: Path) -> None:
    """The database is elsewhere: events go straight to it. Once there is room they are spooled again."""
    services, filler = make_services(sqlite_database, SystemClock()), small_disk / "filler"
    async with life(small_disk, services) as bus:
        tell(bus, *CALLS[:5])
        assert await bus.caught_up(JOURNAL)
        fill(filler)
        before = bus.spool.size
        while not bus.spool.held:
            tell(bus, *CALLS[5:10])
        trouble = await bus.kept_up()
        assert trouble is not None
        assert trouble.startswith("The disk takes no events of calls (No space left on device): ")
        await eventually("them to be in the log all the same", lambda: complete(services, *CALLS[:10]))
        filler.unlink()
        tell(bus, *CALLS[10:])
        assert bus.spool.held == 0
        assert bus.spool.size > before
        assert await bus.kept_up() is None
        await eventually("the log to be complete", lambda: complete(services, *CALLS))


_SPEAKER = """
import sys
from pathlib import Path
from crm_core.runtime.spool import Spool
spool = Spool(Path(sys.argv[1]), ("journal",), segment_bytes=5000)
spool.open()
for number in range(10**9):
    spool.append("test.said", b'{"number":%d}' % number)
    sys.stdout.buffer.write(b"%d\\n" % number)
    sys.stdout.buffer.flush()
"""


@pytest.mark.parametrize("run", range(3))
def test_what_was_written_when_we_are_killed_is_there(tmp_path: Path, run: int) -> None:
    """With SIGKILL, anywhere: whatever had been said to be written comes out of the spool."""
    lines = random.Random(run).randrange(1, 3000)
    with subprocess.Popen(
        [sys.executable, "-c", _SPEAKER, str(tmp_path)], stdout=subprocess.PIPE, cwd=Path(__file__).parents[3]
    ) as speaker:
        assert speaker.stdout is not None
        said = [int(speaker.stdout.readline()) for _ in range(lines)]
        speaker.send_signal(signal.SIGKILL)
        said += [int(line) for line in speaker.stdout.read().splitlines()]
    spool = Spool(tmp_path, ("journal",))
    spool.open()
    entries = spool.read("journal", 10**7).entries
    spool.close()
    found = [int(entry.body[10:-1]) for entry in entries]
    assert found[: len(said)] == said
    assert found == list(range(len(found)))


async def test_the_doctor_sees_a_spool_that_stands_still(tmp_path: Path, sqlite_url: str) -> None:
    settings = Settings(home=tmp_path, database_url=sqlite_url)

    async def told() -> list[str]:
        return [finding.what for finding in await examine_installation(settings, lambda _: None)]

    assert "the call log takes what telephony tells" in await told()
    long_ago = datetime.now(UTC).timestamp() - STANDS_STILL_S - 60
    spool = Spool(settings.spool_dir, SPOOL_READERS, now=lambda: long_ago)
    spool.open()
    for number in range(3):
        spool.append("call.ended", b'{"number":%d}' % number)
    spool.close()
    [finding] = [what for what in await told() if "wait for the call log" in what]
    assert finding.startswith("3 events of calls (0.0 MB) wait for the call log, the oldest for 0:02:0")
    shutil.rmtree(settings.spool_dir)
