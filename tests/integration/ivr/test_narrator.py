"""How long the sounds of articles stay: what somebody may be hearing is not taken away when the text has changed."""

from __future__ import annotations

import errno
import os
import time
from pathlib import Path

import pytest

from crm_core.kernel.language import Language
from ivr.prompts.narrator import Narrator
from tests.support.sounds import sound_file

_DAYS = 24 * 3600


@pytest.fixture
def narrator(tmp_path: Path) -> Narrator:
    """A voice that says the same of everything."""
    said = tmp_path / "said.wav"
    said.write_bytes(sound_file("wav", "pcm_s16le"))
    return Narrator(tmp_path / "sounds", voice_command=f"cp {said} {{file}}")


def file(folder: Path, key: str) -> Path:
    return folder / "sounds" / "en" / f"{key}.wav"


def age(sound: Path, days: float) -> None:
    then = time.time() - days * _DAYS
    os.utime(sound, (then, then))


async def test_what_was_made_long_ago_and_heard_just_now_outlives_its_successor(
    narrator: Narrator, tmp_path: Path
) -> None:
    before = await narrator.sound("K-0001", Language.EN, "Hold the button for five seconds.")
    age(file(tmp_path, before), days=30)
    assert await narrator.sound("K-0001", Language.EN, "Hold the button for five seconds.") == before  # a caller's
    after = await narrator.sound("K-0001", Language.EN, "Hold the button for ten seconds.")
    assert after != before
    assert file(tmp_path, before).exists(), "he hears it to its end"


async def test_what_nobody_asked_for_since_yesterday_goes_when_there_is_another(
    narrator: Narrator, tmp_path: Path
) -> None:
    before = await narrator.sound("K-0001", Language.EN, "Hold the button for five seconds.")
    other = await narrator.sound("K-0002", Language.EN, "The warranty holds for a year.")
    for key in (before, other):
        age(file(tmp_path, key), days=2)
    await narrator.sound("K-0001", Language.EN, "Hold the button for ten seconds.")
    assert not file(tmp_path, before).exists()
    assert file(tmp_path, other).exists(), "that is another article's"


async def test_where_nobody_may_write_what_is_there_is_heard(
    narrator: Narrator, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    key = await narrator.sound("K-0001", Language.EN, "Hold the button for five seconds.")
    (tmp_path / "said.wav").unlink()  # nothing can be said anew

    def refuses(_file: Path) -> None:
        raise OSError(errno.EROFS, "Read-only file system")

    monkeypatch.setattr(os, "utime", refuses)
    assert await narrator.sound("K-0001", Language.EN, "Hold the button for five seconds.") == key
