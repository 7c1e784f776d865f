"""The demo's world outside answers its telephones as the number called tells; several at once."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from callwright.demo.outside import MANNERS, Outside
from callwright.demo.phones import Answer, AsDialled, PhoneProcess, PhoneState
from tests.support.asterisk import SECRET, PrivateAsterisk, private_asterisk
from tests.support.phones import wait_until_heard
from tests.support.ports import free_udp_port
from tests.support.tones import make_tone

pytestmark = [pytest.mark.asyncio(loop_scope="module"), pytest.mark.story]
TONE = 850
QUICKLY = AsDialled(by_last_digit=MANNERS.by_last_digit, otherwise=Answer(after_s=0.2, talk_s=12.0))


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def asterisk(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[PrivateAsterisk]:
    port = free_udp_port()
    voice = make_tone(tmp_path_factory.mktemp("voice") / "voice.wav", TONE, seconds=2)
    home: Path = tmp_path_factory.mktemp("pbx")
    async with private_asterisk(home, outside=f"127.0.0.1:{port}", outside_ring_s=6) as running:
        outside = Outside(port=port, server=running.sip, voice=voice, manners=QUICKLY)
        answering = asyncio.create_task(outside.run())
        try:
            async with asyncio.timeout(60):
                await outside.answers.wait()
            yield running
        finally:
            answering.cancel()
            await asyncio.gather(answering, return_exceptions=True)


async def test_people_outside_answer_as_their_number_tells(asterisk: PrivateAsterisk) -> None:
    async with PhoneProcess(life_s=120) as phones:
        desks = [
            await phones.add(number, server=asterisk.sip, number=number, secret=SECRET)
            for number in ("1001", "1002", "1003")
        ]
        alice, bob, carol = desks
        for desk in desks:
            await desk.wait_registered()
        await alice.dial("13800138000", number="1001")
        await bob.dial("13900139007", number="1002")
        await carol.dial("02164881234", number="1003")
        await asyncio.gather(wait_until_heard(alice, TONE), wait_until_heard(carol, TONE))
        await bob.wait_for(PhoneState.ENDED)
        assert bob.last_code == 486
        await bob.dial("13900139008", number="1002")
        await bob.wait_for(PhoneState.FAR_RINGING)
        await bob.wait_for(PhoneState.ENDED)
        await alice.wait_for(PhoneState.ENDED)
        await carol.wait_for(PhoneState.ENDED)
        await bob.dial("13900139009", number="1002")
        await bob.wait_for(PhoneState.ENDED)
        assert bob.last_code == 404
