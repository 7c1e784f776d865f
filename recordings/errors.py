"""What can go wrong with recorded sound.

CallwrightError
└── RecordingError
    ├── UnsafeName
    └── SoundNotFound
"""

from __future__ import annotations

from crm_core.kernel.errors import CallwrightError


class RecordingError(CallwrightError):
    """Something went wrong with a recording."""

    code = "recordings.error"


class UnsafeName(RecordingError):
    """{file} is no name of a recording."""

    code = "recordings.unsafe_name"


class SoundNotFound(RecordingError):
    """The sound of {file} is not there."""

    code = "recordings.sound_not_found"
