"""What rooms say to each other: frozen dataclasses, and how they become JSON and come back.

An *event* is named in the past tense and belongs to its sender; a *command* is imperative and belongs to its
receiver. Fields may be added (with a default), never renamed or removed: messages are stored.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar, TypeVar

from pydantic import TypeAdapter

from crm_core.kernel.errors import CallwrightError


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """Root of everything that travels on the bus. `topic` is the stable name on the wire."""

    topic: ClassVar[str] = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Event(Message):
    """Something that happened, at an aware time in UTC."""

    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Command(Message):
    """A wish to one receiver, who answers with a `CommandResult` (or a subclass that carries an answer)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CommandResult(Message):
    """Done, or refused with a stable code and the words to fill its sentence."""

    topic: ClassVar[str] = "command.result"
    ok: bool
    code: str = ""
    params: dict[str, str] | None = None


class UnknownTopic(CallwrightError):
    """No message is known under the topic {topic}."""

    code = "kernel.unknown_topic"


_M = TypeVar("_M", bound=Message)

_by_topic: dict[str, type[Message]] = {}


def registered(cls: type[_M]) -> type[_M]:
    """Class decorator: makes a message known under its topic, so that it can cross a process border."""
    if not cls.topic or _by_topic.get(cls.topic, cls) is not cls:
        raise ValueError(f"{cls.__name__} needs a topic of its own, not {cls.topic!r}")
    _by_topic[cls.topic] = cls
    return cls


def message_class(topic: str) -> type[Message]:
    try:
        return _by_topic[topic]
    except KeyError:
        raise UnknownTopic(topic=topic) from None


_adapters: dict[str, TypeAdapter[Any]] = {}


def _adapter(cls: type[Message]) -> TypeAdapter[Any]:
    key = f"{cls.__module__}.{cls.__qualname__}"
    if key not in _adapters:
        _adapters[key] = TypeAdapter(cls)
    return _adapters[key]


def to_json(message: Message) -> bytes:
    return _adapter(type(message)).dump_json(message)


def to_dict(message: Message) -> dict[str, Any]:
    """JSON-ready values: times as ISO 8601 strings, enums as their values."""
    found: dict[str, Any] = _adapter(type(message)).dump_python(message, mode="json")
    return found


def from_json(topic: str, raw: bytes | str) -> Message:
    found: Message = _adapter(message_class(topic)).validate_json(raw)
    return found


registered(CommandResult)
