"""What a stranger gets wrong on his first day: each mistake is answered with one sentence that says what to do."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import socket
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.support.asterisk import PrivateAsterisk, given_asterisk, private_asterisk
from tests.support.databases import RedisServer
from tests.support.fake_asterisk import FakeAsterisk
from tests.support.ports import free_port_offset, free_tcp_port
from tests.support.product import Running, get, lend_sounds
from tests.support.waiting import eventually

pytestmark = pytest.mark.story


def _callwright(folder: Path, *arguments: str, **environment: str) -> Running:
    return Running(
        list(arguments),
        log=folder / "said.log",
        environment={f"CALLWRIGHT_{name}": value for name, value in environment.items()},
    )


async def _refuses(running: Running, *words: str, limit_s: float = 60.0) -> None:
    """It ends by itself with an error that names these words, and shows no traceback."""
    await running.start()
    code = await running.wait(limit_s=limit_s)
    said = running.said
    assert code in (1, 2), said
    assert "Traceback" not in said, said
    last = said.strip().splitlines()[-1]
    assert last.startswith("callwright: "), said
    for word in words:
        assert word in said, said


@contextlib.contextmanager
def _taken(kind: socket.SocketKind, port: int) -> Iterator[None]:
    with socket.socket(socket.AF_INET, kind) as holder:
        if kind is socket.SOCK_STREAM:
            holder.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # whoever had it a minute ago does not matter
        holder.bind(("127.0.0.1", port))
        if kind is socket.SOCK_STREAM:
            holder.listen()
        yield


@pytest.mark.parametrize(
    ("kind", "port"),
    [
        (socket.SOCK_STREAM, 8080),
        (socket.SOCK_DGRAM, 5060),
        (socket.SOCK_STREAM, 8088),
        (socket.SOCK_STREAM, 5038),
        (socket.SOCK_STREAM, 4573),
    ],
    ids=["console", "sip", "websocket", "ami", "fastagi"],
)
async def test_a_port_is_taken(tmp_path: Path, kind: socket.SocketKind, port: int) -> None:
    offset = free_port_offset()
    await lend_sounds(tmp_path / "home")
    with _taken(kind, port + offset):
        await _refuses(
            _callwright(tmp_path, "demo", "--home", str(tmp_path / "home"), "--port-offset", str(offset)),
            str(port + offset),
        )
    assert not (tmp_path / "home" / "demo.json").exists()


async def test_the_port_where_a_worker_tells_how_it_is_is_taken(tmp_path: Path, redis_server: RedisServer) -> None:
    port = free_tcp_port()
    with _taken(socket.SOCK_STREAM, port):
        await _refuses(
            _callwright(
                tmp_path,
                *("serve", "--role", "worker"),
                HOME=str(tmp_path / "home"),
                REDIS_URL=redis_server.url(),
                HEALTH=f"127.0.0.1:{port}",
            ),
            str(port),
            "CALLWRIGHT_HEALTH",
        )


async def test_the_database_is_not_writable(tmp_path: Path) -> None:
    await _refuses(
        _callwright(
            tmp_path,
            "serve",
            HOME=str(tmp_path / "home"),
            DATABASE_URL="sqlite:////proc/callwright.db",
            AMI_HOSTS="callwright:secret@127.0.0.1:1",
            HTTP=f"127.0.0.1:{free_tcp_port()}",
            FASTAGI=f"127.0.0.1:{free_tcp_port()}",
        ),
        "/proc/callwright.db",
    )


async def test_the_home_is_not_writable(tmp_path: Path) -> None:
    await _refuses(_callwright(tmp_path, "demo", "--home", "/proc/callwright", "--no-asterisk"), "/proc/callwright")


async def test_wrong_settings_are_listed_whole(tmp_path: Path) -> None:
    await _refuses(
        _callwright(tmp_path, "serve", HTTP="nowhere", AMI_HOSTS="secret@host", DATABASE_URL="mysql://x"),
        "CALLWRIGHT_HTTP",
        "CALLWRIGHT_AMI_HOSTS",
        "CALLWRIGHT_DATABASE_URL",
    )


async def test_a_wrong_ami_secret_is_named_and_not_tried_for_ever(tmp_path: Path) -> None:
    async with private_asterisk(tmp_path / "asterisk") as asterisk:
        port = free_tcp_port()
        serving = _callwright(
            tmp_path,
            "serve",
            HOME=str(tmp_path / "home"),
            HTTP=f"127.0.0.1:{port}",
            FASTAGI=f"127.0.0.1:{free_tcp_port()}",
            AMI_HOSTS=f"callwright:wrong-secret@127.0.0.1:{asterisk.plan.ports.ami}",
        )
        await serving.start()
        try:
            await eventually("/readyz to name the refused log-in", lambda: _refused(serving, port), limit_s=40)
            assert "wrong-secret" not in serving.said
            await _few_attempts(asterisk)
        finally:
            await serving.stop()


async def test_an_old_asterisk_is_refused_and_readyz_says_so(tmp_path: Path) -> None:
    async with FakeAsterisk() as asterisk:
        asterisk.version = "16.28.0~dfsg-0+deb11u4"
        port = free_tcp_port()
        serving = _callwright(
            tmp_path,
            "serve",
            HOME=str(tmp_path / "home"),
            HTTP=f"127.0.0.1:{port}",
            FASTAGI=f"127.0.0.1:{free_tcp_port()}",
            AMI_HOSTS=f"{asterisk.user}:{asterisk.secret}@127.0.0.1:{asterisk.port}",
        )
        await lend_sounds(tmp_path / "home")
        await serving.start()
        try:

            async def told() -> bool:
                serving.check_alive()
                status, found = await get(f"http://127.0.0.1:{port}", "/readyz")
                return status == 503 and "16.28.0~dfsg-0+deb11u4" in str(found) and "version 18 or newer" in str(found)

            await eventually("/readyz to say that it is too old", told, limit_s=40)
        finally:
            await serving.stop()


async def _said(tmp_path: Path, *arguments: str, code: int, **environment: str) -> str:
    """What a command says that ends by itself, in a home of this folder."""
    (tmp_path / "said.log").unlink(missing_ok=True)
    places = {"HTTP": f"127.0.0.1:{free_tcp_port()}", "FASTAGI": f"127.0.0.1:{free_tcp_port()}"}
    running = _callwright(tmp_path, *arguments, HOME=str(tmp_path / "home"), **places, **environment)
    await running.start()
    assert await running.wait(limit_s=60) == code, running.said
    assert "Traceback" not in running.said
    return running.said


async def test_an_old_asterisk_on_path_is_passed_over_by_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program = tmp_path / "bin" / "asterisk"
    program.parent.mkdir()
    program.write_text("#!/bin/sh\necho 'Asterisk 16.28.0~dfsg-0+deb11u4'\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{program.parent}:{os.environ['PATH']}")
    why = f"{program} is passed over: version 16.28.0 is too old"
    said = await _said(tmp_path, "asterisk", "install", code=0)
    assert why in said
    assert "/root/usr/sbin/asterisk" in said.splitlines()[-1]
    await _said(tmp_path, "db", "upgrade", code=0)
    assert f"warn  {why}" in await _said(tmp_path, "doctor", code=0)


def _in(file: str, there: str, instead: str) -> Callable[[Path], None]:
    """Somebody has written something else into a file of his Asterisk."""

    def spoil(etc: Path) -> None:
        written = (etc / file).read_text()
        assert there in written
        (etc / file).write_text(written.replace(there, instead))

    return spoil


def _way_to(asterisk: PrivateAsterisk) -> str:
    return f"{asterisk.plan.ami_user}:{asterisk.plan.secrets.ami}@127.0.0.1:{asterisk.plan.ports.ami}"


def _mending(said: str, finding: str) -> str:
    """The line under this finding."""
    return said.partition(f"{finding}\n")[2].partition("\n")[0].strip()


async def test_the_doctor_finds_nothing_wrong_with_a_given_asterisk_that_is_well(tmp_path: Path) -> None:
    async with private_asterisk(tmp_path / "asterisk") as asterisk:
        await _said(tmp_path, "db", "upgrade", code=0)
        said = await _said(tmp_path, "doctor", code=0, AMI_HOSTS=_way_to(asterisk))
        where = f"ok    Asterisk at 127.0.0.1:{asterisk.plan.ports.ami}"
        assert f"{where} lets us in" in said
        assert f"{where}: Asterisk {asterisk.plan.version}" in said
        assert f"{where}: AMI user callwright may do what we ask" in said


async def test_the_doctor_finds_what_a_given_asterisk_lacks_and_how_to_mend_it(tmp_path: Path) -> None:
    def spoil(etc: Path) -> None:
        _in("modules.conf", "load = app_mixmonitor.so\n", "")(etc)
        _in("manager.conf", "channelvars = CW_CALL\n", "")(etc)
        _in("extensions.conf", "[cw-safety]", "[elsewhere]")(etc)

    async with given_asterisk(tmp_path / "asterisk", spoil) as asterisk:
        await _said(tmp_path, "db", "upgrade", code=0)
        said = await _said(tmp_path, "doctor", code=1, AMI_HOSTS=_way_to(asterisk))
        where = f"FAIL  Asterisk at 127.0.0.1:{asterisk.plan.ports.ami}"
        assert "modules.conf" in _mending(said, f"{where}: modules not running: app_mixmonitor.so")
        assert "set channelvars=CW_CALL in manager.conf" in _mending(
            said, f"{where}: AMI events do not tell their call"
        )
        assert "extensions.conf" in _mending(said, f"{where}: the dialplan lacks cw-safety")
        assert asterisk.plan.secrets.ami not in said


async def test_a_given_asterisk_that_may_be_asked_little_is_looked_at_all_the_same(tmp_path: Path) -> None:
    def spoil(etc: Path) -> None:
        _in("modules.conf", "load = app_mixmonitor.so\n", "")(etc)
        _in("manager.conf", ",dialplan,command\n", ",dialplan\n")(etc)

    async with given_asterisk(tmp_path / "asterisk", spoil) as asterisk:
        await _said(tmp_path, "db", "upgrade", code=0)
        said = await _said(tmp_path, "doctor", code=1, AMI_HOSTS=_way_to(asterisk))
        where = f"Asterisk at 127.0.0.1:{asterisk.plan.ports.ami}"
        assert f"FAIL  {where}: modules not running: app_mixmonitor.so" in said
        unseen = "AMI user callwright may not run commands, so its configuration was not looked at"
        assert "add command to write=" in _mending(said, f"warn  {where}: {unseen}")


async def _refused(serving: Running, port: int) -> bool:
    serving.check_alive()
    status, found = await get(f"http://127.0.0.1:{port}", "/readyz")
    assert status == 503, found
    words = json.dumps(found).lower()
    return "secret" in words or "password" in words or "refused" in words


async def _few_attempts(asterisk: PrivateAsterisk) -> None:
    """Asterisk would count a flood of wrong log-ins as an attack."""
    before = _failures(asterisk)
    await asyncio.sleep(3)  # the length of the observation
    assert _failures(asterisk) - before <= 3


def _failures(asterisk: PrivateAsterisk) -> int:
    log = asterisk.plan.directories.messages
    return log.read_text(errors="replace").count("failed to authenticate") if log.exists() else 0
