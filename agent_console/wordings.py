"""Values in the words of prompts: told to people in their language, and refused before a caller would not hear them."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence

from aiohttp import web

from agent_console.errors import PromptsElsewhere, PromptValueUnknown, PromptWithoutValues
from agent_console.keys import SETTINGS, services
from agent_console.words import Sentence, say
from crm_core.domain.calendars import by_key
from crm_core.kernel.language import Language
from ivr.flow.problems import Problem, Told
from ivr.flow.wording import Wording
from ivr.prompts.wordings import sounds_in
from ivr.shelf import Problems, wording_findings
from ivr.used import InQueue, Use


def sentence_of(says: str) -> Sentence:
    """A finding, in the reader's language."""
    if not isinstance(says, Told):
        return Sentence(text=says)
    inner = {name: sentence_of(one) if isinstance(one, Told) else one for name, one in says.values.items()}
    return Sentence(text=says.template, params=inner)


async def refuse_what_callers_would_miss(
    request: web.Request, key: str, found: Mapping[Language, Wording], places: Sequence[Use]
) -> None:
    """New words for a prompt that is said there. Raises PromptWithoutValues and PromptValueUnknown."""
    if not any(one.places for one in found.values()):
        return
    if any(isinstance(one, InQueue) for one in places):
        raise PromptWithoutValues
    folder = request.config_dict[SETTINGS].sounds
    if folder is None:
        raise PromptsElsewhere
    published = await services(request).flows.published()
    calendars = by_key(await services(request).calendars.all())

    def newly_wrong() -> list[tuple[str, Problem]]:
        now = sounds_in(folder)
        then = {language: {**there, **_with(key, found.get(language))} for language, there in now.items()}
        before, after = (wording_findings(published, one, calendars) for one in (now, then))
        return [(name, one) for name, problems in after.items() for one in _new(problems, before.get(name, ()))]

    for menu, problem in await asyncio.to_thread(newly_wrong):
        where = say("%(menu)s, %(node)s: %(says)s", menu=menu, node=problem.node or "–", says=sentence_of(problem.says))
        raise PromptValueUnknown(where=where)


def _with(key: str, found: Wording | None) -> dict[str, Wording]:
    return {} if found is None else {key: found}


def _new(problems: Problems, before: Problems) -> Problems:
    return tuple(one for one in problems if one not in before)
