"""Why somebody still waits, and why somebody gets no calls, in sentences: the first says it, the others say more."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from agent_console.errors import refusal
from agent_console.labels import LABELS, TICKET_WAITS, pause_reason
from agent_console.pages.calls.cast import Cast, cast_of
from agent_console.pages.calls.reasons import not_free, relaxed
from agent_console.words import Sentence, say, say_n
from crm_core.domain.floor import FloorPlan
from crm_core.kernel.bus import Bus
from crm_core.kernel.ids import AgentId, CallId, QueueKey, UserId
from cti.commands import ExplainIdle, ExplainWait, IdleExplained, WaitExplained
from routing.explaining import IdleReason, NoCalls, NotHis, PassedBy, WaitReason
from routing.reasons import WhyWaiting

_OWN: Final = {
    NoCalls.OFFLINE: say("Offline. Calls come once Ready is chosen."),
    NoCalls.BEING_OFFERED: say("The phone is ringing for a call just now."),
    NoCalls.TALKING: say("On a call at the moment."),
    NoCalls.WRAP_UP: say("The paperwork of the last call is not finished yet."),
    NoCalls.HOUR_FULL: say("The calls of this hour have been taken. The next one comes by itself."),
    NoCalls.TICKET: say("Working on a ticket, or asked to take one, that comes before calls."),
    NoCalls.UNREACHABLE: say(
        "Ready, but the phone is not connected, so no call could reach it. "
        "After a minute the queues no longer count on it."
    ),
    NoCalls.NO_QUEUE: say("No queue is assigned. An administrator can say which ones are served."),
    NoCalls.NOBODY_WAITS: say("Nobody is waiting."),
}


async def wait_reason(bus: Bus, call: CallId) -> WaitReason:
    """Raises CommandRefused when he waits no longer, NobodyServes while the telephone side is away. Of a ticket: by
    its own id."""
    found = await bus.request(ExplainWait(call=call))
    if not isinstance(found, WaitExplained):
        raise refusal(found)
    return found.reason


async def idle_reason(bus: Bus, agent: AgentId) -> IdleReason:
    """Raises CommandRefused for somebody without a phone, NobodyServes while the telephone side is away."""
    found = await bus.request(ExplainIdle(agent=agent))
    if not isinstance(found, IdleExplained):
        raise refusal(found)
    return found.reason


def names_of_floor(plan: FloorPlan) -> Cast:
    """What everything on the floor is called."""
    return cast_of({UserId(one.id): one for one in plan.agents}, plan)


def still_waits(reason: WaitReason, names: Cast) -> Iterator[Sentence]:
    if reason.offered_to is not None:
        for agent in (reason.offered_to, *reason.also_offered_to):
            yield say("%(name)s is being called", name=names.agent(agent))
        return
    yield LABELS[WhyWaiting][reason.code]
    if reason.ahead:
        yield say_n(
            "%(num)s caller who asks for the same is served before.",
            "%(num)s callers who ask for the same are served before.",
            reason.ahead,
        )
    else:
        yield say("First in line of those who ask for the same.")
    if reason.place_back is not None:
        yield relaxed(reason.place_back, names)
    for one in reason.not_free:
        yield not_free(one, names.agent(one.agent), names.skill)
    if len(reason.not_free) < reason.able:
        more = reason.able - len(reason.not_free)
        yield say_n("%(num)s more colleague who could help", "%(num)s more colleagues who could help", more)
    if reason.next_step is not None:
        yield say("Later: %(step)s", step=relaxed(reason.next_step, names))


def ticket_waits(reason: WaitReason, names: Cast) -> Iterator[Sentence]:
    """The same of a ticket."""
    if reason.offered_to is not None:
        yield say("%(name)s is being asked", name=names.agent(reason.offered_to))
        return
    yield TICKET_WAITS.get(reason.code) or LABELS[WhyWaiting][reason.code]
    if reason.ahead:
        yield say_n(
            "%(num)s ticket that asks for the same comes before.",
            "%(num)s tickets that ask for the same come before.",
            reason.ahead,
        )
    for one in reason.not_free:
        yield not_free(one, names.agent(one.agent), names.skill, of_ticket=True)
    if len(reason.not_free) < reason.able:
        more = reason.able - len(reason.not_free)
        yield say_n("%(num)s more colleague who could help", "%(num)s more colleagues who could help", more)


def no_calls(reason: IdleReason, names: Cast) -> Iterator[Sentence]:
    match reason.code:
        case NoCalls.PAUSED:
            why = say("by the supervisor") if reason.pause == "supervisor" else pause_reason(reason.pause)
            yield say("On pause: %(reason)s. Calls come once Ready is chosen.", reason=why)
        case NoCalls.NONE_TO_TAKE:
            yield say_n(
                "%(num)s caller is waiting, but cannot be given here now.",
                "%(num)s callers are waiting, but none of them can be given here now.",
                reason.unasked,
            )
        case _:
            yield _OWN[reason.code]
    for one in reason.passed_by:
        yield _passed_by(one, names)
    if reason.free_longer:
        yield say_n(
            "%(num)s colleague has been free for longer.",
            "%(num)s colleagues have been free for longer.",
            reason.free_longer,
        )


def _passed_by(one: PassedBy, names: Cast) -> Sentence:
    match one:
        case PassedBy(why=NotHis.OTHER_QUEUE, queue=str() as queue):
            return say_n(
                "%(num)s waits in a queue that is not served here: %(queue)s",
                "%(num)s wait in a queue that is not served here: %(queue)s",
                one.callers,
                queue=names.queue(QueueKey(queue)),
            )
        case PassedBy(why=NotHis.SKILL, lack=lack) if lack is not None and lack.skill is not None:
            return say_n(
                "%(num)s asks for %(skill)s, level %(asked)s; the level here is %(has)s",
                "%(num)s ask for %(skill)s, level %(asked)s; the level here is %(has)s",
                one.callers,
                skill=names.skill(lack.skill),
                asked=lack.asked or 1,
                has=lack.has or 0,
            )
        case PassedBy(why=NotHis.KEPT):
            return say_n(
                "%(num)s waits for a colleague who knows the customer",
                "%(num)s wait for colleagues who know the customers",
                one.callers,
            )
        case PassedBy(why=NotHis.OTHER_SERVER):
            return say_n(
                "%(num)s waits at a telephone server that does not reach the phone",
                "%(num)s wait at a telephone server that does not reach the phone",
                one.callers,
            )
        case _:
            return say_n(
                "%(num)s is being offered to a colleague just now",
                "%(num)s are being offered to colleagues just now",
                one.callers,
            )
