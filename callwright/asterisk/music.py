"""Hold music made by ourselves: a calm loop of soft bells over a slow chord, as 8 kHz telephone sound.

Debian ships no music on hold, and nobody should have to license any to try a call centre.
"""

from __future__ import annotations

import array
import math
import wave
from functools import cache
from pathlib import Path

RATE = 8000
_BAR_S = 4.0
_CHORDS = (
    (196.00, 246.94, 293.66, 369.99),  # G major 7
    (164.81, 246.94, 293.66, 392.00),  # E minor 7
    (130.81, 261.63, 329.63, 392.00),  # C major
    (146.83, 220.00, 293.66, 440.00),  # D
)
_MELODY = (587.33, 493.88, 739.99, 659.26, 493.88, 587.33, 523.25, 659.26, 783.99, 739.99, 659.26, 440.00)


def write_hold_music(file: Path) -> None:
    """Sixteen seconds which begin where they end."""
    with wave.open(str(file), "wb") as out:
        out.setnchannels(1)
        out.setsampwidth(2)
        out.setframerate(RATE)
        out.writeframes(_composed())


@cache
def _composed() -> bytes:
    return compose().tobytes()


def compose() -> array.array[int]:
    length = int(_BAR_S * len(_CHORDS) * RATE)
    mix = [0.0] * length
    for bar, chord in enumerate(_CHORDS):
        for voice, frequency in enumerate(chord):
            _add_pad(mix, start=bar * _BAR_S, frequency=frequency, loudness=0.055 - 0.008 * voice)
    step = _BAR_S * len(_CHORDS) / len(_MELODY)
    for place, frequency in enumerate(_MELODY):
        _add_bell(mix, start=(place + 0.5) * step, frequency=frequency, loudness=0.11)
    return array.array("h", (round(32767 * math.tanh(value)) for value in mix))


def _add_pad(mix: list[float], *, start: float, frequency: float, loudness: float) -> None:
    """A voice that swells and fades across one and a half bars, so that chords melt into each other."""
    count = int(1.5 * _BAR_S * RATE)
    first = int(start * RATE)
    turn = 2 * math.pi * frequency / RATE
    for index in range(count):
        swell = math.sin(math.pi * index / count) ** 2
        tone = math.sin(turn * index) + 0.3 * math.sin(2 * turn * index + 0.5)
        mix[(first + index) % len(mix)] += loudness * swell * tone


def _add_bell(mix: list[float], *, start: float, frequency: float, loudness: float) -> None:
    count = int(2.4 * RATE)
    first = int(start * RATE)
    turn = 2 * math.pi * frequency / RATE
    for index in range(count):
        fade = min(1.0, index / 120) * math.exp(-2.2 * index / RATE)
        tone = math.sin(turn * index) + 0.35 * math.exp(-4 * index / RATE) * math.sin(2.76 * turn * index)
        mix[(first + index) % len(mix)] += loudness * fade * tone
