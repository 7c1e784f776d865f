"""One soak from the first call to the report: people call, faults happen, everybody finishes, accounts are compared."""

from __future__ import annotations

import asyncio
import contextlib
import json
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Coroutine
from dataclasses import dataclass
from pathlib import Path

import aiohttp

from tests.soak.accounts import read_accounts, reconcile
from tests.soak.chaos import Chaos
from tests.soak.house import House, running_house
from tests.soak.memory import Watch
from tests.soak.phones import Agent, Callers
from tests.soak.plan import caller, faults
from tests.soak.report import Report
from tests.soak.sound import Voices
from tests.soak.verdict import verdict

REGISTER_EVERY_S = 60.0
TEND_EVERY_S = 2.0
FINISH_LIMIT_S = 240.0
"""For the last callers: the most patient and then some."""
SETTLE_LIMIT_S = 90.0
"""For the log to take what it has not taken yet, and for what nobody heard to be found in Asterisk's account …"""
STILL_S = 40.0
"""… unless nothing moves for so long."""
KEEP_RECORDINGS_S = 60.0
"""The small disk must not fill by itself."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    length_s: float
    rate: float
    """Calls a second."""
    fault_every_s: float
    seed: int
    command: str = ""

    @property
    def agents(self) -> int:
        """So many that on a day without faults somebody is free: a call keeps one for seven seconds or so."""
        return max(6, round(self.rate * 10))


async def soak(plan: Plan, keep: Path | None = None) -> Report:
    """`keep`: a folder for the report's JSON and what every phone saw."""
    with tempfile.TemporaryDirectory(prefix="cw-soak-", ignore_cleanup_errors=True) as folder, Voices() as voices:
        async with running_house(Path(folder), plan.agents) as house:
            callers = Callers(house.sip, voices)
            await callers.phone.open()
            team = [
                Agent(one.extension, one.secret, server=house.sip, callers=callers, voices=voices, seed=plan.seed)
                for one in house.agents
            ]
            for agent in team:
                await agent.phone.open()
            try:
                report = await _Soak(plan, house, callers, team).run()
            finally:
                for phone in (callers.phone, *(agent.phone for agent in team)):
                    phone.close()
            if keep is not None:
                _keep(keep, report, callers, house)
            return report


class _Soak:
    def __init__(self, plan: Plan, house: House, callers: Callers, team: list[Agent]) -> None:
        self._plan, self._house, self._callers, self._team = plan, house, callers, team
        self._may_call = asyncio.Event()
        self._may_call.set()
        self._watch = Watch(house.pids)
        self._chaos = Chaos(house, hold=self._hold, phones_return=self._register_all)

    async def run(self) -> Report:
        await self._register_all()
        async with _beside(self._tend(), self._register_again(), self._watch.run(), self._tidy()):
            await self._all_ready()
            await self._calls_and_faults()
            await self._house.wait_until_ready()
            await self._settled()
        return await self._report()

    def _hold(self, hold: bool) -> None:
        if hold:
            self._may_call.clear()
        else:
            self._may_call.set()

    # --- the calls

    async def _calls_and_faults(self) -> None:
        plan = self._plan
        todo = faults(plan.seed, length_s=plan.length_s, every_s=plan.fault_every_s)
        calls: set[asyncio.Task[None]] = set()
        chaos = asyncio.create_task(self._chaos.run(todo))
        try:
            await self._offer(calls, chaos)
            await chaos
            print(f"no more calls; {len(calls)} are still going on", file=sys.stderr)
            if calls:
                await asyncio.wait(calls, timeout=FINISH_LIMIT_S)
        finally:
            await _stopped(chaos, *calls)

    async def _offer(self, calls: set[asyncio.Task[None]], chaos: asyncio.Task[None]) -> None:
        """At an even pace until the time is over and the last fault is mended."""
        loop, plan = asyncio.get_running_loop(), self._plan
        end, number = loop.time() + plan.length_s, 0
        while loop.time() < end or not chaos.done():
            await self._may_call.wait()
            number += 1
            call = loop.create_task(self._callers.call(caller(plan.seed, number)))
            calls.add(call)
            call.add_done_callback(calls.discard)
            await asyncio.sleep(1 / plan.rate)

    # --- the people's small duties

    async def _register_all(self) -> None:
        for agent in self._team:
            await _registered(agent)

    async def _register_again(self) -> None:
        while True:
            for agent in self._team:
                await asyncio.sleep(REGISTER_EVERY_S / len(self._team))
                await _registered(agent)

    async def _tend(self) -> None:
        """Who missed a call, or was set aside by a fault, presses "Ready" again, as soon as his desk answers."""
        async with aiohttp.ClientSession(
            self._house.url,
            headers={"Authorization": f"Bearer {self._house.token}"},
            timeout=aiohttp.ClientTimeout(total=10),
        ) as api:
            while True:
                with contextlib.suppress(aiohttp.ClientError, TimeoutError, ValueError, KeyError):
                    await self._tend_once(api)
                await asyncio.sleep(TEND_EVERY_S)

    async def _tend_once(self, api: aiohttp.ClientSession) -> None:
        async with api.get("/api/v1/floor") as answer:
            floor = await answer.json()
        for row in floor["agents"]:
            if row["state"] in ("offline", "paused"):
                async with api.post(f"/api/v1/agents/{row['agent']}/state", json={"state": "ready"}):
                    pass
        self._ready = sum(row["state"] == "ready" for row in floor["agents"])

    _ready = 0

    async def _all_ready(self) -> None:
        async with asyncio.timeout(60):
            while self._ready < len(self._team):
                await asyncio.sleep(0.2)

    async def _tidy(self) -> None:
        """Recordings are kept for a minute: the disk is small on purpose."""
        while True:
            await asyncio.sleep(KEEP_RECORDINGS_S / 4)
            for file in (self._house.home / "recordings").glob("*.wav"):
                with contextlib.suppress(OSError):
                    if time.time() - file.stat().st_mtime > KEEP_RECORDINGS_S:
                        file.unlink()

    # --- the end

    async def _settled(self) -> None:
        """Until nothing is open any more, or what is has not changed for a while."""
        began = still = time.monotonic()
        open_before: set[str] | None = None
        while time.monotonic() < began + SETTLE_LIMIT_S and time.monotonic() < still + STILL_S:
            now_open = (await asyncio.to_thread(read_accounts, self._house)).open
            if not now_open:
                return
            if now_open != open_before:
                open_before, still = now_open, time.monotonic()
            await asyncio.sleep(1)

    async def _report(self) -> Report:
        """What ended while nobody of ours heard it the product has entered by itself; nobody helps it."""
        plan, done = self._plan, tuple(self._chaos.done)
        reconciled = await reconcile(self._house)
        accounts = await asyncio.to_thread(read_accounts, self._house)
        return Report(
            command=plan.command,
            seed=plan.seed,
            length_s=plan.length_s,
            rate=plan.rate,
            asterisk=self._house.own.plan.version,
            verdict=verdict(self._callers.seen, accounts, done),
            done=done,
            memory=tuple(self._watch.courses()),
            reconciled=reconciled,
            unheard=sum(call.unheard for call in accounts.log.values()),
        )


async def _registered(agent: Agent) -> None:
    """An Asterisk that is away just now is asked again at the next turn."""
    with contextlib.suppress(TimeoutError, ConnectionError):
        await agent.phone.register(expires=300)


@contextlib.asynccontextmanager
async def _beside(*works: Coroutine[None, None, None]) -> AsyncIterator[None]:
    """These go on as long as the block; one that fails is told of at its end."""
    tasks = [asyncio.create_task(work) for work in works]
    try:
        yield
    finally:
        await _stopped(*tasks)


async def _stopped(*tasks: asyncio.Task[None]) -> None:
    for task in tasks:
        task.cancel()
    for result in await asyncio.gather(*tasks, return_exceptions=True):
        if isinstance(result, Exception):
            raise result


def _keep(folder: Path, report: Report, callers: Callers, house: House) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "report.json").write_text(report.as_json(), encoding="utf-8")
    (folder / "report.md").write_text(report.as_markdown() + "\n", encoding="utf-8")
    seen = [call.as_json() for call in callers.seen]
    (folder / "phones.json").write_text(json.dumps(seen, indent=1), encoding="utf-8")
    for file in (house.cdr, house.own.plan.directories.messages, *(part.log for part in house.parts.values())):
        if file.exists():
            (folder / file.name).write_bytes(file.read_bytes())
