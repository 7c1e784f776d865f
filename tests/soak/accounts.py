"""The second and the third witness: Asterisk's own account of every call (CDR), and our call log."""

from __future__ import annotations

import asyncio
import csv
import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from callwright.asterisk.render import CDR_COLUMNS
from tests.soak.house import House
from tests.support.databases import rows_of
from tests.support.product import ROOT


@dataclass(slots=True, kw_only=True)
class AsterisksCall:
    """All lines of one conversation in Asterisk's account."""

    call: str
    number: str
    answered_by: set[str] = field(default_factory=set)
    """Channels of those who were called and answered."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LoggedCall:
    call: str
    number: str
    outcome: str
    """Empty while it is not over."""
    hung_up_by: str
    arrivals: int
    """How often the event log says that it came …"""
    ends: int
    """… and that it ended."""
    talked_with: frozenset[str] = frozenset()
    """The extensions of those who talked with the caller."""
    unheard: bool = False
    """Nobody of ours heard it end: the product closed or entered it by itself."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Accounts:
    asterisk: Mapping[str, AsterisksCall]
    log: Mapping[str, LoggedCall]

    @property
    def open(self) -> set[str]:
        """What our log does not know, or not to its end, or not yet."""
        living = {call for call, logged in self.log.items() if not logged.outcome}
        return living | (self.asterisk.keys() - self.log.keys())


def read_cdr(file: Path) -> dict[str, AsterisksCall]:
    """By our conversation id, which Asterisk keeps for us. Lines without one are none of ours."""
    calls: dict[str, AsterisksCall] = {}
    if not file.exists():
        return calls
    with file.open(encoding="utf-8", errors="replace", newline="") as lines:
        for row in csv.reader(lines):
            line = dict(zip(CDR_COLUMNS, row, strict=False))
            if not (call := line.get("userfield", "")):
                continue
            found = calls.setdefault(call, AsterisksCall(call=call, number=line["src"]))
            if line["answer"] and line["dstchannel"]:
                found.answered_by.add(line["dstchannel"])
    return calls


_CALLS = "select id, ani, coalesce(outcome, '') as outcome, hung_up_by, closed_by from call"
_TOLD = (
    "select call_id, topic, count(*) as times from event_log "
    "where topic in ('call.arrived', 'call.ended') and body->>'closed_by' is null and body->>'entered_by' is null "
    "group by call_id, topic"
)
"""As it was heard; what reconciliation says afterwards stands beside it and is marked."""
_TALKED = "select distinct call_id, party from call_leg where connected_at is not null"


def read_log(database_url: str) -> dict[str, LoggedCall]:
    told = {(row["call_id"], row["topic"]): int(row["times"]) for row in rows_of(database_url, _TOLD)}
    talked: dict[str, set[str]] = {}
    for row in rows_of(database_url, _TALKED):
        talked.setdefault(row["call_id"], set()).add(row["party"])
    return {
        row["id"]: LoggedCall(
            call=row["id"],
            number=row["ani"],
            outcome=row["outcome"],
            hung_up_by=row["hung_up_by"],
            arrivals=told.get((row["id"], "call.arrived"), 0),
            ends=told.get((row["id"], "call.ended"), 0),
            talked_with=frozenset(talked.get(row["id"], ())),
            unheard=bool(row["closed_by"]),
        )
        for row in rows_of(database_url, _CALLS)
    }


def read_accounts(house: House) -> Accounts:
    return Accounts(asterisk=read_cdr(house.cdr), log=read_log(house.database_url))


@dataclass(frozen=True, slots=True, kw_only=True)
class Reconciled:
    """What `callwright reconcile` said."""

    code: int
    words: str


async def reconcile(house: House, *options: str) -> Reconciled:
    """The product's own proof of its log by Asterisk's account."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "callwright", "reconcile", *options, str(house.cdr)),
        cwd=ROOT,
        env={**os.environ, **house.environment},
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    said, complained = await process.communicate()
    words = f"{said.decode(errors='replace')}\n{complained.decode(errors='replace')}".strip()
    return Reconciled(code=process.returncode or 0, words=words)
