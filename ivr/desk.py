"""The desk a menu may ask: the port by which the house answers, and how long a caller waits for it.

Nobody is kept waiting by a database that is slow, away, or hangs even when it is told to stop: after its time a
question is given up, and the flow goes on by its error exit.
"""

from __future__ import annotations

import asyncio
import re
from typing import Protocol

from crm_core.kernel.ids import CallId
from ivr.errors import NotAnswered
from ivr.flow.asked import Answered, Question
from ivr.flow.messages import Ask

_given_up: set[asyncio.Task[Answered]] = set()
"""Questions nobody waits for any more, until they have noticed."""


MESSAGES = "messages"
"""Where messages lie in the folder of recordings."""
COMMENTS = "comments"
"""… and what callers say of us."""
_SPOKEN = re.compile(rf"(?:{MESSAGES}|{COMMENTS})/(.+)-([0-9]{{1,4}})\.wav", re.ASCII)


def message_file(call: CallId, take: int) -> str:
    return f"{MESSAGES}/{call}-{take}.wav"


def comment_file(call: CallId, take: int) -> str:
    return f"{COMMENTS}/{call}-{take}.wav"


def message_of(file: str) -> tuple[CallId, int] | None:
    """In which call this message or comment was left, and which of them it is."""
    named = _SPOKEN.fullmatch(file)
    return (CallId(named[1]), int(named[2])) if named is not None else None


class Desk(Protocol):
    async def answer(self, call: CallId, question: Question) -> Answered:
        """Whatever it raises is taken for a desk that cannot answer now."""
        ...


class NobodyAtTheDesk:
    """Where menus run without the rest of the house."""

    async def answer(self, call: CallId, question: Question) -> Answered:
        raise NotAnswered(why="nobody is at the desk")


async def ask(desk: Desk, call: CallId, asked: Ask) -> Answered:
    """Raises NotAnswered."""
    asking = asyncio.create_task(_put(desk, call, asked.question), name="a menu's question")
    try:
        await asyncio.wait({asking}, timeout=asked.within_s)
    finally:
        if not asking.done():
            _give_up(asking)
    if not asking.done():
        raise NotAnswered(why=f"no answer within {asked.within_s:g} s")
    if asking.cancelled():  # somebody else broke it off; that is no word to the caller's session
        raise NotAnswered(why="it was broken off")
    return asking.result()


async def _put(desk: Desk, call: CallId, question: Question) -> Answered:
    try:
        return await desk.answer(call, question)
    except NotAnswered:
        raise
    except Exception as error:
        raise NotAnswered(why=str(error) or type(error).__name__) from error


def _give_up(asking: asyncio.Task[Answered]) -> None:
    asking.cancel()
    _given_up.add(asking)
    asking.add_done_callback(_noticed)


def _noticed(asking: asyncio.Task[Answered]) -> None:
    _given_up.discard(asking)
    if not asking.cancelled():
        asking.exception()
