"""Runs a flow: `(flow, state, what happened) -> (state, effects)`. Knows nothing of telephones, clocks or sockets.

A turn is some Steps to tell and then one effect whose outcome the next turn is made of, or one that ends the flow
(EnterQueue, Disconnect). Keys pressed too early are kept in `State.typed` and used up one by one, so a caller who knows
the menu is through before the first word; after a wrong key the rest is forgotten, as it was meant for somewhere else.
`flow` is always the one the call began with; where the call stands in it, or in a sub-flow of it, `State.inside` and
`State.node` say.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from crm_core.domain.hours import standing
from crm_core.kernel.ids import SkillKey
from crm_core.kernel.phone import is_withheld
from ivr.flow import asking_rating, errand_steps, leaving_message
from ivr.flow.asked import Answered
from ivr.flow.collecting import fits, masked, take
from ivr.flow.conditions import holds
from ivr.flow.errands import Errand, LeaveMessage, Survey, label, ways
from ivr.flow.filling import filled
from ivr.flow.messages import (
    AnswerCall,
    Disconnect,
    Effect,
    EnterQueue,
    Failed,
    Heard,
    HungUp,
    Input,
    Known,
    PlaySounds,
    ReadDigit,
    SpeakLanguage,
    State,
    Turn,
)
from ivr.flow.model import Flow
from ivr.flow.names import NodeId
from ivr.flow.nodes import (
    Answer,
    Collect,
    Condition,
    Confirm,
    Exit,
    Goodbye,
    HangUp,
    Menu,
    Needs,
    OpenHours,
    Play,
    Prompt,
    Queue,
    Return,
    Say,
    Set,
    SetLanguage,
    SubFlow,
)
from ivr.flow.outcome import Outcome
from ivr.flow.place import here, known_values, node_at, step
from ivr.flow.saying import Kind
from ivr.flow.speaking import say, sentence, sound, sounds_of, spoken
from ivr.flow.walking import came_to, kept_after_all, left, noted

MOST_TYPED = 20
"""Keys kept at most; nobody types further ahead than that in earnest."""
AFTER_CALL = "after_call"
"""The label with which is told that he is in a menu once more, behind his conversation."""
LATER_TAKES = 100
"""What he says after his conversation counts from here, and takes no earlier message's place."""


def begin(flow: Flow, known: Known | None = None) -> Turn:
    known = known or Known()
    values = {"ani": "" if is_withheld(known.ani) else known.ani, "dnis": known.dnis}
    language = next((one for one in flow.languages if one == known.language), flow.language)
    take = LATER_TAKES if known.after_call else known.takes
    state = State(node=flow.start, language=language, needs=flow.needs, values=values, at=known.at, take=take)
    begun = noted(_worded(flow, _enter(flow, state, flow.start)))
    return begun.first(step(flow, state, "", AFTER_CALL)) if known.after_call else begun


def advance(flow: Flow, state: State, happened: Input) -> Turn:
    if state.over:
        return Turn(state=kept_after_all(flow, state, happened))
    return noted(_worded(flow, _goes_on(flow, replace(state, at=happened.at or state.at), happened)))


def _worded(flow: Flow, turn: Turn) -> Turn:
    """With the values of the call in what is heard. Words that cannot be said with them are a prompt that is not there:
    so each of those that come in its place is at a later node, and there is an end to it."""
    last = turn.effects[-1] if turn.effects and flow.texts else None
    if not isinstance(last, PlaySounds):
        return turn
    sounds = filled(flow, turn.state, last.sounds)
    if sounds is None:
        return _worded(flow, _fail(flow, turn.state).first(*turn.effects[:-1]))
    return replace(turn, effects=(*turn.effects[:-1], replace(last, sounds=sounds)))


def _goes_on(flow: Flow, state: State, happened: Input) -> Turn:
    match happened:
        case HungUp():
            return _gone(flow, replace(state, over=True))
        case Failed():
            return _fail(flow, state)
        case Answered():
            return _answered(flow, _typing(state, happened.digits), happened)
        case Heard(digits=digits):
            return _heard(flow, _typing(state, digits))


def _typing(state: State, digits: str) -> State:
    return replace(state, typed=(state.typed + digits)[:MOST_TYPED]) if digits else state


def _heard(flow: Flow, state: State) -> Turn:  # noqa: PLR0911 - one for each kind of node
    node = node_at(flow, state)
    if isinstance(node, Errand):
        return _went(flow, node, errand_steps.heard(flow, state, node))
    match node:
        case Answer(next=to) | SetLanguage(next=to) | Play(next=to) | Say(next=to):
            return _enter(flow, state, to)
        case Menu() as menu if state.typed:
            return _key(flow, state, menu)
        case Menu() as menu if state.listening:
            return _silence(flow, state, menu)
        case Collect() as question if state.typed:
            return _typed(flow, state, question)
        case Collect() as question if state.listening:
            return _typed_no_more(flow, state, question)
        case Menu(timeout_s=timeout_s) | Collect(timeout_s=timeout_s):
            return _listen(state, timeout_s)
        case Goodbye():
            return _end(state, Disconnect())
        case Condition() | Set() | OpenHours() | SubFlow() | Return() | Queue() | HangUp():
            return Turn(state=state)  # these never wait for an answer


def _fail(flow: Flow, state: State) -> Turn:
    here_now = node_at(flow, state)
    if isinstance(here_now, Errand):
        return _went(flow, here_now, errand_steps.failed(flow, state, here_now))
    match here_now:
        case Condition() | Set() | OpenHours() | SubFlow() | Return() | Queue() | HangUp():
            return Turn(state=replace(state, over=True))  # nothing of theirs is waited for
        case node:
            return _enter(flow, replace(state, typed=""), node.error, "error")


def _enter(  # noqa: PLR0911, PLR0912 - one for each kind of node
    flow: Flow, state: State, where: NodeId, by: str = "next"
) -> Turn:
    """`by`: the field of the node that he leaves by which he comes."""
    if state.entered >= flow.max_steps:
        return _to_a_person(flow, left(state, "max_steps"), Needs())
    path = (*state.path, (*state.inside, where))
    state = came_to(state, where, by)
    state = replace(state, node=where, asked=0, listening=False, stage=None, entered=state.entered + 1, path=path)
    node = node_at(flow, state)
    if isinstance(node, Errand):
        return _went(flow, node, errand_steps.begun(flow, state, node))
    match node:
        case Answer():
            return Turn(state=state, effects=(AnswerCall(),))
        case Play(next=to, barge_in=True) | Say(next=to, barge_in=True) if state.typed:
            return _enter(flow, state, to)
        case Play(prompts=prompts, barge_in=barge_in):
            return say(state, prompts, barge_in=barge_in)
        case Say(parts=parts, error=error, barge_in=barge_in):
            sounds = sentence(state, parts)
            return _enter(flow, state, error, "error") if sounds is None else sound(state, sounds, barge_in=barge_in)
        case Menu() as menu:
            return _ask(flow, state, menu, ())
        case Collect() as question:
            return _ask(flow, state, question, ())
        case SetLanguage(language=language):
            state = replace(state, language=language)
            return Turn(state=state, effects=(_speaks(flow, state),))
        case Condition() as condition:
            return _enter(flow, state, *_decide(state, condition))
        case Set(needs=needs, next=to, values=values):
            state = replace(state, needs=state.needs.then(needs), values={**state.values, **values})
            return _enter(flow, state, to)
        case OpenHours() as hours:
            return _look_at_the_clock(flow, state, hours)
        case SubFlow() as call:
            return _into(flow, state, call)
        case Return():
            return _back(flow, state)
        case Queue(needs=needs):
            return _to_a_person(flow, state, needs)
        case Goodbye(prompts=prompts):
            return say(state, prompts, barge_in=False)
        case HangUp():
            return _end(state, Disconnect())


# Questions ----------------------------------------------------------------------------------------------------------


def _ask(flow: Flow, state: State, question: Menu | Collect, first: tuple[Prompt, ...]) -> Turn:
    state = replace(state, asked=state.asked + 1, listening=False, entry="", confirming=False)
    if not state.typed:
        return say(state, first + question.prompts)
    return _key(flow, state, question) if isinstance(question, Menu) else _typed(flow, state, question)


def _listen(state: State, timeout_s: float) -> Turn:
    return Turn(state=replace(state, listening=True), effects=(ReadDigit(timeout_s=timeout_s),))


def _key(flow: Flow, state: State, menu: Menu) -> Turn:
    key, rest = state.typed[0], state.typed[1:]
    if chosen := menu.choices.get(key):
        return _leave(flow, replace(state, typed=rest), chosen, key, f"choices.{key}")
    return _again(flow, replace(state, typed=""), menu, menu.wrong, key)


def _silence(flow: Flow, state: State, menu: Menu) -> Turn:
    if menu.on_silence is not None:
        return _leave(flow, state, menu.on_silence, "", "on_silence")
    return _again(flow, state, menu, menu.silent, "")


def _typed(flow: Flow, state: State, question: Collect) -> Turn:
    if state.confirming and question.confirm is not None:
        return _confirmed(flow, state, question, question.confirm)
    taken = take(question, state.entry, state.typed)
    state = replace(state, entry=taken.entry, typed=taken.rest)
    if taken.waits_s is not None:
        return _listen(state, taken.waits_s)
    if taken.wrong:
        return _again(flow, replace(state, typed=""), question, question.wrong, masked(question, taken.entry))
    return _complete(flow, state, question)


def _typed_no_more(flow: Flow, state: State, question: Collect) -> Turn:
    if state.entry and not state.confirming:
        return _complete(flow, state, question)
    return _again(flow, state, question, question.silent, "")


def _complete(flow: Flow, state: State, question: Collect) -> Turn:
    if not fits(question, state.entry):
        return _again(flow, replace(state, typed=""), question, question.wrong, masked(question, state.entry))
    if question.confirm is None:
        return _accept(flow, state, question)
    state = replace(state, confirming=True, listening=False)
    if state.typed:
        return _confirmed(flow, state, question, question.confirm)
    before, after = (sounds_of(state, prompts) for prompts in (question.confirm.before, question.confirm.after))
    return sound(state, (*before, *(spoken(state, Kind.DIGITS, state.entry) or ()), *after))


def _confirmed(flow: Flow, state: State, question: Collect, confirm: Confirm) -> Turn:
    key, rest = state.typed[0], state.typed[1:]
    if key == confirm.key:
        return _accept(flow, replace(state, typed=rest), question)
    return _again(flow, replace(state, typed=""), question, (), masked(question, state.entry))


def _accept(flow: Flow, state: State, question: Collect) -> Turn:
    entered = masked(question, state.entry)
    state = replace(state, values={**state.values, question.into: state.entry}, entry="", confirming=False)
    return _leave(flow, state, question.next, entered, "next")


def _again(flow: Flow, state: State, question: Menu | Collect, first: tuple[Prompt, ...], entered: str) -> Turn:
    if state.asked >= question.tries:
        return _leave(flow, replace(state, entry="", confirming=False), question.exhausted, entered, "exhausted")
    return _ask(flow, state, question, first).first(step(flow, state, entered, "", fits=False))


def _leave(flow: Flow, state: State, way: Exit, entered: str, by: str) -> Turn:
    told = step(flow, state, entered, way.label, fits=by != "exhausted")
    return _enter(flow, state, way.to, by).first(told)


# Decisions ----------------------------------------------------------------------------------------------------------


def _decide(state: State, condition: Condition) -> tuple[NodeId, str]:
    """Where to, and by which way."""
    known = known_values(state)
    for number, case in enumerate(condition.cases, 1):
        if all(holds(one, known) for one in case.when):
            return case.to, f"cases.{number}"
    return condition.otherwise, "otherwise"


def _look_at_the_clock(flow: Flow, state: State, hours: OpenHours) -> Turn:
    calendar = here(flow, state).calendars.get(hours.calendar)
    if calendar is None or state.at is None:
        return _enter(flow, state, hours.error, "error")
    found = standing(calendar, state.at)
    if hours.until is not None:
        until = found.until.replace(tzinfo=None).isoformat(timespec="minutes") if found.until else ""
        state = replace(state, values={**state.values, hours.until: until})
    to, by = (hours.open, "open") if found.open else (hours.closed, "closed")
    return _enter(flow, state, to, by)


def _into(flow: Flow, state: State, call: SubFlow) -> Turn:
    called = flow.called.get(call.flow)
    if called is None:
        return _enter(flow, state, call.error, "error")
    return _enter(flow, replace(state, inside=(*state.inside, call.id)), called.start)


def _back(flow: Flow, state: State) -> Turn:
    if not state.inside:
        return _to_a_person(flow, state, Needs())
    caller = replace(state, inside=state.inside[:-1], node=state.inside[-1])
    call = node_at(flow, caller)
    assert isinstance(call, SubFlow)  # noqa: S101 - we came in by it
    return _enter(flow, caller, call.next)


# Errands ------------------------------------------------------------------------------------------------------------


def _answered(flow: Flow, state: State, answer: Answered) -> Turn:
    errand = node_at(flow, state)
    if not isinstance(errand, Errand):
        return _heard(flow, state)
    return _went(flow, errand, errand_steps.answered(flow, state, errand, answer))


def _gone(flow: Flow, state: State) -> Turn:
    node = node_at(flow, state)
    match node:
        case LeaveMessage():
            return leaving_message.hung_up(flow, state, node)
        case Survey():
            return asking_rating.hung_up(state)
        case _:
            return Turn(state=state)


def _went(flow: Flow, errand: Errand, outcome: Outcome) -> Turn:
    if isinstance(outcome, Turn):
        return outcome
    state = outcome.state
    told = () if outcome.told else (step(flow, state, "", outcome.label or label(errand, outcome.way)),)
    if outcome.needs is not None:
        return _to_a_person(flow, state, outcome.needs).first(*told)
    way = outcome.way if outcome.way in ways(errand) else "error"
    return _enter(flow, state, ways(errand)[way], way).first(*told)


# The end -------------------------------------------------------------------------------------------------------------


def last_resort(flow: Flow, state: State) -> tuple[Effect, ...]:
    """To a person with all that is known, when the flow itself cannot go on."""
    return _to_a_person(flow, state, Needs()).effects


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
            after_call=known.after_call,
        ),
    )


def _end(state: State, last: EnterQueue | Disconnect) -> Turn:
    return Turn(state=replace(state, over=True), effects=(last,))


def _speaks(flow: Flow, state: State) -> SpeakLanguage:
    return SpeakLanguage(language=state.language, skills=_skills(flow, state), asks=state.needs.asks)


def _skills(flow: Flow, state: State) -> Mapping[SkillKey, int]:
    return {SkillKey(state.language.value): flow.language_level, **state.needs.skills}
