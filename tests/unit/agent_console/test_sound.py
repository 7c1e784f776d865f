"""Where the sound of a recording lies; never outside its folder."""

from __future__ import annotations

import os
from datetime import UTC, datetime
from pathlib import Path

import pytest

from agent_console.pages.calls.sound import recorded_file
from crm_core.domain.recordings import Recording
from crm_core.kernel.ids import CallId, RecordingId

AT = datetime(2026, 1, 5, tzinfo=UTC)


def _recording(file: str, deleted_at: datetime | None = None) -> Recording:
    return Recording(id=RecordingId("r"), call=CallId("c"), file=file, started_at=AT, deleted_at=deleted_at)


def test_the_file_of_a_recording(tmp_path: Path) -> None:
    (tmp_path / "2026").mkdir()
    (tmp_path / "2026" / "c.wav").write_bytes(b"RIFF")
    assert recorded_file(tmp_path, _recording("2026/c.wav")) == tmp_path / "2026" / "c.wav"


def test_a_deleted_recording_has_none(tmp_path: Path) -> None:
    (tmp_path / "c.wav").write_bytes(b"RIFF")
    assert recorded_file(tmp_path, _recording("c.wav", deleted_at=AT)) is None
    assert recorded_file(tmp_path, _recording("gone.wav")) is None


@pytest.mark.parametrize("file", ["../secret.wav", "/etc/passwd", "a/../../secret.wav", "link.wav", "", "."])
def test_nothing_outside_the_folder_is_played(tmp_path: Path, file: str) -> None:
    folder = tmp_path / "recordings"
    folder.mkdir()
    (tmp_path / "secret.wav").write_bytes(b"RIFF")
    (folder / "link.wav").symlink_to(tmp_path / "secret.wav")
    assert recorded_file(folder, _recording(file)) is None


@pytest.mark.parametrize("file", ["pipe.wav", "folder.wav", "c.mp3", "-rf.wav", "a b.wav", "c.wav\n"])
def test_only_a_plain_file_with_a_plain_name_is_played(tmp_path: Path, file: str) -> None:
    """A pipe would hold the reader for ever."""
    os.mkfifo(tmp_path / "pipe.wav")
    (tmp_path / "folder.wav").mkdir()
    for name in ("c.mp3", "-rf.wav", "a b.wav", "c.wav\n"):
        (tmp_path / name).write_bytes(b"RIFF")
    assert recorded_file(tmp_path, _recording(file)) is None
