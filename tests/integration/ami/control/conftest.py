"""One Asterisk for the tests of a file, and a fresh floor for each of them."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack

import pytest
import pytest_asyncio

from callwright.asterisk.plan import Did
from tests.integration.ami.control.world import HOTLINE, TONES, Voices, World, a_world
from tests.support.asterisk import PrivateAsterisk, private_asterisk
from tests.support.ports import free_udp_port
from tests.support.tones import make_tone
from tests.support.waiting import eventually


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def asterisk(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[tuple[PrivateAsterisk, int]]:
    port = free_udp_port()
    async with private_asterisk(
        tmp_path_factory.mktemp("pbx"),
        dids=(Did(number=HOTLINE, queue="service"),),
        outside=f"127.0.0.1:{port}",
        forbidden_numbers=("168",),
        ring_s=8,
        outside_ring_s=8,
    ) as running:
        yield running, port


@pytest.fixture(scope="module")
def voices(tmp_path_factory: pytest.TempPathFactory) -> Voices:
    folder = tmp_path_factory.mktemp("tones")
    return {name: make_tone(folder / f"{name}.wav", tone, seconds=2) for name, tone in TONES.items()}


@pytest_asyncio.fixture(loop_scope="module")
async def world(asterisk: tuple[PrivateAsterisk, int], voices: Voices) -> AsyncIterator[World]:
    async with AsyncExitStack() as calls, a_world(asterisk, voices, calls) as world:
        yield world
        await world.asterisk.cli("channel request hangup all")
        await eventually("no calls", world.asterisk.is_idle)
