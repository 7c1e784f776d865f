"""What a database knows about its own house: each key with its type and its default."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Generic, TypeVar

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class SettingKey(Generic[T]):
    name: str
    kind: type[T] = field(repr=False)
    default: T


MISSED_CALLBACK_AFTER_S = SettingKey(name="callbacks.missed_after_s", kind=int, default=24 * 3600)
"""How long past its time a promise still waits to be kept."""
WORLD_SEED = SettingKey(name="demo.world_seed", kind=int, default=0)
"""Which invented world is in here; 0: none."""
COMPLETE_UNTIL: SettingKey[dict[str, float]] = SettingKey(
    name="call_log.complete_until", kind=dict[str, float], default={}
)
"""File of Asterisk's own account -> seconds since the epoch: all calls that ended before are in the log."""
