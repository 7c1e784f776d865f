"""Backup and restore of an SQLite installation: everything comes back, nothing is written over."""

import sqlite3
import tarfile
from contextlib import closing
from pathlib import Path

import pytest

from callwright.backup import BackupFailed, RestoreFailed, backup, restore
from callwright.settings import load_settings


def _installation(home: Path) -> None:
    (home / "recordings").mkdir(parents=True)
    (home / "recordings" / "call.wav").write_bytes(b"RIFF")
    (home / "secret-key").write_text("key")
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
    assert (tmp_path / "all.tar.gz").stat().st_mode & 0o077 == 0


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


def test_rubbish_and_tricks_are_told_from_a_backup(tmp_path: Path) -> None:
    (tmp_path / "rubbish").write_bytes(b"\x00" * 100)
    with pytest.raises(RestoreFailed, match="not a backup"):
        restore(load_settings(home=tmp_path / "new"), tmp_path / "rubbish", print)
    with tarfile.open(tmp_path / "trick.tar.gz", "w:gz") as tar:
        tar.add(tmp_path / "rubbish", "../outside")
    with pytest.raises(RestoreFailed, match="no backup of ours"):
        restore(load_settings(home=tmp_path / "new"), tmp_path / "trick.tar.gz", print)
    assert not (tmp_path / "outside").exists()
