"""Speaks the words of prompts that have values in them: what is the same for everybody once, a caller's values for him.

`HOME/sounds/<language>/pieces` is made with the prompts and stays; `…/values` holds what single callers are called and
the like, for a day at most after it was heard last, and so many of them. No backup has it.
"""

from __future__ import annotations

import asyncio
import contextlib
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from crm_core.kernel.language import Language
from ivr.flow.messages import Sound
from ivr.flow.wording import wording
from ivr.prompts.catalogue import Words
from ivr.prompts.narrator import Narrator, forget_old

PIECES, VALUES = "pieces", "values"
MOST_VALUES = 2000
"""In a language; some 20 kB each."""
_VALUE = "value"

Files = Mapping[Sound, str]
"""What each is heard from: `<language>/<key>`, as prompts are."""


class Speaker:
    def __init__(self, folder: Path, *, voice_command: str = "") -> None:
        """`folder`: that of the prompts."""
        self._pieces = Narrator(folder, voice_command=voice_command, room=PIECES)
        self._values = Narrator(folder, voice_command=voice_command, room=VALUES, most=MOST_VALUES)

    async def prepare(self, key: str, language: Language, words: Words) -> None:
        """All that can be spoken before anybody calls. Raises VoiceUnavailable and VoiceFailed."""
        for piece in wording(words.text, words.say).literals:
            await self._pieces.sound(key, language, piece.read, piece.spoken)

    async def ready(self, sounds: Iterable[Sound]) -> Files:
        """Those that were spoken before."""
        found: dict[Sound, str] = {}
        for one in sounds:
            narrator, name, language, (text, say) = self._how(one)
            if (key := await narrator.there(name, language, text, say)) is not None:
                found[one] = f"{language}/{key}"
        return found

    async def speak(self, sounds: Iterable[Sound], within_s: float) -> Files:
        """Those that are spoken in time; the others will be, for the next caller."""
        tasks = {one: asyncio.create_task(self._speak(one), name="a prompt's words") for one in dict.fromkeys(sounds)}
        if tasks:
            await asyncio.wait(tasks.values(), timeout=within_s)
        found: dict[Sound, str] = {}
        for one, task in tasks.items():
            if not task.done():
                task.cancel()  # who waits for it goes; the voice speaks on
            elif not task.cancelled() and task.exception() is None:
                found[one] = task.result()
        return found

    async def _speak(self, sound: Sound) -> str:
        narrator, name, language, (text, say) = self._how(sound)
        return f"{language}/{await narrator.sound(name, language, text, say)}"

    def _how(self, sound: Sound) -> tuple[Narrator, str, Language, tuple[str, str]]:
        """By whom, as what, in which language; and the words, as people read them and as they are said."""
        assert sound.spoken is not None  # noqa: S101 - those of `spoken_in`
        said = sound.spoken
        words = (said.read or said.say, said.say)
        if said.value:
            return self._values, _VALUE, voice_for(said.say, sound.language), words
        return self._pieces, sound.key, sound.language, words


def spoken_in(sounds: Iterable[Sound]) -> tuple[Sound, ...]:
    """What a voice has to speak of a row, and what stands in for it."""
    spoken = [one for one in sounds if one.spoken is not None]
    instead = [other for one in spoken if one.spoken and one.spoken.instead for other in one.spoken.instead]
    return tuple(dict.fromkeys((*spoken, *instead)))


def heard_from(sounds: Iterable[Sound], files: Files) -> Sequence[str] | None:
    """What is played one after the other; None: something of it cannot be heard, so nothing is."""
    row: list[str] = []
    for one in sounds:
        if one.spoken is None:
            row.append(f"{one.language}/{one.key}")
        elif one in files:
            row.append(files[one])
        elif one.spoken.instead is None or not all(other in files for other in one.spoken.instead):
            return None
        else:
            row += [files[other] for other in one.spoken.instead]
    return row


def voice_for(text: str, language: Language) -> Language:
    """Chinese names are spoken by the Chinese voice in an English call as well, and the other way round: each makes
    nothing of the other's letters."""
    letters = [sign for sign in text if sign.isalpha()]
    if any(unicodedata.name(sign, "").startswith("CJK") for sign in letters):
        return Language.ZH
    return Language.EN if any(sign.isascii() for sign in letters) else language


def forget_pieces(folder: Path, key: str) -> None:
    """Of a prompt that is no more."""
    for file in folder.glob(f"*/{PIECES}/{key}-*.wav"):
        with contextlib.suppress(OSError):
            file.unlink()


def forget_values(folder: Path) -> None:
    """Of callers who were here long ago."""
    forget_old(folder, VALUES)
