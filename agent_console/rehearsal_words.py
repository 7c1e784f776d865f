"""A voice menu that is talked through, told to whoever does it: his deeds, what the house was asked, the end. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from agent_console.labels import LABELS
from agent_console.pages.calls.cast import Cast
from agent_console.pages.calls.reasons import asked_for
from agent_console.words import Dialled, Sentence, say
from crm_core.domain.orders import OrderState
from crm_core.domain.tickets import TicketStatus
from crm_core.kernel.language import Language
from crm_core.kernel.requirements import NOTHING, asking
from ivr.flow.asked import (
    Fetch,
    HowIs,
    HowIsOrder,
    HowIsTicket,
    KeepComment,
    KeepMessage,
    NewCallback,
    NewTicket,
    ProveWho,
    Question,
    Rate,
    ReadArticle,
    Whither,
    WhoIs,
)
from ivr.flow.messages import Disconnect, EnterQueue, HandOver, HungUp
from ivr.rehearsal.deeds import FAILED, Choose, Deed, GoAway, Press, Silence
from ivr.rehearsal.transcript import Asked, Ended

SPEAKS: Final[Mapping[Language, Sentence]] = {
    Language.ZH: say("The call goes on in Chinese."),
    Language.EN: say("The call goes on in English."),
}
SPEAKS_A_MESSAGE: Final = say("After the tone the caller speaks a message.")
HEARS_THE_MESSAGE: Final = say("The caller hears the message again.")
_OUTCOMES: Final[Mapping[str, Sentence]] = {
    "found": say("The PIN is right"),
    "wrong": say("The PIN is wrong"),
    "locked": say("Too many tries"),
    "opened": say("The ticket is opened"),
    "promised": say("The callback is promised"),
    "unusable": say("The number cannot be used"),
    "answered": say("It answers, with nothing in it"),
    "refused": say("It refuses"),
    "number": say("Somebody takes the call"),
    "kept": say("The message is kept"),
    "empty": say("Nothing was said"),
    "rated": say("The rating is kept"),
    "commented": say("The comment is kept"),
    FAILED: say("It fails"),
}


def done(deed: Deed) -> Sentence:
    match deed:
        case Press(key=key):
            return say("Key %(key)s", key=key)
        case Silence():
            return say("Silence")
        case GoAway():
            return say("The caller hangs up.")
        case Choose(way=way):
            return outcome(way)


def outcome(way: str) -> Sentence:
    """How it went for the house, as one may choose it."""
    return _OUTCOMES[way]


def asked(one: Asked) -> Iterator[Sentence]:
    if one.really:
        yield _really(one)
        return
    yield _would(one.question)
    if one.failed or one.answer is not None:
        yield say("Here it is taken that: %(outcome)s", outcome=outcome(one.answer.way if one.answer else FAILED))


def _really(one: Asked) -> Sentence:
    match one.question:
        case WhoIs(number=""):
            return say("Without a number nobody can be looked up.")
        case WhoIs(number=number):
            return _who_is(one, Dialled(raw=number))
        case HowIsTicket(number=number):
            return _how_is(one, number)
        case HowIsOrder(number=number):
            return _how_far_is(one, number)
        case ReadArticle(article=number):
            return _read(one, number)
        case _:
            return _would(one.question)


def _who_is(one: Asked, number: Dialled) -> Sentence:
    if one.answer is None:
        return say("Who has the number %(number)s? The house did not answer in time.", number=number)
    match one.answer.way:
        case "found":
            return say(
                "Who has the number %(number)s? %(name)s.", number=number, name=one.answer.values.get("name", "")
            )
        case "several":
            return say("Who has the number %(number)s? Several customers.", number=number)
        case _:
            return say("Who has the number %(number)s? Nobody for certain.", number=number)


def _how_is(one: Asked, number: str) -> Sentence:
    if one.answer is None:
        return say("How is the ticket %(number)s? The house did not answer in time.", number=number)
    if one.answer.way != "told":
        return say("How is the ticket %(number)s? There is none, or it is not the caller's.", number=number)
    status = LABELS[TicketStatus][TicketStatus(one.answer.values["status"])]
    return say("How is the ticket %(number)s? %(status)s.", number=number, status=status)


def _how_far_is(one: Asked, number: str) -> Sentence:
    if one.answer is None:
        return say("How far is the order %(number)s? The house did not answer in time.", number=number)
    if one.answer.way != "told":
        return say("How far is the order %(number)s? There is none, or it is not the caller's.", number=number)
    state = LABELS[OrderState][OrderState(one.answer.values["state"])]
    return say("How far is the order %(number)s? %(state)s.", number=number, state=state)


def _read(one: Asked, number: str) -> Sentence:
    if one.answer is None or one.answer.way != "told":
        return say("The article %(number)s cannot be heard.", number=number)
    return say("The article %(number)s is told.", number=number)


def _would(question: Question) -> Sentence:  # noqa: PLR0911 - one for each question
    match question:
        case ProveWho(account=account):
            return say("The PIN of the account %(account)s would be looked at.", account=account)
        case NewTicket(subject=subject, details=details) if details:
            typed = ", ".join(f"{name}: {text}" for name, text in details.items())
            return say("A ticket would be opened: “%(subject)s” (%(typed)s).", subject=subject, typed=typed)
        case NewTicket(subject=subject):
            return say("A ticket would be opened: “%(subject)s”.", subject=subject)
        case NewCallback(number=number, due_at=due):
            return say("A callback at %(number)s by %(due)s would be promised.", number=Dialled(raw=number), due=due)
        case Fetch(address=address):
            return say("Another system would be asked: %(address)s", address=address)
        case Whither(number=number):
            return say("The call would be led to the phone %(number)s.", number=Dialled(raw=number))
        case KeepMessage(subject=subject):
            return say("The message would become a ticket: “%(subject)s”.", subject=subject)
        case Rate(score=score):
            return say("The rating %(score)s would be kept with the call.", score=score)
        case KeepComment():
            return say("The comment would be kept with the call.")
        case WhoIs() | HowIs() | ReadArticle():
            return say("The house would be asked.")


def ended(end: Ended, names: Cast) -> Iterator[Sentence]:
    match end.by:
        case EnterQueue() as queue:
            yield from _waits(queue, names)
        case Disconnect():
            yield say("The menu hangs up.")
        case HandOver(to=to):
            yield say("The call is led to the phone %(number)s.", number=Dialled(raw=to))
        case HungUp():
            yield say("The call is over.")
        case None:
            yield say("The menu cannot go on; the caller goes to a person.")


def _waits(end: EnterQueue, names: Cast) -> Iterator[Sentence]:
    if end.queue is None:
        yield say("The caller waits for a person in the usual queue.")
    else:
        yield say("The caller waits for a person in the queue %(queue)s.", queue=names.queue(end.queue))
    wish = asking(end.skills)
    yield from asked_for(wish if end.asks == NOTHING else wish.and_also(end.asks), names.skill)
    if end.priority:
        yield say("Priority: %(priority)s", priority=end.priority)
    if end.intent:
        yield say("What it is about: %(intent)s", intent=end.intent)
