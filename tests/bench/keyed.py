"""The menu in which keys are measured: two prompts, each key leads from one to the other."""

from __future__ import annotations

import struct
import wave
from pathlib import Path
from typing import Any

from crm_core.kernel.language import Language
from ivr.prompts.house import PromptHouse
from tests.bench.keys import KEY, PROMPTS

KEYS_FLOW = "bench_keys"
_RATE, _SECONDS = 8000, 30
"""Longer than any caller waits with his key: every one of them cuts a prompt short."""


def keys_flow() -> dict[str, Any]:
    one, two = PROMPTS
    nodes = {
        here: {"kind": "menu", "prompts": [here], "choices": {str(KEY): other}, "exhausted": "person"}
        for here, other in ((one, two), (two, one))
    }
    return {
        "start": one,
        "language": "zh",
        "languages": ["zh"],
        "apology": "trouble",
        "error": "person",
        "defaults": {"queue": "service"},
        "nodes": {**nodes, "person": {"kind": "queue"}},
    }


async def put_key_prompts(folder: Path) -> None:
    """As somebody's recordings, which the product leaves alone."""
    house = PromptHouse(folder)
    for key, value in PROMPTS.items():
        await house.make(key, {Language.ZH: key})
        with wave.open(str(folder / "zh" / f"{key}.wav"), "wb") as sound:
            sound.setnchannels(1)
            sound.setsampwidth(2)
            sound.setframerate(_RATE)
            sound.writeframes(struct.pack("<h", value) * _RATE * _SECONDS)
