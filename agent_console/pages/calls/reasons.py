"""The engine's reason for an offer, as sentences. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Final

from agent_console.words import N_, Dialled, Duration, Named, Sentence, say
from crm_core.kernel.ids import AgentId, SkillKey
from routing.reasons import Because, Exclusion

Called = Named | Sentence | Dialled
_LONG_FREE_S: Final = 1.0


def why_chosen(because: Because, agent: Called) -> Sentence:
    """One sentence: what decided between those who were free."""
    idle, others = Duration(seconds=because.idle_s), because.candidates
    match because.rule:
        case "only_one":
            return say("Because %(agent)s was the only one free who has the skills asked for.", agent=agent)
        case "best_skill":
            return say(
                "Because of %(candidates)s free colleagues %(agent)s has the best skills for this call.",
                candidates=others,
                agent=agent,
            )
        case "least_needed":
            return say(
                "Because of %(candidates)s able free colleagues %(agent)s is needed least by other callers.",
                candidates=others,
                agent=agent,
            )
        case "longest_idle" if because.idle_s >= _LONG_FREE_S:
            return say(
                "Because of %(candidates)s equally able free colleagues %(agent)s had been free longest: %(idle)s.",
                candidates=others,
                agent=agent,
                idle=idle,
            )
        case "longest_idle":
            return say(
                "Because of %(candidates)s equally able free colleagues %(agent)s had been free longest.",
                candidates=others,
                agent=agent,
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


def passed_over(
    because: Because, agent: Callable[[AgentId], Called], skill: Callable[[SkillKey], Named]
) -> Iterator[Sentence]:
    """Who serves this queue and was not asked, and why."""
    for one in because.excluded:
        yield _passed_over(one, agent(one.agent), skill)


_PASSED_OVER: Final[Mapping[str, str]] = {
    "offline": N_("Not %(agent)s: offline"),
    "busy": N_("Not %(agent)s: on another call"),
    "paused": N_("Not %(agent)s: on pause"),
    "wrap_up": N_("Not %(agent)s: still finishing the last call"),
    "unreachable": N_("Not %(agent)s: the phone is not connected"),
    "missed_this_call": N_("Not %(agent)s: did not answer this call before"),
}
_NOT_AVAILABLE: Final = N_("Not %(agent)s: not available")


def _passed_over(one: Exclusion, agent: Called, skill: Callable[[SkillKey], Named]) -> Sentence:
    if one.why != "skill" or one.skill is None:
        return say(_PASSED_OVER.get(one.why, _NOT_AVAILABLE), agent=agent)
    if not one.has:
        return say("Not %(agent)s: does not have the skill %(skill)s", agent=agent, skill=skill(one.skill))
    return say(
        "Not %(agent)s: level %(has)s in %(skill)s, %(asked)s was asked for",
        agent=agent,
        has=one.has,
        skill=skill(one.skill),
        asked=one.asked or 1,
    )
