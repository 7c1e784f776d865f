"""Proofs about the values in the words of prompts, and what their writer should think of.

Words are changed without the menus that say them. So nothing of this takes a published menu from its callers: where
words cannot be said with what is known, they go on by the node's `error`. It is told at publishing, and of words before
they are kept.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from crm_core.kernel.language import Language
from ivr.flow.model import KNOWN_FROM_THE_START, Flow, Texts, places_in, prompts_of, secrets_of, values_written
from ivr.flow.nodes import Prompt
from ivr.flow.problems import Problem, Told, told
from ivr.flow.saying import pieces
from ivr.flow.validator import Sounds, no_piece
from ivr.flow.wording import FIXED, Wording, sentence


def texts_in(sounds: Sounds) -> Texts:
    """Those of the prompts there are whose words have values in them, or are miswritten."""
    return {
        language: {key: found for key, found in there.items() if isinstance(found, Wording) and found != FIXED}
        for language, there in sounds.items()
        if isinstance(there, Mapping)
    }


def wording_problems(flow: Flow, flows: Iterable[Flow], sounds: Sounds) -> Iterator[Problem]:
    """Of a flow that holds otherwise; `flows`: all there are, for values are shared by those a call goes through."""
    family = tuple(flows)
    given = {name for one in family for node in one.nodes.values() for _, name in values_written(node)}
    given |= set(KNOWN_FROM_THE_START)
    secret = secrets_of(family)
    yield from _apology(flow)
    for node in flow.nodes.values():
        for field, prompt in prompts_of(node):
            for language, fault in _miswritten(flow, prompt):
                yield Problem(node=node.id, field=field, says=_unreadable(prompt.key, language, fault))
        for field, prompt, language, place in places_in(flow, node):
            if says := _what_is_wrong(prompt.key, place.value, given, secret):
                yield Problem(node=node.id, field=field, says=says)
            elif place.kind and (missing := sorted(pieces(place.kind, language) - set(sounds.get(language, ())))):
                yield Problem(node=node.id, field=field, says=no_piece(place.kind, language, missing))


def wording_doubts(flow: Flow) -> Iterator[Problem]:
    """Where callers of one language are told more than those of another."""
    for node in flow.nodes.values():
        for field, prompt in dict.fromkeys(prompts_of(node)):
            if prompt.language is None and (says := _differs(flow, prompt.key)):
                yield Problem(node=node.id, field=field, says=says)


def values_of(found: Wording) -> tuple[str, ...]:
    return tuple(dict.fromkeys(place.value for place in found.places))


def _apology(flow: Flow) -> Iterator[Problem]:
    if any(there.get(flow.apology.key, FIXED).places for there in flow.texts.values()):
        says = told(
            "the words of “%(key)s” have values in them, and an apology is heard when nothing is known",
            key=flow.apology.key,
        )
        yield Problem(field="apology", says=says)


def _miswritten(flow: Flow, prompt: Prompt) -> Iterator[tuple[Language, Wording]]:
    for language in (prompt.language,) if prompt.language is not None else flow.languages:
        found = flow.texts.get(language, {}).get(prompt.key, FIXED)
        if found.fault is not None:
            yield language, found


def _unreadable(key: str, language: Language, found: Wording) -> Told:
    assert found.fault is not None  # noqa: S101 - see above
    return told(
        "the words of “%(key)s” in “%(language)s” cannot be read: %(why)s",
        key=key,
        language=language,
        why=sentence(found.fault, found.what),
    )


def _what_is_wrong(key: str, name: str, given: set[str], secret: frozenset[str]) -> Told | None:
    if name not in given:
        return told("nothing gives the value “%(name)s”, which the words of “%(key)s” name", name=name, key=key)
    if name in secret:
        return told("“%(name)s” is secret and is not said, though the words of “%(key)s” name it", name=name, key=key)
    return None


def _differs(flow: Flow, key: str) -> Told | None:
    said = {language: set(values_of(flow.texts.get(language, {}).get(key, FIXED))) for language in flow.languages}
    everywhere = set.intersection(*said.values())
    for language, names in said.items():
        if more := sorted(names - everywhere):
            only = {"key": key, "name": more[0], "language": language}
            return told("the words of “%(key)s” name “%(name)s” in “%(language)s” only", **only)
    return None
