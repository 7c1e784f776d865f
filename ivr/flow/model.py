"""A flow: the document that says what a caller hears, may press, and where each answer leads.

Every node that can fail names where to go when it does (`error`); the ones that end a flow have nowhere further to go.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import NewType

from crm_core.kernel.ids import QueueKey, SkillKey
from crm_core.kernel.language import Language
from crm_core.kernel.requirements import NOTHING, Requirements

NodeId = NewType("NodeId", str)


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
class Set:
    """Learn something about the call and go on. The one node between others in which nothing can fail."""

    id: NodeId
    needs: Needs
    next: NodeId


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


Node = Answer | Play | Menu | SetLanguage | Set | Queue | Goodbye | HangUp


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


def prompts_of(node: Node) -> Iterator[tuple[str, Prompt]]:
    """Every prompt of a node, with the field it stands in."""
    match node:
        case Play() | Goodbye():
            yield from (("prompts", prompt) for prompt in node.prompts)
        case Menu():
            yield from (("prompts", prompt) for prompt in node.prompts)
            yield from (("wrong", prompt) for prompt in node.wrong)
            yield from (("silent", prompt) for prompt in node.silent)
        case Answer() | SetLanguage() | Set() | Queue() | HangUp():
            return


def unasked_exits(node: Node) -> Iterator[tuple[str, NodeId]]:
    """Ways that are taken without the caller pressing anything, with the field that names each."""
    match node:
        case Answer() | Play() | SetLanguage():
            yield "next", node.next
            yield "error", node.error
        case Set():
            yield "next", node.next
        case Menu():
            yield "exhausted", node.exhausted.to
            if node.on_silence is not None:
                yield "on_silence", node.on_silence.to
            yield "error", node.error
        case Goodbye():
            yield "error", node.error
        case Queue() | HangUp():
            return


def exits(node: Node) -> Iterator[tuple[str, NodeId]]:
    """Every way out of a node, with the field that names it."""
    if isinstance(node, Menu):
        yield from ((f"choices.{key}", exit_.to) for key, exit_ in node.choices.items())
    yield from unasked_exits(node)
