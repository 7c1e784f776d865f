"""A queue drawn anew while the product runs, as an administrator does it."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from tests.support.product import Product
from tests.support.quiet import lock_out
from tests.support.story import user_id
from tests.support.waiting import eventually


async def drawn(product: Product, key: str) -> dict[str, Any]:
    """As the floor's file has it."""
    code, shown, why = await product.command("floor", "show")
    assert code == 0, why
    [queue] = [queue for queue in json.loads(shown)["queues"] if queue["key"] == key]
    return dict(queue)


async def draw(product: Product, folder: Path, queue: dict[str, Any]) -> None:
    """As the house does it, and telephony is told to read it: as upon any change of people. (That it has is seen by the
    strategy: it must be another one.)"""
    file = folder / "floor.json"
    file.write_text(json.dumps({"queues": [queue]}), encoding="utf-8")
    code, _, why = await product.command("floor", "load", str(file))
    assert code == 0, why
    await lock_out(product, user_id(product, "sam"), wanted=False)

    async def read() -> bool:
        rows = (await product.api("GET", "/queues"))["items"]
        return any((row["queue"], row["strategy"]) == (queue["key"], queue["strategy"]) for row in rows)

    await eventually("the floor to be read", read)


@asynccontextmanager
async def agreed_otherwise(product: Product, key: str, **terms: Any) -> AsyncIterator[None]:
    """As a supervisor changes these of a queue's terms under way, for calls that come from now on; then as it was."""

    async def agree(wanted: dict[str, Any]) -> None:
        version = (await product.api("GET", f"/queues/{key}"))["version"]
        await product.api("PUT", f"/queues/{key}", {"version": version, "terms": wanted})

    before = {name: value for name, value in (await terms_of(product, key)).items() if name != "key"}
    await agree({**before, **terms})
    try:
        yield
    finally:
        await agree(before)


async def terms_of(product: Product, key: str) -> dict[str, Any]:
    return dict((await product.api("GET", f"/queues/{key}"))["terms"])
