"""A flow: the document that says what a caller hears, may press, and where each answer leads.

Every node that can fail names where to go when it does (`error`); the ones that end a flow have nowhere further to go.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace

from crm_core.domain.hours import Calendar
from crm_core.kernel.ids import QueueKey, SkillKey
from crm_core.kernel.language import Language
from crm_core.kernel.requirements import NOTHING, Requirements
from ivr.flow.conditions import Comparison
from ivr.flow.errands import (
    TICKET_KINDS,
    TICKET_WORDS,
    Http,
    LookUp,
    OfferCallback,
    OpenTicket,
    TellTicket,
    kept,
    wanted,
    ways,
)
from ivr.flow.names import NodeId as NodeId  # noqa: PLC0414 - whoever has nodes has their names from here
from ivr.flow.saying import Kind


@dataclass(frozen=True, slots=True, kw_only=True)
class Prompt:
    """A sound by its key, in the caller's language unless one is fixed (`zh:choose_language`)."""

    key: str
    language: Language | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Exit:
    """A way out of a menu, with the word that tells the agent which way was taken."""

    to: NodeId
    label: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Needs:
    """What is known so far about where the call should go. Unset fields leave earlier knowledge alone."""

    queue: QueueKey | None = None
    skills: Mapping[SkillKey, int] = field(default_factory=dict)
    """Skill -> lowest level, 1 to 5 …"""
    asks: Requirements = NOTHING
    """… and what a list of levels cannot say; the last node that says something counts."""
    priority: int | None = None
    intent: str | None = None

    def then(self, later: Needs) -> Needs:
        return Needs(
            queue=later.queue if later.queue is not None else self.queue,
            skills={**self.skills, **later.skills},
            asks=later.asks if later.asks != NOTHING else self.asks,
            priority=later.priority if later.priority is not None else self.priority,
            intent=later.intent if later.intent is not None else self.intent,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """Pick up, for flows that are entered before the call was answered."""

    id: NodeId
    next: NodeId
    error: NodeId


@dataclass(frozen=True, slots=True, kw_only=True)
class Play:
    id: NodeId
    prompts: tuple[Prompt, ...]
    next: NodeId
    error: NodeId
    barge_in: bool = True
    """Whether a key cuts it short. The key is kept either way."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Menu:
    """Ask for one key. A wrong key or silence asks again until `tries` are used up, then leaves by `exhausted`."""

    id: NodeId
    prompts: tuple[Prompt, ...]
    choices: Mapping[str, Exit]
    exhausted: Exit
    error: NodeId
    tries: int = 3
    timeout_s: float = 5.0
    wrong: tuple[Prompt, ...] = ()
    """Said before asking again after a key that is no choice."""
    silent: tuple[Prompt, ...] = ()
    """Said before asking again after silence."""
    on_silence: Exit | None = None
    """Where silence leads at once, without asking again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SetLanguage:
    id: NodeId
    language: Language
    next: NodeId
    error: NodeId


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """A value of the call, said as this kind of thing."""

    kind: Kind
    value: str
    """By its name."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Say:
    """A sentence of prompts and values. Leaves by `error` when a value is not known or nothing of its kind."""

    id: NodeId
    parts: tuple[Prompt | Part, ...]
    next: NodeId
    error: NodeId
    barge_in: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Confirm:
    """What was typed is repeated between these words, and only `key` takes it."""

    before: tuple[Prompt, ...]
    after: tuple[Prompt, ...]
    key: str = "1"


@dataclass(frozen=True, slots=True, kw_only=True)
class Collect:
    """Ask for several digits. What does not fit, or silence, asks again until `tries` are used up."""

    id: NodeId
    into: str
    """The name of the value they become."""
    prompts: tuple[Prompt, ...]
    shortest: int
    longest: int
    next: Exit
    exhausted: Exit
    error: NodeId
    terminator: str = "#"
    """The key that says “that is all”; empty: only their number, or silence, does."""
    lowest: int | None = None
    highest: int | None = None
    secret: bool = False
    """What was typed is told to nobody, and said to nobody."""
    confirm: Confirm | None = None
    tries: int = 3
    timeout_s: float = 5.0
    """Silence before the first digit."""
    between_s: float = 3.0
    """Silence after a digit, which ends the entry."""
    wrong: tuple[Prompt, ...] = ()
    silent: tuple[Prompt, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    when: tuple[Comparison, ...]
    """All of them must hold."""
    to: NodeId


@dataclass(frozen=True, slots=True, kw_only=True)
class Condition:
    """The first case that holds, else `otherwise`. Nothing can fail: what is not known equals nothing."""

    id: NodeId
    cases: tuple[Case, ...]
    otherwise: NodeId


@dataclass(frozen=True, slots=True, kw_only=True)
class Set:
    """Learn something about the call and go on. Nothing can fail."""

    id: NodeId
    needs: Needs
    next: NodeId
    values: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenHours:
    """Whether a calendar of the flow says open at this moment."""

    id: NodeId
    calendar: str
    open: NodeId
    closed: NodeId
    error: NodeId
    """When the time is not known."""
    until: str | None = None
    """The name of the value that keeps when this changes; without one when it never does."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SubFlow:
    """Goes through another flow and comes back where that says `return`."""

    id: NodeId
    flow: str
    next: NodeId
    error: NodeId
    """When there is no such flow."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Return:
    """The end of a sub-flow: back to who called it. In a flow nobody called: wait for a person."""

    id: NodeId


@dataclass(frozen=True, slots=True, kw_only=True)
class Queue:
    """The end: wait for a person."""

    id: NodeId
    needs: Needs


@dataclass(frozen=True, slots=True, kw_only=True)
class Goodbye:
    """The end: a last word, then hang up."""

    id: NodeId
    prompts: tuple[Prompt, ...]
    error: NodeId


@dataclass(frozen=True, slots=True, kw_only=True)
class HangUp:
    id: NodeId


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
    | LookUp
    | TellTicket
    | OpenTicket
    | OfferCallback
    | Http
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
    called: Mapping[str, Flow] = field(default_factory=dict)
    """Every flow a call in this one can come into, however deep; filled in when all flows are known."""


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
        case TellTicket():
            fields = {"kind": tuple(Prompt(key=key) for key in TICKET_WORDS)}
        case Answer() | SetLanguage() | Condition() | Set() | OpenHours() | SubFlow():
            pass
        case LookUp() | OpenTicket() | OfferCallback() | Http() | Return() | Queue() | HangUp():
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
        case TellTicket():
            yield from (("kind", kind) for kind in TICKET_KINDS)
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
        case LookUp() | TellTicket() | OpenTicket() | OfferCallback() | Http():
            yield from wanted(node)
        case _:
            return


def values_written(node: Node) -> Iterator[tuple[str, str]]:
    """Every value a node gives, with the field that names it."""
    match node:
        case Collect():
            yield "into", node.into
        case Set():
            yield from (("values", name) for name in node.values)
        case OpenHours(until=str() as until):
            yield "until", until
        case LookUp() | TellTicket() | OpenTicket() | OfferCallback() | Http():
            yield from (("kind", name) for name in kept(node).values())
        case _:
            return


def reads(flow: Flow) -> frozenset[str]:
    """Every value that this flow, or one it calls, wants to know."""
    family = (flow, *flow.called.values())
    return frozenset(name for one in family for node in one.nodes.values() for _, name in values_read(node))


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
        case LookUp() | TellTicket() | OpenTicket() | OfferCallback() | Http():
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
