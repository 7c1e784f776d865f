"""Prompts recorded by phone, for the pages and the API: who may, and what telephony makes of it."""

from __future__ import annotations

from aiohttp import web

from agent_console.auth.permissions import May, allowed
from agent_console.control import directed
from agent_console.errors import Forbidden, TakeNone, refusal
from agent_console.keys import BUS, current_user, services
from agent_console.prompts import note, prompts_of, told
from crm_core.kernel.language import Language
from ivr.takes.commands import EndTake, LookAtTake, RecordByPhone, Take, TakeTold

_PATIENCE_S = 9.0
"""More than telephony gives Asterisk to begin with it."""


async def call_for(
    request: web.Request, key: str, language: Language, *, number: str = "", guidance: Language | None = None
) -> Take:
    """Calls a phone; a number by those only who may call numbers."""
    user = current_user(request)
    if not allowed(user, May.TAKE_CALLS):
        raise Forbidden()
    with told():
        await prompts_of(request).recordable(key, language)
    command = RecordByPhone(
        by=user.id, prompt=key, language=language, guidance=guidance or language, number=number.strip()
    )
    answer = await request.config_dict[BUS].request(command, timeout=_PATIENCE_S)
    if not isinstance(answer, TakeTold) or answer.take is None:
        raise refusal(answer)
    return answer.take


async def take_of(request: web.Request, key: str, language: Language) -> Take | None:
    """The last one. Raises NobodyServes while telephony is away."""
    answer = await request.config_dict[BUS].request(LookAtTake(prompt=key, language=language))
    return answer.take if isinstance(answer, TakeTold) else None


async def end_take(request: web.Request, key: str, language: Language) -> None:
    """Hangs up what was looked at, and nothing that began since; a colleague's phone only by those who may direct him,
    and it is noted who did it."""
    user, take = current_user(request), await take_of(request, key, language)
    if take is None:
        raise TakeNone
    others = take.running and take.by != user.id
    if others:
        await directed(services(request), user, take.by)
    answer = await request.config_dict[BUS].request(EndTake(prompt=key, language=language, take=take.id))
    if not answer.ok:
        raise refusal(answer)
    if others:
        await note(request, "phone_hung_up", key, language=language, of=take.by)
