"""The engine's reason for an offer, as sentences. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import reduce
from typing import Final, Protocol

from agent_console.good_byes import PROMPTS
from agent_console.labels import LABELS
from agent_console.words import N_, Dialled, Duration, Named, Sentence, say, say_n
from crm_core.domain.overflow import OverflowKind, OverflowWhy
from crm_core.kernel.ids import AgentId, QueueKey, SkillKey
from crm_core.kernel.requirements import Requirements, Way
from cti.events import CallOverflowed
from routing.reasons import Because, Exclusion, StepKind, StepTaken, Tie


class Names(Protocol):
    """What keys are called."""

    def skill(self, key: SkillKey) -> Named: ...
    def queue(self, key: QueueKey) -> Named: ...
    def department(self, key: str) -> Named: ...
    def agent(self, agent: AgentId, /) -> Called: ...


Called = Named | Sentence | Dialled
_LONG_FREE_S: Final = 1.0


def why_asked(because: Because, agent: Called) -> Sentence:
    """Of a ticket."""
    match because.rule:
        case "best_skill":
            return say(
                "Because of %(candidates)s free colleagues %(agent)s has the best skills for this ticket.",
                candidates=because.candidates,
                agent=agent,
            )
        case "preferred":
            return say(
                "Because of %(candidates)s free colleagues %(agent)s comes closest to what the ticket prefers.",
                candidates=because.candidates,
                agent=agent,
            )
        case _:
            return why_chosen(because, agent)


_OF_THE_LEVEL: Final[Mapping[str, str]] = {
    "best_skill": N_(
        "Because of %(candidates)s able free colleagues %(level)s come closest to what the call prefers, and of these "
        "%(agent)s has the best skills."
    ),
    "longest_idle": N_(
        "Because of %(candidates)s able free colleagues %(level)s come first by what this queue looks at, and of these "
        "%(agent)s had been free longest: %(idle)s."
    ),
    "least_occupied": N_(
        "Because of %(candidates)s able free colleagues %(level)s come closest to what the call prefers, and of these "
        "%(agent)s has had least to do with calls lately."
    ),
    "round_robin": N_(
        "Because of %(candidates)s able free colleagues %(level)s come closest to what the call prefers, and of these "
        "it was the turn of %(agent)s."
    ),
    "fixed_order": N_(
        "Because of %(candidates)s able free colleagues %(level)s come closest to what the call prefers, and of these "
        "%(agent)s comes first in the order of this queue."
    ),
}
"""Where others who were free might have come before him by that alone."""


def why_chosen(because: Because, agent: Called) -> Sentence:  # noqa: PLR0911, PLR0912 - a table
    """One sentence: what decided between those who were free."""
    if because.level is not None and because.level < because.candidates and because.rule in _OF_THE_LEVEL:
        text = _OF_THE_LEVEL[because.rule]
        level = {"candidates": because.candidates, "level": because.level, "agent": agent}
        return say(text, **level, idle=Duration(seconds=because.idle_s))
    idle, others = Duration(seconds=because.idle_s), because.candidates
    match because.rule:
        case "only_one" if any(one.why == "missed_this_call" for one in because.excluded):
            return say(
                "Because nobody else was free and able but those who did not take this call before: %(agent)s.",
                agent=agent,
            )
        case "only_one":
            return say("Because %(agent)s was the only one free who has the skills asked for.", agent=agent)
        case "best_skill":
            return say(
                "Because of %(candidates)s free colleagues %(agent)s has the best skills for this call.",
                candidates=others,
                agent=agent,
            )
        case "familiar" if because.tie is Tie.OWNER:
            return say("Because %(agent)s looks after this customer.", agent=agent)
        case "familiar":
            return say("Because %(agent)s was the last to talk with this customer.", agent=agent)
        case "least_occupied":
            return say(
                "Because of %(candidates)s able free colleagues %(agent)s has had least to do with calls lately.",
                candidates=others,
                agent=agent,
            )
        case "round_robin":
            return say(
                "Because of %(candidates)s able free colleagues it was the turn of %(agent)s.",
                candidates=others,
                agent=agent,
            )
        case "fixed_order":
            return say(
                "Because of %(candidates)s able free colleagues %(agent)s comes first in the order of this queue.",
                candidates=others,
                agent=agent,
            )
        case "least_needed":
            return say(
                "Because of %(candidates)s able free colleagues %(agent)s is needed least by other callers.",
                candidates=others,
                agent=agent,
            )
        case "ring_all":
            return say(
                "Because here all %(candidates)s who were free and able were called at once, %(agent)s among them: "
                "the first to answer has the call.",
                candidates=others,
                agent=agent,
            )
        case "preferred":
            return say(
                "Because of %(candidates)s free colleagues %(agent)s comes closest to what the call prefers.",
                candidates=others,
                agent=agent,
            )
        case "longest_idle" if because.idle_s >= _LONG_FREE_S:
            return say(
                "Because of %(candidates)s able free colleagues %(agent)s had been free longest: %(idle)s.",
                candidates=others,
                agent=agent,
                idle=idle,
            )
        case "longest_idle":
            return say(
                "Because of %(candidates)s able free colleagues %(agent)s had been free longest.",
                candidates=others,
                agent=agent,
            )
        case "found_ringing":
            return say(
                "Because the phone of %(agent)s was ringing for this caller when Callwright started again.", agent=agent
            )
        case _:
            return say("The engine chose %(agent)s by the rule %(rule)s.", agent=agent, rule=because.rule)


def abilities(because: Because, skill: Callable[[SkillKey], Named]) -> Iterator[Sentence]:
    """What was asked for and what the chosen one has."""
    for match in because.skills:
        yield say(
            "%(skill)s: level %(asked)s asked for, has %(has)s",
            skill=skill(match.skill),
            asked=match.asked,
            has=match.has,
        )

    for match in because.preferred:
        yield say(
            "%(skill)s: level %(asked)s preferred, has %(has)s",
            skill=skill(match.skill),
            asked=match.asked,
            has=match.has,
        )


def relaxed(step: StepTaken, names: Names) -> Sentence:
    """How somebody who has waited for long came to ask for less."""
    time = Duration(seconds=step.after_s)
    match step:
        case StepTaken(kind=StepKind.LOWER):
            return say(
                "%(skill)s %(asked)s was asked for; after waiting %(time)s, %(level)s is enough.",
                skill=names.skill(SkillKey(step.skill or "")),
                asked=step.asked,
                level=step.level,
                time=time,
            )
        case StepTaken(kind=StepKind.DROP):
            return say(
                "%(skill)s %(asked)s was asked for; after waiting %(time)s, no longer.",
                skill=names.skill(SkillKey(step.skill or "")),
                asked=step.asked,
                time=time,
            )
        case StepTaken(kind=StepKind.WIDEN):
            queue = names.queue(QueueKey(step.queue or ""))
            return say(
                "After waiting %(time)s the colleagues of %(queue)s may take the call, too.", time=time, queue=queue
            )
        case StepTaken(kind=StepKind.KEEP | StepKind.OPEN_UP):
            return _kept(step, names.agent(step.agent or AgentId("")))
        case StepTaken(kind=StepKind.PLACE_BACK):
            return place_back(step.for_s or 0.0)
        case _:
            department = names.department(step.department or "")
            return say(
                "After waiting %(time)s the department %(department)s is called in.", time=time, department=department
            )


def _kept(step: StepTaken, agent: Called) -> Sentence:
    if step.kind is StepKind.OPEN_UP:
        time = Duration(seconds=step.after_s)
        return say("After waiting %(time)s for %(agent)s anybody may take the call.", time=time, agent=agent)
    text = N_("Waits up to %(time)s for %(agent)s, who was the last to talk with this customer.")
    if step.tie is Tie.OWNER:
        text = N_("Waits up to %(time)s for %(agent)s, who looks after this customer.")
    return say(text, time=Duration(seconds=step.for_s or 0.0), agent=agent)


def place_back(brought_s: float) -> Sentence:
    """Why somebody is served before others who called earlier than this call of his."""
    text = N_("Called again, and has the place in line back: the wait counts %(time)s longer.")
    return say(text, time=Duration(seconds=brought_s))


def went_on(event: CallOverflowed, names: Names) -> Sentence:
    """Why somebody could not wait in his queue, or not any longer, and where he went."""
    time, queue = Duration(seconds=event.waited_s), names.queue(event.queue)
    why = LABELS[OverflowWhy][event.why]
    match event.kind:
        case OverflowKind.QUEUE:
            text, to = N_("Went on from %(queue)s to %(to)s after %(time)s: %(why)s."), names.queue(QueueKey(event.to))
            return say(text, queue=queue, to=to, time=time, why=why)
        case OverflowKind.NUMBER:
            text = N_("Went on from %(queue)s to the number %(to)s after %(time)s: %(why)s.")
            return say(text, queue=queue, to=Dialled(raw=event.to), time=time, why=why)
        case OverflowKind.MESSAGE:
            text = N_("Heard the announcement “%(to)s” of %(queue)s after %(time)s: %(why)s.")
            return say(text, queue=queue, to=PROMPTS.get(event.to, event.to), time=time, why=why)
        case OverflowKind.CALLBACK:
            text = N_("Was offered a callback at the same place in %(queue)s after %(time)s: %(why)s.")
            return say(text, queue=queue, time=time, why=why)
        case OverflowKind.VOICEMAIL:
            text = N_("Was asked for a voice message in %(queue)s after %(time)s: %(why)s.")
            return say(text, queue=queue, time=time, why=why)


def asked_for(wish: Requirements, skill: Callable[[SkillKey], Named]) -> Iterator[Sentence]:
    """What a call asks for, one line for each skill, or for each way when there are several."""
    if len(wish.ways) == 1:
        for key, level in wish.ways[0]:
            yield say("Asked for: %(skill)s, level %(level)s or better", skill=skill(key), level=level)
    else:
        for place, way in enumerate(wish.ways):
            text = N_("Asked for: %(way)s") if place == 0 else N_("Or: %(way)s")
            yield say(text, way=_all_of(way, skill))
    for key, level in wish.prefers:
        yield say("Preferred: %(skill)s, level %(level)s or better", skill=skill(key), level=level)


def _all_of(way: Way, skill: Callable[[SkillKey], Named]) -> Sentence:
    levels = [say("%(skill)s %(level)s", skill=skill(key), level=level) for key, level in way]
    return reduce(lambda one, two: say("%(one)s and %(two)s", one=one, two=two), levels)


def passed_over(
    because: Because,
    agent: Callable[[AgentId], Called],
    skill: Callable[[SkillKey], Named],
    *,
    of_ticket: bool = False,
) -> Iterator[Sentence]:
    """Who serves this queue and was not asked, and why."""
    for one in because.excluded:
        yield not_free(one, agent(one.agent), skill, of_ticket=of_ticket)


_PASSED_OVER: Final[Mapping[str, str]] = {
    "offline": N_("Not %(agent)s: offline"),
    "busy": N_("Not %(agent)s: busy with another call"),
    "paused": N_("Not %(agent)s: on pause"),
    "wrap_up": N_("Not %(agent)s: still finishing the last call"),
    "other_server": N_("Not %(agent)s: the phone is not connected to the telephone system of this call"),
    "unreachable": N_("Not %(agent)s: the phone is not connected"),
    "ticket": N_("Not %(agent)s: works on a ticket that calls do not interrupt"),
    "no_tickets": N_("Not %(agent)s: is given no tickets"),
    "missed_this_call": N_("Not %(agent)s: did not answer this call before"),
}
_PASSED_OVER_OF_TICKET: Final[Mapping[str, str]] = {
    "busy": N_("Not %(agent)s: on a call"),
    "missed_this_call": N_("Not %(agent)s: did not take this ticket before"),
}
"""What is said otherwise of a ticket."""
_NOT_AVAILABLE: Final = N_("Not %(agent)s: not available")


def not_free(one: Exclusion, agent: Called, skill: Callable[[SkillKey], Named], *, of_ticket: bool = False) -> Sentence:
    """Why this one does not take it."""
    if one.why == "desk_full":
        return say_n(
            "Not %(agent)s: has %(num)s ticket on the desk",
            "Not %(agent)s: has %(num)s tickets on the desk",
            one.has or 0,
            agent=agent,
        )
    if one.why == "hour_full":
        return say_n(
            "Not %(agent)s: has had %(num)s call this hour",
            "Not %(agent)s: has had %(num)s calls this hour",
            one.has or 0,
            agent=agent,
        )
    if one.why != "skill" or one.skill is None:
        words = {**_PASSED_OVER, **_PASSED_OVER_OF_TICKET} if of_ticket else _PASSED_OVER
        return say(words.get(one.why, _NOT_AVAILABLE), agent=agent)
    if not one.has:
        return say("Not %(agent)s: does not have the skill %(skill)s", agent=agent, skill=skill(one.skill))
    return say(
        "Not %(agent)s: level %(has)s in %(skill)s, %(asked)s was asked for",
        agent=agent,
        has=one.has,
        skill=skill(one.skill),
        asked=one.asked or 1,
    )
