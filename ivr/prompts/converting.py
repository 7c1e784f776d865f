"""Whatever sound somebody brings, as a file that Asterisk plays: 8 kHz, mono, 16 bit, at the level of all prompts."""

from __future__ import annotations

import asyncio
import sys
import tempfile
from pathlib import Path

from ivr.prompts.errors import PromptRefused, Refusal, VoiceFailed
from ivr.prompts.processes import run

DONE = "done"
"""What the decoder prints when all went well; else a Refusal."""
LONGEST_S = 180
LARGEST = 30 * 1024 * 1024
_WITHIN_S = 90


async def converted(data: bytes) -> bytes:
    """Raises PromptRefused."""
    if len(data) > LARGEST:
        raise PromptRefused(Refusal.TOO_LARGE)
    with tempfile.TemporaryDirectory() as folder:
        source, target = Path(folder) / "source", Path(folder) / "target.wav"
        await asyncio.to_thread(source.write_bytes, data)
        command = (sys.executable, "-m", "ivr.prompts.decoding", str(source), str(target))
        try:
            told = (await run(command, within_s=_WITHIN_S)).strip()
        except VoiceFailed:
            raise PromptRefused(Refusal.UNREADABLE) from None
        if told != DONE:
            raise PromptRefused(Refusal(told))
        return await asyncio.to_thread(target.read_bytes)
