"""The same wish twice, and a browser that cannot follow."""

from __future__ import annotations

import asyncio

import pytest

from agent_console.live.client import Client
from agent_console.live.once import Once


class Work:
    def __init__(self) -> None:
        self.done = 0
        self.gate = asyncio.Event()

    async def __call__(self) -> int:
        await self.gate.wait()
        self.done += 1
        return self.done


async def test_a_double_click_is_one_wish_and_both_are_answered() -> None:
    once: Once[int] = Once()
    work = Work()
    both = asyncio.gather(once("alice", "1", work), once("alice", "1", work))
    work.gate.set()
    assert await both == [1, 1]
    assert await once("alice", "1", work) == 1


async def test_the_same_key_of_another_person_is_another_wish() -> None:
    once: Once[int] = Once()
    work = Work()
    work.gate.set()
    assert await once("alice", "1", work) == 1
    assert await once("bob", "1", work) == 2


async def test_what_broke_may_be_tried_again() -> None:
    once: Once[int] = Once()

    async def breaks() -> int:
        raise RuntimeError("broken")

    with pytest.raises(RuntimeError):
        await once("alice", "1", breaks)
    work = Work()
    work.gate.set()
    assert await once("alice", "1", work) == 1


async def test_only_the_newest_are_remembered() -> None:
    once: Once[int] = Once(remembered=2)
    work = Work()
    work.gate.set()
    for key in ("1", "2", "3"):
        await once("alice", key, work)
    assert await once("alice", "3", work) == 3
    assert await once("alice", "1", work) == 4


class Browser:
    """Takes lines as fast as its gate lets it."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        self.gate = asyncio.Event()

    async def send(self, line: str) -> None:
        await self.gate.wait()
        self.lines.append(line)


async def test_lines_come_in_order() -> None:
    browser = Browser()
    browser.gate.set()
    client = Client(browser.send)
    for index in range(100):
        client.post(str(index))
    pump = asyncio.create_task(client.pump())
    while len(browser.lines) < 100:
        await asyncio.sleep(0)
    pump.cancel()
    assert browser.lines == [str(index) for index in range(100)]


async def test_a_browser_that_cannot_follow_is_let_go_and_nobody_waits_for_it() -> None:
    browser = Browser()
    client = Client(browser.send, capacity=3)
    pump = asyncio.create_task(client.pump())
    await asyncio.sleep(0)
    for index in range(10):
        client.post(str(index))
    await pump


async def test_a_browser_that_is_gone_ends_its_pump() -> None:
    async def gone(line: str) -> None:
        raise ConnectionResetError

    client = Client(gone)
    client.post("hello")
    with pytest.raises(ConnectionResetError):
        await client.pump()


async def test_while_a_log_in_is_in_doubt_nothing_goes_out() -> None:
    browser = Browser()
    browser.gate.set()
    client = Client(browser.send)
    pump = asyncio.create_task(client.pump())
    client.doubt()
    client.post("who calls")
    await client.doubted()
    client.doubt()
    client.trust()  # of a look that began before the second doubt
    for _ in range(10):
        await asyncio.sleep(0)
    assert browser.lines == []
    await client.doubted()
    client.trust()
    while not browser.lines:
        await asyncio.sleep(0)
    pump.cancel()
    assert browser.lines == ["who calls"]
