"""What the demo leaves behind in its home: one API token, the same at every start."""

from __future__ import annotations

import json
from pathlib import Path

from callwright.foundation import foundation
from callwright.settings import load_settings
from crm_core.kernel.clock import SystemClock
from tests.support.ports import free_port_offset
from tests.support.product import Running, lend_sounds
from tests.support.waiting import eventually


async def _token_of_a_demo(home: Path) -> str:
    """Starts the demo without its Asterisk, reads its card, and ends it with Ctrl-C."""
    card = home / "demo.json"
    arguments = ("demo", "--no-asterisk", "--home", str(home), "--port-offset", str(free_port_offset()))
    demo = Running(arguments, log=home.parent / "said.txt", environment={})
    await demo.start()

    def announced() -> bool:
        demo.check_alive()
        return card.exists()

    try:
        await eventually("the demo's card", announced, limit_s=60)
        found: str = json.loads(card.read_text(encoding="utf-8"))["api_token"]
    finally:
        assert await demo.stop() == 0
    assert not card.exists()
    return found


async def test_every_start_shows_the_same_token_and_makes_no_other(tmp_path: Path) -> None:
    home = tmp_path / "home"
    await lend_sounds(home)
    first = await _token_of_a_demo(home)
    assert await _token_of_a_demo(home) == first
    assert (home / "demo-token").stat().st_mode & 0o777 == 0o600
    async with foundation(load_settings(home=home), SystemClock(), upgrade=False) as ground:
        (only,) = await ground.services.api_tokens.list()
        await ground.services.api_tokens.revoke(only.id)
    (home / "demo-token").write_bytes(b"\xff nonsense")
    assert await _token_of_a_demo(home) not in ("", first)
    async with foundation(load_settings(home=home), SystemClock(), upgrade=False) as ground:
        assert len(await ground.services.api_tokens.list()) == 1
