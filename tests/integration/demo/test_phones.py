"""The phones of demo and stories, tried against each other through a real Asterisk."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from pathlib import Path

import pytest

from callwright.demo.phones import (
    Answer,
    NoPhoneFree,
    PhonePool,
    PhoneProcess,
    PhoneProcessGone,
    PhoneRefused,
    PhoneState,
    PhoneTimeout,
    Reject,
    Ring,
    SipPhone,
)
from tests.support.asterisk import SECRET, PrivateAsterisk, private_asterisk
from tests.support.phones import wait_until_heard, wait_until_not_heard
from tests.support.tones import make_tone


@pytest.fixture
async def asterisk(tmp_path: Path) -> AsyncIterator[PrivateAsterisk]:
    async with private_asterisk(tmp_path / "home") as running:
        yield running


async def test_two_phones_of_one_process_talk_press_keys_hold_and_hang_up(
    asterisk: PrivateAsterisk, tmp_path: Path
) -> None:
    low, high = make_tone(tmp_path / "low.wav", 440), make_tone(tmp_path / "high.wav", 1000)
    async with PhoneProcess() as process:
        ann = await process.add("ann", server=asterisk.sip, number="1001", secret=SECRET)
        ben = await process.add("ben", server=asterisk.sip, number="1002", secret=SECRET)
        for phone, tone in ((ann, low), (ben, high)):
            await phone.wait_registered()
            await phone.play(tone)
        await ann.when_called(Answer(after_s=0.1))
        await ben.dial("1001", number="1002")
        await ben.wait_for(PhoneState.TALKING)
        await wait_until_heard(ann, 1000)
        await wait_until_heard(ben, 440)
        await ben.send_digits("12#")
        await ann.wait_until(lambda: ann.digits == "12#", "the keys 12#")
        await ben.hold()
        await ben.wait_for(PhoneState.HELD)
        await wait_until_not_heard(ann, 1000)
        await ben.resume()
        await ben.wait_for(PhoneState.TALKING)
        await wait_until_heard(ann, 1000)
        await ben.hang_up()
        await ann.wait_for(PhoneState.ENDED)


async def test_a_phone_that_plays_nothing_sends_silence_and_presses_keys(asterisk: PrivateAsterisk) -> None:
    async with PhoneProcess() as process:
        ann = await process.add("ann", server=asterisk.sip, number="1001", secret=SECRET, when_called=Answer())
        ben = await process.add("ben", server=asterisk.sip, number="1002", secret=SECRET)
        await ann.wait_registered()
        await ben.wait_registered()
        await ben.dial("1001", number="1002")
        await ann.wait_for(PhoneState.TALKING)
        await ben.hang_up()
        await ann.wait_for(PhoneState.ENDED)
        await ben.dial("1001", number="1002")
        await ann.wait_for(PhoneState.TALKING)
        await asyncio.sleep(1.5)
        await ben.send_digits("7")
        await ann.wait_until(lambda: ann.digits == "7", "the key 7")


async def test_a_call_is_refused_or_given_up(asterisk: PrivateAsterisk) -> None:
    async with PhoneProcess() as process:
        ann = await process.add("ann", server=asterisk.sip, number="1001", secret=SECRET, when_called=Reject(code=486))
        ben = await process.add("ben", server=asterisk.sip, number="1002", secret=SECRET)
        await ann.wait_registered()
        await ben.wait_registered()
        await ben.dial("1001", number="1002")
        await ben.wait_for(PhoneState.ENDED)
        assert ben.last_code == 486
        await ann.when_called(Ring())
        await ben.dial("1001", number="1002")
        await ann.wait_for(PhoneState.RINGING)
        await ben.hang_up()
        await ann.wait_for(PhoneState.ENDED)
        assert ann.last_code == 487


async def test_a_call_is_sent_on_without_a_word(asterisk: PrivateAsterisk) -> None:
    async with PhoneProcess() as process:
        ann, ben, cas = [
            await process.add(name, server=asterisk.sip, number=number, secret=SECRET, when_called=Answer())
            for name, number in (("ann", "1001"), ("ben", "1002"), ("cas", "1003"))
        ]
        for phone in (ann, ben, cas):
            await phone.wait_registered()
        await ann.dial("1002", number="1001")
        await ben.wait_for(PhoneState.TALKING)
        await _brought_together(ann, ben)
        await ben.transfer("1999")
        await ben.wait_until(lambda: ben.transfer_code == 404, "told that nobody is there")
        assert ben.state is PhoneState.TALKING
        await ben.transfer("1003")
        await cas.wait_for(PhoneState.TALKING)
        await ben.wait_for(PhoneState.ENDED)
        await cas.hang_up()
        await ann.wait_for(PhoneState.ENDED)


async def test_two_lines_of_a_phone_are_connected(asterisk: PrivateAsterisk) -> None:
    async with PhoneProcess() as process:
        ann, ben, cas = [
            await process.add(name, server=asterisk.sip, number=number, secret=SECRET, when_called=Answer())
            for name, number in (("ann", "1001"), ("ben", "1002"), ("cas", "1003"))
        ]
        line = await process.add("ben line 2", server=asterisk.sip, number="1002", secret=SECRET, registers=False)
        for phone in (ann, ben, cas):
            await phone.wait_registered()
        await ann.dial("1002", number="1001")
        await _brought_together(ann, ben)
        await ben.hold()
        await ben.wait_for(PhoneState.HELD)
        await line.dial("1003", number="1002")
        await _brought_together(line, cas)
        await ben.connect(line)
        await ben.wait_for(PhoneState.ENDED)
        await line.wait_for(PhoneState.ENDED)
        await ann.send_digits("7")
        await cas.wait_until(lambda: cas.digits == "17", "the key 7")
        await cas.hang_up()
        await ann.wait_for(PhoneState.ENDED)


async def _brought_together(one: SipPhone, other: SipPhone) -> None:
    """A phone knows that it was answered a moment before Asterisk has brought both together."""
    for phone in (one, other):
        await phone.wait_for(PhoneState.TALKING)
    await one.send_digits("1")
    await other.wait_until(lambda: other.digits == "1", "the key 1")


async def test_a_wait_in_vain_tells_the_whole_story(asterisk: PrivateAsterisk) -> None:
    async with PhoneProcess() as process:
        ann = await process.add("ann", server=asterisk.sip, number="1001", secret="wrong")
        await ann.wait_until(lambda: any(report.what == "not_registered" for report in ann.history), "refused")
        with pytest.raises(PhoneTimeout, match=r"ann did not reach registered within 1 s.*not_registered code=40"):
            await ann.wait_registered(limit_s=1)
        with pytest.raises(PhoneRefused, match="it has no call"):
            await ann.send_digits("1")


async def test_a_pool_has_an_end_and_survives_a_crash(asterisk: PrivateAsterisk) -> None:
    async with PhonePool(max_processes=1) as pool:
        async with AsyncExitStack() as places:
            phones = [await places.enter_async_context(pool.phone(server=asterisk.sip)) for _ in range(4)]
            with pytest.raises(NoPhoneFree):
                await places.enter_async_context(pool.phone(server=asterisk.sip))
            os.kill(pool.pids[0], signal.SIGKILL)
            with pytest.raises(PhoneProcessGone):
                await phones[3].wait_for(PhoneState.RINGING)
        async with pool.phone(server=asterisk.sip) as phone:
            await phone.dial("4008001", number="13800138000", name="张伟")
            await phone.wait_for(PhoneState.TALKING)
