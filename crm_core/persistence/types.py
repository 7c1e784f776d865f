"""Column types that mean the same on SQLite and PostgreSQL: aware times, words of a closed set, keepable text."""

from __future__ import annotations

from datetime import MINYEAR, UTC, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any, TypeVar

from sqlalchemy import JSON, BigInteger, DateTime, Dialect, Integer, Text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.types import TypeDecorator

_E = TypeVar("_E", bound=StrEnum)
_EARLIEST, _LATEST = datetime(2, 1, 1, tzinfo=UTC), datetime(9998, 12, 31, tzinfo=UTC)

Json = JSON(none_as_null=True).with_variant(JSONB(none_as_null=True), "postgresql")
BigId = BigInteger().with_variant(Integer, "sqlite")
"""Counts up by itself on both (SQLite does so for INTEGER only)."""


def keepable(text: str) -> str:
    """Text without what no database keeps: NUL, and halves of characters from undecodable bytes."""
    if text.isascii():
        return text.replace("\x00", "") if "\x00" in text else text
    return text.replace("\x00", "").encode("utf-8", "replace").decode("utf-8")


def keepable_json(value: Any) -> Any:
    match value:
        case str():
            return keepable(value)
        case dict():
            return {keepable(str(key)): keepable_json(inner) for key, inner in value.items()}
        case list() | tuple():
            return [keepable_json(inner) for inner in value]
        case _:
            return value


class Words(TypeDecorator[str]):
    """Text of any length from anybody."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        return None if value is None else keepable(value)


class UtcTime(TypeDecorator[datetime]):
    """Aware datetimes only, in UTC; sortable text on SQLite, timestamptz on PostgreSQL."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"{value!r} has no time zone")
        return _for(dialect, _tellable(value))

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        return None if value is None else value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


def _tellable(value: datetime) -> datetime:
    """In UTC. At the calendar's ends a moment has no name in some time zones: there it is moved to where it has."""
    try:
        return max(_EARLIEST, min(value.astimezone(UTC), _LATEST))
    except OverflowError:
        return _EARLIEST if value.year == MINYEAR else _LATEST


def _for(dialect: Dialect, value: datetime) -> datetime:
    return value.replace(tzinfo=None) if dialect.name == "sqlite" else value


class OneOf(TypeDecorator[_E]):
    """A StrEnum, kept as its word, so that a new word needs no migration."""

    impl = Text
    cache_ok = True

    def __init__(self, kind: type[_E]) -> None:
        super().__init__()
        self.kind = kind

    def process_bind_param(self, value: _E | None, dialect: Dialect) -> str | None:
        return None if value is None else str(value)

    def process_result_value(self, value: str | None, dialect: Dialect) -> _E | None:
        return None if value is None else self.kind(value)


class Amount(TypeDecorator[Decimal]):
    """Money, kept as whole hundredths: SQLite would make a binary fraction of it."""

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: Decimal | None, dialect: Dialect) -> int | None:
        return None if value is None else int((value * 100).to_integral_value())

    def process_result_value(self, value: int | None, dialect: Dialect) -> Decimal | None:
        return None if value is None else Decimal(value).scaleb(-2)
