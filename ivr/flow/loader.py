"""Reads a flow from its JSON file. Everything that is wrong with the document is found in one go, by node and field."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from crm_core.kernel.ids import QueueKey, SkillKey
from crm_core.kernel.language import DEFAULT_LANGUAGE, Language
from crm_core.kernel.requirements import NOTHING, Requirements
from crm_core.kernel.requirements_text import Unreadable, read
from ivr.errors import FlowRefused
from ivr.flow.model import (
    Answer,
    Exit,
    Flow,
    Goodbye,
    HangUp,
    Menu,
    Needs,
    Node,
    NodeId,
    Play,
    Prompt,
    Queue,
    Set,
    SetLanguage,
)
from ivr.flow.problems import Problem

KEYS = "0123456789*#"
_WORD = re.compile(r"[a-z][a-z0-9_]{0,39}")
_MISSING: Any = object()


def load_flow(path: Path) -> Flow:
    """The flow in this file. Raises FlowRefused with every problem found."""
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise FlowRefused(flow=path.stem, problems=f"{path} cannot be read ({error})") from None
    return parse_flow(text, path.stem)


def parse_flow(text: str, name: str) -> Flow:
    try:
        document = json.loads(text, object_pairs_hook=_no_doubles)
    except (ValueError, RecursionError) as error:
        raise FlowRefused(flow=name, problems=f"not valid JSON ({error})") from None
    problems: list[Problem] = []
    flow = _flow(_Fields(document, problems), name)
    if problems:
        raise FlowRefused(flow=name, problems="; ".join(map(str, problems)))
    return flow


def _no_doubles(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        names = [key for key, _ in pairs]
        raise ValueError(f"“{next(key for key in names if names.count(key) > 1)}” is there twice")
    return found


class _Fields:
    """The fields of one JSON object, taken one by one; what is left over in the end is a spelling mistake.

    A field that is wrong is noted and replaced by something harmless, so that reading goes on to the next problem.
    """

    def __init__(self, raw: Any, problems: list[Problem], node: str = "", within: str = "") -> None:
        self.node = node
        self._within = within
        self._problems = problems
        self._taken: set[str] = set()
        self._raw: Mapping[str, Any] = raw if isinstance(raw, dict) else {}
        if not isinstance(raw, dict):
            self.complain("", "must be an object")

    def complain(self, field: str, says: str) -> None:
        place = ".".join(part for part in (self._within, field) if part)
        self._problems.append(Problem(node=self.node, field=place, says=says))

    def take(self, field: str, default: Any = _MISSING) -> Any:
        self._taken.add(field)
        if field in self._raw:
            return self._raw[field]
        if default is _MISSING:
            self.complain(field, "is missing")
        return default

    def has(self, field: str) -> bool:
        return field in self._raw

    def inner(self, field: str, node: str = "") -> _Fields:
        within = "" if node else ".".join(part for part in (self._within, field) if part)
        return _Fields(self.take(field, {}), self._problems, node or self.node, within)

    def names(self) -> tuple[str, ...]:
        return tuple(self._raw)

    def word(self, field: str, default: Any = _MISSING) -> str:
        found = self.take(field, default)
        if found is _MISSING or found == default:
            return "" if found is _MISSING else str(found)
        if not isinstance(found, str) or not _WORD.fullmatch(found):
            self.complain(field, "must be a word of small letters, digits and _, beginning with a letter")
            return ""
        return found

    def number(self, field: str, lowest: float, highest: float, default: Any = _MISSING) -> float:
        found = self.take(field, default)
        if found is _MISSING:
            return lowest
        if isinstance(found, bool) or not isinstance(found, int | float) or not lowest <= found <= highest:
            self.complain(field, f"must be a number from {lowest:g} to {highest:g}")
            return lowest
        return float(found)

    def whole(self, field: str, lowest: int, highest: int, default: Any = _MISSING) -> int:
        found = self.number(field, lowest, highest, default)
        if found != int(found):
            self.complain(field, "must be a whole number")
        return int(found)

    def flag(self, field: str, default: bool) -> bool:
        found = self.take(field, default)
        if not isinstance(found, bool):
            self.complain(field, "must be true or false")
            return default
        return found

    def language(self, field: str, default: Any = _MISSING) -> Language:
        found = self.take(field, default)
        if found is _MISSING:
            return DEFAULT_LANGUAGE
        return self._as_language(field, found)

    def languages(self, field: str) -> tuple[Language, ...]:
        found = self.take(field, list(Language))
        if not isinstance(found, list) or not found:
            self.complain(field, "must be a list of languages")
            return (DEFAULT_LANGUAGE,)
        return tuple(self._as_language(field, one) for one in found)

    def _as_language(self, field: str, found: Any) -> Language:
        try:
            return Language(found)
        except ValueError:
            self.complain(field, f"must be one of {', '.join(Language)}")
            return DEFAULT_LANGUAGE

    def prompts(self, field: str, *, optional: bool = False) -> tuple[Prompt, ...]:
        found = self.take(field, [] if optional else _MISSING)
        if found is _MISSING:
            return ()
        if not isinstance(found, list) or not (found or optional):
            self.complain(field, "must be a list of prompts")
            return ()
        return tuple(self._as_prompt(field, one) for one in found)

    def prompt(self, field: str) -> Prompt:
        found = self.take(field)
        return Prompt(key="") if found is _MISSING else self._as_prompt(field, found)

    def _as_prompt(self, field: str, found: Any) -> Prompt:
        fixed, _, key = found.rpartition(":") if isinstance(found, str) else ("", "", "")
        if not _WORD.fullmatch(key):
            self.complain(field, f"“{found}” is no prompt: write “key” or “zh:key”")
            return Prompt(key="")
        return Prompt(key=key, language=self._as_language(field, fixed) if fixed else None)

    def exit(self, field: str) -> Exit:
        """“node”, or {"to": "node", "label": "word"}."""
        if isinstance(self._raw.get(field), str | None):
            return Exit(to=NodeId(self.word(field)))
        inner = self.inner(field)
        exit_ = Exit(to=NodeId(inner.word("to")), label=inner.word("label", ""))
        inner.done()
        return exit_

    def needs(self) -> Needs:
        skills = self.inner("skills")
        return Needs(
            queue=QueueKey(self.word("queue")) if self.has("queue") else None,
            skills={SkillKey(name): skills.whole(name, 1, 5) for name in skills.names()},
            asks=self.wish("asks"),
            priority=self.whole("priority", 0, 100) if self.has("priority") else None,
            intent=self.word("intent") if self.has("intent") else None,
        )

    def wish(self, field: str) -> Requirements:
        """“repair >= 3 and (zh >= 2 or en >= 3)”."""
        found = self.take(field, "")
        try:
            return read(found if isinstance(found, str) else "?")
        except Unreadable as problem:
            self.complain(field, f"cannot be read: {problem}")
            return NOTHING

    def done(self) -> None:
        for field in self._raw:
            if field not in self._taken:
                self.complain(field, "is not known here")


def _flow(fields: _Fields, name: str) -> Flow:
    default_error = NodeId(fields.word("error", ""))
    raw_nodes = fields.inner("nodes")
    nodes = {NodeId(one): _node(raw_nodes.inner(one, node=one), default_error) for one in raw_nodes.names()}
    if not nodes:
        fields.complain("nodes", "must hold at least one node")
    defaults = fields.inner("defaults")
    flow = Flow(
        name=name,
        start=NodeId(fields.word("start")),
        nodes={node_id: node for node_id, node in nodes.items() if node is not None},
        language=fields.language("language", DEFAULT_LANGUAGE),
        languages=fields.languages("languages"),
        apology=fields.prompt("apology"),
        needs=defaults.needs(),
        language_level=fields.whole("language_level", 1, 5, 1),
        max_steps=fields.whole("max_steps", 5, 200, 100),
    )
    fields.take("about", "")
    defaults.done()
    fields.done()
    return flow


def _node(fields: _Fields, default_error: NodeId) -> Node | None:
    if not _WORD.fullmatch(fields.node):
        fields.complain("", "a node is called by a word of small letters, digits and _, beginning with a letter")
    kind = fields.take("kind")
    if kind is _MISSING:
        return None
    make = _MAKERS.get(kind) if isinstance(kind, str) else None
    if make is None:
        fields.complain("kind", f"“{kind}” is no kind of node; there are {', '.join(_MAKERS)}")
        return None
    fields.take("about", "")
    node = make(fields, NodeId(fields.node), default_error)
    fields.done()
    return node


def _error(fields: _Fields, default: NodeId) -> NodeId:
    if fields.has("error") or not default:
        return NodeId(fields.word("error"))
    return default


def _answer(fields: _Fields, node: NodeId, error: NodeId) -> Node:
    return Answer(id=node, next=NodeId(fields.word("next")), error=_error(fields, error))


def _play(fields: _Fields, node: NodeId, error: NodeId) -> Node:
    return Play(
        id=node,
        prompts=fields.prompts("prompts"),
        next=NodeId(fields.word("next")),
        error=_error(fields, error),
        barge_in=fields.flag("barge_in", True),
    )


def _menu(fields: _Fields, node: NodeId, error: NodeId) -> Node:
    choices = fields.inner("choices")
    if not choices.names():
        fields.complain("choices", "must offer at least one key")
    for key in choices.names():
        if len(key) != 1 or key not in KEYS:
            choices.complain(key, f"is no key of a telephone ({KEYS})")
    return Menu(
        id=node,
        prompts=fields.prompts("prompts"),
        choices={key: choices.exit(key) for key in choices.names()},
        exhausted=fields.exit("exhausted"),
        error=_error(fields, error),
        tries=fields.whole("tries", 1, 9, 3),
        timeout_s=fields.number("timeout_s", 0.5, 60, 5),
        wrong=fields.prompts("wrong", optional=True),
        silent=fields.prompts("silent", optional=True),
        on_silence=fields.exit("on_silence") if fields.has("on_silence") else None,
    )


def _language(fields: _Fields, node: NodeId, error: NodeId) -> Node:
    return SetLanguage(
        id=node, language=fields.language("language"), next=NodeId(fields.word("next")), error=_error(fields, error)
    )


def _set(fields: _Fields, node: NodeId, _error: NodeId) -> Node:
    return Set(id=node, needs=fields.needs(), next=NodeId(fields.word("next")))


def _queue(fields: _Fields, node: NodeId, _error: NodeId) -> Node:
    return Queue(id=node, needs=fields.needs())


def _goodbye(fields: _Fields, node: NodeId, error: NodeId) -> Node:
    return Goodbye(id=node, prompts=fields.prompts("prompts"), error=_error(fields, error))


def _hangup(_fields: _Fields, node: NodeId, _error: NodeId) -> Node:
    return HangUp(id=node)


_MAKERS: dict[str, Callable[[_Fields, NodeId, NodeId], Node]] = {
    "answer": _answer,
    "play": _play,
    "menu": _menu,
    "language": _language,
    "set": _set,
    "queue": _queue,
    "goodbye": _goodbye,
    "hangup": _hangup,
}
