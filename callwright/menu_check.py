"""Whether the voice menus that callers hear hold, and lead to queues and skills there are: for the doctor. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from types import MappingProxyType

from callwright.asterisk.findings import Finding, failed, fine
from crm_core.domain.calendars import by_key
from crm_core.domain.floor import DidTarget, FloorPlan
from ivr.articles import Articles, article_problems
from ivr.flow.model import Flow, needs_of
from ivr.flow.validator import Sounds
from ivr.shelf import Problems, shelf, unsayable
from ivr.used import queues_named

_NO_ARTICLES: Articles = MappingProxyType({})
_MOST = 3
"""Problems of one menu that are told; its page in the console has them all."""


def menu_findings(
    documents: Mapping[str, str], plan: FloorPlan, sounds: Sounds, articles: Articles = _NO_ARTICLES
) -> list[Finding]:
    """`documents`: what is published. In a house that was never served nothing is, and nothing is wrong."""
    if not documents:
        return []
    found = shelf(documents, sounds, calendars=by_key(plan.calendars))
    wrong = [
        *(_does_not_hold(name, tuple(map(str, problems))) for name, problems in found.wrong.items()),
        *(_cannot_be_said(name, problems) for name, problems in unsayable(found, sounds).items()),
        *(one for name in found.flows for one in _tells_nothing(name, documents[name], articles)),
        *(one for flow in found.flows.values() for one in _leads_nowhere(flow, plan)),
        *(_names_no_menu(*one) for one in _menus_named(plan) if one[1] not in documents),
    ]
    return wrong or [fine(f"the published voice menus hold: {', '.join(sorted(documents))}")]


def _does_not_hold(name: str, problems: tuple[str, ...]) -> Finding:
    told = "; ".join(problems[:_MOST]) + (f"; and {len(problems) - _MOST} more" if len(problems) > _MOST else "")
    mend = f"record what is missing at /prompts, or mend and publish it at /menus/{name}"
    return failed(f"callers of the voice menu {name} hear an apology and go to a person: {told}", mend)


def _cannot_be_said(name: str, problems: Problems) -> Finding:
    told = "; ".join(str(one) for one in problems[:_MOST])
    lost = f"callers of the voice menu {name} do not hear its words, and go on as after an error: {told}"
    return failed(lost, f"write other words at /prompts, or give the value at /menus/{name}")


def _tells_nothing(name: str, document: str, articles: Articles) -> Iterator[Finding]:
    for problem in article_problems(name, document, articles):
        lost = f"callers of the voice menu {name} are not told what they asked for: {problem}"
        yield failed(lost, f"publish the article at /articles, or name another at /menus/{name}")


def _leads_nowhere(flow: Flow, plan: FloorPlan) -> Iterator[Finding]:
    if not plan.queues:
        return  # nothing is drawn yet, which is said in one sentence elsewhere
    queues, skills = {queue.key for queue in plan.queues}, {skill.key for skill in plan.skills}
    for node, queue in queues_named(flow):
        if queue not in queues:
            lost = f"the voice menu {flow.name} sends callers to the queue {queue}, which there is not{_at(node)}"
            yield failed(lost, f"draw the queue at /floor/queues, or name another at /menus/{flow.name}")
    for node, needs in needs_of(flow):
        for skill in sorted({*needs.skills, *needs.asks.skills} - skills):
            lost = f"the voice menu {flow.name} asks for the skill {skill}, which nobody can have{_at(node)}"
            yield failed(lost, f"name another at /menus/{flow.name}, or load the skill with callwright floor load")


def _at(node: str) -> str:
    return f" (node {node})" if node else ""


def _menus_named(plan: FloorPlan) -> Iterator[tuple[str, str]]:
    """By whom, and which."""
    for did in plan.dids:
        if did.target is DidTarget.IVR:
            yield from ((f"the number {did.number} leads", menu) for menu in (did.to, did.closed_to) if menu)
    yield from ((f"the queue {queue.key} leads", queue.after_call) for queue in plan.queues if queue.after_call)


def _names_no_menu(who: str, menu: str) -> Finding:
    return failed(f"{who} into the voice menu {menu}, which is not published", f"publish it at /menus/{menu}")
