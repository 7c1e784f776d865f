"""Sound files of the kinds people bring."""

from __future__ import annotations

import io
import math
from array import array
from fractions import Fraction
from typing import cast

import av


def sound_file(
    kind: str, codec: str, *, rate: int = 48_000, stereo: bool = False, seconds: float = 1.0, level: int = 9000
) -> bytes:
    """A tone of 440 Hz."""
    made = io.BytesIO()
    layout, channels = ("stereo", 2) if stereo else ("mono", 1)
    with av.open(made, "w", format=kind) as container:
        stream = cast(av.AudioStream, container.add_stream(codec, rate=rate))
        stream.layout = layout
        context = stream.codec_context
        shape = av.AudioResampler(
            format=context.format, layout=layout, rate=rate, frame_size=context.frame_size or None
        )
        for frame in (*shape.resample(_tone(rate, layout, channels, seconds, level)), *shape.resample(None)):
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return made.getvalue()


def _tone(rate: int, layout: str, channels: int, seconds: float, level: int) -> av.AudioFrame:
    count = int(rate * seconds)
    samples = array("h")
    for number in range(count):
        samples.extend([round(level * math.sin(2 * math.pi * 440 * number / rate))] * channels)
    frame = av.AudioFrame(format="s16", layout=layout, samples=count)
    frame.sample_rate, frame.pts, frame.time_base = rate, 0, Fraction(1, rate)
    raw = samples.tobytes()
    frame.planes[0].update(raw + bytes(frame.planes[0].buffer_size - len(raw)))
    return frame
