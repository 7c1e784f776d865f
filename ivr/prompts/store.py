"""The prompt files of an installation: `HOME/sounds/<language>/<key>.wav`.

Made where they are missing or their words have changed; whatever a person has put there is left alone. `made.json`
beside them remembers which files are ours: one whose content is not what we wrote is somebody's recording.
"""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import json
import re
from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from enum import Enum, auto
from pathlib import Path

from crm_core.kernel.language import Language
from ivr.flow.wording import without_values
from ivr.prompts.catalogue import Catalogue, Words
from ivr.prompts.errors import VoiceFailed, VoiceUnavailable
from ivr.prompts.espeak import manner_of
from ivr.prompts.files import locked, write_whole
from ivr.prompts.house_words import house_catalogue
from ivr.prompts.speaker import Speaker, forget_values
from ivr.prompts.voice import ToneVoice, Voice
from ivr.prompts.voices import find_voice, voice_named

Say = Callable[[str], None]
"""Progress in plain words."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Made:
    """What we remember of a file that we wrote."""

    words: str
    """Hash of what it says and how it is to be said."""
    sound: str
    """Hash of the file."""
    voice: str
    speaks: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class PromptReport:
    made: int
    kept: int
    recorded: int
    """Recordings by people."""
    tones: tuple[str, ...]
    """Prompts that are only tones, because nothing here could speak: `zh/welcome` …"""
    why: str = ""
    """Why nothing can speak."""


class Verdict(Enum):
    MISSING = auto()
    OUTDATED = auto()
    KEEP = auto()
    RECORDED = auto()


_EARLIER = re.compile(r"\d{8}T\d{6}-[0-9a-f]{8}", re.ASCII)
"""When it was recorded, and the beginning of its hash."""
_NAMED = 4
"""So many missing prompts are called by their names."""


def prompts_folder(home: Path) -> Path:
    return home / "sounds"


async def ensure_prompts(
    home: Path, say: Say, *, catalogue: Catalogue | None = None, voice_command: str = ""
) -> PromptReport:
    """Every prompt of the catalogue, ours with the house's own words, as a file.

    Never fails for want of a voice: then there are tones, and it says so. A voice is looked for on this machine
    whenever something is to be spoken, but fetched only while prompts are missing, so that a start without a network
    stays quick.
    """
    folder = prompts_folder(home)
    said = catalogue or house_catalogue(folder)
    report = await _ensure(home, say, PromptStore(folder, said, spoken_by=voice_named(voice_command)), voice_command)
    await asyncio.to_thread(forget_values, folder)
    with contextlib.suppress(VoiceUnavailable, VoiceFailed):  # they are spoken when the first caller hears them
        speaker = Speaker(folder, voice_command=voice_command)
        for language, key, words in said:
            await speaker.prepare(key, language, words)
    return report


async def _ensure(home: Path, say: Say, store: PromptStore, voice_command: str) -> PromptReport:
    verdicts = store.verdicts()
    if not store.wanting(verdicts):
        return store.report(verdicts)
    try:
        voice = await find_voice(home, say, command=voice_command, fetch=Verdict.MISSING in verdicts.values())
        await store.make(verdicts, voice, say)
    except (VoiceUnavailable, VoiceFailed) as error:
        say(f"{error} Callers hear tones instead of words until there is one, or recordings in {store.folder}.")
        await store.make(store.verdicts(), ToneVoice(), say)
        return store.report(verdicts, why=str(error))
    return store.report(verdicts)


def prompt_problems(home: Path, *, catalogue: Catalogue | None = None) -> tuple[str, ...]:
    """What the doctor has to say: prompts that are missing or only tones."""
    store = PromptStore(prompts_folder(home), catalogue or house_catalogue(prompts_folder(home)))
    missing = [name for name, verdict in store.verdicts().items() if verdict is Verdict.MISSING]
    some = [*missing[:_NAMED], f"and {len(missing) - _NAMED} more"] if len(missing) > _NAMED else missing
    found = [f"Prompts are missing in {store.folder}: {', '.join(some)}."] if missing else []
    if tones := store.tones():
        found.append(f"{len(tones)} prompts are tones instead of words: install espeak-ng or record them.")
    return tuple(found)


class PromptStore:
    def __init__(self, folder: Path, catalogue: Catalogue, *, spoken_by: str = "") -> None:
        """`spoken_by`: how the name of the voice begins that is to speak here; what another spoke is spoken anew."""
        self.folder = folder
        self._spoken_by = spoken_by
        self._words = {f"{language}/{key}": (language, key, words) for language, key, words in catalogue}
        self._made = _read_manifest(folder / "made.json")
        self._written = 0

    def verdicts(self) -> dict[str, Verdict]:
        return {
            name: judge(_hash_of(self._file(name)), self._made.get(name), _words_hash(language, words))
            for name, (language, _, words) in self._words.items()
        }

    def wanting(self, verdicts: dict[str, Verdict]) -> tuple[str, ...]:
        """What a voice should say now: what is missing, outdated, or only a tone."""
        tones = self.tones()
        todo = (Verdict.MISSING, Verdict.OUTDATED)
        return tuple(
            name
            for name, verdict in verdicts.items()
            if verdict in todo or name in tones or (verdict is Verdict.KEEP and self._is_anothers(name))
        )

    def _is_anothers(self, name: str) -> bool:
        return not self._made[name].voice.startswith(self._spoken_by)

    async def make(self, verdicts: dict[str, Verdict], voice: Voice, say: Say) -> None:
        """A voice without words fills gaps only; it does not replace what speaks, be it outdated."""
        gaps = tuple(name for name, verdict in verdicts.items() if verdict is Verdict.MISSING)
        names = self.wanting(verdicts) if voice.speaks else gaps
        if names and voice.speaks:
            say("Speaking the voice menu's prompts in Chinese and English")
        for name in names:
            await self.speak(name, voice)

    async def speak(self, name: str, voice: Voice, *, over_recording: bool = False) -> None:
        """What was recorded meanwhile stays, unless it is to go; then it is kept among the earlier ones."""
        language, key, words = self._words[name]
        plain = Words(text=without_values(words.text), say=without_values(words.say))
        data = await voice.say(key, language, plain)
        made = Made(words=_words_hash(language, words), sound=_hash(data), voice=voice.name, speaks=voice.speaks)
        await asyncio.to_thread(self._keep, name, data, made, over_recording)

    def record(self, name: str, data: bytes) -> None:
        """Somebody's recording; the one before is kept among the earlier ones."""
        with locked(self.folder):
            self._made = _read_manifest(self.folder / "made.json")
            self._set_aside(name)
            write_whole(self._file(name), data)

    def take_away(self, key: str) -> None:
        """In every language; recordings are kept among the earlier ones."""
        with locked(self.folder):
            self._made = _read_manifest(self.folder / "made.json")
            for name in (f"{language}/{key}" for language in Language):
                self._set_aside(name)
                self._file(name).unlink(missing_ok=True)
                self._made.pop(name, None)
            self._remember()

    def earlier(self, name: str) -> tuple[Path, ...]:
        """Recordings that were replaced, the newest first."""
        found = (self.folder / "earlier" / name).glob("*.wav")
        return tuple(sorted((file for file in found if _EARLIER.fullmatch(file.stem)), reverse=True))

    def tones(self) -> tuple[str, ...]:
        return tuple(
            name
            for name, made in self._made.items()
            if name in self._words and not made.speaks and made.sound == _hash_of(self._file(name))
        )

    def report(self, before: dict[str, Verdict], why: str = "") -> PromptReport:
        recorded = sum(1 for verdict in before.values() if verdict is Verdict.RECORDED)
        return PromptReport(
            made=self._written,
            kept=len(before) - self._written - recorded,
            recorded=recorded,
            tones=self.tones(),
            why=why,
        )

    def _keep(self, name: str, data: bytes, made: Made, over_recording: bool) -> None:
        with locked(self.folder):
            # others write here too
            self._made = _read_manifest(self.folder / "made.json")
            if over_recording:
                self._set_aside(name)
            elif self._is_recorded(name):
                return
            write_whole(self._file(name), data)
            self._written += 1
            self._made[name] = made
            self._remember()

    def _remember(self) -> None:
        lines = {known: asdict(one) for known, one in sorted(self._made.items())}
        write_whole(self.folder / "made.json", json.dumps(lines, indent=1).encode())

    def _set_aside(self, name: str) -> None:
        if not self._is_recorded(name):
            return
        file = self._file(name)
        recorded = datetime.fromtimestamp(file.stat().st_mtime, UTC)
        data = file.read_bytes()
        write_whole(self.folder / "earlier" / name / f"{recorded:%Y%m%dT%H%M%S}-{_hash(data)[:8]}.wav", data)

    def _is_recorded(self, name: str) -> bool:
        return judge(_hash_of(self._file(name)), self._made.get(name), "") is Verdict.RECORDED

    def _file(self, name: str) -> Path:
        return self.folder / f"{name}.wav"


def judge(sound: str | None, made: Made | None, words: str) -> Verdict:
    """What one file is: by its hash (None: not there), what we remember of it, and what it should say."""
    if sound is None:
        return Verdict.MISSING
    if made is None or made.sound != sound:
        return Verdict.RECORDED
    return Verdict.KEEP if made.words == words else Verdict.OUTDATED


def _read_manifest(file: Path) -> dict[str, Made]:
    try:
        raw = json.loads(file.read_text(encoding="utf-8"))
        return {name: Made(**one) for name, one in raw.items()}
    except (OSError, ValueError, TypeError, AttributeError):
        return {}


def _words_hash(language: Language, words: Words) -> str:
    return _hash(f"{manner_of(language)}\n{words.say}".encode())


def _hash_of(file: Path) -> str | None:
    try:
        return _hash(file.read_bytes())
    except OSError:
        return None


def _hash(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()
