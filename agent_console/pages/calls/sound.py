"""Where the sound of a recording lies on disk."""

from __future__ import annotations

from pathlib import Path

from crm_core.domain.recordings import Recording


def recorded_file(folder: Path, recording: Recording) -> Path | None:
    """The file, or None when it is gone; never one outside the recordings folder."""
    if recording.deleted_at is not None:
        return None
    root = folder.resolve()
    file = (root / recording.file).resolve()
    return file if file.is_relative_to(root) and file.is_file() else None
