"""Values of which every decision makes several."""

from __future__ import annotations

from dataclasses import field, fields, make_dataclass
from typing import Any, TypeVar

T = TypeVar("T")


def quickly_made(frozen: type[T]) -> type[T]:
    """Of a frozen dataclass: that nobody changes one is left to mypy, which goes on seeing it as frozen. To have the
    interpreter refuse it as well makes each three times as dear, and was a sixth of a decision."""
    kept: list[Any] = [
        (one.name, one.type, field(default=one.default, default_factory=one.default_factory))
        for one in fields(frozen)  # type: ignore[arg-type]
    ]
    alike = make_dataclass(frozen.__name__, kept, kw_only=True)
    frozen.__init__ = alike.__init__  # type: ignore[method-assign, misc]
    del frozen.__setattr__, frozen.__delattr__
    return frozen
