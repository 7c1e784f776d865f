"""A line tried once for the doctor: let in, not let in, nobody there, one that says nothing."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from crm_core.kernel.clock import SystemClock
from cti.telephony import AmiEndpoint
from cti.trial import try_line
from tests.support.fake_asterisk import FakeAsterisk


@pytest.fixture
async def asterisk() -> AsyncIterator[FakeAsterisk]:
    async with FakeAsterisk() as running:
        yield running


async def trouble(asterisk: FakeAsterisk, *, secret: str = "", port: int = 0) -> str | None:
    endpoint = AmiEndpoint(
        host="127.0.0.1", port=port or asterisk.port, user=asterisk.user, secret=secret or asterisk.secret
    )
    return await try_line(endpoint, SystemClock(), limit_s=2.0)


async def test_one_that_lets_us_in_and_is_left_as_it_was(asterisk: FakeAsterisk) -> None:
    caller = asterisk.new_channel("PJSIP/trunk-1")
    assert await trouble(asterisk) is None
    assert caller.name in {channel.name for channel in asterisk.channels.values()}
    assert {action["Action"] for action in asterisk.actions} <= {
        *("Login", "Ping", "CoreSettings", "CoreStatus", "CoreShowChannels", "BridgeList", "DeviceStateList", "Logoff")
    }


async def test_a_wrong_secret_is_told_and_not_repeated(asterisk: FakeAsterisk) -> None:
    said = await trouble(asterisk, secret="guessed")
    assert said is not None
    assert "does not let" in said
    assert "guessed" not in said


async def test_nobody_there_and_one_that_hangs(asterisk: FakeAsterisk) -> None:
    assert "No Asterisk answers" in (await trouble(asterisk, port=1) or "")
    asterisk.deaf = True
    assert await trouble(asterisk) is not None
