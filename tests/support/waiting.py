"""Waiting for something to become true, with words for what it was when it never does."""

from __future__ import annotations

import asyncio
import inspect
import time
from collections.abc import Awaitable, Callable
from typing import Any

LIMIT_S = 40.0
"""What comes at once may take so long on a machine that is busy with other things; only a failure waits for it."""


async def eventually(what: str, check: Callable[[], Awaitable[Any] | Any], *, limit_s: float = LIMIT_S) -> Any:
    """The first answer of `check` that is not None, False or empty; asked again until `limit_s` have passed.

    A check that raises AssertionError is not yet true; the last words go into the failure.
    """
    end = time.monotonic() + limit_s
    last: object = "it was never asked"
    while True:
        try:
            answer = check()
            found = await answer if inspect.isawaitable(answer) else answer
            if found:
                return found
            last = found
        except AssertionError as not_yet:
            last = not_yet
        if time.monotonic() >= end:
            raise AssertionError(f"waited {limit_s:g} s for {what}; last seen: {last!s:.2000}")
        await asyncio.sleep(0.05)
