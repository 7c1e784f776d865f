"""The whole product as its users start it, in a process of its own, on free ports, in its own home.

`running_demo` is `callwright demo`; `running_served` is `callwright serve` beside an Asterisk that stands alone. Both
can be killed in the middle and started again; database, API and Asterisk are at hand.
"""

from __future__ import annotations

import asyncio
import atexit
import json
import os
import shutil
import signal
import sys
import tempfile
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from callwright.asterisk import process as asterisk
from callwright.asterisk.install import PREFIX_VARIABLE
from callwright.asterisk.plan import CDR_FILE, Directories
from callwright.asterisk.turns import alone
from callwright.demo.voices import Voices
from callwright.demo.world import Login, build_world
from callwright.foundation import foundation
from callwright.own_asterisk import OwnAsterisk, prepare
from callwright.settings import Endpoint, load_settings, make_home
from crm_core.domain.floor import FloorPlan
from crm_core.kernel.clock import SystemClock
from ivr.prompts import PromptReport, ensure_prompts
from tests.support.asterisk import asterisk_prefix, end_at_once
from tests.support.cuttable import CuttableLine
from tests.support.databases import rows_of
from tests.support.ports import free_port_offset, free_tcp_port
from tests.support.waiting import eventually

ROOT = Path(__file__).parents[2]
START_LIMIT_S = 90.0
STOP_LIMIT_S = 45.0


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

    @property
    def is_alive(self) -> bool:
        return self._process is not None and self._process.returncode is None

    def check_alive(self) -> None:
        if self._process is not None and self._process.returncode is not None:
            raise RuntimeError(f"callwright ended with {self._process.returncode}; it said:\n{self.said[-4000:]}")

    async def wait(self, *, limit_s: float) -> int:
        """Until it ends by itself; one that does not is killed, and that is a failure."""
        assert self._process is not None
        try:
            async with asyncio.timeout(limit_s):
                return await self._process.wait()
        except TimeoutError:
            await self.kill()
            raise AssertionError(f"callwright still ran after {limit_s:g} s; it said:\n{self.said[-4000:]}") from None

    def freeze(self) -> None:
        """It hangs, with all it holds."""
        assert self._process is not None
        self._process.send_signal(signal.SIGSTOP)

    def thaw(self) -> None:
        assert self._process is not None
        self._process.send_signal(signal.SIGCONT)

    async def kill(self) -> None:
        """As a power cut would end it; its child processes notice by themselves."""
        if self._process is not None and self._process.returncode is None:
            self._process.kill()
            await self._process.wait()
            self._process = None

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


class Together:
    """Several processes that are one product between them."""

    def __init__(self, parts: Sequence[Running]) -> None:
        self._parts = parts

    async def start(self) -> None:
        for part in self._parts:
            await part.start()

    @property
    def said(self) -> str:
        return "\n".join(part.said for part in self._parts)

    @property
    def is_alive(self) -> bool:
        return all(part.is_alive for part in self._parts)

    def check_alive(self) -> None:
        for part in self._parts:
            part.check_alive()

    async def kill(self) -> None:
        for part in self._parts:
            await part.kill()

    async def stop(self) -> int | None:
        """All at once, as a service manager would."""
        return max(code or 0 for code in await asyncio.gather(*(part.stop() for part in self._parts)))


class Product:
    """A running product and what is at hand of it. `Demo` and `Served` know how it is started."""

    def __init__(self, home: Path, running: Running | Together, *, database_url: str = "") -> None:
        self.home = home
        self._running = running
        self._database_url = database_url or f"sqlite:///{home / 'callwright.db'}"
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
        """Until /readyz is green; again after `stop` or `kill`."""
        await self._running.start()
        await self.wait_until_ready()

    async def wait_until_ready(self) -> None:
        async def ready() -> bool:
            self._running.check_alive()
            status, found = await self.get("/readyz")
            assert status == 200, found
            return True

        await eventually("the product to be ready", ready, limit_s=START_LIMIT_S)

    async def live_on(self) -> None:
        """Until /readyz is green, also when a story broke off and left it dead."""
        if self._running.is_alive:
            await self.wait_until_ready()
        else:
            await self.stop()
            await self.start()

    async def stop(self) -> int | None:
        return await self._running.stop()

    async def kill(self) -> None:
        await self._running.kill()

    async def end(self) -> None:
        """Stop everything, also an Asterisk that a killed product has left behind. Unseen stumbles count."""
        try:
            await self.stop()
        finally:
            await end_at_once(Directories.under(self.home))
        log = self.home / "callwright.log"
        told = self.said + (log.read_text(encoding="utf-8", errors="replace") if log.exists() else "")
        slips = [line[:2000] for line in told.splitlines() if "Exception in callback" in line]
        assert not slips, slips[0]

    async def get(self, path: str) -> tuple[int, Any]:
        """A page for anybody: no token."""
        return await get(self.card.url, path)

    async def api(self, method: str, path: str, body: object = None) -> Any:
        """REST as the demo's administrator; a refusal is a failure that shows its problem document."""
        return _parsed((await self._ask(method, path, body)).decode())

    async def download(self, path: str) -> bytes:
        """What REST gives that is not JSON: the sound of a recording."""
        return await self._ask("GET", path, None)

    async def _ask(self, method: str, path: str, body: object) -> bytes:
        headers = {"Authorization": f"Bearer {self.card.api_token}"}
        async with (
            aiohttp.ClientSession(self.card.url, headers=headers) as session,
            session.request(method, f"/api/v1{path}", json=body) as response,
        ):
            content = await response.read()
            assert response.status < 400, f"{method} {path}: {response.status} {content[:1000]!r}"
            return content

    def rows(self, sql: str, *values: object) -> list[dict[str, Any]]:
        """From the product's database, read-only, beside the running product."""
        return rows_of(self._database_url, sql, *values)

    async def command(self, *argv: str, **more: str) -> tuple[int, str, str]:
        """`callwright …` beside the running product, on its home and database (and settings by keyword): exit code,
        stdout, stderr."""
        settings = {"CALLWRIGHT_HOME": str(self.home), "CALLWRIGHT_DATABASE_URL": self._database_url, **more}
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "callwright", *argv),
            cwd=ROOT,
            env={**os.environ, **settings},
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )
        out, err = await process.communicate()
        return process.returncode or 0, out.decode(), err.decode()

    async def asterisk(self, command: str) -> str:
        """Asterisk's own view, by its CLI."""
        return await asterisk.cli(Directories.under(self.home), command)


class Demo(Product):
    """`callwright demo`, as a visitor starts it."""

    def __init__(self, home: Path, *, arguments: Sequence[str] = ("--no-colleagues",)) -> None:
        command = ["demo", "--home", str(home), "--port-offset", str(free_port_offset()), *arguments]
        super().__init__(home, Running(command, log=home.with_suffix(".log"), environment={}))

    async def start(self) -> None:
        """Until `demo.json` is (newly) there and /readyz is green."""
        before = _written_at(self.home / "demo.json")
        await self._running.start()

        async def announced() -> bool:
            self._running.check_alive()
            return _written_at(self.home / "demo.json") not in (None, before)

        await eventually("demo.json", announced, limit_s=START_LIMIT_S)
        self._card = Card.read(self.home / "demo.json")
        await self.wait_until_ready()


class Served(Product):
    """`callwright serve` beside an Asterisk that was started for it, with the demo's world in its database."""

    def __init__(self, home: Path, card: Card, running: Together, *, database_url: str) -> None:
        super().__init__(home, running, database_url=database_url)
        self._card = card


_SPOKEN = ROOT / ".tools" / "spoken"


async def lend_prompts(home: Path) -> PromptReport:
    """All of them take half a minute to be spoken: a new home gets those of an earlier one (their words say which)."""
    async with alone(_SPOKEN.with_name(".spoken.lock")):
        report = await ensure_prompts(_SPOKEN, print)
    await _lend("sounds", home)
    return report


async def lend_sounds(home: Path) -> None:
    """Prompts, and what the demo's people say."""
    await lend_prompts(home)
    async with alone(_SPOKEN.with_name(".spoken.lock")):
        await Voices(_SPOKEN / "voices").prepare()
    await _lend("voices", home)


async def _lend(folder: str, home: Path) -> None:
    await asyncio.to_thread(shutil.copytree, _SPOKEN / folder, home / folder, dirs_exist_ok=True)


_lent: list[Path] = []
"""The database that was lent first."""


async def lend_world(home: Path) -> None:
    """The invented call centre takes seconds to be invented: a new home gets the one of this session's first."""
    if not _lent:
        born = Path(tempfile.mkdtemp(prefix="cw-world-"))
        atexit.register(shutil.rmtree, born, ignore_errors=True)
        async with foundation(load_settings(home=born), SystemClock(), upgrade=True) as ground:
            await build_world(ground.services, ground.clock)
        _lent.append(born / "callwright.db")
    make_home(home)
    await asyncio.to_thread(shutil.copy, _lent[0], home / "callwright.db")


async def get(url: str, path: str) -> tuple[int, Any]:
    """Status and content; status 0 and the reason when nobody listens."""
    async with aiohttp.ClientSession(url) as session:
        try:
            async with session.get(path) as response:
                return response.status, _parsed(await response.text())
        except aiohttp.ClientConnectionError as problem:
            return 0, str(problem)


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
async def running_demo(home: Path, *, arguments: Sequence[str] = ("--no-colleagues",)) -> AsyncIterator[Demo]:
    product = Demo(home, arguments=arguments)
    await lend_world(home)
    await lend_sounds(home)
    try:
        await product.start()
        yield product
    finally:
        await product.end()


@dataclass(frozen=True, slots=True, kw_only=True)
class ServedHouse:
    product: Served
    line: CuttableLine
    """Between our process and Asterisk."""
    processes: Mapping[str, Running]
    """By role."""
    health: Mapping[str, str]
    """Role -> the address of those that tell how they are without being the console."""
    second: SecondAsterisk | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SecondAsterisk:
    """One more that the same processes serve, with a home and a line of its own."""

    own: OwnAsterisk
    line: CuttableLine

    @property
    def sip(self) -> str:
        return f"127.0.0.1:{self.own.plan.ports.sip}"

    async def cli(self, command: str) -> str:
        return await asterisk.cli(self.own.plan.directories, command)

    async def kill(self) -> None:
        """As a power cut would end it."""
        await end_at_once(self.own.plan.directories)


@asynccontextmanager
async def _second(home: Path | None, floor: FloorPlan, first: OwnAsterisk) -> AsyncIterator[SecondAsterisk | None]:
    if home is None:
        yield None
        return
    ports = first.plan.ports
    with pytest.MonkeyPatch.context() as ours:
        ours.setenv(PREFIX_VARIABLE, str(asterisk_prefix()))
        own = await prepare(
            home,
            floor,
            print,
            port_offset=free_port_offset(),
            fastagi=Endpoint(host=ports.fastagi_host, port=ports.fastagi),
            name="hall-2",
        )
    await lend_sounds(home)
    await own.start(print)
    try:
        async with CuttableLine(own.plan.ports.ami) as line:
            yield SecondAsterisk(own=own, line=line)
    finally:
        await own.stop()


@asynccontextmanager
async def running_served(
    home: Path,
    *,
    database_url: str = "",
    redis_url: str = "",
    roles: Sequence[str] = ("all",),
    rtp_timeout_s: int | None = None,
    second_home: Path | None = None,
) -> AsyncIterator[ServedHouse]:
    """As in production: Asterisk on its own, `callwright serve` configured by its environment, a process a role.

    With a `second_home` there are two of them. A role may be there more than once: `telephony` and `telephony-2`."""
    offset = free_port_offset()
    settings = load_settings(home=home, database_url=database_url)
    if not database_url:
        await lend_world(home)
    async with foundation(settings, SystemClock(), upgrade=True) as ground:
        world = await build_world(ground.services, ground.clock)
        admin = await ground.services.users.by_login("admin")
        assert admin is not None
        token = (await ground.services.api_tokens.create("stories", admin.id)).token
        with pytest.MonkeyPatch.context() as ours:
            ours.setenv(PREFIX_VARIABLE, str(asterisk_prefix()))
            floor = await ground.services.floor_plans.load()
            own = await prepare(home, floor, print, port_offset=offset)
    if rtp_timeout_s is not None:
        own = replace(own, plan=replace(own.plan, rtp_timeout_s=rtp_timeout_s))
    await lend_sounds(home)
    await own.start(print)
    ports = own.plan.ports
    async with CuttableLine(ports.ami) as line, _second(second_home, floor, own) as second:
        lines = [(own.plan, line), *([(second.own.plan, second.line)] if second else [])]
        health = {role: f"127.0.0.1:{free_tcp_port()}" for role in roles if role not in ("console", "all")}
        environment = {
            "CALLWRIGHT_HOME": str(home),
            "CALLWRIGHT_DATABASE_URL": database_url,
            "CALLWRIGHT_REDIS_URL": redis_url,
            "CALLWRIGHT_HTTP": f"127.0.0.1:{8080 + offset}",
            "CALLWRIGHT_FASTAGI": own.fastagi,
            "CALLWRIGHT_AMI_HOSTS": ",".join(
                f"{plan.ami_user}:{plan.secrets.ami}@127.0.0.1:{one.port}" for plan, one in lines
            ),
            "CALLWRIGHT_CDR": ",".join(str(plan.directories.cdr / CDR_FILE) for plan, _ in lines),
            "CALLWRIGHT_SIP_WS_URL": ",".join(
                f"{plan.system_name}=ws://127.0.0.1:{plan.ports.http}/ws" for plan, _ in lines
            ),
        }
        processes = {
            role: Running(
                ["serve", "--role", role.partition("-")[0]],
                log=home.with_name(f"{home.name}-{role}.log"),
                environment={**environment, "CALLWRIGHT_HEALTH": health.get(role, ""), **_of_its_own(role, home)},
            )
            for role in roles
        }
        product = Served(
            home,
            Card(
                url=f"http://127.0.0.1:{8080 + offset}",
                sip=f"127.0.0.1:{ports.sip}",
                ami=own.ami_host,
                people={one.login: _person(one) for one in world.logins},
                dids=dict(world.dids),
                api_token=token,
            ),
            Together(tuple(processes.values())),
            database_url=database_url,
        )
        try:
            await product.start()
            yield ServedHouse(product=product, line=line, processes=processes, health=health, second=second)
        finally:
            await product.end()


def _of_its_own(role: str, home: Path) -> dict[str, str]:
    """What a second process of a role cannot share with the first."""
    return {"CALLWRIGHT_SPOOL": str(home / f"spool-{role}")} if "-" in role else {}


def _person(one: Login) -> Person:
    return Person(login=one.login, password=one.password, role=str(one.role), extension=one.extension)
