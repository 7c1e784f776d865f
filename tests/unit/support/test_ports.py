"""No two test processes of a machine are given the same port, whatever they ask for and when."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

from callwright.asterisk.plan import Ports
from tests.support.ports import TCP_PORTS, UDP_PORTS, free_port_offset, free_tcp_port, free_udp_port

ROOT = Path(__file__).parents[3]
ASK = f"""
import json, os
os.getpid = lambda: {os.getpid()}  # so that its single ports begin where ours begin
from tests.support.ports import *
print(json.dumps([free_tcp_port(), free_udp_port(), [free_port_offset() for _ in range(5)]]))
"""


def test_two_processes_are_given_nothing_twice() -> None:
    tcp, udp, offsets = free_tcp_port(), free_udp_port(), [free_port_offset() for _ in range(5)]
    asked = subprocess.run([sys.executable, "-c", ASK], cwd=ROOT, capture_output=True, text=True, check=True)
    other_tcp, other_udp, other_offsets = json.loads(asked.stdout)
    assert tcp != other_tcp
    assert udp != other_udp
    for ports in (TCP_PORTS, UDP_PORTS):
        used = [port + offset for offset in [*offsets, *other_offsets] for port in ports]
        assert len(set(used)) == len(used)
    assert not _sound(offsets) & _sound(other_offsets)


def _sound(offsets: list[int]) -> set[int]:
    moved = [Ports().moved(offset) for offset in offsets]
    return {port for one in moved for port in range(one.rtp_first, one.rtp_last + 1)}
