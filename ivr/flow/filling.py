"""The values of a call in the words of the prompts that it hears. Pure."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace

from crm_core.kernel.language import Language
from ivr.flow.messages import Sound, Spoken, State
from ivr.flow.model import Flow, secrets_of
from ivr.flow.place import known_values
from ivr.flow.speaking import spoken
from ivr.flow.wording import FIXED, Literal, Place, Wording, spoken_value


def filled(flow: Flow, state: State, sounds: tuple[Sound, ...]) -> tuple[Sound, ...] | None:
    """The same row, but what has values in its words is said piece by piece. None: a value is needed and not known, or
    nothing of its kind. (What is secret is known to nobody here, whatever the words ask for.)"""
    secret: frozenset[str] | None = None
    row: tuple[Sound, ...] = ()
    for one in sounds:
        found = FIXED if one.spoken else flow.texts.get(one.language, {}).get(one.key, FIXED)
        if not found.places:
            row += (one,)
            continue
        secret = secrets_of((flow, *flow.called.values())) if secret is None else secret
        said = worded(one.key, one.language, found, state, secret)
        if said is None:
            return None
        row += said
    return row


def worded(
    key: str, language: Language, found: Wording, state: State, secret: Collection[str] = ()
) -> tuple[Sound, ...] | None:
    """What is heard of these words; None: it cannot be said."""
    here = replace(state, language=language)
    row: tuple[Sound, ...] = ()
    for piece in found.pieces:
        said = _literal(key, language, piece) if isinstance(piece, Literal) else _place(key, piece, here, secret)
        if said is None:
            return None
        row += said
    return row


def _literal(key: str, language: Language, piece: Literal) -> tuple[Sound, ...]:
    if not piece.spoken:
        return ()
    read = "" if piece.read == piece.spoken else piece.read
    spoken_ = Spoken(say=piece.spoken, read=read, value=False)
    return (Sound(language=language, key=key, text=piece.text, spoken=spoken_),)


def _place(key: str, place: Place, state: State, secret: Collection[str]) -> tuple[Sound, ...] | None:
    otherwise = None if place.otherwise is None else _literal(key, state.language, place.otherwise)
    text = "" if place.value in secret else known_values(state).get(place.value, "")
    if place.kind is not None:
        said = spoken(state, place.kind, text)
        return otherwise if said is None else said
    if not (plain := spoken_value(text)):
        return otherwise
    heard = Spoken(say=plain, value=True, instead=otherwise)
    return (Sound(language=state.language, key=key, text=plain, spoken=heard),)
