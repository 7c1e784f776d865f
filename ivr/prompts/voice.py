"""Whoever can say a prompt: the port, and the last resort that needs nothing installed."""

from __future__ import annotations

import math
from array import array
from typing import Protocol

from crm_core.kernel.language import Language
from ivr.prompts.catalogue import Words
from ivr.prompts.sound import TELEPHONE_RATE, write_wav


class Voice(Protocol):
    @property
    def name(self) -> str:
        """Who speaks and how, e.g. `espeak-ng 1.51`."""
        ...

    @property
    def speaks(self) -> bool:
        """False for a voice without words."""
        ...

    async def say(self, key: str, language: Language, words: Words) -> bytes:
        """A wav file as telephones like it."""
        ...


class ToneVoice:
    """A short row of notes for each prompt, always the same: rising for a question, falling at an end.

    Nobody would offer this to callers by choice. It keeps the menu going, keys and all, on a machine that cannot speak.
    """

    name = "tones 1"
    speaks = False

    async def say(self, key: str, language: Language, words: Words) -> bytes:
        base = 440.0 if language is Language.ZH else 523.25
        made = array("h")
        for note in _MELODIES.get(key, (0, 0)):
            made.extend(_note(base * 2 ** (note / 12)))
        return write_wav(made)


_MELODIES = {
    "welcome": (0, 4, 7),
    "choose_language": (7, 9),
    "main_menu": (0, 2, 4, 5, 7),
    "wrong_key": (3, 0),
    "no_key": (0, 3),
    "connecting": (4, 7),
    "to_operator": (7, 12),
    "trouble": (6, 0, 6),
    "goodbye": (7, 4, 0),
}
_NOTE_S = 0.18
_PAUSE_S = 0.05


def _note(hertz: float) -> array[int]:
    length = int(_NOTE_S * TELEPHONE_RATE)
    pause = array("h", [0] * int(_PAUSE_S * TELEPHONE_RATE))
    tone = (
        9000 * math.sin(2 * math.pi * hertz * n / TELEPHONE_RATE) * math.sin(math.pi * n / length)
        for n in range(length)
    )
    return array("h", map(round, tone)) + pause
