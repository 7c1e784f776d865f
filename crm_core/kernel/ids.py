"""Names for things, so that a call can never be taken for an agent. Every room means the same by these.

Made by us: time-ordered and unguessable enough to appear in addresses (48 bits of milliseconds, 80 random bits).
"""

from __future__ import annotations

import secrets
import time
from typing import NewType

CallId = NewType("CallId", str)
"""Our own conversation id, stamped by the dialplan when a call is born; outlives every transfer."""

OfferId = NewType("OfferId", str)
"""One attempt to give one call to one agent."""

AgentId = NewType("AgentId", str)
"""The id of a user who takes calls (the same value as his UserId)."""

UserId = NewType("UserId", str)
ServerId = NewType("ServerId", str)
"""Which Asterisk; the `systemname` of its asterisk.conf."""

QueueKey = NewType("QueueKey", str)
SkillKey = NewType("SkillKey", str)
CustomerId = NewType("CustomerId", str)
ContactId = NewType("ContactId", str)
TicketId = NewType("TicketId", str)
OrderId = NewType("OrderId", str)
CallbackId = NewType("CallbackId", str)
ArticleId = NewType("ArticleId", str)
RecordingId = NewType("RecordingId", str)
MessageId = NewType("MessageId", str)

_ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"  # Crockford's base 32, lower case


def new_id(prefix: str) -> str:
    """A fresh id such as ``tkt_06f3c8…``: the prefix, then 26 characters that sort by time of making."""
    number = (int(time.time() * 1000) << 80) | secrets.randbits(80)
    return f"{prefix}_{''.join(_ALPHABET[(number >> shift) & 31] for shift in range(125, -1, -5))}"
