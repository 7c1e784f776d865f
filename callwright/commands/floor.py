"""`callwright floor show|load FILE`."""

from __future__ import annotations

import argparse
from collections.abc import Callable

from callwright import floor_file
from callwright.foundation import foundation
from callwright.settings import Settings
from crm_core.kernel.clock import SystemClock
from ivr.prompts.catalogue import prompts_in
from ivr.service import OUR_FLOWS, load_flows


async def floor_command(settings: Settings, arguments: argparse.Namespace, say: Callable[[str], None]) -> int:
    async with foundation(settings, SystemClock(), upgrade=settings.database.startswith("sqlite")) as ground:
        plans = ground.services.floor_plans
        if arguments.verb == "show":
            print(floor_file.shown(await plans.load()))
            return 0
        document = floor_file.read(arguments.file, load_flows(OUR_FLOWS, prompts_in(settings.sounds_dir)))
        await floor_file.load(document, plans)
        queues, numbers = len(document.queues), len(document.dids)
    say(f"Loaded {queues} queues and {numbers} numbers. `callwright asterisk start` tells Asterisk of them;")
    say("a running `callwright serve` hears of them when it is started again, or when a user is changed.")
    return 0
