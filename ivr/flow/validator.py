"""Proves a flow before a caller meets it: every way leads somewhere, every prompt is there, every call comes to an end.

The end is certain because the ways taken without a key (next, silence, wrong keys used up, decisions, errors) form no
circle, a question is asked a fixed number of times, no flow comes back into itself by its sub-flows, and every node
that does not end the flow has such a way out: a caller who does nothing, and one for whom everything fails, arrive at a
person or at a goodbye. A caller who presses “repeat” for ever meets `max_steps`.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence

from crm_core.kernel.language import Language
from ivr.errors import FlowRefused
from ivr.flow.errands import OfferCallback
from ivr.flow.model import Flow, exits, kinds_of, prompts_of, unasked_exits
from ivr.flow.names import NodeId
from ivr.flow.nodes import OpenHours, Prompt, SetLanguage
from ivr.flow.problems import Problem, Told, told
from ivr.flow.saying import Kind, pieces
from ivr.flow.together import after_call_problems, sub_flow_problems, value_problems

Sounds = Mapping[Language, Collection[str]]
"""Which prompt keys there are in each language; perhaps with their words (`ivr.flow.wording.Wording`)."""

_CIRCLE = told("a caller who presses nothing would go round in a circle here for ever")
_FOREIGN = told("“%(language)s” is not among the flow's languages")


def require_sound_flow(flow: Flow, sounds: Sounds, flows: Mapping[str, Flow] | None = None) -> Flow:
    """The same flow, or FlowRefused with everything that is wrong with it, seen among all flows there are."""
    problems = find_problems(flow, sounds, flows)
    if problems:
        raise FlowRefused(flow=flow.name, problems="; ".join(map(str, problems)))
    return flow


def find_problems(flow: Flow, sounds: Sounds, flows: Mapping[str, Flow] | None = None) -> tuple[Problem, ...]:
    """Everything that is wrong."""
    family = {**(flows or {}), flow.name: flow}
    return (
        *problems_of_ways(flow),
        *sub_flow_problems(flow, family),
        *after_call_problems(flow, family),
        *_missing_calendars(flow),
        *value_problems(flow, family.values()),
        *_missing_prompts(flow, sounds),
        *_missing_pieces(flow, sounds),
        *_foreign_language(flow),
    )


def problems_of_ways(flow: Flow) -> tuple[Problem, ...]:
    """Of a document that could be read in part only: what is wrong whatever the rest of it will say. A way that names
    no node is a fault that was told already."""
    return (*_ways_to_nowhere(flow), *_unreachable(flow), *_circles(flow))


def _ways_to_nowhere(flow: Flow) -> Iterator[Problem]:
    if flow.start and flow.start not in {*flow.nodes, *flow.unread}:
        yield Problem(field="start", says=told("there is no node “%(name)s”", name=flow.start))
    for node in flow.nodes.values():
        for field, to in exits(node):
            if to and to not in flow.nodes and to not in flow.unread:
                yield Problem(node=node.id, field=field, says=told("there is no node “%(name)s”", name=to))


def _unreachable(flow: Flow) -> Iterator[Problem]:
    """Where a call begins nowhere, or a node could not be read that may lead anywhere, nobody knows it of any node."""
    if flow.start not in flow.nodes or flow.unread:
        return
    led_to = {node_id: {to for _, to in exits(node)} for node_id, node in flow.nodes.items()}
    if all(ways <= flow.nodes.keys() for ways in led_to.values()):
        reached = _reached(flow.start, led_to)
    else:  # what stands behind a way that leads nowhere yet is not to be told of each of its nodes
        reached = {flow.start, *(to for node_id, ways in led_to.items() for to in ways - {node_id})}
    for node_id in flow.nodes:
        if node_id not in reached:
            yield Problem(node=node_id, says=told("no way leads here"))


def _reached(start: NodeId, led_to: Mapping[NodeId, Collection[NodeId]]) -> set[NodeId]:
    seen: set[NodeId] = set()
    ahead = [start]
    while ahead:
        here = ahead.pop()
        if here not in seen:
            seen.add(here)
            ahead.extend(led_to[here])
    return seen


def _circles(flow: Flow) -> Iterator[Problem]:
    """Walks the unasked ways from the ends backwards; whatever cannot be peeled off stands in, or before, a circle."""
    ahead = {node_id: set(_leads_unasked(flow, node_id)) for node_id in flow.nodes}
    before: dict[NodeId, list[NodeId]] = {node_id: [] for node_id in ahead}
    for node_id, targets in ahead.items():
        for to in targets:
            before[to].append(node_id)
    ends = [node_id for node_id, targets in ahead.items() if not targets]
    while ends:
        end = ends.pop()
        for node_id in before[end]:
            ahead[node_id].discard(end)
            if not ahead[node_id]:
                ends.append(node_id)
    ways = {node_id: _leads_unasked(flow, node_id) for node_id in flow.nodes}
    for node_id, targets in ahead.items():
        if targets and any(node_id in _reached(to, ways) for to in ways[node_id]):
            yield Problem(node=node_id, says=_CIRCLE)


def _leads_unasked(flow: Flow, node: NodeId) -> list[NodeId]:
    return [to for _, to in unasked_exits(flow.nodes[node]) if to in flow.nodes]


def _missing_prompts(flow: Flow, sounds: Sounds) -> Iterator[Problem]:
    for language in _unspoken(flow, flow.apology, sounds):
        yield Problem(field="apology", says=_no_prompt(flow.apology.key, language))
    for node in flow.nodes.values():
        for field, prompt in prompts_of(node):
            for language in _unspoken(flow, prompt, sounds):
                yield Problem(node=node.id, field=field, says=_no_prompt(prompt.key, language))


def _missing_pieces(flow: Flow, sounds: Sounds) -> Iterator[Problem]:
    for node in flow.nodes.values():
        for field, kind in dict.fromkeys(kinds_of(node)):
            for language in flow.languages:
                if missing := sorted(pieces(kind, language) - set(sounds.get(language, ()))):
                    says = no_piece(kind, language, missing)
                    yield Problem(node=node.id, field=field, says=says)


def _no_prompt(key: str, language: Language) -> Told:
    return told("there is no prompt “%(key)s” in “%(language)s”", key=key, language=language)


def no_piece(kind: Kind, language: Language, missing: Sequence[str]) -> Told:
    """What is said of the prompts that are missing."""
    if len(missing) == 1:
        return told(
            "no %(kind)s can be said in “%(language)s”: there is no prompt “%(key)s”",
            kind=kind,
            language=language,
            key=missing[0],
        )
    return told(
        "no %(kind)s can be said in “%(language)s”: there is no prompt “%(key)s” and %(more)s more",
        kind=kind,
        language=language,
        key=missing[0],
        more=len(missing) - 1,
    )


def _missing_calendars(flow: Flow) -> Iterator[Problem]:
    for node in flow.nodes.values():
        if isinstance(node, OpenHours | OfferCallback) and node.calendar not in (None, *flow.calendars):
            yield Problem(
                node=node.id,
                field="calendar",
                says=told("neither this menu nor the house has a calendar “%(name)s”", name=node.calendar),
            )


def _unspoken(flow: Flow, prompt: Prompt, sounds: Sounds) -> Iterator[Language]:
    languages = (prompt.language,) if prompt.language is not None else flow.languages
    return (language for language in languages if prompt.key not in sounds.get(language, ()))


def _foreign_language(flow: Flow) -> Iterator[Problem]:
    if flow.language not in flow.languages:
        yield Problem(field="language", says=told(_FOREIGN, language=flow.language))
    for node in flow.nodes.values():
        if isinstance(node, SetLanguage) and node.language not in flow.languages:
            yield Problem(node=node.id, field="language", says=told(_FOREIGN, language=node.language))
