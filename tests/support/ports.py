"""Free places for servers that tests start: everything on loopback, nothing where somebody else listens.

What one test process of this machine was given no other gets while it lives: who has which port stands, as locks, in a
file that all of them share.
"""

from __future__ import annotations

import fcntl
import os
import socket
import tempfile
from functools import cache
from pathlib import Path

from callwright.asterisk.plan import Ports

TCP_PORTS = (8080, 8088, 5038, 4573)
UDP_PORTS = (5060, 5090)
_OFFSETS = range(10_000, 20_000)
"""High enough to leave a running demo alone, low enough to stay below the ports the kernel gives away."""
PARTS = 8
"""Of all that is for sound: so many processes at once have one for themselves."""
_SINGLE = range(28_100, 32_700)
"""Between the two."""
_KINDS = {socket.SOCK_STREAM: 0, socket.SOCK_DGRAM: 1 << 16}
"""Where the bytes begin that stand for the ports of a kind."""

Place = tuple[socket.SocketKind, int]


def free_tcp_port() -> int:
    return _free_port(socket.SOCK_STREAM)


def free_udp_port() -> int:
    return _free_port(socket.SOCK_DGRAM)


def _free_port(kind: socket.SocketKind) -> int:
    """Below those that the kernel gives away: there somebody's connection may have it before our server has."""
    start = os.getpid() * 131 % len(_SINGLE)
    for turn in range(len(_SINGLE)):
        port = _SINGLE[(start + turn) % len(_SINGLE)]
        if _claim([(kind, port)]):
            return port
    raise RuntimeError("no free port")


def free_port_offset() -> int:
    """For `--port-offset`: every port the product uses is free there. Each test process begins somewhere else."""
    for apart in (True, False):  # rather among another's sound than not at all
        for offset in _offsets():
            places = [(socket.SOCK_STREAM, port + offset) for port in TCP_PORTS]
            places += [(socket.SOCK_DGRAM, port + offset) for port in UDP_PORTS]
            if (not apart or _lock_sound(offset)) and _claim(places):
                return offset
    raise RuntimeError("no free range of ports")


@cache
def _offsets() -> list[int]:
    """Those first whose sound lies in a part that this process has for itself: there it has neighbours on neither
    side, and needs few ports for many ranges, since they overlap."""
    ranges = sorted({Ports().moved(offset).rtp_first for offset in _OFFSETS})
    begins = [ranges[part * len(ranges) // PARTS] for part in range(PARTS)]
    ends = [*(begin - 1 for begin in begins[1:]), Ports().rtp_last - Ports().rtp_first + ranges[-1]]
    parts = zip(begins, ends, strict=True)
    mine = next((begin for begin, end in parts if _lock(socket.SOCK_DGRAM, range(begin, end + 1))), begins[0])
    return sorted(_OFFSETS, key=lambda offset: (Ports().moved(offset).rtp_first - mine) % (1 << 16))


_given: set[Place] = set()


def _claim(places: list[Place]) -> bool:
    if not _given.isdisjoint(places) or not all(_lock(kind, range(port, port + 1)) for kind, port in places):
        return False  # what was locked meanwhile stays so until this process ends: there are enough
    if not all(_can_bind(kind, port) for kind, port in places):
        return False
    _given.update(places)
    return True


def _lock_sound(offset: int) -> bool:
    """Among the kernel's own: Asterisk passes over what is taken, but nobody else's Asterisk shall hear this one's."""
    ports = Ports().moved(offset)
    return _lock(socket.SOCK_DGRAM, range(ports.rtp_first, ports.rtp_last + 1))


def _lock(kind: socket.SocketKind, ports: range) -> bool:
    """A process has no quarrel with its own locks, and the kernel takes them from a dead one."""
    try:
        fcntl.lockf(_table(), fcntl.LOCK_EX | fcntl.LOCK_NB, len(ports), _KINDS[kind] + ports.start)
    except BlockingIOError:
        return False
    return True


@cache
def _table() -> int:
    """Open for as long as the process lives: to close it once would end all its locks."""
    file = Path(tempfile.gettempdir()) / "callwright-ports-of-tests"
    try:
        return os.open(file, os.O_RDWR | os.O_CLOEXEC)
    except FileNotFoundError:
        table = os.open(file, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW)
        os.fchmod(table, 0o666)  # there is nothing in it, and other users run tests too
        return table


def _can_bind(kind: socket.SocketKind, port: int) -> bool:
    with socket.socket(socket.AF_INET, kind) as probe:
        if kind is socket.SOCK_STREAM:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True
