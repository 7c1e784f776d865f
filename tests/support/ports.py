"""Free places for servers that tests start: everything on loopback, nothing where somebody else listens."""

from __future__ import annotations

import os
import socket

TCP_PORTS = (8080, 8088, 5038, 4573)
UDP_PORTS = (5060, 5090)
_OFFSETS = range(10_000, 20_000, 7)
"""High enough to leave a running demo alone, low enough to stay below the ports the kernel gives away."""
_SINGLE = range(28_100, 32_700)
"""Between the two."""


def free_tcp_port() -> int:
    return _free_port(socket.SOCK_STREAM)


def free_udp_port() -> int:
    return _free_port(socket.SOCK_DGRAM)


def _free_port(kind: socket.SocketKind) -> int:
    """Below those that the kernel gives away: there somebody's connection may have it before our server has."""
    start = os.getpid() * 131 % len(_SINGLE)
    for turn in range(len(_SINGLE)):
        port = _SINGLE[(start + turn) % len(_SINGLE)]
        if port not in _given and _can_bind(kind, port):
            _given.add(port)
            return port
    raise RuntimeError("no free port")


def free_port_offset() -> int:
    """For `--port-offset`: every port the product uses is free there. Each test process begins somewhere else."""
    start = os.getpid() * 131 % len(_OFFSETS)
    for turn in range(len(_OFFSETS)):
        offset = _OFFSETS[(start + turn) % len(_OFFSETS)]
        if offset not in _given and _is_free(offset):
            _given.add(offset)
            return offset
    raise RuntimeError("no free range of ports")


_given: set[int] = set()


def _is_free(offset: int) -> bool:
    return all(_can_bind(socket.SOCK_STREAM, port + offset) for port in TCP_PORTS) and all(
        _can_bind(socket.SOCK_DGRAM, port + offset) for port in UDP_PORTS
    )


def _can_bind(kind: socket.SocketKind, port: int) -> bool:
    with socket.socket(socket.AF_INET, kind) as probe:
        if kind is socket.SOCK_STREAM:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True
