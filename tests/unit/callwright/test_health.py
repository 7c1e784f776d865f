"""What a process without telephony says of it: its own words, over the bus, or that nobody is there to ask."""

from __future__ import annotations

from callwright.health import answering, asked_over
from crm_core.runtime.in_process_bus import InProcessBus

CUT = "The line to Asterisk at 127.0.0.1:5038 is down."


async def _well() -> str | None:
    return None


async def _cut() -> str | None:
    return CUT


async def found(bus: InProcessBus) -> dict[str, str | None]:
    return {name: await how() for name, how in asked_over(bus)}


async def test_each_part_is_told_in_telephonys_own_words() -> None:
    bus = InProcessBus()
    async with answering(bus, (("asterisk", _cut), ("fastagi", _well), ("call_log", _well))):
        assert await found(bus) == {"asterisk": CUT, "fastagi": None, "call_log": None}
    async with answering(bus, (("asterisk", _well), ("fastagi", _well), ("call_log", _cut))):
        assert await found(bus) == {"asterisk": None, "fastagi": None, "call_log": CUT}


async def test_nobody_there_to_ask_is_itself_the_reason() -> None:
    away = "No telephony process answers."
    assert await found(InProcessBus()) == {"asterisk": away, "fastagi": away, "call_log": away}
