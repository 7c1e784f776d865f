"""The values in a prompt's words, as its page tells of them: how each is said, an example, what is not right. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlencode

from agent_console.wordings import sentence_of
from agent_console.words import Sentence, say
from crm_core.kernel.language import Language
from ivr.flow.saying import Kind
from ivr.flow.worded import values_of
from ivr.flow.wording import FIXED, Place, Wording, sentence
from ivr.prompts.example import LONGEST_EXAMPLE, examples_of, shown
from ivr.prompts.house import Prompt, Side, Standing
from ivr.prompts.wordings import wording_of

KINDS: Final[Mapping[Kind | None, Sentence]] = {
    None: say("as it is written"),
    Kind.NUMBER: say("as a number"),
    Kind.DIGITS: say("digit by digit"),
    Kind.DATE: say("as a date"),
    Kind.TIME: say("as a time"),
    Kind.MONEY: say("as a sum of money"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """A value in the words of one language."""

    place: Place
    how: Sentence
    example: str
    field: str
    """Of the form in which another example is tried."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Valued:
    """What stands in the words of one language."""

    values: tuple[Said, ...] = ()
    text: str = ""
    """The words with the examples in them."""
    query: str = ""
    """The examples, of the address at which they are heard."""
    heard: bool = True
    """Not, where a recording is heard instead, or only tones are."""
    missing: tuple[str, ...] = ()
    """Values that the words of another language have, and these have not."""
    fault: Sentence | None = None
    """Why the words cannot be read."""


def valued(prompt: Prompt, given: Mapping[str, str]) -> Mapping[Language, Valued]:
    """`given`: the examples that were tried, by the fields of the form."""
    found = {language: _words(side) for language, side in prompt.sides.items()}
    everywhere = {name for one in found.values() for name in values_of(one)}
    return {language: _of(side, found[language], given, everywhere) for language, side in prompt.sides.items()}


def examples_given(side: Side, given: Mapping[str, str]) -> dict[str, str]:
    """By the names of the values."""
    found = examples_of(_words(side), side.language)
    return {name: given.get(_field(side.language, name), one).strip()[:LONGEST_EXAMPLE] for name, one in found.items()}


def _of(side: Side, found: Wording, given: Mapping[str, str], everywhere: set[str]) -> Valued:
    if found.fault is not None:
        return Valued(fault=sentence_of(sentence(found.fault, found.what)))
    if side.words is None:
        return Valued()
    examples = examples_given(side, given)
    said = {place.value: place for place in reversed(found.places)}
    return Valued(
        values=tuple(_said(said[name], side.language, examples[name]) for name in values_of(found)),
        text=" ".join(shown(found, examples).split()),
        query=urlencode({_field(side.language, name): one for name, one in examples.items()}),
        heard=side.standing not in (Standing.RECORDED, Standing.TONES, Standing.MISSING),
        missing=tuple(sorted(everywhere - set(values_of(found)))),
    )


def _said(place: Place, language: Language, example: str) -> Said:
    return Said(place=place, how=KINDS[place.kind], example=example, field=_field(language, place.value))


def _words(side: Side) -> Wording:
    return FIXED if side.words is None else wording_of(side.words)


def _field(language: Language, name: str) -> str:
    return f"{language}.{name}"
