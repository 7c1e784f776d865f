"""What stands in a flow: the kinds of node by which it speaks, asks and decides. (What it has the house do: `errands`.)

Every node that can fail names where to go when it does (`error`); the ones that end a flow have nowhere further to go.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from crm_core.kernel.ids import QueueKey, SkillKey
from crm_core.kernel.language import Language
from crm_core.kernel.requirements import NOTHING, Requirements
from ivr.flow.conditions import Comparison
from ivr.flow.names import NodeId
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
    after_call: str | None = None
    """The flow that he goes through once his agent has hung up, if he stays on the line."""

    def then(self, later: Needs) -> Needs:
        return Needs(
            queue=later.queue if later.queue is not None else self.queue,
            skills={**self.skills, **later.skills},
            asks=later.asks if later.asks != NOTHING else self.asks,
            priority=later.priority if later.priority is not None else self.priority,
            intent=later.intent if later.intent is not None else self.intent,
            after_call=later.after_call if later.after_call is not None else self.after_call,
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
