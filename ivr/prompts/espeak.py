"""espeak-ng as the voice of the house: the one on PATH, else one fetched into HOME/tools without root."""

from __future__ import annotations

import asyncio
import re
import shutil
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import unquote

from crm_core.kernel.language import Language
from ivr.prompts.catalogue import Words
from ivr.prompts.errors import VoiceFailed, VoiceUnavailable
from ivr.prompts.pinyin import spoken_as
from ivr.prompts.processes import run
from ivr.prompts.sound import for_telephone, read_wav, write_wav

Say = Callable[[str], None]
"""Progress in plain words."""

_PACKAGE = "espeak-ng"


@dataclass(frozen=True, slots=True, kw_only=True)
class Manner:
    voice: str
    words_per_minute: int


_MANNERS = {
    Language.ZH: Manner(voice="cmn-latn-pinyin", words_per_minute=175),
    Language.EN: Manner(voice="en-us", words_per_minute=162),
}


def manner_of(language: Language) -> str:
    """How a prompt in this language is spoken and shaped; when this changes, prompts are made anew."""
    manner = _MANNERS[language]
    return f"{manner.voice} {manner.words_per_minute} shape-1"


@dataclass(frozen=True, slots=True, kw_only=True)
class EspeakVoice:
    command: tuple[str, ...]
    version: str
    env: Mapping[str, str] = field(default_factory=dict)
    speaks: bool = True

    @property
    def name(self) -> str:
        return f"espeak-ng {self.version}"

    async def say(self, key: str, language: Language, words: Words) -> bytes:
        manner = _MANNERS[language]
        with tempfile.TemporaryDirectory() as folder:
            file = Path(folder) / "said.wav"
            flags = ("-v", manner.voice, "-s", str(manner.words_per_minute), "-w", str(file), "--stdin")
            await run((*self.command, *flags), env=self.env, feed=spoken_as(words.say, language))
            return await asyncio.to_thread(_shaped, file)


def _shaped(file: Path) -> bytes:
    try:
        return write_wav(for_telephone(*read_wav(file.read_bytes())))
    except (OSError, EOFError, ValueError) as error:
        raise VoiceFailed(why=f"what it said cannot be used ({error})") from None


async def find_espeak(home: Path, say: Say, *, fetch: bool = True, apt: AptPackages | None = None) -> EspeakVoice:
    """The voice of this machine, fetched when need be. Raises VoiceUnavailable."""
    on_path = shutil.which(_PACKAGE)
    if on_path is not None and (voice := await _working((on_path,))):
        return voice
    folder = home / "tools" / _PACKAGE
    if voice := await _fetched(folder):
        return voice
    if not fetch:
        raise VoiceUnavailable(why="espeak-ng is not installed")
    say("No espeak-ng on this machine: fetching it for the voice menu's prompts")
    try:
        await (apt or AptPackages()).unpack(_PACKAGE, folder)
    except VoiceFailed as error:
        raise VoiceUnavailable(why=error.params["why"]) from None
    if voice := await _fetched(folder):
        return voice
    raise VoiceUnavailable(why=f"the espeak-ng fetched into {folder} does not run here")


async def _fetched(folder: Path) -> EspeakVoice | None:
    data = next(folder.glob("usr/lib/*/espeak-ng-data"), None) or next(folder.glob("usr/share/espeak-ng-data"), None)
    if data is None:
        return None
    libraries = ":".join(str(one) for pattern in ("usr/lib/*", "lib/*") for one in folder.glob(pattern) if one.is_dir())
    pulse = ":".join(str(one) for one in folder.glob("usr/lib/*/pulseaudio"))
    command = (str(folder / "usr/bin" / _PACKAGE), f"--path={data.parent}")
    return await _working(command, {"LD_LIBRARY_PATH": ":".join(filter(None, (libraries, pulse)))})


async def _working(command: tuple[str, ...], env: Mapping[str, str] | None = None) -> EspeakVoice | None:
    """A voice if this espeak-ng starts and knows our languages."""
    try:
        printed = await run((*command, "--version"), env=env)
        for manner in _MANNERS.values():
            await run((*command, "-q", "-v", manner.voice, "--stdin"), env=env, feed="1")
    except VoiceFailed:
        return None
    found = re.search(r"\d+\.\d+(\.\d+)?", printed)
    return EspeakVoice(command=command, version=found.group() if found else "?", env=env or {})


@dataclass(frozen=True, slots=True, kw_only=True)
class AptPackages:
    """Debian's and Ubuntu's packages, fetched and unpacked as an ordinary user; nothing is installed."""

    options: Sequence[str] = ()
    """Further options for apt-get."""

    async def unpack(self, package: str, folder: Path) -> None:
        """This package, and what of its dependencies the machine does not have, unpacked below `folder`."""
        if shutil.which("apt-get") is None or shutil.which("dpkg-deb") is None:
            raise VoiceFailed(why="this machine has no apt-get")
        with tempfile.TemporaryDirectory() as work:
            await self._fetch(package, Path(work))
            folder.mkdir(parents=True, exist_ok=True)
            for file in sorted(Path(work).glob("*.deb")):
                await run(("dpkg-deb", "-x", str(file), str(folder)), within_s=60)

    async def _fetch(self, package: str, work: Path) -> None:
        try:
            await self._download(package, work, ())
        except VoiceFailed:
            # a fresh machine's lists are empty, and only root may fill them: so lists of our own
            state = work / "apt"
            (state / "lists" / "partial").mkdir(parents=True)
            ours = ("-o", f"Dir::State::Lists={state / 'lists'}", "-o", f"Dir::Cache={state}")
            await run(self._apt(*ours, "update", "-qq"), within_s=180)
            await self._download(package, work, ours)

    async def _download(self, package: str, work: Path, options: Sequence[str]) -> None:
        # what lies in the machine's own archive would not be named
        archive = work / "archive"
        (archive / "partial").mkdir(parents=True, exist_ok=True)
        plan = ("install", "--print-uris", "--no-install-recommends", "-qq", "-y", package)
        printed = await run(self._apt(*options, "-o", f"Dir::Cache::Archives={archive}", *plan), within_s=60)
        wanted = packages_in(printed)
        if not wanted:
            raise VoiceFailed(why=f"apt-get has nothing to fetch for {package}")
        await run(self._apt(*options, "download", "-qq", *wanted), cwd=work, within_s=300)

    def _apt(self, *arguments: str) -> tuple[str, ...]:
        return ("apt-get", "-o", "APT::Sandbox::User=root", *self.options, *arguments)


def packages_in(printed: str) -> tuple[str, ...]:
    """`name:amd64=version` of every file that `apt-get --print-uris` names: `'http://…' a_1%3a2_amd64.deb 123 MD5…`."""
    names = re.findall(r"^'[^']*' (\S+)_(\S+)_(\S+)\.deb ", printed, re.MULTILINE)
    return tuple(f"{name}:{architecture}={unquote(version)}" for name, version, architecture in names)
