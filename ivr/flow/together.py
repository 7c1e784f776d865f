"""Proofs that need more than one flow: who calls whom, and where the values come from that a flow reads."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from ivr.flow.elsewhere import places
from ivr.flow.errands import CheckPin, Http, OfferCallback, OpenTicket, Telling, Transfer
from ivr.flow.model import KNOWN_FROM_THE_START, Flow, Node, linked, needs_of, values_read, values_written
from ivr.flow.nodes import Collect, Part, Return, Say, SubFlow
from ivr.flow.problems import Problem, Told, told


def sub_flow_problems(flow: Flow, flows: Mapping[str, Flow]) -> Iterator[Problem]:
    """With no flow in its own circle, a call is in each at most once at a time, and comes out of it as it ends."""
    reached = {name: set(one.called) for name, one in linked(flows).items()}
    for node in flow.nodes.values():
        if isinstance(node, SubFlow):
            for says in _problems_of_call(flow, node.flow, flows, reached):
                yield Problem(node=node.id, field="flow", says=says)


def _problems_of_call(
    flow: Flow, called: str, flows: Mapping[str, Flow], reached: Mapping[str, set[str]]
) -> Iterator[Told]:
    if called not in flows:
        yield told("there is no flow “%(flow)s”", flow=called)
        return
    if called == flow.name or flow.name in reached[called]:
        yield told(
            "“%(flow)s” leads back into “%(own)s”: a call could go round in a circle here for ever",
            flow=called,
            own=flow.name,
        )
    for language in flow.languages:
        if language not in flows[called].languages:
            yield told("“%(flow)s” does not speak “%(language)s”", flow=called, language=language)
    for language in flows[called].languages:
        if language not in flow.languages:
            yield told(
                "“%(flow)s” speaks “%(language)s” also, which “%(own)s” does not: a call may come back speaking it",
                flow=called,
                language=language,
                own=flow.name,
            )
    if not any(isinstance(node, Return) for node in flows[called].nodes.values()):
        yield told("“%(flow)s” never returns, so that “next” leads nowhere", flow=called)


def after_call_problems(flow: Flow, flows: Mapping[str, Flow]) -> Iterator[Problem]:
    """What a caller goes through behind his conversation is begun anew, and once in a call: it leads into no circle."""
    for node, needs in needs_of(flow):
        if needs.after_call is not None and needs.after_call not in flows:
            field = "after_call" if node else "defaults.after_call"
            yield Problem(node=node, field=field, says=told("there is no flow “%(flow)s”", flow=needs.after_call))


def value_problems(flow: Flow, flows: Iterable[Flow]) -> Iterator[Problem]:
    """Values are shared by all flows a call goes through; whatever any of them gives may be there."""
    nodes = [node for one in flows for node in one.nodes.values()]
    given = {name for node in nodes for _, name in values_written(node)} | set(KNOWN_FROM_THE_START)
    secret = {node.into for node in nodes if isinstance(node, Collect) and node.secret}
    in_the_open = {node.into for node in nodes if isinstance(node, Collect) and not node.secret}
    for node in flow.nodes.values():
        for field, name in values_written(node):
            if name in KNOWN_FROM_THE_START:
                yield Problem(
                    node=node.id,
                    field=field,
                    says=told("“%(name)s” is known of every call and is not for setting", name=name),
                )
        for field, name in values_read(node):
            if name not in given:
                yield Problem(node=node.id, field=field, says=told("nothing gives the value “%(name)s”", name=name))
        if isinstance(node, CheckPin) and node.pin in (given - secret) | in_the_open:
            yield Problem(node=node.id, field="pin", says=told("“%(name)s” must be collected as secret", name=node.pin))
        for field, name in _told(node):
            if name in secret:
                yield Problem(node=node.id, field=field, says=_kept_secret(node, name))


def _kept_secret(node: Node, name: str) -> Told:
    if isinstance(node, OfferCallback | OpenTicket | Http | Transfer):
        return told("“%(name)s” is secret and is not written", name=name)
    return told("“%(name)s” is secret and is not said", name=name)


def _told(node: Node) -> Iterator[tuple[str, str]]:
    match node:
        case Say(parts=parts):
            yield from (("parts", part.value) for part in parts if isinstance(part, Part))
        case Telling(number=number):
            yield "number", number
        case OpenTicket(values=values):
            yield from (("values", name) for name in values)
        case Transfer(number=number) | OfferCallback(number=number):
            yield "number", number
        case Http(url=url):
            yield from (("url", name) for name in places(url))
        case _:
            return
