"""Alarms by name, on a clock moved by hand."""

from __future__ import annotations

import asyncio
from datetime import timedelta

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
