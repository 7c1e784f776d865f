"""Telephony's own word on how it is, asked over the bus: so a console in a process of its own can answer for it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from functools import partial
from typing import ClassVar

from agent_console.settings import Check
from crm_core.kernel.bus import Bus, NobodyServes, RequestTimedOut
from crm_core.kernel.messages import Command, CommandResult, registered

PARTS = ("asterisk", "fastagi", "call_log")
"""What telephony is asked for by name."""
PATIENCE_S = 2.0
"""Shorter than that of who asks us, so that the reason given is ours."""
_AWAY = "No telephony process answers."


@registered
@dataclass(frozen=True, slots=True, kw_only=True)
class AskTelephony(Command):
    """Are the lines to Asterisk up, and the voice menus, and does the call log take what is told?"""

    topic: ClassVar[str] = "telephony.ask"


@registered
@dataclass(frozen=True, slots=True, kw_only=True)
class TelephonySays(CommandResult):
    """The answer to AskTelephony."""

    topic: ClassVar[str] = "telephony.says"
    troubles: dict[str, str] = field(default_factory=dict)
    """Part -> what is wrong with it. A part that is well is not among them."""


@asynccontextmanager
async def answering(bus: Bus, checks: Sequence[Check]) -> AsyncIterator[None]:
    """Tells who asks over the bus, until the block ends."""

    async def answer(_: Command) -> CommandResult:
        found = {name: await how() for name, how in checks}
        return TelephonySays(ok=True, troubles={name: why for name, why in found.items() if why})

    async with bus.serve(answer, AskTelephony):
        yield


def asked_over(bus: Bus) -> tuple[Check, ...]:
    """The checks of a process without telephony: what the one that has it says of itself."""
    return tuple((part, partial(_ask, bus, part)) for part in PARTS)


async def _ask(bus: Bus, part: str) -> str | None:
    try:
        answer = await bus.request(AskTelephony(), timeout=PATIENCE_S)
    except (NobodyServes, RequestTimedOut):
        return _AWAY
    return answer.troubles.get(part) if isinstance(answer, TelephonySays) else _AWAY
