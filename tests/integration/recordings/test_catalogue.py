"""The catalogue of recordings, on real databases: from events on the bus to rows with length and size."""

from __future__ import annotations

import wave
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import update

from crm_core.domain.recordings import Recording
from crm_core.kernel.clock import SystemClock
from crm_core.kernel.ids import CallId
from crm_core.persistence import tables
from crm_core.persistence.database import Database
from crm_core.runtime.in_process_bus import InProcessBus
from crm_core.services.recordings import Recordings
from cti.events import CallEnded, HungUpBy, Outcome, RecordingStarted, RecordingStopped
from recordings.catalogue import RecordingCatalogue
from tests.support.waiting import eventually

NOON = datetime(2026, 1, 5, 12, tzinfo=UTC)
CALL = CallId("pbx-1")
STARTED = RecordingStarted(call=CALL, at=NOON, file="pbx-1.wav")
STOPPED = RecordingStopped(call=CALL, at=NOON + timedelta(seconds=3), file="pbx-1.wav")
ENDED = CallEnded(call=CALL, at=NOON + timedelta(seconds=5), outcome=Outcome.ANSWERED, hung_up_by=HungUpBy.CALLER)


@pytest.fixture
def recordings(database: Database) -> Recordings:
    return Recordings(database, SystemClock())


@pytest.fixture
async def catalogue(recordings: Recordings, tmp_path: Path) -> AsyncIterator[RecordingCatalogue]:
    bus = InProcessBus()
    yield RecordingCatalogue(bus, recordings, tmp_path, pauses=(0, 0))
    await bus.close()


def write(folder: Path, seconds: float) -> None:
    with wave.open(str(folder / "pbx-1.wav"), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(8000)
        file.writeframes(bytes(int(16000 * seconds)))


async def only(recordings: Recordings) -> Recording:
    (found,) = await recordings.of_call(CALL)
    return found


async def test_a_recording_from_beginning_to_end(
    catalogue: RecordingCatalogue, recordings: Recordings, tmp_path: Path
) -> None:
    await catalogue.take(STARTED)
    running = await only(recordings)
    assert (running.file, running.started_at, running.ended_at) == ("pbx-1.wav", NOON, None)
    write(tmp_path, 3)
    await catalogue.take(STOPPED)
    stopped = await only(recordings)
    assert (stopped.ended_at, stopped.duration_s, stopped.size_bytes) == (STOPPED.at, 3.0, 48044)


async def test_the_end_of_the_call_closes_what_was_never_stopped(
    catalogue: RecordingCatalogue, recordings: Recordings, tmp_path: Path
) -> None:
    await catalogue.take(STARTED)
    write(tmp_path, 5)
    await catalogue.take(ENDED)
    ended = await only(recordings)
    assert (ended.ended_at, ended.duration_s) == (ENDED.at, 5.0)


async def test_what_grew_after_the_stop_is_measured_again(
    catalogue: RecordingCatalogue, recordings: Recordings, tmp_path: Path
) -> None:
    write(tmp_path, 1)
    for event in (STARTED, STOPPED):
        await catalogue.take(event)
    write(tmp_path, 4)
    await catalogue.take(ENDED)
    ended = await only(recordings)
    assert (ended.ended_at, ended.duration_s) == (STOPPED.at, 4.0)


async def test_everything_may_be_told_twice(
    catalogue: RecordingCatalogue, recordings: Recordings, tmp_path: Path
) -> None:
    write(tmp_path, 3)
    for event in (STARTED, STOPPED, ENDED):
        await catalogue.take(event)
    once = await only(recordings)
    for event in (STARTED, STOPPED, STARTED, ENDED, STOPPED, ENDED):
        await catalogue.take(event)
    assert await only(recordings) == once


async def test_a_stop_that_is_heard_first(
    catalogue: RecordingCatalogue, recordings: Recordings, tmp_path: Path
) -> None:
    write(tmp_path, 3)
    await catalogue.take(STOPPED)
    assert (await only(recordings)).duration_s == 3.0


async def test_a_file_that_is_not_there_is_still_listed(catalogue: RecordingCatalogue, recordings: Recordings) -> None:
    for event in (STARTED, STOPPED, ENDED):
        await catalogue.take(event)
    found = await only(recordings)
    assert (found.ended_at, found.duration_s, found.size_bytes) == (STOPPED.at, None, None)


async def test_a_file_nobody_closed_is_as_long_as_it_is(
    catalogue: RecordingCatalogue, recordings: Recordings, tmp_path: Path
) -> None:
    write(tmp_path, 2)
    with (tmp_path / "pbx-1.wav").open("ab") as file:
        file.write(bytes(16000))
    for event in (STARTED, STOPPED):
        await catalogue.take(event)
    assert (await only(recordings)).duration_s == 3.0


async def test_a_name_that_leads_elsewhere_is_never_opened(
    catalogue: RecordingCatalogue, recordings: Recordings
) -> None:
    await catalogue.take(RecordingStarted(call=CALL, at=NOON, file="../../etc/passwd"))
    await catalogue.take(ENDED)
    assert (await only(recordings)).size_bytes is None


async def test_a_deleted_recording_stays_deleted(
    catalogue: RecordingCatalogue, recordings: Recordings, database: Database, tmp_path: Path
) -> None:
    await catalogue.take(STARTED)
    async with database.session() as connection:
        await connection.execute(update(tables.recording).values(deleted_at=NOON))
    deleted = await only(recordings)
    write(tmp_path, 3)
    await catalogue.take(ENDED)
    assert await only(recordings) == deleted


async def test_it_hears_of_them_on_the_bus(recordings: Recordings, tmp_path: Path) -> None:
    write(tmp_path, 3)
    bus = InProcessBus()
    async with RecordingCatalogue(bus, recordings, tmp_path):
        for event in (STARTED, STOPPED, ENDED):
            bus.publish(event)

        async def listed() -> bool:
            return [one.duration_s for one in await recordings.of_call(CALL)] == [3.0]

        await eventually("the recording to be listed", listed)
    await bus.close()
