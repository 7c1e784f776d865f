"""Recordings that Asterisk makes: they grow, and are closed a moment after the call is over."""

from __future__ import annotations

from pathlib import Path

from recordings.errors import SoundNotFound
from recordings.storage import RecordingFolder
from tests.support.tones import Sound, read_wav
from tests.support.waiting import eventually


def recorded_s(wav: Path) -> float:
    """For how long it sounds by now; 0 before there is a file."""
    try:
        return RecordingFolder(wav.parent).look(wav.name).duration_s or 0.0
    except SoundNotFound:
        return 0.0


async def recorded_on(wav: Path, seconds: float = 0.5) -> None:
    """Until so much more of what is said now is in the file."""
    before = recorded_s(wav)
    await eventually(f"{seconds:g} s more in {wav.name}", lambda: recorded_s(wav) >= before + seconds)


async def whole_recording(wav: Path) -> Sound:
    """As soon as Asterisk has closed it."""
    await eventually(f"{wav.name} to be closed", lambda: RecordingFolder(wav.parent).look(wav.name).complete)
    return read_wav(wav)
