"""Fetching an Asterisk: once, never over somebody else's files, and with a clear word when it cannot be."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from callwright.asterisk import AsteriskInstallFailed, AsteriskNotInstallable, install
from callwright.asterisk.install import PREFIX_VARIABLE, find
from tests.support.asterisk import asterisk_prefix


def without_asterisk_on_path(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, **programs: str) -> None:
    """A PATH with stand-ins for system programs."""
    for name, script in programs.items():
        program = tmp_path / "bin" / name
        program.parent.mkdir(exist_ok=True)
        program.write_text(f"#!/bin/sh\n{script}\n")
        program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}/bin:/usr/bin:/bin")
    monkeypatch.delenv(PREFIX_VARIABLE, raising=False)


async def test_what_is_there_is_found_at_once(tmp_path: Path) -> None:
    said: list[str] = []
    first, second = await asyncio.gather(
        install(tmp_path, said.append, allow_root=False, prefix=asterisk_prefix()),
        install(tmp_path, said.append, allow_root=False, prefix=asterisk_prefix()),
    )
    assert first == second
    assert said == []
    assert first.numbers >= (18,)
    assert first.missing_modules() == []
    assert (first.data_dir / "documentation").is_dir()
    assert (first.sounds_dir / "en").is_dir()


async def test_an_old_asterisk_on_path_is_passed_over(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    without_asterisk_on_path(monkeypatch, tmp_path, asterisk="echo 'Asterisk 16.28.0~dfsg-0'")
    assert await find(tmp_path) is None


async def test_a_machine_without_a_mirror_is_told_so(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    without_asterisk_on_path(monkeypatch, tmp_path, **{"apt-get": "exit 0"})
    with pytest.raises(AsteriskNotInstallable, match="knows no Debian or Ubuntu mirror"):
        await install(tmp_path / "home", print, allow_root=False)
    without_asterisk_on_path(monkeypatch, tmp_path, **{"apt-get": "exit 100"})
    with pytest.raises(AsteriskNotInstallable, match="no apt-get"):
        await install(tmp_path / "home", print, allow_root=False)


async def test_a_mirror_that_fails_is_told_with_its_own_words(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    script = """
    case "$*" in
      *indextargets*) echo "http://mirror.example/debian/ bookworm" ;;
      *) echo "E: Could not resolve 'mirror.example'" >&2; exit 100 ;;
    esac"""
    without_asterisk_on_path(monkeypatch, tmp_path, **{"apt-get": script})
    said: list[str] = []
    with pytest.raises(AsteriskNotInstallable, match=r"Could not resolve 'mirror\.example'"):
        await install(tmp_path / "home", said.append, allow_root=False)
    assert said[0] == "Asking debian forky which packages Asterisk needs …"
    assert not (tmp_path / "home/asterisk/prefix").exists()
    assert not (tmp_path / "home/asterisk/prefix.new").exists()


async def test_a_home_that_cannot_be_written_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    without_asterisk_on_path(monkeypatch, tmp_path)
    (tmp_path / "home").write_text("not a folder")
    with pytest.raises(AsteriskInstallFailed, match="Not a directory"):
        await install(tmp_path / "home", print, allow_root=False)


async def test_somebody_elses_folder_is_left_alone(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    without_asterisk_on_path(monkeypatch, tmp_path)
    letters = tmp_path / "documents" / "letters.txt"
    letters.parent.mkdir()
    letters.write_text("dear")
    with pytest.raises(AsteriskInstallFailed, match="not ours"):
        await install(tmp_path / "home", print, allow_root=False, prefix=letters.parent)
    assert letters.read_text() == "dear"
