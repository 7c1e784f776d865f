"""`callwright backup FILE` and `restore FILE`: database, recordings, sounds and keys of one installation in one file.

The file is a tar.gz with a manifest first. SQLite is copied by its own online backup, so a running product may be
backed up; PostgreSQL by `pg_dump` in its custom format. A restore never writes over an installation that has data.
"""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import sqlite3
import subprocess
import tarfile
import tempfile
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path, PurePosixPath

from sqlalchemy.engine import URL, make_url

from callwright.settings import Settings, make_home
from crm_core.kernel.errors import CallwrightError
from crm_core.kernel.language import Language
from ivr.prompts.speaker import VALUES

FORMAT = 1
_FOLDERS = ("recordings", "sounds")
_PASSING = frozenset(f"sounds/{language}/{VALUES}" for language in Language)
"""What single callers are called, spoken: it is made anew where it is wanted, and kept nowhere for long."""
_FILES = ("secret-key", "asterisk/secrets.json")
_ANY_TABLE = "SELECT tablename FROM pg_tables WHERE schemaname NOT IN ('pg_catalog', 'information_schema') LIMIT 1"


class BackupFailed(CallwrightError):
    """The backup could not be made: {why}"""

    code = "backup.failed"


class RestoreFailed(CallwrightError):
    """Nothing was restored: {why}"""

    code = "backup.restore_failed"


class RestoreIncomplete(RestoreFailed):
    """Not everything was restored: {why} When that is mended, restore again: what is there already stays."""

    code = "backup.restore_incomplete"


def backup(settings: Settings, file: Path, say: Callable[[str], None]) -> None:
    if file.exists():
        raise BackupFailed(why=f"{file} exists already; name another file.")
    if not file.absolute().parent.is_dir():
        raise BackupFailed(why=f"there is no folder {file.absolute().parent}.")
    try:
        with tempfile.TemporaryDirectory(dir=file.absolute().parent) as folder:
            _write(settings, Path(folder), file)
    except (OSError, sqlite3.Error) as error:
        raise BackupFailed(why=f"{error}.") from None
    say(f"The backup is in {file} ({file.stat().st_size // 1024} KiB).")


def _write(settings: Settings, folder: Path, file: Path) -> None:
    dump, kind, partial = folder / "database", _kind(settings), folder / "backup.tar.gz"
    if kind == "sqlite":
        _copy_sqlite(_sqlite_path(settings), dump)
    else:
        _run_postgres(BackupFailed, settings, "pg_dump", "--format=custom", f"--file={dump}")
    _pack(settings, kind, dump, partial)
    partial.replace(file)


def restore(settings: Settings, file: Path, say: Callable[[str], None]) -> None:
    if not file.is_file():
        raise RestoreFailed(why=f"there is no file {file}.")
    kind = _kind(settings)
    _refuse_data(settings, kind)
    make_home(settings.home)
    try:
        with tempfile.TemporaryDirectory(dir=settings.home) as folder:
            manifest = _unpack(file, Path(folder))
            if manifest["database"] != kind:
                raise RestoreFailed(
                    why=f"the backup holds a {manifest['database']} database, this installation uses {kind}."
                )
            _make_private(Path(folder))
            stayed = _put_back(settings, kind, Path(folder))
    except OSError as error:
        raise RestoreIncomplete(why=f"{error}.") from None
    say(f"Restored the backup of {manifest['made_at']}.")
    if stayed:
        say(f"Files that were there already and stayed as they were: {stayed}.")


def _refuse_data(settings: Settings, kind: str) -> None:
    if kind == "sqlite":
        if there := _remains(_sqlite_path(settings)):
            raise RestoreFailed(why=f"{there[0]} has data already; restore into an empty CALLWRIGHT_HOME.")
    elif _run_postgres(RestoreFailed, settings, "psql", "--no-psqlrc", "-At", f"--command={_ANY_TABLE}").strip():
        raise RestoreFailed(why="the database has tables already; restore into an empty one.")


def _make_private(folder: Path) -> None:
    """As they were made first, whatever became of their modes on the way; before anything is in its place."""
    for name, mode in (("database", 0o600), ("recordings", 0o700), *((name, 0o600) for name in _FILES)):
        if (folder / name).exists():
            (folder / name).chmod(mode)


def _put_back(settings: Settings, kind: str, folder: Path) -> int:
    """How many files were there already. The database comes last: while it is not there, a restore that failed can be
    tried again."""
    stayed = sum(_move_over(folder / name, settings.home / name) for name in (*_FOLDERS, *_FILES))
    dump = folder / "database"
    if kind == "sqlite":
        _put(dump, _sqlite_path(settings))
    else:
        _run_postgres(RestoreIncomplete, settings, "pg_restore", "--no-owner", "--single-transaction", str(dump))
    return stayed


def _kind(settings: Settings) -> str:
    return "sqlite" if settings.database.startswith("sqlite") else "postgresql"


def _sqlite_path(settings: Settings) -> Path:
    return Path(settings.database.partition("///")[2])


def _remains(database: Path) -> list[Path]:
    """A journal left behind counts too: SQLite would play it into the restored file."""
    files = (database, *(database.with_name(f"{database.name}{end}") for end in ("-wal", "-shm", "-journal")))
    return [file for file in files if file.exists()]


def _copy_sqlite(source: Path, target: Path) -> None:
    if not source.exists():
        raise BackupFailed(why=f"there is no database at {source}.")
    target.touch(mode=0o600)
    with closing(sqlite3.connect(source)) as live, closing(sqlite3.connect(target)) as copy:
        live.backup(copy)


def _pack(settings: Settings, kind: str, dump: Path, target: Path) -> None:
    manifest = json.dumps({"format": FORMAT, "database": kind, "made_at": datetime.now(UTC).isoformat()}).encode()
    handle = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "wb") as raw, tarfile.open(fileobj=raw, mode="w:gz") as tar:
        entry = tarfile.TarInfo("manifest.json")
        entry.size = len(manifest)
        tar.addfile(entry, BytesIO(manifest))
        tar.add(dump, "database")
        for name in (*_FOLDERS, *_FILES):
            _add(tar, settings.home, settings.home / name)


def _add(tar: tarfile.TarFile, home: Path, path: Path) -> None:
    """With all that is in it; what goes away meanwhile (a recording whose time was over) is left out."""
    if str(path.relative_to(home)) in _PASSING:
        return
    with contextlib.suppress(FileNotFoundError):
        tar.add(path, str(path.relative_to(home)), recursive=False)
        for inner in sorted(path.iterdir()) if path.is_dir() else ():
            _add(tar, home, inner)


def _unpack(file: Path, folder: Path) -> dict[str, object]:
    try:
        with tarfile.open(file) as tar:
            members = tar.getmembers()
            if not all(_is_plain(member) for member in members):
                raise RestoreFailed(why=f"{file} holds entries that no backup of ours has.")
            tar.extraction_filter = getattr(tarfile, "data_filter", lambda member, _path: member)
            tar.extractall(folder, members=members)  # noqa: S202 - each member was looked at above
        manifest: dict[str, object] = json.loads((folder / "manifest.json").read_text())
    except (tarfile.TarError, OSError, ValueError, EOFError) as error:
        raise RestoreFailed(why=f"{file} is not a backup of Callwright ({error}).") from None
    if manifest.get("format") != FORMAT:
        raise RestoreFailed(why=f"{file} was made by another version of Callwright.")
    return manifest


def _is_plain(member: tarfile.TarInfo) -> bool:
    """Files and folders inside the backup only. (Python before 3.11.4 has no filter of its own.)"""
    path = PurePosixPath(member.name)
    return (member.isreg() or member.isdir()) and not path.is_absolute() and ".." not in path.parts


def _move_over(source: Path, target: Path) -> int:
    """With all that is in it; what is there already stays. How much of it that was."""
    if source.is_dir():
        if not target.exists():
            target.mkdir(parents=True)
            target.chmod(source.stat().st_mode)
        return sum(_move_over(inner, target / inner.name) for inner in sorted(source.iterdir()))
    if source.exists() and not target.exists():
        _put(source, target)
        return 0
    return int(source.exists())


def _put(source: Path, target: Path) -> None:
    """Whole or not at all: a disk that is full half-way leaves no half of a file under its name."""
    target.parent.mkdir(parents=True, exist_ok=True)
    partial = target.with_name(f".{target.name}.partial")
    partial.unlink(missing_ok=True)
    partial.touch(mode=0o600)
    shutil.copyfile(source, partial)
    shutil.copystat(source, partial)
    partial.replace(target)


def _run_postgres(error: type[CallwrightError], settings: Settings, *argv: str) -> str:
    """What it printed. The password goes through the environment: everybody on the machine may read a program's
    arguments."""
    if shutil.which(argv[0]) is None:
        raise error(why=f"{argv[0]} is not installed (package postgresql-client).")
    url = make_url(settings.database)
    open_part = URL.create("postgresql", url.username, None, url.host, url.port, url.database, url.query)
    address = open_part.render_as_string()
    secret = {"PGPASSWORD": str(url.password)} if url.password is not None else {}
    program = [argv[0], f"--dbname={address}", *argv[1:]]
    done = subprocess.run(program, capture_output=True, check=False, env=os.environ | secret)
    if done.returncode:
        printed = done.stderr.decode(errors="replace").strip().splitlines()
        raise error(why=next((line for line in printed if "error:" in line), f"{argv[0]} failed."))
    return done.stdout.decode(errors="replace")
