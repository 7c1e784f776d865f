"""A recording as a real Asterisk makes it: measured while it grows, after its end, and after it was begun again."""

from __future__ import annotations

import asyncio
from pathlib import Path

from callwright.asterisk.plan import Did
from callwright.demo.phones import PhoneProcess, PhoneState
from recordings.storage import RecordingFolder
from tests.integration.asterisk.parts import Ami
from tests.support.asterisk import private_asterisk
from tests.support.tones import make_tone, read_wav, seconds_of
from tests.support.waiting import eventually

FILE = "call-1.wav"


async def test_a_recording_is_measured_at_every_moment(tmp_path: Path) -> None:
    tone = make_tone(tmp_path / "tone.wav", 700, seconds=30)
    async with (
        private_asterisk(tmp_path / "home", dids=(Did(number="4008001", queue="service"),)) as asterisk,
        Ami.logged_in(asterisk.plan) as ami,
        PhoneProcess(life_s=600) as phones,
    ):
        root = asterisk.plan.directories.recordings
        folder = RecordingFolder(root)
        phone = await phones.add("caller", server=asterisk.sip)
        await phone.play(tone)
        await phone.dial("4008001", number="13800138000")
        await phone.wait_for(PhoneState.TALKING)
        channel = (await ami.user_event("CwQueued"))["Channel"]

        async def record(options: str) -> None:
            done = await ami.ask("MixMonitor", Channel=channel, File=str(root / FILE), Options=options)
            assert done["Response"] == "Success", done

        await record("i(CW_MIX)")
        await eventually("a second of sound", lambda: there(folder) >= 1.0)
        assert not folder.look(FILE).complete

        await ami.ask("StopMixMonitor", Channel=channel)
        await eventually("the file to be closed", lambda: folder.look(FILE).complete)
        first = there(folder)

        await asyncio.sleep(0.06)
        await record("ai(CW_MIX)")
        await eventually("another second", lambda: there(folder) >= first + 1.0)
        await phone.hang_up()
        await eventually("the file to be closed again", lambda: folder.look(FILE).complete)

        sound = read_wav(root / FILE)
        assert abs(there(folder) - sound.seconds) < 0.01
        assert seconds_of(sound, 700) > 1.5


def there(folder: RecordingFolder) -> float:
    try:
        return folder.look(FILE).duration_s or 0.0
    except Exception as error:
        raise AssertionError("not there yet") from error
