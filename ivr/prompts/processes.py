"""Runs a helper program to its end, within a time, and says plainly why it failed."""

from __future__ import annotations

import asyncio
import os
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

from ivr.prompts.errors import VoiceFailed


async def run(
    command: Sequence[str],
    *,
    env: Mapping[str, str] | None = None,
    cwd: Path | None = None,
    feed: str = "",
    within_s: float = 30,
) -> str:
    """What it printed. Raises VoiceFailed when it is not there, takes too long or does not succeed."""
    try:
        # From a file: into a pipe whose reader has ended already uvloop raises what asyncio would pass over.
        with tempfile.TemporaryFile() as words:
            words.write(feed.encode())
            words.seek(0)
            process = await asyncio.create_subprocess_exec(
                *command,
                stdin=words,
                stdout=asyncio.subprocess.PIPE,
                stderr=asyncio.subprocess.PIPE,
                env={**os.environ, "LC_ALL": "C.UTF-8", **(env or {})},
                cwd=cwd,
            )
    except OSError as error:
        raise VoiceFailed(why=f"{command[0]} does not start ({error.strerror})") from None
    try:
        async with asyncio.timeout(within_s):
            printed, complaint = await process.communicate()
    except TimeoutError:
        raise VoiceFailed(why=f"{command[0]} took longer than {within_s:g} s") from None
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    if process.returncode != 0:
        last = complaint.decode(errors="replace").strip().splitlines()[-1:] or ["no reason given"]
        raise VoiceFailed(why=f"{command[0]} ended with {process.returncode}: {last[0]}")
    return printed.decode(errors="replace")
