"""A sound file of any usual kind becomes a prompt; a program of its own, for what it reads came from outside.

`python -m ivr.prompts.decoding FROM TO` prints what became of it. FFmpeg (through PyAV) reads only the kinds named
here, told from the first bytes, and nothing but the file itself: a list of other files' addresses is no sound.
"""

from __future__ import annotations

import resource
import sys
from array import array
from collections.abc import Iterator
from pathlib import Path

import av

from ivr.prompts.converting import DONE, LONGEST_S
from ivr.prompts.errors import Refusal
from ivr.prompts.sound import TELEPHONE_RATE, for_telephone, is_silent, write_wav

_MEMORY = 2 * 1024**3
_SECONDS = 60


def kind_of(head: bytes) -> str | None:
    """Which of FFmpeg's readers this is for; None: for none that we know."""
    if head[:4] in (b"RIFF", b"RF64") and head[8:12] == b"WAVE":
        return "wav"
    if head[:3] == b"ID3" or (len(head) > 1 and head[0] == 0xFF and head[1] & 0xE6 in (0xE2, 0xE4, 0xE6)):
        return "mp3"
    for mark, kind in ((b"OggS", "ogg"), (b"fLaC", "flac"), (b"\x1aE\xdf\xa3", "matroska")):
        if head.startswith(mark):
            return kind
    return "mov" if head[4:8] == b"ftyp" else None


def decoded(source: Path) -> array[int] | Refusal:
    """Its samples as the telephone has them."""
    with source.open("rb") as file:
        kind = kind_of(file.read(16))
        if kind is None:
            return Refusal.UNREADABLE
        file.seek(0)
        samples = array("h")
        try:
            for piece in _pieces(file, kind):
                samples.frombytes(piece)
                if len(samples) > LONGEST_S * TELEPHONE_RATE:
                    return Refusal.TOO_LONG
        except (av.FFmpegError, IndexError, ValueError):
            # a recording that breaks off is a sound up to there; a file with nothing before the fault is none
            if not samples:
                return Refusal.UNREADABLE
        return Refusal.SILENT if is_silent(samples) else for_telephone(samples, TELEPHONE_RATE)


def _pieces(file: object, kind: str) -> Iterator[bytes]:
    resampler = av.AudioResampler(format="s16", layout="mono", rate=TELEPHONE_RATE)
    with av.open(file, mode="r", format=kind, options={"protocol_whitelist": ""}) as container:
        for frame in container.decode(container.streams.audio[0]):
            yield from map(_plain, resampler.resample(frame))
    yield from map(_plain, resampler.resample(None))


def _plain(frame: av.AudioFrame) -> bytes:
    # the room of a plane is larger than what is in it
    return bytes(frame.planes[0])[: 2 * frame.samples]


def main(source: str, target: str) -> None:
    resource.setrlimit(resource.RLIMIT_AS, (_MEMORY, _MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (_SECONDS, _SECONDS))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    found = decoded(Path(source))
    if isinstance(found, Refusal):
        print(found)
        return
    Path(target).write_bytes(write_wav(found))
    print(DONE)


if __name__ == "__main__":
    main(*sys.argv[1:])
