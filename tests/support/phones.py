"""What tests ask of a SIP phone beside what `callwright.demo.phones` gives: which tone is heard in it right now."""

from __future__ import annotations

import asyncio
import tempfile
from pathlib import Path

from callwright.demo.phones import SipPhone
from tests.support.tones import Sound, described, read_wav, seconds_of
from tests.support.waiting import LIMIT_S, eventually

SLICE_S = 0.6
HEARD_S = 0.3
"""For how long a tone has to sound, of two short slices."""
_SHORT_S = 0.35


async def listen(phone: SipPhone, seconds: float = SLICE_S) -> Sound:
    """What arrives in this phone during the next so many seconds; an AssertionError while it has no call."""
    with tempfile.TemporaryDirectory() as folder:
        async with phone.recording(Path(folder) / "heard.wav") as wav:
            await asyncio.sleep(seconds)  # the length of the recording, not a guess
        assert wav.exists(), f"{phone.name} has no call"
        sound = read_wav(wav)
    assert sound.samples, f"nothing has come to {phone.name}, not even silence"
    return sound


async def wait_until_heard(phone: SipPhone, frequency: float, *, limit_s: float = LIMIT_S) -> None:
    of_the_last = 0.0

    async def heard() -> bool:
        nonlocal of_the_last
        sound = await listen(phone, _SHORT_S)
        before, of_the_last = of_the_last, seconds_of(sound, frequency)
        assert before + of_the_last >= HEARD_S, described(sound, frequency)
        return True

    await eventually(f"{frequency:g} Hz in the phone {phone.name}", heard, limit_s=limit_s)


async def wait_until_not_heard(phone: SipPhone, frequency: float, *, limit_s: float = LIMIT_S) -> None:
    async def silent() -> bool:
        sound = await listen(phone)
        assert seconds_of(sound, frequency) == 0, described(sound, frequency)
        return True

    await eventually(f"no {frequency:g} Hz any more in the phone {phone.name}", silent, limit_s=limit_s)
