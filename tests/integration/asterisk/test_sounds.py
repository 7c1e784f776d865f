"""Prompts of ours are played from the home, by name and by absolute path, and music to whoever waits."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from callwright.asterisk import AsteriskPlan
from callwright.demo.phones import PhoneProcess, PhoneState
from tests.integration.asterisk.parts import Ami
from tests.support.phones import listen
from tests.support.tones import make_tone, read_wav, seconds_of, seconds_of_sound
from tests.support.waiting import eventually


@contextlib.asynccontextmanager
async def player(port: int, files: list[str], played: list[str]) -> AsyncIterator[None]:
    """A FastAGI server that plays these files and notes what Asterisk answered."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\n\n")
        for file in files:
            writer.write(f'STREAM FILE {file} ""\n'.encode())
            played.append((await reader.readline()).decode().strip())
        writer.close()

    async with await asyncio.start_server(serve, "127.0.0.1", port):
        yield


async def test_prompts_are_found_in_the_home(
    asterisk: AsteriskPlan, ami: Ami, phones: PhoneProcess, tmp_path: Path
) -> None:
    await ami.heartbeat()
    prompt = make_tone(asterisk.directories.sounds / "zh" / "hello.wav", 1000, seconds=1.0)
    played: list[str] = []
    caller = await phones.add("caller", server=f"127.0.0.1:{asterisk.ports.sip}")
    files = ["callwright/zh/hello", str(prompt.with_suffix(""))]
    async with player(asterisk.ports.fastagi, files, played), caller.recording(tmp_path / "heard.wav"):
        await caller.dial("4008000", number="13800138000")
        await ami.user_event("CwQueued")
    assert [answer.partition(" endpos=")[0] for answer in played] == ["200 result=0", "200 result=0"]
    assert all(not answer.endswith("endpos=0") for answer in played)
    assert seconds_of(read_wav(tmp_path / "heard.wav"), 1000) > 1.5


async def test_whoever_waits_hears_music(asterisk: AsteriskPlan, ami: Ami, phones: PhoneProcess) -> None:
    await ami.heartbeat()
    caller = await phones.add("caller", server=f"127.0.0.1:{asterisk.ports.sip}")
    await caller.dial("4008001", number="13800138000")
    await caller.wait_for(PhoneState.TALKING)

    async def music() -> bool:
        return seconds_of_sound(await listen(caller, 1.5)) > 0.8

    await eventually("music", music)


@pytest.mark.parametrize("number", ["4009999", "1001"])
async def test_a_number_that_is_nobodys_is_refused(asterisk: AsteriskPlan, phones: PhoneProcess, number: str) -> None:
    caller = await phones.add("caller", server=f"127.0.0.1:{asterisk.ports.sip}")
    await caller.dial(number, number="13800138000")
    await caller.wait_for(PhoneState.ENDED)
    assert caller.last_code == 404
