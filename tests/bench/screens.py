"""From Asterisk's own time stamp of `CwQueued` to the caller's name in the agent's page, with many desks connected.

The page is a real Chromium's; the other desks are websockets that read everything a browser would. The peer is a bare
websocket into the same page.
"""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import re
import statistics
import time
from collections.abc import AsyncIterator, Callable, Sequence

import aiohttp
from aiohttp import web
from aiohttp.test_utils import TestServer
from playwright.async_api import Page, async_playwright

from agent_console.middlewares import SESSION_COOKIE
from tests.bench.figures import Row, compared
from tests.bench.ground import FIRST_CALLER, OURS, Ground, set_state
from tests.bench.queues import Floor
from tests.support.browser import CHROMIUM

GOAL_MS = 100.0
FIRST_ECHO = 1
"""Numbers no caller has."""
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


_ECHO = """
(address) => new Promise((open) => {
  const place = document.body.appendChild(document.createElement('p'));
  const socket = new WebSocket(address);
  socket.onmessage = (message) => { place.textContent = message.data; };
  socket.onopen = open;
})
"""


async def pops(ground: Ground, floor: Floor, *, rounds: int, calls: int) -> list[str]:
    """Each round so many calls to the one agent whose page is watched, and as many bare messages to the same page."""
    others = ground.agents[1:]
    for agent in others:
        await set_state(ground, agent, "paused")
    sessions = [*ground.watchers, *(one.session for one in others)]
    ours: list[list[float]] = []
    peers: list[list[float]] = []
    async with listening(ground, sessions), _page(ground) as page, Echo().listening(len(sessions)) as echo:
        await page.evaluate(_ECHO, echo.address)
        numbers = iter(range(FIRST_CALLER, FIRST_CALLER + rounds * calls))
        for _ in range(rounds):
            popped, echoed = list[float](), list[float]()
            for _ in range(calls):
                popped.append(await _one_pop(ground, floor, page, next(numbers)))
                echoed.append(await _one_echo(echo, page))
            ours.append(popped)
            peers.append(echoed)
    for agent in others:
        await set_state(ground, agent, "ready")
    rows = []
    for share in (0.5, 0.95):
        found = compared(ours, peers, share)
        goal = f"≤ {GOAL_MS:g} ms" if share == 0.95 else ""
        met = statistics.median(found.ours) <= GOAL_MS
        what = f"caller enters the queue → his name on the agent's screen, {len(sessions) + 1} consoles, {found.label}"
        rows.append(Row(what, found.ours, found.peers, goal, met).cells())
    return rows


async def _one_pop(ground: Ground, floor: Floor, page: Page, number: int) -> float:
    """Seconds between the event in Asterisk and the change in the page."""
    caller = f"1390{number:07}"
    async with _queued(ground, caller) as stamped:
        dialog = floor.callers.call(caller, OURS)
        await asyncio.wait_for(dialog.answered.wait(), 10)
        at = await asyncio.wait_for(stamped, 5)
    popped = await _shown_at(page, number)
    floor.callers.hang_up(dialog)
    await asyncio.sleep(_GAP_S)
    return popped - at


async def _one_echo(echo: Echo, page: Page) -> float:
    number = next(echo.numbers)
    at = time.time()
    await echo.say(f"Pop {number}")
    return await _shown_at(page, number) - at


async def _shown_at(page: Page, number: int) -> float:
    shown = await page.wait_for_function("(key) => window.__popped[key]", arg=str(number), timeout=10_000)
    return float(await shown.json_value()) / 1000


class Echo:
    """The peer: as little of a live connection as there can be, with as many who listen."""

    def __init__(self) -> None:
        self.numbers = itertools.count(FIRST_ECHO)
        self.address = ""
        self._listeners: set[web.WebSocketResponse] = set()

    @contextlib.asynccontextmanager
    async def listening(self, listeners: int) -> AsyncIterator[Echo]:
        app = web.Application()
        app.router.add_get("/", self._join)
        async with TestServer(app, host="127.0.0.1") as server, contextlib.AsyncExitStack() as stack:
            self.address = str(server.make_url("/").with_scheme("ws"))
            client = await stack.enter_async_context(aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0)))
            for _ in range(listeners):
                socket = await stack.enter_async_context(client.ws_connect(self.address))
                stack.callback(asyncio.create_task(_read(socket)).cancel)
            yield self

    async def say(self, text: str) -> None:
        for socket in list(self._listeners):
            await socket.send_str(text)

    async def _join(self, request: web.Request) -> web.WebSocketResponse:
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        self._listeners.add(socket)
        try:
            async for _ in socket:
                pass
        finally:
            self._listeners.discard(socket)
        return socket


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
async def listening(
    ground: Ground, sessions: Sequence[str], told: Callable[[str], object] = lambda _: None
) -> AsyncIterator[None]:
    """Open desks of these people; `told` is given every message they get."""
    async with contextlib.AsyncExitStack() as stack:
        for session in sessions:
            client = await stack.enter_async_context(aiohttp.ClientSession(cookies={SESSION_COOKIE: session}))
            socket = await stack.enter_async_context(
                client.ws_connect(f"{ground.url}/live?screen=desk", headers={"Origin": ground.url})
            )
            stack.callback(asyncio.create_task(_read(socket, told)).cancel)
        yield


async def _read(socket: aiohttp.ClientWebSocketResponse, told: Callable[[str], object] = lambda _: None) -> None:
    async for message in socket:
        told(message.data)


@contextlib.asynccontextmanager
async def _page(ground: Ground) -> AsyncIterator[Page]:
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        context = await browser.new_context(
            viewport={"width": 1280, "height": 800},
            bypass_csp=True,  # the page would open no websocket but ours
        )
        await context.add_cookies([{"name": SESSION_COOKIE, "value": ground.agents[0].session, "url": ground.url}])
        page = await context.new_page()
        await page.add_init_script(_WATCH)
        await page.goto(f"{ground.url}/desk")
        await page.get_by_role("button", name=re.compile("Ready|Pause")).first.wait_for()
        try:
            yield page
        finally:
            await browser.close()
