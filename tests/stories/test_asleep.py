"""A laptop that falls asleep says nothing: not to Asterisk, not to us. Callers go on to others, and whoever wakes it
up finds himself as the house has him, and can work."""

from __future__ import annotations

import os
import signal
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from uuid import uuid4

import pytest

from callwright.demo.phones import PhoneProcess, PhoneState
from tests.stories.conftest import AGENTS_TONE, CALLERS_TONE
from tests.support.agent import agent_at_desk
from tests.support.browser import Chromium, chromium
from tests.support.product import Product
from tests.support.story import VIP, call_of, ended, legs, somebody_calls, the_log_agrees_with_asterisk, user_id
from tests.support.tones import make_tone

pytestmark = [
    pytest.mark.story,
    pytest.mark.browser,
    pytest.mark.asyncio(loop_scope="session"),
    pytest.mark.usefixtures("quiet_house"),
]


class Laptop:
    """A browser of its own, that can be stopped with all its processes, its connections left open."""

    def __init__(self, chromium: Chromium, mark: str) -> None:
        self.chromium = chromium
        self._mark = mark

    @contextmanager
    def asleep(self) -> Iterator[None]:
        stopped = self._processes()
        assert stopped, "the browser's processes are found by their mark"
        _tell(stopped, signal.SIGSTOP)
        try:
            yield
        finally:
            _tell(stopped, signal.SIGCONT)

    def _processes(self) -> set[int]:
        """The one with the mark and all that it began."""
        found = {pid for pid in _running() if self._mark in _words(pid)}
        parents = {pid: _parent(pid) for pid in _running()}
        while more := {pid for pid, parent in parents.items() if parent in found} - found:
            found |= more
        return found


@asynccontextmanager
async def a_laptop(folder: Path) -> AsyncIterator[Laptop]:
    mark = f"--laptop={uuid4().hex}"
    async with chromium(make_tone(folder / "agent.wav", AGENTS_TONE, seconds=2, rate=48000), mark) as running:
        yield Laptop(running, mark)


async def test_whoever_falls_asleep_while_ready_keeps_no_caller(
    product: Product, browser: Chromium, phones: PhoneProcess, callers_voice: Path, tmp_path: Path
) -> None:
    async with (
        a_laptop(tmp_path) as laptop,
        agent_at_desk(product, laptop.chromium, "alice") as alice,
        agent_at_desk(product, browser, "bob") as bob,
    ):
        await alice.become_ready()
        with laptop.asleep():
            caller = await somebody_calls(phones, product, number="13911150001", dnis=VIP, voice=callers_voice)
            call = await call_of(product, "13911150001")
            await bob.become_ready()
            await bob.answer(limit_s=60)
            await bob.desk.wait_until_heard(CALLERS_TONE)
            await bob.press("Hang up")
            await caller.wait_for(PhoneState.ENDED)
            await bob.finish()
            await bob.go_offline()
        row = await ended(product, call)
        assert row["outcome"] == "answered"
        assert [(leg["agent"], bool(leg["failure"])) for leg in legs(product, call)] == [
            (user_id(product, "alice"), True),
            (user_id(product, "bob"), False),
        ]
        await alice.state_is("paused", limit_s=60)
        await alice.phone_is("registered")
        await alice.press("Ready")
        await alice.state_is("ready")
        again = await somebody_calls(phones, product, number="13911150002", dnis=VIP, voice=callers_voice)
        await alice.answer(limit_s=60)
        await alice.desk.wait_until_heard(CALLERS_TONE)
        await again.hang_up()
        await alice.finish()
    await the_log_agrees_with_asterisk(product)


def _running() -> list[int]:
    return [int(entry.name) for entry in Path("/proc").iterdir() if entry.name.isdigit()]


def _words(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/cmdline").read_text(errors="replace")
    except OSError:  # it ended meanwhile
        return ""


def _parent(pid: int) -> int:
    try:
        return int(Path(f"/proc/{pid}/stat").read_text(errors="replace").rpartition(")")[2].split()[1])
    except OSError:
        return 0


def _tell(pids: set[int], what: signal.Signals) -> None:
    for pid in pids:
        try:
            os.kill(pid, what)
        except ProcessLookupError:
            continue
