"""A database that cannot be used says so in one clear sentence, and what to do."""

from __future__ import annotations

import asyncio
import sqlite3
import threading
from contextlib import closing
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import asyncpg
import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import StatementError

from crm_core.domain.settings import SettingKey
from crm_core.errors import DatabaseNotWritable, DatabaseUnreachable, DatabaseUrlWrong, SchemaTooNew, SchemaTooOld
from crm_core.kernel.clock import ManualClock
from crm_core.persistence import migrate
from crm_core.persistence import tables as t
from crm_core.persistence.database import Database
from crm_core.runtime.retrying import ended
from crm_core.services.bundle import make_services
from tests.support.databases import PostgresServer
from tests.support.ports import free_tcp_port

MOTTO = SettingKey(name="test.motto", kind=str, default="")


@pytest.mark.parametrize("url", [
    "", "nonsense", "mysql://localhost/x", "sqlite://", "sqlite:///:memory:", "postgresql://localhost", "redis://x/0",
])  # fmt: skip
def test_a_wrong_url_is_refused_at_once(url: str) -> None:
    with pytest.raises(DatabaseUrlWrong, match="sqlite:///path"):
        Database(url)


async def test_an_empty_database_wants_an_upgrade(empty_database_url: str) -> None:
    database = Database(empty_database_url)
    with pytest.raises(SchemaTooOld, match="callwright db upgrade"):
        await database.check()
    await database.upgrade()
    await database.check()
    assert await database.healthy() is None
    await database.close()


async def test_a_newer_database_is_left_alone(database: Database) -> None:
    async with database.session() as connection:
        await connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(SchemaTooNew, match="9999"):
        await database.check()
    with pytest.raises(SchemaTooNew):
        await database.upgrade()
    async with database.session() as connection:
        await connection.execute(text("UPDATE alembic_version SET version_num = :ours"), {"ours": migrate.newest()})


async def test_the_file_is_for_its_owner_only(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path / 'new' / 'callwright.db'}")
    await database.upgrade()
    await make_services(database, ManualClock()).settings.set(MOTTO, "x")
    modes = {path.name: path.stat().st_mode & 0o777 for path in (tmp_path / "new").iterdir()}
    assert set(modes) >= {"callwright.db", "callwright.db-wal"}
    assert set(modes.values()) == {0o600}
    await database.close()


async def test_a_file_that_may_not_be_written(sqlite_url: str, tmp_path: Path) -> None:
    database = Database(f"sqlite:///file:{tmp_path / 'callwright.db'}?mode=ro&uri=true")
    with pytest.raises(DatabaseNotWritable, match="cannot be written to"):
        await make_services(database, ManualClock()).settings.set(MOTTO, "x")
    with pytest.raises(DatabaseNotWritable):
        await database.check()
    await database.close()


async def test_a_folder_that_cannot_be_made(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    database = Database(f"sqlite:///{tmp_path / 'file' / 'callwright.db'}")
    with pytest.raises(DatabaseNotWritable, match="file: File exists"):
        await database.upgrade()


async def test_a_file_that_is_no_database(tmp_path: Path) -> None:
    (tmp_path / "x.db").write_bytes(b"not a database" * 1000)
    database = Database(f"sqlite:///{tmp_path / 'x.db'}")
    with pytest.raises(DatabaseUnreachable, match="not a database"):
        await database.check()
    assert "not a database" in (await database.healthy() or "")


async def test_nobody_answers() -> None:
    database = Database(f"postgresql://someone:secret@127.0.0.1:{free_tcp_port()}/x")
    with pytest.raises(DatabaseUnreachable) as refused:
        await database.check()
    assert "secret" not in str(refused.value)
    assert "does not answer" in (await database.healthy() or "")


@pytest.mark.postgres
async def test_a_database_that_does_not_exist(postgres_server: PostgresServer) -> None:
    database = Database(postgres_server.url("nowhere"))
    with pytest.raises(DatabaseUnreachable, match="nowhere"):
        await database.upgrade()


@pytest.mark.postgres
async def test_a_server_that_cut_all_lines_costs_nobody_an_error(postgres_url: str) -> None:
    database = Database(postgres_url)
    services = make_services(database, ManualClock())
    await services.customers.create(name="张伟", number="13800138000")
    assert (await services.customers.who_is("13800138000")).customer
    other = await asyncpg.connect(postgres_url)
    await other.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid()"
                        " AND datname = current_database()")  # fmt: skip
    await other.close()
    assert (await services.customers.who_is("13800138000")).customer
    assert (await services.customers.search()).total == 1
    await services.settings.set(MOTTO, "still there")
    await database.close()


async def test_a_look_up_that_cannot_be_made(tmp_path: Path) -> None:
    services = make_services(Database(f"sqlite:///{tmp_path / 'nothing.db'}"), ManualClock())
    with pytest.raises(DatabaseUnreachable, match="unable to open"):
        await services.customers.who_is("13800138000")


async def test_times_are_aware_and_in_utc(database: Database) -> None:
    shanghai = datetime(2026, 1, 5, 17, 0, 0, 123456, tzinfo=timezone(timedelta(hours=8)))
    row = {"name": "x", "value": {}, "updated_at": shanghai}
    async with database.session() as connection:
        await connection.execute(t.setting.insert(), row)
        kept = await connection.scalar(select(t.setting.c.updated_at))
        assert (kept, kept.tzinfo) == (shanghai, UTC) if kept else False
        with pytest.raises(StatementError, match="no time zone"):
            await connection.execute(t.setting.insert(), row | {"updated_at": datetime(2026, 1, 5)})  # noqa: DTZ001


async def test_what_fails_half_way_leaves_nothing(database: Database) -> None:
    services = make_services(database, ManualClock())
    row = {"id": "1", "login": "x", "ip": "", "at": datetime.now(UTC)}

    async def half() -> None:
        async with database.session() as connection:
            await connection.execute(t.login_attempt.insert(), row)
            raise InterruptedError

    with pytest.raises(InterruptedError):
        await half()
    async with database.reading() as connection:
        assert (await connection.execute(select(t.login_attempt))).all() == []
    await services.settings.set(MOTTO, "still writable")


async def test_a_cancelled_writer_holds_nobody_up(database: Database) -> None:
    inside = asyncio.Event()

    async def slow() -> None:
        async with database.session() as connection:
            await connection.execute(select(t.user))
            inside.set()
            await asyncio.Event().wait()

    task = asyncio.create_task(slow())
    await inside.wait()
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    async with asyncio.timeout(20):
        await make_services(database, ManualClock()).settings.set(MOTTO, "free")


async def test_what_a_writer_leaves_behind_at_a_locked_file_can_be_ended(sqlite_url: str) -> None:
    """As a program that ends while somebody else has the file: whoever waited was cancelled, more than once."""
    database, before, threads = Database(sqlite_url), asyncio.all_tasks(), set(threading.enumerate())

    async def write() -> None:
        async with database.session():
            raise AssertionError("the file is locked")

    with closing(sqlite3.connect(sqlite_url.removeprefix("sqlite:///"), isolation_level=None)) as locker:
        locker.execute("BEGIN EXCLUSIVE")
        writer = asyncio.create_task(write())
        assert await asyncio.wait({writer}, timeout=0.5) == (set(), {writer})
        await ended(writer)
        left = asyncio.all_tasks() - before
        assert left
        for task in left:
            task.cancel()
        _, remaining = await asyncio.wait(left, timeout=20)
        assert not remaining
    for thread in set(threading.enumerate()) - threads:
        await asyncio.to_thread(thread.join)
    await database.close()


async def test_sqlite_is_set_up_for_many_readers(sqlite_database: Database, sqlite_url: str) -> None:
    async with sqlite_database.session() as connection:
        assert await connection.scalar(text("PRAGMA journal_mode")) == "wal"
        assert await connection.scalar(text("PRAGMA foreign_keys")) == 1
    with sqlite3.connect(sqlite_url.removeprefix("sqlite:///"), isolation_level=None) as other:
        other.execute("BEGIN IMMEDIATE")
        async with sqlite_database.reading() as connection:
            assert await connection.scalar(select(t.user.c.id)) is None
        other.execute("ROLLBACK")
