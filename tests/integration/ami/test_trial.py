"""A line tried once for the doctor: let in, not let in, nobody there, one that says nothing; and what it is asked."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from crm_core.kernel.clock import SystemClock
from cti.errors import Refused
from cti.telephony import AmiEndpoint
from cti.trial import tried_line
from tests.support.fake_asterisk import FakeAsterisk


@pytest.fixture
async def asterisk() -> AsyncIterator[FakeAsterisk]:
    async with FakeAsterisk() as running:
        yield running


def way_to(asterisk: FakeAsterisk, *, secret: str = "", port: int = 0) -> AmiEndpoint:
    return AmiEndpoint(
        host="127.0.0.1", port=port or asterisk.port, user=asterisk.user, secret=secret or asterisk.secret
    )


async def trouble(asterisk: FakeAsterisk, *, secret: str = "", port: int = 0, limit_s: float = 10.0) -> str | None:
    async with tried_line(way_to(asterisk, secret=secret, port=port), SystemClock(), limit_s=limit_s) as line:
        return line.trouble


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
    assert await trouble(asterisk, limit_s=2.0) is not None


async def test_one_that_is_too_old_is_told_at_once(asterisk: FakeAsterisk) -> None:
    asterisk.version = "16.28.0~dfsg-0+deb11u4"
    assert await trouble(asterisk) == (
        f"Asterisk 16.28.0~dfsg-0+deb11u4 at 127.0.0.1:{asterisk.port} is too old: install version 18 or newer there."
    )


async def test_what_is_asked_over_the_line(asterisk: FakeAsterisk) -> None:
    async with tried_line(way_to(asterisk), SystemClock()) as line:
        assert line.version == "22.10.1-fake"
        assert await line.command("core show version") == "ran core show version"
        asterisk.refusals["Command"] = "Command output follows"
        assert await line.command("no such command") == ""
        asterisk.refusals["Command"] = "Permission denied"
        with pytest.raises(Refused):
            await line.command("core show version")
        asterisk.refusals["ModuleCheck"] = "Module not loaded"
        assert not await line.has_module("app_dial")
        asterisk.refusals["ModuleCheck"] = "Permission denied"
        with pytest.raises(Refused):
            await line.has_module("app_dial")
