"""What the demo's callers and colleagues say: sentences spoken by espeak-ng, or a friendly chime where it is missing.

Each becomes one wav file, a sentence and a pause to breathe, which a phone plays in a loop. Made once, kept by their
text.
"""

from __future__ import annotations

import array
import asyncio
import hashlib
import math
import shutil
import sys
import wave
from collections.abc import Iterable
from pathlib import Path

from crm_core.kernel.language import Language

SPEAK_LIMIT_S = 20.0
PAUSE_S = 3.0
_RATE = 8000
_ESPEAK_VOICES = {Language.ZH: "cmn", Language.EN: "en-gb"}
_CHIME_HZ = (523.25, 659.25, 783.99)

CALLER_LINES: dict[tuple[Language, str], str] = {
    (Language.ZH, "consultation"): "您好，我想咨询一下你们的产品，现在有优惠吗？",
    (Language.ZH, "repair"): "您好，我家的机器坏了，一开机就有响声，麻烦派人来看看。",
    (Language.ZH, "complaint"): "我要投诉。约好了昨天下午上门，一直没有人来。",
    (Language.ZH, "operator"): "您好，请帮我转人工服务，谢谢。",
    (Language.EN, "consultation"): "Hello, I would like to ask about your products. Is there an offer at the moment?",
    (Language.EN, "repair"): "Hello, my machine has stopped working. Could you send somebody to repair it, please?",
    (Language.EN, "complaint"): "I have a complaint. Your technician should have come yesterday, and nobody came.",
    (Language.EN, "operator"): "Hello, I would like to speak to somebody, please.",
}
COLLEAGUE_LINES = {
    Language.ZH: "您好，很高兴为您服务。请稍等，我帮您查一下。",
    Language.EN: "Good day, how can I help you? One moment please, I will have a look.",
}


class Voices:
    """The sound files in one folder. `prepare` makes what is missing; afterwards each line is at hand at once."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    async def prepare(self) -> None:
        lines = [(language, text) for (language, _), text in CALLER_LINES.items()]
        await self._make_all([*lines, *COLLEAGUE_LINES.items()])

    def caller(self, language: Language, choice: str) -> Path:
        """What somebody says who made this choice in the menu."""
        text = CALLER_LINES.get((language, choice), CALLER_LINES[language, "operator"])
        return self._file(language, text)

    def colleague(self, language: Language) -> Path:
        return self._file(language, COLLEAGUE_LINES[language])

    def _file(self, language: Language, text: str) -> Path:
        return self._folder / f"{language}-{hashlib.sha256(text.encode()).hexdigest()[:12]}.wav"

    async def _make_all(self, lines: Iterable[tuple[Language, str]]) -> None:
        self._folder.mkdir(parents=True, exist_ok=True)
        for language, text in lines:
            wav = self._file(language, text)
            if not wav.exists():
                await self._make(wav, language, text)

    async def _make(self, wav: Path, language: Language, text: str) -> None:
        raw = wav.with_suffix(".part")
        if await _speak(raw, language, text):
            await asyncio.to_thread(_with_pause, raw)
        else:
            await asyncio.to_thread(_chime, raw)
        raw.rename(wav)


async def _speak(wav: Path, language: Language, text: str) -> bool:
    program = shutil.which("espeak-ng") or shutil.which("espeak")
    if program is None:
        return False
    words = await asyncio.create_subprocess_exec(
        program,
        *("-v", _ESPEAK_VOICES[language], "-s", "150", "-w", str(wav), "--stdin"),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.DEVNULL,
    )
    try:
        async with asyncio.timeout(SPEAK_LIMIT_S):
            await words.communicate(text.encode())
    except TimeoutError:
        words.kill()
        await words.wait()
        return False
    return words.returncode == 0


def _with_pause(wav: Path) -> None:
    with wave.open(str(wav), "rb") as spoken:
        parameters, frames = spoken.getparams(), spoken.readframes(spoken.getnframes())
    silence = bytes(int(PAUSE_S * parameters.framerate) * parameters.sampwidth * parameters.nchannels)
    with wave.open(str(wav), "wb") as out:
        out.setparams(parameters)
        out.writeframes(frames + silence)


def _chime(wav: Path) -> None:
    """Three notes that fade, then a pause."""
    samples = array.array("h", (0 for _ in range(int((1.5 + PAUSE_S) * _RATE))))
    for index, hertz in enumerate(_CHIME_HZ):
        start = int(index * 0.25 * _RATE)
        for n in range(_RATE):
            fading = 6000 * math.exp(-4 * n / _RATE)
            samples[start + n] += int(fading * math.sin(2 * math.pi * hertz * n / _RATE))
    if sys.byteorder == "big":
        samples.byteswap()
    with wave.open(str(wav), "wb") as out:
        out.setnchannels(1)
        out.setsampwidth(2)
        out.setframerate(_RATE)
        out.writeframes(samples.tobytes())
