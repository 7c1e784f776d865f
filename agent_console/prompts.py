"""Prompts for the people who look after them: our refusals in the reader's words, and who changed what in the log."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Any, Final

from aiohttp import web

from agent_console import errors
from agent_console.errors import ConsoleError, PromptsElsewhere, PromptUnspoken
from agent_console.floor import tell_asterisk
from agent_console.keys import BUS, CLOCK, SETTINGS, current_user, services
from agent_console.wordings import refuse_what_callers_would_miss, sentence_of
from crm_core.domain.audit import Audited
from crm_core.kernel.ids import MessageId, new_id
from crm_core.kernel.language import Language
from ivr.flow.problems import Told
from ivr.prompts.catalogue import Words
from ivr.prompts.converting import LARGEST, LONGEST_S
from ivr.prompts.errors import PromptRefused, Refusal, VoiceFailed, VoiceUnavailable
from ivr.prompts.house import LONGEST_TEXT, PromptHouse
from ivr.prompts.house_words import reworded
from ivr.prompts.wordings import wording_of
from ivr.used import InQueue, Use, uses

MEGABYTE: Final = 1024 * 1024
_REFUSED: Final[Mapping[Refusal, type[ConsoleError]]] = {
    Refusal.UNREADABLE: errors.PromptUnreadable,
    Refusal.SILENT: errors.PromptSilent,
    Refusal.TOO_LONG: errors.PromptTooLong,
    Refusal.TOO_LARGE: errors.PromptTooLarge,
    Refusal.NAME: errors.PromptNameUnusable,
    Refusal.TAKEN: errors.PromptTaken,
    Refusal.NO_TEXT: errors.PromptTextMissing,
    Refusal.LONG_TEXT: errors.PromptTextTooLong,
    Refusal.WRITTEN: errors.PromptMiswritten,
    Refusal.FIXED: errors.PromptWithoutValues,
    Refusal.RECORDED: errors.PromptHasValues,
    Refusal.EXAMPLE: errors.PromptExampleUnsaid,
    Refusal.CHANGED: errors.PromptChanged,
    Refusal.UNKNOWN: errors.PromptUnknown,
    Refusal.OURS: errors.PromptOurs,
}
_MOST: Final = {
    Refusal.TOO_LONG: LONGEST_S // 60,
    Refusal.TOO_LARGE: LARGEST // MEGABYTE,
    Refusal.LONG_TEXT: LONGEST_TEXT,
}


@contextlib.contextmanager
def told() -> Iterator[None]:
    """What the prompts' room refuses, as an error of the console's."""
    try:
        yield
    except PromptRefused as error:
        raise refused(error.reason, error.why) from None
    except (VoiceFailed, VoiceUnavailable) as error:
        raise PromptUnspoken(why=error.params["why"]) from None


def refused(reason: Refusal, why: Told | None = None) -> ConsoleError:
    return _REFUSED[reason](most=_MOST.get(reason), **({} if why is None else {"why": sentence_of(why)}))


def prompts_of(request: web.Request) -> PromptHouse:
    settings = request.config_dict[SETTINGS]
    if settings.sounds is None:
        raise PromptsElsewhere
    return PromptHouse(settings.sounds, voice_command=settings.voice_command)


async def used(request: web.Request) -> Mapping[str, tuple[Use, ...]]:
    floor = await services(request).floor_plans.load()
    return uses(*await menus_now(request), floor.queues)


async def menus_now(request: web.Request) -> tuple[Mapping[str, str], Mapping[str, str]]:
    """The documents that are published, and those somebody is writing."""
    flows = services(request).flows
    drafts = [await flows.draft(one.name) for one in await flows.list() if one.draft_at is not None]
    return await flows.published(), {one.flow: one.document for one in drafts if one is not None}


async def record(request: web.Request, key: str, language: Language, data: bytes) -> None:
    with told():
        await prompts_of(request).record(key, language, data)
    await _renew_music(request, key)
    await note(request, "recorded", key, language=language)


async def speak(request: web.Request, key: str, language: Language) -> None:
    with told():
        words = (await prompts_of(request).get(key)).sides[language].words
        await _refuse_unheard(request, key, {language: words} if words else {})
        await prompts_of(request).speak(key, language)
    await _renew_music(request, key)
    await note(request, "spoken", key, language=language)


async def take_back(request: web.Request, key: str, language: Language, earlier: str) -> None:
    with told():
        await prompts_of(request).take_back(key, language, earlier)
    await note(request, "taken_back", key, language=language, earlier=earlier)


async def take_away(request: web.Request, key: str) -> None:
    """What a menu, a draft or a queue says stays."""
    if places := (await used(request)).get(key):
        where = ", ".join(dict.fromkeys(one.queue if isinstance(one, InQueue) else one.menu for one in places))
        raise errors.PromptUsed(where=where)
    with told():
        await prompts_of(request).take_away(key)
    await note(request, "taken_away", key)


async def make(request: web.Request, key: str, texts: Mapping[Language, str]) -> None:
    with told():
        await prompts_of(request).make(key, texts)
    await note(request, "made", key, **{language: text for language, text in texts.items() if text.strip()})


async def write(
    request: web.Request, key: str, language: Language, text: str, say: str = "", *, seen: str | None = None
) -> None:
    prompts = prompts_of(request)
    with told():
        before = (await prompts.get(key)).sides[language].words
        await _refuse_unheard(request, key, {language: reworded(before, text, say)})
        await prompts.write(key, language, text, say, seen=seen)
    await note(request, "written", key, language=language, text=text.strip(), before=before.text if before else "")


async def _refuse_unheard(request: web.Request, key: str, words: Mapping[Language, Words]) -> None:
    """What cannot be read is refused where it is written."""
    found = {language: wording_of(one) for language, one in words.items()}
    if any(one.places for one in found.values()):
        await refuse_what_callers_would_miss(request, key, found, (await used(request)).get(key, ()))


async def example(
    request: web.Request, key: str, language: Language, values: Mapping[str, str] = MappingProxyType({})
) -> bytes:
    """Its words with these values, and with examples for those that nobody gives."""
    with told():
        return await prompts_of(request).example(key, language, values)


async def speak_if_nobody_recorded(request: web.Request, key: str, language: Language) -> None:
    """After a change of the words."""
    with told():
        await prompts_of(request).speak(key, language, over_recording=False)


async def _renew_music(request: web.Request, key: str) -> None:
    """Asterisk is told only of music that is there. (What was there it opens anew each time.)"""
    queues = (await services(request).floor_plans.load()).queues
    if any(key in queue.music for queue in queues):
        await tell_asterisk(request.config_dict[BUS])


async def note(request: web.Request, what: str, key: str, **details: Any) -> None:
    """Who changed what."""
    at, by = request.config_dict[CLOCK].now(), current_user(request).id
    entry = Audited(at=at, action=f"prompt.{what}", subject=subject(key), by=by, details=details)
    await services(request).event_log.append(entry, message_id=MessageId(new_id("msg")))


def subject(key: str) -> str:
    return f"prompt:{key}"


async def sound_of(request: web.Request) -> bytes:
    """The body, which may be larger than those of forms."""
    if request.content_type != "application/octet-stream":
        raise errors.SoundExpected
    data = bytearray()
    async for piece in request.content.iter_chunked(65536):
        data += piece
        if len(data) > LARGEST:
            with told():
                raise PromptRefused(Refusal.TOO_LARGE)
    return bytes(data)


def language_of(text: str) -> Language:
    try:
        return Language(text)
    except ValueError:
        raise errors.NotFound from None
