"""Makes frozen, slotted values four times as quickly as their own constructors: for the legs in the stream of events.

A frozen dataclass sets each field by a call of `object.__setattr__`. Here a mutable twin with the same slots is filled
by plain assignments and then declared to be of the frozen class, which Python allows for equal layouts.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import fields
from typing import Any, TypeVar

T = TypeVar("T")


def swift(cls: type[T]) -> Callable[..., T]:
    """A constructor of a dataclass without bases that takes every field by position, in order, without defaults."""
    names = [field.name for field in fields(cls)]  # type: ignore[arg-type]  # mypy cannot say «any dataclass»
    draft = type(f"{cls.__name__}Draft", (), {"__slots__": tuple(names)})
    assignments = "".join(f" value.{name} = {name}\n" for name in names)
    source = f"def make({', '.join(names)}):\n value = Draft()\n{assignments} value.__class__ = Frozen\n return value\n"
    scope: dict[str, Any] = {"Draft": draft, "Frozen": cls}
    exec(source, scope)  # noqa: S102 - the dataclasses module makes its constructors in the same way
    make: Callable[..., T] = scope["make"]
    return make
