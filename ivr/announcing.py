"""What a caller who waits is told, in the prompts and the grammar of his language. Pure."""

from __future__ import annotations

from decimal import Decimal

from crm_core.domain.told_waits import minutes_told
from crm_core.kernel.language import Language
from ivr.flow.saying import Kind, speak

_HOUR = 60
"""Minutes."""
_TWO = 2


def announcement(
    language: Language, position: int | None, wait_s: float | None, callback_key: str = "", message_key: str = ""
) -> tuple[str, ...]:
    """The prompts; of what nobody knows nothing is said. The keys: by which he is called back, or leaves a message."""
    keys = (*_key("press_for_callback", callback_key, language), *_key("press_for_message", message_key, language))
    return (*_place(language, position), *_wait(language, wait_s), *keys)


def _key(prompt: str, key: str, language: Language) -> tuple[str, ...]:
    return (prompt, *(speak(Kind.DIGITS, key, language) or ())) if key else ()


def _place(language: Language, position: int | None) -> tuple[str, ...]:
    if position is None:
        return ()
    if position == 1:
        return ("you_are_next",)
    return ("you_are_number", *_number(position, language), "in_the_line")


def _wait(language: Language, wait_s: float | None) -> tuple[str, ...]:
    if wait_s is None:
        return ()
    minutes = minutes_told(wait_s)
    if minutes == 1:
        return ("wait_a_minute",)
    if minutes > _HOUR:
        return ("wait_over_an_hour",)
    return ("wait_about", *_minutes(minutes, language), "minutes_more")


def _minutes(minutes: int, language: Language) -> tuple[str, ...]:
    """Of two minutes Chinese says 两."""
    return ("n_liang",) if minutes == _TWO and language is Language.ZH else _number(minutes, language)


def _number(number: int, language: Language) -> tuple[str, ...]:
    return speak(Kind.NUMBER, str(Decimal(number)), language) or ()
