"""What can be said here, with the words of those prompts that have values in them."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from crm_core.kernel.language import Language
from ivr.flow.wording import FIXED, Wording, wording
from ivr.prompts.catalogue import Catalogue, Words, prompts_in
from ivr.prompts.house_words import house_catalogue
from ivr.prompts.store import PromptStore, Verdict

Stamp = tuple[tuple[int, int, int], ...]


def sounds_in(folder: Path) -> Mapping[Language, Mapping[str, Wording]]:
    """What flows are proved against, and speak by. A recording goes before the words, whatever stands in them, and so
    do tones where nothing here can speak: these are heard as they are."""
    written = {
        key: there
        for key, texts in house_catalogue(folder).prompts.items()
        if (there := {language: words for language, words in texts.items() if wording_of(words) != FIXED})
    }
    fixed = _heard_as_they_are(folder, written) if written else frozenset()
    return {
        language: {
            key: FIXED if f"{language}/{key}" in fixed else _words_of(written.get(key, {}).get(language))
            for key in keys
        }
        for language, keys in prompts_in(folder).items()
    }


def wording_of(words: Words) -> Wording:
    return wording(words.text, words.say)


def stamp_of(folder: Path) -> Stamp:
    """Another one as soon as a word or a prompt has changed: a folder's time is that of its last new file."""
    files = ("words.json", "made.json", *Language)
    return tuple(_stamp(folder / one) for one in files)


def _words_of(words: Words | None) -> Wording:
    return FIXED if words is None else wording_of(words)


def _heard_as_they_are(folder: Path, written: Mapping[str, Mapping[Language, Words]]) -> frozenset[str]:
    store = PromptStore(folder, Catalogue(prompts=written))
    recorded = {name for name, verdict in store.verdicts().items() if verdict is Verdict.RECORDED}
    return frozenset(recorded | set(store.tones()))


def _stamp(file: Path) -> tuple[int, int, int]:
    try:
        found = file.stat()
    except OSError:
        return (0, 0, 0)
    return (found.st_mtime_ns, found.st_size, found.st_ino)
