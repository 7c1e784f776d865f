"""What an administrator changes about people, a running Asterisk of ours knows without anybody at a command line."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from agent_console.pages.admin.commands import TellAsterisk
from callwright import asterisk
from callwright.foundation import foundation
from callwright.keeper import AsteriskKeeper
from callwright.own_asterisk import OwnAsterisk, prepare
from callwright.settings import load_settings
from crm_core.domain.floor import Queue
from crm_core.domain.users import PhoneKind, User
from crm_core.kernel.bus import Bus
from crm_core.kernel.clock import SystemClock
from crm_core.kernel.ids import QueueKey
from crm_core.services.bundle import Services
from tests.support.asterisk import asterisk_prefix
from tests.support.ports import free_port_offset
from tests.support.raw_sip import RawPhone


@dataclass(frozen=True, slots=True, kw_only=True)
class House:
    bus: Bus
    services: Services
    own: OwnAsterisk

    async def hire(self, login: str, extension: str) -> User:
        return await self.services.users.create(
            login=login,
            password="correct horse",
            name=login,
            extension=extension,
            phone_kind=PhoneKind.SIP,
            queues=(QueueKey("service"),),
        )

    async def phones(self) -> set[str]:
        """The agents' phones that Asterisk knows."""
        shown = await asterisk.cli(self.own.plan.directories, "pjsip show endpoints")
        return set(re.findall(r"^ Endpoint: +(\d{4})/", shown, re.MULTILINE))

    async def registered(self) -> set[str]:
        """The numbers whose phones Asterisk knows where to find."""
        shown = await asterisk.cli(self.own.plan.directories, "pjsip show contacts")
        return set(re.findall(r"Contact: +(\d{4})/", shown))

    async def rung_by_the_safety_queue(self) -> set[str]:
        shown = await asterisk.cli(self.own.plan.directories, "queue show cw-service")
        return set(re.findall(r"PJSIP/(\d{4})\b", shown))


@pytest.fixture
async def house(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[House]:
    """A queue, an agent, and an Asterisk that knows them; a keeper looks after it."""
    monkeypatch.setenv("CALLWRIGHT_ASTERISK_PREFIX", str(asterisk_prefix()))
    offset, home = free_port_offset(), tmp_path / "home"
    monkeypatch.setenv("CALLWRIGHT_FASTAGI", f"127.0.0.1:{4573 + offset}")
    settings = load_settings(home=home)
    async with foundation(settings, SystemClock(), upgrade=True) as ground:
        plans = ground.services.floor_plans
        await plans.put_queue(Queue(key=QueueKey("service"), names={"en": "Service"}))
        own = await prepare(home, await plans.load(), print, port_offset=offset)
        house = House(bus=ground.bus, services=ground.services, own=own)
        await house.hire("alice", "1001")
        async with AsteriskKeeper(ground.bus, plans, settings):
            yield house
        await own.stop()


async def test_a_change_of_people_reaches_the_running_asterisk(house: House) -> None:
    await house.own.start(print)
    assert await house.phones() == set()
    assert (await house.bus.request(TellAsterisk(), timeout=20)).ok
    assert await house.phones() == await house.rung_by_the_safety_queue() == {"1001"}
    bob = await house.hire("bob", "1002")
    assert (await house.bus.request(TellAsterisk(), timeout=20)).ok
    assert await house.phones() == await house.rung_by_the_safety_queue() == {"1001", "1002"}
    await house.services.users.set_disabled(bob.id, True)
    assert (await house.bus.request(TellAsterisk(), timeout=20)).ok
    assert await house.phones() == await house.rung_by_the_safety_queue() == {"1001"}


async def test_where_a_phone_that_was_taken_away_stood_is_forgotten(house: House) -> None:
    """It may never say goodbye: once its number is gone it is refused. Whoever gets the number is not rung there."""
    await house.own.start(print)
    alice, bob = await house.services.users.by_login("alice"), await house.hire("bob", "1002")
    assert (await house.bus.request(TellAsterisk(), timeout=20)).ok
    sip = house.own.plan.ports.sip
    async with RawPhone.at(sip, "1001", alice.sip_secret) as hers, RawPhone.at(sip, "1002", bob.sip_secret) as his:
        assert await hers.register() == await his.register() == 200
        assert await house.registered() == {"1001", "1002"}
        await house.services.users.set_disabled(alice.id, True)
        assert (await house.bus.request(TellAsterisk(), timeout=20)).ok
        assert await house.registered() == {"1002"}
        await house.services.users.set_disabled(alice.id, False)
        assert (await house.bus.request(TellAsterisk(), timeout=20)).ok
        assert await house.registered() == {"1002"}
        assert await hers.register() == 200


async def test_what_was_rendered_and_not_read_is_read(house: House) -> None:
    """Somebody made the files anew and did not start."""
    await house.own.start(print)
    floor = await house.services.floor_plans.load()
    places = house.own.plan.directories
    offset = house.own.plan.ports.fastagi - asterisk.Ports().fastagi
    asterisk.render((await prepare(places.home, floor, print, port_offset=offset)).plan)
    assert await house.phones() == set()
    assert (await house.bus.request(TellAsterisk(), timeout=20)).ok
    assert await house.phones() == {"1001"}


async def test_where_no_asterisk_of_ours_runs_nothing_is_touched(house: House) -> None:
    result = await house.bus.request(TellAsterisk(), timeout=20)
    assert (result.ok, result.code) == (False, "asterisk.not_ours")
    assert not house.own.plan.directories.configuration.exists()


async def test_one_at_other_ports_keeps_them(house: House) -> None:
    """It is told of its people, at the ports it was started with."""
    elsewhere = await prepare(
        house.own.plan.directories.home, await house.services.floor_plans.load(), print, port_offset=free_port_offset()
    )
    await elsewhere.start(print)
    await house.hire("bob", "1002")
    assert (await house.bus.request(TellAsterisk(), timeout=20)).ok
    assert await house.phones() == {"1001", "1002"}
    assert asterisk.rendered_ports(house.own.plan.directories) == elsewhere.plan.ports
