"""What Ctrl-C does to a running product, once and again."""

from __future__ import annotations

import signal
import sys
from asyncio import StreamReader, create_subprocess_exec, subprocess

import pytest

PRODUCT = """
import asyncio
from callwright.product import told_to_stop

async def main():
    told = told_to_stop()
    print("runs", flush=True)
    await told.wait()
    print("ends", flush=True)
    await asyncio.get_running_loop().run_in_executor(None, input)
    print("ended in order", flush=True)

asyncio.run(main())
"""


def _said(line: bytes) -> str:
    return line.decode().strip()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
@pytest.mark.parametrize("times", [1, 2])
async def test_to_be_told_again_does_not_break_off_the_ending(number: signal.Signals, times: int) -> None:
    running = await create_subprocess_exec(
        sys.executable, "-c", PRODUCT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    assert isinstance(running.stdout, StreamReader)
    try:
        assert _said(await running.stdout.readline()) == "runs"
        running.send_signal(number)
        assert _said(await running.stdout.readline()) == "ends"
        for _ in range(times - 1):
            running.send_signal(number)
        told, _ = await running.communicate(b"\n")
    finally:
        if running.returncode is None:
            running.kill()
    assert _said(told) == "ended in order"
