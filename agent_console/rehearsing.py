"""Voice menus talked through in the browser: what changes nothing is asked of the house, all else is only told."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from aiohttp import web

from agent_console.keys import SETTINGS, services
from agent_console.menus import sounds_of
from crm_core.domain.calendars import by_key
from crm_core.kernel.ids import CallId
from ivr.desk import ask
from ivr.enquiries import Enquiries
from ivr.errors import NotAnswered
from ivr.flow.asked import Answered, Question
from ivr.flow.messages import Ask, Known
from ivr.flow.model import Flow
from ivr.prompts.catalogue import Catalogue, load_catalogue
from ivr.prompts.house_words import house_catalogue
from ivr.rehearsal.deeds import Deed
from ivr.rehearsal.transcript import AnAnswer, Transcript, rehearse
from ivr.shelf import Problems, shelf

_NO_CALL = CallId("rehearsal")
"""Of what only reads no trace is left, so it needs no call."""


async def flow_to_rehearse(request: web.Request, name: str, document: str) -> Flow | Problems:
    """The document among all that callers may hear now, or what is wrong with it. In a thread, as what comes after it:
    calls are served beside it."""
    published, calendars = await services(request).flows.published(), await services(request).calendars.all()
    documents = {**published, name: document}
    found = await asyncio.to_thread(shelf, documents, sounds_of(request), None, by_key(calendars))
    return found.wrong[name] if name in found.wrong else found.flows[name]


async def rehearsed(request: web.Request, flow: Flow, known: Known, deeds: Sequence[Deed]) -> Transcript:
    """`known.at` must be set."""
    desk, catalogue = _desk(request, known.at), await asyncio.to_thread(_words, request)
    answers: dict[Question, Answered | None] = {}
    while True:
        found = await asyncio.to_thread(rehearse, flow, known, deeds, answers, catalogue)
        if not isinstance(found.waits, AnAnswer):
            return found
        answers[found.waits.ask.question] = await _answer(desk, found.waits.ask)


def _words(request: web.Request) -> Catalogue:
    """What callers hear here: the house may have written other words, and prompts of its own."""
    sounds = request.config_dict[SETTINGS].sounds
    return load_catalogue() if sounds is None else house_catalogue(sounds)


def zone_of(request: web.Request) -> ZoneInfo:
    return ZoneInfo(request.config_dict[SETTINGS].timezone)


def _desk(request: web.Request, at: datetime | None) -> Enquiries:
    assert at is not None  # noqa: S101 - see above
    return Enquiries(services(request), lambda: at, zone_of(request))


async def _answer(desk: Enquiries, wanted: Ask) -> Answered | None:
    try:
        return await ask(desk, _NO_CALL, wanted)
    except NotAnswered:
        return None
