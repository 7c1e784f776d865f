"""Reading how long a recording sounds."""

from __future__ import annotations

import io
import struct
import wave

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recordings.wav import HEAD_BYTES, read_head


def wav(seconds: float, *, rate: int = 8000, channels: int = 1, width: int = 2) -> bytes:
    made = io.BytesIO()
    with wave.open(made, "wb") as file:
        file.setnchannels(channels)
        file.setsampwidth(width)
        file.setframerate(rate)
        file.writeframes(bytes(int(seconds * rate) * channels * width))
    return made.getvalue()


@pytest.mark.parametrize(("rate", "channels"), [(8000, 1), (16000, 1), (8000, 2)])
def test_a_finished_file(rate: int, channels: int) -> None:
    data = wav(1.5, rate=rate, channels=channels)
    facts = read_head(data[:HEAD_BYTES], len(data))
    assert facts is not None
    assert (facts.complete, facts.duration_s) == (True, 1.5)


def test_a_file_that_grows_is_as_long_as_it_is() -> None:
    data = wav(1.0)
    facts = read_head(data[:HEAD_BYTES], len(data) + 8000)
    assert facts is not None
    assert not facts.complete
    assert facts.duration_s == 1.5


def test_a_header_that_is_not_filled_in_yet() -> None:
    data = bytearray(wav(1.0))
    data[40:44] = struct.pack("<I", 0)
    facts = read_head(bytes(data[:HEAD_BYTES]), len(data))
    assert facts is not None
    assert (facts.complete, facts.duration_s) == (False, 1.0)


def test_other_chunks_before_the_sound_are_passed_over() -> None:
    data = wav(1.0)
    with_list = data[:36] + b"LIST" + struct.pack("<I", 5) + b"INFO\0\0" + data[36:]
    facts = read_head(with_list[:HEAD_BYTES], len(with_list))
    assert facts is not None
    assert (facts.duration_s, facts.complete) == (1.0, True)


@pytest.mark.parametrize("data", [b"", b"RIFF", b"ID3" * 20, wav(1.0)[:30], wav(1.0)[:12] + wav(1.0)[36:]])
def test_what_is_no_wav_file(data: bytes) -> None:
    assert read_head(data, len(data)) is None


@given(st.binary(max_size=200), st.integers(0, 10_000))
def test_any_bytes_are_read_without_harm(tail: bytes, size: int) -> None:
    facts = read_head(b"RIFF\0\0\0\0WAVE" + tail, size)
    assert facts is None or facts.duration_s >= 0


@given(st.binary(min_size=16, max_size=16), st.integers(0, 2**32 - 1))
def test_any_form_is_read_without_harm(form: bytes, told: int) -> None:
    head = b"RIFF\0\0\0\0WAVEfmt " + struct.pack("<I", 16) + form + b"data" + struct.pack("<I", told)
    facts = read_head(head, 1000)
    assert facts is None or facts.data_bytes <= 1000
