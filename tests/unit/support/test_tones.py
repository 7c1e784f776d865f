"""The ears of the story tests: they must hear what is there, and nothing else."""

from __future__ import annotations

import array
import random
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.tones import Sound, make_tone, read_wav, seconds_of, seconds_of_sound, write_wav


@pytest.mark.parametrize("rate", [8000, 16000, 48000])
def test_a_tone_is_heard_for_as_long_as_it_sounds(tmp_path: Path, rate: int) -> None:
    sound = read_wav(make_tone(tmp_path / "a.wav", 440, seconds=1.5, rate=rate))

    assert sound.seconds == pytest.approx(1.5)
    assert seconds_of(sound, 440) == pytest.approx(1.5)
    assert seconds_of(sound, 880) == 0


def test_two_tones_at_once_are_both_heard(tmp_path: Path) -> None:
    sound = read_wav(make_tone(tmp_path / "a.wav", 425, 1000, seconds=1))

    assert seconds_of(sound, 425, at_least=0.3) == pytest.approx(1.0)
    assert seconds_of(sound, 1000, at_least=0.3) == pytest.approx(1.0)
    assert seconds_of(sound, 700, at_least=0.1) == 0


def test_silence_is_no_tone_and_no_sound() -> None:
    silence = Sound(samples=array.array("h", [0] * 8000), rate=8000)

    assert seconds_of(silence, 440) == 0
    assert seconds_of_sound(silence) == 0


def test_noise_is_sound_but_no_tone() -> None:
    dice = random.Random(1)
    noise = Sound(samples=array.array("h", [dice.randint(-9000, 9000) for _ in range(16000)]), rate=8000)

    assert seconds_of(noise, 440) == 0
    assert seconds_of_sound(noise) == pytest.approx(2.0)


def test_a_tone_with_pauses_counts_only_while_it_sounds(tmp_path: Path) -> None:
    tone = read_wav(make_tone(tmp_path / "a.wav", 600, seconds=0.5))
    both = Sound(samples=array.array("h", [*tone.samples, *([0] * 4000), *tone.samples]), rate=8000)

    assert seconds_of(both, 600) == pytest.approx(1.0)


def test_stereo_is_mixed(tmp_path: Path) -> None:
    import wave

    left = read_wav(make_tone(tmp_path / "l.wav", 500))
    with wave.open(str(tmp_path / "s.wav"), "wb") as out:
        out.setnchannels(2)
        out.setsampwidth(2)
        out.setframerate(8000)
        out.writeframes(array.array("h", [n for sample in left.samples for n in (sample, 0)]).tobytes())

    assert seconds_of(read_wav(tmp_path / "s.wav"), 500) == pytest.approx(1.0)


@given(st.integers(300, 3300), st.floats(0.02, 0.9))
def test_any_tone_a_telephone_carries_is_found_at_any_loudness(frequency: int, level: float) -> None:
    import tempfile

    with tempfile.TemporaryDirectory() as folder:
        sound = read_wav(make_tone(Path(folder) / "t.wav", frequency, seconds=0.3, level=level))
    assert seconds_of(sound, frequency) == pytest.approx(0.3)
    assert seconds_of(sound, frequency + 150) == 0


@given(st.lists(st.integers(-32768, 32767), max_size=2000))
def test_what_was_written_is_read(samples: list[int]) -> None:
    import tempfile

    with tempfile.TemporaryDirectory() as folder:
        write_wav(Path(folder) / "t.wav", Sound(samples=array.array("h", samples), rate=8000))
        assert list(read_wav(Path(folder) / "t.wav").samples) == samples
