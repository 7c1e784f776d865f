"""Tones made and found again: how a test proves that a sound went from here to there.

A tone is found by Goertzel's filter in blocks of a tenth of a second; what counts is its share of the block's energy,
so loudness, codecs and pauses do not matter.
"""

from __future__ import annotations

import array
import math
import sys
import wave
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

BLOCK_S = 0.1
SILENCE = 100.0
"""Mean amplitude (of 32767) below which a block is silent."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sound:
    samples: Sequence[int]
    rate: int

    @property
    def seconds(self) -> float:
        return len(self.samples) / self.rate

    def blocks(self) -> Iterator[Sequence[int]]:
        size = int(self.rate * BLOCK_S)
        for start in range(0, len(self.samples) - size + 1, size):
            yield self.samples[start : start + size]


def make_tone(wav: Path, *frequencies: float, seconds: float = 1.0, rate: int = 8000, level: float = 0.4) -> Path:
    """Write a mono file with these frequencies sounding together."""
    loudness = 32767 * level / max(1, len(frequencies))
    turns = [2 * math.pi * frequency / rate for frequency in frequencies]
    samples = (int(loudness * sum(math.sin(turn * n) for turn in turns)) for n in range(int(seconds * rate)))
    write_wav(wav, Sound(samples=array.array("h", samples), rate=rate))
    return wav


def write_wav(wav: Path, sound: Sound) -> None:
    with wave.open(str(wav), "wb") as out:
        out.setnchannels(1)
        out.setsampwidth(2)
        out.setframerate(sound.rate)
        out.writeframes(_little_endian(array.array("h", sound.samples)).tobytes())


def read_wav(wav: Path) -> Sound:
    """The file's sound; several channels are mixed into one."""
    with wave.open(str(wav), "rb") as source:
        if source.getsampwidth() != 2:
            raise ValueError(f"{wav} has {source.getsampwidth() * 8}-bit samples, not 16")
        channels, rate = source.getnchannels(), source.getframerate()
        samples = _little_endian(array.array("h", source.readframes(source.getnframes())))
    if channels > 1:
        samples = array.array(
            "h", (sum(samples[n : n + channels]) // channels for n in range(0, len(samples), channels))
        )
    return Sound(samples=samples, rate=rate)


def share(block: Sequence[int], rate: int, frequency: float) -> float:
    """How much of the block's energy is at this frequency: 1 for the pure tone, 0 for silence or anything else."""
    energy = sum(sample * sample for sample in block)
    if energy < len(block) * SILENCE**2:
        return 0.0
    coefficient = 2 * math.cos(2 * math.pi * frequency / rate)
    before = last = 0.0
    for sample in block:
        before, last = last, sample + coefficient * last - before
    power = last * last + before * before - coefficient * last * before
    return min(1.0, 2 * power / (len(block) * energy))


def seconds_of(sound: Sound, frequency: float, *, at_least: float = 0.5) -> float:
    """For how long the tone makes up at least this share of what is heard. Two tones at once have about 0.5 each."""
    heard = sum(1 for block in sound.blocks() if share(block, sound.rate, frequency) >= at_least)
    return heard * BLOCK_S


def seconds_of_sound(sound: Sound) -> float:
    """For how long anything is heard at all."""
    loud = sum(1 for block in sound.blocks() if sum(map(abs, block)) >= SILENCE * len(block))
    return loud * BLOCK_S


def described(sound: Sound, frequency: float) -> str:
    """For failures: how much was heard, and how much of it was the tone."""
    tone, loud = seconds_of(sound, frequency), seconds_of_sound(sound)
    return f"{tone:.1f} s of {frequency:g} Hz and {loud:.1f} s of any sound in {sound.seconds:.1f} s"


def _little_endian(samples: array.array[int]) -> array.array[int]:
    if sys.byteorder == "big":
        samples.byteswap()
    return samples
