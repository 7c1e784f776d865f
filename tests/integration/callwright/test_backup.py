"""Backup and restore of an SQLite installation: everything comes back, nothing is written over."""

import os
import sqlite3
import tarfile
from contextlib import closing
from pathlib import Path

import asyncpg
import pytest

from callwright.backup import BackupFailed, RestoreFailed, backup, restore
from callwright.settings import HomeNotWritable, load_settings
from tests.support.databases import PostgresServer


def _installation(home: Path) -> None:
    (home / "recordings").mkdir(parents=True)
    (home / "recordings" / "call.wav").write_bytes(b"RIFF")
    (home / "secret-key").write_text("key")
    (home / "asterisk").mkdir()
    (home / "asterisk" / "secrets.json").write_text('{"ami": "s"}')
    with closing(sqlite3.connect(home / "callwright.db")) as database, database:
        database.execute("create table kept (word text)")
        database.execute("insert into kept values ('张伟')")


def test_what_was_backed_up_comes_back(tmp_path: Path) -> None:
    _installation(tmp_path / "old")
    backup(load_settings(home=tmp_path / "old"), tmp_path / "all.tar.gz", print)
    restore(load_settings(home=tmp_path / "new"), tmp_path / "all.tar.gz", print)
    with closing(sqlite3.connect(tmp_path / "new" / "callwright.db")) as database:
        assert database.execute("select word from kept").fetchall() == [("张伟",)]
    assert (tmp_path / "new" / "recordings" / "call.wav").read_bytes() == b"RIFF"
    assert (tmp_path / "new" / "secret-key").read_text() == "key"
    assert (tmp_path / "new" / "asterisk" / "secrets.json").read_text() == '{"ami": "s"}'
    for private in ("callwright.db", "recordings", "secret-key", "asterisk/secrets.json"):
        assert (tmp_path / "new" / private).stat().st_mode & 0o077 == 0
    assert (tmp_path / "all.tar.gz").stat().st_mode & 0o077 == 0


def test_what_single_callers_are_called_is_in_no_backup(tmp_path: Path) -> None:
    _installation(tmp_path / "old")
    for room in ("pieces", "values"):
        (tmp_path / "old" / "sounds" / "zh" / room).mkdir(parents=True)
        (tmp_path / "old" / "sounds" / "zh" / room / "one.wav").write_bytes(b"RIFF")
    backup(load_settings(home=tmp_path / "old"), tmp_path / "all.tar.gz", print)
    with tarfile.open(tmp_path / "all.tar.gz") as packed:
        assert [name for name in packed.getnames() if name.endswith("one.wav")] == ["sounds/zh/pieces/one.wav"]


@pytest.mark.parametrize("packed_as", [0o600, 0o644])
def test_what_comes_back_is_its_owners_only(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, packed_as: int) -> None:
    """Whatever the backup says: those made before kept the database as everybody's."""
    _installation(tmp_path / "old")
    backup(load_settings(home=tmp_path / "old"), tmp_path / "all.tar.gz", print)
    with tarfile.open(tmp_path / "all.tar.gz") as packed, tarfile.open(tmp_path / "other.tar.gz", "w:gz") as other:
        for entry in packed.getmembers():
            if entry.name == "database":
                assert entry.mode & 0o077 == 0
                entry.mode = packed_as
            other.addfile(entry, packed.extractfile(entry) if entry.isreg() else None)
    restore(load_settings(home=tmp_path / "new"), tmp_path / "other.tar.gz", print)
    for name in ("callwright.db", "secret-key", "asterisk/secrets.json"):
        assert (tmp_path / "new" / name).stat().st_mode & 0o077 == 0, name


def test_a_backup_never_writes_over_a_file(tmp_path: Path) -> None:
    _installation(tmp_path / "old")
    (tmp_path / "all.tar.gz").write_text("precious")
    with pytest.raises(BackupFailed, match="exists already"):
        backup(load_settings(home=tmp_path / "old"), tmp_path / "all.tar.gz", print)


def test_a_restore_never_writes_over_an_installation(tmp_path: Path) -> None:
    _installation(tmp_path / "old")
    backup(load_settings(home=tmp_path / "old"), tmp_path / "all.tar.gz", print)
    with pytest.raises(RestoreFailed, match="has data already"):
        restore(load_settings(home=tmp_path / "old"), tmp_path / "all.tar.gz", print)


def test_a_journal_left_behind_is_never_played_into_a_restored_database(tmp_path: Path) -> None:
    _installation(tmp_path / "old")
    backup(load_settings(home=tmp_path / "old"), tmp_path / "all.tar.gz", print)
    (tmp_path / "new").mkdir()
    (tmp_path / "new" / "callwright.db-wal").write_bytes(b"left behind")
    with pytest.raises(RestoreFailed, match=r"db-wal has data already"):
        restore(load_settings(home=tmp_path / "new"), tmp_path / "all.tar.gz", print)


def test_a_backup_into_no_folder_is_refused(tmp_path: Path) -> None:
    _installation(tmp_path / "old")
    with pytest.raises(BackupFailed, match="there is no folder"):
        backup(load_settings(home=tmp_path / "old"), tmp_path / "nowhere" / "all.tar.gz", print)


def test_the_password_of_postgresql_is_no_argument(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Everybody on the machine may read the arguments of a program."""
    dump = tmp_path / "bin" / "pg_dump"
    dump.parent.mkdir()
    dump.write_text('#!/bin/sh\nprintf "%s\\n" "$*" "$PGPASSWORD" > "$ASKED"\ntouch "${3#--file=}"\n')
    dump.chmod(0o755)
    monkeypatch.setenv("PATH", f"{dump.parent}:{os.environ['PATH']}")
    monkeypatch.setenv("ASKED", str(tmp_path / "asked"))
    url = "postgresql+asyncpg://cw:p%40ss@127.0.0.1:5433/house"
    backup(load_settings(home=tmp_path / "old", database_url=url), tmp_path / "all.tar.gz", print)
    arguments, password = (tmp_path / "asked").read_text().splitlines()
    assert password == "p@ss"
    assert "--dbname=postgresql://cw@127.0.0.1:5433/house" in arguments
    assert "ss@" not in arguments.replace("cw@", "")


async def test_postgresql_comes_back(tmp_path: Path, postgres_server: PostgresServer) -> None:
    old, new = await postgres_server.create("backup_old"), await postgres_server.create("backup_new")
    await _run(old, "create table kept (word text)", "insert into kept values ('张伟')")
    backup(load_settings(home=tmp_path / "old", database_url=old), tmp_path / "all.tar.gz", print)
    restore(load_settings(home=tmp_path / "new", database_url=new), tmp_path / "all.tar.gz", print)
    assert await _run(new, "select word from kept") == ["张伟"]
    (tmp_path / "old" / "recordings").mkdir(parents=True)
    (tmp_path / "old" / "recordings" / "call.wav").write_bytes(b"of the backup")
    (tmp_path / "new" / "recordings").mkdir()
    (tmp_path / "new" / "recordings" / "call.wav").write_bytes(b"of this house")
    backup(load_settings(home=tmp_path / "old", database_url=old), tmp_path / "more.tar.gz", print)
    with pytest.raises(RestoreFailed, match="Nothing was restored: the database has tables already"):
        restore(load_settings(home=tmp_path / "new", database_url=new), tmp_path / "more.tar.gz", print)
    assert (tmp_path / "new" / "recordings" / "call.wav").read_bytes() == b"of this house"


async def test_a_database_that_cannot_be_filled_is_told_and_tried_again(
    tmp_path: Path, postgres_server: PostgresServer
) -> None:
    old, new = await postgres_server.create("backup_whole"), await postgres_server.create("backup_blocked")
    await _run(old, "create table kept (word text)", "insert into kept values ('张伟')")
    (tmp_path / "old" / "recordings").mkdir(parents=True)
    (tmp_path / "old" / "recordings" / "call.wav").write_bytes(b"RIFF")
    backup(load_settings(home=tmp_path / "old", database_url=old), tmp_path / "all.tar.gz", print)
    await _run(new, "create type kept as enum ('x')")  # no table, and in the way of one
    settings = load_settings(home=tmp_path / "new", database_url=new)
    with pytest.raises(RestoreFailed, match="Not everything was restored"):
        restore(settings, tmp_path / "all.tar.gz", print)
    await _run(new, "drop type kept")
    said: list[str] = []
    restore(settings, tmp_path / "all.tar.gz", said.append)
    assert await _run(new, "select word from kept") == ["张伟"]
    assert "Files that were there already and stayed as they were: 1." in said


async def _run(url: str, *statements: str) -> list[str]:
    connection = await asyncpg.connect(url)
    try:
        rows = [await connection.fetch(statement) for statement in statements]
    finally:
        await connection.close()
    return [row[0] for row in rows[-1]]


def test_rubbish_and_tricks_are_told_from_a_backup(tmp_path: Path) -> None:
    (tmp_path / "rubbish").write_bytes(b"\x00" * 100)
    with pytest.raises(RestoreFailed, match="not a backup"):
        restore(load_settings(home=tmp_path / "new"), tmp_path / "rubbish", print)
    with tarfile.open(tmp_path / "trick.tar.gz", "w:gz") as tar:
        tar.add(tmp_path / "rubbish", "../outside")
    with pytest.raises(RestoreFailed, match="no backup of ours"):
        restore(load_settings(home=tmp_path / "new"), tmp_path / "trick.tar.gz", print)
    assert not (tmp_path / "outside").exists()


def test_a_place_that_cannot_be_written_is_one_sentence(tmp_path: Path) -> None:
    _installation(tmp_path / "old")
    with pytest.raises(BackupFailed, match="No such file or directory"):
        backup(load_settings(home=tmp_path / "old"), Path("/proc/backup.tar.gz"), print)
    backup(load_settings(home=tmp_path / "old"), tmp_path / "all.tar.gz", print)
    with pytest.raises(HomeNotWritable, match="/proc/nowhere"):
        restore(load_settings(home=Path("/proc/nowhere")), tmp_path / "all.tar.gz", print)


def test_what_is_no_database_cannot_be_backed_up(tmp_path: Path) -> None:
    _installation(tmp_path / "old")
    (tmp_path / "old" / "callwright.db").write_text("not a database at all")
    with pytest.raises(BackupFailed, match="file is not a database"):
        backup(load_settings(home=tmp_path / "old"), tmp_path / "all.tar.gz", print)
    assert [file.name for file in tmp_path.iterdir()] == ["old"]


def test_a_restore_that_failed_can_be_tried_again(tmp_path: Path) -> None:
    _installation(tmp_path / "old")
    backup(load_settings(home=tmp_path / "old"), tmp_path / "all.tar.gz", print)
    (tmp_path / "new").mkdir()
    (tmp_path / "new" / "sounds").mkdir()
    (tmp_path / "new" / "recordings").write_text("in the way")
    with pytest.raises(RestoreFailed, match="recordings"):
        restore(load_settings(home=tmp_path / "new"), tmp_path / "all.tar.gz", print)
    (tmp_path / "new" / "recordings").unlink()
    restore(load_settings(home=tmp_path / "new"), tmp_path / "all.tar.gz", print)
    assert (tmp_path / "new" / "callwright.db").exists()
