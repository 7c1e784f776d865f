"""What an administrator may set in the product: each key with its type and its default."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Generic, TypeVar

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class SettingKey(Generic[T]):
    name: str
    kind: type[T] = field(repr=False)
    default: T


HOUSE_NAME = SettingKey(name="house.name", kind=str, default="Callwright")
RECORD_CALLS = SettingKey(name="recordings.enabled", kind=bool, default=True)
MISSED_CALLBACK_AFTER_S = SettingKey(name="callbacks.missed_after_s", kind=int, default=24 * 3600)
WORLD_SEED = SettingKey(name="demo.world_seed", kind=int, default=0)
