"""`callwright flows list|schema|export NAME|import FILE`."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path

from callwright.foundation import foundation
from callwright.furnishing import furnish_menus
from callwright.settings import Settings
from crm_core.domain.calendars import by_key
from crm_core.domain.flows import FlowEntry
from crm_core.kernel.clock import SystemClock
from crm_core.kernel.errors import CallwrightError
from crm_core.services.bundle import Services
from ivr.articles import article_problems, articles_of
from ivr.errors import FlowRefused
from ivr.flow.schema import schema_text
from ivr.prompts.wordings import sounds_in
from ivr.shelf import doubts, findings
from ivr.staffed import staff_doubts, staff_problems
from ivr.used import calendars_of

Say = Callable[[str], None]


class FlowDraftInTheWay(CallwrightError):
    """Somebody is writing a draft of {flow}. Publish or discard it in the console, or import with another --name."""

    code = "flow.draft_in_the_way"


async def flows_command(settings: Settings, arguments: argparse.Namespace, say: Say) -> int:
    if arguments.verb == "schema":
        print(schema_text(), end="")
        return 0
    async with foundation(settings, SystemClock(), upgrade=settings.database.startswith("sqlite")) as ground:
        flows = ground.services.flows
        await furnish_menus(ground.services)
        match arguments.verb:
            case "list":
                print("\n".join(_line(one) for one in await flows.list()))
            case "export":
                number = arguments.version or (await flows.get(arguments.name)).published
                print((await flows.version(arguments.name, number)).document)
            case _:
                await _take(ground.services, arguments, settings.sounds_dir, say)
    return 0


def _line(one: FlowEntry) -> str:
    heard = f"version {one.published}" if one.published else "not published"
    return f"{one.name}\t{heard}\t{'draft' if one.draft_at else ''}".rstrip()


async def _take(services: Services, arguments: argparse.Namespace, sounds: Path, say: Say) -> None:
    flows = services.flows
    name, document = arguments.name or arguments.file.stem, _text(arguments.file)
    if any(one.name == name and one.draft_at for one in await flows.list()):
        raise FlowDraftInTheWay(flow=name)
    standing = await flows.standing()
    beside, calendars = standing.versions, by_key(standing.calendars)
    there = sounds_in(sounds)
    problems = findings(name, document, await flows.documents(beside), there, calendars)
    plan = await services.floor_plans.load()
    problems = (
        *problems,
        *article_problems(name, document, await services.articles.readable()),
        *staff_problems(name, document, plan),
    )
    if problems and not arguments.draft:
        raise FlowRefused(flow=name, problems="; ".join(map(str, problems)))
    draft = await flows.save_draft(name, document, revision=0)
    if arguments.draft:
        say(f"The draft of {name} is in the console, under Voice menus.")
        return
    version = await flows.publish(
        name,
        revision=draft.revision,
        beside=beside,
        calendars=calendars_of(document),
        articles=articles_of(document),
        note=arguments.note,
    )
    say(f"{name} is version {version.number} now: the next caller hears it.")
    for doubt in (*staff_doubts(name, document, plan), *doubts(name, document, there)):
        say(f"Think of this: {doubt}.")


def _text(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise FlowRefused(flow=file.stem, problems=f"not UTF-8 ({error})") from None
