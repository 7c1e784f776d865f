"""What tests ask of a SIP phone beside what `callwright.demo.phones` gives: which tone is heard in it right now."""

from __future__ import annotations

import asyncio
import tempfile
from pathlib import Path

from callwright.demo.phones import SipPhone
from tests.support.tones import Sound, described, read_wav, seconds_of
from tests.support.waiting import eventually

SLICE_S = 0.35
"""As short as it can be: whole blocks of what is listened for, and a little around them."""
HEARD_S = 0.3
QUIET_S = 0.6


async def listen(phone: SipPhone, seconds: float = SLICE_S) -> Sound:
    """What arrives in this phone during the next so many seconds."""
    with tempfile.TemporaryDirectory() as folder:
        async with phone.recording(Path(folder) / "heard.wav") as wav:
            await asyncio.sleep(seconds)  # the length of the recording, not a guess
        return read_wav(wav)


async def wait_until_heard(phone: SipPhone, frequency: float, *, limit_s: float = 10.0) -> None:
    async def heard() -> bool:
        sound = await listen(phone)
        assert seconds_of(sound, frequency) >= HEARD_S, described(sound, frequency)
        return True

    await eventually(f"{frequency:g} Hz in the phone {phone.name}", heard, limit_s=limit_s)


async def wait_until_not_heard(phone: SipPhone, frequency: float, *, limit_s: float = 10.0) -> None:
    async def silent() -> bool:
        sound = await listen(phone, QUIET_S)
        assert seconds_of(sound, frequency) == 0, described(sound, frequency)
        return True

    await eventually(f"no {frequency:g} Hz any more in the phone {phone.name}", silent, limit_s=limit_s)
