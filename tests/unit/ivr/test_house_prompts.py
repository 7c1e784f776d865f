"""Words of the house's own, how Chinese is pronounced, and which files are sound."""

from __future__ import annotations

from pathlib import Path

import pytest

from crm_core.kernel.language import Language
from ivr.prompts.catalogue import Words
from ivr.prompts.decoding import kind_of
from ivr.prompts.house_words import house_catalogue, house_words, keep_words, reworded
from ivr.prompts.pinyin import spoken_as

LED = Words(text="您好。", say="nin2hao3.")


@pytest.mark.parametrize(
    ("before", "text", "say", "after"),
    [
        (None, "您好", "", Words(text="您好", say="您好")),
        (None, "您好", "nin2hao3", Words(text="您好", say="nin2hao3")),
        (LED, "您好。", "nin2hao3.", LED),
        (LED, "再见。", "nin2hao3.", Words(text="再见。", say="再见。")),
        (LED, "再见。", "zai4jian4.", Words(text="再见。", say="zai4jian4.")),
        (LED, "您好。", "", Words(text="您好。", say="您好。")),
    ],
)
def test_a_pronunciation_goes_with_the_words_it_was_made_for(
    before: Words | None, text: str, say: str, after: Words
) -> None:
    assert reworded(before, text, say) == after


@pytest.mark.parametrize(
    ("text", "spoken"),
    [
        ("您好，请按 1。", "nin2 hao3 , qing3 an4 yi1 ."),
        ("重庆银行", "chong2 qing4 yin2 hang2"),
        ("nin2hao3, 1", "nin2hao3, 1"),
    ],
)
def test_characters_are_spoken_as_pinyin(text: str, spoken: str) -> None:
    assert spoken_as(text, Language.ZH) == spoken
    assert spoken_as(text, Language.EN) == text


@pytest.mark.parametrize(
    ("head", "kind"),
    [
        (b"RIFF\x24\x00\x00\x00WAVEfmt ", "wav"),
        (b"ID3\x04\x00\x00\x00\x00", "mp3"),
        (b"\xff\xfb\x90\x64", "mp3"),
        (b"OggS\x00\x02", "ogg"),
        (b"fLaC\x00\x00", "flac"),
        (b"\x1aE\xdf\xa3\x9f", "matroska"),
        (b"\x00\x00\x00\x1cftypM4A ", "mov"),
        (b"#EXTM3U\n/etc/passwd", None),
        (b"ffconcat version 1.0", None),
        (b"\xff", None),
        (b"", None),
    ],
)
def test_a_file_is_told_by_how_it_begins(head: bytes, kind: str | None) -> None:
    assert kind_of(head) == kind


def test_what_the_house_wrote_stands_over_ours(tmp_path: Path) -> None:
    keep_words(tmp_path, "welcome", Language.EN, Words(text="Good day.", say="Good day."))
    keep_words(tmp_path, "spring", Language.ZH, Words(text="新年好", say="xin1nian2hao3"))
    catalogue = house_catalogue(tmp_path).prompts
    assert catalogue["welcome"][Language.EN].text == "Good day."
    assert catalogue["welcome"][Language.ZH].text.startswith("您好")
    assert catalogue["spring"] == {Language.ZH: Words(text="新年好", say="xin1nian2hao3")}
    assert house_words(tmp_path).keys() == {"welcome", "spring"}
