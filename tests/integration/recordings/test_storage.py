"""The recordings folder: files in it are found, nothing else is."""

from __future__ import annotations

import os
import wave
from pathlib import Path

import pytest

from recordings.errors import RecordingError, SoundNotFound, UnsafeName
from recordings.storage import RecordingFolder


@pytest.fixture
def folder(tmp_path: Path) -> RecordingFolder:
    root = tmp_path / "recordings"
    (root / "2026" / "11").mkdir(parents=True)
    for path in (root / "call-1.wav", root / "2026" / "11" / "call-2.wav", tmp_path / "outside.wav"):
        write(path, seconds=2)
    return RecordingFolder(root)


def write(path: Path, *, seconds: float) -> None:
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(8000)
        file.writeframes(bytes(range(256)) * int(seconds * 62.5))


def test_what_is_known_of_a_file(folder: RecordingFolder, tmp_path: Path) -> None:
    sound = folder.look("call-1.wav")
    assert (sound.size_bytes, sound.duration_s, sound.complete) == (32044, 2.0, True)
    assert sound.path == tmp_path / "recordings" / "call-1.wav"
    assert folder.look("2026/11/call-2.wav").duration_s == 2.0


def test_a_file_that_is_no_sound(folder: RecordingFolder, tmp_path: Path) -> None:
    (tmp_path / "recordings" / "empty.wav").write_bytes(b"")
    sound = folder.look("empty.wav")
    assert (sound.duration_s, sound.complete) == (None, False)


@pytest.mark.parametrize(
    "name",
    [
        "",
        ".",
        "..",
        "../outside.wav",
        "2026/../../outside.wav",
        "/etc/passwd",
        "/tmp/outside.wav",
        "call-1.wav/../../outside.wav",
        "./call-1.wav",
        "a\0.wav",
        "a\n.wav",
        "..wav",
        "call-1.txt",
        "2026//call.wav",
        "呼叫.wav",
        "~/x.wav",
        "a" * 5000 + "/../x.wav",
    ],
)
def test_names_that_lead_elsewhere(folder: RecordingFolder, name: str) -> None:
    with pytest.raises(UnsafeName):
        folder.look(name)


@pytest.mark.parametrize("name", ["gone.wav", "2026.wav", "a" * 300 + ".wav", "call-1.wav/x.wav"])
def test_what_is_not_there(folder: RecordingFolder, name: str) -> None:
    with pytest.raises(SoundNotFound):
        folder.look(name)


def test_links_and_pipes_are_not_followed(folder: RecordingFolder, tmp_path: Path) -> None:
    root = tmp_path / "recordings"
    (root / "link.wav").symlink_to(tmp_path / "outside.wav")
    (root / "way").symlink_to(tmp_path)
    (root / "round.wav").symlink_to(root / "round.wav")
    (root / "folder.wav").mkdir()
    os.mkfifo(root / "pipe.wav")
    for name in ("link.wav", "way/outside.wav", "round.wav", "folder.wav", "pipe.wav"):
        with pytest.raises(RecordingError):
            folder.look(name)
