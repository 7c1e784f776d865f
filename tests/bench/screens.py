"""From Asterisk's own time stamp of `CwQueued` to the caller's name in the agent's page, with many desks connected.

The page is a real Chromium's; the other desks are websockets that read everything a browser would.
"""

from __future__ import annotations

import asyncio
import contextlib
import re
import statistics
from collections.abc import AsyncIterator

import aiohttp
from playwright.async_api import Page, async_playwright

from agent_console.middlewares import SESSION_COOKIE
from tests.bench.figures import Row, percentile
from tests.bench.ground import FIRST_CALLER, OURS, Ground, set_state
from tests.bench.queues import Floor
from tests.support.browser import CHROMIUM

GOAL_MS = 100.0
_GAP_S = 0.6

_WATCH = """
window.__popped = {};
new MutationObserver((changes) => {
  const now = Date.now();
  for (const change of changes) {
    for (const found of (change.target.textContent || '').matchAll(/Pop (\\d+)/g)) {
      window.__popped[found[1]] ??= now;
    }
  }
}).observe(document, { subtree: true, childList: true, characterData: true });
"""


async def pops(ground: Ground, floor: Floor, *, rounds: int, calls: int) -> list[str]:
    """Each round so many calls to the one agent whose page is watched."""
    others = ground.agents[1:]
    for agent in others:
        await set_state(ground, agent, "paused")
    delays: list[list[float]] = []
    async with _listening(ground, [*ground.watchers, *(one.session for one in others)]), _page(ground) as page:
        numbers = iter(range(FIRST_CALLER, FIRST_CALLER + rounds * calls))
        for _ in range(rounds):
            one_round = [await _one_pop(ground, floor, page, next(numbers)) for _ in range(calls)]
            delays.append(one_round)
    for agent in others:
        await set_state(ground, agent, "ready")
    consoles = len(ground.watchers) + len(others) + 1
    rows = []
    for share in (0.5, 0.95):
        ours = [percentile(one, share) for one in delays]
        goal = f"≤ {GOAL_MS:g} ms" if share == 0.95 else ""
        met = statistics.median(ours) <= GOAL_MS
        what = f"caller enters the queue → his name on the agent's screen, {consoles} consoles, p{share * 100:g}"
        rows.append(Row(what, ours, [], goal, met).cells())
    return rows


async def _one_pop(ground: Ground, floor: Floor, page: Page, number: int) -> float:
    """Milliseconds between the event in Asterisk and the change in the page."""
    caller = f"1390{number:07}"
    async with _queued(ground, caller) as stamped:
        dialog = floor.callers.call(caller, OURS)
        await asyncio.wait_for(dialog.answered.wait(), 10)
        at = await asyncio.wait_for(stamped, 5)
    shown = await page.wait_for_function("(key) => window.__popped[key]", arg=str(number), timeout=10_000)
    popped = float(await shown.json_value())
    floor.callers.hang_up(dialog)
    await asyncio.sleep(_GAP_S)
    return popped - at * 1000


@contextlib.asynccontextmanager
async def _queued(ground: Ground, caller: str) -> AsyncIterator[asyncio.Future[float]]:
    """Asterisk's time (epoch seconds) of this caller's CwQueued, heard on a manager session of our own."""
    plan = ground.own.plan
    reader, writer = await asyncio.open_connection("127.0.0.1", plan.ports.ami)
    writer.write(f"Action: Login\r\nUsername: {plan.ami_user}\r\nSecret: {plan.secrets.ami}\r\n\r\n".encode())
    await _until(reader, b"Message: Authentication accepted")
    stamped: asyncio.Future[float] = asyncio.get_running_loop().create_future()
    task = asyncio.create_task(_hear(reader, caller, stamped))
    try:
        yield stamped
    finally:
        task.cancel()
        writer.close()


async def _until(reader: asyncio.StreamReader, line: bytes) -> None:
    while line not in await reader.readline():
        pass


async def _hear(reader: asyncio.StreamReader, caller: str, stamped: asyncio.Future[float]) -> None:
    while not stamped.done():
        text = (await reader.readuntil(b"\r\n\r\n")).decode("utf-8", "replace")
        if "UserEvent: CwQueued" in text and f"CallerIDNum: {caller}" in text:
            found = re.search(r"^Timestamp: ([\d.]+)", text, re.M)
            if found:
                stamped.set_result(float(found.group(1)))


@contextlib.asynccontextmanager
async def _listening(ground: Ground, sessions: list[str]) -> AsyncIterator[None]:
    async with contextlib.AsyncExitStack() as stack:
        for session in sessions:
            client = await stack.enter_async_context(aiohttp.ClientSession(cookies={SESSION_COOKIE: session}))
            socket = await stack.enter_async_context(
                client.ws_connect(f"{ground.url}/live?screen=desk", headers={"Origin": ground.url})
            )
            stack.callback(asyncio.create_task(_read(socket)).cancel)
        yield


async def _read(socket: aiohttp.ClientWebSocketResponse) -> None:
    async for _ in socket:
        pass


@contextlib.asynccontextmanager
async def _page(ground: Ground) -> AsyncIterator[Page]:
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        context = await browser.new_context(viewport={"width": 1280, "height": 800})
        await context.add_cookies([{"name": SESSION_COOKIE, "value": ground.agents[0].session, "url": ground.url}])
        page = await context.new_page()
        await page.add_init_script(_WATCH)
        await page.goto(f"{ground.url}/desk")
        await page.get_by_role("button", name=re.compile("Ready|Pause")).first.wait_for()
        try:
            yield page
        finally:
            await browser.close()
