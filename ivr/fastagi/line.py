"""One caller's line for those who write coroutines: each verb bounded in time, errors of one family."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable, Mapping
from typing import ParamSpec, TypeVar

from ivr.fastagi.errors import CallerHungUp, CommandFailed, LineError, PeerSilent
from ivr.fastagi.greenlets import call_waiting
from ivr.fastagi.limits import Limits
from ivr.fastagi.verbs import ANY_KEY, AgiVerbs

_TONE_S = 2.0
_NO_KEY_YET_S = 0.02
"""Whoever has just pressed a key is not that quick with the next one: Asterisk itself takes 125 ms for a key and the
pause behind it."""
_LISTENING_S = 5.0
_MOST_LISTENED = 32
"""More keys than that nobody presses meanwhile; who says so does not believe it himself."""
_INTERRUPT_EVERY_S = 0.1
_UNSAFE = dict.fromkeys(map(ord, '",;\\()[]{}$'), " ") | dict.fromkeys((*range(32), 127), " ")

_P = ParamSpec("_P")
_T = TypeVar("_T")


class AgiLine:
    def __init__(self, verbs: AgiVerbs, limits: Limits) -> None:
        self._verbs = verbs
        self._limits = limits
        self._broke: LineError | None = None

    async def synchronise(self) -> None:
        await self._call(0, self._verbs.synchronise)

    async def answer(self) -> None:
        await self._call(0, self._verbs.answer)

    async def play(self, sound: str, *, barge_in: bool = True) -> str:
        """Play a sound file (absolute, without its ending). Every key pressed meanwhile; the first one ends it, unless
        the sound must be heard to its end: then it goes on where it was interrupted."""
        pressed, offset = "", 0
        while key := await self._call(self._limits.prompt_s, self._verbs.stream_file, sound, ANY_KEY, offset):
            pressed += key
            if barge_in:
                break
            offset = self._verbs.endpos
        return pressed

    async def record(self, file: str, longest_s: int, silence_s: int) -> str:
        """A sound file (absolute, with its ending), after a tone, until `#`, such a silence, or the end. Whoever
        hangs up has said what he said until then. What ended it, as Asterisk calls it: `DTMF`, `SILENCE`, `TIMEOUT`."""
        await self._call(longest_s + _TONE_S, self._verbs.exec_command, "Record", file, silence_s, longest_s, "k")
        ended = await self.variable("RECORD_STATUS")
        if ended == "ERROR":
            raise CommandFailed(command="Record")
        return ended

    async def read_digit(self, timeout_s: float) -> str:
        key: str = await self._call(timeout_s, self._verbs.wait_for_digit, round(timeout_s * 1000))
        return key

    @contextlib.asynccontextmanager
    async def listening(self) -> AsyncIterator[list[str]]:
        """While something else is waited for in this block: the keys that are pressed meanwhile, in order.

        Asterisk throws away every key that comes while no command of ours is under way (seen on 22.10.1). Raises
        nothing: that the caller or the line has gone is what the next command says."""
        pressed: list[str] = []
        over = asyncio.Event()
        listener = asyncio.create_task(self._listen(pressed, over), name="keys meanwhile")
        try:
            yield pressed
        except asyncio.CancelledError:
            listener.cancel()
            await asyncio.wait({listener})
            raise
        finally:
            over.set()
            while not listener.done():
                self._verbs.interrupt()
                await asyncio.wait({listener}, timeout=_INTERRUPT_EVERY_S)

    async def _listen(self, pressed: list[str], over: asyncio.Event) -> None:
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(_NO_KEY_YET_S):
                await over.wait()
        try:
            for _ in range(_MOST_LISTENED):
                if over.is_set():
                    break
                pressed.append(await self._call(_LISTENING_S, self._verbs.listen, round(_LISTENING_S * 1000)))
        except (CallerHungUp, CommandFailed):
            pass
        except LineError as error:
            self._broke = error

    async def variable(self, name: str) -> str:
        """A channel variable, or a function such as `CALLERID(num)`; empty when it is not set."""
        value: str = await self._call(0, self._verbs.get_variable, name)
        return value

    async def set_variables(self, values: Mapping[str, str]) -> None:
        """Several channel variables (or functions such as `CHANNEL(language)`) in one go."""
        pairs = ",".join(f"{name}={clean(value)}" for name, value in values.items())
        await self._call(0, self._verbs.exec_command, "MSet", pairs)

    async def user_event(self, name: str, fields: Mapping[str, str]) -> None:
        parts = (name, *(f"{field}: {clean(value)}" for field, value in fields.items()))
        await self._call(0, self._verbs.exec_command, "UserEvent", *parts)

    async def _call(self, takes_s: float, verb: Callable[_P, _T], *args: _P.args, **kwargs: _P.kwargs) -> _T:
        if self._broke is not None:
            raise self._broke
        within = takes_s + self._limits.answer_s
        try:
            async with asyncio.timeout(within):
                return await call_waiting(verb, *args, **kwargs)
        except TimeoutError:
            raise PeerSilent(seconds=f"{within:g}", doing=getattr(verb, "__name__", "a command")) from None


def clean(value: str) -> str:
    """Free of what Asterisk's applications would take for syntax: commas, quotes, brackets, `$`, line breaks."""
    return " ".join(value.translate(_UNSAFE).split())
