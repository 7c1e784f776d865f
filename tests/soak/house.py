"""The house a soak shakes: Asterisk, PostgreSQL and Redis of its own, and the product as a process a role, kept running
as a service manager would.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import resource
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest

from callwright.asterisk.install import PREFIX_VARIABLE
from callwright.foundation import foundation
from callwright.own_asterisk import OwnAsterisk, prepare
from callwright.settings import load_settings
from crm_core.domain.floor import Did, DidTarget, Queue, Skill
from crm_core.domain.users import PhoneKind, Role
from crm_core.kernel.clock import SystemClock
from crm_core.kernel.ids import QueueKey, SkillKey
from crm_core.services.bundle import Services
from tests.soak.plan import HOTLINE, REPAIR, VIP
from tests.support.asterisk import asterisk_prefix
from tests.support.cuttable import CuttableLine
from tests.support.databases import PostgresServer, RunningRedis, running_postgres, running_redis
from tests.support.ports import free_port_offset, free_tcp_port
from tests.support.product import ROOT, get, lend_sounds
from tests.support.waiting import eventually

ROLES = ("telephony", "console", "worker")
AGAIN_S = 1.0
"""A service manager's pause before it starts again what ended."""
READY_LIMIT_S = 90.0
STOP_LIMIT_S = 20.0
DISK_MB = 96
"""Of the small file system that CALLWRIGHT_HOME is on."""
PASSWORD = "soak-only-password"


class Kept:
    """A `callwright serve` process that is started again whenever it ends, until `stop`."""

    def __init__(self, role: str, log: Path, environment: Mapping[str, str]) -> None:
        self.role, self.log = role, log
        self._environment = {name: value for name, value in os.environ.items() if not name.startswith("CALLWRIGHT_")}
        self._environment |= environment
        self._process: asyncio.subprocess.Process | None = None
        self._may_run = asyncio.Event()
        self._keeper: asyncio.Task[None] | None = None
        self.lives = 0

    @property
    def pid(self) -> int | None:
        process = self._process
        return process.pid if process is not None and process.returncode is None else None

    def start(self) -> None:
        self._may_run.set()
        self._keeper = self._keeper or asyncio.create_task(self._keep(), name=f"keeps {self.role}")

    async def kill(self) -> None:
        """As a power cut would; it stays dead until `start`."""
        self._may_run.clear()
        if self._process is not None and self._process.returncode is None:
            self._process.kill()
            await self._process.wait()

    async def stop(self) -> None:
        """Ctrl-C, and for good."""
        if self._keeper is not None:
            self._keeper.cancel()
            await asyncio.wait({self._keeper})
        process = self._process
        if process is None or process.returncode is not None:
            return
        process.terminate()
        try:
            async with asyncio.timeout(STOP_LIMIT_S):
                await process.wait()
        except TimeoutError:
            process.kill()
            await process.wait()

    async def _keep(self) -> None:
        while True:
            await self._may_run.wait()
            self._process = await asyncio.create_subprocess_exec(
                *(sys.executable, "-m", "callwright", "serve", "--role", self.role),
                cwd=ROOT,
                env=self._environment,
                stdin=asyncio.subprocess.DEVNULL,
                stdout=asyncio.subprocess.PIPE,
                stderr=asyncio.subprocess.STDOUT,
                start_new_session=True,
            )
            self.lives += 1
            await self._write_log(self._process)
            await self._process.wait()
            await asyncio.sleep(AGAIN_S)

    async def _write_log(self, process: asyncio.subprocess.Process) -> None:
        """Through a pipe, as service managers have it: a full disk does not take the process's voice."""
        assert process.stdout is not None
        with self.log.open("ab", buffering=0) as log:
            while said := await process.stdout.read(65536):
                log.write(said)


@dataclass(frozen=True, slots=True)
class SmallDisk:
    """A small file system of its own, if we may mount one; else files of a process may be forbidden to grow."""

    place: Path
    mounted: bool

    @property
    def _ballast(self) -> Path:
        return self.place / "ballast"

    def fill(self, process: int | None) -> None:
        """To the last block; without a file system of its own, for this process alone."""
        if not self.mounted:
            _limit_files(process, 0)
            return
        with contextlib.suppress(OSError), self._ballast.open("ab", buffering=0) as ballast:
            while ballast.write(bytes(64 * 1024)):
                pass

    def free(self, process: int | None) -> None:
        if not self.mounted:
            _limit_files(process, resource.RLIM_INFINITY)
        self._ballast.unlink(missing_ok=True)


def _limit_files(process: int | None, size: int) -> None:
    if process is not None:
        with contextlib.suppress(OSError):
            _, most = resource.prlimit(process, resource.RLIMIT_FSIZE)
            resource.prlimit(process, resource.RLIMIT_FSIZE, (size, most))


@dataclass(frozen=True, slots=True)
class SoakAgent:
    id: str
    extension: str
    secret: str


@dataclass(frozen=True, slots=True, kw_only=True)
class House:
    home: Path
    url: str
    token: str
    own: OwnAsterisk
    agents: tuple[SoakAgent, ...]
    line: CuttableLine
    """Between telephony and Asterisk."""
    parts: Mapping[str, Kept]
    """By role."""
    postgres: PostgresServer
    redis: RunningRedis
    disk: SmallDisk
    database_url: str
    environment: Mapping[str, str]

    @property
    def sip(self) -> tuple[str, int]:
        return "127.0.0.1", self.own.plan.ports.sip

    @property
    def asterisk_pid(self) -> int | None:
        with contextlib.suppress(OSError, ValueError):
            return int(self.own.plan.directories.pidfile.read_text(encoding="ascii"))
        return None

    @property
    def cdr(self) -> Path:
        return self.own.plan.directories.cdr / "calls.csv"

    def pids(self) -> dict[str, int | None]:
        servers = {
            "asterisk": self.asterisk_pid,
            "postgres": self.postgres.process.pid,
            "redis": self.redis.process.pid,
        }
        return {**{role: part.pid for role, part in self.parts.items()}, **servers}

    async def wait_until_ready(self) -> None:
        async def ready() -> bool:
            status, found = await get(self.url, "/readyz")
            assert status == 200, found
            return True

        await eventually("the product to be ready", ready, limit_s=READY_LIMIT_S)


@contextlib.asynccontextmanager
async def running_house(folder: Path, agents: int) -> AsyncIterator[House]:
    """Everything up and ready; gone at the end of the block, in whatever state the soak has left it."""
    with running_postgres() as postgres, running_redis(keeps=True) as redis, small_disk(folder) as disk:
        database_url = await postgres.create("soak")
        own, team, token = await _furnish(disk.place, database_url, agents)
        await own.start(print)
        try:
            async with CuttableLine(own.plan.ports.ami) as line:
                environment = _environment(disk.place, own, line, database_url, redis.url())
                house = House(
                    home=disk.place,
                    url=f"http://{environment['CALLWRIGHT_HTTP']}",
                    token=token,
                    own=own,
                    agents=team,
                    line=line,
                    parts={role: Kept(role, folder / f"{role}.log", environment) for role in ROLES},
                    postgres=postgres,
                    redis=redis,
                    disk=disk,
                    database_url=database_url,
                    environment=environment,
                )
                try:
                    for part in house.parts.values():
                        part.start()
                    await house.wait_until_ready()
                    yield house
                finally:
                    await asyncio.gather(*(part.stop() for part in house.parts.values()))
        finally:
            await own.stop()


def _environment(home: Path, own: OwnAsterisk, line: CuttableLine, database_url: str, redis_url: str) -> dict[str, str]:
    return {
        "CALLWRIGHT_HOME": str(home),
        "CALLWRIGHT_DATABASE_URL": database_url,
        "CALLWRIGHT_REDIS_URL": redis_url,
        "CALLWRIGHT_HTTP": f"127.0.0.1:{free_tcp_port()}",
        "CALLWRIGHT_FASTAGI": own.fastagi,
        "CALLWRIGHT_RECONCILE_EVERY": "10",
        "CALLWRIGHT_AMI_HOSTS": f"{own.plan.ami_user}:{own.plan.secrets.ami}@127.0.0.1:{line.port}",
    }


@contextlib.contextmanager
def small_disk(folder: Path) -> Iterator[SmallDisk]:
    """CALLWRIGHT_HOME. Asterisk's own files and the prompts stand beside it: only what is ours gets no room."""
    home, beside = folder / "home", folder / "beside"
    home.mkdir(parents=True)
    command = ["mount", "-t", "tmpfs", "-o", f"size={DISK_MB}m,mode=0750", "callwright-soak", str(home)]
    mounted = os.geteuid() == 0 and subprocess.run(command, check=False, capture_output=True).returncode == 0
    try:
        for name in ("asterisk", "sounds", "voices"):
            (beside / name).mkdir(parents=True)
            (home / name).symlink_to(beside / name)
        yield SmallDisk(home, mounted)
    finally:
        if mounted:
            subprocess.run(["umount", "--lazy", str(home)], check=False)


async def _furnish(home: Path, database_url: str, agents: int) -> tuple[OwnAsterisk, tuple[SoakAgent, ...], str]:
    settings = load_settings(home=home, database_url=database_url, redis_url="")
    async with foundation(settings, SystemClock(), upgrade=True) as ground:
        services = ground.services
        await _floor(services)
        team = tuple([await _agent(services, 2001 + number) for number in range(agents)])
        admin = await services.users.create(login="soak", password=PASSWORD, name="Soak", role=Role.ADMIN)
        token = (await services.api_tokens.create("soak", admin.id)).token
        floor = await services.floor_plans.load()
    await lend_sounds(home)
    with pytest.MonkeyPatch.context() as ours:
        ours.setenv(PREFIX_VARIABLE, str(asterisk_prefix()))
        own = await prepare(home, floor, print, port_offset=free_port_offset())
    return own, team, token


async def _floor(services: Services) -> None:
    plans = services.floor_plans
    for skill in ("zh", "en", "repair"):
        await plans.put_skill(Skill(key=SkillKey(skill), names={"en": skill, "zh": skill}))
    for queue in ("service", "vip", "repair"):
        await plans.put_queue(
            Queue(
                key=QueueKey(queue),
                names={"en": queue, "zh": queue},
                ring_s=5,
                wrap_up_s=0,
                recorded=queue == "repair",  # a part of the calls: half an hour of all of them would fill the disk
            )
        )
    for number, target, to in (
        (HOTLINE, DidTarget.IVR, "main"), (VIP, DidTarget.QUEUE, "vip"), (REPAIR, DidTarget.QUEUE, "repair"),
    ):  # fmt: skip
        await plans.put_did(Did(number=number, target=target, to=to))


async def _agent(services: Services, extension: int) -> SoakAgent:
    user = await services.users.create(
        login=f"soak{extension}",
        password=PASSWORD,
        name=f"Soak {extension}",
        extension=str(extension),
        phone_kind=PhoneKind.SIP,
        skills={SkillKey(skill): 5 for skill in ("zh", "en", "repair")},
        queues=[QueueKey(queue) for queue in ("service", "vip", "repair")],
    )
    return SoakAgent(id=user.id, extension=str(extension), secret=user.sip_secret)
