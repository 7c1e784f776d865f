"""All flow documents of a house side by side: which of them hold, and what is wrong with the others. Pure.

Whether a flow holds depends on the flows it goes through; one that does not takes those with it that go through it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType

from crm_core.domain.hours import Calendar
from ivr.flow.lasting import time_problems
from ivr.flow.loader import examine
from ivr.flow.model import Flow, linked
from ivr.flow.problems import Problem, told
from ivr.flow.validator import Sounds, find_problems, problems_of_ways
from ivr.flow.worded import texts_in, wording_doubts, wording_problems

Problems = tuple[Problem, ...]
NO_CALENDARS: Mapping[str, Calendar] = MappingProxyType({})


@dataclass(frozen=True, slots=True, kw_only=True)
class Shelf:
    flows: Mapping[str, Flow]
    """Those that hold, each with the flows it goes through."""
    wrong: Mapping[str, Problems]
    """What is wrong with the others."""


def shelf(
    documents: Mapping[str, str],
    sounds: Sounds,
    versions: Mapping[str, int] | None = None,
    calendars: Mapping[str, Calendar] = NO_CALENDARS,
) -> Shelf:
    """`calendars`: those of the house; one that a menu has itself goes before the house's of the same name."""
    read = {name: examine(text, name) for name, text in documents.items()}
    wrong = {name: (*problems, *problems_of_ways(flow)) for name, (flow, problems) in read.items() if problems}
    numbers, texts = versions or {}, texts_in(sounds)
    flows = {
        name: replace(flow, version=numbers.get(name, 0), calendars={**calendars, **flow.calendars}, texts=texts)
        for name, (flow, problems) in read.items()
        if not problems
    }
    while True:
        family = linked(flows)
        found = {name: problems for name, flow in family.items() if (problems := find_problems(flow, sounds, family))}
        if not found:
            return Shelf(flows=family, wrong=wrong)
        wrong |= found
        flows = {name: flow for name, flow in flows.items() if name not in found}


def findings(
    name: str,
    document: str,
    published: Mapping[str, str],
    sounds: Sounds,
    calendars: Mapping[str, Calendar] = NO_CALENDARS,
) -> Problems:
    """What is wrong with this document among the published ones; else which of those would not hold beside it, and
    where it takes too long. (A menu that takes too long and is published already leads its callers to a person.)"""
    after = shelf({**published, name: document}, sounds, calendars=calendars)
    if name in after.wrong:
        return after.wrong[name]
    before = shelf(published, sounds, calendars=calendars)
    broken = (_broken(one, problems) for one, problems in after.wrong.items() if one not in before.wrong)
    unsaid, unsaid_before = unsayable(after, sounds), unsayable(before, sounds)
    newly = (_broken(one, found) for one, found in unsaid.items() if one != name and one not in unsaid_before)
    return (*time_problems(after.flows[name]), *unsaid.get(name, ()), *broken, *newly)


def unsayable(there: Shelf, sounds: Sounds) -> Mapping[str, Problems]:
    """Menus whose prompts have values in their words that cannot be said. Callers of one that is published already go
    on by `error` there."""
    found = {name: tuple(wording_problems(flow, there.flows.values(), sounds)) for name, flow in there.flows.items()}
    return {name: problems for name, problems in found.items() if problems}


def wording_findings(
    published: Mapping[str, str], sounds: Sounds, calendars: Mapping[str, Calendar] = NO_CALENDARS
) -> Mapping[str, Problems]:
    """Of the menus that callers hear."""
    return unsayable(shelf(published, sounds, calendars=calendars), sounds)


def doubts(name: str, document: str, sounds: Sounds) -> Problems:
    """What a menu's writer should know of the words it says."""
    flow, faults = examine(document, name)
    return () if faults else tuple(wording_doubts(replace(flow, texts=texts_in(sounds))))


def _broken(name: str, problems: Problems) -> Problem:
    says = told("“%(flow)s” could not be used any more beside it: %(why)s", flow=name, why=problems[0])
    return Problem(says=says)
