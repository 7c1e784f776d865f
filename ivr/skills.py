"""Whether a menu asks only for skills that somebody can have. Pure.

Who asks for a skill that there is not waits for ever. (A queue that there is not is served by everybody.)
"""

from __future__ import annotations

from collections.abc import Collection, Iterator

from ivr.flow.loader import examine
from ivr.flow.model import Flow, needs_of
from ivr.flow.problems import Problem, told
from ivr.shelf import Problems


def skill_problems(name: str, document: str, skills: Collection[str]) -> Problems:
    """Of a document that can be read. `skills`: by their keys; in a house that has none yet nothing is wrong."""
    flow, faults = examine(document, name)
    return () if faults or not skills else tuple(_problems(flow, skills))


def _problems(flow: Flow, skills: Collection[str]) -> Iterator[Problem]:
    for node, needs in needs_of(flow):
        for field, asked in (("skills", needs.skills.keys()), ("asks", needs.asks.skills)):
            for skill in sorted({*asked} - {*skills}):
                says = told("there is no skill “%(name)s”: nobody could take the call", name=skill)
                yield Problem(node=node, field=field if node else f"defaults.{field}", says=says)


def asked_for(name: str, document: str) -> frozenset[str]:
    """The skills that a menu asks for, as far as it can be read."""
    flow, _ = examine(document, name)
    return frozenset(str(skill) for _, needs in needs_of(flow) for skill in (*needs.skills.keys(), *needs.asks.skills))
