"""Talks to a running Asterisk through its control socket: the words of `asterisk -rx` without starting a program."""

from __future__ import annotations

import asyncio
import re
from pathlib import Path

from callwright.asterisk.errors import AsteriskNotRunning, ControlSocketSilent

_BANNER = re.compile(rb"^[^/\n]*/(\d+)/[^\n]*\n")
_LOG_LINE = re.compile(r"^\[?\w{3} +\d+ [\d:.]+\]?.*\b(?:NOTICE|WARNING|ERROR|VERBOSE)\[")


async def ask(socket: Path, command: str, *, seconds: float = 10.0) -> str:
    """What Asterisk prints for a CLI command."""
    try:
        async with asyncio.timeout(seconds):
            return await _converse(socket, command)
    except TimeoutError:
        raise ControlSocketSilent(command=command, seconds=seconds) from None


async def pid_behind(socket: Path, *, seconds: float = 2.0) -> int | None:
    """The process that serves this socket, by its own word; None when nobody does."""
    try:
        async with asyncio.timeout(seconds):
            reader, writer = await asyncio.open_unix_connection(str(socket))
            try:
                greeting = _BANNER.match(await reader.readline())
            finally:
                writer.close()
    except (OSError, TimeoutError):
        return None
    return int(greeting[1]) if greeting else None


async def _converse(socket: Path, command: str) -> str:
    try:
        reader, writer = await asyncio.open_unix_connection(str(socket))
    except OSError:
        raise AsteriskNotRunning(directory=socket.parent) from None
    try:
        await reader.readline()
        # "cli quit after" is how asterisk -rx asks to be hung up on when the answer is complete.
        writer.write(f"cli quit after {command}".encode() + b"\0")
        await writer.drain()
        said = await reader.read()
    finally:
        writer.close()
    return plain(said)


def plain(said: bytes) -> str:
    """Without the marks Asterisk puts between chunks, and without log lines that happened to fall in between."""
    text = said.replace(b"\0", b"").replace(b"\x7f", b"").decode(errors="replace").replace("\r", "")
    lines = [line for line in text.split("\n") if not _LOG_LINE.match(line)]
    return "\n".join(lines)
