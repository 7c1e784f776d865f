"""What the parts of the Redis bus share: the names of keys, and events and commands as bytes."""

from __future__ import annotations

from dataclasses import dataclass

import structlog
from pydantic import ValidationError
from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import RedisError

from crm_core.kernel.messages import Message, UnknownTopic, from_json, message_class, to_json

_log = structlog.get_logger(__name__)

BROKEN = (RedisError, OSError, EOFError)
"""What any talk with Redis may end in; each part pauses and tries again."""

ANSWERS_WITHIN_S = 5.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Keys:
    prefix: str

    @property
    def stream(self) -> str:
        return f"{self.prefix}events"

    @property
    def live(self) -> str:
        return f"{self.prefix}live"

    def turn(self, group: str) -> str:
        return f"{self.prefix}turn:{group}"

    def server(self, topic: str) -> str:
        return f"{self.prefix}serves:{topic}"

    def seat(self, name: str) -> str:
        return f"{self.prefix}seat:{name}"

    def inbox(self, member: str) -> str:
        return f"{self.prefix}inbox:{member}"


def connect(url: str) -> Redis:
    """Errors come at once: the parts of the bus know better than the driver how to try again."""
    return Redis.from_url(
        url,
        protocol=2,
        socket_timeout=ANSWERS_WITHIN_S,
        socket_connect_timeout=ANSWERS_WITHIN_S,
        socket_keepalive=True,
        retry=Retry(NoBackoff(), 0),
    )


def packed(message: Message) -> bytes:
    return message.topic.encode() + b"\n" + to_json(message)


def topic_of(raw: bytes) -> str:
    return raw.partition(b"\n")[0].decode("utf-8", "replace")


def unpacked(raw: bytes) -> Message | None:
    """None for what this process cannot read (a newer sender's message): logged, and passed over."""
    topic, _, body = raw.partition(b"\n")
    try:
        return from_json(topic.decode(), body)
    except (UnknownTopic, ValidationError, UnicodeDecodeError) as error:
        _log.warning("a message cannot be read", action="bus.read", topic=topic_of(raw), why=str(error))
        return None


def kind_of(raw: bytes) -> type[Message] | None:
    try:
        return message_class(topic_of(raw))
    except UnknownTopic:
        return None
