"""Words with values in them as a caller would hear them, with examples for the values: for whoever writes them."""

from __future__ import annotations

import asyncio
from array import array
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

from crm_core.kernel.language import Language
from ivr.flow.filling import worded
from ivr.flow.messages import Sound, State
from ivr.flow.names import NodeId
from ivr.flow.nodes import Needs
from ivr.flow.saying import Kind
from ivr.flow.wording import Literal, Place, Wording
from ivr.prompts.catalogue import Words
from ivr.prompts.errors import PromptRefused, Refusal
from ivr.prompts.sound import TELEPHONE_RATE, read_wav, write_wav
from ivr.prompts.speaker import Speaker, heard_from, spoken_in, voice_for
from ivr.prompts.voices import find_voice

LONGEST_EXAMPLE = 100
_WITHIN_S = 30.0
_KINDS: Final[Mapping[Kind, str]] = {
    Kind.NUMBER: "12",
    Kind.DIGITS: "202601050007",
    Kind.DATE: "2026-11-28",
    Kind.TIME: "09:30",
    Kind.MONEY: "128.50",
}
_NAMED: Final[Mapping[str, Mapping[Language, str]]] = {
    "customer_name": {Language.ZH: "张伟", Language.EN: "Mary Smith"},
    "ani": {Language.ZH: "13800138000", Language.EN: "13800138000"},
    "ticket_status": {Language.ZH: "处理中", Language.EN: "in progress"},
}
_PAUSE: Final = array("h", [0] * (TELEPHONE_RATE // 20))


def example_of(place: Place, language: Language) -> str:
    if place.kind is not None:
        return _KINDS[place.kind]
    named = _NAMED.get(place.value, {})
    return named.get(language) or place.value.replace("_", " ")


def examples_of(found: Wording, language: Language) -> dict[str, str]:
    """By the names of the values; of one that is said in two ways, the one that can be said in both."""
    given: dict[str, str] = {}
    for place in sorted(found.places, key=lambda one: one.kind is not None):
        given[place.value] = example_of(place, language)
    return given


def shown(found: Wording, values: Mapping[str, str]) -> str:
    """For people to read."""
    return "".join(one.text if isinstance(one, Literal) else _shown(one, values) for one in found.pieces)


def _shown(place: Place, values: Mapping[str, str]) -> str:
    return values.get(place.value, "") or (place.otherwise.text if place.otherwise else "")


async def heard_as(
    folder: Path, key: str, language: Language, found: Wording, values: Mapping[str, str], *, voice_command: str = ""
) -> bytes:
    """A wav file. No value of an example is kept. Raises PromptRefused, VoiceUnavailable and VoiceFailed."""
    state = State(node=NodeId(""), language=language, needs=Needs(), values=values)
    row = worded(key, language, found, state)
    if row is None:
        raise PromptRefused(Refusal.EXAMPLE)
    voice = await find_voice(folder.parent, lambda _: None, command=voice_command, fetch=False)
    pieces = [one for one in spoken_in(row) if one.spoken and not one.spoken.value]
    files = dict(await Speaker(folder, voice_command=voice_command).speak(pieces, _WITHIN_S))
    said: dict[Sound, bytes] = {}
    for one in row:
        if one.spoken and one.spoken.value:
            words = Words(text=one.spoken.say, say=one.spoken.say)
            said[one] = await voice.say(key, voice_for(one.spoken.say, language), words)
    return await asyncio.to_thread(_joined, folder, row, files, said)


def _joined(folder: Path, row: Sequence[Sound], files: Mapping[Sound, str], said: Mapping[Sound, bytes]) -> bytes:
    whole = array("h")
    try:
        for one in row:
            whole += read_wav(said[one] if one in said else _file(folder, one, files).read_bytes())[0] + _PAUSE
    except (OSError, EOFError, ValueError):  # a number that was never spoken, or is no sound of ours
        raise PromptRefused(Refusal.EXAMPLE) from None
    return write_wav(whole)


def _file(folder: Path, sound: Sound, files: Mapping[Sound, str]) -> Path:
    heard = heard_from((sound,), files)
    if not heard:
        raise PromptRefused(Refusal.EXAMPLE)
    return folder / f"{heard[0]}.wav"
