"""What a caller comes through who does just this, said by the very interpreter that serves callers. Pure.

All he does is gone through from the beginning each time, so nothing has to be remembered between two keys, and a flow
that was changed meanwhile is heard as it is now. Every prompt is heard to its end, and the clock stands still.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from crm_core.kernel.language import Language
from ivr.flow.asked import Answered, Question
from ivr.flow.interpreter import advance, begin
from ivr.flow.messages import (
    Ask,
    Disconnect,
    Effect,
    EnterQueue,
    Failed,
    HandOver,
    Heard,
    HungUp,
    Input,
    Known,
    PlayMessage,
    PlaySounds,
    ReadDigit,
    RecordMessage,
    SpeakLanguage,
    State,
    Turn,
)
from ivr.flow.model import Flow
from ivr.flow.names import NodeId
from ivr.flow.nodes import SubFlow
from ivr.prompts.catalogue import Catalogue
from ivr.rehearsal.deeds import Choose, Deed, GoAway, Press, Silence, as_if, only_reads, ways_of
from ivr.rehearsal.heard import Spoken, spoken

Answers = Mapping[Question, Answered | None]
"""What the house said to questions that change nothing; None: it did not answer."""

# What is told ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Entered:
    """A node he came to."""

    flow: str
    node: NodeId
    drawn: NodeId
    """The node of the flow the call began with: this one, or the one by which he is in a sub-flow."""


@dataclass(frozen=True, slots=True)
class Done:
    """What he did."""

    deed: Deed


@dataclass(frozen=True, slots=True)
class Speaks:
    """The call goes on in this language."""

    language: Language


@dataclass(frozen=True, slots=True)
class Message:
    """He speaks after the tone, or hears what he said."""

    heard: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """The house was asked (`really`), or would have been."""

    question: Question
    really: bool
    answer: Answered | None = None
    """None: not yet, or never."""
    failed: bool = False


@dataclass(frozen=True, slots=True)
class Ended:
    """How it ended. None: the menu cannot go on, and the house sends him to a person."""

    by: EnterQueue | Disconnect | HandOver | HungUp | None


Line = Entered | Spoken | Done | Speaks | Message | Asked | Ended


# What is waited for ---------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class AKey:
    """A key, or silence for so long."""

    timeout_s: float


@dataclass(frozen=True, slots=True, kw_only=True)
class AnOutcome:
    """Somebody must say how it went, for it is not really done."""

    question: Question
    ways: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class AnAnswer:
    """The house is to be asked, which changes nothing."""

    ask: Ask


@dataclass(frozen=True, slots=True, kw_only=True)
class Transcript:
    lines: tuple[Line, ...]
    used: int
    """So many deeds were of use; the next one does not fit, or came after the end."""
    waits: AKey | AnOutcome | AnAnswer | None
    """None: it is over."""


def rehearse(flow: Flow, known: Known, deeds: Sequence[Deed], answers: Answers, catalogue: Catalogue) -> Transcript:
    return _Rehearsal(flow, deeds, answers, catalogue).run(begin(flow, known))


class _Rehearsal:
    def __init__(self, flow: Flow, deeds: Sequence[Deed], answers: Answers, catalogue: Catalogue) -> None:
        self._flow = flow
        self._deeds = deeds
        self._answers = answers
        self._catalogue = catalogue
        self._lines: list[Line] = []
        self._used = 0
        self._noted = 0
        self._waits: AKey | AnOutcome | AnAnswer | None = None

    def run(self, turn: Turn) -> Transcript:
        while (happened := self._carry_out(turn)) is not None:
            turn = advance(self._flow, turn.state, happened)
            if isinstance(happened, HungUp):
                self._settle(turn)
                break
        return Transcript(lines=tuple(self._lines), used=self._used, waits=self._waits)

    def _note_path(self, state: State) -> None:
        self._lines += [_entered(self._flow, place) for place in state.path[self._noted :]]
        self._noted = len(state.path)

    def _carry_out(self, turn: Turn) -> Input | None:
        """None: something is waited for, or it is over."""
        self._note_path(turn.state)
        if not turn.effects:
            self._lines.append(Ended(None))
            return None
        happened: Input | None = None
        for effect in turn.effects:
            happened = self._one(effect, turn.state)
            if not isinstance(happened, Heard | Answered):
                break
        return happened

    def _one(self, effect: Effect, state: State) -> Input | None:
        match effect:
            case PlaySounds(sounds=sounds):
                self._lines += spoken(sounds, self._catalogue)
            case SpeakLanguage(language=language):
                self._lines.append(Speaks(language))
            case RecordMessage() | PlayMessage():
                self._lines.append(Message(heard=isinstance(effect, PlayMessage)))
            case ReadDigit(timeout_s=timeout_s):
                return self._key(timeout_s)
            case Ask():
                return self._read(effect) if only_reads(effect.question) else self._chosen(effect.question, state)
            case EnterQueue() | Disconnect() | HandOver():
                self._lines.append(Ended(effect))
                return None
            case _:
                pass  # he notices nothing of it
        return Heard()

    def _key(self, timeout_s: float) -> Input | None:
        match self._next():
            case Press(key) as pressed:
                self._did(pressed)
                return Heard(digits=key)
            case Silence() as silence:
                self._did(silence)
                return Heard()
            case GoAway() as gone:
                self._did(gone)
                return HungUp()
            case _:
                self._waits = AKey(timeout_s=timeout_s)
                return None

    def _read(self, ask: Ask) -> Input | None:
        if ask.question not in self._answers:
            self._waits = AnAnswer(ask=ask)
            return None
        answer = self._answers[ask.question]
        self._lines.append(Asked(question=ask.question, really=True, answer=answer, failed=answer is None))
        return Failed() if answer is None else answer

    def _chosen(self, question: Question, state: State) -> Input | None:
        chosen, ways = self._next(), ways_of(question)
        if not isinstance(chosen, Choose) or chosen.way not in ways:
            self._lines.append(Asked(question=question, really=False))
            self._waits = AnOutcome(question=question, ways=ways)
            return None
        self._used += 1
        answer = as_if(question, chosen.way, state.at)
        if isinstance(answer, Failed):
            self._lines.append(Asked(question=question, really=False, failed=True))
        else:
            self._lines.append(Asked(question=question, really=False, answer=answer))
        return answer

    def _next(self) -> Deed | None:
        return self._deeds[self._used] if self._used < len(self._deeds) else None

    def _did(self, deed: Deed) -> None:
        self._used += 1
        self._lines.append(Done(deed))

    def _settle(self, turn: Turn) -> None:
        """What the house would yet do for one who is gone."""
        asked = (effect.question for effect in turn.effects if isinstance(effect, Ask))
        self._lines += [Asked(question=one, really=False) for one in asked]
        self._lines.append(Ended(HungUp()))


def _entered(flow: Flow, place: tuple[NodeId, ...]) -> Entered:
    return Entered(flow=_flow_of(flow, place), node=place[-1], drawn=place[0])


def _flow_of(flow: Flow, place: tuple[NodeId, ...]) -> str:
    names = tuple(_called(flow, place))
    return names[-1] if names else flow.name


def _called(flow: Flow, place: tuple[NodeId, ...]) -> Iterator[str]:
    """The flows he came through, by their names."""
    found = flow
    for one in place[:-1]:
        call = found.nodes[one]
        assert isinstance(call, SubFlow)  # noqa: S101 - we came in by it
        found = flow.called[call.flow]
        yield found.name
