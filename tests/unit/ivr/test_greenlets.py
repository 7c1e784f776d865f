"""Synchronous code that waits on the event loop."""

from __future__ import annotations

import asyncio
import contextvars

import pytest

from ivr.fastagi.greenlets import call_waiting, wait_for

user: contextvars.ContextVar[str] = contextvars.ContextVar("user", default="")


async def later(value: int) -> int:
    await asyncio.sleep(0)
    return value


async def test_waits_at_any_depth() -> None:
    def inner(number: int) -> int:
        return wait_for(later(number)) + wait_for(later(1))

    def outer() -> list[int]:
        return [inner(number) for number in range(3)]

    assert await call_waiting(outer) == [1, 2, 3]


async def test_needs_no_waiting_at_all() -> None:
    assert await call_waiting(lambda: 7) == 7


async def test_many_at_once_do_not_mix() -> None:
    def work(number: int) -> list[int]:
        return [wait_for(later(number * 10 + turn)) for turn in range(5)]

    found = await asyncio.gather(*(call_waiting(work, number) for number in range(50)))
    assert found == [[number * 10 + turn for turn in range(5)] for number in range(50)]


async def test_exceptions_go_both_ways() -> None:
    async def fails() -> None:
        raise KeyError("inside")

    def handles() -> str:
        try:
            wait_for(fails())
        except KeyError:
            return "handled"
        return "not seen"

    def raises() -> None:
        wait_for(later(1))
        raise ValueError("outside")

    assert await call_waiting(handles) == "handled"
    with pytest.raises(ValueError, match="outside"):
        await call_waiting(raises)


async def test_cancelling_arrives_where_it_waits() -> None:
    seen: list[str] = []
    never = asyncio.Event()

    def work() -> None:
        try:
            wait_for(never.wait())
        except asyncio.CancelledError:
            seen.append("cancelled")
            raise
        finally:
            seen.append("tidied up")

    task = asyncio.create_task(call_waiting(work))
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert seen == ["cancelled", "tidied up"]


async def test_a_time_out_is_a_time_out() -> None:
    never = asyncio.Event()
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0):
            await call_waiting(lambda: wait_for(never.wait()))


async def test_context_variables_are_those_of_the_task() -> None:
    user.set("alice")
    assert await call_waiting(user.get) == "alice"


async def test_waiting_elsewhere_is_a_mistake() -> None:
    something = asyncio.get_running_loop().create_future()
    with pytest.raises(RuntimeError, match="outside"):
        wait_for(something)
