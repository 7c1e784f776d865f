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
from ivr.flow.asked import Answered
from ivr.flow.collecting import fits, masked, take
from ivr.flow.conditions import holds
from ivr.flow.errands import (
    Errand,
    Http,
    LookUp,
    OfferCallback,
    OpenTicket,
    Situation,
    TellTicket,
    Words,
    label,
    learnt,
    question,
    speech,
    ways,
)
from ivr.flow.messages import (
    AnswerCall,
    Ask,
    Disconnect,
    EnterQueue,
    Failed,
    Heard,
    HungUp,
    Input,
    Known,
    PlaySounds,
    ReadDigit,
    Sound,
    SpeakLanguage,
    State,
    Step,
    Turn,
)
from ivr.flow.model import Flow, Node
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
from ivr.flow.saying import Kind, speak

MOST_TYPED = 20
"""Keys kept at most; nobody types further ahead than that in earnest."""


def begin(flow: Flow, known: Known | None = None) -> Turn:
    known = known or Known()
    values = {"ani": known.ani, "dnis": known.dnis}
    state = State(node=flow.start, language=flow.language, needs=flow.needs, values=values, at=known.at)
    return _enter(flow, state, flow.start)


def advance(flow: Flow, state: State, happened: Input) -> Turn:
    if state.over:
        return Turn(state=state)
    match happened:
        case HungUp():
            return Turn(state=replace(state, over=True))
        case Failed():
            return _fail(flow, state)
        case Answered(at=at):
            return _answered(flow, replace(state, at=at or state.at), happened)
        case Heard(digits=digits, at=at):
            typed = (state.typed + digits)[:MOST_TYPED]
            return _heard(flow, replace(state, typed=typed, at=at or state.at))


def _here(flow: Flow, state: State) -> Flow:
    """The flow the call stands in."""
    here = flow
    for place in state.inside:
        caller = here.nodes[place]
        assert isinstance(caller, SubFlow)  # noqa: S101 - we came in by it
        here = flow.called[caller.flow]
    return here


def _node(flow: Flow, state: State) -> Node:
    return _here(flow, state).nodes[state.node]


def _heard(flow: Flow, state: State) -> Turn:  # noqa: PLR0911 - one for each kind of node
    match _node(flow, state):
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
        case TellTicket(told=to) if state.listening:
            return _enter(flow, state, to)
        case LookUp() | TellTicket() | OpenTicket() | OfferCallback() | Http() as errand:
            return _done(flow, state, errand, "error")  # that was no answer
        case Condition() | Set() | OpenHours() | SubFlow() | Return() | Queue() | HangUp():
            return Turn(state=state)  # these never wait for an answer


def _fail(flow: Flow, state: State) -> Turn:
    match _node(flow, state):
        case Condition() | Set() | OpenHours() | SubFlow() | Return() | Queue() | HangUp():
            return Turn(state=replace(state, over=True))  # nothing of theirs is waited for
        case LookUp() | TellTicket() | OpenTicket() | OfferCallback() | Http() as errand if not state.listening:
            return _done(flow, replace(state, typed=""), errand, "error")
        case node:
            return _enter(flow, replace(state, typed=""), node.error)


def _enter(flow: Flow, state: State, where: NodeId) -> Turn:  # noqa: PLR0911, PLR0912 - one for each kind of node
    if state.entered >= flow.max_steps:
        return _to_a_person(flow, state, Needs())
    state = replace(state, node=where, asked=0, listening=False, entered=state.entered + 1)
    match _node(flow, state):
        case Answer():
            return Turn(state=state, effects=(AnswerCall(),))
        case Play(next=to, barge_in=True) | Say(next=to, barge_in=True) if state.typed:
            return _enter(flow, state, to)
        case Play(prompts=prompts, barge_in=barge_in):
            return _say(state, prompts, barge_in=barge_in)
        case Say() as sentence:
            return _say_parts(flow, state, sentence)
        case Menu() as menu:
            return _ask(flow, state, menu, ())
        case Collect() as question:
            return _ask(flow, state, question, ())
        case SetLanguage(language=language):
            state = replace(state, language=language)
            return Turn(state=state, effects=(_speaks(flow, state),))
        case Condition() as condition:
            return _enter(flow, state, _decide(state, condition))
        case Set(needs=needs, next=to, values=values):
            state = replace(state, needs=state.needs.then(needs), values={**state.values, **values})
            return _enter(flow, state, to)
        case OpenHours() as hours:
            return _look_at_the_clock(flow, state, hours)
        case SubFlow() as call:
            return _into(flow, state, call)
        case LookUp() | TellTicket() | OpenTicket() | OfferCallback() | Http() as errand:
            return _send(flow, state, errand)
        case Return():
            return _back(flow, state)
        case Queue(needs=needs):
            return _to_a_person(flow, state, needs)
        case Goodbye(prompts=prompts):
            return _say(state, prompts, barge_in=False)
        case HangUp():
            return _end(state, Disconnect())


# Questions ----------------------------------------------------------------------------------------------------------


def _ask(flow: Flow, state: State, question: Menu | Collect, first: tuple[Prompt, ...]) -> Turn:
    state = replace(state, asked=state.asked + 1, listening=False, entry="", confirming=False)
    if not state.typed:
        return _say(state, first + question.prompts)
    return _key(flow, state, question) if isinstance(question, Menu) else _typed(flow, state, question)


def _listen(state: State, timeout_s: float) -> Turn:
    return Turn(state=replace(state, listening=True), effects=(ReadDigit(timeout_s=timeout_s),))


def _key(flow: Flow, state: State, menu: Menu) -> Turn:
    key, rest = state.typed[0], state.typed[1:]
    if chosen := menu.choices.get(key):
        return _leave(flow, replace(state, typed=rest), chosen, key)
    return _again(flow, replace(state, typed=""), menu, menu.wrong, key)


def _silence(flow: Flow, state: State, menu: Menu) -> Turn:
    if menu.on_silence is not None:
        return _leave(flow, state, menu.on_silence, "")
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
    before, after = (_sounds(state, prompts) for prompts in (question.confirm.before, question.confirm.after))
    return _sound(state, (*before, *(_spoken(state, Kind.DIGITS, state.entry) or ()), *after))


def _confirmed(flow: Flow, state: State, question: Collect, confirm: Confirm) -> Turn:
    key, rest = state.typed[0], state.typed[1:]
    if key == confirm.key:
        return _accept(flow, replace(state, typed=rest), question)
    return _again(flow, replace(state, typed=""), question, (), masked(question, state.entry))


def _accept(flow: Flow, state: State, question: Collect) -> Turn:
    entered = masked(question, state.entry)
    state = replace(state, values={**state.values, question.into: state.entry}, entry="", confirming=False)
    return _leave(flow, state, question.next, entered)


def _again(flow: Flow, state: State, question: Menu | Collect, first: tuple[Prompt, ...], entered: str) -> Turn:
    if state.asked >= question.tries:
        return _leave(flow, replace(state, entry="", confirming=False), question.exhausted, entered)
    return _ask(flow, state, question, first).first(_step(flow, state, entered, ""))


def _leave(flow: Flow, state: State, way: Exit, entered: str) -> Turn:
    return _enter(flow, state, way.to).first(_step(flow, state, entered, way.label))


def _step(flow: Flow, state: State, entered: str, label: str) -> Step:
    inside = _here(flow, state).name if state.inside else ""
    return Step(node=state.node, entered=entered, label=label, flow=inside)


# Decisions ----------------------------------------------------------------------------------------------------------


def _decide(state: State, condition: Condition) -> NodeId:
    known = _known(state)
    met = (case.to for case in condition.cases if all(holds(one, known) for one in case.when))
    return next(met, condition.otherwise)


def _known(state: State) -> Mapping[str, str]:
    return {**state.values, "language": state.language.value}


def _look_at_the_clock(flow: Flow, state: State, hours: OpenHours) -> Turn:
    calendar = _here(flow, state).calendars.get(hours.calendar)
    if calendar is None or state.at is None:
        return _enter(flow, state, hours.error)
    found = standing(calendar, state.at)
    if hours.until is not None:
        until = found.until.replace(tzinfo=None).isoformat(timespec="minutes") if found.until else ""
        state = replace(state, values={**state.values, hours.until: until})
    return _enter(flow, state, hours.open if found.open else hours.closed)


def _into(flow: Flow, state: State, call: SubFlow) -> Turn:
    called = flow.called.get(call.flow)
    if called is None:
        return _enter(flow, state, call.error)
    return _enter(flow, replace(state, inside=(*state.inside, call.id)), called.start)


def _back(flow: Flow, state: State) -> Turn:
    if not state.inside:
        return _to_a_person(flow, state, Needs())
    caller = replace(state, inside=state.inside[:-1], node=state.inside[-1])
    call = _node(flow, caller)
    assert isinstance(call, SubFlow)  # noqa: S101 - we came in by it
    return _enter(flow, caller, call.next)


# Errands ------------------------------------------------------------------------------------------------------------


def _send(flow: Flow, state: State, errand: Errand) -> Turn:
    asked = question(errand, _situation(flow, state))
    if asked is None:
        return _done(flow, state, errand, "error")
    return Turn(state=state, effects=(Ask(question=asked, within_s=errand.within_s),))


def _situation(flow: Flow, state: State) -> Situation:
    calendars = _here(flow, state).calendars
    return Situation(values=_known(state), customer=state.customer, at=state.at, calendars=calendars)


def _answered(flow: Flow, state: State, answer: Answered) -> Turn:
    errand = _node(flow, state)
    if not isinstance(errand, Errand) or state.listening:
        return _heard(flow, state)
    words = speech(question(errand, _situation(flow, state)), answer)
    state = replace(state, values={**state.values, **learnt(errand, answer)})
    if isinstance(errand, LookUp):
        state = replace(state, customer=answer.customer)
    return _say_words(flow, state, errand, words) if words else _done(flow, state, errand, answer.way)


def _say_words(flow: Flow, state: State, errand: Errand, words: Words) -> Turn:
    sounds: tuple[Sound, ...] = ()
    for word in words:
        said = (Sound(language=state.language, key=word),) if isinstance(word, str) else _spoken(state, *word)
        if said is None:
            return _done(flow, state, errand, "error")
        sounds += said
    return _sound(replace(state, listening=True), sounds).first(_step(flow, state, "", label(errand, "told")))


def _done(flow: Flow, state: State, errand: Errand, way: str) -> Turn:
    told = _step(flow, state, "", label(errand, way))
    return _enter(flow, state, ways(errand).get(way, errand.error)).first(told)


# Speech and the end -------------------------------------------------------------------------------------------------


def _say(state: State, prompts: tuple[Prompt, ...], *, barge_in: bool = True) -> Turn:
    return _sound(state, _sounds(state, prompts), barge_in=barge_in)


def _say_parts(flow: Flow, state: State, sentence: Say) -> Turn:
    sounds: tuple[Sound, ...] = ()
    for part in sentence.parts:
        said = _spoken_part(state, part)
        if said is None:
            return _enter(flow, state, sentence.error)
        sounds += said
    return _sound(state, sounds, barge_in=sentence.barge_in)


def _spoken_part(state: State, part: Prompt | Part) -> tuple[Sound, ...] | None:
    if isinstance(part, Prompt):
        return _sounds(state, (part,))
    return _spoken(state, part.kind, _known(state).get(part.value, ""))


def _spoken(state: State, kind: Kind, text: str) -> tuple[Sound, ...] | None:
    keys = speak(kind, text, state.language)
    return None if keys is None else tuple(Sound(language=state.language, key=key) for key in keys)


def _sounds(state: State, prompts: tuple[Prompt, ...]) -> tuple[Sound, ...]:
    return tuple(Sound(language=one.language or state.language, key=one.key) for one in prompts)


def _sound(state: State, sounds: tuple[Sound, ...], *, barge_in: bool = True) -> Turn:
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


def _speaks(flow: Flow, state: State) -> SpeakLanguage:
    return SpeakLanguage(language=state.language, skills=_skills(flow, state), asks=state.needs.asks)


def _skills(flow: Flow, state: State) -> Mapping[SkillKey, int]:
    return {SkillKey(state.language.value): flow.language_level, **state.needs.skills}
