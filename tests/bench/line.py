"""The live line to Asterisk: what its events cost us beside a minimal client, and how soon we know everything again
after it was cut with many calls going on. On an Asterisk without the rest of the product.
"""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import json
import statistics
import sys
import tempfile
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from pathlib import Path

from callwright.asterisk.plan import Ports
from crm_core.domain.floor import FloorPlan
from crm_core.kernel.clock import SystemClock
from crm_core.runtime.in_process_bus import InProcessBus
from cti.ami.session import Patience
from cti.events import LinkUp
from cti.telephony import AmiEndpoint, Telephony
from tests.bench.figures import Row, median_ratio
from tests.bench.sip import Dialog, UserAgent
from tests.support.asterisk import PrivateAsterisk, private_asterisk
from tests.support.cuttable import CuttableLine
from tests.support.ports import free_port_offset
from tests.support.product import ROOT

NUMBER = "4009005"
"""To a phone outside, which answers at once."""
PACE, CALL_S = 40.0, 0.5
LIVE_GOAL, RESYNC_GOAL_MS = 1.25, 1000.0
LIVE_CALLS, ANSWER_LIMIT_S = 500, 30
RTP_FIRST, RTP_LAST = 40000, 44999
"""Four ports a call, and room for strangers: with just enough, one taken by another process refuses one call."""


@dataclass(frozen=True, slots=True)
class Ground:
    asterisk: PrivateAsterisk
    caller: UserAgent
    answerer: UserAgent

    @property
    def endpoint(self) -> AmiEndpoint:
        plan = self.asterisk.plan
        return AmiEndpoint(host="127.0.0.1", port=plan.ports.ami, user=plan.ami_user, secret=plan.secrets.ami)


async def rows(rounds: int, *, quick: bool) -> list[str]:
    async with _ground() as here:
        told = await _live(here, rounds, seconds=5.0 if quick else 15.0)
        return [*told, await _resync(here, rounds)]


@contextlib.asynccontextmanager
async def _ground() -> AsyncIterator[Ground]:
    with tempfile.TemporaryDirectory(prefix="cw-line-") as folder:
        ports = replace(Ports().moved(free_port_offset()), rtp_first=RTP_FIRST, rtp_last=RTP_LAST)
        async with private_asterisk(Path(folder), ports=ports) as asterisk:
            sip = ("127.0.0.1", asterisk.plan.ports.sip)
            caller = await UserAgent(user="caller", server=sip).open()
            answerer = await UserAgent(user="outside", server=sip).open()
            dialplan = asterisk.plan.directories.etc / "extensions.conf"
            dialplan.write_text(dialplan.read_text() + _DIALPLAN.format(port=answerer.port))
            await asterisk.cli("dialplan reload")
            try:
                yield Ground(asterisk, caller, answerer)
            finally:
                caller.close()
                answerer.close()


_DIALPLAN = f"""
[from-trunk](+)
exten => {NUMBER},1,Gosub(cw-arrive,s,1(${{{{EXTEN}}}},en))
 same => n,Dial(PJSIP/trunk/sip:outside@127.0.0.1:{{port}},30)
"""


# --- what an event costs


async def _live(here: Ground, rounds: int, *, seconds: float) -> list[str]:
    """Both are attached all the time and hear the same."""
    ours: list[float] = []
    peers: list[float] = []
    async with _client(here, "ours") as our_client, _client(here, "peer") as peer_client:
        for number in range(rounds + 1):
            print(f"live line: round {number} of {rounds}", file=sys.stderr)
            before = [await _asked(one) for one in (our_client, peer_client)]
            await _calls(here, seconds)
            after = [await _asked(one) for one in (our_client, peer_client)]
            events = after[1]["heard"] - before[1]["heard"]
            costs = [(new["cpu_s"] - old["cpu_s"]) / events * 1e6 for old, new in zip(before, after, strict=True)]
            if number:
                ours.append(costs[0])
                peers.append(costs[1])
    met = median_ratio(ours, peers) <= LIVE_GOAL
    label = f"{PACE:g} calls/s: processor time of line and tracking beside a minimal client, µs an event"
    return [Row(label, ours, peers, f"≤ {LIVE_GOAL} ×", met).cells()]


@contextlib.asynccontextmanager
async def _client(here: Ground, kind: str) -> AsyncIterator[asyncio.subprocess.Process]:
    plan = here.asterisk.plan
    client = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "tests.bench.live", kind, str(plan.ports.ami), plan.ami_user),
        cwd=ROOT,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
    )
    assert client.stdin is not None
    client.stdin.write(f"{plan.secrets.ami}\n".encode())
    try:
        await _asked(client)
        yield client
    finally:
        client.stdin.close()
        await client.wait()


async def _asked(client: asyncio.subprocess.Process) -> dict[str, float]:
    assert client.stdin is not None
    assert client.stdout is not None
    client.stdin.write(b"?\n")
    answer: dict[str, float] = json.loads(await asyncio.wait_for(client.stdout.readline(), 20))
    return answer


_numbers = itertools.count(800001)


async def _calls(here: Ground, seconds: float) -> None:
    """At an even pace, each with an answer and a short conversation."""
    async with asyncio.TaskGroup() as calls:
        for _ in range(int(PACE * seconds)):
            calls.create_task(_one_call(here))
            await asyncio.sleep(1 / PACE)
    await asyncio.sleep(0.5)


async def _one_call(here: Ground) -> None:
    dialog = here.caller.call(str(next(_numbers)), NUMBER)
    with contextlib.suppress(TimeoutError):
        await asyncio.wait_for(dialog.answered.wait(), 10)
        await asyncio.sleep(CALL_S)
    here.caller.hang_up(dialog)


# --- how soon we know everything again


class Stamped(CuttableLine):
    """Knows when somebody connected last."""

    joined_at = 0.0

    async def _join(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.joined_at = time.perf_counter()
        await super()._join(reader, writer)


async def _resync(here: Ground, rounds: int) -> str:
    """From the moment the line stands again to the moment the switchboard has made all good."""
    dialogs = await _many_calls(here)
    took: list[float] = []
    endpoint = here.endpoint
    async with Stamped(endpoint.port) as line:
        links = [AmiEndpoint(host="127.0.0.1", port=line.port, user=endpoint.user, secret=endpoint.secret)]
        async with _telephony(here, links) as (telephony, ups):
            await ups.get()
            for number in range(rounds):
                print(f"resync: round {number + 1} of {rounds}", file=sys.stderr)
                await line.cut()
                await asyncio.sleep(0.2)
                await line.mend()
                known_at = await asyncio.wait_for(ups.get(), 30)
                took.append((known_at - line.joined_at) * 1000)
                known = len(telephony.look().calls)
                if known < len(dialogs):
                    raise RuntimeError(f"of {len(dialogs)} calls only {known} are known again")
                await asyncio.sleep(1)
    for dialog in dialogs:
        here.caller.hang_up(dialog)
    await asyncio.gather(*(dialog.ended.wait() for dialog in dialogs))
    met = statistics.median(took) <= RESYNC_GOAL_MS
    label = f"the line stands again after a cut → {len(dialogs)} live calls known again"
    return Row(label, took, [], f"≤ {RESYNC_GOAL_MS:g} ms", met).cells()


async def _many_calls(here: Ground) -> list[Dialog]:
    dialogs = []
    for _ in range(LIVE_CALLS):
        dialogs.append(here.caller.call(str(next(_numbers)), NUMBER))
        await asyncio.sleep(0.02)
    await asyncio.gather(*map(_taken, dialogs))
    return dialogs


async def _taken(dialog: Dialog) -> None:
    """Until it is answered. A call that is refused never will be."""
    ends = [asyncio.create_task(one.wait()) for one in (dialog.answered, dialog.ended)]
    await asyncio.wait(ends, timeout=ANSWER_LIMIT_S, return_when=asyncio.FIRST_COMPLETED)
    for end in ends:
        end.cancel()
    if not dialog.answered.is_set():
        said = f"Asterisk said {dialog.status}" if dialog.status else "Asterisk said nothing"
        raise RuntimeError(f"the call of {dialog.number} was not answered: {said}")


@contextlib.asynccontextmanager
async def _telephony(here: Ground, links: list[AmiEndpoint]) -> AsyncIterator[tuple[Telephony, asyncio.Queue[float]]]:
    """Ours, and when it said each time that the line is up."""
    ups: asyncio.Queue[float] = asyncio.Queue()
    bus = InProcessBus()

    async def empty_floor() -> FloorPlan:
        return FloorPlan(agents=(), skills=(), queues=(), dids=(), departments=())

    async def listen() -> None:
        async with bus.subscribe(LinkUp) as told:
            async for _ in told:
                ups.put_nowait(time.perf_counter())

    telephony = Telephony(
        bus,
        SystemClock(),
        links=links,
        load_floor=empty_floor,
        recordings_dir=here.asterisk.plan.directories.recordings,
        patience=Patience(),
    )
    listening = asyncio.create_task(listen())
    await asyncio.sleep(0)
    try:
        async with telephony:
            yield telephony, ups
    finally:
        listening.cancel()
        await bus.close()
