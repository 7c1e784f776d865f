"""Two engines as in production: `callwright serve --role telephony` twice, with PostgreSQL and Redis between them, a
console, and an Asterisk that stands alone."""

from __future__ import annotations

import asyncio
import contextlib
import sys
import tempfile
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from redis.asyncio import Redis

from callwright.asterisk import process as asterisk
from callwright.asterisk.plan import CDR_FILE
from crm_core.runtime.redis_wire import Keys
from cti.ami.sessions import sessions_of
from tests.bench.ground import Ground, environment_of, own_asterisk, world
from tests.support.databases import running_postgres, running_redis
from tests.support.ports import free_tcp_port
from tests.support.product import ROOT, Running, get
from tests.support.waiting import eventually

LIMIT_S = 40.0
LOOK_S = 0.01
_SEAT = Keys(prefix="cw:").seat("telephony")


@dataclass(frozen=True, slots=True)
class Engine:
    name: str
    process: Running
    health: str

    async def leads(self) -> bool:
        return "callwright_on_duty 1.0" in str((await get(f"http://{self.health}", "/metrics"))[1])

    async def ready(self) -> bool:
        """It stands by, or leads, with its lines and menus."""
        _, said = await get(f"http://{self.health}", "/readyz")
        found = said["checks"] if isinstance(said, dict) else {}
        return [found.get(part) for part in ("asterisk", "fastagi")] == ["ok", "ok"]


@dataclass(slots=True)
class Engines:
    ground: Ground
    both: tuple[Engine, Engine]
    redis: Redis
    settings: dict[str, str]
    at_once: list[int] = field(default_factory=list)
    """How many engines were at Asterisk's manager after each round."""

    async def leader(self) -> Engine:
        async def found() -> Engine | None:
            leading = [engine for engine in self.both if engine.process.is_alive and await engine.leads()]
            return leading[0] if len(leading) == 1 else None

        engine: Engine = await eventually("one engine to lead", found, limit_s=LIMIT_S)
        return engine

    def other_than(self, engine: Engine) -> Engine:
        return next(one for one in self.both if one is not engine)

    async def who_has_the_seat(self) -> bytes:
        return bytes(await self.redis.get(_SEAT) or b"")

    async def another_has_it(self, than: bytes) -> float:
        """When another holder was seen first."""
        async with asyncio.timeout(LIMIT_S):
            while await self.who_has_the_seat() in (b"", than):
                await asyncio.sleep(LOOK_S)
        return time.perf_counter()

    async def is_let_go(self, by: bytes) -> None:
        """He has given it back, or another has it already."""
        async with asyncio.timeout(LIMIT_S):
            while await self.who_has_the_seat() == by:
                await asyncio.sleep(LOOK_S)

    async def count_sessions(self) -> None:
        """Engines at Asterisk's manager."""
        plan = self.ground.own.plan
        found = sessions_of(plan.ami_user, await asterisk.cli(plan.directories, "manager show connected"))
        self.at_once.append(len(found.old) + found.young)

    async def is_well(self) -> None:
        """As the console tells it: whoever leads serves every line, and the menus. The sound of calls without any is
        measured long afterwards; that is no matter here."""

        async def well() -> bool:
            _, said = await get(self.ground.url, "/readyz")
            found = said["checks"] if isinstance(said, dict) else {}
            assert [found.get(part) for part in ("asterisk", "fastagi")] == ["ok", "ok"], said
            return True

        await eventually("the house to be well", well, limit_s=LIMIT_S)

    async def reconciled(self) -> tuple[int, str]:
        """What `callwright reconcile` says of the log and Asterisk's own account: exit code and words."""
        cdr = self.ground.own.plan.directories.cdr / CDR_FILE
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "callwright", "reconcile", str(cdr)),
            cwd=ROOT,
            env=self.settings,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
        )
        said, _ = await process.communicate()
        return process.returncode or 0, said.decode(errors="replace")


@contextlib.asynccontextmanager
async def engines(agents: int) -> AsyncIterator[Engines]:
    with (
        tempfile.TemporaryDirectory(prefix="cw-engines-") as folder,
        running_postgres() as postgres,
        running_redis() as redis_server,
    ):
        home = Path(folder) / "home"
        home.mkdir()
        database_url = await postgres.create("engines")
        team, _, token = await world(home, agents, database_url=database_url)
        own = await own_asterisk(home, database_url=database_url)
        http = f"127.0.0.1:{free_tcp_port()}"
        settings = {
            **environment_of(home, own),
            "CALLWRIGHT_DATABASE_URL": database_url,
            "CALLWRIGHT_REDIS_URL": redis_server.url(),
            "CALLWRIGHT_HTTP": http,
            # As where it is installed, whatever this machine does otherwise: compiled once, not at each start.
            "PYTHONDONTWRITEBYTECODE": "",
            "PYTHONPYCACHEPREFIX": str(Path(folder) / "bytecode"),
        }
        console = _process("console", Path(folder), settings)
        both = (_engine("first", Path(folder), settings), _engine("second", Path(folder), settings))
        redis: Redis = Redis.from_url(redis_server.url())
        here = Engines(
            ground=Ground(home=home, url=f"http://{http}", token=token, own=own, agents=team, watchers=(), pid=0),
            both=both,
            redis=redis,
            settings=settings,
        )
        try:
            await _start(here, console)
            yield here
        finally:
            await asyncio.gather(*(engine.process.kill() for engine in both), console.kill())
            await redis.aclose()
            await own.stop()


async def _start(here: Engines, console: Running) -> None:
    await console.start()
    for engine in here.both:
        await engine.process.start()
        await eventually(f"the {engine.name} engine", engine.ready, limit_s=LIMIT_S)
    await here.is_well()


def _engine(name: str, folder: Path, settings: dict[str, str]) -> Engine:
    health = f"127.0.0.1:{free_tcp_port()}"
    own: dict[str, Any] = {"CALLWRIGHT_HEALTH": health, "CALLWRIGHT_SPOOL": str(folder / f"spool-{name}")}
    return Engine(name=name, process=_process("telephony", folder, {**settings, **own}, name), health=health)


def _process(role: str, folder: Path, settings: dict[str, str], name: str = "") -> Running:
    return Running(["serve", "--role", role], log=folder / f"{role}{name}.log", environment=settings)
