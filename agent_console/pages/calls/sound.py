"""Where the sound of a recording lies on disk."""

from __future__ import annotations

from pathlib import Path

from crm_core.domain.recordings import Recording
from recordings.errors import RecordingError
from recordings.storage import RecordingFolder


def recorded_file(folder: Path, recording: Recording) -> Path | None:
    """The file, or None when it is gone; never one outside the recordings folder, nor what is no file at all."""
    if recording.deleted_at is not None:
        return None
    try:
        return RecordingFolder(folder).look(recording.file).path
    except RecordingError:
        return None
