"""Proofs that need more than one flow: who calls whom, and where the values come from that a flow reads."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from ivr.flow.elsewhere import places
from ivr.flow.errands import Http, OpenTicket, TellTicket, Transfer
from ivr.flow.model import KNOWN_FROM_THE_START, Flow, Node, linked, values_read, values_written
from ivr.flow.nodes import Collect, Part, Return, Say, SubFlow
from ivr.flow.problems import Problem


def sub_flow_problems(flow: Flow, flows: Mapping[str, Flow]) -> Iterator[Problem]:
    """With no flow in its own circle, a call is in each at most once at a time, and comes out of it as it ends."""
    reached = {name: set(one.called) for name, one in linked(flows).items()}
    for node in flow.nodes.values():
        if isinstance(node, SubFlow):
            for says in _problems_of_call(flow, node.flow, flows, reached):
                yield Problem(node=node.id, field="flow", says=says)


def _problems_of_call(
    flow: Flow, called: str, flows: Mapping[str, Flow], reached: Mapping[str, set[str]]
) -> Iterator[str]:
    if called not in flows:
        yield f"there is no flow “{called}”"
        return
    if called == flow.name or flow.name in reached[called]:
        yield f"“{called}” leads back into “{flow.name}”: a call could go round in a circle here for ever"
    for language in flow.languages:
        if language not in flows[called].languages:
            yield f"“{called}” does not speak “{language}”"
    for language in flows[called].languages:
        if language not in flow.languages:
            yield f"“{called}” speaks “{language}” also, which “{flow.name}” does not: a call may come back speaking it"
    if not any(isinstance(node, Return) for node in flows[called].nodes.values()):
        yield f"“{called}” never returns, so that “next” leads nowhere"


def value_problems(flow: Flow, flows: Iterable[Flow]) -> Iterator[Problem]:
    """Values are shared by all flows a call goes through; whatever any of them gives may be there."""
    nodes = [node for one in flows for node in one.nodes.values()]
    given = {name for node in nodes for _, name in values_written(node)} | set(KNOWN_FROM_THE_START)
    secret = {node.into for node in nodes if isinstance(node, Collect) and node.secret}
    for node in flow.nodes.values():
        for field, name in values_written(node):
            if name in KNOWN_FROM_THE_START:
                yield Problem(node=node.id, field=field, says=f"“{name}” is known of every call and is not for setting")
        for field, name in values_read(node):
            if name not in given:
                yield Problem(node=node.id, field=field, says=f"nothing gives the value “{name}”")
        for field, name in _told(node):
            if name in secret:
                done = "written" if isinstance(node, OpenTicket | Http | Transfer) else "said"
                yield Problem(node=node.id, field=field, says=f"“{name}” is secret and is not {done}")


def _told(node: Node) -> Iterator[tuple[str, str]]:
    match node:
        case Say(parts=parts):
            yield from (("parts", part.value) for part in parts if isinstance(part, Part))
        case TellTicket(number=number):
            yield "number", number
        case OpenTicket(values=values):
            yield from (("values", name) for name in values)
        case Transfer(number=number):
            yield "number", number
        case Http(url=url):
            yield from (("url", name) for name in places(url))
        case _:
            return
