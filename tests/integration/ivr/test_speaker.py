"""Words with values in them, spoken: what is the same for everybody once, a caller's values for him, not for ever."""

from __future__ import annotations

import os
import shlex
import time
from dataclasses import replace
from pathlib import Path

import pytest

from crm_core.kernel.ids import CallId
from crm_core.kernel.language import Language
from ivr.fastagi import session as sessions
from ivr.fastagi.limits import Limits
from ivr.fastagi.line import AgiLine
from ivr.fastagi.session import MenuSession
from ivr.fastagi.verbs import AgiVerbs
from ivr.flow.filling import worded
from ivr.flow.messages import Sound, Spoken, State
from ivr.flow.model import Flow
from ivr.flow.names import NodeId
from ivr.flow.nodes import Needs
from ivr.flow.wording import read
from ivr.prompts import ensure_prompts, prompts_folder
from ivr.prompts.catalogue import Catalogue, Words
from ivr.prompts.speaker import MOST_VALUES, Speaker, forget_values, heard_from, spoken_in, voice_for
from tests.support.sounds import sound_file
from tests.support.waiting import eventually
from tests.unit.ivr.fake_asterisk import FakeAsterisk
from tests.unit.ivr.flows import small_flow
from tests.unit.ivr.test_session import NOON

ZH, EN = Language.ZH, Language.EN


class Voice:
    """Says the same of everything, and writes down what it was given."""

    def __init__(self, folder: Path) -> None:
        said = folder / "said.wav"
        said.write_bytes(sound_file("wav", "pcm_s16le"))
        self._given = folder / "given.txt"
        script = f'echo "$(cat)" >> {self._given}; cp {said} $0'
        self.command = f"sh -c {shlex.quote(script)} {{file}}"
        self.hangs = folder / "hangs"
        self.dumb, self.hanging = "false", f"sh -c {shlex.quote(f'sleep 0.2; touch {self.hangs}; exec sleep 60')}"

    @property
    def given(self) -> list[str]:
        return self._given.read_text(encoding="utf-8").splitlines() if self._given.exists() else []


@pytest.fixture
def voice(tmp_path: Path) -> Voice:
    return Voice(tmp_path)


@pytest.fixture(autouse=True)
def patience(monkeypatch: pytest.MonkeyPatch) -> None:
    """This machine may be busy."""
    monkeypatch.setattr(sessions, "SPEAK_WITHIN_S", 60)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return prompts_folder(tmp_path)


def piece(text: str) -> Sound:
    return Sound(language=ZH, key="hello", text=text, spoken=Spoken(say=text, value=False))


def value(text: str, *instead: Sound, needed: bool = False) -> Sound:
    spoken = Spoken(say=text, value=True, instead=None if needed else instead)
    return Sound(language=ZH, key="hello", text=text, spoken=spoken)


async def test_each_text_is_spoken_once(voice: Voice, folder: Path) -> None:
    speaker = Speaker(folder, voice_command=voice.command)
    row = (piece("您好"), value("张伟"), Sound(language=ZH, key="bye"))
    assert await speaker.ready(spoken_in(row)) == {}
    files = await speaker.speak(spoken_in(row), 30)
    assert heard_from(row, files) == [files[row[0]], files[row[1]], "zh/bye"]
    assert all((folder / f"{file}.wav").is_file() for file in files.values())
    assert await speaker.ready(spoken_in(row)) == files
    assert sorted(voice.given) == sorted(["您好", "张伟"])


async def test_a_name_in_latin_letters_is_spoken_by_the_voice_that_reads_them(voice: Voice, folder: Path) -> None:
    speaker = Speaker(folder, voice_command=voice.command)
    files = await speaker.speak((value("Ann"), value("张伟")), 30)
    assert [file.partition("/")[0] for file in files.values()] == ["en", "zh"]


@pytest.mark.parametrize(
    ("text", "language", "by"),
    [
        ("张伟", EN, ZH),
        ("Ann", ZH, EN),
        ("A 座张伟", EN, ZH),
        ("12", ZH, ZH),
        ("12", EN, EN),
        ("Ünal", EN, EN),
        ("Ωμ", ZH, ZH),
    ],
)
def test_whose_letters_they_are(text: str, language: Language, by: Language) -> None:
    assert voice_for(text, language) is by


async def test_what_is_not_spoken_in_time_has_other_words_or_nothing_is_heard(voice: Voice, folder: Path) -> None:
    await Speaker(folder, voice_command=voice.command).speak((piece("客户"), piece("您好")), 30)
    mute = Speaker(folder, voice_command=voice.command)
    row = (piece("您好"), value("张伟", piece("客户")))
    files = dict(await mute.ready(spoken_in(row)))
    assert heard_from(row, files) == [files[row[0]], files[piece("客户")]]
    assert heard_from((*row, value("李", needed=True)), files) is None
    assert heard_from((value("李"),), files) == []


async def test_values_go_a_day_after_they_were_heard_last_and_pieces_stay(voice: Voice, folder: Path) -> None:
    speaker = Speaker(folder, voice_command=voice.command)
    files = await speaker.speak((piece("您好"), value("张伟"), value("李娜")), 30)
    for one in (piece("您好"), value("张伟")):
        age(folder / f"{files[one]}.wav", days=2)
    await speaker.speak((value("王芳"),), 30)
    there = await speaker.ready((piece("您好"), value("张伟"), value("李娜"), value("王芳")))
    assert [one.text for one in there] == ["您好", "李娜", "王芳"]
    for file in folder.glob("*/values/*.wav"):
        age(file, days=2)
    forget_values(folder)
    assert list(folder.glob("*/values/*.wav")) == []


async def test_a_voice_that_reads_words_is_given_words_where_another_is_led(voice: Voice, folder: Path) -> None:
    words = Words(text="您好 {name|客户}，还重。", say="nin2hao3 {name|ke4hu4}, hai2 chong2.")
    await Speaker(folder, voice_command=voice.command).prepare("hello", ZH, words)
    assert voice.given == ["您好", "客户", "还重。"]
    row = worded("hello", ZH, read(words.text, words.say), State(node=NodeId(""), language=ZH, needs=Needs()))
    assert row is not None
    assert len(await Speaker(folder, voice_command=voice.command).ready(row)) == 3


async def test_no_more_values_are_kept_than_so_many(
    voice: Voice, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert MOST_VALUES <= 5000
    monkeypatch.setattr("ivr.prompts.speaker.MOST_VALUES", 2)
    speaker = Speaker(folder, voice_command=voice.command)
    for at, name in enumerate(("张", "李", "王")):
        file = (await speaker.speak((value(name),), 30))[value(name)]
        age(folder / f"{file}.wav", days=0.5 - at / 10)
    assert [one.text for one in await speaker.ready((value("张"), value("李"), value("王")))] == ["李", "王"]


def age(sound: Path, days: float) -> None:
    then = time.time() - days * 24 * 3600
    os.utime(sound, (then, then))


async def test_what_is_the_same_for_everybody_is_made_with_the_prompts(
    voice: Voice, folder: Path, tmp_path: Path
) -> None:
    words = Words(text="您好 {name|客户}，{sum:money}。", say="您好 {name|客户}，{sum:money}。")
    catalogue = Catalogue(prompts={"hello": {ZH: words}})
    await ensure_prompts(tmp_path, lambda _: None, catalogue=catalogue, voice_command=voice.command)
    assert voice.given == ["您好 客户， 。", "您好", "客户"], "whole without values, then its pieces"
    await ensure_prompts(tmp_path, lambda _: None, catalogue=catalogue, voice_command=voice.command)
    assert len(voice.given) == 3


# In a call ------------------------------------------------------------------------------------------------------------


def greeting(text: str) -> Flow:
    hello = {"kind": "play", "prompts": ["hello"], "next": "bye", "error": "person"}
    nodes = {"hello": hello, "bye": {"kind": "goodbye", "prompts": ["bye"]}, "person": {"kind": "queue"}}
    return replace(small_flow(nodes=nodes), texts={ZH: {"hello": read(text)}})


async def visit(flow: Flow, fake: FakeAsterisk, folder: Path, command: str) -> list[str]:
    """The errors that were counted."""
    limits, errors = Limits(), list[str]()
    line = AgiLine(AgiVerbs(fake, {}, limits), limits)  # type: ignore[arg-type]
    session = MenuSession(
        line,
        flow,
        CallId("pbx-1"),
        prompts=folder,
        recordings=folder,
        count=errors.append,
        now=lambda: NOON,
        speaker=Speaker(folder, voice_command=command),
    )
    await session.run()
    return errors


class Named(FakeAsterisk):
    """A line with a caller's number."""

    def __init__(self, number: str, **how: object) -> None:
        super().__init__(**how)  # type: ignore[arg-type]
        self.variables["CALLERID(num)"] = number


async def test_a_caller_hears_the_pieces_in_their_order(voice: Voice, folder: Path) -> None:
    fake = Named("1380")
    assert await visit(greeting("您好 {ani}，{ani:digits}，再见"), fake, folder, voice.command) == []
    rooms = [str(Path(file).relative_to(folder)).partition("-")[0] for file in fake.played]
    assert rooms == [
        "zh/pieces/hello", "zh/values/value", "zh/digit_1", "zh/n_3", "zh/n_8", "zh/n_0", "zh/pieces/hello", "zh/bye",
    ]  # fmt: skip
    assert sorted(voice.given) == sorted(["您好", "1380", "再见"])


async def test_a_voice_that_fails_leads_on_by_error(voice: Voice, folder: Path) -> None:
    fake = Named("1380")
    assert await visit(greeting("您好 {ani}"), fake, folder, voice.dumb) == ["ivr.words_unspoken"]
    assert (fake.played, fake.variables["CW_QUEUE"]) == ([], "service")


async def test_a_voice_that_hangs_keeps_nobody_for_long(
    voice: Voice, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sessions, "SPEAK_WITHIN_S", 0.05)
    assert await visit(greeting("您好 {ani}"), Named("1380"), folder, voice.hanging) == ["ivr.words_unspoken"]
    # asyncio waits for ever for a process that is given up while it is being started
    await eventually("the voice to be speaking", voice.hangs.exists)


async def test_nothing_of_it_stands_in_the_log(voice: Voice, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    await visit(greeting("您好 {ani}"), Named("13800138000"), folder, voice.dumb)
    printed = capsys.readouterr()
    assert "13800138000" not in printed.out + printed.err
