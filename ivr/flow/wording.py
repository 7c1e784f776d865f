"""The words of a prompt, in which values of the call may stand: `Hello {customer_name|there}, it is {sum:money}.`

    place = "{" value [":" kind] ["|" words] "}"

`kind` is how the value is said, as by a `say` node; without one it is spoken as it is written. `words` are heard
instead of a value that is not known or cannot be said; with `|` and nothing behind it nothing is. Braces that are none
of these are written twice. What is written cannot always be read: then it is told why, and nothing is raised but that.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from ivr.flow.problems import Told, told
from ivr.flow.saying import Kind

MOST_VALUES = 20
LONGEST_VALUE = 100
"""Characters of a value that is spoken as it is written; nobody listens to more within a sentence."""

_SHOWN = 40
"""Of what cannot be read."""
_NAME = re.compile(r"[a-z][a-z0-9_]{0,39}")
_TOKEN = re.compile(r"\{\{|\}\}|\{(?P<place>[^{}]*)\}|[{}]|[^{}]+")
_WIDE = str.maketrans("｛｝", "{}")
"""As Chinese keyboards write them."""
_WIDE_WITHIN = str.maketrans("：｜", ":|")
_PHONEMES = str.maketrans("[]<>{}\\", "       ")
"""What synthesisers take for orders."""


class Fault(StrEnum):
    OPEN = "open"
    """A brace that is never closed."""
    CLOSE = "close"
    """… never opened."""
    NAME = "name"
    KIND = "kind"
    MANY = "many"
    LED = "led"
    """What the synthesiser is given has other values in it than the words."""


class Miswritten(ValueError):
    """`what`: the piece that cannot be read."""

    def __init__(self, fault: Fault, what: str = "") -> None:
        super().__init__(fault)
        self.fault, self.what = fault, what[:_SHOWN]


@dataclass(frozen=True, slots=True, kw_only=True)
class Literal:
    """The same words for every caller."""

    text: str
    say: str
    """What the synthesiser is given for them."""

    @property
    def spoken(self) -> str:
        """Empty where there is nothing to be heard: between two values stands perhaps only a comma."""
        return _tidy(self.say)

    @property
    def read(self) -> str:
        """The same for a synthesiser that reads words as people do."""
        return _tidy(self.text) or self.spoken


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where a value is said."""

    value: str
    kind: Kind | None = None
    """None: as it is written."""
    otherwise: Literal | None = None
    """None: without the value, the whole of it cannot be said."""


Piece = Literal | Place


@dataclass(frozen=True, slots=True, kw_only=True)
class Wording:
    pieces: tuple[Piece, ...] = ()
    fault: Fault | None = None
    """Why it cannot be read; then it has no pieces."""
    what: str = ""

    @property
    def places(self) -> tuple[Place, ...]:
        return tuple(one for one in self.pieces if isinstance(one, Place))

    @property
    def literals(self) -> tuple[Literal, ...]:
        """All that can be spoken before anybody calls."""
        found = (one.otherwise if isinstance(one, Place) else one for one in self.pieces)
        return tuple(one for one in found if one is not None and one.spoken)


FIXED = Wording()
"""Of a prompt without values, or of a recording: it is heard as it is."""


def read(text: str, say: str = "") -> Wording:
    """`say`: what the synthesiser is given, where that is something else. Raises Miswritten."""
    pieces = tuple(_pieces(text))
    if say and say != text:
        pieces = tuple(_led(pieces, tuple(_pieces(say)), text))
    if sum(isinstance(one, Place) for one in pieces) > MOST_VALUES:
        raise Miswritten(Fault.MANY)
    return Wording(pieces=pieces)


def wording(text: str, say: str = "") -> Wording:
    """The same for what somebody has written already: FIXED without values, and with its fault where it has one."""
    try:
        found = read(text, say)
    except Miswritten as error:
        return Wording(fault=error.fault, what=error.what)
    return found if found.places else FIXED


def written(found: Wording) -> str:
    """As it can be read again."""
    return "".join(_written(one) for one in found.pieces)


def without_values(text: str) -> str:
    """What can be said of it when nothing is known."""
    try:
        pieces = read(text).pieces
    except Miswritten:
        return " ".join(re.sub(r"[{}]", " ", text.translate(_WIDE)).split())
    said = (one.text if isinstance(one, Literal) else one.otherwise.text if one.otherwise else " " for one in pieces)
    return " ".join("".join(said).split())


def spoken_value(text: str) -> str:
    """A value as it can be spoken: in one line, of bounded length, and nothing that a synthesiser would obey. Empty:
    there is nothing to be heard in it."""
    plain = "".join(" " if _is_odd(sign) else sign for sign in text[: 4 * LONGEST_VALUE])
    short = " ".join(plain.translate(_PHONEMES).split())[:LONGEST_VALUE].strip()
    return short if any(sign.isalnum() for sign in short) else ""


def sentence(fault: Fault, what: str) -> Told:
    """What is wrong, for people."""
    match fault:
        case Fault.OPEN:
            return told("“{” has no “}” behind it; a brace that is no value is written twice")
        case Fault.CLOSE:
            return told("“}” has no “{” before it; a brace that is no value is written twice")
        case Fault.NAME:
            return told("“{%(what)s}” names no value: write {ticket} or {due:date}", what=what)
        case Fault.KIND:
            return told("nothing is said as “%(what)s”; there are %(kinds)s", what=what, kinds=", ".join(Kind))
        case Fault.MANY:
            return told("there are more than %(most)s values in it", most=MOST_VALUES)
        case Fault.LED:
            return told("the pronunciation must have the same values in the same order as the words")


def _pieces(text: str) -> Iterator[Piece]:
    fixed = ""
    for token in _TOKEN.finditer(text.translate(_WIDE)):
        match token[0]:
            case "{{" | "}}" as twice:
                fixed += twice[0]
            case "{":
                raise Miswritten(Fault.OPEN)
            case "}":
                raise Miswritten(Fault.CLOSE)
            case words if token["place"] is None:
                fixed += words
            case _:
                if fixed:
                    yield Literal(text=fixed, say=fixed)
                fixed = ""
                yield _place(token["place"])
    if fixed:
        yield Literal(text=fixed, say=fixed)


def _place(inside: str) -> Place:
    named, bar, words = inside.translate(_WIDE_WITHIN).partition("|")
    value, colon, kind = (part.strip() for part in named.partition(":"))
    if not _NAME.fullmatch(value):
        raise Miswritten(Fault.NAME, inside.strip())
    if colon and kind not in set(Kind):
        raise Miswritten(Fault.KIND, kind)
    plain = " ".join(words.split())
    otherwise = Literal(text=plain, say=plain) if bar else None
    return Place(value=value, kind=Kind(kind) if colon else None, otherwise=otherwise)


def _led(pieces: tuple[Piece, ...], led: tuple[Piece, ...], text: str) -> Iterator[Piece]:
    """The words for people with those for the synthesiser, slot by slot between the values."""
    ours, theirs = _slots(pieces), _slots(led)
    if [_shape(place) for _, place in ours] != [_shape(place) for _, place in theirs]:
        raise Miswritten(Fault.LED, text)
    for (words, place), (said, other) in zip(ours, theirs, strict=True):
        if words or said:
            yield Literal(text=words, say=said)
        if place is not None and other is not None:
            yield _led_place(place, other)


def _slots(pieces: tuple[Piece, ...]) -> list[tuple[str, Place | None]]:
    """Words and the value behind them; behind the last there is none."""
    found: list[tuple[str, Place | None]] = []
    words = ""
    for one in pieces:
        if isinstance(one, Literal):
            words += one.text
        else:
            found.append((words, one))
            words = ""
    return [*found, (words, None)]


def _shape(place: Place | None) -> tuple[object, ...]:
    return () if place is None else (place.value, place.kind, place.otherwise is None)


def _led_place(ours: Place, theirs: Place) -> Place:
    if ours.otherwise is None or theirs.otherwise is None:
        return ours
    led = Literal(text=ours.otherwise.text, say=theirs.otherwise.text)
    return Place(value=ours.value, kind=ours.kind, otherwise=led)


def _written(piece: Piece) -> str:
    if isinstance(piece, Literal):
        return piece.text.replace("{", "{{").replace("}", "}}")
    kind = f":{piece.kind}" if piece.kind else ""
    words = f"|{piece.otherwise.text}" if piece.otherwise is not None else ""
    return f"{{{piece.value}{kind}{words}}}"


def _tidy(say: str) -> str:
    """Without the signs that end the sentence before it."""
    first = next((at for at, sign in enumerate(say) if sign.isalnum()), None)
    return "" if first is None else " ".join(say[first:].split())


def _is_odd(sign: str) -> bool:
    """Controls, halves of characters, what changes the direction of writing, and what nobody has a glyph for."""
    return unicodedata.category(sign).startswith("C") or sign.isspace()
