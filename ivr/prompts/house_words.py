"""What the house itself has written: other words for our prompts, and prompts of its own, in `HOME/sounds/words.json`.

It lies beside the sounds, so that a backup has both, and the set-up speaks what is written here.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

from crm_core.kernel.language import Language
from ivr.prompts.catalogue import Catalogue, Words, load_catalogue
from ivr.prompts.files import write_whole

Texts = Mapping[Language, Words]


def house_catalogue(folder: Path) -> Catalogue:
    """Ours, and what the house has written over it."""
    ours, theirs = load_catalogue().prompts, house_words(folder)
    return Catalogue(prompts={**ours, **{key: {**ours.get(key, {}), **texts} for key, texts in theirs.items()}})


def house_words(folder: Path) -> Mapping[str, Texts]:
    """Nothing, where nothing can be read: then ours are spoken."""
    return _read(folder) or {}


def _read(folder: Path) -> Mapping[str, Texts] | None:
    try:
        return load_catalogue((_file(folder),)).prompts
    except (OSError, ValueError, LookupError, TypeError, AttributeError):
        return None


def keep_words(folder: Path, key: str, language: Language, words: Words) -> None:
    """Whoever calls has the folder alone. A file that cannot be read is put aside, for somebody to mend."""
    file = _file(folder)
    if file.exists() and _read(folder) is None:
        file.replace(file.with_name(f"{file.name}.unreadable"))
    kept = {known: dict(texts) for known, texts in house_words(folder).items()}
    kept.setdefault(key, {})[language] = words
    _write(folder, kept)


def forget_words(folder: Path, key: str) -> None:
    """Whoever calls has the folder alone."""
    kept = {known: texts for known, texts in house_words(folder).items() if known != key}
    if len(kept) != len(house_words(folder)):
        _write(folder, kept)


def _write(folder: Path, kept: Mapping[str, Texts]) -> None:
    plain = {known: {code: _plain(one) for code, one in texts.items()} for known, texts in sorted(kept.items())}
    write_whole(_file(folder), json.dumps(plain, ensure_ascii=False, indent=1).encode())


def reworded(before: Words | None, text: str, say: str) -> Words:
    """With another text, what the voice was led by before is of no use any more."""
    led = say and (before is None or text == before.text or say != before.say)
    return Words(text=text, say=say if led else text)


def _plain(words: Words) -> dict[str, str]:
    return {"text": words.text} | ({"say": words.say} if words.say != words.text else {})


def _file(folder: Path) -> Path:
    return folder / "words.json"
