"""Runs a flow: `(flow, state, what happened) -> (state, effects)`. Knows nothing of telephones, clocks or sockets.

A turn is some Steps to tell and then one effect whose outcome the next turn is made of, or one that ends the flow
(EnterQueue, Disconnect). Keys pressed too early are kept in `State.typed` and used
up one by one, so a caller who knows the menu is through before the first word; after a wrong key the rest is forgotten,
as it was meant for somewhere else.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from crm_core.kernel.ids import QueueKey, SkillKey
from crm_core.kernel.language import Language
from crm_core.kernel.requirements import NOTHING, Requirements
from ivr.flow.model import (
    Answer,
    Exit,
    Flow,
    Goodbye,
    HangUp,
    Menu,
    Needs,
    NodeId,
    Play,
    Prompt,
    Queue,
    Set,
    SetLanguage,
)

MOST_TYPED = 20
"""Keys kept at most; nobody types further ahead than that in earnest."""

# What the shell is asked to do -------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerCall:
    """Pick up."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sound:
    language: Language
    key: str


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


@dataclass(frozen=True, slots=True, kw_only=True)
class EnterQueue:
    """Wait for a person; unset fields are left to the dialplan's defaults."""

    language: Language
    skills: Mapping[SkillKey, int]
    queue: QueueKey | None = None
    priority: int | None = None
    intent: str | None = None
    asks: Requirements = NOTHING


@dataclass(frozen=True, slots=True, kw_only=True)
class Disconnect:
    """The conversation is over."""


Effect = AnswerCall | PlaySounds | ReadDigit | SpeakLanguage | Step | EnterQueue | Disconnect


# What the shell reports ---------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Heard:
    """The last effect was carried out; these keys were pressed meanwhile, in order."""

    digits: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Failed:
    """An effect could not be carried out though the caller is still there; the rest of the turn was left undone."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HungUp:
    """The caller has gone."""


Input = Heard | Failed | HungUp


# The machine --------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class State:
    node: NodeId
    language: Language
    needs: Needs
    typed: str = ""
    """Keys pressed and not used yet."""
    asked: int = 0
    """How often the menu we are in has asked."""
    listening: bool = False
    """The menu's words are over and it waits for a key."""
    entered: int = 0
    """Nodes entered so far; bounded by the flow."""
    over: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    state: State
    effects: tuple[Effect, ...] = ()

    def first(self, *effects: Effect) -> Turn:
        """The same turn with something to do before it."""
        return Turn(state=self.state, effects=(*effects, *self.effects))


def begin(flow: Flow) -> Turn:
    return _enter(flow, State(node=flow.start, language=flow.language, needs=flow.needs), flow.start)


def advance(flow: Flow, state: State, happened: Input) -> Turn:
    if state.over:
        return Turn(state=state)
    match happened:
        case HungUp():
            return Turn(state=replace(state, over=True))
        case Failed():
            return _fail(flow, state)
        case Heard(digits=digits):
            return _heard(flow, replace(state, typed=(state.typed + digits)[:MOST_TYPED]))


def _heard(flow: Flow, state: State) -> Turn:
    match flow.nodes[state.node]:
        case Answer(next=to) | SetLanguage(next=to) | Play(next=to):
            return _enter(flow, state, to)
        case Menu() as menu if state.typed:
            return _key(flow, state, menu)
        case Menu() as menu if state.listening:
            return _silence(flow, state, menu)
        case Menu(timeout_s=timeout_s):
            return Turn(state=replace(state, listening=True), effects=(ReadDigit(timeout_s=timeout_s),))
        case Goodbye():
            return _end(state, Disconnect())
        case Set() | Queue() | HangUp():
            return Turn(state=state)  # these never wait for an answer


def _fail(flow: Flow, state: State) -> Turn:
    match flow.nodes[state.node]:
        case Set() | Queue() | HangUp():
            return Turn(state=replace(state, over=True))  # nothing of theirs is waited for
        case node:
            return _enter(flow, replace(state, typed=""), node.error)


def _enter(flow: Flow, state: State, where: NodeId) -> Turn:  # noqa: PLR0911 - one for each kind of node
    if state.entered >= flow.max_steps:
        return _to_a_person(flow, state, Needs())
    state = replace(state, node=where, asked=0, listening=False, entered=state.entered + 1)
    match flow.nodes[where]:
        case Answer():
            return Turn(state=state, effects=(AnswerCall(),))
        case Play(next=to, barge_in=True) if state.typed:
            return _enter(flow, state, to)
        case Play(prompts=prompts, barge_in=barge_in):
            return _say(state, prompts, barge_in=barge_in)
        case Menu() as menu:
            return _ask(flow, state, menu, ())
        case SetLanguage(language=language):
            state = replace(state, language=language)
            return Turn(state=state, effects=(_spoken(flow, state),))
        case Set(needs=needs, next=to):
            return _enter(flow, replace(state, needs=state.needs.then(needs)), to)
        case Queue(needs=needs):
            return _to_a_person(flow, state, needs)
        case Goodbye(prompts=prompts):
            return _say(state, prompts, barge_in=False)
        case HangUp():
            return _end(state, Disconnect())


def _ask(flow: Flow, state: State, menu: Menu, first: tuple[Prompt, ...]) -> Turn:
    state = replace(state, asked=state.asked + 1, listening=False)
    return _key(flow, state, menu) if state.typed else _say(state, first + menu.prompts)


def _key(flow: Flow, state: State, menu: Menu) -> Turn:
    key, rest = state.typed[0], state.typed[1:]
    if chosen := menu.choices.get(key):
        return _leave(flow, replace(state, typed=rest), chosen, key)
    return _again(flow, replace(state, typed=""), menu, menu.wrong, key)


def _silence(flow: Flow, state: State, menu: Menu) -> Turn:
    if menu.on_silence is not None:
        return _leave(flow, state, menu.on_silence, "")
    return _again(flow, state, menu, menu.silent, "")


def _again(flow: Flow, state: State, menu: Menu, first: tuple[Prompt, ...], key: str) -> Turn:
    if state.asked >= menu.tries:
        return _leave(flow, state, menu.exhausted, key)
    return _ask(flow, state, menu, first).first(Step(node=menu.id, entered=key, label=""))


def _leave(flow: Flow, state: State, way: Exit, key: str) -> Turn:
    step = Step(node=state.node, entered=key, label=way.label)
    return _enter(flow, state, way.to).first(step)


def _say(state: State, prompts: tuple[Prompt, ...], *, barge_in: bool = True) -> Turn:
    sounds = tuple(Sound(language=one.language or state.language, key=one.key) for one in prompts)
    return Turn(state=state, effects=(PlaySounds(sounds=sounds, barge_in=barge_in),))


def _to_a_person(flow: Flow, state: State, needs: Needs) -> Turn:
    known = state.needs.then(needs)
    state = replace(state, needs=known)
    return _end(
        state,
        EnterQueue(
            language=state.language,
            skills=_skills(flow, state),
            queue=known.queue,
            priority=known.priority,
            intent=known.intent,
            asks=known.asks,
        ),
    )


def _end(state: State, last: EnterQueue | Disconnect) -> Turn:
    return Turn(state=replace(state, over=True), effects=(last,))


def _spoken(flow: Flow, state: State) -> SpeakLanguage:
    return SpeakLanguage(language=state.language, skills=_skills(flow, state), asks=state.needs.asks)


def _skills(flow: Flow, state: State) -> Mapping[SkillKey, int]:
    return {SkillKey(state.language.value): flow.language_level, **state.needs.skills}
