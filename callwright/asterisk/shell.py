"""Runs one program to its end and keeps what it said; for the few system tools the installation needs."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Finished:
    code: int
    out: str
    err: str

    @property
    def last_words(self) -> str:
        """The last line that says something, for a one-sentence error."""
        lines = [line.strip() for line in (self.err + "\n" + self.out).splitlines() if line.strip()]
        errors = [line for line in lines if line.startswith(("E:", "dpkg", "ERROR", "tar:"))]
        return (errors or lines or [f"exit code {self.code}"])[-1]


async def run(argv: Sequence[str], *, environment: Mapping[str, str] | None = None) -> Finished:
    """Run to the end, in plain English whatever the machine speaks. A missing program is exit code 127."""
    try:
        process = await asyncio.create_subprocess_exec(
            *argv,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
            env={**os.environ, "LC_ALL": "C", "LANGUAGE": "C", **(environment or {})},
        )
    except (FileNotFoundError, PermissionError) as problem:
        return Finished(code=127, out="", err=str(problem))
    try:
        out, err = await process.communicate()
    except asyncio.CancelledError:
        process.kill()
        await process.wait()
        raise
    return Finished(code=process.returncode or 0, out=out.decode(errors="replace"), err=err.decode(errors="replace"))
