"""One recorded stream of AMI, read and understood by us and by our peers: panoramisk, a bare split, cacofonisk.

Processor time in this one process, side by side in turns; no Asterisk and no network. `python -m tests.bench.stream`.
"""

from __future__ import annotations

import gc
import importlib
import re
import resource
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

import panoramisk
from panoramisk.ami_protocol import AMIProtocol

from crm_core.kernel.ids import ServerId
from cti.ami.kinds import WANTED
from cti.ami.parsing import Parser
from cti.ami.vocabulary import AmiEvent
from cti.ami.wire import Framer
from cti.calls.tracker import Tracker
from tests.bench.figures import Row

ROOT = Path(__file__).parents[2]
PEERS = ROOT / ".tools" / "peers"
TRACE = ROOT / "tests" / "traces" / "ami" / "answered_with_noise.ami"
SERVER = ServerId("lab")
CHUNK = 16 * 1024
HANDLERS = (
    "Newchannel", "Newstate", "NewCallerid", "Hangup", "HangupRequest", "DialBegin", "DialState", "DialEnd",
    "BridgeEnter", "BridgeLeave", "BridgeDestroy", "DeviceStateChange", "UserEvent",
)  # fmt: skip
"""What a program on panoramisk would register to follow calls."""
CALLS_AT_ONCE, MOST_MB = 50_000, 300


def stream(calls: int) -> bytes:
    """The recorded call so many times over, each with names and ids of its own, one after the other."""
    text = TRACE.read_text(encoding="utf-8").replace("\r\n", "\n")
    body = "\n\n".join(block for block in text.split("\n\n") if block.startswith("Event: "))
    return b"".join(_copy(body, number).encode() for number in range(calls))


def _copy(body: str, number: int) -> str:
    body = re.sub(r"\b(\d{10})\.(\d{1,4})(?!\d)", lambda found: f"{int(found[1]) + number}.{found[2]}", body)
    body = re.sub(r"-([0-9a-f]{8})(?=[\n;])", lambda found: f"-{int(found[1], 16) + 16 * number:08x}", body)
    body = re.sub(r"BridgeUniqueid: (\S+)", lambda found: f"BridgeUniqueid: {found[1]}-{number}", body)
    return body.strip("\n").replace("\n", "\r\n") + "\r\n\r\n"


def chunks(data: bytes) -> Iterator[bytes]:
    return (data[place : place + CHUNK] for place in range(0, len(data), CHUNK))


def _now() -> datetime:
    return datetime.now(UTC)


# --- ours


def our_events(data: bytes, take: Callable[[AmiEvent], object]) -> None:
    framer, parser = Framer(), Parser()
    wanted = frozenset(name.encode() for name in WANTED)
    for chunk in chunks(data):
        for message in framer.feed(chunk):
            if message.startswith(b"Event: ") and message[7 : message.find(b"\r\n")] in wanted:
                take(parser.parse(message.decode("utf-8", "replace"), server=SERVER, now=_now))


def we_parse(data: bytes) -> int:
    seen = [0]

    def take(_: AmiEvent) -> None:
        seen[0] += 1

    our_events(data, take)
    return seen[0]


def we_track(data: bytes) -> int:
    tracker = Tracker(SERVER)
    ended = [0]

    def take(event: AmiEvent) -> None:
        ended[0] += sum(type(fact).__name__ == "Ended" for fact in tracker.hear(event))

    our_events(data, take)
    return ended[0]


# --- our peers


def panoramisk_reads(data: bytes, handlers: Mapping[str, Callable[[Any], object]]) -> None:
    manager = panoramisk.Manager()
    for name, take in handlers.items():
        manager.register_event(name, partial(_without_manager, take))
    protocol = AMIProtocol()
    protocol.connection_made(None)
    protocol.factory, protocol.encoding = manager, "utf-8"
    for chunk in chunks(data):
        protocol.data_received(chunk)


def _without_manager(take: Callable[[Any], object], _manager: object, event: Any) -> None:
    take(event)


def panoramisk_parses(data: bytes) -> int:
    seen: list[None] = []
    panoramisk_reads(data, dict.fromkeys(HANDLERS, lambda _: seen.append(None)))
    return len(seen)


def bare_split(data: bytes) -> Iterator[dict[str, str]]:
    rest = b""
    for chunk in chunks(data):
        *blocks, rest = (rest + chunk).split(b"\r\n\r\n")
        for block in blocks:
            yield dict(line.split(": ", 1) for line in block.decode().split("\r\n") if ": " in line)


def bare_split_parses(data: bytes) -> int:
    return sum(1 for _ in bare_split(data))


def cacofonisk_tracks(data: bytes) -> int:
    """As its own runner does it: on panoramisk, with a handler for each event it knows."""
    cacofonisk = peer("cacofonisk")

    class Counts(cacofonisk.BaseReporter):  # type: ignore[misc, name-defined]  # it has no types
        hung_up = 0

        def on_hangup(self, *_: Any, **__: Any) -> None:
            self.hung_up += 1

    reporter = Counts()
    handler = cacofonisk.handlers.EventHandler(reporter=reporter)
    panoramisk_reads(data, dict.fromkeys(handler.event_handlers(), handler.on_event))
    return reporter.hung_up


def peer(name: str) -> Any:
    """A package that we measure ourselves with, from a folder of its own: installed there when it is wanted first."""
    if not PEERS.exists():
        uv = ROOT / ".tools" / "uv" / "bin" / "uv"
        wanted = ROOT / "tools" / "peers.txt"
        command = [uv, "pip", "install", "-q", "--require-hashes", "--no-deps", "--target", PEERS, "-r", wanted]
        subprocess.run(command, check=True)
    if str(PEERS) not in sys.path:
        sys.path.append(str(PEERS))
    return importlib.import_module(name)


# --- measuring


def seconds(work: Callable[[bytes], int], data: bytes) -> float:
    gc.collect()
    began = time.process_time()
    if not work(data):
        raise RuntimeError(f"{work.__name__} understood nothing")
    return time.process_time() - began


def beside(rounds: int, data: bytes, ours: Callable[[bytes], int], peer: Callable[[bytes], int]) -> Sides:
    """A B A B …, after one turn of each that is not counted."""
    turns = [(seconds(ours, data), seconds(peer, data)) for _ in range(rounds + 1)][1:]
    return [one for one, _ in turns], [other for _, other in turns]


Sides = tuple[list[float], list[float]]


def rows(rounds: int, calls: int) -> list[str]:
    data = stream(calls)
    events = data.count(b"Event: ")
    compared = (
        ("read and dispatched, beside panoramisk with 13 handlers", we_parse, panoramisk_parses, 6.0),
        ("read and dispatched, beside a bare split into dicts", we_parse, bare_split_parses, 0.9),
        (
            "read and tracked into calls, beside cacofonisk (on panoramisk, as it runs)",
            we_track,
            cacofonisk_tracks,
            4.0,
        ),
    )
    told = []
    for what, ours, peer, least in compared:
        a, b = beside(rounds, data, ours, peer)
        faster = statistics.median(other / one for one, other in zip(a, b, strict=True))
        per_event = ([one / events * 1e6 for one in side] for side in (a, b))
        label = f"a recorded stream {what}, µs an event ({faster:.1f} × faster)"
        told.append(Row(label, *per_event, f"≥ {least:g} × faster", faster >= least).cells())
    told.append(_memory())
    return told


def _memory() -> str:
    """So many calls at once, each with a caller and an agent who talk: what the process grows by."""
    blocks = [block for block in stream(1).decode().split("\r\n\r\n") if block[7 : block.find("\r\n")] in WANTED]
    talking = next(place for place, block in enumerate(blocks) if block.startswith("Event: BridgeLeave"))
    template = "\n\n".join(blocks[:talking]).replace("\r\n", "\n")
    tracker, parser = Tracker(SERVER), Parser()
    before = resident_mb()
    for number in range(CALLS_AT_ONCE):
        for block in _copy(template, number).split("\r\n\r\n"):
            if block:
                tracker.hear(parser.parse(block, server=SERVER, now=_now))
    used = resident_mb() - before
    count = sum(bool(call.present) for call in tracker.calls.values())
    met = "met" if used <= MOST_MB and count == CALLS_AT_ONCE else "**missed**"
    return f"| memory of {count:,} conversations tracked at once, MB | {used:.0f} | – | | ≤ {MOST_MB} MB | {met} |"


def resident_mb() -> float:
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    return pages * resource.getpagesize() / 1e6


if __name__ == "__main__":
    print("\n".join(rows(rounds=5, calls=400)))
