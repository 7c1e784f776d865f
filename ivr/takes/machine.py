"""What is said and done on the phone while a prompt is spoken into it. Pure.

Nothing is kept but by the key for it: what is kept is what the next caller hears, and a line that breaks is no yes.
Every call ends: questions and takes in vain are counted.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType

from ivr.takes.commands import UNDER_WAY, TakeState

KEEP, AGAIN, GIVE_UP = "1", "2", "*"
TRIES = 3
"""So often he may say nothing in a row, or not decide."""
MOST_TAKES = 20
DECIDE_S = 6.0
SENTENCES = (
    "take_begin", "take_choice", "take_silent", "take_too_long", "take_kept", "take_not_kept", "take_given_up",
)  # fmt: skip
"""All that is said there."""


# --- what the shell is asked to do


@dataclass(frozen=True, slots=True, kw_only=True)
class Say:
    """A sentence in the language of the guidance. The first key ends it, and all that stands before the next wait."""

    prompt: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PlayBack:
    """Let him hear what he said."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AwaitKey:
    """Answered with `Pressed`: a key pressed by now, or meanwhile, or none."""

    timeout_s: float = DECIDE_S


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """After a tone, until `#`, a long silence or the limit. Answered with `Spoken`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Keep:
    """Make it the prompt. Answered with `Kept`."""


Effect = Say | PlayBack | AwaitKey | Record | Keep


# --- what it is told


@dataclass(frozen=True, slots=True, kw_only=True)
class Pressed:
    key: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Spoken:
    heard: bool
    """Something is to be heard in it."""
    too_long: bool = False
    """The limit ended it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    reason: str = ""
    """Why it was not; empty: it is what callers hear."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Gone:
    """He has hung up."""


Input = Pressed | Spoken | Kept | Gone


@dataclass(frozen=True, slots=True, kw_only=True)
class State:
    at: TakeState = TakeState.GUIDING
    takes: int = 0
    in_vain: int = 0
    """Silences, or questions without an answer, one after the other."""
    reason: str = ""

    @property
    def over(self) -> bool:
        return self.at not in UNDER_WAY


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """The last effect is the one that is answered; with none left the line is hung up."""

    state: State
    effects: tuple[Effect, ...] = ()


_LAST_WORDS: Mapping[TakeState, str] = MappingProxyType(
    {
        TakeState.KEPT: "take_kept",
        TakeState.REFUSED: "take_not_kept",
        TakeState.GIVEN_UP: "take_given_up",
        TakeState.UNDECIDED: "take_given_up",
        TakeState.NOTHING_HEARD: "take_given_up",
    }
)


def begun() -> Turn:
    return Turn(state=State(), effects=(Say(prompt="take_begin"), AwaitKey(timeout_s=0.0)))


def advance(state: State, happened: Input) -> Turn:  # noqa: PLR0911 - a table
    """Whatever does not fit where he is changes nothing and ends nothing."""
    if state.over:
        return Turn(state=state)
    match state.at, happened:
        case _, Gone():
            return Turn(state=replace(state, at=TakeState.HUNG_UP))
        case _, Pressed(key=key) if key == GIVE_UP:
            return _over(state, TakeState.GIVEN_UP)
        case TakeState.GUIDING, Pressed():
            return _record(state)
        case TakeState.RECORDING, Spoken(heard=False):
            return _nothing_heard(state)
        case TakeState.RECORDING, Spoken(too_long=too_long):
            told = (Say(prompt="take_too_long"),) if too_long else ()
            return _hears(replace(state, in_vain=0), *told, PlayBack())
        case TakeState.LISTENING, Pressed(key=key):
            return _decides(state, key)
        case TakeState.SAVING, Kept(reason=reason):
            return _over(replace(state, reason=reason), TakeState.REFUSED if reason else TakeState.KEPT)
        case _:
            return _over(state, TakeState.BROKEN_OFF)


def _record(state: State, *before: Effect) -> Turn:
    if state.takes >= MOST_TAKES:
        return _over(state, TakeState.UNDECIDED)
    state = replace(state, at=TakeState.RECORDING, takes=state.takes + 1)
    return Turn(state=state, effects=(*before, Record()))


def _nothing_heard(state: State) -> Turn:
    state = replace(state, in_vain=state.in_vain + 1)
    if state.in_vain >= TRIES:
        return _over(state, TakeState.NOTHING_HEARD)
    return _record(state, Say(prompt="take_silent"))


def _hears(state: State, *before: Effect) -> Turn:
    state = replace(state, at=TakeState.LISTENING)
    return Turn(state=state, effects=(*before, Say(prompt="take_choice"), AwaitKey()))


def _decides(state: State, key: str) -> Turn:
    match key:
        case _ if key == KEEP:
            return Turn(state=replace(state, at=TakeState.SAVING), effects=(Keep(),))
        case _ if key == AGAIN:
            return _record(replace(state, in_vain=0))
        case _:
            state = replace(state, in_vain=state.in_vain + 1)
            return _over(state, TakeState.UNDECIDED) if state.in_vain >= TRIES else _hears(state)


def _over(state: State, how: TakeState) -> Turn:
    words = _LAST_WORDS.get(how)
    return Turn(state=replace(state, at=how), effects=(Say(prompt=words),) if words else ())
