"""The texts a value may have, read; None for what is nothing of the kind or more than can be said."""

from __future__ import annotations

import re
from datetime import date, time
from decimal import Decimal

_NUMBER = re.compile(r"[+-]?[0-9]{1,12}(\.[0-9]{1,6})?")
_MONEY = re.compile(r"[+-]?[0-9]{1,12}(\.[0-9]{1,2})?")
_DIGITS = re.compile(r"[0-9*#]{1,40}")
_DATE = re.compile(r"([0-9]{4})-?([0-9]{2})-?([0-9]{2})(T[0-9:.+]*)?")
_TIME = re.compile(r"([0-9]{4}-[0-9]{2}-[0-9]{2}T)?([0-9]{2}):?([0-9]{2})(:[0-9:.+]*)?")
_FIRST_YEAR = 1000


def read_number(text: str) -> Decimal | None:
    return Decimal(text) if _NUMBER.fullmatch(text) else None


def read_money(text: str) -> Decimal | None:
    return Decimal(text) if _MONEY.fullmatch(text) else None


def read_digits(text: str) -> str | None:
    return text if _DIGITS.fullmatch(text) else None


def read_date(text: str) -> date | None:
    """`2026-11-28`, `20261128` as a caller types it, or the day of `2026-11-28T09:00`."""
    found = _DATE.fullmatch(text)
    if found is None or int(found[1]) < _FIRST_YEAR:
        return None
    try:
        return date(int(found[1]), int(found[2]), int(found[3]))
    except ValueError:
        return None


def read_time(text: str) -> time | None:
    """`09:30`, `0930`, or the time of `2026-11-28T09:30`."""
    found = _TIME.fullmatch(text)
    try:
        return time(int(found[2]), int(found[3])) if found else None
    except ValueError:
        return None
