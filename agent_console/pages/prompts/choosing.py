"""Which prompts the list shows. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final

from agent_console.words import Sentence, say
from ivr.prompts.house import Prompt, Standing

SENTENCES: Final = "sentences"
PIECES: Final = "pieces"
OWN: Final = "own"
STANDINGS: Final[Mapping[str, Sentence]] = {
    Standing.RECORDED: say("recorded"),
    Standing.SPOKEN: say("synthesised"),
    Standing.OUTDATED: say("speaks the words of before"),
    Standing.TONES: say("only tones"),
    Standing.MISSING: say("missing"),
}


def chosen(prompts: Iterable[Prompt], view: str, standing: str, text: str) -> tuple[Prompt, ...]:
    wanted = text.casefold().split()
    return tuple(
        one
        for one in prompts
        if _in_view(one, view)
        and (not standing or any(side.standing == standing for side in one.sides.values()))
        and all(word in _words(one) for word in wanted)
    )


def _in_view(prompt: Prompt, view: str) -> bool:
    if view == OWN:
        return prompt.own
    return prompt.piece is (view == PIECES)


def _words(prompt: Prompt) -> str:
    texts = (side.words.text for side in prompt.sides.values() if side.words)
    return " ".join((prompt.key, *texts)).casefold()
