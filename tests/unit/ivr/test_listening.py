"""Keys pressed while something else is waited for, before an Asterisk that reads as the real one does."""

from __future__ import annotations

import asyncio
import re
from collections import deque
from collections.abc import Callable
from typing import cast

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ivr.fastagi.errors import CallerHungUp, CommandFailed, PeerClosed
from ivr.fastagi.limits import Limits
from ivr.fastagi.line import AgiLine
from ivr.fastagi.pipe import TextPipe
from ivr.fastagi.verbs import AgiVerbs
from tests.support.waiting import eventually

DEAD = "511 Command Not Permitted on a dead channel or intercept routine"


class Reading:
    """Asterisk's end of the line, as 22.10.1 was seen to read it: everything that is there at once, of which it notices
    the next command at the end of the one before only when more comes; and more that comes ends a wait for a key. A key
    while no command is under way is thrown away."""

    def __init__(self) -> None:
        self.said = asyncio.StreamReader()
        self.commands: list[str] = []
        self.keys: deque[str] = deque()
        """Those that came in the very moment in which a wait was ended."""
        self.reads = True
        self._socket = ""
        self._read: deque[str] = deque()
        self._waits = False

    # our side

    def write(self, data: bytes) -> None:
        self._socket += data.decode()
        if self.reads:
            self.read()

    def read(self) -> None:
        self.reads = True
        if self._waits:
            self._ends("1")
        while self._socket and not self._waits:
            if not self._read:
                self._read.extend(self._socket.splitlines())
                self._socket = ""
            self._obey(self._read.popleft())
        if self._waits and self._socket:
            self._ends("1")
            self.read()

    def _obey(self, command: str) -> None:
        self.commands.append(command)
        if command.startswith("WAIT FOR DIGIT"):
            self._waits = True
            if self.keys:
                self._ends(str(ord(self.keys.popleft())))
        elif variable := re.fullmatch('GET VARIABLE "(.*)"', command):
            self.say(f"200 result=1 ({variable[1]})")
        else:
            self.say("200 result=0")

    # the caller's side

    def press(self, key: str) -> bool:
        if not self._waits:
            return False
        self._ends(str(ord(key)))
        return True

    def _ends(self, result: str) -> None:
        self._waits = False
        self.say(f"200 result={result}")

    def say(self, *lines: str) -> None:
        for line in lines if not self.said.at_eof() else ():
            self.said.feed_data(f"{line}\n".encode())

    @property
    def listening(self) -> bool:
        return self._waits


def line_to(reading: Reading) -> AgiLine:
    limits = Limits(answer_s=5)
    pipe = TextPipe(reading.said, cast(asyncio.StreamWriter, reading))
    return AgiLine(AgiVerbs(pipe, {}, limits), limits)


async def until(what: Callable[[], bool]) -> None:
    await eventually("it", what)


async def test_what_takes_no_time_costs_no_command() -> None:
    reading = Reading()
    async with line_to(reading).listening() as pressed:
        pass
    assert (pressed, reading.commands) == ([], [])


async def test_keys_are_kept_in_order_and_answers_stay_with_their_commands() -> None:
    reading = Reading()
    line = line_to(reading)
    async with line.listening() as pressed:
        for key in "47#":
            await until(lambda: reading.listening)
            reading.press(key)
        await until(lambda: reading.listening)
    assert "".join(pressed) == "47#"
    assert reading.commands == ["WAIT FOR DIGIT 5000"] * 4 + ["NOOP"]
    assert [await line.variable(name) for name in ("A", "B")] == ["A", "B"]


async def test_an_interruption_that_is_read_with_the_wait_is_said_again() -> None:
    """Asterisk's thread comes to reading when both commands are there: it sees no reason to stop waiting."""
    reading = Reading()
    line = line_to(reading)
    reading.reads = False
    async with line.listening():
        await until(lambda: reading._socket != "")
        asyncio.get_running_loop().call_later(0.05, reading.read)
    assert reading.commands == ["WAIT FOR DIGIT 5000", "NOOP", "NOOP"]
    assert await line.variable("A") == "A"


async def test_a_key_in_the_moment_of_the_interruption_is_for_the_next_command() -> None:
    reading = Reading()
    line = line_to(reading)
    async with line.listening() as pressed:
        await until(lambda: reading.listening)
        reading.keys.append("5")
    assert "".join(pressed) == ""
    assert await line.read_digit(5) == "5"


@pytest.mark.parametrize("said", [("200 result=-1",), ("HANGUP", DEAD), ("200 result=-1", "HANGUP")])
async def test_hanging_up_meanwhile_is_found_by_the_next_command(said: tuple[str, ...]) -> None:
    reading = Reading()
    line = line_to(reading)
    async with line.listening():
        await until(lambda: reading.listening)
        reading._waits = False
        reading._obey = lambda command: reading.say(DEAD)  # type: ignore[method-assign]
        reading.say(*said)
    with pytest.raises(CallerHungUp):
        await line.read_digit(1)


async def test_a_line_that_closes_meanwhile_is_found_by_the_next_command() -> None:
    reading = Reading()
    line = line_to(reading)
    async with line.listening():
        await until(lambda: reading.listening)
        reading.said.feed_eof()
    with pytest.raises(PeerClosed):
        await line.read_digit(1)


async def test_who_refuses_to_listen_is_still_a_line_in_order() -> None:
    reading = Reading()
    line = line_to(reading)
    obey = reading._obey
    reading._obey = lambda command: (  # type: ignore[method-assign]
        reading.say("510 Invalid or unknown command") if command.startswith("WAIT") else obey(command)
    )
    async with line.listening() as pressed:
        await until(lambda: "CHANNEL STATUS" in reading.commands)
    assert pressed == []
    assert await line.variable("A") == "A"
    with pytest.raises(CommandFailed):
        await line.read_digit(1)


async def test_a_liar_who_presses_keys_for_ever_is_heard_only_so_long() -> None:
    reading = Reading()
    reading.keys.extend("7" * 1000)
    line = line_to(reading)
    async with line.listening() as pressed:
        await until(lambda: len(pressed) == 32)
        await asyncio.sleep(0)
    assert len(reading.commands) == 32
    assert await line.variable("A") == "A"


async def test_given_up_meanwhile_it_ends_at_once() -> None:
    reading = Reading()

    async def waits() -> None:
        async with line_to(reading).listening():
            await asyncio.Event().wait()

    waiting = asyncio.create_task(waits())
    await until(lambda: reading.listening)
    waiting.cancel()
    await asyncio.wait({waiting})
    assert waiting.cancelled()
    assert reading.commands == ["WAIT FOR DIGIT 5000"]


@settings(max_examples=30)
@given(st.lists(st.sampled_from(["key", "turn", "stop reading", "read", "key and interruption"]), max_size=30))
async def test_whatever_comes_when_no_key_is_lost_and_no_answer_goes_astray(story: list[str]) -> None:
    reading, given_keys = Reading(), 0
    line = line_to(reading)
    async with line.listening() as pressed:
        await until(lambda: reading.listening)
        for what in story:
            match what:
                case "key":
                    given_keys += reading.press("5")
                case "key and interruption":
                    reading.keys.append("5")
                    given_keys += 1
                case "stop reading":
                    reading.reads = False
                case "read":
                    reading.reads = True
                case _:
                    await asyncio.sleep(0)
        asyncio.get_running_loop().call_later(0.001, reading.read)
    left = [await line.read_digit(1) for _ in range(len(reading.keys))]
    assert len("".join([*pressed, *left])) == given_keys
    assert await line.variable("A") == "A"
