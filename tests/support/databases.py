"""Real PostgreSQL and Redis for tests, started once a session on free ports in a folder of their own, gone afterwards.

Fixtures: `database` (a fresh, migrated one per test; each test runs on SQLite and on PostgreSQL), `sqlite_database`,
`postgres_server`, `redis_server`, `empty_database_url`.
"""

from __future__ import annotations

import asyncio
import itertools
import os
import pwd
import re
import shutil
import signal
import socket
import sqlite3
import subprocess
import tempfile
import time
from collections.abc import AsyncIterator, Coroutine, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import asyncpg
import pytest

from crm_core.persistence.database import Database
from crm_core.persistence.tables import metadata
from tests.support.ports import free_tcp_port

_FAST_POSTGRES = ("fsync=off", "synchronous_commit=off", "full_page_writes=off", "max_connections=100")
_EMPTY = ";".join(f'DELETE FROM "{table.name}"' for table in reversed(metadata.sorted_tables))  # noqa: S608 - our own
_START_TIMEOUT_S = 60.0

_T = TypeVar("_T")

_numbers = itertools.count(1)


class ServerProcess:
    """A server that a test can stop and start again in its place."""

    def __init__(
        self,
        command: Sequence[str],
        folder: Path,
        account: pwd.struct_passwd | None = None,
        farewell: signal.Signals = signal.SIGTERM,
    ) -> None:
        self._command, self._folder, self._account, self._farewell = command, folder, account, farewell
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def pid(self) -> int | None:
        return self._process.pid if self._process is not None and self._process.poll() is None else None

    def start(self) -> None:
        with (self._folder / "server.log").open("ab") as log:
            self._process = subprocess.Popen(self._command, stdout=log, stderr=log, cwd="/", **_identity(self._account))  # type: ignore[call-overload]

    def stop(self) -> None:
        """Whoever is connected is cut off; what is written is kept."""
        if self._process is None:
            return
        self._process.send_signal(self._farewell)
        try:
            self._process.wait(10)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()


@dataclass(frozen=True, slots=True, kw_only=True)
class PostgresServer:
    port: int
    user: str
    process: ServerProcess

    def start_again(self) -> None:
        self.process.start()
        _wait_for_port(self.port)
        _aside(_wait_for_postgres(self))

    def url(self, name: str) -> str:
        return f"postgresql://{self.user}@127.0.0.1:{self.port}/{name}"

    async def create(self, name: str) -> str:
        connection = await asyncpg.connect(self.url("postgres"))
        try:
            await connection.execute(f"CREATE DATABASE {name} TEMPLATE template0 ENCODING 'UTF8'")
        finally:
            await connection.close()
        return self.url(name)

    async def drop(self, name: str) -> None:
        connection = await asyncpg.connect(self.url("postgres"))
        try:
            await connection.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
        finally:
            await connection.close()


@dataclass(frozen=True, slots=True, kw_only=True)
class RedisServer:
    port: int

    def url(self, number: int = 0) -> str:
        return f"redis://127.0.0.1:{self.port}/{number}"


@dataclass(frozen=True, slots=True, kw_only=True)
class RunningRedis(RedisServer):
    process: ServerProcess


def rows_of(url: str, sql: str, *values: object) -> list[dict[str, Any]]:
    """Read-only, from a database of either kind, beside whoever works with it; `?` stands for a value."""
    if url.startswith("postgresql"):
        return _aside(_postgres_rows(url, sql, values))
    with closing(sqlite3.connect(f"file:{url.removeprefix('sqlite:///')}?mode=ro", uri=True)) as database:
        database.row_factory = sqlite3.Row
        return [dict(row) for row in database.execute(sql, values)]


async def _postgres_rows(url: str, sql: str, values: Sequence[object]) -> list[dict[str, Any]]:
    numbers = itertools.count(1)
    connection = await asyncpg.connect(url)
    try:
        found = await connection.fetch(re.sub(r"\?", lambda _: f"${next(numbers)}", sql), *values)
    finally:
        await connection.close()
    return [dict(row) for row in found]


@contextmanager
def running_postgres() -> Iterator[PostgresServer]:
    account = _unprivileged_account()
    with _folder_of(account) as folder:
        data, port = folder / "data", free_tcp_port()
        _run_as(account, [_postgres_program("initdb"), "-D", str(data), "--no-sync", "-A", "trust", "-E", "UTF8",
                          "--locale=C.UTF-8", "-U", account.pw_name])  # fmt: skip
        settings = [part for setting in _FAST_POSTGRES for part in ("-c", setting)]
        command = [_postgres_program("postgres"), "-D", str(data), "-p", str(port), "-k", "", "-h", "127.0.0.1"]
        # SIGINT: a "fast" stop, which does not wait for whoever is connected.
        with _running(ServerProcess([*command, *settings], folder, account, signal.SIGINT)) as process:
            _wait_for_port(port)
            server = PostgresServer(port=port, user=account.pw_name, process=process)
            _aside(_wait_for_postgres(server))
            yield server


@contextmanager
def running_redis(port: int = 0, *, keeps: bool = False) -> Iterator[RunningRedis]:
    """`keeps`: as Debian sets it up, so that it knows after a stop and a start what it knew before."""
    program, port = shutil.which("redis-server"), port or free_tcp_port()
    if program is None:
        pytest.skip("redis-server is not installed")
    with tempfile.TemporaryDirectory(prefix="cw-redis-") as folder:
        saves = "3600 1 300 100 60 10000" if keeps else ""
        command = [program, "--port", str(port), "--bind", "127.0.0.1", "--save", saves, "--dir", folder]
        with _running(ServerProcess(command, Path(folder))) as process:
            _wait_for_port(port)
            yield RunningRedis(port=port, process=process)


def _postgres_program(name: str) -> str:
    found = [*sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{name}")), *filter(None, [shutil.which(name)])]
    if not found:
        pytest.skip(f"PostgreSQL ({name}) is not installed")
    return str(found[-1])


def _unprivileged_account() -> pwd.struct_passwd:
    """PostgreSQL refuses to run as root."""
    if os.geteuid() != 0:
        return pwd.getpwuid(os.geteuid())
    known = {entry.pw_name: entry for entry in pwd.getpwall()}
    return known.get("postgres") or known["nobody"]


@contextmanager
def _folder_of(account: pwd.struct_passwd) -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="cw-postgres-") as name:
        if os.geteuid() == 0:
            os.chown(name, account.pw_uid, account.pw_gid)
        yield Path(name)


def _identity(account: pwd.struct_passwd | None) -> dict[str, int | list[int]]:
    if account is None or os.geteuid() != 0:
        return {}
    return {"user": account.pw_uid, "group": account.pw_gid, "extra_groups": []}


def _run_as(account: pwd.struct_passwd, command: list[str]) -> None:
    done = subprocess.run(command, capture_output=True, text=True, cwd="/", check=False, **_identity(account))  # type: ignore[call-overload]
    if done.returncode != 0:
        raise RuntimeError(f"{command[0]} failed: {done.stderr}")


@contextmanager
def _running(process: ServerProcess) -> Iterator[ServerProcess]:
    process.start()
    try:
        yield process
    finally:
        process.stop()


def _wait_for_port(port: int) -> None:
    deadline = time.monotonic() + _START_TIMEOUT_S
    while time.monotonic() < deadline:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    raise TimeoutError(f"nothing listens on port {port}")


async def _wait_for_postgres(server: PostgresServer) -> None:
    deadline = time.monotonic() + _START_TIMEOUT_S
    while True:
        try:
            connection = await asyncpg.connect(server.url("postgres"))
        except (asyncpg.CannotConnectNowError, OSError):
            if time.monotonic() > deadline:
                raise
            await asyncio.sleep(0.05)
        else:
            return await connection.close()


def _aside(work: Coroutine[None, None, _T]) -> _T:
    """Runs it on a loop of its own: a session's fixture may be asked for while a test's loop is running."""
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(asyncio.run, work).result()


async def _migrated(url: str) -> None:
    database = Database(url)
    await database.upgrade()
    await database.close()


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[PostgresServer]:
    with running_postgres() as server:
        yield server


@pytest.fixture(scope="session")
def redis_server() -> Iterator[RedisServer]:
    with running_redis() as server:
        yield server


@pytest.fixture(scope="session")
def _migrated_postgres(postgres_server: PostgresServer) -> str:
    url = _aside(postgres_server.create("callwright"))
    _aside(_migrated(url))
    return url


@pytest.fixture(scope="session")
def _sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("sqlite") / "template.db"
    _aside(_migrated(f"sqlite:///{file}"))
    return file


@pytest.fixture
def sqlite_url(_sqlite_template: Path, tmp_path: Path) -> str:
    """A fresh, migrated SQLite database."""
    return f"sqlite:///{shutil.copy(_sqlite_template, tmp_path / 'callwright.db')}"


@pytest.fixture
async def postgres_url(_migrated_postgres: str) -> AsyncIterator[str]:
    """A migrated PostgreSQL database with nothing in it (emptied after each test: making a new one takes longer)."""
    yield _migrated_postgres
    connection = await asyncpg.connect(_migrated_postgres)
    try:
        await connection.execute(_EMPTY)
    finally:
        await connection.close()


BOTH = ["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)]


@pytest.fixture(params=BOTH)
def database_url(request: pytest.FixtureRequest) -> str:
    kind = {"sqlite": "sqlite_url", "postgresql": "postgres_url"}[request.param]
    return str(request.getfixturevalue(kind))


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    opened = Database(database_url)
    yield opened
    await opened.close()


@pytest.fixture
async def sqlite_database(sqlite_url: str) -> AsyncIterator[Database]:
    opened = Database(sqlite_url)
    yield opened
    await opened.close()


@pytest.fixture(params=BOTH)
async def empty_database_url(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[str]:
    """Nothing in it yet, not even tables."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'new' / 'callwright.db'}"
        return
    server: PostgresServer = request.getfixturevalue("postgres_server")
    name = f"empty_{os.getpid()}_{next(_numbers)}"
    yield await server.create(name)
    await server.drop(name)
