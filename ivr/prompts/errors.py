"""What can go wrong while prompts are made."""

from __future__ import annotations

from ivr.errors import IvrError


class VoiceFailed(IvrError):
    """The speech synthesiser failed: {why}."""

    code = "ivr.voice_failed"


class VoiceUnavailable(IvrError):
    """There is no speech synthesiser and none could be fetched: {why}."""

    code = "ivr.voice_unavailable"
