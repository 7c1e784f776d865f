"""What the caller hears, as sounds of his language."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from ivr.flow.messages import PlaySounds, Sound, State, Turn
from ivr.flow.nodes import Part, Prompt
from ivr.flow.place import known_values
from ivr.flow.saying import Kind, speak


def say(state: State, prompts: tuple[Prompt, ...], *, barge_in: bool = True) -> Turn:
    return sound(state, sounds_of(state, prompts), barge_in=barge_in)


def sentence(state: State, parts: Iterable[Prompt | Part | str | tuple[Kind, str]]) -> tuple[Sound, ...] | None:
    """Prompts (or their keys) and values (or what they hold). None: a value is nothing of its kind."""
    sounds: tuple[Sound, ...] = ()
    for part in parts:
        said = _said(state, part)
        if said is None:
            return None
        sounds += said
    return sounds


def _said(state: State, part: Prompt | Part | str | tuple[Kind, str]) -> tuple[Sound, ...] | None:
    match part:
        case str():
            return (Sound(language=state.language, key=part),)
        case Prompt():
            return sounds_of(state, (part,))
        case Part(kind=kind, value=value):
            return spoken(state, kind, known_values(state).get(value, ""))
        case (kind, text):
            return spoken(state, kind, text)


def spoken(state: State, kind: Kind, text: str) -> tuple[Sound, ...] | None:
    keys = speak(kind, _here(state, kind, text), state.language)
    return None if keys is None else tuple(Sound(language=state.language, key=key) for key in keys)


def _here(state: State, kind: Kind, text: str) -> str:
    """What another system wrote in a zone of its own (`2026-11-28T01:30:00Z`) is told in the house's time."""
    if kind not in (Kind.DATE, Kind.TIME) or "T" not in text or state.at is None:
        return text
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return text
    if moment.tzinfo is None:
        return text
    return moment.astimezone(state.at.tzinfo).replace(tzinfo=None).isoformat(timespec="minutes")


def sounds_of(state: State, prompts: tuple[Prompt, ...]) -> tuple[Sound, ...]:
    return tuple(Sound(language=one.language or state.language, key=one.key) for one in prompts)


def sound(state: State, sounds: tuple[Sound, ...], *, barge_in: bool = True) -> Turn:
    return Turn(state=state, effects=(PlaySounds(sounds=sounds, barge_in=barge_in),))
