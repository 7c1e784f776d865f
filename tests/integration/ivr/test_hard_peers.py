"""Peers that no FastAGI server should have to meet, over real sockets: slow, lying and half-dead ones, and thousands.

What is shown each time: the session ends within its limits and with its own code, nothing of it is left, and the caller
who comes next is served. (Silent peers, and simple breaches of the protocol: `test_server.py`. Real callers whose
prompts or flows are bad, and hear an apology: `test_on_asterisk.py`.)
"""

from __future__ import annotations

import asyncio
import contextlib
import gc
import json
import socket
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest

from ivr.fastagi.limits import Limits
from ivr.service import IvrServer
from tests.integration.ivr.peers import HEADERS, Peer, menu_server, peer
from tests.integration.ivr.test_server import QUICK, answer_all, until_free
from tests.support.limits import many_files
from tests.support.waiting import eventually

MANY = 2000


async def served(server: IvrServer) -> None:
    """The next caller goes through the whole menu."""
    async with peer(server) as line:
        await line.ask_for("main")
        assert (await answer_all(line))[-1].startswith('EXEC MSet "CW_LANG=')


async def ends_with(server: IvrServer, error: str) -> None:
    await eventually(f"{error} to be counted", lambda: server.stats().errors == {error: 1})
    await until_free(server)
    await served(server)
    await until_free(server)
    assert server.stats().errors == {error: 1}


# Slow -----------------------------------------------------------------------------------------------------------------


async def test_a_request_that_trickles_in_is_given_up_though_each_sign_comes_in_time() -> None:
    async with menu_server(limits=Limits(request_s=1.0)) as server, peer(server) as line:
        for sign in HEADERS.format(flow="main"):
            line.say(sign)
            await asyncio.sleep(0.02)
            if not server.stats().sessions_now and server.stats().errors:
                break
        await ends_with(server, "ivr.peer_silent")


async def test_answers_that_come_in_single_signs_are_answers_all_the_same() -> None:
    async with menu_server() as server, peer(server) as line:
        await line.ask_for("main")
        heard = []
        while command := await line.hear():
            heard.append(command)
            for sign in "200 result=50 endpos=800\n" if command.startswith("STREAM") else "200 result=0\n":
                line.say(sign)
                await asyncio.sleep(0)
        assert heard[-1].startswith("EXEC MSet")
        await until_free(server)
        assert server.stats().errors == {}


# Lying ----------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("says", "error"),
    [
        pytest.param(b"\x00\x01\xfe\xff garbage \xc3\x28\n" * 100, "ivr.peer_broken", id="garbage"),
        pytest.param(b"200 result=" + b"5" * 100_000 + b"\n", "ivr.peer_broken", id="an over-long line"),
        pytest.param(b"200 result=1 (" + b"x" * 100_000, "ivr.peer_broken", id="over-long without end"),
        pytest.param(b"200 result=1 (never closed\n" + b"more\n" * 1000, "ivr.peer_broken", id="a value without end"),
        pytest.param(b"100 Trying\n" * 1000, "ivr.peer_broken", id="progress for ever"),
        pytest.param(b"299 result=0\n404 Not Found\n999\n" * 100, "ivr.peer_broken", id="codes there are not"),
        pytest.param(b"520-Invalid\n" * 100, "ivr.peer_broken", id="usage without end"),
        pytest.param(b"200 result=0", "ivr.peer_silent", id="half a line, then nothing"),
        pytest.param(b"2", "ivr.peer_silent", id="one sign, then nothing"),
        pytest.param(b"\n" * 1000, "ivr.peer_broken", id="empty lines"),
    ],
)
@pytest.mark.parametrize("at", [0, 1, 3])
async def test_liars_are_found_out_at_any_command(says: bytes, error: str, at: int) -> None:
    limits = QUICK if error == "ivr.peer_silent" else None
    async with menu_server(limits=limits) as server, peer(server) as line:
        await line.ask_for("main")
        for _ in range(at):
            line.say("200 result=0\n" if not (await line.hear()).startswith("STREAM") else "200 result=0 endpos=8\n")
        await line.hear()
        line.say(says)
        assert await line.closed()
        await ends_with(server, error)


@pytest.mark.parametrize("answer", ["510 Invalid or unknown command", "520 End of proper usage.", "200 result=-1"])
async def test_whoever_refuses_everything_is_still_let_go_to_a_person(answer: str) -> None:
    """The caller is there (CHANNEL STATUS is honest), but nothing can be done for him: no prompt, no apology."""
    async with menu_server() as server, peer(server) as line:
        await line.ask_for("main")
        while command := await line.hear():
            line.say("200 result=6\n" if command == "CHANNEL STATUS" else f"{answer}\n")
        await until_free(server)
        assert set(server.stats().errors) <= {"ivr.command_failed", "ivr.command_refused", "ivr.step_untold"}
        await served(server)


async def test_keys_there_are_not_are_no_keys() -> None:
    """`result=7` is no key of a telephone."""
    async with menu_server() as server, peer(server) as line:
        await line.ask_for("main")
        while command := await line.hear():
            odd = command.startswith(("STREAM", "WAIT"))
            line.say("200 result=7 endpos=8\n" if odd else "200 result=0\n")
        await until_free(server)
        await served(server)


# Half-dead ------------------------------------------------------------------------------------------------------------


@contextlib.asynccontextmanager
async def deaf(server: IvrServer) -> AsyncIterator[socket.socket]:
    """Open, and never reads: with the smallest buffer there is."""
    line = socket.socket()
    line.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1)
    line.setblocking(False)
    try:
        await asyncio.get_running_loop().sock_connect(line, ("127.0.0.1", server.port))
        yield line
    finally:
        line.close()


async def test_a_peer_that_never_reads_is_let_go() -> None:
    async with menu_server(limits=QUICK) as server, deaf(server) as line:
        await asyncio.get_running_loop().sock_sendall(line, HEADERS.format(flow="main").encode())
        await ends_with(server, "ivr.peer_silent")


async def test_a_peer_that_floods_and_never_reads_is_held_back_and_let_go() -> None:
    """What it sends waits in its own buffers: the server reads no faster than it asks."""
    async with menu_server(limits=Limits(session_s=3.0, answer_s=1.5)) as server, deaf(server) as line:
        loop, sent = asyncio.get_running_loop(), 0
        await loop.sock_sendall(line, HEADERS.format(flow="main").encode())
        with contextlib.suppress(TimeoutError, OSError):
            async with asyncio.timeout(5):
                while server.stats().sessions_now and sent < 200_000_000:
                    await loop.sock_sendall(line, b"200 result=0\n" * 5000)
                    sent += 65_000
        assert sent < 200_000_000
        await until_free(server)
        await served(server)


async def test_half_closed_a_peer_is_a_closed_one() -> None:
    async with menu_server() as server:
        reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
        line = Peer(reader, writer)
        await line.ask_for("main")
        await line.hear()
        writer.write_eof()
        assert await line.closed()
        await ends_with(server, "ivr.peer_closed")
        writer.close()


# Hanging up and vanishing at any command ------------------------------------------------------------------------------


def vanish(line: Peer) -> None:
    line.abort()


def close(line: Peer) -> None:
    line.close()


def say_dead(line: Peer) -> None:
    line.say("511 Command Not Permitted on a dead channel or intercept routine\n")
    line.close()


def say_hangup(line: Peer) -> None:
    line.say("HANGUP\n")
    line.close()


@pytest.mark.parametrize("how", [vanish, close, say_dead, say_hangup])
async def test_gone_at_any_command_in_any_way(how: Callable[[Peer], None]) -> None:
    async def goes_after(server: IvrServer, commands: int) -> None:
        async with peer(server) as line:
            await line.ask_for("main")
            for _ in range(commands):
                if not (command := await line.hear()):
                    return
                line.say("200 result=50 endpos=800\n" if command.startswith("STREAM") else "200 result=0\n")
            how(line)

    async with menu_server() as server:
        await asyncio.gather(*(goes_after(server, commands) for commands in range(14)))
        await until_free(server)
        assert set(server.stats().errors) <= {"ivr.peer_closed"}
        await served(server)


# Thousands ------------------------------------------------------------------------------------------------------------


def resident_kb() -> int:
    gc.collect()
    found = next(line for line in Path("/proc/self/status").read_text().splitlines() if line.startswith("VmRSS"))
    return int(found.split()[1])


SHORT = {
    "start": "menu", "apology": "trouble", "error": "person", "languages": ["zh"],
    "nodes": {
        "menu": {"kind": "menu", "prompts": ["welcome"], "choices": {"2": "person"}, "exhausted": "person"},
        "person": {"kind": "queue"},
    },
}  # fmt: skip


async def test_two_thousand_at_once_are_all_served_and_leave_nothing(tmp_path: Path) -> None:
    """All of them stand in the menu at the same time before the first one is answered."""
    (tmp_path / "main.json").write_text(json.dumps(SHORT), encoding="utf-8")
    all_there, standing = asyncio.Event(), 0

    async def call(server: IvrServer) -> str:
        nonlocal standing
        async with peer(server) as line:
            await line.ask_for("main")
            first = await line.hear()
            standing += 1
            await all_there.wait()
            assert first.startswith("STREAM FILE")
            line.say("200 result=50 endpos=800\n")
            return (await answer_all(line))[-1]

    with many_files(2 * MANY + 200):
        patient = Limits(sessions=MANY, request_s=60, answer_s=60)
        async with menu_server(limits=patient, flows_in=tmp_path) as server:
            await served(server)
            before = resident_kb()
            calls = [asyncio.create_task(call(server)) for _ in range(MANY)]
            await eventually("all to be in the menu", lambda: standing == MANY, limit_s=60)
            grown = resident_kb() - before
            all_there.set()
            assert len(set(await asyncio.gather(*calls))) == 1
            await until_free(server)
            assert (server.stats().sessions_total, server.stats().errors) == (MANY + 1, {})
            assert grown / MANY < 200, "kB for both ends of a session"


async def test_two_thousand_who_say_nothing_keep_nobody_waiting() -> None:
    """As many as there is room for are in, more are sent on at once; when their time is over, callers are served."""
    with many_files(2 * MANY + 200):
        async with (
            menu_server(limits=Limits(sessions=500, request_s=1.5)) as server,
            contextlib.AsyncExitStack() as all_,
        ):
            lines = [await all_.enter_async_context(peer(server)) for _ in range(MANY)]
            await eventually("the surplus to be sent on", lambda: server.stats().errors.get("ivr.full", 0) > 0)
            await asyncio.gather(*(line.closed() for line in lines))
            await until_free(server)
            found = server.stats().errors
            assert found["ivr.full"] + found["ivr.peer_silent"] == MANY
            assert set(found) == {"ivr.full", "ivr.peer_silent"}
            await served(server)
