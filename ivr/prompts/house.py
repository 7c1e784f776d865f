"""The prompts of a house, for the people who look after them: what each says and is, and making it another.

What they change is heard by the next caller: a file is exchanged at once, and Asterisk opens it anew each time.
"""

from __future__ import annotations

import asyncio
import re
import wave
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path

from crm_core.kernel.language import Language
from ivr.flow.wording import Miswritten, read, sentence, without_values
from ivr.prompts.catalogue import PIECES, Words, load_catalogue
from ivr.prompts.converting import converted
from ivr.prompts.errors import PromptRefused, Refusal
from ivr.prompts.example import examples_of, heard_as
from ivr.prompts.files import locked
from ivr.prompts.house_words import forget_words, house_catalogue, keep_words, reworded
from ivr.prompts.speaker import Speaker, forget_pieces
from ivr.prompts.store import PromptStore, Verdict
from ivr.prompts.voices import find_voice
from ivr.prompts.wordings import wording_of
from ivr.used import said_outside_menus

KEY = re.compile(r"[a-z][a-z0-9_]{1,39}")
"""What menus and queues both take for the name of a prompt."""
LONGEST_TEXT = 1000


class Standing(StrEnum):
    """How a prompt stands in one language."""

    RECORDED = "recorded"
    """By a person."""
    SPOKEN = "spoken"
    """By the synthesiser."""
    OUTDATED = "outdated"
    """By the synthesiser, with the words of before."""
    TONES = "tones"
    """Notes only, because nothing here could speak."""
    MISSING = "missing"


@dataclass(frozen=True, slots=True, kw_only=True)
class Earlier:
    name: str
    recorded_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Side:
    """A prompt in one language."""

    language: Language
    words: Words | None
    standing: Standing
    seconds: float | None = None
    changed_at: datetime | None = None
    earlier: tuple[Earlier, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Prompt:
    key: str
    piece: bool
    """What numbers, dates and times are put together from."""
    own: bool
    """The house's own: not one that came with the product."""
    sides: Mapping[Language, Side]


class PromptHouse:
    def __init__(self, folder: Path, *, voice_command: str = "") -> None:
        self._folder, self._voice_command = folder, voice_command

    async def all(self) -> tuple[Prompt, ...]:
        return await asyncio.to_thread(self._all)

    async def get(self, key: str) -> Prompt:
        """Raises PromptRefused."""
        found = next((one for one in await self.all() if one.key == key), None)
        if found is None:
            raise PromptRefused(Refusal.UNKNOWN)
        return found

    async def sound(self, key: str, language: Language, earlier: str = "") -> Path:
        """Its file, or that of an earlier recording. Raises PromptRefused."""
        if not KEY.fullmatch(key):
            raise PromptRefused(Refusal.UNKNOWN)
        return await asyncio.to_thread(self._sound, key, language, earlier)

    async def record(self, key: str, language: Language, data: bytes) -> None:
        """What somebody recorded, in whatever kind of file. Raises PromptRefused; then all is as before."""
        self._refuse_if_it_has_values(await self.get(key), language)
        sound = await converted(data)
        await asyncio.to_thread(self._store().record, f"{language}/{key}", sound)

    async def recordable(self, key: str, language: Language) -> None:
        """Raises PromptRefused where no recording would be taken."""
        self._refuse_if_it_has_values(await self.get(key), language)

    async def take_back(self, key: str, language: Language, earlier: str) -> None:
        """An earlier recording once more. Raises PromptRefused."""
        self._refuse_if_it_has_values(await self.get(key), language)
        file = await self.sound(key, language, earlier)
        await asyncio.to_thread(lambda: self._store().record(f"{language}/{key}", file.read_bytes()))

    async def speak(self, key: str, language: Language, *, over_recording: bool = True) -> None:
        """Raises PromptRefused, VoiceUnavailable and VoiceFailed; then all is as before."""
        if (words := (await self.get(key)).sides[language].words) is None:
            raise PromptRefused(Refusal.NO_TEXT)
        await Speaker(self._folder, voice_command=self._voice_command).prepare(key, language, words)
        voice = await find_voice(self._folder.parent, lambda _: None, command=self._voice_command, fetch=False)
        await self._store().speak(f"{language}/{key}", voice, over_recording=over_recording)

    async def example(self, key: str, language: Language, values: Mapping[str, str]) -> bytes:
        """Its words as a caller would hear them with these values, and examples of others. Raises PromptRefused,
        VoiceUnavailable and VoiceFailed."""
        words = (await self.get(key)).sides[language].words
        if words is None or not (found := wording_of(words)).places:
            raise PromptRefused(Refusal.UNKNOWN)
        given = {**examples_of(found, language), **values}
        return await heard_as(self._folder, key, language, found, given, voice_command=self._voice_command)

    async def make(self, key: str, texts: Mapping[Language, str]) -> None:
        """A new prompt, still without a sound. Raises PromptRefused."""
        if not KEY.fullmatch(key):
            raise PromptRefused(Refusal.NAME)
        words = {language: _words(key, text) for language, text in texts.items() if text.strip()}
        if not words:
            raise PromptRefused(Refusal.NO_TEXT)
        await asyncio.to_thread(self._make, key, words)

    async def write(self, key: str, language: Language, text: str, say: str = "", *, seen: str | None = None) -> None:
        """Other words. `seen`: what stood there when the writer began. Raises PromptRefused."""
        await self.get(key)
        plain, led = _words(key, text).text, " ".join(say.split())
        await asyncio.to_thread(self._write, key, language, plain, led, seen)

    async def take_away(self, key: str) -> None:
        """One of the house's own. What people recorded is kept: should there be one of this name again, it is among its
        earlier recordings. Raises PromptRefused."""
        if not (await self.get(key)).own:
            raise PromptRefused(Refusal.OURS)
        await asyncio.to_thread(self._take_away, key)

    def _refuse_if_it_has_values(self, prompt: Prompt, language: Language) -> None:
        words = prompt.sides[language].words
        if words is not None and wording_of(words).places:
            raise PromptRefused(Refusal.RECORDED)

    # ---- in a thread

    def _all(self) -> tuple[Prompt, ...]:
        catalogue, ours = house_catalogue(self._folder).prompts, load_catalogue().prompts
        pieces, looked = load_catalogue((PIECES,)).prompts, _Looked.at(self._store())
        keys = [*catalogue, *sorted(self._recorded_only() - catalogue.keys())]
        return tuple(
            Prompt(
                key=key,
                piece=key in pieces,
                own=key not in ours,
                sides={
                    language: self._side(key, language, catalogue.get(key, {}).get(language), looked)
                    for language in Language
                },
            )
            for key in keys
        )

    def _side(
        self,
        key: str,
        language: Language,
        words: Words | None,
        looked: _Looked,
    ) -> Side:
        name = f"{language}/{key}"
        seconds, changed_at = _heard(self._folder / f"{name}.wav")
        verdict = looked.verdicts.get(name, Verdict.MISSING if changed_at is None else Verdict.RECORDED)
        return Side(
            language=language,
            words=words,
            standing=Standing.TONES if name in looked.tones else _STANDING[verdict],
            seconds=seconds,
            changed_at=changed_at,
            earlier=tuple(_earlier(file) for file in looked.store.earlier(name)),
        )

    def _recorded_only(self) -> set[str]:
        """What somebody put here without a word about it."""
        files = (file.stem for language in Language for file in (self._folder / language).glob("*.wav"))
        return {key for key in files if KEY.fullmatch(key)}

    def _sound(self, key: str, language: Language, earlier: str) -> Path:
        name = f"{language}/{key}"
        among = self._store().earlier(name) if earlier else (self._folder / f"{name}.wav",)
        found = next((file for file in among if file.is_file() and earlier in ("", file.stem)), None)
        if found is None:
            raise PromptRefused(Refusal.UNKNOWN)
        return found

    def _make(self, key: str, words: Mapping[Language, Words]) -> None:
        with locked(self._folder):
            if key in house_catalogue(self._folder).prompts or key in self._recorded_only():
                raise PromptRefused(Refusal.TAKEN)
            for language, one in words.items():
                keep_words(self._folder, key, language, one)

    def _write(self, key: str, language: Language, text: str, say: str, seen: str | None) -> None:
        with locked(self._folder):
            before = house_catalogue(self._folder).prompts.get(key, {}).get(language)
            if seen is not None and seen != (before.text if before else ""):
                raise PromptRefused(Refusal.CHANGED)
            words = reworded(before, text, say)
            _readable(key, words)
            keep_words(self._folder, key, language, words)

    def _take_away(self, key: str) -> None:
        with locked(self._folder):
            forget_words(self._folder, key)
        self._store().take_away(key)
        forget_pieces(self._folder, key)

    def _store(self) -> PromptStore:
        return PromptStore(self._folder, house_catalogue(self._folder))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Looked:
    store: PromptStore
    verdicts: Mapping[str, Verdict]
    tones: frozenset[str]

    @classmethod
    def at(cls, store: PromptStore) -> _Looked:
        return cls(store=store, verdicts=store.verdicts(), tones=frozenset(store.tones()))


_STANDING = {
    Verdict.MISSING: Standing.MISSING,
    Verdict.OUTDATED: Standing.OUTDATED,
    Verdict.KEEP: Standing.SPOKEN,
    Verdict.RECORDED: Standing.RECORDED,
}


def _words(key: str, text: str) -> Words:
    plain = " ".join(text.split())
    if len(plain) > LONGEST_TEXT:
        raise PromptRefused(Refusal.LONG_TEXT)
    words = Words(text=plain, say=plain)
    _readable(key, words)
    if not any(one.isalnum() for one in without_values(plain)):
        raise PromptRefused(Refusal.NO_TEXT)
    return words


def _readable(key: str, words: Words) -> None:
    """Raises PromptRefused."""
    try:
        found = read(words.text, words.say)
    except Miswritten as error:
        raise PromptRefused(Refusal.WRITTEN, why=sentence(error.fault, error.what)) from None
    if found.places and said_outside_menus(key):
        raise PromptRefused(Refusal.FIXED)


def _heard(file: Path) -> tuple[float | None, datetime | None]:
    """How long it sounds, and since when it is so."""
    try:
        changed_at = datetime.fromtimestamp(file.stat().st_mtime, UTC)
    except OSError:
        return None, None
    try:
        with wave.open(str(file)) as sound:
            return sound.getnframes() / sound.getframerate(), changed_at
    except (OSError, EOFError, wave.Error, ZeroDivisionError):
        return None, changed_at


def _earlier(file: Path) -> Earlier:
    stamp = file.stem.partition("-")[0]
    return Earlier(name=file.stem, recorded_at=datetime.strptime(stamp, "%Y%m%dT%H%M%S").replace(tzinfo=UTC))
