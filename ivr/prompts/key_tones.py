"""The tones of the keys that began and ended a recording by phone, cut off. Pure.

Asterisk leaves out a key's tone that comes as an event (RFC 4733); of one that comes as sound, or that a phone lets
through for a moment, a rest stands at the end, and would be heard by every caller.
"""

from __future__ import annotations

import math
from array import array
from collections.abc import Sequence

from ivr.prompts.sound import TELEPHONE_RATE, frame_levels

_LOW, _HIGH = (697.0, 770.0, 852.0, 941.0), (1209.0, 1336.0, 1477.0, 1633.0)
_BLOCK = 160
"""20 ms: long enough to tell the eight tones apart, short enough for the rest of one."""
_LOOK_S = 1.0
"""So much of each end is looked at: a key is pressed there, or not at all."""
_SHARE = 0.7
"""So much of the energy is in one low and one high tone: speech never comes near it for two blocks in a row …"""
_TWIST = 10.0
"""… with neither so many times stronger than the other."""
_QUIET = 10 ** (-45 / 20)


def without_key_tones(samples: array[int]) -> array[int]:
    """Of 8 kHz. A tone in the middle is somebody's and stays."""
    first = _length_of_tone(samples)
    rest = samples[first:]
    last = _length_of_tone(array("h", reversed(rest)))
    return rest[: len(rest) - last] if last else rest


def _length_of_tone(samples: array[int]) -> int:
    """How many samples from the beginning to the end of a key's tone; 0: there is none."""
    ends = run = 0
    for start in range(0, min(len(samples), int(_LOOK_S * TELEPHONE_RATE)) - _BLOCK + 1, _BLOCK):
        block = samples[start : start + _BLOCK]
        if is_key_tone(block):
            run += 1
            ends = start + _BLOCK if run > 1 else ends
        elif run > 1:
            return ends + _BLOCK  # its last block was cut by the end of the key
        elif max(frame_levels(block)) > _QUIET:
            if run == 0 and start > 0:
                return 0  # somebody speaks before any tone
            run = 0
    return ends


def is_key_tone(block: Sequence[int]) -> bool:
    energy = sum(one * one for one in block)
    if energy == 0 or max(frame_levels(block)) <= _QUIET:
        return False
    low = max(_power(block, tone) for tone in _LOW)
    high = max(_power(block, tone) for tone in _HIGH)
    return (low + high) / energy > _SHARE and max(low, high) < _TWIST * min(low, high)


def _power(block: Sequence[int], tone: float) -> float:
    """Of the block's energy, what is in this tone (Goertzel)."""
    factor = 2 * math.cos(2 * math.pi * tone / TELEPHONE_RATE)
    before = last = 0.0
    for one in block:
        before, last = last, one + factor * last - before
    return (last * last + before * before - factor * last * before) * 2 / len(block)
