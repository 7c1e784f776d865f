"""Why somebody still waits, and why somebody gets no calls, in sentences: the first says it, the others say more."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from agent_console.errors import refusal
from agent_console.labels import LABELS, TICKET_WAITS, pause_reason
from agent_console.pages.calls.cast import Cast, cast_of
from agent_console.pages.calls.reasons import not_free, relaxed
from agent_console.words import Named, Sentence, say, say_n
from crm_core.domain.floor import FloorPlan
from crm_core.kernel.bus import Bus
from crm_core.kernel.ids import AgentId, CallId, QueueKey, UserId
from cti.commands import ExplainIdle, ExplainWait, IdleExplained, WaitExplained
from routing.explaining import ComesFirst, IdleReason, NoCalls, NotHis, PassedBy, WaitReason
from routing.reasons import WhyWaiting
from routing.strategies import StrategyName

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
    yield from _elsewhere(reason, names)
    if reason.place_back is not None:
        yield relaxed(reason.place_back, names)
    for one in reason.not_free:
        yield not_free(one, names.agent(one.agent), names.skill)
    if len(reason.not_free) < reason.able:
        more = reason.able - len(reason.not_free)
        yield say_n("%(num)s more colleague who could help", "%(num)s more colleagues who could help", more)
    if reason.next_step is not None:
        yield say("Later: %(step)s", step=relaxed(reason.next_step, names))


def _elsewhere(reason: WaitReason, names: Cast) -> Iterator[Sentence]:
    """Who asks for something else and is served before all the same."""
    for one in reason.ahead_elsewhere:
        queue = names.queue(one.queue)
        if one.tickets:
            yield say_n(
                "%(num)s ticket of %(queue)s comes before.",
                "%(num)s tickets of %(queue)s come before.",
                one.waiting,
                queue=queue,
            )
        elif not one.urgent:
            yield say_n(
                "%(num)s caller of %(queue)s, who came earlier, is served before.",
                "%(num)s callers of %(queue)s, who came earlier, are served before.",
                one.waiting,
                queue=queue,
            )
        elif one.urgent == one.waiting:
            yield say_n(
                "%(num)s caller of %(queue)s, who came later but is more urgent, is served before.",
                "%(num)s callers of %(queue)s, who came later but are more urgent, are served before.",
                one.waiting,
                queue=queue,
            )
        else:
            yield say_n(
                "%(num)s caller of %(queue)s is served before; of these %(later)s came later but are more urgent.",
                "%(num)s callers of %(queue)s are served before; of these %(later)s came later but are more urgent.",
                one.waiting,
                queue=queue,
                later=one.urgent,
            )


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
    yield from _elsewhere(reason, names)
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
    for first in reason.come_first:
        yield _come_first(first, names.queue(first.queue))


def _come_first(first: ComesFirst, queue: Named) -> Sentence:
    """What decides there between those who are free, and that somebody comes before."""
    num = first.colleagues
    match first.strategy:
        case StrategyName.BEST_SKILL:
            return say_n(
                "%(queue)s asks the best in what a call needs, then who has been free longest: %(num)s free colleague "
                "comes before for some calls.",
                "%(queue)s asks the best in what a call needs, then who has been free longest: %(num)s free colleagues "
                "come before for some calls.",
                num,
                queue=queue,
            )
        case StrategyName.LEAST_OCCUPIED:
            return say_n(
                "%(queue)s asks who had least to do lately: %(num)s free colleague had less.",
                "%(queue)s asks who had least to do lately: %(num)s free colleagues had less.",
                num,
                queue=queue,
            )
        case StrategyName.ROUND_ROBIN:
            return say_n(
                "%(queue)s asks in turn: %(num)s free colleague comes before.",
                "%(queue)s asks in turn: %(num)s free colleagues come before.",
                num,
                queue=queue,
            )
        case StrategyName.FIXED_ORDER:
            return say_n(
                "%(queue)s asks in a fixed order: %(num)s free colleague stands before.",
                "%(queue)s asks in a fixed order: %(num)s free colleagues stand before.",
                num,
                queue=queue,
            )
        case StrategyName.LEAST_NEEDED:
            return say_n(
                "%(queue)s asks who is needed least by other callers, then who has been free longest: %(num)s "
                "colleague has been free for longer.",
                "%(queue)s asks who is needed least by other callers, then who has been free longest: %(num)s "
                "colleagues have been free for longer.",
                num,
                queue=queue,
            )
        case StrategyName.LONGEST_IDLE | StrategyName.RING_ALL:
            return say_n(
                "%(queue)s asks who has been free longest: %(num)s colleague has been free for longer.",
                "%(queue)s asks who has been free longest: %(num)s colleagues have been free for longer.",
                num,
                queue=queue,
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
