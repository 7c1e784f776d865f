"""The words of the house, and what is to be done about each prompt file."""

from __future__ import annotations

import re

import pytest

from crm_core.kernel.language import Language
from ivr.flow.wording import without_values
from ivr.prompts.catalogue import Words, load_catalogue
from ivr.prompts.espeak import packages_in
from ivr.prompts.sound import read_wav
from ivr.prompts.store import Made, Verdict, judge
from ivr.prompts.voice import ToneVoice
from ivr.prompts.wordings import wording_of

SYLLABLE = re.compile(r"(?:[a-z]+[1-5])+")
CATALOGUE = load_catalogue()


def test_every_prompt_speaks_every_language() -> None:
    keys = CATALOGUE.keys()
    assert keys[Language.ZH] == keys[Language.EN]
    assert "main_menu" in keys[Language.ZH]


@pytest.mark.parametrize("key", sorted(CATALOGUE.prompts))
def test_chinese_is_spoken_from_pinyin_with_a_tone_for_each_character(key: str) -> None:
    words = CATALOGUE.prompts[key][Language.ZH]
    text, say = without_values(words.text), without_values(words.say)
    spoken = re.findall(r"[a-z0-9]+", say)
    assert all(SYLLABLE.fullmatch(word) for word in spoken), words.say
    syllables = re.findall(r"[1-5]", say)
    characters = re.findall(r"[\u4e00-\u9fff0-9]", text)
    assert len(syllables) == len(characters), (words.say, words.text)


@pytest.mark.parametrize("key", sorted(CATALOGUE.prompts))
def test_every_prompt_can_be_read_and_has_the_same_values_in_every_language(key: str) -> None:
    found = [wording_of(words) for words in CATALOGUE.prompts[key].values()]
    assert all(one.fault is None for one in found)
    assert len({tuple((place.value, place.kind) for place in one.places) for one in found}) == 1


@pytest.mark.parametrize("key", sorted(CATALOGUE.prompts))
async def test_every_prompt_has_a_tone_of_its_own_in_case(key: str) -> None:
    voice = ToneVoice()
    sounds = {await voice.say(key, language, Words(text="", say="")) for language in Language}
    assert len(sounds) == len(Language)
    assert all(len(read_wav(sound)[0]) > 1000 for sound in sounds)


def made(*, words: str = "w", sound: str = "s") -> Made:
    return Made(words=words, sound=sound, voice="v", speaks=True)


@pytest.mark.parametrize(
    ("sound", "known", "verdict"),
    [
        (None, None, Verdict.MISSING),
        (None, made(), Verdict.MISSING),
        ("s", None, Verdict.RECORDED),
        ("somebody's", made(), Verdict.RECORDED),
        ("s", made(), Verdict.KEEP),
        ("s", made(words="other"), Verdict.OUTDATED),
    ],
)
def test_what_a_file_is(sound: str | None, known: Made | None, verdict: Verdict) -> None:
    assert judge(sound, known, "w") is verdict


def test_reads_what_apt_would_fetch() -> None:
    printed = (
        "'http://mirror/pool/main/e/espeak-ng/espeak-ng_1.51%2bdfsg-10_amd64.deb' "
        "espeak-ng_1.51+dfsg-10+deb12u2_amd64.deb 263456 SHA256:00\n"
        "'http://mirror/pool/main/libx/libx11/libx11-6_1.8.4-2_amd64.deb' "
        "libx11-6_2%3a1.8.4-2+deb12u2_amd64.deb 759544 MD5Sum:00\n"
        "Need to get 1 MB\n"
    )
    assert packages_in(printed) == ("espeak-ng:amd64=1.51+dfsg-10+deb12u2", "libx11-6:amd64=2:1.8.4-2+deb12u2")
    assert packages_in("") == ()
