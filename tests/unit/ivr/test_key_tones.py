"""The tones of keys at both ends of a recording are cut off; speech, and what is in the middle, stays."""

from __future__ import annotations

import math
import random
from array import array

import pytest

from ivr.prompts.key_tones import is_key_tone, without_key_tones

RATE = 8000
KEYS = {"1": (697, 1209), "#": (941, 1477), "5": (770, 1336), "*": (941, 1209)}


def tones(seconds: float, *hertz: float, level: float = 0.3) -> array[int]:
    count = int(seconds * RATE)
    part = 32767 * level / len(hertz)
    return array("h", (round(sum(part * math.sin(2 * math.pi * f * n / RATE) for f in hertz)) for n in range(count)))


def silence(seconds: float) -> array[int]:
    return array("h", [0] * int(seconds * RATE))


def voice(seconds: float = 1.0) -> array[int]:
    """Harmonics of a low voice whose pitch wavers, and a little noise."""
    noise, made, phase = random.Random(7), array("h"), 0.0
    for n in range(int(seconds * RATE)):
        phase += 2 * math.pi * (120 + 15 * math.sin(n / 900)) / RATE
        sound = sum(math.sin(k * phase) / k for k in range(1, 12)) + noise.uniform(-0.1, 0.1)
        made.append(round(4000 * sound))
    return made


@pytest.mark.parametrize("key", KEYS)
@pytest.mark.parametrize("seconds", [0.06, 0.12, 0.3])
def test_a_key_at_the_end_and_one_at_the_beginning_are_cut_off(key: str, seconds: float) -> None:
    spoken, tone = voice(), tones(seconds, *KEYS[key])
    cut = without_key_tones(tone + silence(0.2) + spoken + silence(0.1) + tone)
    assert abs(len(cut) - len(silence(0.2) + spoken + silence(0.1))) <= 2 * 2 * 160
    assert not any(
        is_key_tone(cut[at : at + 160]) for at in (*range(0, 1600, 160), *range(len(cut) - 1600, len(cut), 160))
    )
    assert list(cut[4000:4400]) in [list(spoken[at : at + 400]) for at in range(4000 - 2400, 4001)]


def test_speech_without_keys_stays_as_it_is() -> None:
    spoken = silence(0.3) + voice() + silence(0.3)
    assert without_key_tones(spoken) == spoken


def test_a_key_in_the_middle_is_somebodys_and_stays() -> None:
    spoken = voice() + tones(0.2, *KEYS["1"]) + voice()
    assert without_key_tones(spoken) == spoken


@pytest.mark.parametrize(
    "sound", [tones(0.3, 440), tones(0.3, 697), silence(0.3), voice(0.3)], ids=["a", "low", "none", "voice"]
)
def test_one_tone_is_no_key(sound: array[int]) -> None:
    assert without_key_tones(sound + voice()) == sound + voice()


def test_nothing_but_keys_is_nothing() -> None:
    assert len(without_key_tones(tones(0.2, *KEYS["#"]) + silence(0.1))) <= RATE * 0.12
