"""One phone into which a prompt is spoken: `machine` says what is done on its line, and is told what came of it."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path

import structlog

from crm_core.kernel.language import Language
from ivr.fastagi.errors import CallerHungUp, CommandFailed
from ivr.fastagi.line import AgiLine
from ivr.prompts.converting import LONGEST_S
from ivr.prompts.errors import PromptRefused
from ivr.prompts.key_tones import without_key_tones
from ivr.prompts.sound import is_silent, read_wav, write_wav
from ivr.takes.commands import Take, TakeState
from ivr.takes.machine import (
    AwaitKey,
    Effect,
    Gone,
    Input,
    Keep,
    Kept,
    PlayBack,
    Pressed,
    Record,
    Say,
    Spoken,
    State,
    advance,
    begun,
)

SILENCE_S = 8
"""So long a pause is no pause any more."""
LONGEST_TAKE_S = LONGEST_S - 1
"""As long as an uploaded one may be; it is never refused for its length behind his back."""
SHORTEST_S = 0.4

KeepTake = Callable[[Take, bytes], Awaitable[None]]
"""Makes this sound what callers hear; raises PromptRefused. Whatever else it raises, nothing was kept."""

_log = structlog.get_logger(__name__)


class TakeSession:
    """`tell` is told each state before it begins, and answers whether the take is still wanted."""

    def __init__(
        self,
        line: AgiLine,
        take: Take,
        *,
        prompts: Path,
        file: Path,
        keep: KeepTake,
        tell: Callable[[State], bool],
        longest_s: int = LONGEST_TAKE_S,
    ) -> None:
        self._line, self._take, self._file = line, take, file
        self._prompts, self._keep, self._tell, self._longest_s = prompts, keep, tell, longest_s

    async def run(self) -> None:
        turn = begun()
        self._tell(turn.state)
        while turn.effects:
            try:
                happened = await self._carry_out(turn.effects)
            except CallerHungUp:
                happened = Gone()
            turn = advance(turn.state, happened)
            self._tell(turn.state)

    async def _carry_out(self, effects: tuple[Effect, ...]) -> Input:
        """A key ends what is being said; it is the answer to what stands behind it."""
        key, happened = "", Pressed()
        for effect in effects:
            match effect:
                case Say(prompt=prompt):
                    key = key or await self._play(str(self._prompts / self._guidance / prompt))
                case PlayBack():
                    key = key or await self._play(str(self._file.with_suffix("")))
                case AwaitKey(timeout_s=timeout_s):
                    key = key or (await self._line.read_digit(timeout_s) if timeout_s else "")
                    happened = Pressed(key=key)
                case Record():
                    return await self._record()
                case Keep():
                    return await self._save()
        return happened

    @property
    def _guidance(self) -> Language:
        return self._take.guidance

    async def _play(self, sound: str) -> str:
        """A sentence that is not there is a pity, and no reason to stop."""
        try:
            return (await self._line.play(sound))[:1]
        except CommandFailed as failure:
            _log.warning("not played", action="take", take=self._take.id, why=str(failure))
            return ""

    async def _record(self) -> Spoken:
        try:
            ended = await self._line.record(str(self._file), self._longest_s, SILENCE_S)
        except CommandFailed as failure:
            _log.warning("not recorded", action="take", take=self._take.id, why=str(failure))
            return Spoken(heard=False)
        return Spoken(heard=await asyncio.to_thread(is_heard, self._file), too_long=ended == "TIMEOUT")

    async def _save(self) -> Kept:
        """Whoever has given up on the page meanwhile has not pressed this key."""
        if not self._tell(State(at=TakeState.SAVING)):
            return Kept(reason="given_up")
        try:
            await self._keep(self._take, await asyncio.to_thread(spoken, self._file))
        except PromptRefused as refused:
            return Kept(reason=refused.reason)
        except Exception:
            _log.exception("a recording by phone could not be kept", action="take", take=self._take.id)
            return Kept(reason="failed")
        return Kept()


def is_heard(file: Path) -> bool:
    """Whether there is anything in it but silence and the keys that began and ended it."""
    try:
        samples, rate = read_wav(file.read_bytes())
    except (OSError, EOFError, ValueError):
        return False
    samples = without_key_tones(samples)
    return len(samples) >= SHORTEST_S * rate and not is_silent(samples)


def spoken(file: Path) -> bytes:
    """The recording as a wav file, without the tones of keys."""
    samples, _ = read_wav(file.read_bytes())
    return write_wav(without_key_tones(samples))
