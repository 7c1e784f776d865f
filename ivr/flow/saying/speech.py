"""From a value's text and its kind to the keys of the prompts that say it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, time
from decimal import Decimal
from enum import StrEnum
from functools import cache
from types import ModuleType

from crm_core.kernel.language import Language
from ivr.flow.saying import chinese, english, values


class Kind(StrEnum):
    NUMBER = "number"
    DIGITS = "digits"
    """One by one, as of a telephone number."""
    DATE = "date"
    TIME = "time"
    MONEY = "money"
    """Yuan."""


_GRAMMARS: Mapping[Language, ModuleType] = {Language.ZH: chinese, Language.EN: english}
_READERS: Mapping[Kind, Callable[[str], Decimal | str | date | time | None]] = {
    Kind.NUMBER: values.read_number,
    Kind.DIGITS: values.read_digits,
    Kind.DATE: values.read_date,
    Kind.TIME: values.read_time,
    Kind.MONEY: values.read_money,
}


def speak(kind: Kind, text: str, language: Language) -> tuple[str, ...] | None:
    """The prompts, or None when the text is nothing of this kind."""
    read = _READERS[kind](text)
    if read is None:
        return None
    said: tuple[str, ...] = getattr(_GRAMMARS[language], kind.value)(read)
    return said


@cache
def pieces(kind: Kind, language: Language) -> frozenset[str]:
    """Every prompt that this kind of thing may need in this language."""
    needed: Mapping[str, frozenset[str]] = _GRAMMARS[language].PIECES
    return needed[kind.value]
