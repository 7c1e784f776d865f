"""A flow: the document that says what a caller hears, may press, and where each answer leads.

What each of its nodes says, reads and gives is told here as well, and by which ways it is left.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace

from crm_core.domain.hours import Calendar
from crm_core.kernel.language import Language
from ivr.flow.errands import (
    TOLD_BETWEEN,
    TOLD_IN,
    CheckPin,
    Errand,
    Http,
    LeaveMessage,
    LookUp,
    OfferCallback,
    OpenTicket,
    PlayArticle,
    Survey,
    Telling,
    Transfer,
    kept,
    wanted,
    ways,
)
from ivr.flow.names import NodeId
from ivr.flow.nodes import (
    Answer,
    Collect,
    Condition,
    Confirm,
    Goodbye,
    HangUp,
    Menu,
    Needs,
    OpenHours,
    Part,
    Play,
    Prompt,
    Queue,
    Return,
    Say,
    Set,
    SetLanguage,
    SubFlow,
)
from ivr.flow.saying import Kind
from ivr.flow.wording import FIXED, Place, Wording

Texts = Mapping[Language, Mapping[str, Wording]]
"""By the prompts' keys."""

Node = (
    Answer
    | Play
    | Say
    | Menu
    | Collect
    | SetLanguage
    | Condition
    | Set
    | OpenHours
    | SubFlow
    | Errand
    | Return
    | Queue
    | Goodbye
    | HangUp
)

KNOWN_FROM_THE_START = ("language", "ani", "dnis")
"""Values every call has, if perhaps empty: the language spoken, who calls, and the number dialled."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Flow:
    name: str
    names: Mapping[str, str] = field(default_factory=dict)
    """What people call it, by language."""
    start: NodeId
    nodes: Mapping[NodeId, Node]
    language: Language
    """Spoken until the caller chooses."""
    languages: tuple[Language, ...]
    apology: Prompt
    """Said when the flow itself cannot go on."""
    needs: Needs = field(default_factory=Needs)
    """What every call of this flow begins with, and what the last resort falls back on."""
    language_level: int = 1
    """The lowest level asked of an agent in the caller's language."""
    max_steps: int = 100
    """Nodes a single call may enter; then it goes to a person. Ends even the caller who presses “repeat” for ever."""
    calendars: Mapping[str, Calendar] = field(default_factory=dict)
    version: int = 0
    """Of the document it was read from; 0: not said."""
    unread: tuple[NodeId, ...] = ()
    """Nodes of the document that could not be read at all."""
    called: Mapping[str, Flow] = field(default_factory=dict)
    """Every flow a call in this one can come into, however deep; filled in when all flows are known."""
    texts: Texts = field(default_factory=dict)
    """The house's prompts that have values in their words: those of its sounds, filled in beside the other flows."""


def prompts_of(node: Node) -> Iterator[tuple[str, Prompt]]:
    """Every prompt of a node, with the field it stands in."""
    fields: dict[str, tuple[Prompt, ...]] = {}
    match node:
        case Play() | Goodbye():
            fields = {"prompts": node.prompts}
        case Say():
            fields = {"parts": tuple(part for part in node.parts if isinstance(part, Prompt))}
        case Menu():
            fields = {"prompts": node.prompts, "wrong": node.wrong, "silent": node.silent}
        case Collect():
            fields = {"prompts": node.prompts, "wrong": node.wrong, "silent": node.silent}
            if node.confirm is not None:
                fields |= {"confirm.before": node.confirm.before, "confirm.after": node.confirm.after}
        case Telling():
            fields = {"kind": tuple(Prompt(key=key) for key in TOLD_IN[type(node)])}
        case Answer() | SetLanguage() | Condition() | Set() | OpenHours() | SubFlow():
            pass
        case Survey():
            fields = {
                "prompts": node.prompts,
                "wrong": node.wrong,
                "silent": node.silent,
                "comment": node.comment,
            }
        case LeaveMessage():
            fields = {"prompts": node.prompts, "review": node.review}
        case LookUp() | CheckPin() | OpenTicket() | OfferCallback() | Http() | Transfer() | PlayArticle():
            pass
        case Return() | Queue() | HangUp():
            pass
    for name, prompts in fields.items():
        yield from ((name, prompt) for prompt in prompts)


def kinds_of(node: Node) -> Iterator[tuple[str, Kind]]:
    """Every kind of thing a node says from a value, with the field it stands in."""
    match node:
        case Say():
            yield from (("parts", part.kind) for part in node.parts if isinstance(part, Part))
        case Collect(confirm=Confirm()):
            yield "confirm", Kind.DIGITS
        case Telling():
            yield from (("kind", kind) for kind in TOLD_BETWEEN[type(node)])
        case _:
            return


def values_read(node: Node) -> Iterator[tuple[str, str]]:
    """Every value a node wants to know, with the field that names it."""
    match node:
        case Say():
            yield from (("parts", part.value) for part in node.parts if isinstance(part, Part))
        case Condition():
            for number, case_ in enumerate(node.cases, 1):
                yield from ((f"cases.{number}", one.value) for one in case_.when)
        case _ if isinstance(node, Errand):
            yield from wanted(node)
        case _:
            return


def places_in(flow: Flow, node: Node) -> Iterator[tuple[str, Prompt, Language, Place]]:
    """Every value in the words of its prompts, with the field and the language in which it is heard."""
    for field_, prompt in prompts_of(node):
        for language in (prompt.language,) if prompt.language is not None else flow.languages:
            found = flow.texts.get(language, {}).get(prompt.key, FIXED)
            yield from ((field_, prompt, language, place) for place in found.places)


def secrets_of(flows: Iterable[Flow]) -> frozenset[str]:
    """Values that are never told to anybody."""
    nodes = (node for one in flows for node in one.nodes.values())
    return frozenset(node.into for node in nodes if isinstance(node, Collect) and node.secret)


def values_written(node: Node) -> Iterator[tuple[str, str]]:
    """Every value a node gives, with the field that names it."""
    match node:
        case Collect():
            yield "into", node.into
        case Set():
            yield from (("values", name) for name in node.values)
        case OpenHours(until=str() as until):
            yield "until", until
        case _ if isinstance(node, Errand):
            yield from (("kind", name) for name in kept(node).values())
        case _:
            return


def needs_of(flow: Flow) -> Iterator[tuple[str, Needs]]:
    """What a flow may learn of a call, with the node that says so; empty: each of its calls begins with it."""
    yield "", flow.needs
    for node in flow.nodes.values():
        if isinstance(node, Set | Queue):
            yield node.id, node.needs


def reads(flow: Flow) -> frozenset[str]:
    """Every value that this flow, or one it calls, wants to know."""
    nodes = [(one, node) for one in (flow, *flow.called.values()) for node in one.nodes.values()]
    said = (place.value for one, node in nodes for *_, place in places_in(one, node))
    return frozenset(said) | frozenset(name for _, node in nodes for _, name in values_read(node))


def leaves_messages(flow: Flow) -> bool:
    family = (flow, *flow.called.values())
    return any(isinstance(node, LeaveMessage) for one in family for node in one.nodes.values())


def linked(flows: Mapping[str, Flow]) -> dict[str, Flow]:
    """The same flows, each with all those that a call in it can come into."""
    return {
        name: replace(flow, called={one: flows[one] for one in _callable(flow, flows)}) for name, flow in flows.items()
    }


def _callable(flow: Flow, flows: Mapping[str, Flow]) -> Iterator[str]:
    seen: set[str] = set()
    ahead = [flow]
    while ahead:
        for node in ahead.pop().nodes.values():
            if isinstance(node, SubFlow) and node.flow in flows and node.flow not in seen:
                seen.add(node.flow)
                ahead.append(flows[node.flow])
                yield node.flow


def unasked_exits(node: Node) -> Iterator[tuple[str, NodeId]]:
    """Ways that are taken without the caller pressing anything, with the field that names each."""
    match node:
        case Answer() | Play() | Say() | SetLanguage() | SubFlow():
            yield "next", node.next
            yield "error", node.error
        case Set():
            yield "next", node.next
        case Menu():
            yield "exhausted", node.exhausted.to
            if node.on_silence is not None:
                yield "on_silence", node.on_silence.to
            yield "error", node.error
        case Collect():
            yield "exhausted", node.exhausted.to
            yield "error", node.error
        case Condition():
            yield from ((f"cases.{number}", case_.to) for number, case_ in enumerate(node.cases, 1))
            yield "otherwise", node.otherwise
        case OpenHours():
            yield "open", node.open
            yield "closed", node.closed
            yield "error", node.error
        case LookUp() | CheckPin() | Telling() | OpenTicket() | OfferCallback():
            yield from ways(node).items()
        case Http() | Transfer() | LeaveMessage() | Survey() | PlayArticle():
            yield from ways(node).items()
        case Goodbye():
            yield "error", node.error
        case Return() | Queue() | HangUp():
            return


def exits(node: Node) -> Iterator[tuple[str, NodeId]]:
    """Every way out of a node, with the field that names it."""
    if isinstance(node, Menu):
        yield from ((f"choices.{key}", exit_.to) for key, exit_ in node.choices.items())
    if isinstance(node, Collect):
        yield "next", node.next.to
    yield from unasked_exits(node)
