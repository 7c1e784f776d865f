"""What a stranger gets wrong on his first day: each mistake is answered with one sentence that says what to do."""

from __future__ import annotations

import asyncio
import contextlib
import json
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.asterisk import PrivateAsterisk, private_asterisk
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
        holder.bind(("127.0.0.1", port))
        if kind is socket.SOCK_STREAM:
            holder.listen()
        yield


@pytest.mark.parametrize(
    ("kind", "port"),
    [(socket.SOCK_STREAM, 8080), (socket.SOCK_DGRAM, 5060), (socket.SOCK_STREAM, 5038), (socket.SOCK_STREAM, 4573)],
    ids=["console", "sip", "ami", "fastagi"],
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
