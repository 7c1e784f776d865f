"""What is written in the house, spoken for callers: `HOME/sounds/<language>/articles/<number>-<hash>.wav`.

Spoken once for each text, at the latest when the first caller wants to hear it. What it said before is kept for a day
from when it was last asked for, for whoever is hearing it: a file's time is that of the last asking.
"""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import os
import time
from pathlib import Path

from crm_core.kernel.language import Language
from ivr.prompts.catalogue import Words
from ivr.prompts.espeak import manner_of
from ivr.prompts.files import write_whole
from ivr.prompts.voices import find_voice

FOLDER = "articles"
"""Beside the prompts, but none of them: no menu says one by its name."""
_DAY_S = 24 * 3600


class Narrator:
    def __init__(self, folder: Path, *, voice_command: str = "") -> None:
        """`folder`: that of the prompts."""
        self._folder, self._voice_command = folder, voice_command
        self._speaking: dict[Path, asyncio.Task[None]] = {}

    async def sound(self, number: str, language: Language, text: str) -> str:
        """The key of the sound, as those of prompts. Whoever gives up waiting breaks nothing off.
        Raises VoiceUnavailable and VoiceFailed."""
        key = f"{FOLDER}/{number}-{self._hash(language, text)}"
        file = self._folder / language / f"{key}.wav"
        if await asyncio.to_thread(_asked_for, file):
            return key
        speaking = self._speaking.get(file)
        if speaking is None:
            speaking = asyncio.create_task(self._speak(file, number, language, text), name=f"{language}/{key}")
            self._speaking[file] = speaking
            speaking.add_done_callback(lambda done: self._spoken(file, done))
        await asyncio.shield(speaking)
        return key

    async def _speak(self, file: Path, number: str, language: Language, text: str) -> None:
        voice = await find_voice(self._folder.parent, lambda _: None, command=self._voice_command, fetch=False)
        data = await voice.say(number, language, Words(text=text, say=text))
        await asyncio.to_thread(_keep, file, number, data)

    def _spoken(self, file: Path, done: asyncio.Task[None]) -> None:
        del self._speaking[file]
        if not done.cancelled():
            done.exception()  # whoever waits for it is told

    def _hash(self, language: Language, text: str) -> str:
        said = f"{self._voice_command}\n{manner_of(language)}\n{text}"
        return hashlib.sha256(said.encode()).hexdigest()[:16]


def _asked_for(file: Path) -> bool:
    """Whether it is there; then it stays for another day. Looking and noting are one step: nobody comes between."""
    try:
        os.utime(file)
    except OSError:  # it is not there, or it is another's, or nobody may write here
        return file.is_file()
    return True


def _keep(file: Path, number: str, data: bytes) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    write_whole(file, data)
    for other in file.parent.glob(f"{number}-*.wav"):
        with contextlib.suppress(OSError):  # another process was quicker
            if other != file and time.time() - other.stat().st_mtime > _DAY_S:
                other.unlink()
