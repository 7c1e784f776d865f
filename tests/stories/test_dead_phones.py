"""A phone that loses its power says no goodbye: Asterisk notices that it hears nothing, and the call log closes."""

from __future__ import annotations

import os
import signal
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from callwright.demo.phones import Answer, PhoneProcess, PhoneState, SipPhone
from tests.stories.conftest import AGENTS_TONE, CALLERS_TONE
from tests.support.phones import wait_until_heard
from tests.support.product import Product, running_served
from tests.support.story import (
    call_of,
    ended,
    legs,
    somebody_calls,
    the_log_agrees_with_asterisk,
    user_id,
    waiting,
)
from tests.support.tones import make_tone
from tests.support.waiting import eventually

pytestmark = [pytest.mark.story, pytest.mark.asyncio(loop_scope="session")]

RTP_TIMEOUT_S = 6
"""Longer than a phone that is well says nothing because the machine is busy."""


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def product(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Product]:
    """With an Asterisk of little patience."""
    async with running_served(tmp_path_factory.mktemp("served") / "home", rtp_timeout_s=RTP_TIMEOUT_S) as house:
        yield house.product


@pytest_asyncio.fixture(loop_scope="session")
async def desk_phones() -> AsyncIterator[PhoneProcess]:
    """The agents' process, so that callers and agents die apart."""
    async with PhoneProcess(life_s=600) as process:
        yield process


@pytest.mark.parametrize("dies", ["caller", "agent"])
async def test_a_phone_that_dies_in_mid_call_leaves_no_ghost(
    product: Product, phones: PhoneProcess, desk_phones: PhoneProcess, callers_voice: Path, dies: str
) -> None:
    login, number = {"caller": ("fang", "13988880001"), "agent": ("omar", "13988880002")}[dies]
    agent = await _ready_at_a_desk_phone(product, desk_phones, login)
    caller = await somebody_calls(phones, product, number=number, voice=callers_voice)
    await wait_until_heard(agent, CALLERS_TONE)
    await wait_until_heard(caller, AGENTS_TONE)
    call = await call_of(product, number)

    dead, left = (phones, agent) if dies == "caller" else (desk_phones, caller)
    os.kill(dead.pid, signal.SIGKILL)
    await left.wait_for(PhoneState.ENDED)
    await _nobody_is_left(product)
    row = await ended(product, call)
    assert (row["outcome"], row["hung_up_by"]) == ("answered", "system")
    assert [(leg["agent"], leg["failure"]) for leg in legs(product, call)] == [(user_id(product, login), "")]


async def test_a_caller_who_dies_while_he_waits_leaves_the_line(
    product: Product, phones: PhoneProcess, callers_voice: Path
) -> None:
    await somebody_calls(phones, product, number="13988880003", voice=callers_voice)
    call = await call_of(product, "13988880003")
    await waiting(product, call)
    os.kill(phones.pid, signal.SIGKILL)
    await _nobody_is_left(product)
    assert (await ended(product, call))["outcome"] == "abandoned"
    await the_log_agrees_with_asterisk(product)


async def _ready_at_a_desk_phone(product: Product, phones: PhoneProcess, login: str) -> SipPhone:
    (user,) = product.rows('select id, extension, sip_secret from "user" where login = ?', login)
    phone = await phones.add(
        login,
        server=product.card.sip,
        number=user["extension"],
        secret=user["sip_secret"],
        when_called=Answer(),
    )
    await phone.play(make_tone(product.home / "desk.wav", AGENTS_TONE, seconds=2))
    await phone.wait_registered()

    async def ready() -> bool:
        await product.api("POST", f"/agents/{user['id']}/state", {"state": "ready"})
        return True

    await eventually(f"{login} to be ready", ready)
    return phone


async def _nobody_is_left(product: Product) -> None:
    async def gone() -> bool:
        channels = await product.asterisk("core show channels concise")
        assert "PJSIP/" not in channels, channels
        return True

    await eventually("every channel to be gone", gone)
