"""`callwright floor show|load FILE`."""

from __future__ import annotations

import argparse
from collections.abc import Callable

from callwright import floor_file
from callwright.foundation import foundation
from callwright.furnishing import furnish_menus
from callwright.settings import Settings
from crm_core.kernel.clock import SystemClock
from ivr.prompts.catalogue import prompts_in


async def floor_command(settings: Settings, arguments: argparse.Namespace, say: Callable[[str], None]) -> int:
    async with foundation(settings, SystemClock(), upgrade=settings.database.startswith("sqlite")) as ground:
        plans, dispositions = ground.services.floor_plans, ground.services.dispositions
        if arguments.verb == "show":
            print(floor_file.shown(await plans.load(), await dispositions.tree(include_retired=True)))
            return 0
        await furnish_menus(ground.services)
        menus = (await ground.services.flows.standing()).versions
        document = floor_file.read(arguments.file, menus, prompts_in(settings.sounds_dir))
        await floor_file.load(document, plans, dispositions, ground.services.calendars)
        queues, numbers, results = len(document.queues), len(document.dids), len(document.dispositions)
    say(f"Loaded {queues} queues, {numbers} numbers and {results} dispositions.")
    say("A running `callwright serve` takes them over within seconds, and tells the Asterisk of this home.")
    say("Any other is told by `callwright asterisk start`.")
    return 0
