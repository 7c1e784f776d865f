"""Telephony in a process of its own that is told when to begin, and tells how soon it knows everything.

`python -m tests.bench.reborn CALLS` says `here` when it has loaded what it needs, begins at the first line from stdin,
and answers with one line of JSON: milliseconds, and what it knows. Then it serves until it is killed.
"""

from __future__ import annotations

import asyncio
import json
import sys
import time

from prometheus_client import CollectorRegistry

from callwright.foundation import foundation
from callwright.logs import set_up_logs
from callwright.product import telephony
from callwright.settings import load_settings
from crm_core.kernel.clock import SystemClock

LOOK_S = 0.005


async def main(calls: int) -> None:
    set_up_logs()
    settings = load_settings()
    print("here", flush=True)
    await asyncio.to_thread(sys.stdin.readline)
    began = time.perf_counter()
    async with foundation(settings, SystemClock(), upgrade=False) as ground, telephony(ground) as checks:
        asterisk = dict(checks)["asterisk"]
        while await asterisk() is not None or sum(_known(ground.registry, "callwright_calls").values()) < calls:
            await asyncio.sleep(LOOK_S)
        took_ms = (time.perf_counter() - began) * 1000
        known = {what: _known(ground.registry, f"callwright_{what}") for what in ("calls", "agents")}
        print(json.dumps({"took_ms": took_ms, **known}), flush=True)
        await asyncio.Event().wait()


def _known(registry: CollectorRegistry, name: str) -> dict[str, float]:
    return {
        next(iter(sample.labels.values())): sample.value
        for family in registry.collect()
        if family.name == name
        for sample in family.samples
    }


if __name__ == "__main__":
    import uvloop

    uvloop.run(main(int(sys.argv[1])))
