"""Another system over real HTTP: what it answers, refuses, and how it misbehaves."""

from __future__ import annotations

import asyncio
import gzip
import socket
import threading
from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from callwright.elsewhere import MOST_BYTES, Elsewhere
from ivr.errors import NotAnswered
from ivr.flow.asked import Answered, Fetch, Method
from tests.support.ports import free_tcp_port

TAKE = {"state": "order.state"}


async def _order(request: web.Request) -> web.Response:
    return web.json_response({"order": {"state": request.match_info["order"]}})


async def _check(request: web.Request) -> web.Response:
    right = await request.json() == {"PIN": "8642"}
    return web.json_response({"order": {"state": "known"}}) if right else web.Response(status=403)


async def _known(request: web.Request) -> web.Response:
    return web.json_response({}) if request.headers.get("X-Key") == "s3cret" else web.Response(status=401)


async def _odd(request: web.Request) -> web.Response:
    match request.match_info["how"]:
        case "moved":
            raise web.HTTPFound("/orders/7")
        case "broken":
            return web.Response(status=500)
        case "words":
            return web.Response(text="<html>")
        case "deep":
            return web.Response(text="[" * 50_000)
        case "bomb":
            packed = gzip.compress(b" " * 20_000_000 + b"{}")
            return web.Response(body=packed, headers={"Content-Encoding": "gzip"})
        case "long":
            return web.Response(text='"' + "x" * MOST_BYTES + '"')
        case _:
            return web.Response(status=204)


@pytest.fixture
async def server() -> AsyncIterator[TestServer]:
    app = web.Application()
    routes = [
        web.get("/orders/{order}", _order),
        web.post("/check", _check),
        web.get("/known", _known),
        web.get("/odd/{how}", _odd),
    ]
    app.add_routes(routes)
    async with TestServer(app, host="127.0.0.1") as running:
        yield running


def fetch(server: TestServer, path: str) -> Fetch:
    return Fetch(method=Method.GET, address=f"http://127.0.0.1:{server.port}{path}", take=TAKE)


@pytest.fixture
def elsewhere(server: TestServer) -> Elsewhere:
    return Elsewhere([f"127.0.0.1:{server.port}"])


async def test_what_it_answers(server: TestServer, elsewhere: Elsewhere) -> None:
    answer = await elsewhere.fetch(fetch(server, "/orders/a%2Fb%2E%2E"))
    assert answer == Answered(way="answered", values={"state": "a/b.."})
    assert await elsewhere.fetch(fetch(server, "/odd/empty")) == Answered(way="answered", values={"state": ""})


async def test_it_knows_us_by_its_key_and_nobody_else_is_told_it(server: TestServer) -> None:
    host = f"127.0.0.1:{server.port}"
    for knows, way in ((host, "answered"), ("crm.example.com", "refused")):
        asking = Elsewhere([host, "crm.example.com"], {knows: ("X-Key", "s3cret")})
        assert (await asking.fetch(fetch(server, "/known"))).way == way


@pytest.mark.parametrize(("pin", "way"), [("8642", "answered"), ("1", "refused")])
async def test_what_it_is_told(server: TestServer, elsewhere: Elsewhere, pin: str, way: str) -> None:
    address = f"http://127.0.0.1:{server.port}/check"
    asked = Fetch(method=Method.POST, address=address, take=TAKE, body={"PIN": pin})
    assert (await elsewhere.fetch(asked)).way == way


async def test_what_is_not_there_is_refused(server: TestServer, elsewhere: Elsewhere) -> None:
    assert await elsewhere.fetch(fetch(server, "/gone")) == Answered(way="refused")


@pytest.mark.parametrize("how", ["moved", "broken", "words", "deep", "long", "bomb"])
async def test_how_it_misbehaves(server: TestServer, elsewhere: Elsewhere, how: str) -> None:
    with pytest.raises(NotAnswered) as told:
        await elsewhere.fetch(fetch(server, f"/odd/{how}"))
    assert "/odd" not in str(told.value)


async def test_nobody_is_there() -> None:
    host = f"127.0.0.1:{free_tcp_port()}"
    with pytest.raises(NotAnswered, match=host):
        await Elsewhere([host]).fetch(Fetch(method=Method.GET, address=f"http://{host}/x", take={}))


@pytest.mark.parametrize("hosts", [[], ["127.0.0.1"], ["localhost"]])
async def test_a_host_that_was_not_allowed_is_not_asked(server: TestServer, hosts: list[str]) -> None:
    with pytest.raises(NotAnswered, match="CALLWRIGHT_MENU_HOSTS"):
        await Elsewhere(hosts).fetch(fetch(server, "/orders/1"))


async def test_a_name_is_looked_up(server: TestServer) -> None:
    host = f"localhost:{server.port}"
    asked = Fetch(method=Method.GET, address=f"http://{host}/orders/7", take=TAKE)
    assert (await Elsewhere([host]).fetch(asked)).values == {"state": "7"}


async def test_a_name_server_that_does_not_answer_keeps_no_thread_of_the_house(monkeypatch: pytest.MonkeyPatch) -> None:
    loop, asked, go_on = asyncio.get_running_loop(), asyncio.Event(), threading.Event()

    def hangs(*_: Any, **__: Any) -> Any:
        loop.call_soon_threadsafe(asked.set)
        go_on.wait()
        raise socket.gaierror

    monkeypatch.setattr(socket, "getaddrinfo", hangs)
    loop.set_default_executor(ThreadPoolExecutor(max_workers=1))
    crm = Fetch(method=Method.GET, address="http://crm.example.com/x", take={})
    fetching = asyncio.create_task(Elsewhere(["crm.example.com"]).fetch(crm))
    try:
        await asked.wait()
        async with asyncio.timeout(10):
            await asyncio.to_thread(int)
    finally:
        go_on.set()
    with pytest.raises(NotAnswered):
        await fetching
