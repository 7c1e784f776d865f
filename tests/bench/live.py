"""A client of the manager interface in a process of its own, for its processor time: ours, or as little as can be.

`python -m tests.bench.live ours|peer PORT USER` reads the secret, then questions, from stdin; each is answered with one
line of JSON: the processor time so far and the events heard.
"""

from __future__ import annotations

import asyncio
import json
import sys
import time

import uvloop

from callwright.logs import set_up_logs
from crm_core.kernel.clock import SystemClock
from crm_core.kernel.ids import ServerId
from cti.ami.connection import AmiLink, Heard
from cti.ami.session import EVENT_CLASSES
from cti.ami.vocabulary import Snapshot
from cti.calls.tracker import Tracker
from cti.events import LinkLost


class Ours:
    """The line and the tracker, as telephony has them."""

    def __init__(self) -> None:
        self.heard = 0
        self._tracker = Tracker(ServerId("bench"))

    def take(self, event: Heard) -> None:
        self.heard += 1
        if isinstance(event, Snapshot):
            self._tracker = Tracker(event.server)
        if not isinstance(event, LinkLost):
            self._tracker.hear(event)

    async def connect(self, port: int, user: str, secret: str) -> AmiLink:
        link = AmiLink(
            host="127.0.0.1", port=port, user=user, secret=secret, clock=SystemClock(), on_event=self.take
        )  # fmt: skip
        await link.__aenter__()
        await link.wait_up()
        return link


class Minimal(asyncio.Protocol):
    """Splits what comes into dictionaries, and that is all."""

    def __init__(self) -> None:
        self.heard = 0
        self._rest = b""

    def data_received(self, data: bytes) -> None:
        *blocks, self._rest = (self._rest + data).split(b"\r\n\r\n")
        for block in blocks:
            event = dict(line.split(": ", 1) for line in block.decode("utf-8", "replace").split("\r\n") if ": " in line)
            self.heard += "Event" in event

    async def connect(self, port: int, user: str, secret: str) -> asyncio.BaseTransport:
        transport, _ = await asyncio.get_running_loop().create_connection(lambda: self, "127.0.0.1", port)
        words = f"Action: Login\r\nUsername: {user}\r\nSecret: {secret}\r\nEvents: {EVENT_CLASSES}\r\n\r\n"
        transport.write(words.encode())
        return transport


async def main(kind: str, port: int, user: str) -> None:
    stdin = asyncio.StreamReader()
    loop = asyncio.get_running_loop()
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(stdin), sys.stdin)
    secret = (await stdin.readline()).decode().strip()
    client: Ours | Minimal = Ours() if kind == "ours" else Minimal()
    line = await client.connect(port, user, secret)
    while await stdin.readline():
        print(json.dumps({"cpu_s": time.process_time(), "heard": client.heard}), flush=True)
    del line


if __name__ == "__main__":
    set_up_logs()
    run = asyncio.run if sys.argv[1] == "peer" else uvloop.run  # each as it is: ours serves on uvloop
    run(main(sys.argv[1], int(sys.argv[2]), sys.argv[3]))
