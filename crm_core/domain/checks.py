"""Checks of what people type: a clear sentence about one field, before anything is written."""

from __future__ import annotations

from datetime import datetime
from enum import Enum
from typing import TypeVar

from crm_core.domain.paging import Keep
from crm_core.errors import FieldEmpty, FieldTooLong, TimeZoneMissing

LINE, TEXT = 200, 20_000
"""The longest line (a name, a subject) and the longest text (a note)."""

_S = TypeVar("_S", str, str | Keep)


def line(field: str, value: _S, *, required: bool = False, longest: int = LINE) -> _S:
    """A single line, trimmed."""
    if isinstance(value, Enum):
        return value
    tidy = " ".join(value.replace("\x00", "").split())
    if required and not tidy:
        raise FieldEmpty(field=field)
    return _not_longer(field, tidy, longest)


def paragraph(field: str, value: _S, *, required: bool = False, longest: int = TEXT) -> _S:
    """Text of several lines, as it was typed."""
    if isinstance(value, Enum):
        return value
    tidy = value.replace("\x00", "").strip()
    if required and not tidy:
        raise FieldEmpty(field=field)
    return _not_longer(field, tidy, longest)


def _not_longer(field: str, value: str, longest: int) -> str:
    if len(value) > longest:
        raise FieldTooLong(field=field, longest=longest)
    return value


def aware(field: str, value: datetime) -> datetime:
    if value.tzinfo is None:
        raise TimeZoneMissing(field=field)
    return value
