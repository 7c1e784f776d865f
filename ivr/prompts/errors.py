"""What can go wrong while prompts are made, taken and given."""

from __future__ import annotations

from enum import StrEnum
from typing import Any

from ivr.errors import IvrError
from ivr.flow.problems import Told


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
    WRITTEN = "written"
    """There are braces in the words that are no values."""
    FIXED = "fixed"
    """It is said where no value is known."""
    RECORDED = "recorded"
    """Nobody can record what is another for each caller."""
    EXAMPLE = "example"
    """With these values nothing can be said."""
    CHANGED = "changed"
    """Somebody else has written other words meanwhile."""
    OURS = "ours"
    """It came with the product, and would come again."""
    UNKNOWN = "unknown"
    """There is no such prompt, or no such sound of it."""


class PromptRefused(IvrError):
    """This cannot be a prompt: {reason}"""

    code = "ivr.prompt_refused"

    def __init__(self, reason: Refusal, *, why: Told | None = None, **params: Any) -> None:
        """`why`: what is wrong with the words, where that is the reason."""
        self.reason, self.why = reason, why
        super().__init__(reason=reason if why is None else why, **params)
