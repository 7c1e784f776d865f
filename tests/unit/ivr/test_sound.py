"""Recordings made fit for the telephone."""

from __future__ import annotations

import math
from array import array
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ivr.prompts.sound import (
    TELEPHONE_RATE,
    for_telephone,
    frame_levels,
    normalise,
    read_wav,
    resample,
    trim,
    write_wav,
)


def tone(hertz: float, seconds: float, *, rate: int = TELEPHONE_RATE, level: float = 0.3) -> array[int]:
    return array(
        "h", (round(32767 * level * math.sin(2 * math.pi * hertz * n / rate)) for n in range(int(seconds * rate)))
    )


def loudness(samples: array[int]) -> float:
    levels = frame_levels(samples)[5:-5]
    return math.sqrt(sum(level * level for level in levels) / len(levels))


def crossings_per_second(samples: array[int]) -> float:
    ups = sum(1 for before, after in pairwise(samples) if before < 0 <= after)
    return ups / (len(samples) / TELEPHONE_RATE)


@pytest.mark.parametrize("rate", [8000, 11025, 16000, 22050, 44100])
def test_keeps_length_pitch_and_level(rate: int) -> None:
    made = resample(tone(440, 0.5, rate=rate), rate)
    assert len(made) == pytest.approx(0.5 * TELEPHONE_RATE, abs=2)
    assert crossings_per_second(made) == pytest.approx(440, abs=4)
    assert loudness(made) == pytest.approx(0.3 / math.sqrt(2), rel=0.02)


@pytest.mark.parametrize("hertz", [5000, 7000, 10000])
def test_what_a_telephone_cannot_carry_does_not_come_back_as_something_else(hertz: float) -> None:
    assert loudness(resample(tone(hertz, 0.3, rate=22050), 22050)) < 0.3 * 10 ** (-50 / 20)


@pytest.mark.parametrize("level", [0.01, 0.1, 0.9])
def test_every_prompt_is_equally_loud(level: float) -> None:
    assert loudness(normalise(tone(440, 0.5, level=level))) == pytest.approx(0.1, rel=0.02)


def test_a_short_peak_is_not_clipped() -> None:
    spiky = tone(440, 0.5, level=0.02)
    spiky[2000] = 30000
    assert max(map(abs, normalise(spiky))) <= 32767 * 0.8


def test_silence_around_it_goes_and_a_breath_stays() -> None:
    silence = array("h", [0] * TELEPHONE_RATE)
    made = trim(silence + tone(440, 0.5) + silence)
    assert len(made) / TELEPHONE_RATE == pytest.approx(0.5 + 0.05 + 0.15, abs=0.02)


def test_nothing_but_silence_stays_what_it_is() -> None:
    silence = array("h", [0] * 800)
    assert for_telephone(silence, TELEPHONE_RATE) == silence
    assert for_telephone(array("h"), TELEPHONE_RATE) == array("h")


@given(st.lists(st.integers(-32768, 32767), max_size=400), st.sampled_from((8000, 16000, 22050)))
def test_any_sound_becomes_a_sound(samples: list[int], rate: int) -> None:
    made = for_telephone(array("h", samples), rate)
    assert all(-32768 <= sample <= 32767 for sample in made)


def test_wav_there_and_back() -> None:
    made = tone(440, 0.1)
    assert read_wav(write_wav(made)) == (made, TELEPHONE_RATE)


def test_stereo_is_refused() -> None:
    stereo = bytearray(write_wav(tone(440, 0.1)))
    stereo[22] = 2
    with pytest.raises(ValueError, match="mono"):
        read_wav(bytes(stereo))
