"""What is spoken beside the prompts: `HOME/sounds/<language>/<room>/<name>-<hash>.wav`.

Spoken once for each text, at the latest when the first caller wants to hear it. What an article or a prompt said before
is kept for a day from when it was last asked for, for whoever is hearing it; what a single caller is called, for so
long altogether and never for good. A file's time is that of the last asking.
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
from ivr.prompts.errors import VoiceFailed
from ivr.prompts.espeak import manner_of
from ivr.prompts.files import write_whole
from ivr.prompts.voice import Voice
from ivr.prompts.voices import find_voice

FOLDER = "articles"
"""Beside the prompts, but none of them: no menu says one by its name."""
AT_ONCE, MOST_WAITING = 4, 200
"""So many texts are spoken at a time, and wait for that; a voice that hangs gets no more to do than this."""
_DAY_S = 24 * 3600


class Narrator:
    def __init__(self, folder: Path, *, voice_command: str = "", room: str = FOLDER, most: int | None = None) -> None:
        """`folder`: that of the prompts. `most`: so many texts are kept, and none for longer than a day; None: for each
        name what it says now."""
        self._folder, self._voice_command, self._room, self._most = folder, voice_command, room, most
        self._speaking: dict[Path, asyncio.Task[None]] = {}
        self._turns = asyncio.Semaphore(AT_ONCE)
        self._voice: Voice | None = None

    async def there(self, name: str, language: Language, text: str, say: str = "") -> str | None:
        """Its key, if it was spoken before."""
        key = self._key(name, language, text, say)
        return key if await asyncio.to_thread(_asked_for, self._file(language, key)) else None

    async def sound(self, name: str, language: Language, text: str, say: str = "") -> str:
        """The key of the sound, as those of prompts; `say` is for a voice that must be led. Whoever gives up waiting
        breaks nothing off. Raises VoiceUnavailable and VoiceFailed."""
        if (key := await self.there(name, language, text, say)) is not None:
            return key
        key = self._key(name, language, text, say)
        file = self._file(language, key)
        speaking = self._speaking.get(file)
        if speaking is None and len(self._speaking) >= MOST_WAITING:
            raise VoiceFailed(why="too much is to be spoken at a time")
        if speaking is None:
            words = Words(text=text, say=say or text)
            speaking = asyncio.create_task(self._speak(file, name, language, words), name=f"{language}/{key}")
            self._speaking[file] = speaking
            speaking.add_done_callback(lambda done: self._spoken(file, done))
        await asyncio.shield(speaking)
        return key

    async def _speak(self, file: Path, name: str, language: Language, words: Words) -> None:
        async with self._turns:
            voice = await self._found()
            data = await voice.say(name, language, words)
        await asyncio.to_thread(self._keep, file, name, data)

    async def _found(self) -> Voice:
        """Looked for once: it takes longer than a word."""
        if self._voice is None:
            home, command = self._folder.parent, self._voice_command
            self._voice = await find_voice(home, lambda _: None, command=command, fetch=False)
        return self._voice

    def _spoken(self, file: Path, done: asyncio.Task[None]) -> None:
        del self._speaking[file]
        if done.cancelled() or done.exception() is not None:  # whoever waits for it is told
            self._voice = None

    def _key(self, name: str, language: Language, text: str, say: str) -> str:
        said = f"{self._voice_command}\n{manner_of(language)}\n{text}" + (f"\n{say}" if say not in ("", text) else "")
        return f"{self._room}/{name}-{hashlib.sha256(said.encode()).hexdigest()[:16]}"

    def _file(self, language: Language, key: str) -> Path:
        return self._folder / language / f"{key}.wav"

    def _keep(self, file: Path, name: str, data: bytes) -> None:
        file.parent.mkdir(parents=True, exist_ok=True)
        write_whole(file, data)
        _forget([other for other in file.parent.glob(f"{name}-*.wav") if other != file], self._most)


def _asked_for(file: Path) -> bool:
    """Whether it is there; then it stays for another day. Looking and noting are one step: nobody comes between."""
    try:
        os.utime(file)
    except OSError:  # it is not there, or it is another's, or nobody may write here
        return file.is_file()
    return True


def forget_old(folder: Path, room: str) -> None:
    """What nobody has asked for in a day."""
    _forget(list(folder.glob(f"*/{room}/*.wav")), None)


def _forget(files: list[Path], most: int | None) -> None:
    for one in _over(files, most):
        with contextlib.suppress(OSError):
            one.unlink()


def _over(files: list[Path], most: int | None) -> list[Path]:
    """Those nobody has asked for in a day, and of more than `most` those nobody has asked for the longest."""
    asked = sorted(((_last_asked(file), file) for file in files), reverse=True)
    a_day_ago = time.time() - _DAY_S
    kept = len(asked) if most is None else most - 1  # the one just written is one of them
    return [file for place, (at, file) in enumerate(asked) if at < a_day_ago or place >= kept]


def _last_asked(file: Path) -> float:
    try:
        return file.stat().st_mtime
    except OSError:  # another process was quicker
        return time.time()
