"""Which prompts the list shows. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from agent_console.words import Sentence, say
from ivr.prompts.house import Prompt, Standing
from ivr.used import InQueue, Meant, Use, meant_for

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

_MEANT: Final[Mapping[Meant, Sentence]] = {
    Meant.PLACE: say("in a queue that tells its callers their place; none does"),
    Meant.WAIT: say("in a queue that tells its callers how long they will wait; none does"),
    Meant.CALLBACK: say("in a queue whose callers ask by a key to be called back; there is none"),
    Meant.MESSAGE: say("in a queue whose callers leave a message by a key; there is none"),
    Meant.COMFORT: say("in a queue that comforts those who wait; none says this"),
    Meant.END: say("in a queue whose callers can wait no longer; none says this"),
    Meant.TAKE: say("to whoever records a prompt by phone"),
}
_ORDER: Final = {
    Standing.MISSING: 0,
    Standing.TONES: 1,
    Standing.OUTDATED: 2,
    Standing.SPOKEN: 3,
    Standing.RECORDED: 3,
}


def chosen(
    prompts: Iterable[Prompt], view: str, standing: str, text: str, used: Mapping[str, Sequence[Use]]
) -> tuple[Prompt, ...]:
    """What is to be done comes first: what is missing; then by where it is said (`used`), what is said nowhere last."""
    wanted = text.casefold().split()
    found = (
        one
        for one in prompts
        if _in_view(one, view)
        and (not standing or any(side.standing == standing for side in one.sides.values()))
        and all(word in _words(one) for word in wanted)
    )
    return tuple(sorted(found, key=lambda one: (_urgency(one, used.get(one.key, ())), one.key)))


def meant(prompts: Iterable[Prompt]) -> Mapping[str, Sentence]:
    """By their keys, what those are there for that may be said nowhere now."""
    return {one.key: _MEANT[what] for one in prompts if (what := meant_for(one.key)) is not None}


def _urgency(prompt: Prompt, places: Sequence[Use]) -> tuple[int, bool, str]:
    worst = min(_ORDER[side.standing] for side in prompt.sides.values())
    return (worst, not places, min((_where(one) for one in places), default=""))


def _where(place: Use) -> str:
    return place.queue if isinstance(place, InQueue) else place.menu


def _in_view(prompt: Prompt, view: str) -> bool:
    if view == OWN:
        return prompt.own
    return prompt.piece is (view == PIECES)


def _words(prompt: Prompt) -> str:
    texts = (side.words.text for side in prompt.sides.values() if side.words)
    return " ".join((prompt.key, *texts)).casefold()
