"""The house's own prompts on disk: brought in any kind of file, spoken, recorded, and never lost."""

from __future__ import annotations

import asyncio
import os
import stat
from pathlib import Path

import pytest

from crm_core.kernel.language import Language
from ivr.prompts import ensure_prompts, prompts_folder
from ivr.prompts.catalogue import Catalogue, Words, prompts_in
from ivr.prompts.converting import converted
from ivr.prompts.errors import PromptRefused, Refusal, VoiceFailed
from ivr.prompts.house import PromptHouse, Standing
from ivr.prompts.house_words import house_catalogue
from ivr.prompts.sound import read_wav
from tests.support.sounds import sound_file
from tests.support.tones import Sound, share

EN, ZH = Language.EN, Language.ZH


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path


@pytest.fixture
def folder(home: Path) -> Path:
    return prompts_folder(home)


@pytest.fixture
def house(folder: Path) -> PromptHouse:
    return PromptHouse(folder)


async def standing(house: PromptHouse, key: str, language: Language = EN) -> Standing:
    return (await house.get(key)).sides[language].standing


async def refusal(data: bytes) -> Refusal:
    with pytest.raises(PromptRefused) as refused:
        await converted(data)
    return refused.value.reason


@pytest.mark.parametrize(
    ("kind", "codec", "rate", "stereo"),
    [
        ("wav", "pcm_s16le", 44_100, True),
        ("wav", "pcm_s24le", 96_000, False),
        ("wav", "pcm_mulaw", 8_000, False),
        ("mp3", "libmp3lame", 44_100, True),
        ("ogg", "libopus", 48_000, False),
        ("webm", "libopus", 48_000, False),
        ("mp4", "aac", 44_100, False),
        ("flac", "flac", 44_100, False),
    ],
)
async def test_any_usual_file_becomes_what_asterisk_plays(kind: str, codec: str, rate: int, stereo: bool) -> None:
    samples, made = read_wav(await converted(sound_file(kind, codec, rate=rate, stereo=stereo)))
    assert made == 8000
    assert 0.9 < len(samples) / made < 1.1
    blocks = list(Sound(samples=samples, rate=made).blocks())
    assert all(share(block, made, 440) > 0.9 for block in blocks[1:-1])


async def test_what_is_no_sound_is_refused() -> None:
    whole = sound_file("mp3", "libmp3lame")
    for data in (b"", b"hello" * 99, b"#EXTM3U\n/etc/passwd\n", b"RIFF\0\0\0\0WAVE", b"ID3" + bytes(500)):
        assert await refusal(data) is Refusal.UNREADABLE
    assert len(read_wav(await converted(whole[: len(whole) // 2]))[0]) > 1000


async def test_silence_and_what_nobody_would_listen_to_are_refused() -> None:
    assert await refusal(sound_file("wav", "pcm_s16le", rate=8000, level=0)) is Refusal.SILENT
    assert await refusal(sound_file("ogg", "libopus", rate=8000, seconds=181)) is Refusal.TOO_LONG
    assert await refusal(bytes(31 * 1024 * 1024)) is Refusal.TOO_LARGE


async def test_a_bad_file_leaves_all_as_it_was(house: PromptHouse, folder: Path) -> None:
    await house.record("welcome", EN, sound_file("wav", "pcm_s16le"))
    before = (folder / "en" / "welcome.wav").read_bytes()
    with pytest.raises(PromptRefused):
        await house.record("welcome", EN, b"no sound")
    assert (folder / "en" / "welcome.wav").read_bytes() == before
    assert (await house.get("welcome")).sides[EN].earlier == ()


async def test_a_new_prompt_is_spoken_and_menus_may_say_it(house: PromptHouse, folder: Path) -> None:
    await house.make("spring", {ZH: "新年好，请按 1。", EN: ""})
    assert await standing(house, "spring", ZH) is Standing.MISSING
    assert "spring" not in prompts_in(folder)[ZH]
    await house.speak("spring", ZH)
    found = await house.get("spring")
    assert found.own
    assert found.sides[ZH].standing is Standing.SPOKEN
    assert (found.sides[ZH].seconds or 0) > 0.5
    assert "spring" in prompts_in(folder)[ZH]
    with pytest.raises(PromptRefused) as refused:
        await house.speak("spring", EN)
    assert refused.value.reason is Refusal.NO_TEXT


@pytest.mark.parametrize(
    ("key", "text", "reason"),
    [
        ("welcome", "Hello", Refusal.TAKEN),
        ("../evil", "Hello", Refusal.NAME),
        ("Spring", "Hello", Refusal.NAME),
        ("x", "Hello", Refusal.NAME),
        ("spring", " … ", Refusal.NO_TEXT),
        ("spring", "", Refusal.NO_TEXT),
        ("spring", "x" * 1001, Refusal.LONG_TEXT),
    ],
)
async def test_what_can_be_no_prompt(house: PromptHouse, key: str, text: str, reason: Refusal) -> None:
    with pytest.raises(PromptRefused) as refused:
        await house.make(key, {EN: text})
    assert refused.value.reason is reason


async def test_other_words_are_spoken_by_the_set_up_too(house: PromptHouse, home: Path, folder: Path) -> None:
    await house.speak("welcome", EN)
    await house.write("welcome", EN, "Good  day.\nHow are you?", seen="Welcome to our customer service line.")
    assert await standing(house, "welcome") is Standing.OUTDATED
    words = house_catalogue(folder).prompts["welcome"][EN]
    assert words.text == "Good day. How are you?"
    report = await ensure_prompts(home, print, catalogue=Catalogue(prompts={"welcome": {EN: words}}))
    assert report.made == 1
    assert await standing(house, "welcome") is Standing.SPOKEN
    with pytest.raises(PromptRefused) as refused:
        await house.write("welcome", EN, "Hello.", seen="Welcome to our customer service line.")
    assert refused.value.reason is Refusal.CHANGED


async def test_recordings_win_over_the_set_up_and_come_back(house: PromptHouse, home: Path, folder: Path) -> None:
    await house.speak("welcome", EN)
    await house.record("welcome", EN, sound_file("mp3", "libmp3lame"))
    recorded = (folder / "en" / "welcome.wav").read_bytes()
    await house.write("welcome", EN, "Good day.")
    changed = Catalogue(prompts={"welcome": {EN: house_catalogue(folder).prompts["welcome"][EN]}})
    assert (await ensure_prompts(home, print, catalogue=changed)).recorded == 1
    assert (folder / "en" / "welcome.wav").read_bytes() == recorded
    await house.speak("welcome", EN, over_recording=False)
    assert await standing(house, "welcome") is Standing.RECORDED
    await house.speak("welcome", EN)
    side = (await house.get("welcome")).sides[EN]
    assert side.standing is Standing.SPOKEN
    [earlier] = side.earlier
    await house.take_back("welcome", EN, earlier.name)
    assert (folder / "en" / "welcome.wav").read_bytes() == recorded
    assert await standing(house, "welcome") is Standing.RECORDED


async def test_who_records_while_the_set_up_speaks_is_not_lost(house: PromptHouse, home: Path, folder: Path) -> None:
    await house.speak("welcome", EN)
    changed = Catalogue(prompts={"welcome": {EN: Words(text="Good day.", say="Good day.")}})
    go_on = home / "go_on"
    os.mkfifo(go_on)
    voice = _script(home, f"cat {go_on} > /dev/null\ncp {_wav(home)} $1\n")
    began: asyncio.Event = asyncio.Event()
    speaking = asyncio.create_task(
        ensure_prompts(home, lambda _: began.set(), catalogue=changed, voice_command=f"{voice} {{file}}")
    )
    await began.wait()
    await house.record("welcome", EN, sound_file("ogg", "libopus"))
    recorded = (folder / "en" / "welcome.wav").read_bytes()
    await asyncio.to_thread(go_on.write_text, "")
    await speaking
    assert (folder / "en" / "welcome.wav").read_bytes() == recorded
    assert await standing(house, "welcome") is Standing.RECORDED


async def test_another_synthesiser_speaks_by_its_command(home: Path, folder: Path) -> None:
    said = home / "said"
    voice = _script(home, f"cat > {said}\necho $1 >> {said}\ncp {_wav(home)} $2\n")
    house = PromptHouse(folder, voice_command=f"{voice} {{language}} {{file}}")
    await house.write("welcome", ZH, "新年好")
    await house.speak("welcome", ZH)
    assert said.read_text(encoding="utf-8") == "新年好zh\n"
    assert await standing(house, "welcome", ZH) is Standing.SPOKEN
    broken = PromptHouse(folder, voice_command=f"{_script(home, 'exit 3')} {{file}}")
    before = (folder / "zh" / "welcome.wav").read_bytes()
    with pytest.raises(VoiceFailed):
        await broken.speak("welcome", ZH)
    assert (folder / "zh" / "welcome.wav").read_bytes() == before


async def test_what_somebody_put_there_by_hand_is_listed(house: PromptHouse, folder: Path) -> None:
    (folder / "zh").mkdir(parents=True)
    (folder / "zh" / "holiday.wav").write_bytes(await converted(sound_file("wav", "pcm_s16le")))
    side = (await house.get("holiday")).sides[ZH]
    assert (side.standing, side.words) == (Standing.RECORDED, None)
    with pytest.raises(PromptRefused):
        await house.sound("../../etc/passwd", ZH)
    with pytest.raises(PromptRefused):
        await house.sound("holiday", ZH, "../holiday")


async def test_words_that_cannot_be_read_are_put_aside_and_ours_are_spoken(house: PromptHouse, folder: Path) -> None:
    folder.mkdir(parents=True)
    (folder / "words.json").write_text('{"welcome": ', encoding="utf-8")
    words = (await house.get("welcome")).sides[EN].words
    assert words is not None
    assert words.text.startswith("Welcome")
    await house.write("welcome", EN, "Good day.")
    assert (folder / "words.json.unreadable").read_text(encoding="utf-8") == '{"welcome": '
    assert house_catalogue(folder).prompts["welcome"][EN].text == "Good day."


async def test_a_strange_file_among_the_earlier_ones_is_passed_over(house: PromptHouse, folder: Path) -> None:
    (folder / "earlier" / "en" / "welcome").mkdir(parents=True)
    (folder / "earlier" / "en" / "welcome" / "song.wav").write_bytes(b"")
    assert (await house.get("welcome")).sides[EN].earlier == ()


def _script(home: Path, body: str) -> Path:
    script = home / "voice"
    script.write_text(f"#!/bin/sh\n{body}", encoding="utf-8")
    script.chmod(script.stat().st_mode | stat.S_IXUSR)
    return script


def _wav(home: Path) -> Path:
    file = home / "voice.wav"
    file.write_bytes(sound_file("wav", "pcm_s16le", rate=22_050))
    return file


async def test_what_is_taken_away_is_gone_and_what_people_recorded_of_it_is_kept(
    house: PromptHouse, folder: Path
) -> None:
    await house.make("snow", {EN: "It is snowing.", ZH: "下雪了。"})
    await house.record("snow", EN, sound_file("wav", "pcm_s16le"))
    recorded = (folder / "en" / "snow.wav").read_bytes()
    await house.take_away("snow")
    with pytest.raises(PromptRefused) as gone:
        await house.get("snow")
    assert gone.value.reason is Refusal.UNKNOWN
    assert "snow" not in prompts_in(folder)[EN]

    await house.make("snow", {EN: "Snow again."})
    [earlier] = (await house.get("snow")).sides[EN].earlier
    assert (await house.sound("snow", EN, earlier.name)).read_bytes() == recorded


async def test_what_somebody_only_put_there_can_be_taken_away_too(house: PromptHouse, folder: Path) -> None:
    (folder / "zh").mkdir(parents=True)
    (folder / "zh" / "by_hand.wav").write_bytes(await converted(sound_file("wav", "pcm_s16le")))
    await house.take_away("by_hand")
    assert list((folder / "zh").glob("*.wav")) == []


async def test_what_came_with_the_product_is_not_taken_away(house: PromptHouse) -> None:
    for key, reason in (("welcome", Refusal.OURS), ("no_such_prompt", Refusal.UNKNOWN)):
        with pytest.raises(PromptRefused) as refused:
            await house.take_away(key)
        assert refused.value.reason is reason


async def test_another_synthesiser_speaks_anew_what_was_spoken_and_leaves_recordings(
    home: Path, folder: Path, house: PromptHouse
) -> None:
    catalogue = Catalogue(prompts={key: {EN: Words(text=key, say=key)} for key in ("one", "two")})
    for name, seconds in (("first", 1.0), ("second", 2.0)):
        (home / f"{name}.wav").write_bytes(sound_file("wav", "pcm_s16le", rate=8000, seconds=seconds))
        (home / name).write_text(f"#!/bin/sh\ncp {home}/{name}.wav $1\n")
        (home / name).chmod(0o755)
    assert (await ensure_prompts(home, print, catalogue=catalogue, voice_command=f"{home}/first {{file}}")).made == 2
    recorded = await converted(sound_file("mp3", "libmp3lame"))
    (folder / "en" / "two.wav").write_bytes(recorded)
    before = (folder / "en" / "one.wav").read_bytes()

    again = await ensure_prompts(home, print, catalogue=catalogue, voice_command=f"{home}/first {{file}}")
    assert (again.made, again.recorded) == (0, 1)
    other = await ensure_prompts(home, print, catalogue=catalogue, voice_command=f"{home}/second {{file}}")
    assert (other.made, other.recorded) == (1, 1)
    assert (folder / "en" / "one.wav").read_bytes() != before
    assert (folder / "en" / "two.wav").read_bytes() == recorded
