"""Who waits for his turn to install or start an Asterisk may change his mind."""

from __future__ import annotations

import asyncio
import fcntl
import signal
import sys
from pathlib import Path

from callwright.asterisk.turns import alone

WAITER = """
import asyncio, pathlib, signal, sys
signal.signal(signal.SIGINT, signal.default_int_handler)  # where tests run in the background, Ctrl-C is ignored
from callwright.asterisk.turns import alone

async def wait_for_our_turn():
    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(take_it())
        await asyncio.sleep(0.3)
        print("waiting", flush=True)

async def take_it():
    async with alone(pathlib.Path(sys.argv[1])):
        pass

asyncio.run(wait_for_our_turn())
"""


async def test_ctrl_c_ends_the_wait_for_a_turn(tmp_path: Path) -> None:
    lock = tmp_path / "lock"
    with lock.open("w") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        waiter = await asyncio.create_subprocess_exec(
            sys.executable, "-c", WAITER, str(lock), stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE
        )
        try:
            assert waiter.stdout is not None
            assert await waiter.stdout.readline() == b"waiting\n"
            waiter.send_signal(signal.SIGINT)
            async with asyncio.timeout(10):
                _, said = await waiter.communicate()
        finally:
            if waiter.returncode is None:
                waiter.kill()
                await waiter.wait()
    assert b"KeyboardInterrupt" in said


async def test_the_next_one_has_his_turn_when_the_first_has_left(tmp_path: Path) -> None:
    order: list[str] = []

    async def take(name: str) -> None:
        async with alone(tmp_path / "lock"):
            order.append(f"{name} in")
            await asyncio.sleep(0)
            order.append(f"{name} out")

    async with asyncio.timeout(10):
        await asyncio.gather(take("first"), take("second"))
    assert order == ["first in", "first out", "second in", "second out"]
