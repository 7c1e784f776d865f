"""Where each prompt is said: at which nodes of which menus, and to those who wait in which queues; and to which queues
menus lead. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from types import MappingProxyType

from crm_core.domain.calendars import CalendarUse, UsedBy
from crm_core.domain.floor import Announced, Did, Queue
from crm_core.domain.overflow import OverflowKind
from crm_core.kernel.ids import QueueKey
from crm_core.kernel.language import Language
from ivr.announcing import announcement
from ivr.flow.errands import OfferCallback
from ivr.flow.loader import examine
from ivr.flow.model import KNOWN_FROM_THE_START, Flow, kinds_of, prompts_of, secrets_of, values_written
from ivr.flow.nodes import Needs, OpenHours
from ivr.flow.saying import Kind, pieces
from ivr.takes.machine import SENTENCES

_PLACES, _MINUTES = range(1, 100), range(62)
_LAST_WORD = "goodbye"
"""What the dialplan says behind a queue's last message."""
_NUMBERS = {key for language in Language for kind in Kind for key in pieces(kind, language)}
_PLAIN = frozenset({_LAST_WORD, "trouble"} | _NUMBERS)


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class AtNode:
    menu: str
    node: str
    """Empty: the menu's apology."""
    draft: bool = False
    """Only in what is being written; callers hear nothing of it."""


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class InQueue:
    queue: str


Use = AtNode | InQueue


class Meant(StrEnum):
    """What a sentence of ours is there for, whether or not anybody says it now."""

    PLACE = "place"
    """A queue that tells its callers their place."""
    WAIT = "wait"
    """… or how long they will wait,"""
    CALLBACK = "callback"
    """… by which key they are called back,"""
    MESSAGE = "message"
    """… or leave a message."""
    COMFORT = "comfort"
    END = "end"
    """Where a queue's callers can wait no longer."""
    TAKE = "take"
    """Whoever records a prompt by phone hears it."""


def uses(
    published: Mapping[str, str], drafts: Mapping[str, str], queues: Iterable[Queue]
) -> Mapping[str, tuple[Use, ...]]:
    """By the prompts' keys."""
    found: dict[str, dict[Use, None]] = {}
    for key, use in (*_of_menus(published, drafts), *_of_queues(queues)):
        found.setdefault(key, {})[use] = None
    return {key: tuple(places) for key, places in found.items()}


def meant_for(key: str) -> Meant | None:
    """None: it is for menus, or of somebody here."""
    return _meant().get(key)


def said_outside_menus(key: str) -> bool:
    """By queues, by the dialplan, or as a piece of a number: there no value of a call is known."""
    return key in _meant() or key in _PLAIN


@cache
def _meant() -> Mapping[str, Meant]:
    places, waits = _announced()
    by_what = {
        **dict.fromkeys(places - _NUMBERS, Meant.PLACE),
        **dict.fromkeys(waits - _NUMBERS, Meant.WAIT),
        **dict.fromkeys(_of_keys("1", "") - _NUMBERS, Meant.CALLBACK),
        **dict.fromkeys(_of_keys("", "1") - _NUMBERS, Meant.MESSAGE),
        "thank_you_for_waiting": Meant.COMFORT,
        **dict.fromkeys(("all_busy", "closed", "nobody_there"), Meant.END),
        **dict.fromkeys(SENTENCES, Meant.TAKE),
    }
    return MappingProxyType(by_what)


def values_for(
    key: str, published: Mapping[str, str], drafts: Mapping[str, str] = MappingProxyType({})
) -> tuple[str, ...]:
    """The values that menus which say this prompt know, by what is published and written; in the menu's order."""
    found = [examine(text, name)[0] for documents in (published, drafts) for name, text in documents.items()]
    saying = [flow for flow in found if key in _prompts_of(flow)]
    given = [name for flow in saying for node in flow.nodes.values() for _, name in values_written(node)]
    secret = secrets_of(saying)
    return tuple(one for one in dict.fromkeys((*KNOWN_FROM_THE_START, *given)) if one not in secret)


def _prompts_of(flow: Flow) -> frozenset[str]:
    return frozenset(one.key for node in flow.nodes.values() for _, one in prompts_of(node))


def led_to(published: Mapping[str, str], drafts: Mapping[str, str]) -> Mapping[QueueKey, tuple[AtNode, ...]]:
    """Queues, by key, to which menus lead by name; a node without one: what the menu says for all its callers."""
    found: dict[QueueKey, dict[AtNode, None]] = {}
    for draft, documents in ((False, published), (True, drafts)):
        for name, text in documents.items():
            for node, queue in _leads(name, text):
                found.setdefault(queue, {})[AtNode(menu=name, node=node, draft=draft)] = None
    return {queue: tuple(places) for queue, places in found.items()}


def calendars_of(document: str) -> frozenset[str]:
    """The calendars of the house that a menu looks at: those it names and has not itself."""
    return frozenset(calendar for _, calendar in _looks_at(document))


def opened_by(
    published: Mapping[str, str], drafts: Mapping[str, str], dids: Iterable[Did], queues: Iterable[Queue]
) -> Mapping[str, tuple[CalendarUse, ...]]:
    """Calendars of the house, by their keys: who opens and closes by each."""
    found: dict[str, dict[CalendarUse, None]] = {}
    hours = [
        *((UsedBy.NUMBER, did.number, did.calendar) for did in dids),
        *((UsedBy.QUEUE, queue.key, queue.calendar) for queue in queues),
    ]
    for by, name, named in hours:
        if named is not None:
            found.setdefault(named, {})[CalendarUse(by=by, name=name)] = None
    for by, documents in ((UsedBy.MENU, published), (UsedBy.DRAFT, drafts)):
        for name, text in documents.items():
            for node, calendar in _looks_at(text):
                found.setdefault(calendar, {})[CalendarUse(by=by, name=name, node=node)] = None
    return {key: tuple(uses) for key, uses in found.items()}


def _looks_at(document: str) -> Iterator[tuple[str, str]]:
    flow, _ = examine(document, "")
    for node_id, node in flow.nodes.items():
        if isinstance(node, OpenHours | OfferCallback) and node.calendar and node.calendar not in flow.calendars:
            yield node_id, node.calendar


def _leads(name: str, text: str) -> Iterator[tuple[str, QueueKey]]:
    yield from queues_named(examine(text, name)[0])


def queues_named(flow: Flow) -> Iterator[tuple[str, QueueKey]]:
    """With the node that names it; empty: it holds for all callers of the menu."""
    if flow.needs.queue is not None:
        yield "", flow.needs.queue
    for node_id, node in flow.nodes.items():
        needs = getattr(node, "needs", None)
        if isinstance(needs, Needs) and needs.queue is not None:
            yield node_id, needs.queue
        if queue := getattr(node, "queue", None):  # in whose line a ticket or a callback of it waits
            yield node_id, QueueKey(queue)


def _of_menus(published: Mapping[str, str], drafts: Mapping[str, str]) -> Iterator[tuple[str, Use]]:
    said = [(name, *one) for name, text in published.items() for one in _said(name, text)]
    yield from ((key, AtNode(menu=name, node=node)) for name, node, key in said)
    known = set(said)
    for name, text in drafts.items():
        for node, key in _said(name, text):
            if (name, node, key) not in known:
                yield key, AtNode(menu=name, node=node, draft=True)


def _said(name: str, text: str) -> Iterator[tuple[str, str]]:
    """Node and key; of a document with faults what can be read."""
    flow, _ = examine(text, name)
    if flow.apology.key:
        yield "", flow.apology.key
    for node_id, node in flow.nodes.items():
        yield from ((node_id, prompt.key) for _, prompt in prompts_of(node) if prompt.key)
        for _, kind in kinds_of(node):
            yield from ((node_id, key) for language in _languages(flow) for key in sorted(pieces(kind, language)))


def _languages(flow: Flow) -> tuple[Language, ...]:
    return flow.languages or tuple(Language)


def _of_queues(queues: Iterable[Queue]) -> Iterator[tuple[str, Use]]:
    places, waits = _announced()
    for queue in queues:
        here = InQueue(queue=queue.key)
        keys = [
            *([queue.comfort] if queue.comfort else []),
            *queue.music,
            *(key for step in queue.overflow if step.kind is OverflowKind.MESSAGE for key in (step.to, _LAST_WORD)),
            *(sorted(places) if Announced.POSITION in queue.announce else []),
            *(sorted(waits) if Announced.WAIT in queue.announce else []),
            *sorted(_of_keys(queue.callback_key if queue.callback_tries else "", queue.message_key)),
        ]
        yield from ((key, here) for key in keys)


def _of_keys(callback: str, message: str) -> set[str]:
    return {key for language in Language for key in announcement(language, None, None, callback, message)}


def _announced() -> tuple[set[str], set[str]]:
    """All that is said of places in the line, and of waits."""
    places = {key for language in Language for place in _PLACES for key in announcement(language, place, None)}
    waits = {key for language in Language for minutes in _MINUTES for key in announcement(language, None, minutes * 60)}
    return places, waits
