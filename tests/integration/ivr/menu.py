"""A voice menu on a real Asterisk, and what it tells; callers with a keypad, who hear its prompts by marks."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.integration.asterisk.parts import Ami, Message
from tests.support.asterisk import PrivateAsterisk
from tests.support.keypad import Keypad, keypad

HOTLINE, MOBILE = "4008000", "13800138000"


@dataclass(frozen=True, slots=True, kw_only=True)
class Menu:
    asterisk: PrivateAsterisk
    ami: Ami
    prompts: Path

    @property
    def fastagi(self) -> int:
        return self.asterisk.plan.ports.fastagi

    def steps(self) -> list[str]:
        """The keys the caller has pressed, as the house was told."""
        return [event["Input"] for event in self.ami.events if event.get("UserEvent") == "CwMenu"]

    async def step(self, node: str, entered: str, label: str) -> Message:
        return await self.ami.user_event("CwMenu", Flow="main", Node=node, Input=entered, Label=label)


@dataclass(frozen=True, slots=True, kw_only=True)
class Marked(Menu):
    """Its prompts are two sounds each (`tests/support/keypad.py`): nobody waits for a sentence to end."""

    marks: Mapping[tuple[int, int], str]

    @asynccontextmanager
    async def caller(self) -> AsyncIterator[Keypad]:
        """Somebody in the menu; at the end he hangs up, if he was not."""
        self.ami.events.clear()
        async with keypad(("127.0.0.1", self.asterisk.plan.ports.sip), self.marks, HOTLINE, MOBILE) as caller:
            await caller.is_spoken_to()
            yield caller
        await self.ami.all_gone()
