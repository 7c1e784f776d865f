"""A queue is taken away: what still needs it, said in the reader's language, and everybody told when it is gone."""

from __future__ import annotations

from typing import Final

from aiohttp import web

from agent_console.errors import CommandRefused
from agent_console.floor import floor_now, reload_floor, tell_asterisk
from agent_console.keys import BUS, current_user, services
from agent_console.pages.calls.cast import Cast
from agent_console.prompts import menus_now
from agent_console.words import N_, Sentence
from crm_core.domain.queue_use import Need, NeededBy, needs_of
from crm_core.errors import QueueNeeded
from crm_core.kernel.bus import NobodyServes, RequestTimedOut
from crm_core.kernel.ids import QueueKey
from ivr.used import led_to

_IN_IT: Final = frozenset({"waiting", "offered", "ringing", "safety", "sent_on"})
"""Phases of a call that has not left its queue."""
_SAID: Final = {
    NeededBy.NUMBER: N_("The number %(name)s leads to it."),
    NeededBy.CHAIN: N_("Callers of %(queue)s go on to it."),
    NeededBy.HELP: N_("Its people help %(queue)s after a while."),
    NeededBy.MENU: N_("The voice menu %(name)s leads to it."),
    NeededBy.DRAFT: N_("The draft of the voice menu %(name)s leads to it."),
    NeededBy.CALLERS: N_("Callers are in it just now: %(name)s."),
    NeededBy.CALLBACKS: N_("Callers who are to be called back have their place in it: %(name)s."),
    NeededBy.TICKETS: N_("Tickets wait in its line: %(name)s."),
    NeededBy.NOBODY_KNOWS: N_("The telephone side is away, so nobody can tell whether callers are in it."),
    NeededBy.CALL_CENTRE: N_("It is the only queue there is."),
}
_AT_NODE: Final = {
    NeededBy.MENU: N_("The voice menu %(name)s leads to it, at its step %(node)s."),
    NeededBy.DRAFT: N_("The draft of the voice menu %(name)s leads to it, at its step %(node)s."),
}


async def needs(request: web.Request, key: QueueKey) -> tuple[Need, ...]:
    """Everything; empty: it may go."""
    plan = await services(request).floor_plans.load()
    published, drafts = await menus_now(request)
    led = [
        Need(by=NeededBy.DRAFT if one.draft else NeededBy.MENU, name=one.menu, node=one.node)
        for one in led_to(published, drafts).get(key, ())
    ]
    return (*needs_of(key, plan.dids, plan.queues), *led, *await _waiting(request, key))


async def _waiting(request: web.Request, key: QueueKey) -> tuple[Need, ...]:
    try:
        floor = await floor_now(request)
    except (NobodyServes, RequestTimedOut, CommandRefused):
        return (Need(by=NeededBy.NOBODY_KNOWS),)
    found = {
        NeededBy.CALLERS: sum(call.queue == key and call.phase in _IN_IT for call in floor.calls),
        NeededBy.CALLBACKS: sum(one.queue == key and one.callback for one in floor.waiting),
        NeededBy.TICKETS: sum(ticket.queue == key for ticket in floor.tickets),
    }
    return tuple(Need(by=by, name=str(count)) for by, count in found.items() if count)


def why(need: Need, names: Cast) -> Sentence:
    text = _AT_NODE.get(need.by) if need.node else None
    params = {"name": need.name, "node": need.node, "queue": names.queue(QueueKey(need.name))}
    return Sentence(text=text or _SAID[need.by], params=params)


async def remove(request: web.Request, key: QueueKey, version: int) -> None:
    """Raises QueueNeeded, and QueueChangedMeanwhile when it is not at this version any more."""
    if found := await needs(request, key):
        raise QueueNeeded(key=key, why=", ".join(f"{one.by} {one.name}".strip() for one in found))
    await services(request).floor_plans.delete_queue(key, version=version, by=current_user(request).id)
    bus = request.config_dict[BUS]
    await reload_floor(bus)
    await tell_asterisk(bus)
