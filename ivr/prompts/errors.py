"""What can go wrong while prompts are made, taken and given."""

from __future__ import annotations

from enum import StrEnum
from typing import Any

from ivr.errors import IvrError


class VoiceFailed(IvrError):
    """The speech synthesiser failed: {why}."""

    code = "ivr.voice_failed"


class VoiceUnavailable(IvrError):
    """There is no speech synthesiser and none could be fetched: {why}."""

    code = "ivr.voice_unavailable"


class Refusal(StrEnum):
    """Why something cannot be a prompt."""

    UNREADABLE = "unreadable"
    """No sound that we can read."""
    SILENT = "silent"
    """Nothing is to be heard."""
    TOO_LONG = "too_long"
    TOO_LARGE = "too_large"
    NAME = "name"
    """No name for a prompt."""
    TAKEN = "taken"
    """There is one of this name."""
    NO_TEXT = "no_text"
    """Nothing that could be spoken."""
    LONG_TEXT = "long_text"
    CHANGED = "changed"
    """Somebody else has written other words meanwhile."""
    OURS = "ours"
    """It came with the product, and would come again."""
    UNKNOWN = "unknown"
    """There is no such prompt, or no such sound of it."""


class PromptRefused(IvrError):
    """This cannot be a prompt: {reason}"""

    code = "ivr.prompt_refused"

    def __init__(self, reason: Refusal, **params: Any) -> None:
        self.reason = reason
        super().__init__(reason=reason, **params)
