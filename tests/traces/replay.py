"""Reads a recorded trace: raw AMI text below lines that begin with `#`."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from crm_core.kernel.ids import ServerId
from cti.ami.kinds import WANTED
from cti.ami.parsing import parse_block
from cti.ami.vocabulary import AmiEvent

FOLDER = Path(__file__).parent
SERVER = ServerId("callwright")
NAMES = sorted(path.stem for path in FOLDER.glob("*.ami"))


def trace(name: str) -> list[AmiEvent]:
    """What the line to Asterisk would have passed on."""
    text = (FOLDER / f"{name}.ami").read_text(encoding="utf-8")
    body = "\n".join(line for line in text.split("\n") if not line.startswith("#"))
    blocks = [block.strip("\n").replace("\n", "\r\n") for block in body.split("\n\n")]
    received = datetime(2026, 1, 1, tzinfo=UTC)
    return [parse_block(block, server=SERVER, received=received) for block in blocks if _event(block) in WANTED]


def _event(block: str) -> str:
    return block.partition("\r\n")[0].removeprefix("Event: ")
