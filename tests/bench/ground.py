"""The ground every measurement stands on: a private Asterisk, a database with agents of our own, the product running.

The product is `callwright serve --role all` as a process of its own, with everything attached that a call centre has.
Its peer, stock app_queue, is reached on the same Asterisk through numbers that only this dialplan has.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import sys
import tempfile
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from pathlib import Path

import aiohttp

from callwright import asterisk
from callwright.floor import numbers, phones, safety_queues
from callwright.own_asterisk import DEFAULT_QUEUE, OwnAsterisk
from callwright.settings import load_settings
from crm_core.domain.floor import Did, DidTarget, Queue, Relaxation, RelaxationKind, Skill, Sticky
from crm_core.domain.overflow import Overflow, OverflowKind
from crm_core.domain.users import PhoneKind, Role
from crm_core.kernel.clock import SystemClock
from crm_core.kernel.ids import QueueKey, SkillKey, UserId
from crm_core.persistence.database import Database
from crm_core.services.bundle import Services, make_services
from ivr.prompts import prompts_folder
from tests.bench.keyed import KEYS_FLOW, keys_flow, put_key_prompts
from tests.support.asterisk import installed_asterisk
from tests.support.ports import free_tcp_port, free_udp_port
from tests.support.product import lend_sounds

OURS = "4009000"
"""Straight into our queue `bench`; the caller's 200 OK comes with the agent's answer."""
PEERS = "4009001"
"""The same agents by stock `Queue(cw-bench)`."""
MENU = "4009002"
"""Through the service hotline's menu into our queue `service`: the same agents."""
PEERS_RECORDED = "4009003"
"""Stock `MixMonitor` and `Queue(cw-bench)`."""
KEYS = "4009006"
"""A menu of ours in which each key leads to another prompt."""
PEERS_KEYS = "4009007"
"""The same prompts and keys as plain dialplan: `Background` and `WaitExten`."""
FIRST_CALLER = 900001
QUEUE, SERVICE = QueueKey("bench"), QueueKey(DEFAULT_QUEUE)
_ZH = SkillKey("zh")
RULED = Queue(
    key=QUEUE,
    names={"en": "Bench", "zh": "测速"},
    wrap_up_s=0,
    asks="zh >= 2 prefer zh >= 5",
    relaxing=(
        Relaxation(after_s=120, kind=RelaxationKind.LOWER, skill=_ZH, level=1),
        Relaxation(after_s=240, kind=RelaxationKind.WIDEN, queue=SERVICE),
    ),
    sticky=Sticky.OWNER,
    sticky_s=0,
    ageing_s=60,
    weight=2,
    crowd_s=5,
    max_waiting=5_000,
    max_wait_s=3_600,
    overflow=(Overflow(kind=OverflowKind.QUEUE, to=SERVICE),),
    place_back_s=120,
    misses_to_pause=3,
)
"""With every rule that decides who gets a call when: a wish with a preference, relaxation, whoever knows the customer,
ageing, weight, limits and a chain. What is said to those who wait is left out, as it is at the peer's."""
LANGUAGES = SkillKey("zh"), SkillKey("en")
PASSWORD = "bench-only-password"
READY_LIMIT_S = 30.0
SILENCE_S = 3600
"""Most telephones here send no sound, and are not to be taken for dead ones."""


@dataclass(frozen=True, slots=True)
class BenchAgent:
    id: UserId
    extension: str
    secret: str
    session: str
    """A session's token, for the cookie of his desk."""


@dataclass(frozen=True, slots=True)
class Ground:
    home: Path
    url: str
    token: str
    own: OwnAsterisk
    agents: tuple[BenchAgent, ...]
    watchers: tuple[str, ...]
    """Sessions of more desks that only listen."""
    pid: int

    @property
    def asterisk_pid(self) -> int:
        return int(self.own.plan.directories.pidfile.read_text(encoding="ascii"))

    @property
    def sip(self) -> tuple[str, int]:
        return "127.0.0.1", self.own.plan.ports.sip


@contextlib.asynccontextmanager
async def ground(agents: int, *, watchers: int, callers: int) -> AsyncIterator[Ground]:
    """`callers`: so many customers, called `Pop 900001` and so on after their number, are in the database."""
    with tempfile.TemporaryDirectory(prefix="cw-bench-") as folder:
        home = Path(folder)
        team, listening, token = await world(home, agents, watchers=watchers, callers=callers)
        own = await own_asterisk(home)
        try:
            async with _product(home, own) as (url, pid):
                yield Ground(home=home, url=url, token=token, own=own, agents=team, watchers=listening, pid=pid)
        finally:
            await own.stop()


async def set_state(ground: Ground, agent: BenchAgent, state: str) -> None:
    headers = {"Authorization": f"Bearer {ground.token}"}
    body = {"state": state, "reason": "bench"}
    async with (
        aiohttp.ClientSession(headers=headers) as api,
        api.post(f"{ground.url}/api/v1/agents/{agent.id}/state", json=body) as answer,
    ):
        if answer.status != 204:
            raise RuntimeError(f"agent {agent.extension}: {answer.status} {await answer.text()}")


async def world(
    home: Path, agents: int, *, watchers: int = 0, callers: int = 0, database_url: str = ""
) -> tuple[tuple[BenchAgent, ...], tuple[str, ...], str]:
    """Agents, sessions of those who only listen, and a token for REST."""
    database = Database(load_settings(home=home, database_url=database_url).database)
    await database.upgrade()
    try:
        services = make_services(database, SystemClock())
        plans = services.floor_plans
        for language in LANGUAGES:
            await plans.put_skill(Skill(key=language, names={"en": language, "zh": language}))
        await plans.put_queue(Queue(key=SERVICE, names={"en": "Service", "zh": "服务"}, wrap_up_s=0))
        await plans.put_queue(RULED)
        await plans.put_did(Did(number=OURS, target=DidTarget.QUEUE, to=QUEUE, answer=False))
        await plans.put_did(Did(number=MENU, target=DidTarget.IVR, to="main"))
        await services.flows.furnish(KEYS_FLOW, json.dumps(keys_flow()))
        await plans.put_did(Did(number=KEYS, target=DidTarget.IVR, to=KEYS_FLOW))
        team = [await _agent(services, 2000 + number) for number in range(1, agents + 1)]
        listening = [await _watcher(services, number) for number in range(watchers)]
        for number in range(FIRST_CALLER, FIRST_CALLER + callers):
            await services.customers.create(name=f"Pop {number}", number=f"1390{number:07}")
        admin = await services.users.create(login="bench", password=PASSWORD, name="Bench", role=Role.ADMIN)
        return tuple(team), tuple(listening), (await services.api_tokens.create("bench", UserId(admin.id))).token
    finally:
        await database.close()


async def _agent(services: Services, extension: int) -> BenchAgent:
    user = await services.users.create(
        login=f"bench{extension}",
        password=PASSWORD,
        name=f"Bench {extension}",
        extension=str(extension),
        phone_kind=PhoneKind.SIP,
        queues=[QUEUE, SERVICE],
        skills=dict.fromkeys(LANGUAGES, 5),
    )
    session = await services.sessions.start(user.id)
    return BenchAgent(id=user.id, extension=str(extension), secret=user.sip_secret, session=session)


async def _watcher(services: Services, number: int) -> str:
    user = await services.users.create(login=f"watcher{number}", password=PASSWORD, name=f"Watcher {number}")
    return await services.sessions.start(user.id)


async def own_asterisk(home: Path, *, database_url: str = "") -> OwnAsterisk:
    """Running, with the phones and queues of this world."""
    install = await installed_asterisk()
    database = Database(load_settings(home=home, database_url=database_url).database)
    floor = await make_services(database, SystemClock()).floor_plans.load()
    await database.close()
    plan = asterisk.AsteriskPlan.under(
        home,
        install,
        asterisk.load_or_make(home),
        ports=_free_ports(),
        agents=phones(floor),
        queues=safety_queues(floor),
        dids=numbers(floor),
        default_queue=SERVICE,
    )
    plan = replace(plan, rtp_timeout_s=SILENCE_S)
    await lend_sounds(home)
    await put_key_prompts(prompts_folder(home))
    own = OwnAsterisk(install=install, plan=plan)
    asterisk.render(plan)
    dialplan = plan.directories.etc / "extensions.conf"
    dialplan.write_text(
        dialplan.read_text() + _PEER_DIALPLAN.format(recordings=home / "peer", sounds=prompts_folder(home))
    )
    await asterisk.start(install, plan)
    return own


_TICK_S = 1 / os.sysconf("SC_CLK_TCK")


def cpu_s(pid: int) -> float:
    """The processor time this process and all its threads have taken so far, for itself and in the kernel."""
    fields = _stat(pid)
    return (int(fields[11]) + int(fields[12])) * _TICK_S


def runs(pid: int) -> bool:
    """Who has ended may still be in the list of processes (`Z`); he keeps nothing open when the last of his threads is
    gone as well."""
    try:
        return _stat(pid)[0] != "Z" or len(os.listdir(f"/proc/{pid}/task")) > 1
    except FileNotFoundError:
        return False


def _stat(pid: int) -> list[str]:
    return Path(f"/proc/{pid}/stat").read_text(encoding="ascii", errors="replace").rpartition(")")[2].split()


_PEER_DIALPLAN = f"""
[from-trunk](+)
exten => {PEERS},1,Gosub(peer-caller,s,1)
 same => n,Queue(cw-{QUEUE})
exten => {PEERS_RECORDED},1,Gosub(peer-caller,s,1)
 same => n,MixMonitor({{recordings}}/${{{{UNIQUEID}}}}.wav,b)
 same => n,Queue(cw-{QUEUE})

exten => {PEERS_KEYS},1,Gosub(peer-caller,s,1)
 same => n,Answer()
 same => n,Goto(peer-keys-one,s,1)

[peer-keys-one]
exten => s,1,Background({{sounds}}/zh/bench_one)
 same => n,WaitExten(5)
exten => 1,1,Goto(peer-keys-two,s,1)

[peer-keys-two]
exten => s,1,Background({{sounds}}/zh/bench_two)
 same => n,WaitExten(5)
exten => 1,1,Goto(peer-keys-one,s,1)

[peer-caller]
exten => s,1,Set(said=${{{{PJSIP_HEADER(read,From)}}}})
 same => n,Set(said=${{{{CUT(said,@,1)}}}})
 same => n,Set(CALLERID(num)=${{{{CUT(said,:,2)}}}})
 same => n,Return()
"""
"""Stock app_queue and a stock menu, and of the caller's number just enough to tell whose call an agent's phone is rung
for."""


def _free_ports() -> asterisk.Ports:
    return asterisk.Ports(
        sip=free_udp_port(),
        http=free_tcp_port(),
        ami=free_tcp_port(),
        fastagi=free_tcp_port(),
        rtp_first=40000,
        rtp_last=44999,
    )


def environment_of(home: Path, own: OwnAsterisk) -> dict[str, str]:
    """For a process of the product that lives here."""
    return {
        **{name: value for name, value in os.environ.items() if not name.startswith("CALLWRIGHT_")},
        "CALLWRIGHT_HOME": str(home),
        "CALLWRIGHT_AMI_HOSTS": own.ami_host,
        "CALLWRIGHT_FASTAGI": own.fastagi,
    }


@contextlib.asynccontextmanager
async def _product(home: Path, own: OwnAsterisk) -> AsyncIterator[tuple[str, int]]:
    http = f"127.0.0.1:{free_tcp_port()}"
    environment = {**environment_of(home, own), "CALLWRIGHT_HTTP": http}
    with (home / "product.log").open("wb") as log:
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "callwright", "serve", env=environment, stdout=log, stderr=log
        )
        try:
            await _ready(f"http://{http}", process, home / "product.log")
            yield f"http://{http}", process.pid
        finally:
            if process.returncode is None:
                process.terminate()
                await process.wait()


async def _ready(url: str, process: asyncio.subprocess.Process, log: Path) -> None:
    last = "no answer"
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(READY_LIMIT_S), aiohttp.ClientSession() as session:
            while process.returncode is None:
                with contextlib.suppress(aiohttp.ClientError):
                    async with session.get(f"{url}/readyz") as answer:
                        last = await answer.text()
                        if answer.status == 200:
                            return
                await asyncio.sleep(0.1)
    raise RuntimeError(f"the product did not become ready: {last}\n{log.read_text()[-3000:]}")
