"""Every recorded story, of our own Asterisk and of a stranger's: its text, its events, and what is to be told."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

from cti.ami.vocabulary import AmiEvent
from cti.replay import Recording, Report, read_text
from cti.replay import replay as replayed

OURS = Path(__file__).parents[3] / "traces"
FOREIGN = OURS / "foreign"
Summary = tuple[Any, ...]


def _said(folder: Path, name: str) -> dict[str, list[dict[str, Any]]]:
    said: dict[str, list[dict[str, Any]]] = json.loads((folder / name).read_text("utf-8"))
    return said


def _with_endings(calls: list[dict[str, Any]], endings: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [call | ending for call, ending in zip(calls, endings, strict=True)]


_ENDINGS = _said(FOREIGN, "endings.json")
EXPECTED = {
    **{name: _with_endings(calls, _ENDINGS[name]) for name, calls in _said(FOREIGN, "expected.json").items()},
    **{f"ours/{name}": calls for name, calls in _said(OURS, "expected.json").items()},
}
NAMES = sorted(EXPECTED)


def file_of(name: str) -> Path:
    own = name.removeprefix("ours/")
    return FOREIGN / f"{name}.ami" if own == name else OURS / f"{own}.ami"


@cache
def blocks(name: str) -> tuple[str, ...]:
    text = file_of(name).read_text(encoding="utf-8")
    body = "\n".join(line for line in text.split("\n") if not line.startswith("#"))
    return tuple(block for block in (part.strip("\n") for part in body.split("\n\n")) if block)


def read(parts: Iterable[str]) -> Recording:
    return read_text("".join(f"{part}\n\n" for part in parts))


def told(parts: Iterable[str]) -> list[Report]:
    return list(replayed(read(parts)))


@cache
def recording(name: str) -> Recording:
    return read(blocks(name))


@cache
def whole(name: str) -> tuple[Report, ...]:
    return tuple(replayed(recording(name)))


def told_of(name: str, events: Sequence[AmiEvent]) -> list[Report]:
    return list(replayed(replace(recording(name), events=tuple(events))))


def summary(report: Report) -> Summary:
    transfers = [(one.kind, one.by, one.to, one.outcome) for one in report.transfers]
    who = (report.direction, report.caller, report.dialed, list(report.talked_to))
    return (*who, transfers, report.outcome)


def expected(call: dict[str, Any]) -> Summary:
    transfers = [(one["kind"], one["by"], one["to"], one["outcome"]) for one in call["transfers"]]
    return (call["direction"], call["caller"], call["dialed"], call["talked_to"], transfers, call["outcome"])
