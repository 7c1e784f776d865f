"""Prompt files on disk: spoken by espeak-ng, kept, replaced by people, made of tones when nothing can speak."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from crm_core.kernel.language import Language
from ivr.prompts import PromptReport, ensure_prompts, prompt_problems, prompts_folder
from ivr.prompts.catalogue import Catalogue, Words, prompts_in
from ivr.prompts.sound import frame_levels, read_wav

SOME = 3


def words(zh: str = "ni3hao3", en: str = "hello") -> Catalogue:
    def both(suffix: str) -> dict[Language, Words]:
        return {
            Language.ZH: Words(text="你好", say=f"{zh} {suffix}"),
            Language.EN: Words(text="hello", say=f"{en} {suffix}"),
        }

    return Catalogue(prompts={"hello": both(""), "main_menu": both("yi1"), "bye": both("er4")})


@pytest.fixture
def said() -> list[str]:
    return []


async def ensure(home: Path, said: list[str], catalogue: Catalogue | None = None) -> PromptReport:
    return await ensure_prompts(home, said.append, catalogue=catalogue or words())


async def test_every_prompt_is_spoken_for_the_telephone(tmp_path: Path, said: list[str]) -> None:
    report = await ensure(tmp_path, said)
    assert report == PromptReport(made=6, kept=0, recorded=0, tones=())
    for language in Language:
        for key in ("hello", "main_menu", "bye"):
            samples, rate = read_wav((prompts_folder(tmp_path) / language / f"{key}.wav").read_bytes())
            assert rate == 8000
            assert 0.3 < len(samples) / rate < 5
            assert sum(level > 0.03 for level in frame_levels(samples)) > 10
    assert prompt_problems(tmp_path, catalogue=words()) == ()


async def test_the_second_time_nothing_is_left_to_do(tmp_path: Path, said: list[str]) -> None:
    await ensure(tmp_path, said)
    said.clear()
    assert await ensure(tmp_path, said) == PromptReport(made=0, kept=6, recorded=0, tones=())
    assert said == []


async def test_other_words_are_spoken_anew(tmp_path: Path, said: list[str]) -> None:
    await ensure(tmp_path, said)
    report = await ensure(tmp_path, said, words(en="good morning"))
    assert (report.made, report.kept) == (SOME, SOME)


async def test_a_persons_recording_is_left_alone(tmp_path: Path, said: list[str]) -> None:
    folder = prompts_folder(tmp_path)
    (folder / "zh").mkdir(parents=True)
    (folder / "zh" / "hello.wav").write_bytes(b"recorded before")
    await ensure(tmp_path, said)
    (folder / "en" / "bye.wav").write_bytes(b"recorded after")
    report = await ensure(tmp_path, said, words(zh="zao3", en="good morning"))
    assert report.recorded == 2
    assert (folder / "zh" / "hello.wav").read_bytes() == b"recorded before"
    assert (folder / "en" / "bye.wav").read_bytes() == b"recorded after"


async def test_a_lost_file_comes_back(tmp_path: Path, said: list[str]) -> None:
    await ensure(tmp_path, said)
    lost = prompts_folder(tmp_path) / "zh" / "hello.wav"
    lost.unlink()
    assert prompt_problems(tmp_path, catalogue=words()) == (
        f"Prompts are missing in {prompts_folder(tmp_path)}: zh/hello.",
    )
    assert (await ensure(tmp_path, said)).made == 1
    assert lost.exists()


async def test_a_lost_memory_takes_every_file_for_a_recording(tmp_path: Path, said: list[str]) -> None:
    await ensure(tmp_path, said)
    (prompts_folder(tmp_path) / "made.json").write_text("[1", encoding="utf-8")
    assert (await ensure(tmp_path, said)).recorded == 6


async def test_without_a_voice_there_are_tones_and_it_says_so(
    tmp_path: Path, said: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    report = await ensure(tmp_path, said)
    assert report.made == 6
    assert len(report.tones) == 6
    assert "no apt-get" in report.why
    assert "tones instead of words" in said[-1]
    assert prompt_problems(tmp_path, catalogue=words()) == (
        "6 prompts are tones instead of words: install espeak-ng or record them.",
    )
    monkeypatch.undo()
    assert await ensure(tmp_path, said) == PromptReport(made=6, kept=0, recorded=0, tones=())


async def test_speech_is_not_replaced_by_tones(
    tmp_path: Path, said: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    await ensure(tmp_path, said)
    spoken = (prompts_folder(tmp_path) / "en" / "hello.wav").read_bytes()
    monkeypatch.setenv("PATH", str(tmp_path))
    report = await ensure(tmp_path, said, words(en="good morning"))
    assert report.made == 0
    assert (prompts_folder(tmp_path) / "en" / "hello.wav").read_bytes() == spoken


async def test_an_espeak_that_does_not_work_is_none(
    tmp_path: Path, said: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    broken = tmp_path / "bin" / "espeak-ng"
    broken.parent.mkdir()
    broken.write_text("#!/bin/sh\necho eSpeak NG text-to-speech: 9.9\n[ $1 = --version ]\n", encoding="utf-8")
    broken.chmod(0o755)
    monkeypatch.setenv("PATH", str(broken.parent))
    assert len((await ensure(tmp_path, said)).tones) == 6


async def test_flows_may_use_what_people_recorded(tmp_path: Path) -> None:
    (tmp_path / "zh").mkdir()
    (tmp_path / "zh" / "holiday.wav").write_bytes(b"")
    there = prompts_in(tmp_path)
    assert "holiday" in there[Language.ZH]
    assert "holiday" not in there[Language.EN]
    assert "main_menu" in there[Language.EN]


async def test_the_memory_is_readable(tmp_path: Path, said: list[str]) -> None:
    await ensure(tmp_path, said)
    memory = json.loads((prompts_folder(tmp_path) / "made.json").read_text(encoding="utf-8"))
    assert memory["zh/hello"]["voice"].startswith("espeak-ng ")
