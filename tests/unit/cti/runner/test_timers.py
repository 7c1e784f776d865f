"""Alarms by name, on a clock moved by hand."""

from __future__ import annotations

import asyncio
import time
from datetime import timedelta

import pytest
import uvloop

from crm_core.kernel.clock import ManualClock
from cti.timers import Timers


async def turn() -> None:
    """Lets what is due at once happen."""
    for _ in range(3):
        await asyncio.sleep(0)


async def test_what_is_due_already_goes_off_at_once_but_not_within_the_call() -> None:
    clock, due = ManualClock(), list[str]()
    timers = Timers(clock, due.append)
    timers.wake_at(clock.now() - timedelta(seconds=5), "late")
    assert due == []
    await turn()
    assert due == ["late"]


async def test_setting_an_alarm_again_moves_it() -> None:
    clock, due = ManualClock(), list[str]()
    timers = Timers(clock, due.append)
    timers.wake_at(clock.now(), "offer:1")
    timers.wake_at(clock.now() + timedelta(hours=1), "offer:1")
    timers.wake_at(clock.now(), "offer:2")
    await turn()
    assert due == ["offer:2"]
    timers.close()


async def test_a_clock_set_back_meanwhile_means_waiting_on() -> None:
    clock, due = ManualClock(), list[str]()
    timers = Timers(clock, due.append)
    when = clock.now() + timedelta(milliseconds=1)
    timers.wake_at(when, "a")
    clock.advance(-60)
    await asyncio.sleep(0.002)
    await turn()
    assert due == []
    timers.close()


async def test_nothing_goes_off_after_the_end() -> None:
    clock, due = ManualClock(), list[str]()
    timers = Timers(clock, due.append)
    timers.wake_at(clock.now(), "a")
    timers.close()
    await turn()
    assert due == []


async def test_who_slept_hears_first_what_came_meanwhile(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("cti.timers.SLEPT_S", 0.02)
    monkeypatch.setattr("cti.timers.BREATH_S", 0.01)
    clock, happened = ManualClock(), list[str]()
    timers = Timers(clock, happened.append)
    timers.wake_at(clock.now() + timedelta(milliseconds=1), "offer:1")
    clock.advance(1)
    time.sleep(0.05)  # noqa: ASYNC251 - the whole process hangs
    asyncio.get_running_loop().call_later(0.001, happened.append, "the line is gone")
    while len(happened) < 2:
        await asyncio.sleep(0.001)
    assert happened == ["the line is gone", "offer:1"]


def test_what_is_due_at_once_goes_off_on_the_loop_of_the_product_as_well() -> None:
    async def alarm() -> list[str]:
        clock, due = ManualClock(), list[str]()
        timers = Timers(clock, due.append)
        timers.wake_at(clock.now(), "at once")
        timers.wake_at(clock.now() + timedelta(hours=1), "later")
        await asyncio.sleep(0.001)
        timers.close()
        return due

    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        assert runner.run(alarm()) == ["at once"]
