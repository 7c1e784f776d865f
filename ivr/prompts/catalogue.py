"""The words of every prompt in every language: whole sentences from `catalogue.json`, what numbers, dates and sums of
money are put together from out of `pieces.json`.

`text` is what it says, for people to read; `say` is what the speech synthesiser is given where it must be led: Chinese
is spoken from pinyin, because espeak-ng 1.51 reads characters as “hao two”, and pinyin leaves no doubt about 重.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from crm_core.kernel.language import Language

SENTENCES, PIECES = (Path(__file__).with_name(name) for name in ("catalogue.json", "pieces.json"))
OUR_CATALOGUE = (SENTENCES, PIECES)


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    text: str
    say: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Catalogue:
    prompts: Mapping[str, Mapping[Language, Words]]

    def keys(self) -> dict[Language, frozenset[str]]:
        """Which prompts there are in each language; what flows are proved against."""
        return {
            language: frozenset(key for key, words in self.prompts.items() if language in words)
            for language in Language
        }

    def __iter__(self) -> Iterator[tuple[Language, str, Words]]:
        for key, by_language in self.prompts.items():
            for language, words in by_language.items():
                yield language, key, words


def prompts_in(folder: Path) -> dict[Language, frozenset[str]]:
    """What can be said here: our own catalogue, and every recording in this folder (`<language>/<key>.wav`)."""
    ours = load_catalogue().keys()
    return {
        language: ours[language] | {file.stem for file in (folder / language).glob("*.wav")} for language in Language
    }


def load_catalogue(paths: Sequence[Path] = OUR_CATALOGUE) -> Catalogue:
    return Catalogue(
        prompts={
            key: {Language(code): _words(raw) for code, raw in by_language.items()}
            for path in paths
            for key, by_language in json.loads(path.read_text(encoding="utf-8")).items()
        }
    )


def _words(raw: Mapping[str, str]) -> Words:
    return Words(text=raw["text"], say=raw.get("say", raw["text"]))
