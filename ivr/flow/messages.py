"""What the machine that runs a flow asks of its shell, what it is told, and what it remembers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from crm_core.kernel.ids import QueueKey, SkillKey
from crm_core.kernel.language import Language
from crm_core.kernel.requirements import NOTHING, Requirements
from ivr.flow.asked import Answered, Question
from ivr.flow.names import NodeId
from ivr.flow.nodes import Needs

# What the shell is asked to do -------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerCall:
    """Pick up."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Spoken:
    """Words that no prompt of their own says: a voice has to speak them, or has done so before."""

    say: str = field(repr=False)
    read: str = field(default="", repr=False)
    """The same for a voice that reads words as people do, where that is something else."""
    value: bool
    """It is what somebody is called, or the like, and is not kept for long; else it is the same for every caller."""
    instead: tuple[Sound, ...] | None = None
    """Heard where it cannot be spoken in time; None: then nothing of the row is."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sound:
    language: Language
    key: str
    text: str = field(default="", compare=False, repr=False)
    """What it says, where that stands in no catalogue."""
    spoken: Spoken | None = None
    """A piece of this prompt's words, or a value in them; None: it is the prompt itself."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PlaySounds:
    """Play one after the other; answered with what was pressed meanwhile, possibly nothing."""

    sounds: tuple[Sound, ...]
    barge_in: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadDigit:
    """Wait for one key; answered with it, or with nothing when the time is over."""

    timeout_s: float


@dataclass(frozen=True, slots=True, kw_only=True)
class SpeakLanguage:
    """From now on the call is in this language, also if we should be gone in the next second."""

    language: Language
    skills: Mapping[SkillKey, int]
    asks: Requirements = NOTHING


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """Tell the house what the caller did here."""

    node: NodeId
    entered: str
    label: str
    flow: str = ""
    """The sub-flow it was in; empty for the flow the call began with."""
    visit: int = field(default=0, compare=False)
    """At which of the nodes he came to …"""
    fits: bool | None = field(default=None, compare=False)
    """… and whether what he did there was taken. None: the house did something."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ask:
    """Ask the house; answered with Answered, or with Failed when this time is over."""

    question: Question
    within_s: float


@dataclass(frozen=True, slots=True, kw_only=True)
class EnterQueue:
    """Wait for a person; unset fields are left to the dialplan's defaults."""

    language: Language
    skills: Mapping[SkillKey, int]
    queue: QueueKey | None = None
    priority: int | None = None
    intent: str | None = None
    asks: Requirements = NOTHING
    after_call: str | None = None
    """The flow for him when his agent has hung up."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordMessage:
    """Let him speak after a tone, until `#`, a silence, or the time is over."""

    take: int
    """Which of the messages in this call; the same once more takes its place."""
    longest_s: int
    silence_s: int
    comment: bool = False
    """What he says is no message but why he rates us so."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PlayMessage:
    """Let him hear what he said; answered with what was pressed meanwhile."""

    take: int


@dataclass(frozen=True, slots=True, kw_only=True)
class HandOver:
    """Ring this phone for him, `agent` or `number`. When nobody takes the call he is back: that is told as Failed."""

    where: str
    to: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Disconnect:
    """The conversation is over."""


Effect = (
    AnswerCall
    | PlaySounds
    | ReadDigit
    | SpeakLanguage
    | Step
    | Ask
    | EnterQueue
    | RecordMessage
    | PlayMessage
    | HandOver
    | Disconnect
)


# What the shell reports ---------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Heard:
    """The last effect was carried out; these keys were pressed meanwhile, in order."""

    digits: str = ""
    at: datetime | None = None
    """The time now, in the zone of the house."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Failed:
    """An effect could not be carried out though the caller is still there; the rest of the turn was left undone."""

    at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class HungUp:
    """The caller has gone."""

    at: datetime | None = None


Input = Heard | Answered | Failed | HungUp


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """What is known of a call before anything is asked."""

    ani: str = ""
    dnis: str = ""
    language: str = ""
    """In which he was spoken to so far; empty: in none yet."""
    at: datetime | None = None
    """The time now, in the zone of the house."""
    after_call: bool = False
    """He has talked with an agent, who has hung up."""
    takes: int = 0
    """The last message that he has left in this call already, in a menu before: it stays his."""


# The machine's memory -----------------------------------------------------------------------------------------------


class Stage(StrEnum):
    """How far a message has come."""

    GREETING = "greeting"
    SPEAKING = "speaking"
    REVIEW = "review"
    """He is asked what shall become of it."""
    LISTENING = "listening"
    """… and hears it."""
    KEEPING = "keeping"


@dataclass(frozen=True, slots=True, kw_only=True)
class Visit:
    """A node the call came to: what was typed there, and how it was left."""

    place: tuple[NodeId, ...]
    """Behind the nodes by which we came into its sub-flow."""
    at: datetime | None = None
    until: datetime | None = None
    entered: tuple[str, ...] = field(default=(), repr=False)
    """As it may be kept and told."""
    wrong: tuple[str, ...] = field(default=(), repr=False)
    way: str = ""
    """Empty while he is there."""


@dataclass(frozen=True, slots=True, kw_only=True)
class State:
    node: NodeId
    language: Language
    needs: Needs
    inside: tuple[NodeId, ...] = ()
    """The nodes by which we came into sub-flows, the outermost first; empty in the flow itself."""
    values: Mapping[str, str] = field(default_factory=dict, repr=False)
    customer: str = ""
    """Who the caller is, once he was looked up."""
    at: datetime | None = None
    """The time when something happened last, as far as we were told."""
    typed: str = field(default="", repr=False)
    """Keys pressed and not used yet."""
    entry: str = field(default="", repr=False)
    """What was typed for the question we are in, so far."""
    confirming: bool = False
    """The entry is complete, and was repeated to the caller."""
    asked: int = 0
    """How often the question we are in was asked."""
    listening: bool = False
    """The question's words are over and it waits for a key."""
    score: int = 0
    """How satisfied he said he is, in the survey we are in."""
    take: int = 0
    """Messages begun so far …"""
    stage: Stage | None = None
    """… and how far the last one has come."""
    entered: int = 0
    """Nodes entered so far; bounded by the flow."""
    path: tuple[tuple[NodeId, ...], ...] = ()
    """Which these were, each behind the nodes by which we came into its sub-flow."""
    walked: tuple[Visit, ...] = field(default=(), repr=False)
    """… and what happened at each."""
    over: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    state: State
    effects: tuple[Effect, ...] = ()

    def first(self, *effects: Effect) -> Turn:
        """The same turn with something to do before it."""
        return Turn(state=self.state, effects=(*effects, *self.effects))
