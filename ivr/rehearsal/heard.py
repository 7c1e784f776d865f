"""What a row of sounds says, for people to read. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import groupby
from typing import Final

from crm_core.kernel.language import Language
from ivr.flow.messages import Sound
from ivr.prompts.catalogue import Catalogue

_GAP: Final = re.compile(r"\s+([,.;:!?，。；：！？、])")
_IN_CHINESE: Final = re.compile(r"(?<=[\u3400-\u9fff，。；：！？、])\s(?=[\u3400-\u9fff])")
_BETWEEN: Final = {Language.ZH: "", Language.EN: " "}


@dataclass(frozen=True, slots=True, kw_only=True)
class Spoken:
    """Words that are heard, in one language."""

    language: Language
    text: str


def spoken(sounds: Iterable[Sound], catalogue: Catalogue) -> Iterator[Spoken]:
    for language, row in groupby(sounds, key=lambda one: one.language):
        yield Spoken(language=language, text=_joined(_BETWEEN[language].join(_text(one, catalogue) for one in row)))


def _joined(text: str) -> str:
    """Values stand within sentences."""
    return _IN_CHINESE.sub("", _GAP.sub(r"\1", " ".join(text.split())))


def _text(sound: Sound, catalogue: Catalogue) -> str:
    """Of a recording whose words nobody wrote down only its name is known."""
    words = catalogue.prompts.get(sound.key, {}).get(sound.language)
    return sound.text or (words.text if words else f"[{sound.key}]")
