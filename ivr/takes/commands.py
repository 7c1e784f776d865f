"""What is asked of whoever records prompts by phone. Refused with `take.running`, `take.none`, or as a call is placed.

A take lives in the memory of the process that has telephony: after its death there is none, and nothing was kept that
was not told to be.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import ClassVar

from crm_core.kernel.ids import UserId
from crm_core.kernel.language import Language
from crm_core.kernel.messages import Command, CommandResult, registered


class TakeState(StrEnum):
    """How far a recording by phone has come."""

    RINGING = "ringing"
    GUIDING = "guiding"
    """He is told what to do."""
    RECORDING = "recording"
    LISTENING = "listening"
    """He hears what he said, and decides."""
    SAVING = "saving"
    KEPT = "kept"
    GIVEN_UP = "given_up"
    """By `*`, or on the page."""
    HUNG_UP = "hung_up"
    """… before he had decided: nothing is kept."""
    UNDECIDED = "undecided"
    NOTHING_HEARD = "nothing_heard"
    REFUSED = "refused"
    """What he said cannot be a prompt; `reason` says why."""
    NO_ANSWER = "no_answer"
    BUSY = "busy"
    DECLINED = "declined"
    NOT_REACHED = "not_reached"
    BROKEN_OFF = "broken_off"
    """By a fault of ours."""


UNDER_WAY = frozenset(
    {TakeState.RINGING, TakeState.GUIDING, TakeState.RECORDING, TakeState.LISTENING, TakeState.SAVING}
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Take:
    """One call to a phone, into which one prompt is spoken."""

    id: str
    prompt: str
    language: Language
    """Of the prompt."""
    by: UserId
    guidance: Language
    """In which he is told what to do."""
    state: TakeState
    since: datetime
    """… it is so."""
    number: str = ""
    """As it was typed; empty: his own phone."""
    reason: str = ""

    @property
    def running(self) -> bool:
        return self.state in UNDER_WAY


@registered
@dataclass(frozen=True, slots=True, kw_only=True)
class RecordByPhone(Command):
    """Call this person's phone, and let him speak the prompt. Answered with TakeTold when the phone is being called."""

    topic: ClassVar[str] = "ivr.record_by_phone"
    by: UserId
    prompt: str
    language: Language
    guidance: Language
    number: str = ""
    """Another phone than his own, as a person writes it."""


@registered
@dataclass(frozen=True, slots=True, kw_only=True)
class LookAtTake(Command):
    """The last take of this prompt in this language. Answered with TakeTold."""

    topic: ClassVar[str] = "ivr.look_at_take"
    prompt: str
    language: Language


@registered
@dataclass(frozen=True, slots=True, kw_only=True)
class EndTake(Command):
    """Hang up; nothing is kept that was not kept before."""

    topic: ClassVar[str] = "ivr.end_take"
    prompt: str
    language: Language
    take: str = ""
    """Only this one; empty: whichever it is."""


@registered
@dataclass(frozen=True, slots=True, kw_only=True)
class TakeTold(CommandResult):
    topic: ClassVar[str] = "ivr.take_told"
    take: Take | None = None
