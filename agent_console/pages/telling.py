"""After a change of the floor: telephony and Asterisk are told, and whoever made it hears when one of them was not."""

from __future__ import annotations

from aiohttp import web

from agent_console.floor import reload_floor, tell_asterisk
from agent_console.keys import BUS
from agent_console.render import flash
from agent_console.words import say
from crm_core.domain.floor import Queue
from crm_core.domain.users import User


async def tell_telephony(request: web.Request) -> None:
    if not await reload_floor(request.config_dict[BUS]):
        flash(request, say("The telephone side is away at the moment; it learns of this when it is back."), "info")


async def tell_phones(request: web.Request, before: User | None, after: User) -> None:
    """Who has a phone, and which queues ring it, stands in Asterisk's files; where they are not ours, one is told."""
    if _phone_of(before) == _phone_of(after):
        return
    if not await tell_asterisk(request.config_dict[BUS]):
        still = say(
            "Asterisk has not been told: there the phone %(extension)s stays as it was until somebody runs"
            " “callwright asterisk start”.",
            extension=after.extension or (before.extension if before else ""),
        )
        flash(request, still, "warning")


def _phone_of(person: User | None) -> tuple[object, ...]:
    """What Asterisk knows of somebody; empty: nothing. Pure."""
    if person is None or person.disabled or person.extension is None:
        return ()
    return person.extension, person.phone_kind, person.name_en or person.name, person.queues


async def tell_queue(request: web.Request, before: Queue, after: Queue) -> None:
    """… of a queue, of which Asterisk has what it needs while we are away."""
    if of_asterisk(before) == of_asterisk(after) or await tell_asterisk(request.config_dict[BUS]):
        return
    still = say(
        "Asterisk has not been told: its own queue for when we are away, and numbers that lead straight here, stay"
        " as they were until somebody runs “callwright asterisk start”."
    )
    flash(request, still, "warning")


def of_asterisk(queue: Queue) -> tuple[object, ...]:
    """What stands in Asterisk's files of a queue. Pure."""
    return queue.key, queue.names, queue.ring_s, queue.wish, queue.music
