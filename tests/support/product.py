"""The whole product as its users start it: `callwright demo` in a process of its own, on free ports, in its own home.

It can be killed in the middle and started again; its database, its API and its Asterisk are at hand.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import signal
import sqlite3
import sys
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiohttp

from callwright.asterisk import process as asterisk
from callwright.asterisk.install import PREFIX_VARIABLE
from callwright.asterisk.plan import Directories
from tests.support.asterisk import asterisk_prefix
from tests.support.ports import free_port_offset
from tests.support.waiting import eventually

ROOT = Path(__file__).parents[2]
START_LIMIT_S = 90.0
STOP_LIMIT_S = 20.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    login: str
    password: str
    role: str
    extension: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """What `HOME/demo.json` says."""

    url: str
    sip: str
    ami: str
    people: Mapping[str, Person]
    dids: Mapping[str, Any]
    api_token: str

    @classmethod
    def read(cls, file: Path) -> Card:
        found = json.loads(file.read_text(encoding="utf-8"))
        people = [Person(**{key: user[key] for key in Person.__slots__}) for user in found["users"]]
        return cls(
            url=found["url"],
            sip=found["sip"],
            ami=found["ami"],
            people={person.login: person for person in people},
            dids=found["dids"],
            api_token=found["api_token"],
        )


class Running:
    """A `callwright …` process. Its words go to a file, which is shown when something goes wrong."""

    def __init__(self, arguments: Sequence[str], *, log: Path, environment: Mapping[str, str]) -> None:
        self._arguments = arguments
        self._log = log
        self._environment = environment
        self._process: asyncio.subprocess.Process | None = None

    async def start(self) -> None:
        with self._log.open("ab") as log:
            self._process = await asyncio.create_subprocess_exec(
                *(sys.executable, "-m", "callwright", *self._arguments),
                cwd=ROOT,
                env={**os.environ, PREFIX_VARIABLE: str(asterisk_prefix()), **self._environment},
                stdin=asyncio.subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )

    @property
    def said(self) -> str:
        return self._log.read_text(encoding="utf-8", errors="replace") if self._log.exists() else ""

    def check_alive(self) -> None:
        if self._process is not None and self._process.returncode is not None:
            raise RuntimeError(f"callwright ended with {self._process.returncode}; it said:\n{self.said[-4000:]}")

    async def kill(self) -> None:
        """As a power cut would end it; its child processes notice by themselves."""
        if self._process is not None and self._process.returncode is None:
            self._process.kill()
            await self._process.wait()

    async def stop(self) -> int | None:
        """Ctrl-C. One that does not obey is killed, and that is a failure."""
        process = self._process
        if process is None or process.returncode is not None:
            return None if process is None else process.returncode
        process.send_signal(signal.SIGINT)
        try:
            async with asyncio.timeout(STOP_LIMIT_S):
                return await process.wait()
        except TimeoutError:
            await self.kill()
            raise RuntimeError(f"callwright did not end on Ctrl-C; it said:\n{self.said[-4000:]}") from None


class Product:
    """A running demo. Made by `running_product`."""

    def __init__(self, home: Path, *, offset: int, arguments: Sequence[str] = ("--no-colleagues",)) -> None:
        self.home = home
        self.offset = offset
        self._running = Running(
            ["demo", "--home", str(home), "--port-offset", str(offset), *arguments],
            log=home.with_suffix(".log"),
            environment={},
        )
        self._card: Card | None = None

    @property
    def card(self) -> Card:
        if self._card is None:
            raise RuntimeError("the product has not been started")
        return self._card

    @property
    def said(self) -> str:
        return self._running.said

    async def start(self) -> None:
        """Until `demo.json` is (newly) there and /readyz is green."""
        before = _written_at(self.home / "demo.json")
        await self._running.start()

        async def ready() -> bool:
            self._running.check_alive()
            if _written_at(self.home / "demo.json") in (None, before):
                return False
            self._card = Card.read(self.home / "demo.json")
            status, found = await self.get("/readyz")
            assert status == 200, found
            return True

        await eventually("the product to be ready", ready, limit_s=START_LIMIT_S)

    async def stop(self) -> int | None:
        return await self._running.stop()

    async def kill(self) -> None:
        await self._running.kill()

    async def end(self) -> None:
        """Stop everything, also an Asterisk that a killed product has left behind."""
        try:
            await self.stop()
        finally:
            await asterisk.stop(Directories.under(self.home))

    async def get(self, path: str) -> tuple[int, Any]:
        """A page for anybody: no token."""
        async with aiohttp.ClientSession(self.card.url) as session:
            try:
                async with session.get(path) as response:
                    body = await response.text()
                    return response.status, _parsed(body)
            except aiohttp.ClientConnectionError as problem:
                return 0, str(problem)

    async def api(self, method: str, path: str, body: object = None) -> Any:
        """REST as the demo's administrator; a refusal is a failure that shows its problem document."""
        headers = {"Authorization": f"Bearer {self.card.api_token}"}
        async with (
            aiohttp.ClientSession(self.card.url, headers=headers) as session,
            session.request(method, f"/api/v1{path}", json=body) as response,
        ):
            found = _parsed(await response.text())
            assert response.status < 400, f"{method} {path}: {response.status} {found}"
            return found

    def rows(self, sql: str, *values: object) -> list[dict[str, Any]]:
        """From the product's database, read-only, beside the running product."""
        with contextlib.closing(sqlite3.connect(f"file:{self.home / 'callwright.db'}?mode=ro", uri=True)) as database:
            database.row_factory = sqlite3.Row
            return [dict(row) for row in database.execute(sql, values)]

    async def asterisk(self, command: str) -> str:
        """Asterisk's own view, by its CLI."""
        return await asterisk.cli(Directories.under(self.home), command)


def _written_at(file: Path) -> int | None:
    try:
        return file.stat().st_mtime_ns
    except FileNotFoundError:
        return None


def _parsed(body: str) -> Any:
    try:
        return json.loads(body)
    except ValueError:
        return body


@asynccontextmanager
async def running_product(home: Path, *, arguments: Sequence[str] = ("--no-colleagues",)) -> AsyncIterator[Product]:
    product = Product(home, offset=free_port_offset(), arguments=arguments)
    try:
        await product.start()
        yield product
    finally:
        await product.end()
