"""Turns any mono recording into what a telephone carries well: 8 kHz, 16 bit, an even level, little silence around it.

Pure, and without libraries: `audioop` has left Python, and a set-up step should need no array package.
"""

from __future__ import annotations

import io
import math
import wave
from array import array
from collections.abc import Sequence
from functools import lru_cache
from operator import mul

TELEPHONE_RATE = 8000
_FULL_SCALE = 32767
_LOUDNESS = 10 ** (-20 / 20)
"""Average of the spoken parts, as a fraction of full scale: -20 dBFS, where telephone speech is at home."""
_LOUDEST = 10 ** (-2 / 20)
_SILENCE = 10 ** (-45 / 20)
_FRAME = TELEPHONE_RATE // 100
_LEAD_S = 0.05
_TAIL_S = 0.15
_LOBES = 12
"""Side lobes of the filter on each side; 12 keep aliases some 60 dB down."""


def for_telephone(samples: Sequence[int], rate: int) -> array[int]:
    return normalise(trim(resample(samples, rate)))


def resample(samples: Sequence[int], rate: int) -> array[int]:
    """To 8 kHz by a windowed-sinc filter, one set of weights for each of the positions between two input samples."""
    if rate == TELEPHONE_RATE:
        return array("h", samples)
    common = math.gcd(rate, TELEPHONE_RATE)
    step, phases = rate // common, TELEPHONE_RATE // common
    reach = _reach(rate)
    padded = [0] * reach + list(samples) + [0] * (reach + 1)
    made = array("h")
    for number in range(len(samples) * phases // step):
        whole, phase = divmod(number * step, phases)
        weights = _weights(phase, phases, rate)
        made.append(_clip(sum(map(mul, weights, padded[whole : whole + len(weights)]))))
    return made


def _reach(rate: int) -> int:
    return math.ceil(_LOBES * max(rate / TELEPHONE_RATE, 1))


@lru_cache(maxsize=4096)
def _weights(phase: int, phases: int, rate: int) -> tuple[float, ...]:
    """How much each input sample around a place `phase/phases` between two of them counts."""
    reach = _reach(rate)
    cut = min(TELEPHONE_RATE / rate, 1.0) * 0.92
    distances = [index - reach - phase / phases for index in range(2 * reach + 1)]
    raw = [_sinc(cut * distance) * _window(distance / (reach + 1)) for distance in distances]
    total = sum(raw)
    return tuple(weight / total for weight in raw)


def _sinc(x: float) -> float:
    return 1.0 if x == 0 else math.sin(math.pi * x) / (math.pi * x)


def _window(x: float) -> float:
    return 0.42 + 0.5 * math.cos(math.pi * x) + 0.08 * math.cos(2 * math.pi * x)


def trim(samples: array[int]) -> array[int]:
    """Without the silence at both ends, except for a breath."""
    loud = [index for index, level in enumerate(frame_levels(samples)) if level > _SILENCE]
    if not loud:
        return samples
    first = max(0, loud[0] * _FRAME - int(_LEAD_S * TELEPHONE_RATE))
    last = (loud[-1] + 1) * _FRAME + int(_TAIL_S * TELEPHONE_RATE)
    return samples[first:last]


def is_silent(samples: Sequence[int]) -> bool:
    return all(level <= _SILENCE for level in frame_levels(samples))


def normalise(samples: array[int]) -> array[int]:
    """To an even loudness of the spoken parts, never clipped."""
    spoken = [level for level in frame_levels(samples) if level > _SILENCE]
    if not spoken:
        return samples
    loudness = math.sqrt(sum(level * level for level in spoken) / len(spoken))
    peak = max(map(abs, samples)) / _FULL_SCALE
    gain = min(_LOUDNESS / loudness, _LOUDEST / peak)
    return array("h", (_clip(sample * gain) for sample in samples))


def frame_levels(samples: Sequence[int]) -> list[float]:
    """Root mean square of each 10 ms, 1.0 being full scale."""
    return [_level(samples[start : start + _FRAME]) for start in range(0, len(samples), _FRAME)]


def _level(frame: Sequence[int]) -> float:
    return math.sqrt(sum(map(mul, frame, frame)) / len(frame)) / _FULL_SCALE


def _clip(value: float) -> int:
    return max(-_FULL_SCALE, min(_FULL_SCALE, round(value)))


def read_wav(data: bytes) -> tuple[array[int], int]:
    """Samples and rate of a mono 16 bit wav file."""
    with wave.open(io.BytesIO(data)) as file:
        if (file.getnchannels(), file.getsampwidth()) != (1, 2):
            raise ValueError("not a mono 16 bit recording")
        samples = array("h")
        raw = file.readframes(file.getnframes())
        samples.frombytes(raw[: len(raw) // 2 * 2])
        return samples, file.getframerate()


def write_wav(samples: array[int]) -> bytes:
    made = io.BytesIO()
    with wave.open(made, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(TELEPHONE_RATE)
        file.writeframes(samples.tobytes())
    return made.getvalue()
