"""What a new house begins with, so that it can work before anybody has set it up: its menus with their calendar and
article, and the results an agent chooses from."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable

from crm_core.domain.dispositions import DispositionEntry
from crm_core.errors import CalendarTaken
from crm_core.services.bundle import Services
from ivr.articles import articles_of
from ivr.furniture import OUR_ARTICLES, OUR_CALENDARS
from ivr.service import our_documents
from ivr.used import calendars_of

FIRST_DISPOSITIONS = tuple(
    DispositionEntry(code=code, names={"zh": zh, "en": en}, parent=code.rpartition(".")[0] or None)
    for code, zh, en in (
        ("consultation", "咨询", "Consultation"),
        ("consultation.answered", "已答复", "Answered"),
        ("consultation.follow_up", "需要跟进", "Needs a follow-up"),
        ("repair", "维修", "Repair"),
        ("repair.solved", "电话解决", "Solved on the phone"),
        ("repair.visit", "安排上门", "Needs a visit"),
        ("complaint", "投诉", "Complaint"),
        ("complaint.settled", "已解决", "Settled"),
        ("complaint.passed_on", "已转交", "Passed on"),
        ("other", "其他", "Other"),
        ("other.wrong_number", "打错电话", "Wrong number"),
        ("other.silent", "无声电话", "Nobody spoke"),
        ("other.else", "其他", "Something else"),
    )
)


async def furnish(services: Services) -> None:
    """Once: a house that has codes of its own, be they retired, is left as it is; so are menus that were changed."""
    await furnish_menus(services)
    dispositions = services.dispositions
    if not await dispositions.tree(include_retired=True):
        await dispositions.put(FIRST_DISPOSITIONS)


async def furnish_menus(services: Services) -> None:
    """The menus that come with the product, as long as nobody here has published others, and what they lean on."""
    for name, document in our_documents().items():
        if await services.flows.is_ours(name):
            calendars, articles = calendars_of(document), articles_of(document)
            await _furnish_calendars(services, calendars)
            for number in articles:
                await services.articles.furnish(number, OUR_ARTICLES[number])
            await services.flows.furnish(name, document, calendars=calendars)


async def _furnish_calendars(services: Services, keys: Iterable[str]) -> None:
    """One that a house has by this name stays as it is."""
    for key in keys:
        with contextlib.suppress(CalendarTaken):
            await services.calendars.put(OUR_CALENDARS[key], version=0)
