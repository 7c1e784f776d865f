"""Who serves, who stands by, and what becomes of a spell that cannot begin."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

import pytest

from agent_console.settings import Check
from callwright.duty import Duty
from crm_core.kernel.errors import CallwrightError
from tests.support.seat import GivenSeat


class Broken(CallwrightError):
    """The port is taken."""

    code = "test.broken"


class Service:
    def __init__(self, *, fails: int = 0) -> None:
        self.fails = fails
        self.begun, self.ended = asyncio.Semaphore(0), asyncio.Semaphore(0)
        self.spells = 0
        self.took_over: bool | None = None

    @asynccontextmanager
    async def __call__(self, took_over: bool) -> AsyncIterator[Sequence[Check]]:
        self.took_over = took_over
        if self.fails:
            self.fails -= 1
            raise Broken()
        self.spells += 1
        self.begun.release()
        try:
            yield (("asterisk", self.healthy),)
        finally:
            self.ended.release()

    async def healthy(self) -> str | None:
        return "No line."


async def test_with_the_seat_it_serves_until_it_ends() -> None:
    service = Service()
    async with Duty(GivenSeat(held=True), service) as duty:
        part, ask = duty.check("asterisk")
        assert (duty.serves, part, await ask()) == (True, "asterisk", "No line.")
    assert (duty.serves, service.spells, service.took_over) == (False, 1, False)
    assert not service.ended.locked()


async def test_without_it_it_stands_by_and_is_well() -> None:
    seat, service = GivenSeat(held=False), Service()
    async with Duty(seat, service) as duty:
        assert (duty.serves, await duty.check("asterisk")[1](), service.spells) == (False, None, 0)
        seat.comes()
        await service.begun.acquire()
        seat.goes()
        await service.ended.acquire()
        seat.comes()
        await service.begun.acquire()
        assert (service.spells, service.took_over) == (2, True)
    assert not service.ended.locked()


async def test_a_first_spell_that_cannot_begin_is_refused() -> None:
    with pytest.raises(Broken):
        async with Duty(GivenSeat(held=True), Service(fails=1)):
            pass


async def test_a_later_one_is_tried_again_and_says_why(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("callwright.duty._AGAIN_S", 0.01)
    seat, service = GivenSeat(held=False), Service(fails=3)
    async with Duty(seat, service) as duty:
        _, ask = duty.check("asterisk")
        seat.comes()
        while service.fails == 3:
            await asyncio.sleep(0)
        assert await ask() == "The port is taken."
        await service.begun.acquire()
        await asyncio.sleep(0)
        assert await ask() == "No line."
        assert seat.stepped_back == 3, "another may try each time"


async def test_it_ends_while_it_waits_to_try_again() -> None:
    seat, service = GivenSeat(held=False), Service(fails=1000)
    async with Duty(seat, service):
        seat.comes()
        while service.fails == 1000:
            await asyncio.sleep(0)
    assert service.spells == 0
