"""What a soak came to: for people as a section of docs/benchmarks.md, for programs as JSON."""

from __future__ import annotations

import json
import os
import platform
import subprocess
from collections import Counter
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import UTC, datetime

from tests.soak.accounts import Reconciled
from tests.soak.memory import FLAT_FROM_S, Course
from tests.soak.plan import Done
from tests.soak.verdict import Goal, Verdict

TITLE = "Soak"
TOLD_AT_MOST = 20
"""Findings told one by one for each goal; the JSON has them all."""
OURS = ("telephony", "console", "worker", "asterisk")
"""Whose memory must stay flat; Redis keeps the last 200,000 events and grows until it has them."""

_ABOUT = """\
Callers and agents with SIP phones (sound and keys in every call; both in one process, so that what either saw is of one
clock and can be held beside the other, which SIPp's are not) on a real Asterisk, the product as a process a role
on PostgreSQL and Redis, and one fault after the other: processes killed, the line to Asterisk cut or silent, database
and Redis stopped, the disk of CALLWRIGHT_HOME filled to its last block, Asterisk restarted as an operator does it (new
calls are kept away, `core stop when convenient`, it starts, calls come again). What ended while nobody of ours could
hear it the product finds by itself in Asterisk's own account (CDR). What the telephones saw is compared with that
account and with the call log, call by call.
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    command: str
    seed: int
    length_s: float
    rate: float
    asterisk: str
    """Its version."""
    verdict: Verdict
    done: tuple[Done, ...]
    memory: tuple[Course, ...]
    reconciled: Reconciled
    unheard: int
    """Calls whose end nobody of ours heard: the product closed or entered them by itself."""

    @property
    def grown(self) -> list[Course]:
        """Of our processes and Asterisk; a short soak says nothing."""
        if self.length_s < FLAT_FROM_S:
            return []
        return [course for course in self.memory if course.name in OURS and not course.is_flat]

    @property
    def met(self) -> bool:
        return not self.verdict.findings and not self.grown and self.reconciled.code == 0

    def as_json(self) -> str:
        content = {**asdict(self), "met": self.met, "counts": {one.name: self.verdict.count(one) for one in Goal}}
        return json.dumps(content, ensure_ascii=False, indent=1)

    def as_markdown(self) -> str:
        return "\n".join([_ABOUT, self._made(), "", *self._counts(), "", *self._faults(), "", *self._memory(), "",
                          *self._findings()]).rstrip()  # fmt: skip

    def _made(self) -> str:
        commit = subprocess.run(["git", "rev-parse", "--short", "HEAD"], capture_output=True, text=True, check=False)
        return (
            f"`{self.command}`, seed {self.seed}, {datetime.now(UTC):%Y-%m-%d}, commit {commit.stdout.strip()}, "
            f"{self.length_s / 60:g} minutes at {self.rate:g} calls a second, Asterisk {self.asterisk}, "
            f"Python {platform.python_version()}, {platform.machine()}, {os.cpu_count()} processors shared with the "
            "phones."
        )

    def _counts(self) -> Iterator[str]:
        counted = self.verdict
        yield "| what | counted | goal | |\n|---|---:|---|---|"
        for what, count in (
            ("calls offered", counted.offered),
            ("… which Asterisk has in its account", counted.known_to_asterisk),
            ("… who talked with an agent", counted.talked),
            ("… whom Asterisk's own queue had connected", counted.by_safety_queue),
            ("… who hung up without patience", counted.hurried),
            ("answers that crossed with the end of their offer", counted.crossed),
            ("whose end nobody of ours could hear: closed or entered by the product itself", self.unheard),
            ("longest way to a person, menu included, s", round(counted.longest_wait_s, 1)),
        ):
            yield f"| {what} | {count:,} | | |"
        for goal in Goal:
            count = counted.count(goal)
            yield f"| {goal.value} | {count:,} | 0 | {'**missed**' if count else 'met'} |"
        good = self.reconciled.code == 0
        said, told = ("agrees", "met") if good else ("does not agree", "**missed**")
        yield f"| `callwright reconcile` | {said} | agrees | {told} |"

    def _faults(self) -> Iterator[str]:
        if not self.done:
            yield "No faults."
            return
        yield "| fault | times | lasting, s | |\n|---|---:|---|---|"
        for kind in dict.fromkeys(one.kind for one in self.done):
            of_kind = [one for one in self.done if one.kind is kind]
            lasted = [one.ended_at - one.began_at for one in of_kind]
            words = "; ".join(f"{one}: {count}" for one, count in Counter(one.words for one in of_kind).items() if one)
            yield f"| {kind.value} | {len(of_kind)} | {min(lasted):.1f}–{max(lasted):.1f} | {words} |"

    def _memory(self) -> Iterator[str]:
        yield "| memory (RSS), MB | start | middle | end | most | lives | |\n|---|---:|---:|---:|---:|---:|---|"
        for one in self.memory:
            flat = ""
            if one.name in OURS and self.length_s >= FLAT_FROM_S:
                flat = "flat" if one.is_flat else "**grows**"
            sizes = " | ".join(f"{size:.0f}" for size in (one.start, one.middle, one.end, one.most))
            yield f"| {one.name} | {sizes} | {one.lives} | {flat} |"

    def _findings(self) -> Iterator[str]:
        for goal in Goal:
            found = [one for one in self.verdict.findings if one.goal is goal]
            if found:
                yield f"{goal.value}:\n"
            for one in found[:TOLD_AT_MOST]:
                near = f" ({one.near})" if one.near else ""
                yield f"* {one.number} {one.call} {one.words}{near}"
            if len(found) > TOLD_AT_MOST:
                yield f"* … and {len(found) - TOLD_AT_MOST} more"
        if self.reconciled.code:
            yield f"`callwright reconcile` says:\n\n    {self.reconciled.words[:2000]}"
