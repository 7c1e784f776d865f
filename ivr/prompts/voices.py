"""Which voice speaks here: the command that was set for it, else espeak-ng."""

from __future__ import annotations

import shlex
import tempfile
from dataclasses import dataclass
from pathlib import Path

from crm_core.kernel.language import Language
from ivr.prompts.catalogue import Words
from ivr.prompts.converting import converted
from ivr.prompts.errors import PromptRefused, VoiceFailed
from ivr.prompts.espeak import Say, find_espeak
from ivr.prompts.processes import run
from ivr.prompts.voice import Voice

FILE, LANGUAGE = "{file}", "{language}"
ESPEAK = "espeak-ng"
_WITHIN_S = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class CommandVoice:
    """Another synthesiser: reads the text and writes a sound file.

    `piper --model /opt/voices/{language}.onnx --output_file {file}`
    """

    command: str
    speaks: bool = True

    @property
    def name(self) -> str:
        return Path(shlex.split(self.command)[0]).name

    async def say(self, key: str, language: Language, words: Words) -> bytes:
        with tempfile.TemporaryDirectory() as folder:
            file = Path(folder) / "said.wav"
            filled = (
                part.replace(FILE, str(file)).replace(LANGUAGE, language.value) for part in shlex.split(self.command)
            )
            await run(tuple(filled), feed=words.text, within_s=_WITHIN_S)
            try:
                return await converted(file.read_bytes())
            except OSError:
                raise VoiceFailed(why=f"{self.name} wrote no file") from None
            except PromptRefused as error:
                raise VoiceFailed(why=f"what it said cannot be used ({error.reason})") from None


def voice_named(command: str) -> str:
    """How the name of the voice begins that speaks here; espeak-ng's goes on with its version."""
    return CommandVoice(command=command).name if command else ESPEAK


async def find_voice(home: Path, say: Say, *, command: str = "", fetch: bool = True) -> Voice:
    """Raises VoiceUnavailable."""
    return CommandVoice(command=command) if command else await find_espeak(home, say, fetch=fetch)
